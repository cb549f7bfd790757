package e2e

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/graph/sqlite"
	"assetgraph/internal/executor"
	"assetgraph/internal/providers"
	"assetgraph/internal/report"
	"assetgraph/internal/simulator"
)

// A pair is two fleets of one service provider, each with its own instance of every product: six instances in one
// graph. Small ids of the one are those of other machines and customers in the other.
type pair struct {
	first, second *estate
	fault         *outage  // of one product of the second
	shared        []string // names of customers that both fleets have, and that are one
	known         holding  // truth of the fleets as they are, nil when it is to be worked out
}

func newPair(t *testing.T, seeds [2]uint64, machines int) *pair {
	t.Helper()
	p := &pair{fault: &outage{}}
	p.first = newEstate(t, simulator.Options{Seed: seeds[0], Machines: machines, Customers: fleetCustomers}, t.Cleanup)
	p.second = newEstate(t, simulator.Options{Seed: seeds[1], Machines: machines, Customers: fleetCustomers, Intercept: p.fault.intercept}, t.Cleanup)
	p.second.suffix = "-2" // the first ones are named as the products are
	for _, e := range p.estates() {
		e.options.PageSize = 200
	}
	return p
}

func (p *pair) estates() []*estate { return []*estate{p.first, p.second} }

// instances makes fresh collectors of the named instances, of all six when none is named.
func (p *pair) instances(t *testing.T, names ...string) []executor.Instance {
	t.Helper()
	list := append(p.first.instances(t), p.second.instances(t)...)
	if len(names) > 0 {
		list = slices.DeleteFunc(list, func(in executor.Instance) bool { return !slices.Contains(names, in.Name) })
	}
	return list
}

func sixInstances() []string {
	var names []string
	for _, suffix := range []string{"", "-2"} {
		for _, product := range allProducts() {
			names = append(names, product+suffix)
		}
	}
	return names
}

func (p *pair) run(t *testing.T, store graph.Store, names ...string) *executor.Report {
	t.Helper()
	o := p.first.runOptions(t, store)
	o.Instances, o.Configured = p.instances(t, names...), sixInstances()
	report, err := executor.Run(t.Context(), o)
	require.NoError(t, err)
	return report
}

// truth is what a graph must hold of all six.
func (p *pair) truth(t *testing.T) holding {
	t.Helper()
	if p.known == nil {
		p.known = p.first.truth(t, t.Context())
		maps.Copy(p.known, p.second.truth(t, t.Context()))
	}
	return p.known
}

func (p *pair) advance(c simulator.Change) {
	p.known = nil
	for _, e := range p.estates() {
		e.Advance(c)
	}
}

// An outage is what is wrong with products for a while.
type outage struct {
	mu   sync.Mutex
	kind map[string]string // by product
}

// The kinds of outages.
const (
	signInRefused = "sign-in refused"
	listCut       = "list cut"
	hostDown      = "host down"
)

// outages gives each product another one.
func outages() map[string]string {
	return map[string]string{"sentinelone": signInRefused, "ninjarmm": listCut, "immybot": hostDown}
}

func (o *outage) set(kind map[string]string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.kind = kind
}

func (o *outage) intercept(w http.ResponseWriter, r *http.Request, next http.Handler) {
	o.mu.Lock()
	kind := o.kind[productOf(r)]
	o.mu.Unlock()
	x := &exchange{w: w, r: r}
	switch route := routeOf(r); {
	case kind == hostDown:
		reset(x)
	case kind == signInRefused:
		send(x, http.StatusUnauthorized, "application/json", `{"message":"no"}`)
	case kind == listCut && strings.HasSuffix(route, "/devices-detailed"):
		send(x, http.StatusBadGateway, "text/html", "<html>")
	default:
		next.ServeHTTP(w, r)
	}
}

