package e2e

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
	"assetgraph/collectors/immybot"
	"assetgraph/collectors/ninjarmm"
	"assetgraph/collectors/sentinelone"
	"assetgraph/converters"
	"assetgraph/graph"
	"assetgraph/internal/executor"
	"assetgraph/internal/simulator"
)

// A clientele is some customers of a fleet, as each product numbers and names them.
type clientele struct {
	sites                  map[string]string // names by id
	accounts               map[string]string
	organizations, tenants map[int64]string
	devices                map[int64]bool // theirs of those that keep has met last, by which alerts are theirs
}

// clienteleOf finds the records of customers. It reads without any filter.
func (e *estate) clienteleOf(t *testing.T, customers ...int) *clientele {
	t.Helper()
	c := &clientele{
		sites: map[string]string{}, accounts: map[string]string{}, organizations: map[int64]string{},
		tenants: map[int64]string{}, devices: map[int64]bool{},
	}
	var sites []string
	var organizations, tenants []int64
	for one := range e.Customers() {
		if slices.Contains(customers, one.Index) {
			sites, organizations = append(sites, one.Sites...), append(organizations, int64(one.Organization))
			tenants = append(tenants, int64(one.Tenant))
		}
	}
	e.records(t, func(r collectors.Record) {
		switch v := r.Value.(type) {
		case *sentinelone.Site:
			if slices.Contains(sites, r.ID) {
				c.sites[r.ID], c.accounts[string(v.AccountID)] = string(v.Name), string(v.AccountName)
			}
		case *ninjarmm.Organization:
			if slices.Contains(organizations, v.ID.N) {
				c.organizations[v.ID.N] = string(v.Name)
			}
		case *immybot.Tenant:
			if slices.Contains(tenants, v.ID.N) {
				c.tenants[v.ID.N] = string(v.Name)
			}
		}
	})
	require.NotEmpty(t, c.sites)
	require.NotEmpty(t, c.organizations)
	require.NotEmpty(t, c.tenants)
	return c
}

// records calls f with every record of all products.
func (e *estate) records(t *testing.T, f func(collectors.Record)) {
	t.Helper()
	whole := *e
	whole.keep = func(r collectors.Record) bool {
		f(r)
		return false
	}
	whole.truth(t, t.Context())
}

// keep is what of the records is theirs, or nobody's: worked out apart from the collectors.
func (c *clientele) keep(r collectors.Record) bool {
	has := func(m map[int64]string, id int64, set bool) bool { return !set || m[id] != "" }
	switch v := r.Value.(type) {
	case *sentinelone.Account:
		return c.accounts[r.ID] != ""
	case *sentinelone.Site:
		return c.sites[r.ID] != ""
	case *sentinelone.Group:
		return c.sites[string(v.SiteID)] != ""
	case *sentinelone.Agent:
		return c.sites[string(v.SiteID)] != ""
	case *sentinelone.User:
		return v.Scope == "tenant" || c.sites[string(v.ScopeRoles[0].ID)] != ""
	case *ninjarmm.Organization:
		return c.organizations[v.ID.N] != ""
	case *ninjarmm.Location:
		return has(c.organizations, v.OrganizationID.N, true)
	case *ninjarmm.Device:
		c.devices[v.ID.N] = has(c.organizations, v.OrganizationID.N, true)
		return c.devices[v.ID.N]
	case *sentinelone.Threat:
		return c.sites[string(cmp.Or(v.AgentNow.SiteID, v.AgentAtThatTime.SiteID))] != ""
	case *ninjarmm.Alert:
		return c.devices[v.DeviceID.N] // devices come before alerts
	case *ninjarmm.User:
		return has(c.organizations, v.OrganizationID.N, v.OrganizationID.Set)
	case *immybot.Tenant:
		return c.tenants[v.ID.N] != ""
	case *immybot.Computer:
		return has(c.tenants, v.TenantID.N, true)
	case *immybot.Person:
		return has(c.tenants, v.TenantID.N, true)
	case *immybot.User:
		return v.TenantID.N == 1 || has(c.tenants, v.TenantID.N, true) // 1 is the service provider itself
	}
	return true
}

