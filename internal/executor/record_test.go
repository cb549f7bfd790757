package executor_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/internal/executor"
)

// forgetful is a store that calls f when a run record is to be completed.
type forgetful struct {
	graph.Store
	f func() error
}

func (s forgetful) SaveRun(ctx context.Context, r graph.Run) error {
	if r.FinishedAt.IsZero() {
		return s.Store.SaveRun(ctx, r)
	}
	return s.f()
}

// Apply implements graph.Writer.
func (s forgetful) Apply(ctx context.Context, b graph.Batch) (graph.Applied, error) {
	if b.Run == nil {
		return s.Store.Apply(ctx, b)
	}
	return graph.Applied{}, s.f()
}

// A run whose record can't be written has failed, whatever it did, and holds up nobody.
func TestRunThatCannotBeRecordedHasFailed(t *testing.T) {
	for name, f := range map[string]func() error{
		"error": func() error { return errors.New("the disk is full") },
		"panic": func() error { panic(errors.New("the disk is full")) },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			o := b.options()
			o.Store = forgetful{b.store, f}
			report, err := executor.Run(t.Context(), o)
			require.Error(t, err)
			require.Equal(t, executor.StatusFailed, report.Run.Status)
			require.False(t, report.Run.FinishedAt.IsZero())
			require.Equal(t, 62, report.Totals.Created, "what was done is told none the less")

			require.Equal(t, executor.StatusComplete, b.run(t).Run.Status)
			runs, err := b.store.Runs(t.Context(), 0)
			require.NoError(t, err)
			require.Len(t, runs, 2)
			require.True(t, runs[1].FinishedAt.IsZero(), "as if it had died")
		})
	}
}
