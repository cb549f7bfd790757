package sentinelone

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rawjson"
	"assetgraph/collectors/internal/rest"
)

// policyRoute is the route of a policy; the other levels are named likewise.
const policyRoute = "/sites/{id}/policy"

const policyPermission = "Policy.view"

var errNoPolicy = errors.New("the answer holds no policy")

// policiesStep reads the policies that accounts, sites and groups have of their own, and says which of them is in force
// in each group.
func (c *Collector) policiesStep() collectors.Step {
	return collectors.Step{
		Name:  policiesPart().Name,
		Route: "GET " + basePath + policyRoute,
		Kinds: []string{KindPolicy, KindPolicyInForce},
		Needs: []string{"accounts", "sites", "groups"},
		After: []string{"accounts", "sites", "groups"},
		Records: func(ctx context.Context, m *collectors.Meter) records {
			return c.whole(ctx, func(yield func(collectors.Record, error) bool) {
				w := &policyWalk{c: c, m: m, own: make(map[string]knowledge), yield: yield}
				w.walk(ctx, &c.tree)
			})
		},
		Count: c.countPolicies,
	}
}

// knowledge is what was found out about the policy of a scope.
type knowledge uint8

const (
	unasked  knowledge = iota // nobody asked, since it has none of its own by what its record says
	hasOwn                    // there is one
	inherits                  // there is none
	notKnown                  // it could not be read
)

// A policyWalk asks for one policy after another.
type policyWalk struct {
	c     *Collector
	m     *collectors.Meter
	own   map[string]knowledge // by Key of the scope
	asked int                  // of those that are current
	yield func(collectors.Record, error) bool
}

// walk asks from the widest scope to the narrowest. It ends with the first error that is not one of a single policy.
func (w *policyWalk) walk(ctx context.Context, t *tree) {
	accounts := make(map[string]PolicyScope, len(t.accounts))
	for _, a := range byStanding(t.accounts) {
		if w.c.narrow.Load() {
			break // they are those that sites name, and the token may not ask for them
		}
		if !w.ask(ctx, a.PolicyScope, a.standing) {
			return
		}
		accounts[a.ID] = a.PolicyScope
	}
	sites := make(map[string]siteNode, len(t.sites))
	for _, s := range byStanding(t.sites) {
		if !w.ask(ctx, s.PolicyScope, s.standing) {
			return
		}
		sites[s.ID] = s
	}
	for _, g := range t.groups {
		s, ok := sites[g.SiteID]
		if !ok { // of a site that the console does not list
			continue
		}
		if !g.inherits && !w.ask(ctx, g.PolicyScope, s.standing) ||
			!w.inForce(g, []PolicyScope{s.PolicyScope, accounts[s.account]}) {
			return
		}
	}
}

// inForce yields whose policy is in force in a group: its own, or the nearest above that is one. Where a nearer one could
// not be read nobody knows.
func (w *policyWalk) inForce(g groupNode, above []PolicyScope) bool {
	for _, scope := range append([]PolicyScope{g.PolicyScope}, above...) {
		switch w.own[scope.Key()] {
		case hasOwn:
			return w.yield(collectors.Record{
				Kind: KindPolicyInForce, ID: g.ID, Value: &PolicyInForce{GroupID: g.ID, Policy: scope},
			}, nil)
		case notKnown:
			return true
		case unasked, inherits:
		}
	}
	return true
}

// ask yields the policy of a scope if it has one of its own. It reports whether the walk goes on. A refusal costs this
// policy alone, unless it is that of the very first one: then the role does not give any. One for what is deleted,
// where others are given, costs nothing: nothing of it is there any more.
func (w *policyWalk) ask(ctx context.Context, s PolicyScope, now standing) bool {
	if now == current {
		w.asked++
	}
	p, err := w.c.policy(ctx, s)
	w.m.Page()
	broken, single := errors.AsType[*collectors.RecordError](err)
	switch {
	case err == nil && p == nil:
		w.own[s.Key()] = inherits
		return true
	case err == nil:
		w.own[s.Key()] = hasOwn
		return w.yield(collectors.Record{Kind: KindPolicy, ID: s.Key(), Value: p}, nil)
	case single && now == deleted && w.asked > 0 && rest.Status(err) != 0:
		w.own[s.Key()] = notKnown
		return true
	case single && (now != current || w.asked > 1 || rest.Status(err) != http.StatusForbidden):
		w.own[s.Key()] = notKnown
		return w.yield(collectors.Record{Kind: KindPolicy, ID: s.Key(), Err: broken}, nil)
	}
	w.yield(collectors.Record{}, err)
	return false
}

// policy returns the policy that a scope has of its own, nil when it has none. What is an error of this one policy is a
// *collectors.RecordError.
func (c *Collector) policy(ctx context.Context, s PolicyScope) (*Policy, error) {
	var own *Policy
	route := "/" + s.Level + "s/" + s.ID + "/policy"
	err := c.clientOf(route).Page(ctx, rest.Page{Route: route, Decode: func(body []byte, _ int) (err error) {
		own, err = DecodePolicy(s, body)
		return err
	}})
	if _, single := errors.AsType[*collectors.RecordError](err); err == nil || single {
		return own, err
	}
	return nil, c.policyError(ctx, s, err)
}

// DecodePolicy reads the answer of a scope: the policy that it has of its own, nil when it has none. The error is a
// *collectors.RecordError.
func DecodePolicy(s PolicyScope, answer []byte) (*Policy, error) {
	p := &Policy{Scope: s}
	told, err := rawjson.Get(answer, p, "data")
	if err == nil && (!told || p.MitigationMode == "" && p.InheritedFrom == "") {
		err = errNoPolicy
	}
	if err != nil {
		return nil, &collectors.RecordError{Kind: KindPolicy, ID: s.Key(), Err: err}
	}
	if trimmed(p.InheritedFrom) != "" {
		return nil, nil
	}
	return p, nil
}

// policyError says what a refusal means: that the scope has no policy of its own, or that this one can't be read. Other
// errors are of all of them.
func (c *Collector) policyError(ctx context.Context, s PolicyScope, err error) error {
	e, _ := errors.AsType[*rest.Error](err)
	switch {
	case rest.Status(err) == http.StatusNotFound && strings.Contains(strings.ToLower(e.Message), "policy not found"):
		return nil
	case refuses(err):
		err = c.refused(ctx, list{permission: policyPermission}, err)
		return &collectors.RecordError{Kind: KindPolicy, ID: s.Key(), Err: err}
	}
	return err
}

// countPolicies proves with the policy of one site that they may be read. How many there are nobody knows before they
// were asked for.
func (c *Collector) countPolicies(ctx context.Context) (int, error) {
	s, err := c.scope(ctx)
	if err == nil && s != nil {
		err = s.missing
	}
	if err != nil {
		return -1, err
	}
	l := s.of(c.siteList())
	l.limit = 1
	for r, err := range c.read(ctx, &collectors.Meter{}, l) {
		if err == nil && r.Err == nil {
			_, err = c.policy(ctx, PolicyScope{Level: LevelSite, ID: r.ID})
		}
		return -1, err
	}
	return -1, nil
}
