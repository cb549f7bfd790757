package sentinelone

import (
	"strings"

	"assetgraph/converters"
	"assetgraph/graph"
)

// roles says what agents, sites and console users are to correlation and reports.
func (t *types) roles() []converters.Role {
	agent, site, user := t.agent.Type.Field, t.site.Type.Field, t.user.Type.Field
	machineType, decommissioned, uninstalled := agent("machineType"), agent("isDecommissioned"), agent("isUninstalled")
	siteState, signs := site("state"), signsOf(t.agent.Type)
	return []converters.Role{
		{Type: t.agent.Type, Machine: &converters.Machine{
			Tool: &converters.Tool{
				Name: "edr", Title: "EDR", Product: vendor, Noun: "agent",
				Systems: []string{"windows", "darwin", "linux"}, // there are agents for these alone
				Works:   "protects", Fails: "unprotected",
			},
			Verb: "PROTECTS", Belief: converters.Reporting,
			State: func(e *graph.Element) converters.State {
				switch {
				case isLoad(machineType.Get(e).Text()):
					return converters.NoMachine
				case decommissioned.Get(e).Bool() || uninstalled.Get(e).Bool():
					return converters.Gone
				}
				return converters.Live
			},
			Reads: []graph.Field{machineType, decommissioned, uninstalled}, Symptoms: signs.of, Signs: signs.fields(),
			Remark: func(e *graph.Element) string {
				switch {
				case uninstalled.Get(e).Bool():
					return "uninstalled"
				case decommissioned.Get(e).Bool():
					return "decommissioned"
				}
				return ""
			},
			External: agent("uuid"), ExternalID: plainUUID,
			Serials: []graph.Field{agent("serial")}, MACs: agent("macAddresses"),
			Names: []graph.Field{agent("hostname"), agent("name")},
			Make:  agent("make"), Model: agent("model"),
			Customer: agent("siteId"), CustomerOf: t.site.Type,
			Created: agent("createdOn"), LastSeen: agent("lastSeenOn"),
			Category: func(e *graph.Element) graph.Value { return category(machineType.Get(e)) },
			Kinds:    []graph.Field{machineType}, Tags: agent("tags"),
			Posture: map[string]graph.Field{"openThreats": agent("activeThreats")},
		}},
		{Type: t.site.Type, Customer: &converters.Customer{
			Belief: converters.Reporting, Name: site("name"), Created: site("createdOn"), Account: site("accountId"),
			AccountOf: t.account.Type,
			Live: func(e *graph.Element) bool {
				state := siteState.Get(e).Text()
				return state == "" || state == "active"
			},
			SeatsUsed: site("activeLicenses"), SeatsBought: site("totalLicenses"),
			Symptoms: lapsed("site", t.site.Type),
		}},
		{Type: t.account.Type, Account: &converters.Account{
			Name: t.account.Type.Field("name"), Symptoms: lapsed("account", t.account.Type),
		}},
		{Type: t.discovered.Type, Sighting: &converters.Sighting{
			MACs: t.discovered.Type.Field("macAddresses"), Routers: t.discovered.Type.Field("gatewayMacAddresses"),
			Customer: t.discovered.Type.Field("siteId"), CustomerOf: t.site.Type,
		}},
		{Type: t.user.Type, Human: &converters.Human{
			Belief: converters.Console, Email: user("email"), FirstName: user("firstName"), LastName: user("lastName"),
			Created: user("createdOn"),
			Console: func(*graph.Element) bool { return true }, MFA: user("isMfaEnabled"), LastLogin: user("lastLoginOn"),
		}},
	}
}

// isLoad reports whether a machine type is a part of what runs on a machine and no machine.
func isLoad(machineType string) bool {
	switch strings.ToLower(machineType) {
	case "kubernetes pod", "kubernetes helper", "ecs task":
		return true
	}
	return false
}

// category says what category of device a machine type is; absent for what tells none.
func category(machineType graph.Value) graph.Value {
	switch strings.ToLower(machineType.Text()) {
	case "desktop", "laptop", "server":
		return machineType
	case "storage", "kubernetes node":
		return graph.TextOf("server")
	}
	return graph.Value{}
}

// plainUUID returns a uuid of an agent as the uuid property holds it: products disagree on case and dashes.
func plainUUID(s string) string { return strings.ReplaceAll(strings.ToLower(s), "-", "") }
