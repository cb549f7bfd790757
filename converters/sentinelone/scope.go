package sentinelone

import (
	"strings"
	"time"

	"assetgraph/collectors/sentinelone"
	"assetgraph/converters"
)

func accounts() *converters.Table[sentinelone.Account] {
	type account = sentinelone.Account
	t := converters.Declare[account]("sentinelone_account", integration, "GET /web/api/v2.1/accounts", "Account")
	t.Name(func(a *account) string { return string(a.Name) })
	t.Text("vendor", "", func(*account) string { return vendor })
	t.Text("state", "active, expired or deleted", func(a *account) string { return strings.ToLower(string(a.State)) })
	t.Text("accountType", "such as Paid or Trial", func(a *account) string { return string(a.AccountType) })
	t.Volatile().Int("activeAgents", "", func(a *account) (int64, bool) { return a.ActiveAgents.N, a.ActiveAgents.Set })
	t.Int("numberOfSites", "", func(a *account) (int64, bool) { return a.NumberOfSites.N, a.NumberOfSites.Set })
	t.Time("createdOn", "", func(a *account) time.Time { return a.CreatedAt.Time })
	t.Time("updatedOn", "", func(a *account) time.Time { return a.UpdatedAt.Time })
	t.Time("expiresOn", "absent when the licence does not end", func(a *account) time.Time { return a.Expiration.Time })
	return t
}

func (t *types) convertAccount(a *sentinelone.Account, id string, f *converters.Fragment) {
	t.account.Fill(f, id, a)
}

func sites() *converters.Table[sentinelone.Site] {
	type site = sentinelone.Site
	t := converters.Declare[site]("sentinelone_site", integration, "GET /web/api/v2.1/sites", "Organization")
	t.Name(func(s *site) string { return string(s.Name) })
	t.Text("state", "active, expired or deleted", func(s *site) string { return strings.ToLower(string(s.State)) })
	t.Text("siteType", "such as Paid or Trial", func(s *site) string { return string(s.SiteType) })
	t.Text("accountId", "", func(s *site) string { return string(s.AccountID) })
	t.Text("externalId", "the customer's own identifier", func(s *site) string { return string(s.ExternalID) })
	t.Volatile().Int("activeLicenses", "installed agents",
		func(s *site) (int64, bool) { return s.ActiveLicenses.N, s.ActiveLicenses.Set })
	t.Int("totalLicenses", "0 or -1 when unlimited",
		func(s *site) (int64, bool) { return s.TotalLicenses.N, s.TotalLicenses.Set })
	t.Time("createdOn", "", func(s *site) time.Time { return s.CreatedAt.Time })
	t.Time("updatedOn", "", func(s *site) time.Time { return s.UpdatedAt.Time })
	t.Time("expiresOn", "absent when the licence does not end", func(s *site) time.Time { return s.Expiration.Time })
	return t
}

func (t *types) convertSite(s *sentinelone.Site, id string, f *converters.Fragment) {
	t.site.Fill(f, id, s)
	f.Relate(t.accountHasSite, trimmed(s.AccountID), id)
}

func groups() *converters.Table[sentinelone.Group] {
	type group = sentinelone.Group
	t := converters.Declare[group]("sentinelone_group", integration, "GET /web/api/v2.1/groups", "Group")
	t.Name(func(g *group) string { return string(g.Name) })
	t.Text("siteId", "", func(g *group) string { return string(g.SiteID) })
	t.Text("groupType", "static, dynamic or pinned", func(g *group) string { return string(g.Type) })
	t.Bool("isDefault", "", func(g *group) (bool, bool) { return g.IsDefault.B, g.IsDefault.Set })
	t.Bool("inherits", "the policy is the site's", func(g *group) (bool, bool) { return g.Inherits.B, g.Inherits.Set })
	t.Int("rank", "dynamic groups only", func(g *group) (int64, bool) { return g.Rank.N, g.Rank.Set })
	t.Text("filterId", "dynamic groups only", func(g *group) string { return string(g.FilterID) })
	t.Time("createdOn", "", func(g *group) time.Time { return g.CreatedAt.Time })
	t.Time("updatedOn", "", func(g *group) time.Time { return g.UpdatedAt.Time })
	return t
}

func (t *types) convertGroup(g *sentinelone.Group, id string, f *converters.Fragment) {
	t.group.Fill(f, id, g)
	f.Relate(t.siteHasGroup, trimmed(g.SiteID), id)
}
