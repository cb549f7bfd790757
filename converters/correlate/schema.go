// Package correlate says which records of different providers are the same machine, customer or person, and why. It
// declares the types of what is derived from that: device, organization and person, and their relationships.
package correlate

import "assetgraph/graph"

// Integration owns everything that the program derives.
const Integration = "assetgraph"

// states reports whether records of the type state links.
func states(typ string) bool { return typ == "immybot_computer" || typ == "immybot_tenant" }

// Types returns the declared types of what is derived from all providers, entities first.
func Types() []*graph.Type {
	types := []*graph.Type{
		graph.NewEntityType("device", Integration, "derived: one physical or virtual machine", []string{"Device", "Host"},
			graph.Property{Name: "category", Kind: graph.Text},
			graph.Property{Name: "hostname", Kind: graph.Text},
			graph.Property{Name: "fqdn", Kind: graph.Texts},
			graph.Property{Name: "serial", Kind: graph.Text},
			graph.Property{Name: "deviceId", Kind: graph.Texts},
			graph.Property{Name: "make", Kind: graph.Text},
			graph.Property{Name: "model", Kind: graph.Text},
			graph.Property{Name: "osName", Kind: graph.Text},
			graph.Property{Name: "osType", Kind: graph.Text},
			graph.Property{Name: "osVersion", Kind: graph.Text},
			graph.Property{Name: "osDetails", Kind: graph.Text},
			graph.Property{Name: "ipv4Addresses", Kind: graph.Texts},
			graph.Property{Name: "ipv6Addresses", Kind: graph.Texts},
			graph.Property{Name: "macAddresses", Kind: graph.Texts},
			graph.Property{Name: "publicIpAddresses", Kind: graph.Texts},
			graph.Property{Name: "privateIpAddresses", Kind: graph.Texts},
			graph.Property{Name: "sources", Kind: graph.Texts, Doc: "which products see it"},
			graph.Property{Name: "sourceCount", Kind: graph.Int},
			graph.Property{Name: "hasEdr", Kind: graph.Bool},
			graph.Property{Name: "hasRmm", Kind: graph.Bool},
			graph.Property{Name: "hasDeployment", Kind: graph.Bool},
			graph.Property{Name: "organization", Kind: graph.Text},
			graph.Property{Name: "lastSeenOn", Kind: graph.Time, Volatile: true},
		),
		graph.NewEntityType("organization", Integration, "derived: one customer", []string{"Organization"},
			graph.Property{Name: "sources", Kind: graph.Texts},
			graph.Property{Name: "deviceCount", Kind: graph.Int},
		),
		graph.NewEntityType("person", Integration, "derived: one human, by e-mail", []string{"Person"},
			graph.Property{Name: "firstName", Kind: graph.Text},
			graph.Property{Name: "lastName", Kind: graph.Text},
			graph.Property{Name: "email", Kind: graph.Texts},
			graph.Property{Name: "sources", Kind: graph.Texts},
		),
	}
	for _, r := range [...][3]string{
		{"sentinelone_agent", "PROTECTS", "device"},
		{"ninjarmm_device", "IS", "device"}, {"immybot_computer", "IS", "device"},
		{"sentinelone_site", "IS", "organization"}, {"ninjarmm_organization", "IS", "organization"}, {"immybot_tenant", "IS", "organization"},
		{"immybot_person", "IS", "person"}, {"immybot_user", "IS", "person"}, {"ninjarmm_user", "IS", "person"}, {"sentinelone_user", "IS", "person"},
	} {
		properties := []graph.Property{
			{Name: "method", Kind: graph.Text, Doc: "provider-link, serial, mac, hostname, client-mapping, name or email; override where people decided. Of a record to which no other is linked: what it is known by"},
			{Name: "matchedValue", Kind: graph.Text},
			{Name: "confidence", Kind: graph.Text, Doc: "exact, strong or weak"},
		}
		if states(r[0]) {
			properties = append(properties, graph.Property{Name: "links", Kind: graph.Texts, Doc: "digests of the counterparts that the product says it has, known or not; they count until they are read again"})
		}
		types = append(types, graph.NewRelationshipType(Integration, r[0], r[1], r[2], properties...))
	}
	return append(types,
		graph.NewRelationshipType(Integration, "organization", "HAS", "device"),
		graph.NewRelationshipType(Integration, "person", "USES", "device"))
}
