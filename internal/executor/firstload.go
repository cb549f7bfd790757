package executor

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"assetgraph/differ"
	"assetgraph/graph"
)

// A firstLoad is a store as a run has left it that found an empty graph and did all that it had planned. All elements and
// links are read from what the run has on disk: it is the same, and reading them back from a server takes four times as
// long (docs/adr/0025-findings.md). What is asked for by key is asked of the store.
type firstLoad struct {
	graph.Store
	at     time.Time                      // of the run's writes
	scopes map[string][]*differ.ScopePlan // by type, in the order of their keys
}

var _ graph.Reader = (*firstLoad)(nil)

// readAtOnce is how many elements are in memory, twice, of each list that is read; several are read side by side.
const readAtOnce = 256

func newFirstLoad(store graph.Store, plan *differ.Plan, at time.Time) *firstLoad {
	f := &firstLoad{Store: store, at: at, scopes: make(map[string][]*differ.ScopePlan)}
	for _, sp := range plan.Scopes {
		if sp.Counts.Create > 0 {
			f.scopes[sp.Type.Name] = append(f.scopes[sp.Type.Name], sp)
		}
	}
	for _, list := range f.scopes {
		slices.SortFunc(list, func(a, b *differ.ScopePlan) int { return cmp.Compare(a.Prefix(), b.Prefix()) })
	}
	return f
}

// Counts implements graph.Reader.
func (f *firstLoad) Counts(context.Context) (counts []graph.ScopeCount, _ error) {
	for _, list := range f.scopes {
		for _, sp := range list {
			counts = append(counts, graph.ScopeCount{Scope: sp.Scope, Count: sp.Counts.Create})
		}
	}
	slices.SortFunc(counts, func(a, b graph.ScopeCount) int {
		return cmp.Or(cmp.Compare(a.Instance, b.Instance), cmp.Compare(a.Type, b.Type))
	})
	return counts, nil
}

// Elements implements graph.Reader.
func (f *firstLoad) Elements(ctx context.Context, selection graph.Selection) iter.Seq2[graph.Stored, error] {
	several := selection.Type.IsRelationship() && len(f.scopes[selection.Type.Name]) > 1 // their keys are mixed
	if selection.Keys != nil || several {
		return f.Store.Elements(ctx, selection)
	}
	return func(yield func(graph.Stored, error) bool) {
		for batch, err := range f.created(ctx, selection.Type.Name, selection.Instance) {
			if err != nil {
				yield(graph.Stored{}, err)
				return
			}
			for _, e := range batch {
				own(e, selection.Properties)
				if !yield(graph.Stored{Element: e, CreatedOn: f.at, UpdatedOn: f.at}, nil) {
					return
				}
			}
		}
	}
}

// created yields what the run created of a type, in the order of keys; of one instance, or of all for "".
func (f *firstLoad) created(ctx context.Context, typ, instance string) iter.Seq2[[]*graph.Element, error] {
	return func(yield func([]*graph.Element, error) bool) {
		for _, sp := range f.scopes[typ] {
			if instance != "" && sp.Instance != instance {
				continue
			}
			for batch, err := range sp.Writes(ctx, graph.Create, readAtOnce) {
				if !yield(batch, err) || err != nil {
					return
				}
			}
		}
	}
}

// Links implements graph.Reader.
func (f *firstLoad) Links(ctx context.Context, selection graph.LinkSelection) iter.Seq2[graph.Link, error] {
	if selection.Around != nil {
		return f.Store.Links(ctx, selection)
	}
	return func(yield func(graph.Link, error) bool) {
		for _, t := range selection.Types {
			for _, sp := range f.scopes[t.Name] {
				links := plainLinks(ctx, sp)
				if selection.Properties != nil {
					links = f.linksWithOrigins(ctx, sp, selection.Properties)
				}
				for l, err := range links {
					if !yield(l, err) || err != nil {
						return
					}
				}
			}
		}
	}
}

