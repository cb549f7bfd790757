package differ

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"assetgraph/graph"
)

// A part is those elements of a sealed scope that were looked at: what was read of it, and what the graph holds under
// these keys.
type part struct {
	desired Desired
	keys    []graph.Key // ascending, each once
	whole   graph.Seal  // of the scope as the graph has it
	found   graph.Seal  // what headers has yielded
}

// only narrows the merger to the keys of a Desired scope, and those that were read.
func (m *merger) only(d Desired) error {
	if m.Sealed == nil {
		return fmt.Errorf("differ: a part of %s, which is not sealed", d.scope())
	}
	seal, ok := m.Sealed(d.scope())
	if !ok {
		return fmt.Errorf("differ: a part of %s, which is not sealed", d.scope())
	}
	keys := slices.Clone(d.Keys)
	for i := range m.list.len() {
		keys = append(keys, m.list.key(i))
	}
	slices.Sort(keys)
	m.part = &part{desired: d, keys: slices.Compact(keys), whole: seal}
	return nil
}

// manyOf is the part of a scope from which on reading the headers of all is cheaper than looking for single elements.
const manyOf = 20

// headers yields the headers that the graph has under the keys.
func (p *part) headers(ctx context.Context, r Reader) iter.Seq2[graph.Header, error] {
	return func(yield func(graph.Header, error) bool) {
		if len(p.keys) == 0 {
			return
		}
		for h, err := range p.candidates(ctx, r) {
			if err == nil {
				if _, ok := slices.BinarySearch(p.keys, h.Key); !ok {
					continue
				}
				p.found.Sum.Add(h)
				p.found.Count++
			}
			if !yield(h, err) || err != nil {
				return
			}
		}
	}
}

// candidates yields headers of the scope, those under the keys among them.
func (p *part) candidates(ctx context.Context, r Reader) iter.Seq2[graph.Header, error] {
	if len(p.keys) > p.whole.Count/manyOf {
		return r.Headers(ctx, p.desired.Type, p.desired.Instance)
	}
	return func(yield func(graph.Header, error) bool) {
		selection := graph.Selection{Type: p.desired.Type, Instance: p.desired.Instance, Keys: p.keys}
		for e, err := range r.Elements(ctx, selection) {
			var h graph.Header
			if err == nil {
				h = e.Header()
			}
			if !yield(h, err) || err != nil {
				return
			}
		}
	}
}

// addRest adds to a plan what was not looked at.
func (p *part) addRest(sp *ScopePlan) {
	rest := p.whole.Count - p.found.Count
	sp.Population += rest
	sp.Read += rest
	sp.Counts.Unchanged += rest
	sp.will.Sum = sp.will.Sum.Plus(p.whole.Sum).Minus(p.found.Sum)
	sp.will.Count += rest
}
