package simulator

import (
	"fmt"
	"net/http"
	"strconv"
)

// computerFilters are the switches of /computers/paged that narrow the list, beside deletedOnly.
func computerFilters() []string {
	return []string{"onboardingOnly", "staleOnly", "devLabOnly", "licensedOnly"}
}

// paged is GET /computers/paged.
func (m *immy) paged(c *call) {
	c.knows(append(computerFilters(), "filter", "skip", "take", "sort", "sortDesc", "deletedOnly", "includeOffline",
		"tenantId",
		"orphanedOnly", "excludeOrphaned")...)
	var rows []uint32
	c.read(func() {
		if c.query.Get("deletedOnly") == "true" {
			rows = c.f.deletedComputers()
		} else {
			rows = c.f.computers()
		}
		rows = c.narrow(rows)
	})
	m.offset(c, rows,
		amended(c.f.renderComputer(m.s.secrets.computerNote), c.f.cardFields(computerSlots, computerFields)), "id")
}

// narrow applies the filters. It is called with the fleet read-locked.
func (c *call) narrow(rows []uint32) []uint32 {
	var wants []func(i int) bool
	if c.query.Get("includeOffline") == "false" {
		wants = append(wants, func(i int) bool { return c.f.online(i, 0) })
	}
	if text := c.query.Get("tenantId"); text != "" {
		wants = append(wants, func(i int) bool { return strconv.Itoa(tenantID(int(c.f.states[i].customer))) == text })
	}
	if c.query.Get("onboardingOnly") == "true" {
		wants = append(wants, func(i int) bool { return c.f.states[i].traits.Has(Onboarding) })
	}
	if c.query.Get("staleOnly") == "true" {
		wants = append(wants, func(i int) bool { return c.f.states[i].traits.Has(Stale) })
	}
	if c.query.Get("devLabOnly") == "true" {
		wants = append(wants, func(int) bool { return false })
	}
	if c.query.Get("filter") != "" {
		c.mistake("filter is not simulated")
	}
	if len(wants) == 0 {
		return rows
	}
	kept := []uint32{}
	for _, slot := range rows {
		keep := true
		for _, want := range wants {
			keep = keep && want(int(slot)/computerSlots)
		}
		if keep {
			kept = append(kept, slot)
		}
	}
	return kept
}

// shortList is GET /computers: it stops after pageSize rows, and there is no second page.
func (m *immy) shortList(c *call) {
	c.mistake("used: this list is cut off silently")
	c.knows("name", "tenantId", "orderByUpdatedDate", "pageSize")
	size, detail := c.bounded("pageSize", 25, 1, 1<<30)
	if detail != "" {
		c.w.WriteHeader(http.StatusBadRequest)
		return
	}
	var rows []uint32
	c.read(func() { rows = c.f.computers() })
	c.stream("[", rows[:min(size, len(rows))], func(w *jsonWriter, slot int) {
		i := slot / computerSlots
		w.begin('{')
		w.num("id", c.f.computerID(slot))
		w.str("name", c.f.hostname(i))
		w.str("tenant", c.f.customers[c.f.states[i].customer].tenant)
		w.num("tenantId", tenantID(int(c.f.states[i].customer)))
		w.flag("online", c.f.online(i, 0))
		w.at("updatedDate", c.f.seenAt(i, 0), microLayout)
		w.flag("excludeFromMaintenance", false)
		w.end('}')
	}, "]")
}

// renderComputer writes a row of /computers/paged.
func (f *fleet) renderComputer(note string) func(*jsonWriter, int) {
	return func(w *jsonWriter, slot int) {
		i := slot / computerSlots
		s := &f.states[i]
		bare := s.traits.Has(Onboarding) && slot%computerSlots == 1
		w.begin('{')
		w.at("createdDate", f.computerCreated(slot), "2006-01-02T15:04:05.999999Z")
		w.num("id", f.computerID(slot))
		if slot%computerSlots == 0 {
			w.at("deletedAt", f.created(i), "2006-01-02T15:04:05.99999Z")
		} else {
			w.nulls("deletedAt")
		}
		f.primaryUser(w, i, bare)
		w.str("tenantName", f.customers[s.customer].tenant)
		w.num("tenantId", tenantID(int(s.customer)))
		w.numbers("providerLinkIds", f.providersOf(slot)...)
		w.raw("computerTagIds", [...]string{"[]", "null"}[i%2])
		w.str("deviceId", f.guid(slot, topicBoard))
		f.onboardingStatus(w, i, bare)
		w.nulls("activeSessionStatus", "activeSessionId")
		if bare {
			w.nulls("isOnline", "computerName", "chassisTypes", "operatingSystem", "manufacturer", "model",
				"serialNumber", "domainRole",
				"hasPendingReboot", "domain", "lastBootTimeUtc", "internalIpAddress", "externalIpAddress",
				"lastLoggedOnUser",
				"lastProviderAgentEventDateUtc", "licensed")
		} else {
			f.inventory(w, slot)
		}
		w.flag("isSandbox", i%43 == 6)
		w.flag("excludeFromMaintenance", i%41 == 0)
		w.nulls("devLabVmClaimExpirationDateUtc", "devLabVmName")
		w.flag("devLabVmUnclaimed", false)
		w.flag("isDevLab", false)
		if i%6 == 0 {
			w.str("notes", "BitLocker recovery: "+note)
		} else {
			w.nulls("notes")
		}
		w.end('}')
	}
}

