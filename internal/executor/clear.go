package executor

import (
	"context"
	"fmt"
	"slices"
	"time"

	"assetgraph/converters/correlate"
	"assetgraph/graph"
)

// Clear deletes what the program owns in the graph, relationships first: of one instance, or of all when instance is "". What
// was derived from the records of one instance loses its relationships to them, and is brought up to date by the next run.
// It returns how many elements of each scope it deleted, and the entities that stay because relationships of others hang on
// them. A *graph.HeldError means that a run is under way and nothing was deleted of that instance.
func Clear(ctx context.Context, store graph.Store, schema *graph.Schema, instance string) (deleted []graph.Population, kept []graph.Key, err error) {
	populations, err := store.Populations(ctx)
	if err != nil {
		return nil, nil, err
	}
	c := &clearing{store: store, leases: make(map[string]graph.Lease)}
	defer func() {
		for _, l := range c.leases {
			_ = store.Release(context.WithoutCancel(ctx), l) // it runs out by itself
		}
	}()
	for _, relationships := range []bool{true, false} {
		for _, p := range slices.Backward(populations) {
			t := schema.Type(p.Type)
			derived := relationships && p.Instance == correlate.Integration
			if t == nil || t.IsRelationship() != relationships || instance != "" && p.Instance != instance && !derived {
				continue
			}
			n, stay, err := c.scope(ctx, t, p.Instance, instance)
			if n > 0 {
				deleted = append(deleted, graph.Population{Scope: p.Scope, Count: n})
			}
			kept = append(kept, stay...)
			if err != nil {
				return deleted, kept, fmt.Errorf("delete %s: %w", p.Scope, err)
			}
		}
	}
	return deleted, kept, nil
}

type clearing struct {
	store  graph.Store
	leases map[string]graph.Lease
}

func (c *clearing) lease(ctx context.Context, instance string) (graph.Lease, error) {
	if l, ok := c.leases[instance]; ok {
		return l, c.store.Renew(ctx, l, 2*time.Minute)
	}
	l, err := acquire(ctx, c.store, instance, holderName("clear"), 2*time.Minute)
	if err == nil {
		c.leases[instance] = l
	}
	return l, err
}

// scope deletes what the instance owner has of one type: everything, or of what is derived the relationships that lead to or
// from entities of the instance that is cleared.
func (c *clearing) scope(ctx context.Context, t *graph.Type, instance, cleared string) (n int, kept []graph.Key, err error) {
	var elements []*graph.Element
	for h, err := range c.store.Headers(ctx, t, instance) {
		if err != nil {
			return 0, nil, err
		}
		from, to := h.Key.Ends()
		if cleared != "" && instance != cleared && from.Scope().Instance != cleared && to.Scope().Instance != cleared {
			continue
		}
		elements = append(elements, &graph.Element{Type: t, Instance: instance, Key: h.Key, From: from, To: to})
	}
	for batch := range slices.Chunk(elements, batchSize) {
		l, err := c.lease(ctx, instance)
		if err != nil {
			return n, kept, err
		}
		a, err := c.store.Apply(ctx, graph.Batch{Op: graph.Delete, Type: t, Instance: instance, Elements: batch, At: time.Now(), Lease: l})
		n += a.Written
		kept = append(kept, a.Kept...)
		if err != nil {
			return n, kept, err
		}
	}
	return n, kept, nil
}