// narrow has the estate read these customers alone, half of them by id and half by name.
func (e *estate) narrow(c *clientele) {
	e.keep = c.keep
	e.filters = map[string]string{
		"SENTINELONE_SITES": mixed(c.sites), "NINJARMM_ORGANIZATIONS": mixed(c.organizations),
		"IMMYBOT_TENANTS": mixed(c.tenants),
	}
}

func (e *estate) widen() { e.keep, e.filters = nil, nil }

func mixed[K ~string | ~int64](names map[K]string) string {
	var list []string
	for id, name := range names {
		if len(list)%2 == 0 {
			name = fmt.Sprint(id)
		}
		list = append(list, `"`+name+`"`)
	}
	return strings.Join(list, ", ")
}

// filteredEstate is a fleet of which customers have sites of several accounts, and tenants.
func filteredEstate(t *testing.T, intercept func(http.ResponseWriter, *http.Request, http.Handler)) *estate {
	t.Helper()
	return newEstate(t, simulator.Options{Machines: 120, Customers: 12, Intercept: intercept}, t.Cleanup)
}

// runFiltered is one run in which nothing but the filter stands before the deletes.
func (e *estate) runFiltered(t *testing.T, store graph.Store, approve ...string) *executor.Report {
	t.Helper()
	o := e.runOptions(t, store)
	o.Guard.MaxPercent, o.Guard.Approve = 100, approve
	report, err := executor.Run(t.Context(), o)
	require.NoError(t, err)
	return report
}

// TestFilterReadsTheseCustomersAlone loads some customers, and gives and takes away the filter.
func TestFilterReadsTheseCustomersAlone(t *testing.T) {
	t.Parallel()
	onBothStores(t, filterReadsTheseCustomersAlone)
}

func filterReadsTheseCustomersAlone(t *testing.T, g *ground) {
	e := filteredEstate(t, nil)
	some, others := e.clienteleOf(t, 1, 2, 5), e.clienteleOf(t, 3, 7)
	store := g.open(t)
	e.narrow(some)
	report := e.runFiltered(t, store)
	require.Equal(t, executor.StatusComplete, report.Run.Status, "%v %v", report.Steps, report.Refused)
	requireEqual(t, e.truth(t, t.Context()), read(t, t.Context(), store), "a first load of some customers")
	require.Empty(t, e.Mistakes())
	require.NotContains(t, strings.Join(report.Warnings, "\n"), "ignores the filter")
	again := e.runFiltered(t, store)
	require.Zero(t, again.Totals.Created+again.Totals.Updated+again.Totals.Deleted+again.Totals.Withheld)

	e.Advance(simulator.Change{Add: 6, Remove: 12, Edit: 6, Move: 12})
	report = e.runFiltered(t, store)
	require.Equal(t, executor.StatusComplete, report.Run.Status, "%v", report.Withheld)
	require.Positive(t, report.Totals.Deleted, "a filter that stays withholds nothing")
	requireEqual(t, e.truth(t, t.Context()), read(t, t.Context(), store), "the fleet changed")

	e.narrow(others)
	report = e.requireWithheld(t, store)
	report = e.runFiltered(t, store, approvals(t, report)...)
	require.Equal(t, executor.StatusComplete, report.Run.Status, "%v", report.Withheld)
	requireEqual(t, e.truth(t, t.Context()), read(t, t.Context(), store), "other customers, approved")

	before := read(t, t.Context(), store)
	e.widen()
	report = e.runFiltered(t, store)
	require.Equal(t, executor.StatusComplete, report.Run.Status)
	require.Zero(t, report.Totals.Withheld)
	require.Empty(t, before.without(read(t, t.Context(), store)), "less of a filter only creates")
	requireEqual(t, e.truth(t, t.Context()), read(t, t.Context(), store), "without a filter")

	e.narrow(some)
	report = e.requireWithheld(t, store)
	report = e.runFiltered(t, store, approvals(t, report)...)
	require.Equal(t, executor.StatusComplete, report.Run.Status, "%v", report.Withheld)
	requireEqual(t, e.truth(t, t.Context()), read(t, t.Context(), store), "some customers, approved")
	require.Empty(t, e.Mistakes())
}

