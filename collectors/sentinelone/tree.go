package sentinelone

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"assetgraph/collectors"
)

// A tree is what the steps of accounts, sites and groups leave for those that come after them. Each part of it is
// written by one step, which has ended when another reads it.
type tree struct {
	accounts []accountNode
	sites    []siteNode
	groups   []groupNode
}

// An accountNode is an account.
type accountNode struct {
	PolicyScope
	standing
}

// A siteNode is a site.
type siteNode struct {
	PolicyScope
	standing
	account string
}

// A standing is what the console says of an account or a site that it lists. What it has is read whatever that is, as
// long as the console answers for it; what a refusal means depends on it.
type standing uint8

const (
	current standing = iota // active, or nothing is said: one that is refused is a fault, or is given to nobody
	lapsed                  // expired: it is there, so what it had is not gone when the console refuses it
	deleted                 // what the console refuses is gone
)

func standingOf(state string) standing {
	switch strings.ToLower(strings.TrimSpace(state)) {
	case "", "active":
		return current
	case "deleted":
		return deleted
	}
	return lapsed
}

// byStanding returns those first that a console surely answers for.
func byStanding[T interface{ now() standing }](list []T) []T {
	return slices.SortedStableFunc(slices.Values(list), func(a, b T) int { return cmp.Compare(a.now(), b.now()) })
}

func (s standing) now() standing { return s }

// A groupNode is a group; inherits says that it has no policy of its own.
type groupNode struct {
	PolicyScope
	inherits bool
}

// noting returns the step, each record of which is noted before it is yielded.
func noting(step collectors.Step, note func(value any)) collectors.Step {
	read := step.Records
	step.Records = func(ctx context.Context, m *collectors.Meter) records {
		return func(yield func(collectors.Record, error) bool) {
			for r, err := range read(ctx, m) {
				if err == nil && r.Err == nil {
					note(r.Value)
				}
				if !yield(r, err) {
					return
				}
			}
		}
	}
	return step
}

func (t *tree) noteAccount(v any) {
	if a, ok := v.(*Account); ok {
		t.accounts = append(t.accounts, accountNode{
			PolicyScope{Level: LevelAccount, ID: a.id(), Name: trimmed(a.Name)}, standingOf(string(a.State)),
		})
	}
}

func (t *tree) noteSite(v any) {
	if s, ok := v.(*Site); ok {
		t.sites = append(t.sites, siteNode{
			PolicyScope{Level: LevelSite, ID: s.id(), Name: trimmed(s.Name), SiteID: s.id()},
			standingOf(string(s.State)), trimmed(s.AccountID),
		})
	}
}

func (t *tree) noteGroup(v any) {
	if g, ok := v.(*Group); ok {
		scope := PolicyScope{Level: LevelGroup, ID: g.id(), Name: trimmed(g.Name), SiteID: trimmed(g.SiteID)}
		t.groups = append(t.groups, groupNode{scope, g.Inherits.B})
	}
}