// plainLinks yields the links of a scope in the order of their keys.
func plainLinks(ctx context.Context, sp *differ.ScopePlan) iter.Seq2[graph.Link, error] {
	return func(yield func(graph.Link, error) bool) {
		for batch, err := range sp.Writes(ctx, graph.Create, readAtOnce) {
			if err != nil {
				yield(graph.Link{}, err)
				return
			}
			for _, e := range batch {
				if !yield(graph.Link{Type: sp.Type, From: e.From, To: e.To}, nil) {
					return
				}
			}
		}
	}
}

// linksWithOrigins goes through the links of a scope and the entities that they may lead from side by side.
func (f *firstLoad) linksWithOrigins(
	ctx context.Context, sp *differ.ScopePlan, properties []string,
) iter.Seq2[graph.Link, error] {
	return func(yield func(graph.Link, error) bool) {
		next, stop := iter.Pull2(inOrderOfLinks(f.created(ctx, sp.Type.From, "")))
		defer stop()
		var origin *graph.Element
		for l, err := range plainLinks(ctx, sp) {
			for err == nil && (origin == nil || origin.Key != l.From) {
				var more bool
				if origin, err, more = next(); !more {
					err = fmt.Errorf("a link of %s leads from %s, which was not read", sp.Scope, l.From)
				}
				if err == nil {
					own(origin, properties)
				}
			}
			l.Origin = origin
			if !yield(l, err) || err != nil {
				return
			}
		}
	}
}

// own gives the named texts of an element memory of their own: those of an element that was read from disk lie in one
// piece, all of which would be kept by whoever keeps one of them.
func own(e *graph.Element, properties []string) {
	for _, name := range properties {
		switch v := e.Get(name); v.Kind() {
		case graph.Text:
			e.Set(name, graph.TextOf(strings.Clone(v.Text())))
		case graph.Texts:
			list := make([]string, len(v.List()))
			for i, text := range v.List() {
				list[i] = strings.Clone(text)
			}
			e.Set(name, graph.TextsIn(list))
		case graph.Absent, graph.Int, graph.Bool, graph.Time:
		}
	}
}

// inOrderOfLinks yields entities, which come in the order of their keys, in the order of the keys of relationships that
// lead from them. These orders differ where a key begins with another one: 1, 10, 2 become 10, 1, 2, since a mark that
// is greater than most characters follows the key there. An entity is valid until the next one is yielded.
func inOrderOfLinks(batches iter.Seq2[[]*graph.Element, error]) iter.Seq2[*graph.Element, error] {
	return func(yield func(*graph.Element, error) bool) {
		var late lateEntities
		for batch, err := range batches {
			if err != nil {
				yield(nil, err)
				return
			}
			for i, e := range batch {
				if !late.yieldBefore(e.Key, yield) {
					return
				}
				if i+1 < len(batch) && !comesBefore(batch[i+1].Key, e.Key) {
					if !yield(e, nil) {
						return
					}
					continue
				}
				late.add(e)
			}
		}
		late.yieldBefore("", yield)
	}
}

// comesBefore reports whether links from the later of two keys come before those from the earlier one.
func comesBefore(later, earlier graph.Key) bool {
	return strings.HasPrefix(string(later), string(earlier)) &&
		graph.RelationshipKey(later, "", "") < graph.RelationshipKey(earlier, "", "")
}

// lateEntities are held back, since there may be entities of which links come before theirs. Each begins with the one
// before it.
type lateEntities []lateEntity

type lateEntity struct {
	typ *graph.Type
	key graph.Key
	raw []byte // see graph.Element.AppendTo
}

func (l *lateEntities) add(e *graph.Element) {
	*l = append(*l, lateEntity{e.Type, graph.Key(strings.Clone(string(e.Key))), e.AppendTo(nil)})
}

// yieldBefore yields those whose links come before those from a key, all for "". It reports whether the consumer wants
// more.
func (l *lateEntities) yieldBefore(key graph.Key, yield func(*graph.Element, error) bool) bool {
	for len(*l) > 0 {
		last := (*l)[len(*l)-1]
		if key != "" && comesBefore(key, last.key) {
			return true
		}
		*l = (*l)[:len(*l)-1]
		e := &graph.Element{}
		if err := e.Decode(last.typ, last.raw); !yield(e, err) || err != nil {
			return false
		}
	}
	return true
}
