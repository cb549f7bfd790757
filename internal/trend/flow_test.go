package trend

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

// places are all the ways in which a machine can stand with a tool.
func places() (list []place) {
	list = append(list, place{})
	for _, customer := range []graph.Key{"", "a", "b"} {
		list = append(list, place{customer: customer, there: true, excluded: true})
		for _, counts := range []bool{false, true} {
			list = append(list, place{customer: customer, there: true, counts: counts})
			if counts {
				list = append(list, place{customer: customer, there: true, counts: true, has: true})
			}
		}
	}
	return list
}

// Flows of a machine are the difference that it makes to the figures of each customer, whatever became of it.
func TestFlowsAreTheDifference(t *testing.T) {
	met := map[graph.Flow]bool{}
	for _, before := range places() {
		for _, now := range places() {
			for _, merged := range []bool{false, true} {
				if merged && now.there {
					continue // it is there itself
				}
				machines, covered := map[graph.Key]int{}, map[graph.Key]int{}
				count := func(p *place, n int) {
					if p.counted() {
						machines[p.customer] += n
						covered[p.customer] += n * one(p.has)
					}
				}
				count(&now, 1)
				count(&before, -1)
				flow := func(f graph.Flow, customer graph.Key) {
					if f == "" {
						return
					}
					met[f] = true
					comes, has := effect(f)
					machines[customer] -= comes
					covered[customer] -= has
				}
				out, in := flowsOf(before, now, merged)
				flow(out, before.customer)
				flow(in, now.customer)
				for customer := range machines {
					require.Zero(t, machines[customer], "%+v, then %+v: %s %s", before, now, out, in)
					require.Zero(t, covered[customer], "%+v, then %+v: %s %s", before, now, out, in)
				}
			}
		}
	}
	require.Len(t, met, len(graph.FigureFlows()), "each of them was met")
}

// effect is what one machine in a flow changes in the two figures.
func effect(f graph.Flow) (machines, covered int) {
	if f == graph.Gained || f == graph.Lost {
		return 0, one(f == graph.Gained) - one(f == graph.Lost)
	}
	machines = -1
	for _, begin := range []string{"new", "included", "movedIn", "fit"} {
		if strings.HasPrefix(string(f), begin) {
			machines = 1
		}
	}
	return machines, machines * one(strings.HasSuffix(string(f), "With"))
}

func TestWhatBecameOfAMachine(t *testing.T) {
	there := func(change func(*place)) place {
		p := place{customer: "a", there: true, counts: true}
		change(&p)
		return p
	}
	plain, with := there(func(*place) {}), there(func(p *place) { p.has = true })
	for name, c := range map[string]struct {
		before, now place
		merged      bool
		out, in     graph.Flow
	}{
		"the same":                        {before: with, now: with},
		"lost":                            {before: with, now: plain, in: graph.Lost},
		"gained":                          {before: plain, now: with, in: graph.Gained},
		"new":                             {now: plain, in: graph.NewWithout},
		"gone":                            {before: with, out: graph.GoneWith},
		"merged":                          {before: plain, merged: true, out: graph.MergedWithout},
		"left out":                        {before: with, now: there(func(p *place) { p.excluded = true }), out: graph.ExcludedWith},
		"left out and new":                {now: there(func(p *place) { p.excluded = true })},
		"left out no more":                {before: there(func(p *place) { p.excluded = true }), now: with, in: graph.IncludedWith},
		"moved":                           {before: plain, now: there(func(p *place) { p.customer = "b" }), out: graph.MovedOutWithout, in: graph.MovedInWithout},
		"moved and lost":                  {before: with, now: there(func(p *place) { p.customer = "b" }), out: graph.MovedOutWith, in: graph.MovedInWithout},
		"moved and left out":              {before: with, now: there(func(p *place) { p.customer, p.excluded = "b", true }), out: graph.ExcludedWith},
		"the tool can run there now":      {before: there(func(p *place) { p.counts = false }), now: plain, in: graph.FitWithout},
		"and it can't any more":           {before: with, now: there(func(p *place) { p.counts = false }), out: graph.UnfitWith},
		"it could not run there, nor can": {before: there(func(p *place) { p.counts = false }), now: there(func(p *place) { p.counts, p.customer = false, "b" })},
	} {
		out, in := flowsOf(c.before, c.now, c.merged)
		require.Equal(t, [2]graph.Flow{c.out, c.in}, [2]graph.Flow{out, in}, name)
	}
}
