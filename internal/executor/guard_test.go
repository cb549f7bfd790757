package executor_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
	"assetgraph/internal/executor"
)

func TestWhatIsGoneIsProvedByItsSiblings(t *testing.T) {
	b := newBench(t)
	b.agents[7].site = "s2"
	b.agents[9].site = "s2"
	b.run(t)
	b.agents = append(b.agents[:9], b.agents[10:]...)
	require.Equal(t, 2, b.run(t).Totals.Deleted)
	require.Equal(t, []string{"9"}, b.asked)
	require.Equal(t, []string{"7"}, b.known, "the other agent of the site")
}

func TestNothingIsGoneWhenNothingThatWasReadWasKnown(t *testing.T) {
	b := newBench(t)
	b.agents = b.agents[:2]
	b.run(t)
	b.agents = []agent{{id: "7", site: "s1"}}
	r := b.run(t)
	require.Equal(t, executor.StatusWithheld, r.Run.Status)
	require.Equal(t, 2, r.Entities["test_agent"].Withheld)
	require.Nil(t, b.asked)
	b.approve(t, r)
	require.Equal(t, 1, b.population(t, "a", "test_agent"))
}

func TestProviderThatDoesNotFindWhatItShowsProvesNothing(t *testing.T) {
	b := newBench(t)
	b.run(t)
	b.agents = b.agents[:28]
	b.fault["alive"] = fmt.Errorf("ask for agents by id: %w", collectors.ErrUnknown)
	r := b.run(t)
	require.Equal(t, 2, r.Entities["test_agent"].Withheld)
	b.approve(t, r)
	require.Equal(t, 28, b.population(t, "a", "test_agent"))
}

// With other credentials what nothing else leads to is not taken for gone, until somebody approves or the credentials
// are those of before.
func TestOtherCredentialsMaySeeLess(t *testing.T) {
	b := newBench(t)
	b.sites, b.reader = []string{"s1", "s2", "s3"}, "first"
	b.run(t)
	b.reader, b.agents = "second", b.agents[:29]
	require.Equal(t, 1, b.run(t).Entities["test_agent"].Deleted, "they see every site, so all agents")
	b.reader, b.sites, b.agents = "third", []string{"s1", "s2"}, b.agents[:28]
	for range 2 {
		r := b.run(t)
		require.Equal(t, executor.Counts{Unchanged: 2, Withheld: 1}, r.Entities["test_site"])
		require.Equal(t, executor.Counts{Unchanged: 28, Withheld: 1}, r.Entities["test_agent"])
	}
	b.approve(t, b.run(t))
	require.Equal(t, 2, b.population(t, "a", "test_site"))
	b.sites = []string{"s1"}
	require.Equal(t, 1, b.run(t).Entities["test_site"].Deleted, "the credentials are known now")
}

// approve lets everything go that was withheld, by the ids that the report gives, and requires that nothing is left.
func (b *bench) approve(t *testing.T, r *executor.Report) {
	t.Helper()
	o := b.options()
	require.NotEmpty(t, r.Withheld)
	for _, w := range r.Withheld {
		require.NotEmpty(t, w.Approval, "%+v", w)
		o.Guard.Approve = append(o.Guard.Approve, w.Approval)
	}
	r, err := executor.Run(t.Context(), o)
	require.NoError(t, err)
	require.Equal(t, executor.StatusComplete, r.Run.Status, "%+v", r.Withheld)
}

func TestOfVeryManyASampleIsAskedFor(t *testing.T) {
	b := newBench(t)
	for i := 30; i < 1000; i++ {
		b.agents = append(b.agents, agent{id: fmt.Sprint(i), site: "s1"})
	}
	b.run(t)
	b.agents = b.agents[:500]
	o := b.options()
	o.Guard.MaxPercent = 60
	b.alive = []string{"999"}
	r, err := executor.Run(t.Context(), o)
	require.NoError(t, err)
	require.Len(t, b.asked, 300)
	require.Equal(t, 500, r.Entities["test_agent"].Withheld, "the list lacked what the provider has")
	b.alive = nil
	r, err = executor.Run(t.Context(), o)
	require.NoError(t, err)
	require.Equal(t, 500, r.Entities["test_agent"].Deleted)
}
