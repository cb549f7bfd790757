package sentinelone

import "assetgraph/converters"

// identities: a console numbers everything that it holds, of whatever account, in one space. Accounts decide: agents
// move from one to another, and users may be of several.
func (t *types) identities() []converters.Identity {
	return []converters.Identity{
		{Type: t.account.Type, By: []string{"createdOn"}, Unique: true},
		{Type: t.site.Type, By: []string{"createdOn"}, Unique: true},
		{Type: t.group.Type, By: []string{"createdOn"}, Unique: true},
		{Type: t.agent.Type, By: []string{"createdOn"}, Unique: true},
	}
}
