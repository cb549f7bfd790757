package immybot

import (
	"context"
	"iter"
	"strings"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rest"
)

// inFlight is how many requests run side by side. The provider publishes no limits; 2 to 4 met none.
const inFlight = 4

// A Collector reads one instance, for one run. Its steps may run side by side, as far as their After allows.
type Collector struct {
	config  Config
	host    string
	console string // address of the web console
	client  *rest.Client
	steps   []collectors.Step
	chosen  collectors.Once[*scope]
}

// New returns a collector for c. It contacts nothing; a setting that can't be used gives a *collectors.SettingError.
func New(c Config) (*Collector, error) {
	e, err := c.endpoints()
	if err != nil {
		return nil, err
	}
	if err := c.Options.Skip.Check("tenants", "persons", "users"); err != nil {
		return nil, err
	}
	if err := c.Options.Collect.Check(Parts()); err != nil {
		return nil, err
	}
	if c.Options.Skip.Has("tenants") && len(c.Options.Filter[byTenant].Names) > 0 {
		return nil, &collectors.SettingError{Setting: "Tenants", Err: errTenantsSkipped}
	}
	collector := &Collector{
		config:  c,
		host:    e.base.Host,
		console: e.base.Scheme + "://" + e.base.Host,
		client: rest.New(rest.Config{
			Instance: c.Instance,
			BaseURL:  e.base,
			Authorizer: rest.NewOAuth(rest.OAuth{
				Instance:     c.Instance,
				TokenURL:     e.token,
				ClientID:     strings.TrimSpace(c.ClientID),
				ClientSecret: strings.TrimSpace(c.ClientSecret),
				Scope:        e.scope,
				Explain:      explainEntra,
				Options:      c.Options,
			}),
			InFlight: inFlight,
			MaxBody:  maxBody,
			Secrets:  []string{strings.TrimSpace(c.ClientSecret)},
			Explain:  explain,
			Options:  c.Options,

			May: may,

			PageForUnknownRoute: true,
		}),
	}
	collector.steps = collector.newSteps()
	return collector, nil
}

// Host returns the host of the instance, such as "acme.immy.bot".
func (c *Collector) Host() string { return c.host }

type records = iter.Seq2[collectors.Record, error]

// Steps implements collectors.Collector.
func (c *Collector) Steps() []collectors.Step { return c.steps }

// newSteps returns the steps. Agents come after the integrations that they are named after, and computers after the
// agents that they carry and the sessions that say how they were maintained; the others wait for nothing.
func (c *Collector) newSteps() []collectors.Step {
	// What a step leaves for those that come after it.
	var foundLinks links
	var foundAgents agents
	var past history
	skip := c.config.Options.Skip // computers can't be, and what they are joined with
	return []collectors.Step{
		skip.Mark(askable(c.wholeStep(tenantList()), c.aliveBelow(KindTenant, routeTenants))),
		{
			Name: "provider-links", Route: "GET " + apiPath + routeLinks,
			Kinds: []string{KindProviderLink, KindProviderClient}, Count: c.countLinks,
			Records: func(ctx context.Context,
				m *collectors.Meter) records {
				return c.linkRecords(ctx, m, &foundLinks)
			},
		},
		{
			Name: "provider-agents", Route: "GET " + apiPath + routeAgents,
			Kinds: []string{KindProviderAgent}, Needs: []string{"provider-links"}, After: []string{"provider-links"},
			Records: func(ctx context.Context, m *collectors.Meter) records {
				return c.agentRecords(ctx, m, &foundLinks, &foundAgents)
			},
			Count: c.countAgents,
		},
		c.config.Options.Collect.Mark(maintenancePart(), collectors.Step{
			Name: maintenance, Route: "GET " + apiPath + routeSessions, Kinds: []string{KindMaintenanceSession},
			Records: func(ctx context.Context, m *collectors.Meter) records {
				return c.sessionRecords(ctx, m, &past)
			},
			Count: c.countSessions,
		}),
		c.config.Options.Collect.Mark(actionsPart(), collectors.Step{
			Name: actions, Route: "GET " + apiPath + routeActions, Kinds: []string{KindMaintenanceAction},
			Records: func(ctx context.Context, m *collectors.Meter) records {
				return c.actionRecords(ctx, m, &past.actions)
			},
			Count: c.countActions,
		}),
		askable(collectors.Step{
			Name: "computers", Route: "GET " + apiPath + routeComputers,
			Kinds: []string{KindComputer}, After: []string{"provider-agents", maintenance, actions},
			Records: func(ctx context.Context, m *collectors.Meter) records {
				return c.computerRecords(ctx, m, &foundLinks, &foundAgents, &past)
			},
			Count: c.countComputers,
		}, c.aliveComputers),
		skip.Mark(askable(c.wholeStep(wholeList{
			name: "persons", route: routePersons, kind: KindPerson, decode: whole(KindPerson, (*Person).id),
		}), c.aliveBelow(KindPerson, routePersons))),
		skip.Mark(c.wholeStep(wholeList{
			name: "users", route: routeUsers, kind: KindUser, decode: whole(KindUser, (*User).id), ours: true,
		})),
	}
}

// askable adds to a step that its records can be asked for by id.
func askable(
	s collectors.Step, alive func(ctx context.Context, ids, known []string) ([]string, error),
) collectors.Step {
	s.Alive = alive
	return s
}
