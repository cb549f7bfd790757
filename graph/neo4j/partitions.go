package neo4j

import (
	"cmp"
	"maps"
	"slices"

	"assetgraph/graph"
)

// writers is how many transactions a batch sends side by side.
const writers = 2

// laneRows is the least number of rows for which a second writer pays.
const laneRows = 100

// partitions splits the elements of the batch among the writers, so that each has about as many.
//
// Writing a relationship locks both of its nodes, so relationships that share a node must go to one writer: the node
// that many share, on whichever side it is (a group has many agents, many devices are of one organization). Splitting
// by the side with fewer nodes puts those together; the nodes on the other side have few relationships of the type and
// rarely meet.
func (a *applier) partitions() [][]*graph.Element {
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
	counts := countBy(elements, shared)
	if other := countBy(elements, func(e *graph.Element) graph.Key { return e.To }); len(other) < len(counts) {
		shared, counts = func(e *graph.Element) graph.Key { return e.To }, other
	}
	laneOf := deal(counts)
	out := make([][]*graph.Element, writers)
	for _, e := range elements {
		partition := laneOf[shared(e)]
		out[partition] = append(out[partition], e)
	}
	return out
}

func countBy(elements []*graph.Element, key func(*graph.Element) graph.Key) map[graph.Key]int {
	counts := make(map[graph.Key]int)
	for _, e := range elements {
		counts[key(e)]++
	}
	return counts
}

// deal gives each node a writer: those with the most relationships first, to whoever has least to do. It replaces the
// counts.
func deal(counts map[graph.Key]int) map[graph.Key]int {
	nodes := slices.SortedFunc(maps.Keys(counts), func(a, b graph.Key) int { return cmp.Compare(counts[b], counts[a]) })
	var load [writers]int
	for _, node := range nodes {
		partition := 0
		for l := range load {
			if load[l] < load[partition] {
				partition = l
			}
		}
		load[partition] += counts[node]
		counts[node] = partition
	}
	return counts
}
