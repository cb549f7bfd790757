package e2e

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/internal/executor"
	"assetgraph/internal/simulator"
)

// A licence is an intercept that lets one of SentinelOne's sites be in another state, in which the console may not answer
// for it.
type licence struct {
	mu      sync.Mutex
	site    string
	groups  map[string]bool // of that site
	state   string          // "" = as it is
	refuses bool
}

func (l *licence) set(state string, refuses bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state, l.refuses = state, refuses
}

func (l *licence) intercept(w http.ResponseWriter, r *http.Request, next http.Handler) {
	l.mu.Lock()
	defer l.mu.Unlock()
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/web/api/v2.1/"), "/")
	policy := len(parts) == 3 && parts[2] == "policy" && (parts[1] == l.site || l.groups[parts[1]])
	seen := strings.HasSuffix(r.URL.Path, "/table-view") && r.URL.Query().Get("siteIds") == l.site
	if l.refuses && (policy || seen) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`{"errors":[{"code":4040010,"detail":"","title":"Requested resource was not found"}]}`))
		return
	}
	if l.state == "" || !strings.HasSuffix(r.URL.Path, "/sites") {
		next.ServeHTTP(w, r)
		return
	}
	healthy := httptest.NewRecorder()
	next.ServeHTTP(healthy, r)
	maps.Copy(w.Header(), healthy.Header())
	w.WriteHeader(healthy.Code)
	_, _ = w.Write(l.restated(healthy.Body.Bytes()))
}

// restated writes the state into the row of the site.
func (l *licence) restated(body []byte) []byte {
	edited, ok := editRows(body, func(rows []json.RawMessage) []json.RawMessage {
		for i, raw := range rows {
			var row map[string]json.RawMessage
			if json.Unmarshal(raw, &row) == nil && string(row["id"]) == strconv.Quote(l.site) {
				row["state"] = []byte(strconv.Quote(l.state))
				rows[i] = must(json.Marshal(row))
			}
		}
		return rows
	})
	if !ok {
		return body
	}
	return edited
}

// TestSiteThatIsNoLongerActive lets the licence of a site end. What the site has stays: its groups and agents, its policies
// and what was seen on its networks, whether the console still answers for it or not. Where the console calls the site
// deleted and refuses it, its policies and devices are gone.
func TestSiteThatIsNoLongerActive(t *testing.T) {
	t.Parallel()
	onBothStores(t, siteEnds)
}

func siteEnds(t *testing.T, g *ground) {
	l := &licence{}
	e := g.estate(t, simulator.Options{Intercept: l.intercept})
	e.parts = true
	store := g.loaded(t, e)
	before := read(t, t.Context(), store, "sentinelone")
	l.site, l.groups = siteOfMost(t, store)
	of := belongings(t, store, l.site)
	require.NotEmpty(t, of["sentinelone_policy"])
	require.NotEmpty(t, of["sentinelone_discovered_device"])

	for _, state := range []string{"expired", "active", "deleted", "active"} {
		l.set(state, false)
		report := e.run(t, t.Context(), store, "sentinelone")
		require.Equal(t, executor.StatusComplete, report.Run.Status, "%v", report.Steps)
		require.Zero(t, report.Totals.Deleted+report.Totals.Created, "the console answers for it: %s", state)
	}
	l.set("expired", true)
	report := e.run(t, t.Context(), store, "sentinelone")
	require.Equal(t, executor.StatusIncomplete, report.Run.Status)
	require.Zero(t, report.Totals.Deleted+report.Totals.Created, "nobody knows what became of it")
	for _, s := range report.Steps {
		refused := s.Step == "policies" || s.Step == "discovered"
		require.Equal(t, !refused, s.Status == executor.StatusComplete, "%+v", s)
		require.Equal(t, refused, strings.Contains(s.Error, "4040010"), "%+v", s)
	}

	l.set("deleted", true)
	o := e.runOptions(t, store, "sentinelone")
	o.Guard.MaxPercent = 100 // one site is much of so small a fleet
	report, err := executor.Run(t.Context(), o)
	require.NoError(t, err)
	require.Equal(t, executor.StatusComplete, report.Run.Status, "%v %v", report.Steps, report.Withheld)
	after := read(t, t.Context(), store, "sentinelone")
	gone := before.without(after)
	for _, key := range gone {
		if key.Scope().Type != "" && !strings.Contains(string(key), "|") {
			require.Contains(t, append(of["sentinelone_policy"], of["sentinelone_discovered_device"]...), key)
		}
	}
	for _, keys := range of {
		for _, key := range keys {
			require.Contains(t, gone, key)
		}
	}

	l.set("active", false)
	report = e.run(t, t.Context(), store, "sentinelone")
	require.Equal(t, executor.StatusComplete, report.Run.Status)
	requireEqual(t, before, read(t, t.Context(), store, "sentinelone"), "all is as it was")
}

// siteOfMost returns a site that has a policy and devices of its own, and its groups.
func siteOfMost(t *testing.T, r graph.Reader) (site string, groups map[string]bool) {
	t.Helper()
	groups = map[string]bool{}
	counts, owned := map[string]int{}, map[string]bool{}
	each(t, r, "sentinelone_discovered_device", func(e *graph.Element) { counts[e.Get("siteId").Text()]++ })
	each(t, r, "sentinelone_policy", func(e *graph.Element) {
		owned[e.Get("siteId").Text()] = owned[e.Get("siteId").Text()] || e.Get("level").Text() == "site"
	})
	for id, n := range counts {
		if owned[id] && (site == "" || n > counts[site] || n == counts[site] && id < site) {
			site = id
		}
	}
	each(t, r, "sentinelone_group", func(e *graph.Element) {
		if e.Get("siteId").Text() == site {
			groups[e.Get("id").Text()] = true
		}
	})
	return site, groups
}

// belongings are the policies and devices of a site, by type.
func belongings(t *testing.T, r graph.Reader, site string) map[string][]graph.Key {
	t.Helper()
	of := map[string][]graph.Key{}
	for _, name := range []string{"sentinelone_policy", "sentinelone_discovered_device"} {
		each(t, r, name, func(e *graph.Element) {
			if e.Get("siteId").Text() == site {
				of[name] = append(of[name], e.Key)
			}
		})
	}
	return of
}

func each(t *testing.T, r graph.Reader, typ string, f func(*graph.Element)) {
	t.Helper()
	for e, err := range r.Elements(t.Context(), graph.Selection{Type: schema(t).Type(typ), Instance: "sentinelone"}) {
		require.NoError(t, err)
		f(e.Element)
	}
}
