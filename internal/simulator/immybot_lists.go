package simulator

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
)

// mspTenant is the row of the service provider's own tenant; the others are the customers' numbers.
const mspTenant = 1 << 20

// tenantRows lists the tenants: the service provider's, then those of the customers.
func (m *immy) tenantRows(c *call) []uint32 {
	rows := []uint32{mspTenant}
	for n := range c.f.customers {
		if c.f.customers[n].hasTenant && c.f.sees(n) {
			rows = append(rows, uint32(n))
		}
	}
	return rows
}

// tenantRowID is the id of a row of tenantRows.
func (f *fleet) tenantRowID(row int) int {
	if row == mspTenant {
		return 1
	}
	return tenantID(row)
}

func (f *fleet) renderTenant(w *jsonWriter, n int) {
	created := f.start.AddDate(-3, 0, n%1000)
	w.begin('{')
	if n == mspTenant {
		w.num("id", 1)
		w.str("name", "Example Managed Services")
		w.str("slug", "MSP")
		w.nulls("parentTenantId", "ownerTenantId", "azureTenantLink", "markedForDeletionAtUtc", "updatedBy",
			"createdBy")
		w.flag("active", true)
		w.flag("isMsp", true)
	} else {
		f.renderCustomerTenant(w, n)
	}
	w.str("updatedDateUTC", neverDate)
	w.at("createdDateUTC", created, "2006-01-02T15:04:05.999999Z")
	w.raw("tenantTagIds", "[]")
	w.raw("tenantTagNames", "[]")
	w.end('}')
}

func (f *fleet) renderCustomerTenant(w *jsonWriter, n int) {
	c := &f.customers[n]
	w.num("id", tenantID(n))
	w.str("name", c.tenant)
	w.strOrNull("slug", [...]string{c.code, ""}[digit(n%5 == 2)])
	if n == 4 && f.customers[3].hasTenant { // the group's parent company
		w.num("parentTenantId", tenantID(3))
	} else {
		w.nulls("parentTenantId")
	}
	w.num("ownerTenantId", 1)
	w.flag("active", n%11 != 10)
	if n%3 == 0 {
		w.raw("azureTenantLink", fmt.Sprintf(`{"immyTenantId":%d,"azTenantId":%q,"azureTenant":{"principalId":%q,"azureTenantType":1,"infoSyncedFromAzure":{"tenantName":%q,"defaultDomainName":%q,"domainNames":[%q]}},"shouldLimitDomains":false,"limitToDomains":[]}`,
			tenantID(n), f.guid(-5000-n, topicUUID), f.guid(-5000-n, topicUUID), c.base, c.mail, c.mail))
	} else {
		w.nulls("azureTenantLink")
	}
	w.flag("isMsp", false)
	w.nulls("updatedBy", "createdBy")
	if n == 13 {
		w.at("markedForDeletionAtUtc", f.start.AddDate(0, 0, -2), microLayout)
	} else {
		w.nulls("markedForDeletionAtUtc")
	}
}

func (f *fleet) renderComputerCount(w *jsonWriter, n int) {
	id, count := 1, 0
	if n != mspTenant {
		id, count = tenantID(n), f.totals().perTenant[n]
	}
	w.begin('{')
	w.num("tenantId", id)
	w.num("computerCount", count)
	w.end('}')
}

// staffPerson is the row of the first of the service provider's own persons; the others are machine numbers.
const staffPerson = 1 << 30

// personRows lists the persons: the service provider's staff, then those of the customers.
func (m *immy) personRows(c *call) []uint32 {
	var rows []uint32
	for t := range uint32(technicians) {
		rows = append(rows, staffPerson+t)
	}
	c.read(func() { rows = append(rows, c.f.persons()...) })
	return rows
}

// staffID is the person id of a technician.
func staffID(t int) int { return 10 + t }

// personRowID is the id of a row of personRows.
func (f *fleet) personRowID(row int) int {
	if row >= staffPerson {
		return staffID(row - staffPerson)
	}
	return f.personID(row)
}

