package sentinelone

import (
	"slices"
	"strings"

	"assetgraph/collectors/sentinelone"
	"assetgraph/converters"
	"assetgraph/graph"
)

// convertUser makes the entity, and a relationship from each account in which the user has a role.
func (t *types) convertUser(u *sentinelone.User, id string, f *converters.Fragment) {
	e := f.Entity(t.user, id)
	name := text(u.FullName)
	if name.IsAbsent() {
		name = text(u.Email)
	}
	e.Set("name", name)
	e.Set("username", graph.TextsOf(string(u.Email)))
	e.Set("email", converters.Emails(string(u.Email)))
	first, last := personName(string(u.FullName))
	e.Set("firstName", graph.TextOf(first))
	e.Set("lastName", graph.TextOf(last))
	e.Set("shortLoginId", converters.ShortLogin(string(u.Email)))
	e.Set("isMfaEnabled", converters.Bool(u.TwoFAEnabled.B, u.TwoFAEnabled.Set))
	e.Set("source", text(u.Source))
	e.Set("scope", text(u.Scope))
	e.Set("createdOn", graph.TimeOf(u.DateJoined.Time))
	e.Set("lastLoginOn", graph.TimeOf(u.LastLogin.Time))
	for _, account := range accounts(u) {
		f.Relate(t.accountHasUser, account, id)
	}
}

// accounts returns the ids of the accounts that the record names, sorted: the scopes of a user whose scope is
// account, and the account of each site whose user it is. Users of the whole tenant belong to none.
func accounts(u *sentinelone.User) []string {
	ofAccount := strings.EqualFold(strings.TrimSpace(string(u.Scope)), "account")
	var ids []string
	for _, role := range u.ScopeRoles {
		id := strings.TrimSpace(string(role.AccountID))
		if id == "" && ofAccount {
			id = strings.TrimSpace(string(role.ID))
		}
		if id != "" {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// personName splits a full name: "first last", where further words are of the last name, or "last, first". One word alone
// is neither.
func personName(full string) (first, last string) {
	if before, after, ok := strings.Cut(full, ","); ok {
		return strings.TrimSpace(after), strings.TrimSpace(before)
	}
	words := strings.Fields(full)
	if len(words) < 2 {
		return "", ""
	}
	return words[0], strings.Join(words[1:], " ")
}
