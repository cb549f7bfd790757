package executor_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
	"assetgraph/graph"
	"assetgraph/internal/executor"
	"assetgraph/internal/panics"
)

// panicky is a store, and what watches a run, that panics at one place.
type panicky struct {
	graph.Store
	at string
}

func (p panicky) trip(at string) {
	if p.at == at {
		var none []int
		_ = none[len(at)]
	}
}

func (p panicky) Apply(ctx context.Context, b graph.Batch) (graph.Applied, error) {
	if b.Type.Name != "assetgraph_integration" {
		p.trip("apply")
	}
	return p.Store.Apply(ctx, b)
}

func (p panicky) Counts(ctx context.Context) ([]graph.ScopeCount, error) {
	p.trip("populations")
	return p.Store.Counts(ctx)
}

func (p panicky) Renew(ctx context.Context, l graph.Lease, ttl time.Duration) error {
	p.trip("renew")
	return p.Store.Renew(ctx, l, ttl)
}

func (p panicky) Acquire(ctx context.Context, instance, holder string, ttl time.Duration) (graph.Lease, error) {
	p.trip("acquire")
	return p.Store.Acquire(ctx, instance, holder, ttl)
}

func (p panicky) StepStarted(string, string, *collectors.Meter) {}
func (p panicky) StepDone(executor.StepReport)                  { p.trip("step done") }
func (p panicky) Progress(phase string, _, _ int)               { p.trip(phase) }

// A panic, wherever it happens and in whichever goroutine, ends the run with an error and a run record that says so,
// gives the leases back, and leaves a store that the next run can use.
func TestPanicEndsTheRunAsFailed(t *testing.T) {
	for _, at := range []string{"populations", "step done", "compare", "apply", "renew", "records"} {
		t.Run(at, func(t *testing.T) {
			b := newBench(t)
			p := panicky{Store: b.store, at: at}
			b.during = func() {
				if at == "renew" {
					time.Sleep(200 * time.Millisecond)
				}
				p.trip("records")
			}
			o := b.options()
			o.Store, o.Observer, o.Lease = p, p, 60*time.Millisecond
			if at != "renew" {
				o.Lease = 0
			}
			report, err := executor.Run(t.Context(), o)
			require.NotNil(t, panics.Of(err), "%v", err)
			require.ErrorContains(t, err, "index out of range")
			require.ErrorContains(t, err, "panicky.trip (panic_test.go:")
			require.Equal(t, executor.StatusFailed, report.Run.Status)
			runs, err := b.store.Runs(t.Context(), 0)
			require.NoError(t, err)
			require.Len(t, runs, 1)
			require.Equal(t, executor.StatusFailed, runs[0].Status)
			require.Equal(t, report.Run.ID, runs[0].ID)
			require.False(t, runs[0].FinishedAt.IsZero())

			b.during = nil
			require.Equal(t, executor.StatusComplete, b.run(t).Run.Status, "the next run is not held up")
			require.Equal(t, 30, b.population(t, "a", "test_agent"))
		})
	}
}

// A plan and a run that has no lease yet leave no record, and no stack either.
func TestPanicBeforeARunBegins(t *testing.T) {
	b := newBench(t)
	o := b.options()
	o.Store = panicky{Store: b.store, at: "acquire"}
	report, err := executor.Run(t.Context(), o)
	require.NotNil(t, panics.Of(err))
	require.Equal(t, executor.StatusFailed, report.Run.Status)
	o.Plan, o.Store = true, panicky{Store: b.store, at: "populations"}
	_, err = executor.Run(t.Context(), o)
	require.NotNil(t, panics.Of(err))
}