// primaryUser writes the primary person's name.
func (f *fleet) primaryUser(w *jsonWriter, i int, bare bool) {
	person := f.states[i].person
	if bare || person == none {
		w.nulls("primaryUserFirstName", "primaryUserLastName", "primaryUserEmail", "primaryPersonId")
		return
	}
	h := f.person(int(person))
	w.str("primaryUserFirstName", h.first)
	w.str("primaryUserLastName", h.last)
	w.str("primaryUserEmail", h.email)
	w.num("primaryPersonId", f.personID(int(person)))
}

// onboardingStatus writes the enum as a number or, as newer instances may, as its name.
func (f *fleet) onboardingStatus(w *jsonWriter, i int, bare bool) {
	switch {
	case bare && i%2 == 0:
		w.str("onboardingStatus", "NeedsOnboarding")
	case bare:
		w.num("onboardingStatus", 0)
	default:
		w.num("onboardingStatus", 2)
	}
}

// inventory writes what the last inventory found.
func (f *fleet) inventory(w *jsonWriter, slot int) {
	i := slot / computerSlots
	s, m, c := &f.states[i], f.model(i), &f.customers[f.states[i].customer]
	w.flag("isOnline", slot%computerSlots == 1 && f.online(i, 0))
	w.str("computerName", f.hostname(i))
	w.numbers("chassisTypes", [...]int{3, 10}[digit(s.kind == Laptop)])
	w.str("operatingSystem", f.system(i).deployment)
	w.str("manufacturer", m.maker)
	w.str("model", m.name)
	if s.traits.Has(Sparse) {
		w.nulls("serialNumber", "hasPendingReboot")
	} else {
		w.str("serialNumber", f.serial(i))
		w.flag("hasPendingReboot", f.systemWaits(i))
	}
	w.num("domainRole", [...]int{1, 3}[digit(s.kind.Server())])
	w.str("domain", c.domain())
	w.at("lastBootTimeUtc", f.booted(i), [...]string{"2006-01-02T15:04:05", "01/02/2006 15:04:05"}[digit(i%4 == 0)])
	w.str("internalIpAddress", f.privateIP(i))
	w.str("externalIpAddress", f.publicIP(i))
	if domain, user := f.user(i); user != "" {
		w.str("lastLoggedOnUser", domain+`\`+user)
	} else {
		w.nulls("lastLoggedOnUser")
	}
	if s.traits.Has(OddTypes) {
		w.str("lastProviderAgentEventDateUtc", neverDate)
	} else {
		w.at("lastProviderAgentEventDateUtc", f.computerSeen(slot), "2006-01-02T15:04:05.9Z")
	}
	w.flag("licensed", i%19 != 0)
}

// neverDate is how ImmyBot writes a time that was never set.
const neverDate = "0001-01-01T00:00:00Z"

// computer is GET /computers/{id}.
func (m *immy) computer(c *call, id int) {
	c.knows("includeSessions", "includeAdditionalPersons", "includePrimaryPerson", "includeProviderAgents",
		"includeProviderAgentsDeviceUpdateFormData")
	slot := slotOf(id, computerBase)
	w := jsonWriter{}
	c.read(func() {
		if id >= computerBase && slot/computerSlots < len(c.f.states) && c.f.computerID(slot) == id &&
			c.f.hasComputer(slot) {
			m.detail(c, &w, slot)
		}
	})
	if len(w.b) == 0 {
		c.json(http.StatusNotFound,
			`{"type":"https://tools.ietf.org/html/rfc9110#section-15.5.5","title":"Not Found","status":404}`)
		return
	}
	c.json(http.StatusOK, string(w.b))
}

// detail writes one computer with what was asked for. Agents are left out unless they were.
func (m *immy) detail(c *call, w *jsonWriter, slot int) {
	f := c.f
	i := slot / computerSlots
	s := &f.states[i]
	w.begin('{')
	w.num("id", f.computerID(slot))
	w.str("deviceId", f.guid(slot, topicBoard))
	w.num("tenantId", tenantID(int(s.customer)))
	w.str("tenantName", f.customers[s.customer].tenant)
	if s.traits.Has(Onboarding) {
		w.nulls("computerName")
	} else {
		w.str("computerName", f.hostname(i))
	}
	w.num("onboardingStatus", 2*digit(!s.traits.Has(Onboarding)))
	w.flag("isOnline", f.online(i, 0))
	w.flag("isServer", s.kind.Server())
	w.flag("isPortable", s.kind == Laptop)
	if !s.traits.Has(Onboarding) {
		w.raw("inventory", fmt.Sprintf(`{"WindowsSystemInfo":{"Output":{"ComputerName":%q}},"WindowsSystemInfo_LatestResultIsError":false}`, f.hostname(i)))
	}
	w.flag("licensed", true)
	w.nulls("sessions", "notes", "tenant")
	w.raw("additionalPersons", "[]")
	if s.person != none && c.query.Get("includePrimaryPerson") != "false" {
		w.num("primaryPersonId", f.personID(int(s.person)))
		w.open("primaryPerson", '{')
		w.num("id", f.personID(int(s.person)))
		w.str("emailAddress", f.person(int(s.person)).email)
		w.str("displayName", f.person(int(s.person)).full())
		w.end('}')
	} else {
		w.nulls("primaryPerson")
	}
	if c.query.Get("includeProviderAgents") == "true" {
		f.computerAgents(w, slot, m.s.secrets.internalData)
	} else {
		w.nulls("agents")
	}
	w.raw("computerTagIds", "[]")
	w.end('}')
}
