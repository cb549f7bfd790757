package executor_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/internal/executor"
)

// slowToCount is a store whose first count waits, and then may fail.
type slowToCount struct {
	graph.Store
	wait func(context.Context)
	err  error
}

func (s slowToCount) Counts(ctx context.Context) ([]graph.ScopeCount, error) {
	if s.wait(ctx); s.err != nil {
		return nil, s.err
	}
	return s.Store.Counts(ctx)
}

// A large graph takes seconds to count. Sources are read meanwhile, and nothing is compared before it is done.
func TestSourcesAreReadWhileTheGraphIsCounted(t *testing.T) {
	b := newBench(t)
	b.run(t)
	b.agents = b.agents[:29]
	reading := make(chan struct{})
	b.during = sync.OnceFunc(func() { close(reading) })
	o := b.options()
	o.Store = slowToCount{Store: b.store, wait: func(ctx context.Context) {
		select {
		case <-reading:
		case <-ctx.Done():
		}
	}}
	report, err := executor.Run(t.Context(), o)
	require.NoError(t, err)
	require.Equal(t, executor.StatusComplete, report.Run.Status)
	require.Equal(t, 2, report.Totals.Deleted, "an agent and its relationship")
}

// Of a graph that can't be counted nothing is known: the run fails before it compares, whatever was read.
func TestGraphThatCannotBeCountedIsLeftAlone(t *testing.T) {
	b := newBench(t)
	b.run(t)
	before := b.store.DataWrites()
	b.agents = nil
	o := b.options()
	reason := errors.New("no answer")
	o.Store = slowToCount{Store: b.store, wait: func(context.Context) {}, err: reason}
	report, err := executor.Run(t.Context(), o)
	require.ErrorIs(t, err, reason)
	require.Equal(t, executor.StatusFailed, report.Run.Status)
	require.Equal(t, 30, b.population(t, "a", "test_agent"))
	require.Equal(t, before+1, b.store.DataWrites(), "how fresh the instance is")
}