// requireWithheld runs twice: each time nothing goes, and the filter is the reason.
func (e *estate) requireWithheld(t *testing.T, store graph.Store) (report *executor.Report) {
	t.Helper()
	before := read(t, t.Context(), store)
	for range 2 {
		report = e.runFiltered(t, store)
		require.Equal(t, executor.StatusWithheld, report.Run.Status, "%v", report.Refused)
		require.Empty(t, before.without(read(t, t.Context(), store)))
		for _, w := range report.Withheld {
			require.Contains(t, w.Reason, "the filter is another than the one that it was read with")
			require.NotEmpty(t, w.Approval, "%v", w)
		}
	}
	return report
}

// TestFilterByAccount chooses SentinelOne's accounts: their sites, and what is in these.
func TestFilterByAccount(t *testing.T) {
	t.Parallel()
	e := filteredEstate(t, nil)
	c, account := &clientele{sites: map[string]string{}, accounts: map[string]string{}}, ""
	e.records(t, func(r collectors.Record) {
		if v, ok := r.Value.(*sentinelone.Site); ok && (account == "" || account == string(v.AccountID)) {
			account = string(v.AccountID)
			c.sites[r.ID], c.accounts[account] = string(v.Name), string(v.AccountName)
		}
	})
	e.keep, e.filters = c.keep, map[string]string{"SENTINELONE_ACCOUNTS": mixed(c.accounts)}
	store := inFile(t).open(t)
	report := e.run(t, t.Context(), store, "sentinelone")
	require.Equal(t, executor.StatusComplete, report.Run.Status, "%v", report.Steps)
	require.Positive(t, report.Entities["sentinelone_agent"].Created)
	requireEqual(t, e.truth(t, t.Context(), "sentinelone"), read(t, t.Context(), store, "sentinelone"), "one account")
	require.Empty(t, e.Mistakes())
}

// TestFilterThatGoesBackAndForth leaves nothing unsaid: what a filter has read that nobody approved of is withheld by
// the filter before it.
func TestFilterThatGoesBackAndForth(t *testing.T) {
	t.Parallel()
	e := filteredEstate(t, nil)
	some, others := e.clienteleOf(t, 1, 2), e.clienteleOf(t, 3, 7)
	store := inFile(t).open(t)
	e.narrow(some)
	require.Equal(t, executor.StatusComplete, e.runFiltered(t, store).Run.Status)
	e.narrow(others)
	e.requireWithheld(t, store)
	e.narrow(some)
	report := e.requireWithheld(t, store)
	report = e.runFiltered(t, store, approvals(t, report)...)
	require.Equal(t, executor.StatusComplete, report.Run.Status, "%v", report.Withheld)
	requireEqual(t, e.truth(t, t.Context()), read(t, t.Context(), store), "back")

	e.narrow(e.clienteleOf(t, 1, 2, 5))
	before := read(t, t.Context(), store)
	report = e.runFiltered(t, store)
	require.Equal(t, executor.StatusComplete, report.Run.Status)
	require.Zero(t, report.Totals.Withheld)
	require.Empty(t, before.without(read(t, t.Context(), store)), "one more customer only creates")
}

// TestFilterIsRememberedWithTheInstance: run records are forgotten, and an instance may be due rarely. Where nobody
// remembers, as in a graph that an older program wrote, the filter may be new.
func TestFilterIsRememberedWithTheInstance(t *testing.T) {
	t.Parallel()
	e := filteredEstate(t, nil)
	e.plain = true
	store := inFile(t).open(t)
	e.narrow(e.clienteleOf(t, 1, 2, 5))
	for range 2 {
		e.run(t, t.Context(), store)
		runs, err := store.Runs(t.Context(), 0)
		require.NoError(t, err)
		for _, r := range runs {
			r.Report = []byte(`{}`)
			require.NoError(t, store.SaveRun(t.Context(), r))
		}
		e.Advance(simulator.Change{Remove: 20})
		report := e.runFiltered(t, store)
		require.Equal(t, executor.StatusComplete, report.Run.Status, "%v", report.Withheld)
		require.Positive(t, report.Entities["ninjarmm_device"].Deleted)
	}
	forgetNotes(t, store)
	e.Advance(simulator.Change{Remove: 20})
	e.requireWithheld(t, store)
}

