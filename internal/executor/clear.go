package executor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"assetgraph/graph"
	"assetgraph/internal/correlate"
	"assetgraph/internal/findings"
	"assetgraph/internal/trend"
)

// A Clearance is what the program owns in a graph of some instances, and what is derived from them.
type Clearance struct {
	Scopes []graph.ScopeCount // relationships first
	Kept   []graph.Key        // entities that stay, because relationships of others hang on them

	// Run is under which name the change log is told how many elements were deleted; "" tells it nothing.
	Run string

	store  graph.Store
	types  map[graph.Scope]*graph.Type
	named  []string  // instances, nil for all
	at     time.Time // of every delete
	leases map[string]graph.Lease
}

// FindClearance finds out what is to be deleted of the named instances, of all when none is named or one is "". What
// was derived from the records of an instance loses its relationships to them, and is brought up to date by the next
// run. It changes nothing.
func FindClearance(
	ctx context.Context, store graph.Store, schema *graph.Schema, instances ...string,
) (*Clearance, error) {
	populations, err := store.Counts(ctx)
	if err != nil {
		return nil, err
	}
	if slices.Contains(instances, "") {
		instances = nil
	}
	c := &Clearance{
		store: store, types: make(map[graph.Scope]*graph.Type), leases: make(map[string]graph.Lease), named: instances,
	}
	for _, relationships := range []bool{true, false} {
		for _, p := range slices.Backward(populations) {
			t := schema.Type(p.Type)
			derived := relationships && p.Instance == correlate.Integration
			if t == nil || t.IsRelationship() != relationships || !c.clears(p.Instance) && !derived {
				continue
			}
			n, pinned, err := c.count(ctx, t, p.Instance)
			if err != nil {
				return nil, fmt.Errorf("count %s: %w", p.Scope, err)
			}
			c.Kept = append(c.Kept, pinned...)
			if n > 0 {
				c.types[p.Scope] = t
				c.Scopes = append(c.Scopes, graph.ScopeCount{Scope: p.Scope, Count: n - len(pinned)})
			}
		}
	}
	return c, nil
}

func (c *Clearance) clears(instance string) bool {
	return len(c.named) == 0 || slices.Contains(c.named, instance)
}

// Carry deletes what was found, and with it what the change log has of the instances; of all instances the findings and
// figures as well. It returns how many elements of each scope it deleted, and the entities that stay because
// relationships of others hang on them. A *graph.HeldError means that a run is under way and nothing was deleted of that
// instance.
func (c *Clearance) Carry(ctx context.Context) (deleted []graph.ScopeCount, kept []graph.Key, err error) {
	defer func() {
		for _, l := range c.leases {
			_ = c.store.Release(context.WithoutCancel(ctx), l) // it runs out by itself
		}
	}()
	c.at = time.Now()
	for _, p := range c.Scopes {
		n, stay, err := c.delete(ctx, c.types[p.Scope], p.Instance)
		if n > 0 {
			deleted = append(deleted, graph.ScopeCount{Scope: p.Scope, Count: n})
		}
		kept = append(kept, stay...)
		if err != nil {
			return deleted, kept, fmt.Errorf("delete %s: %w", p.Scope, err)
		}
	}
	return deleted, kept, c.forget(ctx)
}

// forget takes the instances out of the change log, up to what was just deleted, and with all of them findings and figures.
func (c *Clearance) forget(ctx context.Context) error {
	if len(c.named) == 0 {
		if err := c.store.ForgetChanges(ctx, "", c.at); err != nil {
			return err
		}
		return errors.Join(findings.Forget(ctx, c.store), trend.Forget(ctx, c.store))
	}
	for _, instance := range c.named {
		if err := c.store.ForgetChanges(ctx, instance, c.at); err != nil {
			return err
		}
	}
	return nil
}

func (c *Clearance) lease(ctx context.Context, instance string) (graph.Lease, error) {
	if l, ok := c.leases[instance]; ok {
		return l, c.store.Renew(ctx, l, 2*time.Minute)
	}
	l, err := acquire(ctx, c.store, instance, holderName("clear"), 2*time.Minute)
	if err == nil {
		c.leases[instance] = l
	}
	return l, err
}

// elements returns what is to go of one scope: everything, or of what is derived from several instances the
// relationships that lead to or from entities of those that are cleared.
func (c *Clearance) elements(
	ctx context.Context, t *graph.Type, instance string,
) (elements []*graph.Element, err error) {
	for h, err := range c.store.Headers(ctx, t, instance) {
		if err != nil {
			return nil, err
		}
		from, to := h.Key.Ends()
		if c.clears(instance) || c.clears(from.Scope().Instance) || c.clears(to.Scope().Instance) {
			elements = append(elements, &graph.Element{Type: t, Instance: instance, Key: h.Key, From: from, To: to})
		}
	}
	return elements, nil
}

// count returns how many elements of a scope are to go, and those of them that will stay.
func (c *Clearance) count(ctx context.Context, t *graph.Type, instance string) (n int, pinned []graph.Key, err error) {
	elements, err := c.elements(ctx, t, instance)
	p, ok := c.store.(graph.SoftDeleter)
	if err != nil || !ok || t.IsRelationship() {
		return len(elements), nil, err
	}
	keys := make([]graph.Key, len(elements))
	for i, e := range elements {
		keys[i] = e.Key
	}
	pinned, err = p.PinnedByOthers(ctx, t, keys)
	return len(elements), pinned, err
}

func (c *Clearance) delete(ctx context.Context, t *graph.Type, instance string) (n int, kept []graph.Key, err error) {
	elements, err := c.elements(ctx, t, instance)
	if err != nil {
		return 0, nil, err
	}
	for batch := range slices.Chunk(elements, batchSize) {
		l, err := c.lease(ctx, instance)
		if err != nil {
			return n, kept, err
		}
		a, err := c.store.Apply(ctx,
			graph.Batch{
				Op: graph.Delete, Type: t, Instance: instance, Elements: batch, At: c.at, Lease: l,
				Log: graph.Log{Run: c.Run, Sum: true},
			})
		n += a.Written
		kept = append(kept, a.Kept...)
		if err != nil {
			return n, kept, err
		}
	}
	return n, kept, nil
}
