package executor_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/internal/executor"
)

// What a run does to more than 10,000 elements of a type is told by their number, what it does to so many one by one;
// other types in the same run are told as ever.
func TestVeryManyChangesAreToldByTheirNumber(t *testing.T) {
	const most = 10_000
	b := newBench(t)
	for i := range most - len(b.agents) + 1 {
		b.agents = append(b.agents, agent{id: fmt.Sprint("more-", i), site: "s2", hostname: "new"})
	}
	told := func() map[string]int {
		o := b.options()
		o.Changes = time.Hour
		r, err := executor.Run(t.Context(), o)
		require.NoError(t, err)
		out := map[string]int{}
		for c, err := range b.store.Changes(t.Context(), graph.ChangeSelection{}) {
			require.NoError(t, err)
			switch {
			case c.Run != r.Run.ID:
			case c.Key == "":
				out[fmt.Sprintf("%s %s at once, load %t", c.Op, c.Type, c.Load)] += c.Count
			default:
				out[fmt.Sprintf("%s %s", c.Op, c.Type)]++
			}
		}
		return out
	}
	const load = " at once, load true"
	require.Equal(t, map[string]int{
		"create test_site" + load: 2, "create test_agent" + load: most + 1, "create test_site_has_agent" + load: most + 1,
		"create assetgraph_integration" + load: 1,
	}, told())
	for i := range b.agents {
		b.agents[i].hostname += "-renamed"
	}
	b.sites = append(b.sites, "s3")
	require.Equal(t, map[string]int{"update test_agent at once, load false": most + 1, "create test_site": 1}, told())
	for i := range most {
		b.agents[i].hostname += "-again"
	}
	require.Equal(t, map[string]int{"update test_agent": most}, told())
}
