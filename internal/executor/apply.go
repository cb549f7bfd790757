package executor

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"assetgraph/differ"
	"assetgraph/graph"
	"assetgraph/internal/ahead"
)

const (
	batchSize = 4000             // elements handed to the store at once; it may split them
	graceTime = 30 * time.Second // for the batch in hand after the context ended
)

// apply carries out the plan: creates, updates and refreshes of entities, then of relationships; then deletes, of
// relationships first. It looks at the context between batches.
func (r *run) apply(ctx context.Context, p *differ.Plan) error {
	a := &applier{run: r, total: p.Writes(), at: r.Now().UTC()}
	r.Observer.Progress("apply", 0, a.total)
	for _, sp := range p.Scopes {
		for _, op := range []graph.Op{graph.Create, graph.Update, graph.Refresh} {
			if err := a.each(ctx, sp, op, ahead.Of(ctx, sp.Writes(ctx, op, batchSize))); err != nil {
				return err
			}
		}
	}
	for _, sp := range slices.Backward(p.Scopes) { // relationships lie after entities
		if err := a.retire(ctx, sp); err != nil {
			return err
		}
		if err := a.each(ctx, sp, graph.Delete, withoutError(sp.Deletes(batchSize))); err != nil {
			return err
		}
	}
	return nil
}

// An applier counts what the store did of one plan.
type applier struct {
	*run
	done, total int
	at          time.Time
}

func (a *applier) each(ctx context.Context, sp *differ.ScopePlan, op graph.Op, batches iter.Seq2[[]*graph.Element, error]) error {
	for elements, err := range batches {
		if ctx.Err() != nil {
			return fmt.Errorf("stopped after %d of %d operations: %w", a.done, a.total, context.Cause(ctx))
		}
		if err != nil {
			return err
		}
		if err := a.batch(ctx, sp, op, elements); err != nil {
			return fmt.Errorf("%s %s: %w", op, sp.Scope, err)
		}
	}
	return nil
}

func (a *applier) batch(ctx context.Context, sp *differ.ScopePlan, op graph.Op, elements []*graph.Element) error {
	ctx, cancel := patient(ctx)
	defer cancel()
	applied, err := a.Store.Apply(ctx, graph.Batch{
		Op: op, Type: sp.Type, Instance: sp.Instance, Elements: elements, At: a.at, Lease: a.leases.of(sp.Instance),
		Fresh: op == graph.Create && sp.Population == 0,
	})
	a.reportApplied(sp, op, applied)
	if err != nil {
		return err
	}
	a.done += len(elements)
	a.Observer.Progress("apply", a.done, a.total)
	return nil
}

// patient returns a context that outlives ctx by graceTime, so that what is in hand can be finished.
func patient(ctx context.Context) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(graceTime, cancel) })
	return longer, func() { stop(); cancel() }
}

func withoutError[T any](seq iter.Seq[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for v := range seq {
			if !yield(v, nil) {
				return
			}
		}
	}
}
