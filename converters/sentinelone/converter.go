package sentinelone

import (
	"errors"
	"fmt"
	"strings"

	"assetgraph/collectors"
	"assetgraph/collectors/sentinelone"
	"assetgraph/converters"
	"assetgraph/graph"
)

// New returns the converter of all kinds of record that the collector yields.
func New() *converters.Converter {
	t := newTypes()
	return &converters.Converter{
		Integration: integration,
		Types:       t.all(),
		Kinds: []converters.Kind{
			kind(sentinelone.KindAccount, t.convertAccount, t.account),
			kind(sentinelone.KindSite, t.convertSite, t.site, t.accountHasSite),
			kind(sentinelone.KindGroup, t.convertGroup, t.group, t.siteHasGroup),
			kind(sentinelone.KindAgent, t.convertAgent, t.agent, t.groupHasAgent),
			kind(sentinelone.KindUser, t.convertUser, t.user, t.accountHasUser),
		},
	}
}

var errNoID = errors.New("is missing or empty")

// kind makes a Kind of a function that converts the wire type T and is given a usable id.
func kind[T any](name string, convert func(v *T, id string, f *converters.Fragment), produces ...*graph.Type) converters.Kind {
	return converters.Kind{
		Name:     name,
		Produces: produces,
		Convert: func(r collectors.Record, f *converters.Fragment) error {
			v, ok := r.Value.(*T)
			if !ok || v == nil {
				return &collectors.RecordError{Kind: name, ID: r.ID, Err: fmt.Errorf("the record holds a %T", r.Value)}
			}
			id := strings.TrimSpace(r.ID)
			if id == "" {
				return &collectors.RecordError{Kind: name, Field: "id", Err: errNoID}
			}
			convert(v, id, f)
			return nil
		},
	}
}

func (t *types) convertAccount(a *sentinelone.Account, id string, f *converters.Fragment) {
	e := f.Entity(t.account, id)
	e.Set("name", text(a.Name))
	e.Set("vendor", graph.TextOf(vendor))
	e.Set("state", graph.TextOf(strings.ToLower(string(a.State))))
	e.Set("accountType", text(a.AccountType))
	e.Set("activeAgents", number(a.ActiveAgents.N, a.ActiveAgents.Set))
	e.Set("numberOfSites", number(a.NumberOfSites.N, a.NumberOfSites.Set))
	e.Set("createdOn", graph.TimeOf(a.CreatedAt.Time))
	e.Set("updatedOn", graph.TimeOf(a.UpdatedAt.Time))
	e.Set("expiresOn", graph.TimeOf(a.Expiration.Time))
}

func (t *types) convertSite(s *sentinelone.Site, id string, f *converters.Fragment) {
	e := f.Entity(t.site, id)
	e.Set("name", text(s.Name))
	e.Set("state", graph.TextOf(strings.ToLower(string(s.State))))
	e.Set("siteType", text(s.SiteType))
	e.Set("accountId", text(s.AccountID))
	e.Set("externalId", text(s.ExternalID))
	e.Set("activeLicenses", number(s.ActiveLicenses.N, s.ActiveLicenses.Set))
	e.Set("totalLicenses", number(s.TotalLicenses.N, s.TotalLicenses.Set))
	e.Set("createdOn", graph.TimeOf(s.CreatedAt.Time))
	e.Set("updatedOn", graph.TimeOf(s.UpdatedAt.Time))
	e.Set("expiresOn", graph.TimeOf(s.Expiration.Time))
	f.Relate(t.accountHasSite, text(s.AccountID).Text(), id)
}

func (t *types) convertGroup(g *sentinelone.Group, id string, f *converters.Fragment) {
	e := f.Entity(t.group, id)
	e.Set("name", text(g.Name))
	e.Set("siteId", text(g.SiteID))
	e.Set("groupType", text(g.Type))
	e.Set("isDefault", truth(g.IsDefault.B, g.IsDefault.Set))
	e.Set("inherits", truth(g.Inherits.B, g.Inherits.Set))
	e.Set("rank", number(g.Rank.N, g.Rank.Set))
	e.Set("filterId", text(g.FilterID))
	e.Set("createdOn", graph.TimeOf(g.CreatedAt.Time))
	e.Set("updatedOn", graph.TimeOf(g.UpdatedAt.Time))
	f.Relate(t.siteHasGroup, text(g.SiteID).Text(), id)
}

func text[S ~string](s S) graph.Value { return graph.TextOf(string(s)) }

func number(n int64, given bool) graph.Value {
	if !given {
		return graph.Value{}
	}
	return graph.IntOf(n)
}

func truth(b, given bool) graph.Value {
	if !given {
		return graph.Value{}
	}
	return graph.BoolOf(b)
}
