package correlate

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"assetgraph/graph"
)

// keyFaults counts what goes wrong when a record of each machine vanishes for one run.
type keyFaults struct {
	split    int // pairs of records that were rightly one machine and are two without the third
	merged   int // pairs of records that were two machines and are one without the third
	moved    int // records that have another key than before while their machine's other records are still there
	returned int // records that have another key than at first after everything is back
}

// without leaves records out.
func (f *fleet) without(gone map[graph.Key]bool) *fleet {
	kept := *f
	kept.elements = slices.DeleteFunc(slices.Clone(f.elements), func(s stored) bool { return gone[s.key] })
	return &kept
}

// TestHabitKeys takes one record of each machine away, runs on top of the result before, and brings it back: a machine that was one stays one, what was
// apart stays apart, and keys stay.
func TestHabitKeys(t *testing.T) {
	for _, seed := range seedsToTry(t) {
		s, f := startHabits(t, seed, habitsToTry(), 150)
		labels, _ := machineLabels(s)
		r := rand.New(rand.NewPCG(seed, 7))
		gone, truth := map[graph.Key]bool{}, map[graph.Key]int{}
		for n, l := range labels {
			for _, key := range l.keys {
				truth[key] = n
			}
			if len(l.keys) > 2 {
				gone[l.keys[r.IntN(len(l.keys))]] = true
			}
		}
		first := f.run(t, nil, nil)
		second := f.without(gone).run(t, first, nil)
		third := f.run(t, second, nil)
		faults := countKeyFaults(first, second, third, truth, gone)
		t.Logf("seed %d, %d of %d records vanished: %+v", seed, len(gone), len(truth), faults)
		assert.Zero(t, faults, "seed %d", seed)
	}
}

func countKeyFaults(first, second, third *result, truth map[graph.Key]int, gone map[graph.Key]bool) (faults keyFaults) {
	together, later := map[graph.Key][]graph.Key{}, map[graph.Key][]graph.Key{}
	for key := range truth {
		if first.of[key] != third.of[key] {
			faults.returned++
		}
		if gone[key] {
			continue
		}
		together[first.of[key]] = append(together[first.of[key]], key)
		later[second.of[key]] = append(later[second.of[key]], key)
		if first.of[key] != second.of[key] {
			faults.moved++
		}
	}
	for _, keys := range together {
		for n, a := range keys {
			for _, b := range keys[:n] {
				if truth[a] == truth[b] && second.of[a] != second.of[b] {
					faults.split++
				}
			}
		}
	}
	for _, keys := range later {
		for n, a := range keys {
			for _, b := range keys[:n] {
				if first.of[a] != first.of[b] {
					faults.merged++
				}
			}
		}
	}
	return faults
}