// forgetNotes takes away what the program keeps of how instances were read: the entities themselves.
func forgetNotes(t *testing.T, store graph.Store) {
	t.Helper()
	integration := converters.IntegrationType()
	for _, product := range allProducts() {
		lease, err := store.Acquire(t.Context(), product, "forget", time.Minute)
		require.NoError(t, err)
		_, err = store.Apply(t.Context(), graph.Batch{
			Op: graph.Delete, Type: integration, Instance: product, At: time.Now(), Lease: lease,
			Elements: []*graph.Element{graph.NewEntity(integration, product, product)},
		})
		require.NoError(t, err)
		require.NoError(t, store.Release(t.Context(), lease))
	}
	runs, err := store.Runs(t.Context(), 0)
	require.NoError(t, err)
	for _, r := range runs {
		r.Report = []byte(`{}`)
		require.NoError(t, store.SaveRun(t.Context(), r))
	}
}

// TestFilterOnAListThatIsLeftOut settles all the same.
func TestFilterOnAListThatIsLeftOut(t *testing.T) {
	t.Parallel()
	e := filteredEstate(t, nil)
	store := inFile(t).open(t)
	require.Equal(t, executor.StatusComplete, e.run(t, t.Context(), store).Run.Status)
	skip := func(c *clientele) {
		e.narrow(c)
		e.filters["SENTINELONE_SKIP"], e.filters["NINJARMM_SKIP"], e.filters["IMMYBOT_SKIP"] = "users", "users,pending", "persons"
	}
	skip(e.clienteleOf(t, 1, 2, 5))
	report := e.requireWithheld(t, store)
	report = e.runFiltered(t, store, approvals(t, report)...)
	require.Equal(t, executor.StatusComplete, report.Run.Status, "%v", report.Withheld)
	e.Advance(simulator.Change{Remove: 20})
	report = e.runFiltered(t, store)
	require.Equal(t, executor.StatusComplete, report.Run.Status, "%v", report.Withheld)
	require.Positive(t, report.Entities["sentinelone_agent"].Deleted)
}

// TestFilterThatNamesNobody deletes nothing, and reads whom it finds.
func TestFilterThatNamesNobody(t *testing.T) {
	t.Parallel()
	e := filteredEstate(t, nil)
	some := e.clienteleOf(t, 1, 2, 5)
	store := inFile(t).open(t)
	e.narrow(some)
	require.Equal(t, executor.StatusComplete, e.runFiltered(t, store).Run.Status)
	names := []string{"SENTINELONE_SITES", "NINJARMM_ORGANIZATIONS", "IMMYBOT_TENANTS"}
	for _, only := range []bool{false, true} {
		e.narrow(some)
		e.Advance(simulator.Change{Add: 4, Remove: 4, Edit: 4})
		before := read(t, t.Context(), store)
		for _, name := range names {
			e.filters[name] += `, "Nobody, Inc.", 4711`
			if only {
				e.filters[name] = "Nobody"
			}
		}
		report := e.runFiltered(t, store)
		require.Equal(t, executor.StatusIncomplete, report.Run.Status)
		require.Zero(t, report.Totals.Deleted)
		require.Empty(t, before.without(read(t, t.Context(), store)))
		for _, s := range report.Steps {
			if s.LeftOut() {
				continue
			}
			switch s.Step {
			case "health", "antivirus", "volumes", "backups", "patches", "maintenance", "actions": // say of machines that are read how they do
			case "provider-links", "provider-agents":
				require.Equal(t, executor.StatusComplete, s.Status, s.Step)
			default:
				require.NotEqual(t, executor.StatusComplete, s.Status, s.Step)
				require.Contains(t, s.Error, `"Nobody`, s.Step)
			}
		}
		if only {
			require.Zero(t, report.Totals.Created+report.Totals.Updated)
			continue
		}
		require.Empty(t, e.truth(t, t.Context()).without(read(t, t.Context(), store)), "those who are there are read")
	}
}

