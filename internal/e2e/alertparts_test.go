package e2e

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/executor"
	"assetgraph/internal/simulator"
)

// TestAlertsThatDoNotComeInOneAnswer lets NinjaRMM refuse alerts of more than two organizations at once. What comes in parts
// is what would have come whole, and where a part is missing nothing is deleted.
func TestAlertsThatDoNotComeInOneAnswer(t *testing.T) {
	t.Parallel()
	onBothStores(t, alertsInParts)
}

func alertsInParts(t *testing.T, g *ground) {
	var most, parts atomic.Int64 // of organizations in one answer; -1 = all
	var broken atomic.Bool       // the first part
	most.Store(-1)
	e := g.estate(t, simulator.Options{Intercept: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.URL.Path != "/v2/alerts" || most.Load() < 0 {
			next.ServeHTTP(w, r)
			return
		}
		filter := r.URL.Query().Get("df")
		if n := int64(strings.Count(filter, ",") + 1); filter == "" || n > most.Load() {
			http.Error(w, "Request Entity Too Large", http.StatusRequestEntityTooLarge)
			return
		}
		if parts.Add(1) == 1 && broken.Load() {
			http.Error(w, "no", http.StatusBadRequest)
			return
		}
		next.ServeHTTP(w, r)
	}})
	e.options.RetryTime = 10 * time.Second // half as many are asked for, however slow the machine is
	g.load(t, e)
	e.Advance(g.change())
	truth := e.truth(t, t.Context(), "ninjarmm")
	most.Store(2)
	store := g.fork(t).open(t)

	broken.Store(true)
	before := read(t, t.Context(), store, "ninjarmm")
	report := e.run(t, t.Context(), store, "ninjarmm")
	require.Equal(t, executor.StatusIncomplete, report.Run.Status, "%v", report.Steps)
	requireNothingLost(t, before, truth, read(t, t.Context(), store, "ninjarmm"))
	require.Zero(t, report.Entities["ninjarmm_alert"].Deleted)

	broken.Store(false)
	parts.Store(0)
	report = e.run(t, t.Context(), store, "ninjarmm")
	require.Equal(t, executor.StatusComplete, report.Run.Status, "%v", report.Steps)
	require.Greater(t, parts.Load(), int64(1))
	requireEqual(t, truth, read(t, t.Context(), store, "ninjarmm"), "in parts")
	report = e.run(t, t.Context(), store, "ninjarmm")
	require.Zero(t, report.Totals.Created+report.Totals.Updated+report.Totals.Refreshed+report.Totals.Deleted)
}
