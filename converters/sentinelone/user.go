package sentinelone

import (
	"slices"
	"strings"
	"time"

	"assetgraph/collectors/sentinelone"
	"assetgraph/converters"
	"assetgraph/graph"
)

// A user is a record, and the parts of its name.
type user struct {
	*sentinelone.User
	firstName, lastName string
}

func users() *converters.Table[user] {
	t := converters.Declare[user]("sentinelone_user", integration, "GET /web/api/v2.1/users, users of the console",
		"User")
	t.Name(func(u *user) string { return converters.FirstText(u.FullName, u.Email) })
	t.Texts("username", "the e-mail address that the user signs in with",
		func(u *user) graph.Value { return graph.TextsOf(string(u.Email)) })
	t.Texts("email", "", func(u *user) graph.Value { return converters.Emails(string(u.Email)) })
	t.Text("firstName", "", func(u *user) string { return u.firstName })
	t.Text("lastName", "", func(u *user) string { return u.lastName })
	t.Texts("shortLoginId", "", func(u *user) graph.Value { return converters.ShortLogin(string(u.Email)) })
	t.Bool("isMfaEnabled", "", func(u *user) (bool, bool) { return u.TwoFAEnabled.B, u.TwoFAEnabled.Set })
	t.Text("source", "mgmt, sso_saml or active_directory", func(u *user) string { return string(u.Source) })
	t.Text("scope", "tenant, account or site", func(u *user) string { return string(u.Scope) })
	t.Time("createdOn", "", func(u *user) time.Time { return u.DateJoined.Time })
	t.Volatile().Time("lastLoginOn", "", func(u *user) time.Time { return u.LastLogin.Time })
	return t
}

// convertUser makes the entity, and a relationship from each account in which the user has a role.
func (t *types) convertUser(record *sentinelone.User, id string, f *converters.Fragment) {
	u := &user{User: record}
	u.firstName, u.lastName = converters.PersonName(string(u.FullName))
	t.user.Fill(f, id, u)
	for _, account := range accountsOf(record) {
		f.Relate(t.accountHasUser, account, id)
	}
}

// accountsOf returns the ids of the accounts that the record names, sorted: the scopes of a user whose scope is
// account, and the account of each site whose user it is. Users of the whole tenant belong to none.
func accountsOf(u *sentinelone.User) []string {
	ofAccount := strings.EqualFold(strings.TrimSpace(string(u.Scope)), "account")
	var ids []string
	for _, role := range u.ScopeRoles {
		id := trimmed(role.AccountID)
		if id == "" && ofAccount {
			id = trimmed(role.ID)
		}
		if id != "" {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
