package e2e

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/internal/executor"
	"assetgraph/internal/panics"
	"assetgraph/internal/simulator"
)

// A stumbler is a store that panics when it applies its nth batch, before or after the batch is written.
type stumbler struct {
	graph.Store
	at    int
	after bool
}

func (s *stumbler) Apply(ctx context.Context, b graph.Batch) (graph.Applied, error) {
	s.at--
	if s.at != 0 {
		return s.Store.Apply(ctx, b)
	}
	if s.after {
		_, _ = s.Store.Apply(ctx, b)
	}
	var none []int
	return graph.Applied{Written: none[len(b.Elements)]}, nil
}

// TestPanicEndsTheRunAsFailed lets the store panic in the middle of runs. Each ends with an error, leaves a record that
// says so and no lock, and the next run ends in the truth.
func TestPanicEndsTheRunAsFailed(t *testing.T) {
	t.Parallel()
	onBothStores(t, panicEndsTheRunAsFailed)
}

func panicEndsTheRunAsFailed(t *testing.T, g *ground) {
	e := g.estate(t, simulator.Options{})
	store := g.loaded(t, e)
	for _, s := range []stumbler{{at: 1}, {at: 3, after: true}, {at: 8}} {
		e.Advance(g.change())
		before, truth := read(t, t.Context(), store), e.truth(t, t.Context())
		s.Store = store
		report, err := executor.Run(t.Context(), e.runOptions(t, &s))
		require.NotNil(t, panics.Of(err), "%v", err)
		require.ErrorContains(t, err, "stumbler")
		require.Equal(t, executor.StatusFailed, report.Run.Status)
		runs, err := store.Runs(t.Context(), 1)
		require.NoError(t, err)
		require.Equal(t, report.Run.ID, runs[0].ID)
		require.Equal(t, executor.StatusFailed, runs[0].Status)
		require.False(t, runs[0].FinishedAt.IsZero())
		held, err := store.Held(t.Context())
		require.NoError(t, err)
		require.Empty(t, held)
		requireNothingLost(t, before, truth, read(t, t.Context(), store))

		report = e.run(t, t.Context(), store)
		require.Equal(t, executor.StatusComplete, report.Run.Status, "%v %v", report.Steps, report.Withheld)
		requireEqual(t, truth, read(t, t.Context(), store), "after the panic")
	}
}
