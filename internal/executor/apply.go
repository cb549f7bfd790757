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

// An applier carries out a plan.
type applier struct {
	store    graph.Store
	locks    *locks
	log      chronicle
	observer Observer
	at       time.Time // of every write
	total    int       // operations of the plan
	done     int       // of these

	unsure map[graph.Scope]bool // scopes of which not all was done that was planned

	// applied is handed what the store did of each batch.
	applied func(*differ.ScopePlan, graph.Op, graph.Applied)
}

func newApplier(
	o *Options, locks *locks, log chronicle, applied func(*differ.ScopePlan, graph.Op, graph.Applied),
) *applier {
	return &applier{
		store: o.Store, locks: locks, log: log, observer: o.Observer, at: o.Now().UTC(),
		unsure: make(map[graph.Scope]bool), applied: applied,
	}
}

// apply carries out the plan: creates, updates and refreshes of entities, then of relationships; then deletes, of
// relationships first. Indexes that the store left out are built in between: deletes ask for them. It looks at the
// context between batches.
func (a *applier) apply(ctx context.Context, p *differ.Plan) error {
	a.total = p.Writes()
	a.observer.Progress("apply", 0, a.total)
	for _, sp := range p.Scopes {
		for _, op := range []graph.Op{graph.Create, graph.Update, graph.Refresh} {
			if err := a.each(ctx, sp, op, ahead.Of(ctx, sp.Writes(ctx, op, batchSize))); err != nil {
				return err
			}
		}
	}
	if err := a.buildIndexes(ctx); err != nil {
		return err
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

func (a *applier) each(
	ctx context.Context, sp *differ.ScopePlan, op graph.Op, batches iter.Seq2[[]*graph.Element, error],
) error {
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
	applied, err := a.store.Apply(ctx, graph.Batch{
		Op: op, Type: sp.Type, Instance: sp.Instance, Elements: elements, At: a.at, Lease: a.locks.of(sp.Instance),
		Fresh: op == graph.Create && sp.Population == 0, Log: a.log.of(sp, op),
	})
	a.applied(sp, op, applied)
	if len(applied.Missing)+len(applied.Kept) > 0 {
		a.unsure[sp.Scope] = true
	}
	if err != nil {
		return err
	}
	a.done += len(elements)
	a.observer.Progress("apply", a.done, a.total)
	return nil
}

// buildIndexes has the store build what it left out while everything was created.
func (a *applier) buildIndexes(ctx context.Context) error {
	indexer, ok := a.store.(graph.Indexer)
	if !ok {
		return nil
	}
	ctx, cancel := patient(ctx)
	defer cancel()
	return indexer.BuildIndexes(ctx)
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
