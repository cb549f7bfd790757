package sentinelone

import (
	"context"
	"iter"
	"strings"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rawjson"
)

// readSites walks /sites and notes in accountOf which account each site is of: users of a site name the site alone.
func (c *Collector) readSites(
	ctx context.Context, m *collectors.Meter, s *scope, accountOf map[string]string,
) iter.Seq2[collectors.Record, error] {
	clear(accountOf)
	return func(yield func(collectors.Record, error) bool) {
		for r, err := range c.read(ctx, m, s.of(c.siteList())) {
			if site, ok := r.Value.(*Site); ok {
				accountOf[site.id()] = trimmed(site.AccountID)
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// readUsers walks /users and completes the roles in sites by the account that the site is of.
func (c *Collector) readUsers(
	ctx context.Context, m *collectors.Meter, s *scope, accountOf map[string]string,
) iter.Seq2[collectors.Record, error] {
	return func(yield func(collectors.Record, error) bool) {
		for r, err := range c.read(ctx, m, s.of(c.userList())) {
			if user, ok := r.Value.(*User); ok && strings.EqualFold(trimmed(user.Scope), "site") {
				completeRoles(user, accountOf)
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

func completeRoles(u *User, accountOf map[string]string) {
	for i := range u.ScopeRoles {
		if role := &u.ScopeRoles[i]; trimmed(role.AccountID) == "" {
			role.AccountID = rawjson.Text(accountOf[trimmed(role.ID)])
		}
	}
}
