//go:build unix

package e2e

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/differ"
	"assetgraph/internal/executor"
	"assetgraph/internal/simulator"
)

// TestKilledRunLeavesNoSpool: what a killed run left of what it read the next run removes, and no other run's.
func TestKilledRunLeavesNoSpool(t *testing.T) {
	onBothStores(t, killedRunLeavesNoSpool)
}

func killedRunLeavesNoSpool(t *testing.T, g *ground) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	e := newEstate(t, simulator.Options{Machines: 8, Customers: 2}, t.Cleanup)
	spools := func() int {
		found, err := filepath.Glob(filepath.Join(dir, "assetgraph-*", "lock"))
		require.NoError(t, err)
		return len(found)
	}
	for range 2 {
		g = g.bare(t)
		requireKilled(t, start(t, g.order(order{Env: e.Env(), Signal: syscall.SIGKILL, Batch: 2})))
	}
	require.Equal(t, 1, spools(), "the second run removed what the first left")
	living, err := differ.NewSpool(dir)
	require.NoError(t, err)
	defer living.Close()
	o := e.runOptions(t, g.open(t))
	o.Wait = 10 * childLease
	_, err = executor.Run(t.Context(), o)
	require.NoError(t, err)
	require.Equal(t, 1, spools(), "that of the run under way")
	require.NoError(t, living.Close())
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, entry := range entries {
		require.NotRegexp(t, `^assetgraph-\d`, entry.Name())
	}
}

// TestListBeyondItsRoomIsIncomplete: a list whose records take more room than a type may have has no end.
func TestListBeyondItsRoomIsIncomplete(t *testing.T) {
	t.Parallel()
	onBothStores(t, listBeyondItsRoom)
}

func listBeyondItsRoom(t *testing.T, g *ground) {
	e := newEstate(t, simulator.Options{}, t.Cleanup)
	store := g.open(t)
	require.Equal(t, executor.StatusComplete, e.run(t, t.Context(), store).Run.Status)
	before := read(t, t.Context(), store)
	e.Advance(simulator.Change{Remove: 3})
	o := e.runOptions(t, store)
	o.SpoolLimit = 20_000
	report, err := executor.Run(t.Context(), o)
	require.NoError(t, err)
	require.Equal(t, executor.StatusIncomplete, report.Run.Status)
	require.Zero(t, report.Totals.Deleted)
	require.Empty(t, before.without(read(t, t.Context(), store)))
	for _, s := range report.Steps {
		if s.Instance == "ninjarmm" && s.Step == "devices" {
			require.Equal(t, executor.StatusIncomplete, s.Status)
			require.Contains(t, s.Error, "the list did not end: its ninjarmm_device records take more than 20000 bytes")
		}
	}
}
