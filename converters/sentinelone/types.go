package sentinelone

import "assetgraph/graph"

const (
	integration = "sentinelone"
	vendor      = "SentinelOne"
	has         = "HAS"
)

// types are the declarations of everything that the converter produces.
type types struct {
	account, site, group, agent, user                           *graph.Type
	accountHasSite, accountHasUser, siteHasGroup, groupHasAgent *graph.Type

	function graph.Value // of every agent
}

func newTypes() *types {
	t := &types{account: accountType(), site: siteType(), group: groupType(), agent: agentType(), user: userType()}
	t.function = graph.TextsOf("anti-malware", "endpoint-protection")
	t.accountHasSite = graph.NewRelationshipType(integration, t.account.Name, has, t.site.Name)
	t.accountHasUser = graph.NewRelationshipType(integration, t.account.Name, has, t.user.Name)
	t.siteHasGroup = graph.NewRelationshipType(integration, t.site.Name, has, t.group.Name)
	t.groupHasAgent = graph.NewRelationshipType(integration, t.group.Name, has, t.agent.Name)
	return t
}

func (t *types) all() []*graph.Type {
	return []*graph.Type{
		t.account, t.site, t.group, t.agent, t.user,
		t.accountHasSite, t.accountHasUser, t.siteHasGroup, t.groupHasAgent,
	}
}

func accountType() *graph.Type {
	return graph.NewEntityType("sentinelone_account", integration, "GET /web/api/v2.1/accounts", []string{"Account"},
		graph.Property{Name: "vendor", Kind: graph.Text},
		graph.Property{Name: "state", Kind: graph.Text, Doc: "active, expired or deleted"},
		graph.Property{Name: "accountType", Kind: graph.Text, Doc: "such as Paid or Trial"},
		graph.Property{Name: "activeAgents", Kind: graph.Int, Volatile: true},
		graph.Property{Name: "numberOfSites", Kind: graph.Int},
		graph.Property{Name: "createdOn", Kind: graph.Time},
		graph.Property{Name: "updatedOn", Kind: graph.Time},
		graph.Property{Name: "expiresOn", Kind: graph.Time, Doc: "absent when the licence does not end"},
	)
}

func siteType() *graph.Type {
	return graph.NewEntityType("sentinelone_site", integration, "GET /web/api/v2.1/sites", []string{"Organization"},
		graph.Property{Name: "state", Kind: graph.Text, Doc: "active, expired or deleted"},
		graph.Property{Name: "siteType", Kind: graph.Text, Doc: "such as Paid or Trial"},
		graph.Property{Name: "accountId", Kind: graph.Text},
		graph.Property{Name: "externalId", Kind: graph.Text, Doc: "the customer's own identifier"},
		graph.Property{Name: "activeLicenses", Kind: graph.Int, Volatile: true, Doc: "installed agents"},
		graph.Property{Name: "totalLicenses", Kind: graph.Int, Doc: "0 or -1 when unlimited"},
		graph.Property{Name: "createdOn", Kind: graph.Time},
		graph.Property{Name: "updatedOn", Kind: graph.Time},
		graph.Property{Name: "expiresOn", Kind: graph.Time, Doc: "absent when the licence does not end"},
	)
}

func groupType() *graph.Type {
	return graph.NewEntityType("sentinelone_group", integration, "GET /web/api/v2.1/groups", []string{"Group"},
		graph.Property{Name: "siteId", Kind: graph.Text},
		graph.Property{Name: "groupType", Kind: graph.Text, Doc: "static, dynamic or pinned"},
		graph.Property{Name: "isDefault", Kind: graph.Bool},
		graph.Property{Name: "inherits", Kind: graph.Bool, Doc: "the policy is the site's"},
		graph.Property{Name: "rank", Kind: graph.Int, Doc: "dynamic groups only"},
		graph.Property{Name: "filterId", Kind: graph.Text, Doc: "dynamic groups only"},
		graph.Property{Name: "createdOn", Kind: graph.Time},
		graph.Property{Name: "updatedOn", Kind: graph.Time},
	)
}