// TestTwoInstancesOfEachProduct reads six instances into one graph; on the other store it is part of TestNeo4j.
func TestTwoInstancesOfEachProduct(t *testing.T) {
	t.Parallel()
	store := openMemory(t, t.Context(), t.Cleanup)
	p := newPair(t, [2]uint64{1, 2}, fleetMachines)
	p.play(t, store, report.SQL, store.DataWrites)
	for product, kind := range outages() {
		p.fail(t, store, map[string]string{product: kind})
	}
}

// play is the story on one store; writes counts what was written to it.
func (p *pair) play(t *testing.T, store graph.Store, language report.Language, writes func() int64) {
	t.Helper()
	requireCollisions(t, p.truth(t))
	r := p.run(t, store)
	require.Equal(t, executor.StatusComplete, r.Run.Status, "%v", r.Steps)
	require.Empty(t, r.Refused)
	p.requireTruth(t, store, "the first run")
	p.requireCoverage(t, store, language)

	before := writes()
	r = p.run(t, store)
	require.Equal(t, executor.Counts{Unchanged: r.Totals.Unchanged}, r.Totals, "nothing to do")
	require.LessOrEqual(t, writes()-before, int64(6*freshness()), "how fresh the six instances are, and nothing else")

	p.narrowed(t, store)
	p.fail(t, store, outages())
	p.cleared(t, store)
}

// narrowed runs one instance alone, as --instance does.
func (p *pair) narrowed(t *testing.T, store graph.Store) {
	t.Helper()
	others := slices.DeleteFunc(sixInstances(), func(name string) bool { return name == "ninjarmm-2" })
	before := read(t, t.Context(), store, others...)
	p.advance(simulator.Change{Add: 2, Edit: 3, Rename: 2})
	r := p.run(t, store, "ninjarmm-2")
	require.Equal(t, executor.StatusComplete, r.Run.Status, "%v", r.Steps)
	requireEqual(t, before, read(t, t.Context(), store, others...), "the others were not asked")
	requireEqual(t, p.truth(t).of("ninjarmm-2"), read(t, t.Context(), store, "ninjarmm-2"), "the one that was")
	require.Equal(t, executor.StatusComplete, p.run(t, store).Run.Status)
	p.requireTruth(t, store, "after a narrowed run")
}