func (f *fleet) renderPerson(w *jsonWriter, row int) {
	h, id, tenant, name := human{}, 0, 1, "Example Managed Services"
	if row >= staffPerson {
		h, id = f.technician(row-staffPerson), staffID(row-staffPerson)
	} else {
		c := int(f.states[row].customer)
		h, id, tenant, name = f.person(row), f.personID(row), tenantID(c), f.customers[c].tenant
	}
	w.begin('{')
	w.num("id", id)
	w.str("firstName", h.first)
	w.str("lastName", h.last)
	w.str("emailAddress", h.email)
	if row%3 == 0 {
		w.nulls("azurePrincipalId")
	} else {
		w.str("azurePrincipalId", f.guid(row, topicHuman))
	}
	w.str("tenantName", name)
	w.num("tenantId", tenant)
	w.str("fullName", h.full())
	w.str("updatedDateUTC", neverDate)
	w.at("createdDateUTC", f.start.AddDate(-2, 0, -row%300), "2006-01-02T15:04:05.999Z")
	w.nulls("updatedBy", "onPremisesSecurityIdentifier", "expirationDateUTC")
	w.raw("personTagIds", "[]")
	if row >= staffPerson {
		w.num("userId", 2+row-staffPerson)
	} else {
		w.nulls("userId")
	}
	w.end('}')
}

// renderImmyUser writes a console user; the last one is the collector's own service principal, which is no person's.
func (f *fleet) renderImmyUser(w *jsonWriter, n int) {
	w.begin('{')
	w.num("id", 2+n)
	if n == technicians {
		w.nulls("email", "personId")
		w.str("name", "asset collector")
		w.str("type", "ServicePrincipal")
	} else {
		h := f.technician(n)
		w.str("email", h.email)
		w.num("personId", staffID(n))
		w.str("name", h.full())
		w.str("type", "Person")
	}
	w.num("tenantId", 1)
	w.flag("isAdmin", n == 0)
	w.str("companyName", "Example Managed Services")
	w.str("azurePrincipalId", f.guid(-9000-n, topicUUID))
	w.flag("isExpired", immyUserExpired(n))
	w.nulls("expirationDateUTC")
	w.flag("canManageCrossTenantDeployments", false)
	w.flag("isMsp", true)
	w.raw("groups", "[]")
	w.end('}')
}

// providers answers the routes of provider types and links.
func (m *immy) providers(c *call, route string, id int) {
	links := append([]uint32{immyLink, edrLink, rmmLink, oldEDRLink}, c.f.planted.linkIDs()...)
	known := slices.Contains(links, uint32(id))
	switch {
	case route == "/provider-types":
		c.knows("includeLinkFormSchemas")
		c.stream("[", []uint32{immyLink, edrLink, rmmLink}, renderProviderType, "]")
	case route == "/provider-links":
		c.knows("includeClients", "includeUnlinkedClients", "throwIfAgentInstallerVersionNotSet")
		if !m.quiet(c) {
			return
		}
		c.stream("[", links, amended(m.renderLink(c, c.query.Get("includeClients") == "true"), c.f.providerLinkFields),
			"]")
	case !known:
		c.json(http.StatusNotFound, `{"title":"Not Found","status":404}`)
	case route == "/provider-links/{id}":
		c.knows("includeClients", "includeProvidersLinkedFromThisProvider", "throwIfAgentInstallerVersionNotSet")
		if !m.quiet(c) {
			return
		}
		c.stream("", []uint32{uint32(id)},
			amended(m.renderLink(c, c.query.Get("includeClients") != "false"), c.f.providerLinkFields), "")
	default:
		c.knows()
		w := jsonWriter{}
		c.read(func() { c.f.linkClients(&w, id) })
		c.json(http.StatusOK, string(w.b))
	}
}

