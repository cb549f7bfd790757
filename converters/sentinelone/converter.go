package sentinelone

import (
	"strings"

	"assetgraph/collectors/sentinelone"
	"assetgraph/converters"
	"assetgraph/graph"
)

const (
	integration = "sentinelone"
	vendor      = "SentinelOne"
)

// types are the declarations of everything that the converter produces.
type types struct {
	account *converters.Table[sentinelone.Account]
	site    *converters.Table[sentinelone.Site]
	group   *converters.Table[sentinelone.Group]
	agent   *converters.Table[agent]
	user    *converters.Table[user]
	threat  *converters.Table[threat]
	policy  *converters.Table[sentinelone.Policy]

	discovered *converters.Table[discovered]

	accountHasSite, accountHasUser, siteHasGroup, groupHasAgent, agentIdentifiedThreat *graph.Type

	accountHasPolicy, siteHasPolicy, groupHasPolicy, policyEnforcesGroup, siteHasDiscovered *graph.Type
}

func newTypes() *types {
	t := &types{
		account: accounts(), site: sites(), group: groups(), agent: agents(), user: users(), threat: threats(),
		policy: policies(), discovered: discoveredDevices(),
	}
	has := func(from, to *graph.Type) *graph.Type {
		return graph.NewRelationshipType(integration, from.Name, "HAS", to.Name)
	}
	t.accountHasSite = has(t.account.Type, t.site.Type)
	t.accountHasUser = has(t.account.Type, t.user.Type)
	t.siteHasGroup = has(t.site.Type, t.group.Type)
	t.groupHasAgent = has(t.group.Type, t.agent.Type)
	t.agentIdentifiedThreat = graph.DeclareRelationship(integration, t.agent.Type.Name, "IDENTIFIED", t.threat.Type.Name).
		Transient().Type()
	t.accountHasPolicy, t.siteHasPolicy = has(t.account.Type, t.policy.Type), has(t.site.Type, t.policy.Type)
	t.groupHasPolicy = has(t.group.Type, t.policy.Type)
	t.siteHasDiscovered = has(t.site.Type, t.discovered.Type)
	t.policyEnforcesGroup = graph.NewRelationshipType(integration, t.policy.Type.Name, "ENFORCES", t.group.Type.Name)
	return t
}

// New returns the converter of all kinds of record that the collector yields.
func New() *converters.Converter {
	t := newTypes()
	return &converters.Converter{
		Integration: integration,
		Aliases:     []string{"sentinelone"},
		Roles:       t.roles(),
		Identities:  t.identities(),
		Types: []*graph.Type{
			t.account.Type, t.site.Type, t.group.Type, t.agent.Type, t.user.Type, t.threat.Type,
			t.policy.Type, t.discovered.Type,
			t.accountHasSite, t.accountHasUser, t.siteHasGroup, t.groupHasAgent, t.agentIdentifiedThreat,
			t.accountHasPolicy, t.siteHasPolicy, t.groupHasPolicy, t.policyEnforcesGroup, t.siteHasDiscovered,
		},
		Kinds: []converters.RecordKind{
			converters.NewKind(sentinelone.KindAccount, t.convertAccount, t.account.Type),
			converters.NewKind(sentinelone.KindSite, t.convertSite, t.site.Type, t.accountHasSite),
			converters.NewKind(sentinelone.KindGroup, t.convertGroup, t.group.Type, t.siteHasGroup),
			converters.NewKind(sentinelone.KindAgent, t.convertAgent, t.agent.Type, t.groupHasAgent),
			converters.NewKind(sentinelone.KindUser, t.convertUser, t.user.Type, t.accountHasUser),
			converters.NewKind(sentinelone.KindThreat, t.convertThreat, t.threat.Type, t.agentIdentifiedThreat),
			converters.NewKind(sentinelone.KindPolicy, t.convertPolicy, t.policy.Type, t.accountHasPolicy, t.siteHasPolicy,
				t.groupHasPolicy),
			converters.NewKind(sentinelone.KindPolicyInForce, t.convertPolicyInForce, t.policyEnforcesGroup),
			converters.NewKind(sentinelone.KindDiscoveredDevice, t.convertDiscovered, t.discovered.Type, t.siteHasDiscovered),
		},
	}
}

// trimmed returns the id of another record.
func trimmed[S ~string](id S) string { return strings.TrimSpace(string(id)) }
