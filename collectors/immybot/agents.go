package immybot

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/url"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rawjson"
)

const routeAgents = "/provider-agents/pending"

// agents is what is known of the agents of other products after the provider-agents step.
type agents struct {
	index  *agentIndex
	single bool  // the instance has no list of agents: they are read computer by computer
	err    error // why index lacks some; nil when it has all
}

var errAgentsUnread = errors.New("the provider agents were not read")

// agentList is the list of identified agents. It can be sorted by dateAdded alone as far as is known
// (docs/providers/immybot-api.md, "Agents of other products"); agents that were added at the same moment may
// change places, which rows notices.
func agentList() offsetList {
	return offsetList{
		route: routeAgents,
		query: func() url.Values {
			return url.Values{
				"agentFilter": {"3"}, "sort": {"dateAdded"}, "sortDesc": {"false"}, "includeOffline": {"true"},
			}
		},
		decode: func(page []byte, beside *rawjson.Beside) ([]collectors.Record, error) {
			return agentPage(page, beside, "results")
		},
	}
}

// agentRecords yields the identified agents, named after the links, and leaves them in found for the computers. Those
// of deleted computers are left out.
func (c *Collector) agentRecords(
	ctx context.Context, m *collectors.Meter, known *links, found *agents,
) iter.Seq2[collectors.Record, error] {
	return func(yield func(collectors.Record, error) bool) {
		*found = agents{index: newAgentIndex(), err: errAgentsUnread}
		var broken error
		first := true
		for r, err := range c.rows(ctx, m, agentList()) {
			if first && unknownRoute(err) { // later, it is an instance that restarts
				found.single, found.err = true, nil
				m.Warn("the instance has no list of provider agents: they are read computer by computer")
				return
			}
			if err != nil {
				found.err = advise(err)
				yield(r, fmt.Errorf("read provider-agents: %w", found.err))
				return
			}
			first = false
			agent, ok := r.Value.(*ProviderAgent)
			if ok && agent.IsComputerDeleted.B {
				continue
			}
			if ok {
				known.name(agent)
				found.index.add(agent)
			} else {
				broken = fmt.Errorf("an agent was left out: %w", r.Err)
			}
			if !yield(r, nil) {
				return
			}
		}
		found.err = broken
	}
}

// name sets the product of an agent, and the id and name of its link where they are missing.
func (l *links) name(a *ProviderAgent) {
	link := l.of(a)
	if link == nil {
		a.Product = string(a.ProviderLinkName)
		return
	}
	a.ProviderLinkID, a.ProviderLinkName, a.Product = link.ID, link.Name, link.Product
}

// countAgents returns -1 where the instance has no list of agents.
func (c *Collector) countAgents(ctx context.Context) (int, error) {
	n, err := c.count(ctx, agentList())
	if unknownRoute(err) {
		return -1, nil
	}
	if err != nil {
		return 0, fmt.Errorf("count provider-agents: %w", advise(err))
	}
	return n, nil
}
