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

// routeComputers is the only list of computers that can be read whole: /computers gives 25 rows and has no second page
// (docs/providers/immybot-api.md, "Computers").
const routeComputers = "/computers/paged"

// groupSize is how many computers' agents are looked up together.
const groupSize = 64

func computerList() offsetList {
	return offsetList{
		route: routeComputers,
		query: func() url.Values { // without the order, rows are lost between pages
			return url.Values{"sort": {"id"}, "sortDesc": {"false"}, "includeOffline": {"true"}}
		},
		decode: computerPage,
	}
}

// binList is the list of the computers in the recycle bin.
func binList() offsetList {
	bin := computerList()
	live := bin.query
	bin.query = func() url.Values {
		q := live()
		q.Set("deletedOnly", "true")
		return q
	}
	return bin
}

// computerRecords yields the computers with the agents and the maintenance that were found, and empties both. When agents are
// missing, it yields all computers and then an *collectors.IncompleteError.
func (c *Collector) computerRecords(
	ctx context.Context, m *collectors.Meter, known *links, found *agents, past *history,
) iter.Seq2[collectors.Record, error] {
	return func(yield func(collectors.Record, error) bool) {
		j := newAgentJoin(c, m, known, found)
		defer func() { *found = agents{} }() // the index is large
		defer past.drop()
		got := 0
		for group, err := range groups(c.narrowed(ctx, m, c.rows(ctx, m, computerList())), groupSize) {
			j.attach(ctx, group)
			for i := range group {
				got++
				c.maintained(&group[i], past)
				if !yield(group[i], nil) {
					return
				}
			}
			if err = errors.Join(err, ctx.Err()); err != nil {
				yield(collectors.Record{}, fmt.Errorf("read computers: %w", advise(err)))
				return
			}
		}
		if err := j.end(); err != nil {
			yield(collectors.Record{}, err)
			return
		}
		if err := c.crossCheck(ctx, m, got); err != nil {
			yield(collectors.Record{}, err)
		}
	}
}

// groups yields the records in groups of at most n, without deleted computers, and the error together with the last of
// them.
func groups(records iter.Seq2[collectors.Record, error], n int) iter.Seq2[[]collectors.Record, error] {
	return func(yield func([]collectors.Record, error) bool) {
		var group []collectors.Record
		for r, err := range records {
			if err != nil {
				yield(group, err)
				return
			}
			if computer, ok := r.Value.(*Computer); ok && computer.deleted() {
				continue
			}
			if group = append(group, r); len(group) == n {
				if !yield(group, nil) {
					return
				}
				group = nil
			}
		}
		if len(group) > 0 {
			yield(group, nil)
		}
	}
}

// readAgents reads the agents of one computer from its own page.
func (c *Collector) readAgents(
	ctx context.Context, m *collectors.Meter, known *links, id rawjson.Int,
) ([]ProviderAgent, error) {
	body, err := c.client.Get(ctx, routeComputer+idText(id), url.Values{
		"includeProviderAgents": {"true"}, "includeSessions": {"false"},
		"includeAdditionalPersons": {"false"}, "includePrimaryPerson": {"false"},
	})
	if err != nil {
		return nil, err
	}
	records, err := agentPage(body, nil, "agents")
	if err != nil {
		return nil, err
	}
	var out []ProviderAgent
	for _, r := range records {
		agent, ok := r.Value.(*ProviderAgent)
		if !ok {
			return nil, r.Err
		}
		m.Saw(r)
		if agent.Serial == "" && agent.Details != nil {
			agent.Serial = agent.Details.SerialNumber
		}
		agent.Details = nil
		known.name(agent)
		out = append(out, *agent)
	}
	return out, nil
}

func (c *Collector) countComputers(ctx context.Context) (int, error) {
	n, err := c.count(ctx, computerList())
	if err != nil {
		return 0, fmt.Errorf("count computers: %w", advise(err))
	}
	s, err := c.scope(ctx)
	switch {
	case err != nil:
		return 0, err
	case s != nil:
		return -1, s.missing // of all tenants together there are n
	}
	return n, nil
}
