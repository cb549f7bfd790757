package differ

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"assetgraph/graph"
	"assetgraph/internal/panics"
)

// A Desired scope names what a run read and whether that is all there is.
type Desired struct {
	Type     *graph.Type
	Instance string
	Complete bool   // false: nothing of the scope is deleted
	Why      string // why it is not complete, for people

	// Keys are all that was looked at; everything else of the scope, which must be sealed, is as the graph has it. nil =
	// the whole scope was looked at.
	Keys []graph.Key
}

func (d *Desired) scope() graph.Scope { return graph.Scope{Instance: d.Instance, Type: d.Type.Name} }

// A Reader is what is asked of a graph to compare with it: see graph.Reader.
type Reader interface {
	Headers(ctx context.Context, t *graph.Type, instance string) iter.Seq2[graph.Header, error]
	Elements(ctx context.Context, s graph.Selection) iter.Seq2[graph.Stored, error]
}

// A Comparison is what Compare works on.
type Comparison struct {
	Reader Reader
	Spool  *Spool
	Scopes []Desired // in the order in which they are to be written: parents first
	Guard  Guard

	// Settle is called once all scopes of entities were compared, and before relationships are: an error ends the
	// comparison as it is. Here an instance that reads another account is refused. nil = not called.
	Settle func(ctx context.Context, entities []*ScopePlan) error

	// Confirm is called with entities that are about to be deleted and returns those that must stay, with the reason.
	// An error withholds them all. nil = not called.
	Confirm func(ctx context.Context, c Candidates) (stay map[graph.Key]Stay, err error)

	// Doubt is why no element goes without an approval, however few they are; "" = the guard decides.
	Doubt string

	// After is a plan that is carried out together with the new one. Relationships of the new one may name its
	// entities. nil = there is none.
	After *Plan

	// Sealed returns what the graph holds of a scope, ok false where that is not known. A scope of which just that was
	// read is not read back. nil = everything is read back.
	Sealed func(graph.Scope) (seal graph.Seal, ok bool)

	// Expected returns what the graph should hold of a scope that is read back, ok false where that is not known: see
	// ScopePlan.Drifted. nil = nobody wants to know.
	Expected func(graph.Scope) (seal graph.Seal, ok bool)

	// RefreshAfter is by how much the times of an element must have moved to be written, when nothing else changed. 0 =
	// always.
	RefreshAfter time.Duration

	// Progress is told after each scope how many of them are done, from several goroutines. nil = nobody watches.
	Progress func(done, total int)
}

// Compare makes the plan that turns what the graph holds of the given scopes into what the spool holds of them. It
// reads the headers of every scope of which it does not know that nothing changed, and the elements that are to be
// updated, to name the properties that change.
//
// Deletes are withheld: all those of a scope that is incomplete, those of entities that Confirm wants to stay or that a
// relationship still names which was read or is itself withheld, and those that the guard keeps back.
func Compare(ctx context.Context, in Comparison) (*Plan, error) {
	c := &comparison{Comparison: in, ends: make(map[graph.Scope]*keySet), room: semaphore.NewWeighted(indexRoom)}
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
	for _, k := range c.ends {
		if k.err != nil {
			return nil, k.err
		}
	}
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
	room *semaphore.Weighted

	mu   sync.Mutex              // of ends, and of what relationships tell of removals
	ends map[graph.Scope]*keySet // of each entity scope: which keys were read, and which the graph holds besides
}

// indexRoom is how many bytes of indexes are in memory at a time. A larger one is there alone: of a million machines each
// takes a hundred megabytes, at a time at which a run needs more memory than at any other.
const indexRoom = 128 << 20

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
	if seal, ok := c.sealed(d); ok && f.is(seal) && !c.deletesEnds(d.Type) {
		sp.stand(seal)
		if !d.Type.IsRelationship() {
			c.setEnds(sp.Scope, sealedKeySet(f))
		}
		return sp, nil
	}
	size := min(f.indexBytes(), indexRoom)
	if err := c.room.Acquire(ctx, size); err != nil {
		return nil, err
	}
	defer c.room.Release(size)
	list, conflicts, err := f.sorted()
	if err != nil {
		return nil, err
	}
	sp.Conflicts = conflicts
	m := &merger{
		comparison: c, plan: sp, list: list, out: newOperationWriter(c.Reader, sp, c.RefreshAfter),
		kin: family{comparison: c},
	}
	if d.Keys != nil {
		if err := m.only(d); err != nil {
			return nil, err
		}
	}
	if c.Expected != nil && d.Keys == nil {
		var expected graph.Seal
		expected, m.verify = c.Expected(sp.Scope)
		defer func() { sp.Drifted = m.verify && m.found != expected }()
	}
	if err := errors.Join(m.merge(ctx), m.out.close(ctx)); err != nil {
		return nil, err
	}
	if !d.Type.IsRelationship() {
		ends := newKeySet(list, sp.deletes)
		ends.part = d.Keys != nil
		c.setEnds(sp.Scope, ends)
	}
	return sp, nil
}

func (c *comparison) setEnds(scope graph.Scope, ends *keySet) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ends[scope] = ends
}

// sealed returns what the graph is known to hold of a scope that was looked at whole.
func (c *comparison) sealed(d Desired) (graph.Seal, bool) {
	if c.Sealed == nil || d.Keys != nil {
		return graph.Seal{}, false
	}
	return c.Sealed(d.scope())
}

// deletesEnds reports whether entities that relationships of a type may lead to are to be deleted. What such
// relationships tell of them is needed then: whether they still name them, and who their siblings are.
func (c *comparison) deletesEnds(t *graph.Type) bool {
	if !t.IsRelationship() {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for scope, ends := range c.ends {
		if (scope.Type == t.From || scope.Type == t.To) && len(ends.removed) > 0 {
			return true
		}
	}
	return false
}
