package sentinelone

import (
	"context"
	"fmt"

	"assetgraph/collectors"
)

const agentCountRoute = "/agents/count"

// agentList asks for decommissioned and uninstalled agents explicitly: the console leaves them out of a list without
// these filters (docs/providers/sentinelone-api.md, "Decommissioned agents"), and what is left out would look deleted.
// /agents/count with the same filters is asked just before the first page. What is added later comes at the end of the
// walk, so fewer distinct agents than that mean that the walk missed some or that some were deleted meanwhile, which
// the next run settles.
func (c *Collector) agentList() list {
	l := c.list("agents", KindAgent, "Endpoints.view", pageLimit)
	l.filters.Set("isDecommissioned", "true,false")
	l.filters.Set("isUninstalled", "true,false")
	l.total = func(ctx context.Context, m *collectors.Meter, l list) int {
		n, err := c.agentCount(ctx, l)
		if err != nil && ctx.Err() == nil {
			m.Warn(fmt.Sprintf("the number of agents could not be checked against %s: %v", agentCountRoute, err))
		}
		return n
	}
	return l
}

func (c *Collector) countAgents(ctx context.Context) (int, error) {
	return c.countChosen(ctx, c.agentList(), func(ctx context.Context, l list) (int, error) {
		n, err := c.agentCount(ctx, l)
		if err != nil {
			return n, c.refused(ctx, l, err)
		}
		return n, nil
	})
}

// agentCount asks for the number of agents under the filters of l, -1 when the console does not say.
func (c *Collector) agentCount(ctx context.Context, l list) (int, error) {
	body, err := c.get(ctx, agentCountRoute, l.filters)
	if err != nil {
		return -1, err
	}
	return number(agentCountRoute, body, "data", "total")
}
