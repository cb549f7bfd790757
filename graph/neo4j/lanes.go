package neo4j

import (
	"hash/maphash"

	"assetgraph/graph"
)

// writers is how many transactions a batch sends side by side.
const writers = 2

// laneRows is the least number of rows for which a second writer pays.
const laneRows = 100

// lanes splits the elements of the batch among the writers.
//
// Writing a relationship locks both of its nodes, so relationships that share a node must go to one writer: the node that many
// share, on whichever side it is (a group has many agents, many devices are of one organization). Splitting by the side
// with fewer nodes puts those together; the nodes on the other side have few relationships of the type and rarely meet.
func (a *applier) lanes() [][]*graph.Element {
	elements := a.batch.Elements
	switch {
	case len(elements) == 0:
		return nil
	case len(elements) < 2*laneRows:
		return [][]*graph.Element{elements}
	case !a.batch.Type.IsRelationship():
		half := len(elements) / 2
		return [][]*graph.Element{elements[:half], elements[half:]}
	}
	shared := func(e *graph.Element) graph.Key { return e.From }
	if distinct(elements, func(e *graph.Element) graph.Key { return e.To }) < distinct(elements, shared) {
		shared = func(e *graph.Element) graph.Key { return e.To }
	}
	out := make([][]*graph.Element, writers)
	seed := maphash.MakeSeed()
	for _, e := range elements {
		lane := maphash.String(seed, string(shared(e))) % writers
		out[lane] = append(out[lane], e)
	}
	return out
}

func distinct(elements []*graph.Element, key func(*graph.Element) graph.Key) int {
	seen := make(map[graph.Key]struct{}, len(elements))
	for _, e := range elements {
		seen[key(e)] = struct{}{}
	}
	return len(seen)
}
