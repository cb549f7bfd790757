package differ

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"assetgraph/graph"
)

// A Desired scope names what a run read and whether that is all there is.
type Desired struct {
	Type     *graph.Type
	Instance string
	Complete bool   // false: nothing of the scope is deleted
	Why      string // why it is not complete, for people
}

// A Comparison is what Compare works on.
type Comparison struct {
	Reader graph.Reader
	Spool  *Spool
	Scopes []Desired // in the order in which they are to be written: parents first
	Guard  Guard

	// Confirm is asked about entities of a scope that are about to be deleted, at least one, and returns those that
	// must stay, with the reason. An error withholds them all. nil = nobody is asked.
	Confirm func(ctx context.Context, t *graph.Type, instance string, candidates []graph.Key) (stay map[graph.Key]string, err error)

	// After is a plan that is carried out together with the new one. Relationships of the new one may name its
	// entities. nil = there is none.
	After *Plan

	// Progress is told after each scope how many of them are done. nil = nobody watches.
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
		c.ends = maps.Clone(in.After.ends)
	}
	p := &Plan{ends: c.ends}
	entitiesFirst := slices.Clone(in.Scopes)
	slices.SortStableFunc(entitiesFirst, func(a, b Desired) int {
		return strings.Compare(a.Type.Verb, b.Type.Verb) // "" for entities
	})
	for i, d := range entitiesFirst {
		sp, err := c.scope(ctx, d)
		if err != nil {
			return nil, fmt.Errorf("compare %s: %w", sp.Scope, err)
		}
		p.Scopes = append(p.Scopes, sp)
		if in.Progress != nil {
			in.Progress(i+1, len(in.Scopes))
		}
	}
	return p, c.decide(ctx, p)
}

// A comparison is what the scopes of one plan share.
type comparison struct {
	Comparison
	ends map[graph.Scope]*keySet // of each entity scope: which keys were read, and which the graph holds besides
}

func (c *comparison) scope(ctx context.Context, d Desired) (*ScopePlan, error) {
	sp := &ScopePlan{
		Scope: graph.Scope{Instance: d.Instance, Type: d.Type.Name}, Type: d.Type, Complete: d.Complete,
		Changed: make(map[string]int),
	}
	f, err := c.Spool.scope(d.Type, d.Instance)
	if err != nil {
		return sp, err
	}
	sp.spool, sp.Type = f, f.typ // the one type that all its elements point at
	list, conflicts, err := f.entries()
	if err != nil {
		return sp, err
	}
	sp.Conflicts = conflicts
	if d.Type.IsRelationship() {
		list = c.withoutDangling(sp, list)
	}
	sp.Read = len(list)
	w := newOperationWriter(c.Reader, sp)
	if err := merge(ctx, list, c.Reader.Headers(ctx, d.Type, d.Instance), sp, w); err != nil {
		return sp, err
	}
	if !d.Type.IsRelationship() {
		c.ends[sp.Scope] = newKeySet(list, sp.deletes)
	}
	return sp, w.close(ctx)
}

// merge walks what was read and what the graph holds side by side, both in key order.
func merge(ctx context.Context, list []entry, stored iter.Seq2[graph.Header, error], sp *ScopePlan, w *operationWriter) error {
	next, stop := iter.Pull2(stored)
	defer stop()
	var last graph.Key
	h, err, more := next()
	for i := 0; i < len(list) || more; {
		if err != nil {
			return err
		}
		switch {
		case !more || i < len(list) && list[i].Key < h.Key:
			w.write(graph.Create, list[i])
			i++
			continue
		case i == len(list) || h.Key < list[i].Key:
			sp.deletes = append(sp.deletes, &removal{key: h.Key})
		default:
			w.match(ctx, list[i], h)
			i++
		}
		sp.Population++
		if last = h.Key; w.err != nil {
			return w.err
		}
		if h, err, more = next(); more && err == nil && h.Key <= last {
			return fmt.Errorf("the graph's keys are out of order: %s after %s", h.Key, last)
		}
	}
	return w.err
}

// withoutDangling drops the relationships whose ends will not be in the graph, and notes which stored entities
// the others name.
func (c *comparison) withoutDangling(sp *ScopePlan, list []entry) []entry {
	out := list[:0]
	for _, e := range list {
		a, b := e.Key.Ends()
		switch {
		case !c.ends[a.Scope()].name(a):
			sp.dangle(a)
		case !c.ends[b.Scope()].name(b):
			sp.dangle(b)
		default:
			out = append(out, e)
		}
	}
	return out
}

// Examples of keys that a message holds at most.
const maxExamples = 3

func (s *ScopePlan) dangle(end graph.Key) {
	s.Dangling++
	if len(s.DanglingTo) < maxExamples && !slices.Contains(s.DanglingTo, end) {
		s.DanglingTo = append(s.DanglingTo, end)
	}
}
