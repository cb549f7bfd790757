package immybot

import (
	"strings"

	"assetgraph/collectors/immybot"
	"assetgraph/converters"
)

// linkAgents tells which agents of other products the computer carries, by what the products call them: a uuid, a
// device id.
func (t *types) linkAgents(v *immybot.Computer, id string, f *converters.Fragment) {
	for i := range v.Agents {
		agent := &v.Agents[i]
		f.Link(t.computer.Type, id, converters.Link{
			Product: agent.Product, ExternalID: strings.TrimSpace(string(agent.ExternalAgentID)),
			Connection: reference(agent.ProviderLinkID.N, agent.ProviderLinkID.Set),
		})
	}
}

// linkClient tells which customer of another product a tenant is, by what the product calls it: a site's id, an
// organization's.
func (t *types) linkClient(v *immybot.ProviderClient, _ string, f *converters.Fragment) {
	tenant := reference(v.LinkedToTenantID.N, v.LinkedToTenantID.Set)
	f.Link(t.tenant.Type, tenant, converters.Link{
		Product: v.Product, ExternalID: strings.TrimSpace(string(v.ExternalClientID)),
		Connection: reference(v.ProviderLinkID.N, v.ProviderLinkID.Set),
		Name:       strings.TrimSpace(string(v.ExternalClientName)),
	})
}

// connect tells which connections to other products there are, and whether they work.
func (t *types) connect(v *immybot.ProviderLink, id string, f *converters.Fragment) {
	f.Connect(id, v.Disabled.B || v.Health() == immybot.Unhealthy)
}