// quiet reports whether the client asked not to fail for links without an installer version; else the answer is such a
// failure.
func (m *immy) quiet(c *call) bool {
	if c.query.Get("throwIfAgentInstallerVersionNotSet") == "false" {
		return true
	}
	c.mistake("throwIfAgentInstallerVersionNotSet is not false")
	c.json(http.StatusInternalServerError, `{"title":"An error occurred while processing your request.","status":500}`)
	return false
}

func renderProviderType(w *jsonWriter, id int) {
	w.begin('{')
	w.str("providerTypeId", linkType(id))
	w.num("source", [...]int{3, 1}[digit(id == immyLink)])
	w.flag("isDynamic", id != immyLink)
	w.str("displayName", map[int]string{immyLink: "ImmyBot Agent", edrLink: "SentinelOne", rmmLink: "NinjaOne"}[id])
	w.nulls("tag", "configurationForm", "logoSrc", "docsUrl")
	w.raw("deviceGroupTypes", "[]")
	w.raw("providerCapabilities", `["IListClients","IListAgents"]`)
	w.end('}')
}

// renderLink writes a provider link. Its form data hold the other product's credentials.
func (m *immy) renderLink(c *call, clients bool) func(*jsonWriter, int) {
	return func(w *jsonWriter, id int) {
		w.begin('{')
		w.num("id", id)
		w.flag("disabled", id == oldEDRLink)
		w.nulls("errorMessage", "healthStatusMessage", "includeClientsFailedMessage", "latestAgentVersion")
		w.num("healthStatus", 2-2*digit(id == oldEDRLink))
		w.str("name", linkName(id))
		w.num("runScriptPriority", 3)
		w.raw("providerTypeFormData",
			fmt.Sprintf(`{"ApiKey":%q,"Uri":"https://example.invalid"}`, m.s.secrets.formData))
		w.list("inputsWithStoredPasswords", "ApiKey")
		w.num("ownerTenantId", 1)
		w.str("providerTypeId", linkType(id))
		w.str("providerPluginBaseUrl", "/plugins/api/v1/"+strconv.Itoa(id))
		w.str("updatedDateUTC", neverDate)
		w.at("createdDateUTC", c.f.start.AddDate(-2, 0, id), "2006-01-02T15:04:05.999999Z")
		w.raw("providerCapabilities", "[]")
		if clients && id != immyLink {
			w.key("providerClients")
			c.f.linkClients(w, id)
		} else {
			w.nulls("providerClients")
		}
		w.nulls("computers", "schedules", "linkedFromProviders")
		w.end('}')
	}
}

// linkClients writes which customer of the other product is which tenant; some are mapped to none.
func (f *fleet) linkClients(w *jsonWriter, id int) {
	w.begin('[')
	for _, client := range f.planted.clientsOf(id) {
		f.linkClient(w, id, client.external, client.name, client.tenant, true)
	}
	for n := range f.customers {
		c := &f.customers[n]
		switch {
		case id == edrLink && c.hasSite:
			for k := range c.sites {
				external := strconv.FormatUint(f.siteID(n*sitesPerCustomer+k), 10)
				f.linkClient(w, id, external, c.siteName(k), n, c.linkedSite && k == 0)
			}
		case id == rmmLink && c.knownToRMM():
			f.linkClient(w, id, strconv.Itoa(orgID(n)), c.org, n, c.linkedTo)
		}
	}
	w.end(']')
}

func (f *fleet) linkClient(w *jsonWriter, link int, external, name string, customer int, linked bool) {
	w.begin('{')
	w.num("providerLinkId", link)
	w.str("externalClientId", external)
	w.str("externalClientName", name)
	if linked && f.customers[customer].hasTenant {
		w.num("linkedToTenantId", tenantID(customer))
	} else {
		w.nulls("linkedToTenantId")
	}
	w.nulls("internalData", "providerLink", "status", "types")
	w.str("updatedDateUTC", neverDate)
	w.str("createdDateUTC", neverDate)
	w.end('}')
}
