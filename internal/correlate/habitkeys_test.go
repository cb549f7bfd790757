package correlate

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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

// TestHabitKeys takes one record of each machine away, runs on top of the result before, and brings it back: a machine
// that was one stays one, what was apart stays apart, and keys stay.
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

// An agent that two copies share is with the one that was seen last: it moves, and neither copy's key is merged or
// split.
func TestAgentOfTwoCopiesMoves(t *testing.T) {
	two := []string{
		"d1 " + vmSerial + " name=one mac=" + vm1, "c1 " + vmSerial + " name=one", "d2 " + vmSerial + " name=two mac=" + vm2, "c2 " + vmSerial + " name=two",
	}
	agents := []string{"a1 " + vmSerial + " uuid=" + uuid1 + " name=one mac=" + vm1, "a1 " + vmSerial + " uuid=" + uuid1 + " name=two mac=" + vm2}
	var before *result
	for n := range 4 {
		b := newBuilder()
		b.customers(t)
		b.fill(t, with(two, agents[n%2]))
		r := b.run(t, before, nil)
		if f := r.findings; n > 0 {
			require.Equal(t, []int{0, 0, 1}, []int{f.Merged, f.Split, f.Moved})
			require.Equal(t, []Move{{Type: "device", Record: keyOf("a1"), From: before.of[keyOf("a1")], To: r.of[keyOf("a1")], Copies: true}}, f.Moves)
		}
		before = r
	}
}

// What other rules or overrides made is no evidence: what they kept apart may be one machine, and what they joined may
// be two.
func TestJudgedAnew(t *testing.T) {
	run := func(before *result, anew bool, o *Overrides, records ...string) *result {
		b := newBuilder()
		b.customers(t)
		b.fill(t, records)
		c := New(Options{Model: testModel(), Overrides: o})
		if anew {
			c.JudgeAnew()
		}
		return b.runWith(t, c, before, nil)
	}
	records := []string{"a1 name=one", "d1 name=one"}
	different := &Overrides{Different: [][]string{{"sentinelone_agent/1", "ninjarmm_device/1"}}}
	apart := run(nil, false, different, records...)
	require.Equal(t, "a1 | d1", apart.clusters())
	require.Equal(t, "a1 | d1", run(apart, false, nil, records...).clusters(), "a name alone does not outweigh that they were two")
	require.Equal(t, "a1 d1", run(apart, true, nil, records...).clusters())

	records = []string{"a1 name=one serial=SHOP-0001", "d1 name=two serial=SHOP-0001"}
	junk := &Overrides{JunkSerials: []string{"SHOP-0001"}}
	one := run(nil, false, nil, records...)
	require.Equal(t, "a1 d1", one.clusters())
	require.Equal(t, "a1 d1", run(one, false, junk, records...).clusters())
	anew := run(one, true, junk, records...)
	require.Equal(t, "a1 | d1", anew.clusters())
	require.Contains(t, []string{string(anew.of[keyOf("a1")]), string(anew.of[keyOf("d1")])}, string(one.of[keyOf("a1")]), "keys go on")
	require.NotEqual(t, RulesDigest(nil), RulesDigest(junk))
	require.Equal(t, RulesDigest(nil), RulesDigest(&Overrides{}))
}
