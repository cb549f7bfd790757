package executor_test

import (
	"context"
	"errors"
	"iter"
	"time"

	"assetgraph/collectors"
	"assetgraph/converters"
	"assetgraph/graph"
	"assetgraph/internal/executor"
)

// A provider is a made-up source of sites and agents that a test changes between runs.
type provider struct {
	sites        []string
	agents       []agent
	fault        map[string]error // by step: how its walk ends
	signIn       error
	broken       []string // ids of agents that can't be decoded
	during       func()   // called while agents are read
	account      string
	reader       string
	alive, asked []string // what the provider says when it is asked by id, and what it was asked
	known        []string // what it was given as proof of the way
}

type agent struct {
	id, site, hostname string
	seen               int64
	at                 time.Time // of lastSeenOn
}

func (p *provider) SignIn(context.Context) (collectors.Session, error) {
	return collectors.Session{Account: p.account, Reader: p.reader, User: "reader", Warnings: []string{"token expires soon"}}, p.signIn
}

func (p *provider) Steps() []collectors.Step {
	return []collectors.Step{
		{Name: "sites", Kinds: []string{"site"}, Records: p.readSites, Count: func(context.Context) (int, error) { return len(p.sites), nil }},
		{Name: "agents", Kinds: []string{"agent"}, Records: p.readAgents, Count: func(context.Context) (int, error) { return -1, p.fault["agents"] }, Alive: func(_ context.Context, ids, known []string) ([]string, error) {
			p.asked, p.known = ids, known
			return p.alive, p.fault["alive"]
		}},
	}
}

func (p *provider) readSites(_ context.Context, m *collectors.Meter) iter.Seq2[collectors.Record, error] {
	return func(yield func(collectors.Record, error) bool) {
		m.Page()
		for _, id := range p.sites {
			if !yield(collectors.Record{Kind: "site", ID: id, Value: id}, nil) {
				return
			}
		}
		if err := p.fault["sites"]; err != nil {
			yield(collectors.Record{}, err)
		}
	}
}

func (p *provider) readAgents(ctx context.Context, m *collectors.Meter) iter.Seq2[collectors.Record, error] {
	return func(yield func(collectors.Record, error) bool) {
		m.Page()
		m.Expect(len(p.agents))
		if p.during != nil {
			p.during()
		}
		if ctx.Err() != nil {
			yield(collectors.Record{}, ctx.Err())
			return
		}
		for _, id := range p.broken {
			r := collectors.Record{Kind: "agent", ID: id, Err: &collectors.RecordError{Kind: "agent", ID: id, Field: "hostname", Err: errors.New("is an object")}}
			if !yield(r, nil) {
				return
			}
		}
		for _, a := range p.agents {
			if !yield(collectors.Record{Kind: "agent", ID: a.id, Value: a}, nil) {
				return
			}
		}
		if err := p.fault["agents"]; err != nil {
			yield(collectors.Record{}, err)
		}
	}
}

// testConverter is the converter of provider.
func testConverter() *converters.Converter {
	site := graph.NewEntityType("test_site", "test", "made up", []string{"Organization"})
	agentType := graph.NewEntityType("test_agent", "test", "made up", []string{"HostAgent"},
		graph.Property{Name: "hostname", Kind: graph.Text}, graph.Property{Name: "seen", Kind: graph.Int, Volatile: true},
		graph.Property{Name: "lastSeenOn", Kind: graph.Time, Volatile: true})
	has := graph.NewRelationshipType("test", "test_site", "HAS", "test_agent")
	return &converters.Converter{
		Integration: "test", Types: []*graph.Type{site, agentType, has},
		Kinds: []converters.RecordKind{
			{Name: "site", Produces: []*graph.Type{site}, Convert: func(r collectors.Record, f *converters.Fragment) error {
				f.Entity(site, r.ID)
				return nil
			}},
			{Name: "agent", Produces: []*graph.Type{agentType, has}, Convert: func(r collectors.Record, f *converters.Fragment) error {
				a := r.Value.(agent)
				e := f.Entity(agentType, a.id)
				e.Set("hostname", graph.TextOf(a.hostname))
				e.Set("seen", graph.IntOf(a.seen))
				e.Set("lastSeenOn", graph.TimeOf(a.at))
				f.Relate(has, a.site, a.id)
				return nil
			}},
		},
	}
}

func instance(name string, p *provider, c *converters.Converter) executor.Instance {
	return executor.Instance{Name: name, Vendor: "Test", Host: "test.example", Collector: p, Converter: c}
}