func agentType() *graph.Type {
	return graph.NewEntityType("sentinelone_agent", integration,
		"GET /web/api/v2.1/agents, decommissioned and uninstalled ones too", []string{"HostAgent"},
		graph.Property{Name: "function", Kind: graph.Texts},
		graph.Property{Name: "uuid", Kind: graph.Text, Doc: "made on the machine; lower case without dashes"},
		graph.Property{Name: "hostname", Kind: graph.Text},
		graph.Property{Name: "domain", Kind: graph.Text, Doc: "DNS domains only"},
		graph.Property{Name: "serial", Kind: graph.Text},
		graph.Property{Name: "ipv4Addresses", Kind: graph.Texts},
		graph.Property{Name: "ipv6Addresses", Kind: graph.Texts},
		graph.Property{Name: "macAddresses", Kind: graph.Texts},
		graph.Property{Name: "publicIpAddresses", Kind: graph.Texts},
		graph.Property{Name: "privateIpAddresses", Kind: graph.Texts},
		graph.Property{Name: "osName", Kind: graph.Text},
		graph.Property{Name: "osType", Kind: graph.Text, Doc: "windows, darwin, linux or other"},
		graph.Property{Name: "osVersion", Kind: graph.Text, Doc: "build, or distribution and kernel"},
		graph.Property{Name: "osDetails", Kind: graph.Text, Doc: "name, version and architecture"},
		graph.Property{Name: "make", Kind: graph.Text, Doc: "absent where the model does not tell it apart"},
		graph.Property{Name: "model", Kind: graph.Text},
		graph.Property{Name: "version", Kind: graph.Text, Doc: "of the agent"},
		graph.Property{Name: "machineType", Kind: graph.Text, Doc: "desktop, laptop, server, kubernetes node, …"},
		graph.Property{Name: "siteId", Kind: graph.Text},
		graph.Property{Name: "groupId", Kind: graph.Text},
		graph.Property{Name: "accountId", Kind: graph.Text},
		graph.Property{Name: "active", Kind: graph.Bool, Volatile: true, Doc: "online now"},
		graph.Property{Name: "infected", Kind: graph.Bool},
		graph.Property{Name: "activeThreats", Kind: graph.Int},
		graph.Property{Name: "isDecommissioned", Kind: graph.Bool},
		graph.Property{Name: "isUninstalled", Kind: graph.Bool},
		graph.Property{Name: "isUpToDate", Kind: graph.Bool, Doc: "of the agent's version"},
		graph.Property{Name: "networkStatus", Kind: graph.Text, Doc: "of the network quarantine, not online or offline"},
		graph.Property{Name: "mitigationMode", Kind: graph.Text, Doc: "detect or protect"},
		graph.Property{Name: "scanStatus", Kind: graph.Text, Doc: "none, started, aborted or finished"},
		graph.Property{Name: "lastScanOn", Kind: graph.Time, Volatile: true, Doc: "end of the last scan that finished"},
		graph.Property{Name: "lastLoggedInUser", Kind: graph.Text, Volatile: true},
		graph.Property{Name: "tags", Kind: graph.Texts, Doc: "key:value"},
		graph.Property{Name: "cloudProvider", Kind: graph.Text, Doc: "such as AWS, Azure or GCP"},
		graph.Property{Name: "cloudInstanceId", Kind: graph.Text},
		graph.Property{Name: "createdOn", Kind: graph.Time},
		graph.Property{Name: "updatedOn", Kind: graph.Time, Volatile: true, Doc: "moves with every check-in"},
		graph.Property{Name: "registeredOn", Kind: graph.Time},
		graph.Property{Name: "lastSeenOn", Kind: graph.Time, Volatile: true, Doc: "last check-in"},
	)
}

func userType() *graph.Type {
	return graph.NewEntityType("sentinelone_user", integration, "GET /web/api/v2.1/users, users of the console", []string{"User"},
		graph.Property{Name: "username", Kind: graph.Texts, Doc: "the e-mail address that the user signs in with"},
		graph.Property{Name: "email", Kind: graph.Texts},
		graph.Property{Name: "firstName", Kind: graph.Text},
		graph.Property{Name: "lastName", Kind: graph.Text},
		graph.Property{Name: "shortLoginId", Kind: graph.Texts},
		graph.Property{Name: "isMfaEnabled", Kind: graph.Bool},
		graph.Property{Name: "source", Kind: graph.Text, Doc: "mgmt, sso_saml or active_directory"},
		graph.Property{Name: "scope", Kind: graph.Text, Doc: "tenant, account or site"},
		graph.Property{Name: "createdOn", Kind: graph.Time},
		graph.Property{Name: "lastLoginOn", Kind: graph.Time, Volatile: true},
	)
}
