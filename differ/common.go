package differ

import (
	"context"
	"iter"

	"assetgraph/graph"
)

// mostCommon is how many elements the sample of a scope has at most.
const mostCommon = 400

// A sample holds every n-th of the elements of a scope that the graph holds and that were read. n grows with their
// number, so that the sample is spread over all of them and stays small.
type sample struct {
	entries      []entry
	stride, seen int
}

func (s *sample) add(e entry) {
	s.stride = max(s.stride, 1)
	if s.seen++; (s.seen-1)%s.stride != 0 {
		return
	}
	if len(s.entries) == mostCommon {
		for i := range mostCommon / 2 {
			s.entries[i] = s.entries[2*i]
		}
		s.entries = s.entries[:mostCommon/2]
		if s.stride *= 2; (s.seen-1)%s.stride != 0 {
			return
		}
	}
	s.entries = append(s.entries, e)
}

// A Pair is one element as the graph holds it and as it was read.
type Pair struct{ Stored, Read *graph.Element }

// Common yields elements that the graph holds and that were read: a few hundred, spread over the scope. A pair is valid
// until the next one is yielded.
func (s *ScopePlan) Common(ctx context.Context, r Reader) iter.Seq2[Pair, error] {
	return func(yield func(Pair, error) bool) {
		if len(s.common.entries) == 0 {
			return
		}
		keys, at := make([]graph.Key, len(s.common.entries)), make(map[graph.Key]entry, len(s.common.entries))
		for i, e := range s.common.entries {
			keys[i], at[e.Key] = e.Key, e
		}
		read, buf := &graph.Element{}, []byte(nil)
		for stored, err := range r.Elements(ctx, graph.Selection{Type: s.Type, Instance: s.Instance, Keys: keys}) {
			if err == nil {
				e := at[stored.Key]
				buf, err = s.spool.read(e.offset, e.length, read, buf)
			}
			if !yield(Pair{Stored: stored.Element, Read: read}, err) || err != nil {
				return
			}
		}
	}
}
