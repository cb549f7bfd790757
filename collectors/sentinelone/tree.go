package sentinelone

import (
	"context"
	"strings"

	"assetgraph/collectors"
)

// A tree is what the steps of accounts, sites and groups leave for those that come after them. Each part of it is
// written by one step, which has ended when another reads it.
type tree struct {
	accounts []PolicyScope
	sites    []siteNode
	groups   []groupNode
}

// A siteNode is a site that is active.
type siteNode struct {
	PolicyScope
	account string
}

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
	if a, ok := v.(*Account); ok && active(string(a.State)) {
		t.accounts = append(t.accounts, PolicyScope{Level: LevelAccount, ID: a.id(), Name: trimmed(a.Name)})
	}
}

func (t *tree) noteSite(v any) {
	if s, ok := v.(*Site); ok && active(string(s.State)) {
		t.sites = append(t.sites, siteNode{
			PolicyScope{Level: LevelSite, ID: s.id(), Name: trimmed(s.Name), SiteID: s.id()}, trimmed(s.AccountID),
		})
	}
}

func (t *tree) noteGroup(v any) {
	if g, ok := v.(*Group); ok {
		scope := PolicyScope{Level: LevelGroup, ID: g.id(), Name: trimmed(g.Name), SiteID: trimmed(g.SiteID)}
		t.groups = append(t.groups, groupNode{scope, g.Inherits.B})
	}
}

// active reports whether an account or site is one of today; where the console does not say it is.
func active(state string) bool {
	state = strings.TrimSpace(state)
	return state == "" || strings.EqualFold(state, "active")
}
