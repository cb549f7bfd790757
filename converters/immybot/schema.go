package immybot

import "assetgraph/graph"

// Integration is the value of _integration of everything that New's converter produces.
const Integration = "immybot"

// types are the declared types of the provider.
type types struct {
	tenant, computer, person, user                                          *graph.Type
	tenantHasTenant, tenantHasComputer, tenantHasPerson, personUsesComputer *graph.Type
}

func newTypes() *types {
	relationship := func(from *graph.Type, verb string, to *graph.Type) *graph.Type {
		return graph.NewRelationshipType(Integration, from.Name, verb, to.Name)
	}
	t := &types{tenant: newTenantType(), computer: newComputerType(), person: newPersonType(), user: newUserType()}
	t.tenantHasComputer = relationship(t.tenant, "HAS", t.computer)
	t.tenantHasPerson = relationship(t.tenant, "HAS", t.person)
	t.tenantHasTenant = relationship(t.tenant, "HAS", t.tenant)
	t.personUsesComputer = relationship(t.person, "USES", t.computer)
	return t
}

func (t *types) all() []*graph.Type {
	return []*graph.Type{
		t.tenant, t.computer, t.person, t.user,
		t.tenantHasComputer, t.tenantHasPerson, t.tenantHasTenant, t.personUsesComputer,
	}
}

func newTenantType() *graph.Type {
	return graph.NewEntityType("immybot_tenant", Integration, "GET /api/v1/tenants", []string{"Organization"},
		graph.Property{Name: "slug", Kind: graph.Text},
		graph.Property{Name: "active", Kind: graph.Bool, Doc: "whether the tenant is switched on"},
		graph.Property{Name: "isMsp", Kind: graph.Bool, Doc: "the owner of the instance"},
		graph.Property{Name: "azureTenantId", Kind: graph.Text, Doc: "of the linked Entra tenant"},
		graph.Property{Name: "emailDomain", Kind: graph.Text, Doc: "default domain of the linked Entra tenant"},
		graph.Property{Name: "parentTenantId", Kind: graph.Text},
		graph.Property{Name: "createdOn", Kind: graph.Time},
		graph.Property{Name: "updatedOn", Kind: graph.Time},
	)
}

func newComputerType() *graph.Type {
	return graph.NewEntityType("immybot_computer", Integration, "GET /api/v1/computers/paged", []string{"Device", "Host"},
		graph.Property{Name: "tenantId", Kind: graph.Text},
		graph.Property{Name: "hostname", Kind: graph.Text},
		graph.Property{Name: "fqdn", Kind: graph.Texts},
		graph.Property{Name: "domain", Kind: graph.Text, Doc: "DNS domain; workgroups are left out"},
		graph.Property{Name: "serial", Kind: graph.Text, Doc: "else the one that an agent on it tells"},
		graph.Property{Name: "deviceId", Kind: graph.Texts, Doc: "SMBIOS UUID; ImmyBot makes one up for machines whose own is known to be bad"},
		graph.Property{Name: "make", Kind: graph.Text},
		graph.Property{Name: "model", Kind: graph.Text},
		graph.Property{Name: "category", Kind: graph.Text, Doc: "server, laptop, desktop or mobile, from the domain role, the system's name and the chassis"},
		graph.Property{Name: "osName", Kind: graph.Text},
		graph.Property{Name: "osType", Kind: graph.Text},
		graph.Property{Name: "osVersion", Kind: graph.Text, Doc: "as the system's name tells it: 11, 2012 R2; the list gives no build"},
		graph.Property{Name: "osDetails", Kind: graph.Text, Doc: "always absent: the list tells the system's name alone"},
		graph.Property{Name: "privateIpAddresses", Kind: graph.Texts},
		graph.Property{Name: "publicIpAddresses", Kind: graph.Texts},
		graph.Property{Name: "ipv4Addresses", Kind: graph.Texts},
		graph.Property{Name: "ipv6Addresses", Kind: graph.Texts},
		graph.Property{Name: "macAddresses", Kind: graph.Texts, Doc: "always absent: the list does not give them"},
		graph.Property{Name: "onboardingStatus", Kind: graph.Text, Doc: "NeedsOnboarding, Onboarding or Onboarded"},
		graph.Property{Name: "licensed", Kind: graph.Bool},
		graph.Property{Name: "excludedFromMaintenance", Kind: graph.Bool},
		graph.Property{Name: "hasPendingReboot", Kind: graph.Bool},
		graph.Property{Name: "primaryUserEmail", Kind: graph.Text},
		graph.Property{Name: "lastLoggedInUser", Kind: graph.Text, Volatile: true},
		graph.Property{Name: "active", Kind: graph.Bool, Volatile: true, Doc: "an enabled integration sees it online; those of SentinelOne always do"},
		graph.Property{Name: "createdOn", Kind: graph.Time, Doc: "when ImmyBot first saw it"},
		graph.Property{Name: "lastBootOn", Kind: graph.Time},
		graph.Property{Name: "lastSeenOn", Kind: graph.Time, Volatile: true, Doc: "last event of an agent on it"},
	)
}

func newPersonType() *graph.Type {
	return graph.NewEntityType("immybot_person", Integration, "GET /api/v1/persons", []string{"Person"},
		graph.Property{Name: "firstName", Kind: graph.Text},
		graph.Property{Name: "lastName", Kind: graph.Text},
		graph.Property{Name: "email", Kind: graph.Texts},
		graph.Property{Name: "tenantId", Kind: graph.Text},
		graph.Property{Name: "azurePrincipalId", Kind: graph.Text, Doc: "object id in Entra, of a user or of an app"},
		graph.Property{Name: "createdOn", Kind: graph.Time},
		graph.Property{Name: "updatedOn", Kind: graph.Time},
	)
}

func newUserType() *graph.Type {
	return graph.NewEntityType("immybot_user", Integration, "GET /api/v1/users", []string{"User"},
		graph.Property{Name: "username", Kind: graph.Texts, Doc: "e-mail address, else the name"},
		graph.Property{Name: "email", Kind: graph.Texts},
		graph.Property{Name: "firstName", Kind: graph.Text, Doc: "from the full name of a user with an e-mail address"},
		graph.Property{Name: "lastName", Kind: graph.Text, Doc: "likewise"},
		graph.Property{Name: "shortLoginId", Kind: graph.Texts},
		graph.Property{Name: "isAdmin", Kind: graph.Bool},
		graph.Property{Name: "isActive", Kind: graph.Bool, Doc: "access has not expired"},
	)
}
