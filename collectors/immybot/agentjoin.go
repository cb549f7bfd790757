package immybot

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rest"
	"assetgraph/internal/panics"
)

// maxSamples is how many computers the list of agents is compared with.
const maxSamples = 5

// An agentJoin puts the agents on the computers: from the list of agents or, where the instance has none, from each
// computer's own page.
//
// That the list shows every agent is known from the vendor's document alone (docs/providers/immybot-api.md, "Agents of
// other products"). So a few computers that name an integration without having its agent in the list are asked for
// themselves; when one of them has it, so are all such computers from there on.
type agentJoin struct {
	collector *Collector
	links     *links
	agents    *agents
	meter     *collectors.Meter
	single    bool // ask every computer that lacks an agent
	samples   int
	lacking   int // computers that name an integration whose agent is not known

	mu  sync.Mutex
	err error // why some agents are missing
}

func newAgentJoin(c *Collector, m *collectors.Meter, known *links, found *agents) *agentJoin {
	j := &agentJoin{collector: c, links: known, agents: found, meter: m, single: found.single, err: found.err}
	if found.index == nil {
		j.err = errAgentsUnread
	}
	return j
}

// attach sets the agents of a group of computers, and the address of the console.
func (j *agentJoin) attach(ctx context.Context, group []collectors.Record) {
	var lacking []*Computer
	for _, r := range group {
		computer, ok := r.Value.(*Computer)
		if !ok {
			continue
		}
		computer.Console = j.collector.console
		computer.Agents = j.agents.index.of(computer.ID.N)
		if !covered(computer) {
			lacking = append(lacking, computer)
		}
	}
	if !j.single {
		sample := lacking[:min(len(lacking), maxSamples-j.samples)]
		j.samples += len(sample)
		j.askAll(ctx, sample)
		j.lacking += len(lacking)
		j.single = slices.ContainsFunc(sample, covered)
		lacking = lacking[len(sample):]
	}
	if j.single {
		j.askAll(ctx, lacking)
	}
}

// covered reports whether each integration that the computer names has an agent on it.
func covered(c *Computer) bool {
	for _, link := range c.ProviderLinkIDs {
		if link.Set && !slices.ContainsFunc(c.Agents, func(a ProviderAgent) bool {
			return !a.ProviderLinkID.Set || a.ProviderLinkID.N == link.N
		}) {
			return false
		}
	}
	return true
}

// askAll reads the agents of computers from their own pages, a few at a time.
func (j *agentJoin) askAll(ctx context.Context, computers []*Computer) {
	var work panics.Group
	for worker := range min(inFlight, len(computers)) {
		work.Go(func() {
			for i := worker; i < len(computers); i += inFlight {
				j.ask(ctx, computers[i])
			}
		})
	}
	work.Wait()
}

// ask reads the agents of one computer, unless that has failed before.
func (j *agentJoin) ask(ctx context.Context, computer *Computer) {
	if j.failure() != nil || ctx.Err() != nil {
		return
	}
	found, err := j.collector.readAgents(ctx, j.meter, j.links, computer.ID)
	switch {
	case rest.Status(err) == http.StatusNotFound: // deleted since it was listed
	case err != nil:
		j.fail(advise(err))
	default:
		computer.Agents = found
	}
}

func (j *agentJoin) failure() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.err
}

func (j *agentJoin) fail(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err == nil {
		j.err = err
	}
}

// end returns why agents are missing, or nil.
func (j *agentJoin) end() error {
	switch {
	case j.err != nil:
		return &collectors.IncompleteError{Reason: "the agents on the computers are not all known: " + j.err.Error()}
	case j.single && !j.agents.single:
		j.meter.Warn("the list of provider agents lacks some: they were read computer by computer")
	case j.lacking > 0:
		j.meter.Warn(fmt.Sprintf("%d computers name an integration that has no agent on them", j.lacking))
	}
	return nil
}
