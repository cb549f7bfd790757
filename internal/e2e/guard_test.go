package e2e

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/executor"
	"assetgraph/internal/simulator"
)

// TestNeverToZero removes every machine of a small fleet for good: lists and answers by id say the same, no share is
// asked for, and still nothing goes that would leave none of its type, until somebody approves.
func TestNeverToZero(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, g *ground) {
		e := newEstate(t, simulator.Options{Machines: 6, Customers: 2}, t.Cleanup)
		guardedDeletes(t, g, e, simulator.Change{Remove: 6}, 100, "reads as empty")
	})
}

// TestCappedDeletesWait removes more of each type than may go at once.
func TestCappedDeletesWait(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, g *ground) {
		e := newEstate(t, simulator.Options{Machines: 60, Customers: 4}, t.Cleanup)
		guardedDeletes(t, g, e, simulator.Change{Remove: 20}, 10, "more than 10%")
	})
}

// guardedDeletes tells of deletes that the guard keeps back for a reason: run by run, with ids that fit nothing, and
// until theirs are given.
func guardedDeletes(t *testing.T, g *ground, e *estate, change simulator.Change, percent int, reason string) {
	t.Helper()
	machines := []string{"sentinelone_agent", "ninjarmm_device", "immybot_computer"}
	store := g.loaded(t, e)
	before := read(t, t.Context(), store)
	e.Advance(change)
	truth := e.truth(t, t.Context())
	var report *executor.Report
	for _, approved := range [][]string{nil, {strings.Repeat("0", 16)}} {
		o := e.runOptions(t, store)
		o.Guard.MaxPercent, o.Guard.Approve = percent, approved
		var err error
		report, err = executor.Run(t.Context(), o)
		require.NoError(t, err)
		require.Equal(t, executor.StatusWithheld, report.Run.Status, "%v", report.Steps)
		after := read(t, t.Context(), store)
		for _, key := range before.without(after) {
			require.NotContains(t, machines, key.Scope().Type)
		}
		found := 0
		for _, w := range report.Withheld {
			for _, typ := range machines {
				if w.Type == typ && strings.Contains(w.Reason, reason) {
					found++
				}
			}
		}
		require.Equal(t, len(machines), found, "%v", report.Withheld)
	}

	o := e.runOptions(t, store)
	o.Guard.MaxPercent, o.Guard.Approve = percent, approvals(t, report)
	report, err := executor.Run(t.Context(), o)
	require.NoError(t, err)
	require.Equal(t, executor.StatusComplete, report.Run.Status, "%v", report.Withheld)
	requireEqual(t, truth, read(t, t.Context(), store), "approved")
}
