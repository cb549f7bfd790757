package immybot

import "assetgraph/converters"

// identities: each instance counts from 1.
func (t *types) identities() []converters.Identity {
	return []converters.Identity{
		{Type: t.computer.Type, By: []string{"createdOn", "deviceId", "serial"}},
		{Type: t.person.Type, By: []string{"azurePrincipalId", "createdOn", "email"}},
		{Type: t.tenant.Type, By: []string{"createdOn", "azureTenantId", "name"}},
	}
}
