package simulator

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// The provider links of the instance, by id. The old SentinelOne one is disabled and has no agents.
const (
	immyLink   = 1
	edrLink    = 7
	rmmLink    = 9
	oldEDRLink = 11
)

// linkOf is the provider link of a provider agent's slot.
func linkOf(slot int) int {
	return [linkSlots]int{immyLink, immyLink, edrLink, rmmLink}[slot%linkSlots]
}

func linkName(id int) string {
	switch id {
	case immyLink:
		return "ImmyBot Agent"
	case edrLink:
		return "SentinelOne Production"
	case rmmLink:
		return "Ninja"
	default:
		return "SentinelOne (old console)"
	}
}

// linkType is the provider type's id.
func linkType(id int) string {
	if id == oldEDRLink {
		id = edrLink
	}
	return fmt.Sprintf("aaaaaaaa-0000-4000-8000-%012d", id)
}

// computerOf is the slot of the computer that the provider agent was identified as, or -1.
func (f *fleet) computerOf(slot int) int {
	i := slot / linkSlots
	if c := f.cards[i]; c != nil && c.kind == linkCard {
		return c.target.slot()
	}
	computer := i*computerSlots + digit(slot%linkSlots != 0)
	if !f.hasComputer(computer) {
		return -1
	}
	return computer
}

// external is the agent's id in the other product: the SentinelOne uuid, the NinjaRMM device id.
func (f *fleet) external(slot int) string {
	i := slot / linkSlots
	if c := f.cards[i]; c != nil && c.kind == computerCard && slot%linkSlots > 1 {
		if slot%linkSlots == 2 {
			return f.agentUUID(c.agent.slot())
		}
		return c.device.id()
	}
	switch slot % linkSlots {
	case 2:
		return f.agentUUID(i*agentSlots + 1)
	case 3:
		return strconv.Itoa(f.deviceID(i * deviceSlots))
	default:
		return f.guid(-7-slot, topicUUID)
	}
}

// externalClient is the other product's customer of the agent.
func (f *fleet) externalClient(slot int) (id, name string) {
	i := slot / linkSlots
	if c := f.cards[i]; c != nil && c.kind == computerCard {
		switch slot % linkSlots { // the other product's customer of its record
		case 2:
			i = c.agent.number
		case 3:
			i = c.device.number
		}
	}
	c := int(f.states[i].customer)
	switch slot % linkSlots {
	case 2:
		site := f.siteOf(i)
		return strconv.FormatUint(f.siteID(site), 10), f.customers[c].siteName(site % sitesPerCustomer)
	case 3:
		return strconv.Itoa(orgID(f.orgOf(i))), f.customers[f.orgOf(i)].org
	default:
		return strconv.Itoa(tenantID(c)), f.customers[c].tenant
	}
}

// providersOf lists the links that have an agent on the computer.
func (f *fleet) providersOf(computer int) []int {
	i := computer / computerSlots
	if computer%computerSlots == 0 {
		return []int{immyLink}
	}
	var links []int
	for slot := i*linkSlots + 1; slot < (i+1)*linkSlots; slot++ {
		if f.hasLink(slot) {
			links = append(links, linkOf(slot))
		}
	}
	return links
}

// computerCreated is when ImmyBot made the row; the deleted one is older.
func (f *fleet) computerCreated(slot int) time.Time {
	return f.agentCreated(slot).Add(20 * time.Minute)
}

// computerSeen is the last event of the computer.
func (f *fleet) computerSeen(slot int) time.Time {
	if slot%computerSlots == 0 {
		return f.created(slot / computerSlots)
	}
	return f.seenAt(slot/computerSlots, 0)
}

// pending is GET /provider-agents/pending: by agentFilter all provider agents, and without it only the unidentified
// ones.
func (m *immy) pending(c *call) {
	c.knows("agentFilter", "filter", "sort", "sortDesc", "take", "skip", "includeOffline", "tenantId", "providerLinkId")
	filter, detail := c.bounded("agentFilter", 2, 1, 5)
	if detail != "" {
		c.mistake("agentFilter is no number from 1 to 5")
		c.json(http.StatusBadRequest, `{"title":"One or more validation errors occurred.","status":400}`)
		return
	}
	if !c.query.Has("agentFilter") {
		c.mistake("agentFilter missing: only pending agents are given")
	}
	var rows []uint32
	c.read(func() {
		rows = c.f.linkRows(filter)
		if text := c.query.Get("providerLinkId"); text != "" {
			kept := []uint32{}
			for _, slot := range rows {
				if strconv.Itoa(linkOf(int(slot))) == text {
					kept = append(kept, slot)
				}
			}
			rows = kept
		}
	})
	m.offset(c, rows, amended(c.f.renderPending, c.f.linkFields), "dateAdded", "id")
}

