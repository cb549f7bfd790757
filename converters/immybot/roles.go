package immybot

import (
	"assetgraph/converters"
	"assetgraph/graph"
)

// roles says what computers, tenants, persons and users are to correlation and reports.
func (t *types) roles() []converters.Role {
	computer, tenant, person, user := t.computer.Type.Field, t.tenant.Type.Field, t.person.Type.Field, t.user.Type.Field
	active := tenant("active")
	return []converters.Role{
		{Type: t.computer.Type, Machine: &converters.Machine{
			Tool: &converters.Tool{
				Name: "deployment", Title: "deployment", Product: "ImmyBot", Noun: "computer",
				Systems: []string{"windows"}, // "does not support phones" nor other systems: docs.immy.bot/guide/introduction
			},
			Verb: "IS", Belief: converters.Deploying,
			State:   func(*graph.Element) converters.State { return converters.Live },
			Serials: []graph.Field{computer("serial")}, MACs: computer("macAddresses"),
			Names: []graph.Field{computer("hostname"), computer("name")},
			Make:  computer("make"), Model: computer("model"),
			Posture:  map[string]graph.Field{"pendingReboot": computer("hasPendingReboot")},
			Customer: computer("tenantId"), CustomerOf: t.tenant.Type, User: computer("primaryUserEmail"),
			Created: computer("createdOn"), LastSeen: computer("lastSeenOn"), Links: true,
			Kinds: []graph.Field{computer("category")}, Licensed: computer("licensed"),
		}},
		{Type: t.tenant.Type, Customer: &converters.Customer{Belief: converters.Deploying, Name: tenant("name"),
			Created: tenant("createdOn"), Links: true,
			Live: func(e *graph.Element) bool { v := active.Get(e); return v.IsAbsent() || v.Bool() },
		}},
		{Type: t.person.Type, Human: &converters.Human{
			Belief: converters.People, Email: person("email"), FirstName: person("firstName"),
			LastName: person("lastName"), Created: person("createdOn"),
			Customer: person("tenantId"), Directory: person("azurePrincipalId"),
		}},
		{Type: t.user.Type, Human: &converters.Human{
			Belief: converters.Operator, Email: user("email"), FirstName: user("firstName"), LastName: user("lastName"),
			Directory: user("azurePrincipalId"), Person: user("personId"), PersonOf: t.person.Type,
			Console: func(*graph.Element) bool { return true }, Active: user("isActive"),
		}},
	}
}
