package immybot

import (
	"strings"
	"unicode"

	"assetgraph/collectors/immybot"
	"assetgraph/converters"
)

// product returns the integration that keeps what ImmyBot calls by the display name of a provider type, or by the name that
// somebody gave to an integration of it; "" for other products.
func product(name string) string {
	switch {
	case beginsWith(name, "sentinelone"):
		return "sentinelone"
	case beginsWith(name, "ninja"): // NinjaOne, NinjaRMM, Ninja RMM
		return "ninjarmm"
	}
	return ""
}

// beginsWith reports whether name begins with word, which is in lower case; spaces, hyphens and case in name don't count.
func beginsWith(name, word string) bool {
	for _, c := range name {
		switch {
		case word == "":
			return true
		case c == ' ', c == '-':
		case unicode.ToLower(c) == rune(word[0]):
			word = word[1:]
		default:
			return false
		}
	}
	return word == ""
}

// linkAgents tells which agents of other products the computer carries: the agent uuid for SentinelOne, the device id for NinjaRMM
// (API.md §4).
func (t *types) linkAgents(v *immybot.Computer, id string, f *converters.Fragment) {
	for i := range v.Agents {
		agent := &v.Agents[i]
		p, external := product(agent.Product), strings.TrimSpace(string(agent.ExternalAgentID))
		if p == "sentinelone" {
			external = strings.ReplaceAll(strings.ToLower(external), "-", "")
		}
		f.Link(t.computer.Type, id, p, external)
	}
}

// linkClient tells which customer of another product a tenant is: the site id for SentinelOne, the organization id for
// NinjaRMM (API.md §4).
func (t *types) linkClient(v *immybot.ProviderClient, _ string, f *converters.Fragment) {
	tenant := reference(v.LinkedToTenantID.N, v.LinkedToTenantID.Set)
	f.Link(t.tenant.Type, tenant, product(v.Product), strings.TrimSpace(string(v.ExternalClientID)))
}