// fail lets products of the second fleet fail while both fleets change, and come back.
func (p *pair) fail(t *testing.T, store graph.Store, kinds map[string]string) {
	t.Helper()
	why := fmt.Sprint("with ", kinds)
	p.advance(simulator.Change{Remove: 1, Add: 1, Edit: 2, Rename: 1})
	before := read(t, t.Context(), store, sixInstances()...)
	p.fault.set(kinds)
	r := p.run(t, store)
	p.fault.set(nil)
	require.Equal(t, executor.StatusIncomplete, r.Run.Status, "%s: %v", why, r.Steps)
	failing := map[string]bool{}
	for _, s := range r.Steps {
		if product, ok := strings.CutSuffix(s.Instance, "-2"); ok && kinds[product] != "" {
			if s.Error != "" {
				failing[s.Instance] = true
			}
			continue
		}
		if !s.LeftOut() {
			require.Equal(t, executor.StatusComplete, s.Status, "%s: %s %s %s", why, s.Instance, s.Step, s.Error)
		}
	}
	require.Len(t, failing, len(kinds), why)
	for _, name := range sixInstances() {
		after := read(t, t.Context(), store, name)
		if failing[name] {
			require.Empty(t, before.of(name).without(after), "%s: nothing of %s is deleted", why, name)
			continue
		}
		requireEqual(t, p.truth(t).of(name), after, why+": "+name)
	}
	r = p.run(t, store)
	require.Equal(t, executor.StatusComplete, r.Run.Status, "%s: %v", why, r.Steps)
	p.requireTruth(t, store, "after a run "+why)
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

// cleared removes one instance and reads it again.
func (p *pair) cleared(t *testing.T, store graph.Store) {
	t.Helper()
	const gone = "immybot"
	others := slices.DeleteFunc(sixInstances(), func(name string) bool { return name == gone })
	before := read(t, t.Context(), store, others...)
	c, err := executor.FindClearance(t.Context(), store, schema(t), gone)
	require.NoError(t, err)
	_, _, err = c.Carry(t.Context())
	require.NoError(t, err)
	require.Empty(t, read(t, t.Context(), store, gone))
	requireEqual(t, before, read(t, t.Context(), store, others...), "the namesake of the other tenant stays")
	require.Equal(t, executor.StatusComplete, p.run(t, store).Run.Status)
	p.requireTruth(t, store, "read again")
}

// requireCollisions checks that instances of one product give the same ids to different things.
func requireCollisions(t *testing.T, truth holding) {
	t.Helper()
	for _, typ := range []string{"ninjarmm_device", "ninjarmm_organization", "immybot_computer", "immybot_tenant", "immybot_person"} {
		product, _, _ := strings.Cut(typ, "_")
		alike := 0
		for key, header := range truth {
			id, ok := strings.CutPrefix(string(key), product+":"+typ+":")
			if other, both := truth[graph.EntityKey(product+"-2", typ, id)]; ok && both && other.Digest != header.Digest {
				alike++
			}
		}
		require.Greater(t, alike, 3, typ)
	}
}

// requireTruth compares what the graph holds, and what was derived, with both fleets.
func (p *pair) requireTruth(t *testing.T, store graph.Store, why string) {
	t.Helper()
	requireEqual(t, p.truth(t), read(t, t.Context(), store, sixInstances()...), why)
	of := derivedOf(t, store)
	for _, kind := range []struct {
		name   string
		labels [][]graph.Key
	}{{"device", p.machines()}, {"organization", p.customers()}, {"person", p.persons(t, store)}} {
		requirePartition(t, kind.labels, of, why+": "+kind.name)
	}
}

// derivedOf returns the derived entity of each record.
func derivedOf(t *testing.T, store graph.Store) map[graph.Key]graph.Key {
	t.Helper()
	of := map[graph.Key]graph.Key{}
	for _, typ := range schema(t).Types() {
		if typ.Integration != "assetgraph" || !typ.IsRelationship() || typ.Verb != "IS" && typ.Verb != "PROTECTS" {
			continue
		}
		for h, err := range store.Headers(t.Context(), typ, "assetgraph") {
			require.NoError(t, err)
			from, to := h.Key.Ends()
			require.Empty(t, of[from], "a record is part of one")
			of[from] = to
		}
	}
	return of
}

// requirePartition checks that the records of each label are one derived entity, and no others are.
func requirePartition(t *testing.T, labels [][]graph.Key, of map[graph.Key]graph.Key, why string) {
	t.Helper()
	owner := map[graph.Key]graph.Key{}
	for _, keys := range labels {
		for _, key := range keys {
			require.NotEmpty(t, of[key], "%s: nothing was derived from %s", why, key)
			require.Equal(t, of[keys[0]], of[key], "%s: %s is what %s is", why, keys[0], key)
		}
		require.Empty(t, owner[of[keys[0]]], "%s: %s is not %s", why, keys[0], owner[of[keys[0]]])
		owner[of[keys[0]]] = keys[0]
	}
}

// machines are the records of each real machine of both fleets.
func (p *pair) machines() (labels [][]graph.Key) {
	for _, e := range p.estates() {
		for l := range e.Labels() {
			keys := slices.Concat(e.keys("sentinelone_agent", l.Agents), e.keys("ninjarmm_device", l.Devices), e.keys("immybot_computer", l.Computers))
			if len(keys) > 0 {
				labels = append(labels, keys)
			}
		}
	}
	return labels
}

// customers are the records of each real customer; the service provider's own tenant is one as well.
func (p *pair) customers() (labels [][]graph.Key) {
	shared := map[string]int{}
	for _, e := range p.estates() {
		names := map[int]string{}
		for c := range e.Customers() {
			names[c.Index] = c.Name
		}
		for _, l := range e.CustomerLabels() {
			keys := slices.Concat(e.keys("sentinelone_site", l.Sites), e.keys("ninjarmm_organization", l.Organizations), e.keys("immybot_tenant", l.Tenants))
			name := names[l.Customer]
			if n, known := shared[name]; known {
				labels[n] = append(labels[n], keys...)
				continue
			}
			if slices.Contains(p.shared, name) {
				shared[name] = len(labels)
			}
			labels = append(labels, keys)
		}
	}
	return labels
}

// persons are the records of each address.
func (p *pair) persons(t *testing.T, store graph.Store) (labels [][]graph.Key) {
	t.Helper()
	byAddress := map[string][]graph.Key{}
	for _, name := range []string{"sentinelone_user", "ninjarmm_user", "immybot_person", "immybot_user"} {
		for e, err := range store.Elements(t.Context(), graph.Selection{Type: schema(t).Type(name)}) {
			require.NoError(t, err)
			if list := e.Get("email").List(); len(list) > 0 {
				byAddress[list[0]] = append(byAddress[list[0]], e.Key)
			}
		}
	}
	require.Greater(t, len(byAddress), 20)
	for _, address := range slices.Sorted(maps.Keys(byAddress)) {
		labels = append(labels, byAddress[address])
	}
	return labels
}

func (e *estate) keys(typ string, ids []string) (keys []graph.Key) {
	product, _, _ := strings.Cut(typ, "_")
	for _, id := range ids {
		keys = append(keys, graph.EntityKey(product+e.suffix, typ, id))
	}
	return keys
}

// requireCoverage checks that reports count the machines of both fleets.
func (p *pair) requireCoverage(t *testing.T, store graph.Store, language report.Language) {
	t.Helper()
	source, ok := store.(report.Store)
	require.True(t, ok)
	c, err := report.Cover(t.Context(), report.Source{
		Store: source, Language: language, Schema: schema(t), Model: providers.All().Model(),
	}, report.CoverOptions{Now: time.Now()})
	require.NoError(t, err)
	devices, missing := 0, [3]int{}
	for _, e := range p.estates() {
		for l := range e.Labels() {
			if len(l.Agents)+len(l.Devices)+len(l.Computers) == 0 {
				continue
			}
			devices++
			for n, has := range []bool{l.EDR, l.RMM, l.Deployment} {
				missing[n] += count(!has)
			}
		}
	}
	require.Equal(t, devices, c.Totals.Devices)
	for n, total := range c.Totals.Tools {
		require.Equal(t, missing[n], total.Missing, total.Title)
	}
}

// TestCustomersOfOneNameInTwoTenants: a service provider with two tenants of a product that keeps "Bright Travel Inc."
// in both has one customer of that name, as when two products know it. Names with other legal forms are others, and no
// machine is joined by it.
func TestCustomersOfOneNameInTwoTenants(t *testing.T) {
	t.Parallel()
	store := openMemory(t, t.Context(), t.Cleanup)
	p := newPair(t, [2]uint64{22, 24}, 120) // with four names in common, two of them with the same legal form
	p.shared = []string{"Bright Travel", "Xenon Robotics"}
	common := map[string]int{}
	for _, e := range p.estates() {
		for c := range e.Customers() {
			common[c.Name]++
		}
	}
	for _, name := range append([]string{"Riverside Optics", "Juniper Brewing"}, p.shared...) {
		require.Equal(t, 2, common[name], name)
	}
	require.Equal(t, executor.StatusComplete, p.run(t, store).Run.Status)
	p.requireTruth(t, store, "names in common")
}

func openMemory(t tester, ctx ctx, cleanup func(func())) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(ctx, sqlite.Memory, schema(t), sqlite.Options{})
	require.NoError(t, err)
	cleanup(func() { require.NoError(t, s.Close()) })
	return s
}
