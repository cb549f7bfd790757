package immybot

import (
	"strings"

	"assetgraph/collectors/immybot"
	"assetgraph/converters"
)

// linkAgents tells which agents of other products the computer carries, by what the products call them: a uuid, a device id.
func (t *types) linkAgents(v *immybot.Computer, id string, f *converters.Fragment) {
	for i := range v.Agents {
		agent := &v.Agents[i]
		f.Link(t.computer, id, agent.Product, strings.TrimSpace(string(agent.ExternalAgentID)))
	}
}

// linkClient tells which customer of another product a tenant is, by what the product calls it: a site's id, an organization's.
func (t *types) linkClient(v *immybot.ProviderClient, _ string, f *converters.Fragment) {
	tenant := reference(v.LinkedToTenantID.N, v.LinkedToTenantID.Set)
	f.Link(t.tenant, tenant, v.Product, strings.TrimSpace(string(v.ExternalClientID)))
}
