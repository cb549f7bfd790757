package e2e

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/internal/executor"
	"assetgraph/internal/simulator"
)

// A hider leaves one record out of the answers of one route, and out of the number that they give.
type hider struct {
	route, id string
	on        atomic.Bool
}

func (h *hider) intercept(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if !h.on.Load() || r.URL.Path != h.route {
		next.ServeHTTP(w, r)
		return
	}
	healthy := httptest.NewRecorder()
	next.ServeHTTP(healthy, r)
	body, removed := healthy.Body.Bytes(), false
	if edited, ok := editRows(body, func(rows []json.RawMessage) []json.RawMessage {
		kept := []json.RawMessage{}
		for _, row := range rows {
			if removed = removed || isRow(row, h.id); !isRow(row, h.id) {
				kept = append(kept, row)
			}
		}
		return kept
	}); ok && removed {
		body = oneLess(edited)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(healthy.Code)
	_, _ = w.Write(body)
}

func isRow(row json.RawMessage, id string) bool {
	var head struct {
		ID json.RawMessage `json:"id"`
	}
	return json.Unmarshal(row, &head) == nil && strings.Trim(string(head.ID), `"`) == id
}

// oneLess corrects the total of a page that has one.
func oneLess(body []byte) []byte {
	var page, pagination map[string]json.RawMessage
	var total int
	if json.Unmarshal(body, &page) != nil || json.Unmarshal(page["pagination"], &pagination) != nil ||
		json.Unmarshal(pagination["totalItems"], &total) != nil || total == 0 {
		return body
	}
	pagination["totalItems"] = must(json.Marshal(total - 1))
	page["pagination"] = must(json.Marshal(pagination))
	return must(json.Marshal(page))
}

// TestWithheldForGoodHasAWayOut hides one record for good: the runs withhold it again and again, and the ids that they
// give let it go.
func TestWithheldForGoodHasAWayOut(t *testing.T) {
	t.Parallel()
	onBothStores(t, wayOut)
}

func wayOut(t *testing.T, g *ground) {
	for name, tt := range map[string]struct{ product, typ, route, reason, collect string }{
		"account that its sites still name":       {"sentinelone", "sentinelone_account", "/web/api/v2.1/accounts", "still name it", "default"},
		"group that its agents still name":        {"sentinelone", "sentinelone_group", "/web/api/v2.1/groups", "still name it", "default"},
		"organization that devices still name":    {"ninjarmm", "ninjarmm_organization", "/v2/organizations", "still name it", "all"},
		"device that only its list does not show": {"ninjarmm", "ninjarmm_device", "/v2/devices-detailed", "the provider still has it", "none"},
		"device that its alerts still name":       {"ninjarmm", "ninjarmm_device", "/v2/devices-detailed", "still name it", "alerts"},
		"person that a computer still names":      {"immybot", "immybot_person", "/api/v1/persons", "still name it", "all"},
	} {
		t.Run(name, func(t *testing.T) {
			g.parallel(t)
			h := &hider{route: tt.route}
			e := newEstate(t, simulator.Options{Intercept: h.intercept, Machines: 40, Customers: 4}, t.Cleanup)
			e.options.PageSize = 0
			e.filters = map[string]string{strings.ToUpper(tt.product) + "_COLLECT": tt.collect}
			store := g.bare(t).open(t)
			require.Equal(t, executor.StatusComplete, e.run(t, t.Context(), store, tt.product).Run.Status)
			key := aParent(t, store, schema(t).Type(tt.typ), tt.product)
			h.id = strings.TrimPrefix(string(key), key.Scope().Prefix())
			h.on.Store(true)
			before := read(t, t.Context(), store, tt.product)
			var report *executor.Report
			for range 2 {
				report = e.run(t, t.Context(), store, tt.product)
				require.Equal(t, executor.StatusWithheld, report.Run.Status, "%v", report.Steps)
				require.Contains(t, report.Withheld[0].Reason, tt.reason)
			}
			require.Empty(t, before.without(read(t, t.Context(), store, tt.product)))

			o := e.runOptions(t, store, tt.product)
			o.Guard.Approve = approvals(t, report)
			report, err := executor.Run(t.Context(), o)
			require.NoError(t, err)
			require.Equal(t, executor.StatusComplete, report.Run.Status, "%v", report.Withheld)
			after := read(t, t.Context(), store, tt.product)
			require.NotContains(t, after, key)
			for _, gone := range before.without(after) {
				require.Contains(t, string(gone), string(key), "nothing but it and its relationships")
			}
			report = e.run(t, t.Context(), store, tt.product)
			require.Equal(t, executor.StatusComplete, report.Run.Status)
			require.Zero(t, report.Totals.Created+report.Totals.Deleted+report.Totals.Updated, "that is how it stays")

			h.on.Store(false)
			require.Equal(t, executor.StatusComplete, e.run(t, t.Context(), store, tt.product).Run.Status)
			requireEqual(t, e.truth(t, t.Context(), tt.product), read(t, t.Context(), store, tt.product), "shown again")
		})
	}
}

// aParent returns the entity of a type on which most relationships hang.
func aParent(t *testing.T, store graph.Store, typ *graph.Type, instance string) graph.Key {
	t.Helper()
	hanging := map[graph.Key]int{}
	for key := range read(t, t.Context(), store, instance) {
		from, to := key.Ends()
		hanging[from]++
		hanging[to]++
	}
	var best graph.Key
	for h, err := range store.Headers(t.Context(), typ, instance) {
		require.NoError(t, err)
		if best == "" || hanging[h.Key] > hanging[best] {
			best = h.Key
		}
	}
	return best
}