// TestFilterThatIsIgnored reads the same, and says so.
func TestFilterThatIsIgnored(t *testing.T) {
	t.Parallel()
	e := filteredEstate(t, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		q := r.URL.Query()
		q.Del("siteIds")
		q.Del("accountIds")
		if strings.HasSuffix(r.URL.Path, "/accounts") {
			q.Del("ids")
		}
		if df, ok := strings.CutPrefix(q.Get("df"), "status = PENDING"); ok && df != "" {
			q.Set("df", "status = PENDING")
		} else if df != "" {
			q.Del("df")
		}
		r.URL.RawQuery = q.Encode()
		next.ServeHTTP(w, r)
	})
	e.narrow(e.clienteleOf(t, 1, 2, 5))
	store := inFile(t).open(t)
	report := e.runFiltered(t, store)
	require.Equal(t, executor.StatusComplete, report.Run.Status, "%v", report.Steps)
	requireEqual(t, e.truth(t, t.Context()), read(t, t.Context(), store), "the products ignore the filter")
	warnings := strings.Join(report.Warnings, "\n")
	for _, step := range []string{"sentinelone/sites", "sentinelone/groups", "sentinelone/agents", "ninjarmm/devices"} {
		require.Equal(t, 1, strings.Count(warnings, step+": "), step)
	}
	require.Contains(t, warnings, "of customers that were not asked for came all the same and were left out: the provider ignores the filter")
}

// TestHalfAnAnswerUnderAFilter deletes nothing: neither when the customers can't be read, nor when what is theirs can't.
func TestHalfAnAnswerUnderAFilter(t *testing.T) {
	t.Parallel()
	var broken atomic.Value
	broken.Store("")
	e := filteredEstate(t, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		route, at := broken.Load().(string), r.URL.Query()
		if route != "" && strings.HasSuffix(r.URL.Path, route) &&
			(at.Has("cursor") || at.Has("after") || at.Get("skip") > "0" || route == "/api/v1/tenants") {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		next.ServeHTTP(w, r)
	})
	e.narrow(e.clienteleOf(t, 0, 1, 2, 3, 5, 6, 7))
	store := inFile(t).open(t)
	require.Equal(t, executor.StatusComplete, e.runFiltered(t, store).Run.Status)
	for route, failed := range map[string][]string{
		"/sites": {"accounts", "sites", "groups", "agents", "users", "threats"}, "/agents": {"agents"},
		"/organizations": {"organizations", "locations", "health", "antivirus", "volumes", "backups", "patches", "devices", "alerts", "users"}, "/devices-detailed": {"devices", "alerts"},
		"/api/v1/tenants": {"tenants", "computers", "persons", "users"}, "/computers/paged": {"computers"},
	} {
		e.Advance(simulator.Change{Add: 1, Remove: 1, Edit: 1})
		before := read(t, t.Context(), store)
		truth := e.truth(t, t.Context())
		broken.Store(route)
		report := e.runFiltered(t, store)
		broken.Store("")
		require.Equal(t, executor.StatusIncomplete, report.Run.Status, route)
		requireNothingLost(t, before, truth, read(t, t.Context(), store))
		var incomplete []string
		for _, s := range report.Steps {
			if s.Status != executor.StatusComplete && !s.LeftOut() {
				incomplete = append(incomplete, s.Step)
			}
		}
		require.Equal(t, failed, incomplete, route)
		require.Equal(t, executor.StatusComplete, e.runFiltered(t, store).Run.Status, route)
		requireEqual(t, truth, read(t, t.Context(), store), route+" answers again")
	}
}
