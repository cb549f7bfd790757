package sentinelone

import (
	"context"
	"net/url"
	"sync/atomic"
	"time"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rest"
)

// Pacing of the routes that have no limit of their own in the vendor's table, and requests in flight for a token
// (docs/providers/sentinelone-api.md, "Rate limits"). A list can only be walked page after page, so a console that
// takes 0.3 s or more for a page sees three requests a second for each list at most, and two lists side by side.
const (
	requestsPerSecond = 25
	burst             = 10
	inFlight          = 2
)

// A Collector reads one console. It implements collectors.Collector.
type Collector struct {
	config Config
	token  string
	host   string
	client *rest.Client
	paced  map[string]*rest.Client // by route; client for all others

	steps  []collectors.Step
	tree   tree        // what the first steps leave for others
	narrow atomic.Bool // the token may not read the accounts, as the accounts step found
	chosen collectors.Once[*scope]
}

var _ collectors.Collector = (*Collector)(nil)

// New checks the settings and contacts nothing. A setting that can't be used is a *collectors.SettingError for
// "URL", "APIToken", "Skip" or "Accounts".
func New(c Config) (*Collector, error) {
	base, err := c.base()
	if err != nil {
		return nil, err
	}
	token, err := c.token()
	if err != nil {
		return nil, err
	}
	if err := c.Options.Skip.Check("accounts", "groups", "users"); err != nil {
		return nil, err
	}
	if err := c.Options.Collect.Check(Parts()); err != nil {
		return nil, err
	}
	if c.Options.Skip.Has("accounts") && len(c.Options.Filter[byAccount].Names) > 0 {
		return nil, &collectors.SettingError{Setting: "Accounts", Err: errAccountsSkipped}
	}
	client := rest.New(rest.Config{
		Instance:   c.Instance,
		BaseURL:    base,
		Authorizer: rest.Header("Authorization", scheme+" "+token),
		Rate:       requestsPerSecond,
		Burst:      burst,
		InFlight:   inFlight,
		Secrets:    []string{token},
		Explain:    explain,
		Options:    c.Options,
	})
	collector := &Collector{config: c, token: token, host: base.Host, client: client, paced: paced(client)}
	collector.steps = collector.newSteps()
	return collector, nil
}

// paced returns clients that keep to the limits of the vendor's table for each token
// (docs/providers/sentinelone-api.md, "Rate limits"). It gives /agents no burst, so 25 requests a second are kept in
// every second.
func paced(c *rest.Client) map[string]*rest.Client {
	agents := c.Paced("agents", 25, time.Second)
	return map[string]*rest.Client{
		"/accounts":     c.Paced("accounts", 10, time.Second/10),
		"/sites":        c.Paced("sites", 10, time.Second/10),
		"/agents":       agents,
		agentCountRoute: agents,
		"/users":        c.Paced("users", 40, time.Second),
		"/threats":      c.Paced("threats", 10, time.Second),
	}
}

// get reads a route at its own pace.
func (c *Collector) get(ctx context.Context, route string, query url.Values) ([]byte, error) {
	return c.clientOf(route).Get(ctx, route, query)
}

// clientOf returns the client that keeps to the pace of a route.
func (c *Collector) clientOf(route string) *rest.Client {
	if client := c.paced[route]; client != nil {
		return client
	}
	return c.client
}

// Host returns the console's host, with the port where the URL gives one.
func (c *Collector) Host() string { return c.host }

// Steps implements collectors.Collector.
func (c *Collector) Steps() []collectors.Step { return c.steps }

// newSteps returns the lists from the widest scope to the narrowest, users last, then the parts. Each list is read for
// everything that the token sees, or for all customers that are chosen, never site by site, and its records name their
// parents by id; only users come after the sites, to know the account of those whose scope is one, and parts after what
// they ask for one by one.
func (c *Collector) newSteps() []collectors.Step {
	accounts, sites := c.step(c.accountList()), c.step(c.siteList())
	groups, agents, users := c.step(c.groupList()), c.step(c.agentList()), c.step(c.userList())
	accountOf := make(map[string]string) // account by site, which the sites leave for the users
	accounts.Records, accounts.Count = c.narrowed(KindAccount, c.readAccounts), c.countAccounts
	sites.Records = c.narrowed(KindSite, func(ctx context.Context, m *collectors.Meter, s *scope) records {
		return c.readSites(ctx, m, s, accountOf)
	})
	agents.Count = c.countAgents
	users.Records = c.narrowed(KindUser, func(ctx context.Context, m *collectors.Meter, s *scope) records {
		return c.readUsers(ctx, m, s, accountOf)
	})
	users.Needs, users.After = []string{sites.Name}, []string{sites.Name}
	threats := c.step(c.threatList(notResolved, time.Time{}, nil))
	threats.Records, threats.Count, threats.Alive = c.narrowed(KindThreat, c.readThreats), c.countThreats, nil
	skip := c.config.Options.Skip // agents and sites can't be: users hang on sites
	return []collectors.Step{
		skip.Mark(noting(accounts, c.tree.noteAccount)), noting(sites, c.tree.noteSite),
		skip.Mark(noting(groups, c.tree.noteGroup)), agents, skip.Mark(users),
		c.part(threatsPart(), threats), c.part(policiesPart(), c.policiesStep()),
		c.part(discoveredPart(), c.discoveredStep()),
	}
}

func (c *Collector) step(l list) collectors.Step {
	alive := c.aliveIn
	switch l.kind {
	case KindAccount, KindSite, KindUser:
		alive = c.aliveInScope
	}
	return collectors.Step{
		Name:  l.name,
		Route: "GET " + basePath + l.route,
		Kinds: []string{l.kind},
		Records: c.narrowed(l.kind, func(ctx context.Context, m *collectors.Meter, s *scope) records {
			return c.read(ctx, m, s.of(l))
		}),
		Count: func(ctx context.Context) (int, error) { return c.countChosen(ctx, l, c.count) },
		Alive: func(ctx context.Context, ids, known []string) ([]string, error) { return alive(ctx, l, ids, known) },
	}
}