// linkRows lists the provider agents that an agentFilter leaves.
func (f *fleet) linkRows(filter int) []uint32 {
	return f.view(fmt.Sprint("links ", filter), linkSlots, func(slot int) bool {
		if !f.hasLink(slot) {
			return false
		}
		identified, deleted := f.computerOf(slot) >= 0, slot%linkSlots == 0
		switch filter {
		case 1:
			return true
		case 2:
			return !identified
		case 3:
			return identified && !deleted
		case 4:
			return !identified && f.needsDecision(slot)
		default:
			return deleted
		}
	})
}

// needsDecision reports whether someone has to say what the agent runs on.
func (f *fleet) needsDecision(slot int) bool { return f.computerOf(slot) < 0 && slot/linkSlots%3 == 0 }

// renderPending writes a row of /provider-agents/pending.
func (f *fleet) renderPending(w *jsonWriter, slot int) {
	i := slot / linkSlots
	computer := f.computerOf(slot)
	_, client := f.externalClient(slot)
	w.begin('{')
	w.num("id", f.linkID(slot))
	switch {
	case computer < 0:
		w.nulls("computerId", "computerName")
	case f.states[i].traits.Has(Onboarding):
		w.num("computerId", f.computerID(computer))
		w.nulls("computerName")
	default:
		w.num("computerId", f.computerID(computer))
		w.str("computerName", f.hostname(i))
	}
	w.flag("isComputerDeleted", slot%linkSlots == 0)
	m := f.model(i)
	w.str("manufacturer", [...]string{m.maker, m.maker + " - " + m.name}[digit(slot%linkSlots == 2)])
	w.str("operatingSystemName", f.system(i).deployment)
	w.str("externalAgentId", f.external(slot))
	w.at("dateAdded", f.dateAdded(slot), "2006-01-02T15:04:05.999999Z")
	w.flag("isOnline", slot%linkSlots == 2 || f.online(i, 0))
	w.flag("supportsOnlineStatus", slot%linkSlots != 2)
	if f.states[i].traits.Has(Sparse) {
		w.nulls("serial")
	} else {
		w.str("serial", f.serial(i))
	}
	w.num("providerLinkId", linkOf(slot))
	w.str("providerLinkName", linkName(linkOf(slot)))
	w.str("externalClientName", client)
	w.nulls("osInstallDateUtc")
	w.flag("requiresManualResolution", f.needsDecision(slot))
	w.flag("failed", f.needsDecision(slot))
	w.raw("identificationFailures", "[]")
	w.flag("requireManualIdentification", false)
	w.end('}')
}

// dateAdded grows with the id.
func (f *fleet) dateAdded(slot int) time.Time {
	return f.start.AddDate(-3, 0, 0).Add(time.Duration(slot) * time.Second)
}

// computerAgents writes the agents of one computer, as /computers/{id} shows them.
func (f *fleet) computerAgents(w *jsonWriter, computer int, internal string) {
	w.open("agents", '[')
	i := computer / computerSlots
	for slot := i * linkSlots; slot < (i+1)*linkSlots; slot++ {
		if f.hasLink(slot) && f.computerOf(slot) == computer {
			f.computerAgent(w, slot, internal)
		}
	}
	w.end(']')
}

func (f *fleet) computerAgent(w *jsonWriter, slot int, internal string) {
	i := slot / linkSlots
	id, name := f.externalClient(slot)
	w.begin('{')
	w.strOrNull("agentVersion", [...]string{"0.74.1", "0.74.1", "", "5.9.9652"}[slot%linkSlots])
	w.num("id", f.linkID(slot))
	w.num("computerId", f.computerID(f.computerOf(slot)))
	w.num("providerLinkId", linkOf(slot))
	w.str("externalClientName", name)
	w.str("externalClientId", id)
	if slot%linkSlots == 3 {
		w.open("externalAgentId", '{')
		w.str("value", f.external(slot))
		w.end('}')
	} else {
		w.str("externalAgentId", f.external(slot))
	}
	w.num("runScriptPriority", 3)
	w.str("providerTypeId", linkType(linkOf(slot)))
	w.raw("internalData", fmt.Sprintf(`{"key":%q}`, internal))
	w.flag("isOnline", slot%linkSlots == 2 || f.online(i, 0))
	w.flag("supportsRunningScripts", linkOf(slot) == immyLink)
	w.nulls("deviceUpdateFormData", "onboardingOptions")
	w.str("lastUpdatedUTC", neverDate)
	if i%3 == 0 {
		w.nulls("deviceDetails")
	} else {
		w.open("deviceDetails", '{')
		w.str("operatingSystemName", f.system(i).deployment)
		w.str("deviceName", f.hostname(i))
		w.str("serialNumber", f.serial(i))
		w.nulls("deviceId", "machineId", "domain")
		w.end('}')
	}
	w.flag("requireManualIdentification", false)
	w.end('}')
}
