package differ

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"assetgraph/graph"
	"assetgraph/internal/panics"
)

// A Desired scope names what a run read and whether that is all there is.
type Desired struct {
	Type     *graph.Type
	Instance string
	Complete bool   // false: nothing of the scope is deleted
	Why      string // why it is not complete, for people
}

func (d *Desired) scope() graph.Scope { return graph.Scope{Instance: d.Instance, Type: d.Type.Name} }

// A Comparison is what Compare works on.
type Comparison struct {
	Reader graph.Reader
	Spool  *Spool
	Scopes []Desired // in the order in which they are to be written: parents first
	Guard  Guard

	// Settle is called once all scopes of entities were compared, and before relationships are: an error ends the
	// comparison as it is. Here an instance that reads another account is refused. nil = not called.
	Settle func(ctx context.Context, entities []*ScopePlan) error

	// Confirm is called with entities that are about to be deleted and returns those that must stay, with the reason.
	// An error withholds them all. nil = not called.
	Confirm func(ctx context.Context, c Candidates) (stay map[graph.Key]Stay, err error)

	// After is a plan that is carried out together with the new one. Relationships of the new one may name its
	// entities. nil = there is none.
	After *Plan

	// Progress is told after each scope how many of them are done, from several goroutines. nil = nobody watches.
	Progress func(done, total int)
}

// Compare makes the plan that turns what the graph holds of the given scopes into what the spool holds of them. It
// reads the headers of every scope, and the elements that are to be updated, to name the properties that change.
//
// Deletes are withheld: all those of a scope that is incomplete, those of entities that Confirm wants to stay or that a
// relationship still names which was read or is itself withheld, and those that the guard keeps back.
func Compare(ctx context.Context, in Comparison) (*Plan, error) {
	c := &comparison{Comparison: in, ends: make(map[graph.Scope]*keySet)}
	if in.After != nil {
		maps.Copy(c.ends, in.After.ends)
	}
	p := &Plan{ends: c.ends}
	entities, relationships := apart(in.Scopes)
	var err error
	if p.Scopes, err = c.scopes(ctx, entities); err != nil {
		return nil, err
	}
	if c.Settle != nil {
		if err := c.Settle(ctx, p.Scopes); err != nil {
			return nil, err
		}
	}
	compared, err := c.scopes(ctx, relationships)
	if err != nil {
		return nil, err
	}
	if c.releaseNamed(p) { // then relationships that were read lead nowhere
		if compared, err = c.scopes(ctx, relationships); err != nil {
			return nil, err
		}
	}
	p.Scopes = append(p.Scopes, compared...)
	return p, c.decide(ctx, p)
}

// apart returns the scopes of entities and those of relationships. Relationships are compared after all entities, since
// it must be known then which ends there are.
func apart(scopes []Desired) (entities, relationships []Desired) {
	for _, d := range scopes {
		if d.Type.IsRelationship() {
			relationships = append(relationships, d)
		} else {
			entities = append(entities, d)
		}
	}
	return entities, relationships
}

// A comparison is what the scopes of one plan share.
type comparison struct {
	Comparison
	done atomic.Int64 // scopes

	mu   sync.Mutex              // of ends, and of what relationships tell of removals
	ends map[graph.Scope]*keySet // of each entity scope: which keys were read, and which the graph holds besides
}

// scopes compares scopes side by side, and returns their plans in the given order.
func (c *comparison) scopes(ctx context.Context, list []Desired) ([]*ScopePlan, error) {
	return sideBySide(ctx, list, func(ctx context.Context, d Desired) (*ScopePlan, error) {
		sp, err := c.scope(ctx, d)
		if n := int(c.done.Add(1)); err == nil && c.Progress != nil && n <= len(c.Scopes) {
			c.Progress(n, len(c.Scopes))
		}
		return sp, err
	})
}

// sideBySide makes the plan of each scope, two of them at a time: a store and the program keep two processors busy, and
// what two scopes need in memory is bounded.
func sideBySide(
	ctx context.Context, list []Desired, f func(context.Context, Desired) (*ScopePlan, error),
) ([]*ScopePlan, error) {
	plans := make([]*ScopePlan, len(list))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(2)
	for i, d := range list {
		group.Go(func() (err error) {
			defer panics.Catch(&err)
			if plans[i], err = f(ctx, d); err != nil {
				err = fmt.Errorf("compare %s: %w", d.scope(), err)
			}
			return err
		})
	}
	return plans, group.Wait()
}

func (c *comparison) scope(ctx context.Context, d Desired) (*ScopePlan, error) {
	f, err := c.Spool.scope(d.Type, d.Instance)
	if err != nil {
		return nil, err
	}
	sp := newScopePlan(d)
	sp.spool, sp.Type = f, f.typ // the one type that all its elements point at
	list, conflicts, err := f.sorted()
	if err != nil {
		return nil, err
	}
	sp.Conflicts = conflicts
	m := &merger{comparison: c, plan: sp, list: list, out: newOperationWriter(c.Reader, sp), kin: family{comparison: c}}
	if err := errors.Join(m.merge(ctx), m.out.close(ctx)); err != nil {
		return nil, err
	}
	if !d.Type.IsRelationship() {
		ends := newKeySet(list, sp.deletes)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.ends[sp.Scope] = ends
	}
	return sp, nil
}
