package ninjarmm

import "assetgraph/converters"

// identities: each tenant counts from 1. The first organization and the first location are called alike everywhere.
func (t *types) identities() []converters.Identity {
	return []converters.Identity{
		{Type: t.device.Type, By: []string{"uid", "createdOn", "serial"}},
		{Type: t.organization.Type, By: []string{"name"}, Shared: []string{
			"internal infrastructure", "internal", "internal it", "default", "default organization",
			"default organisation", "unassigned", "test",
		}},
	}
}
