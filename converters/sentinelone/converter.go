package sentinelone

import (
	"strings"

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
		Identities:  t.identities(),
		Kinds: []converters.Kind{
			converters.NewKind(sentinelone.KindAccount, t.convertAccount, t.account),
			converters.NewKind(sentinelone.KindSite, t.convertSite, t.site, t.accountHasSite),
			converters.NewKind(sentinelone.KindGroup, t.convertGroup, t.group, t.siteHasGroup),
			converters.NewKind(sentinelone.KindAgent, t.convertAgent, t.agent, t.groupHasAgent),
			converters.NewKind(sentinelone.KindUser, t.convertUser, t.user, t.accountHasUser),
		},
	}
}

func (t *types) convertAccount(a *sentinelone.Account, id string, f *converters.Fragment) {
	e := f.Entity(t.account, id)
	e.Set("name", text(a.Name))
	e.Set("vendor", graph.TextOf(vendor))
	e.Set("state", graph.TextOf(strings.ToLower(string(a.State))))
	e.Set("accountType", text(a.AccountType))
	e.Set("activeAgents", converters.Int(a.ActiveAgents.N, a.ActiveAgents.Set))
	e.Set("numberOfSites", converters.Int(a.NumberOfSites.N, a.NumberOfSites.Set))
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
	e.Set("activeLicenses", converters.Int(s.ActiveLicenses.N, s.ActiveLicenses.Set))
	e.Set("totalLicenses", converters.Int(s.TotalLicenses.N, s.TotalLicenses.Set))
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
	e.Set("isDefault", converters.Bool(g.IsDefault.B, g.IsDefault.Set))
	e.Set("inherits", converters.Bool(g.Inherits.B, g.Inherits.Set))
	e.Set("rank", converters.Int(g.Rank.N, g.Rank.Set))
	e.Set("filterId", text(g.FilterID))
	e.Set("createdOn", graph.TimeOf(g.CreatedAt.Time))
	e.Set("updatedOn", graph.TimeOf(g.UpdatedAt.Time))
	f.Relate(t.siteHasGroup, text(g.SiteID).Text(), id)
}

func text[S ~string](s S) graph.Value { return graph.TextOf(string(s)) }
