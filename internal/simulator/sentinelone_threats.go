package simulator

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// threatSlots is the room that the threats of one agent take in the numbering: as many that are open as the agent counts
// as active, then one of each other sort.
const threatSlots = 6

// The other sorts of threats.
const (
	mitigatedThreat   = threatSlots - 3 + iota // in progress: open, and no more counted by the agent
	lateThreat                                 // resolved some weeks ago
	longSettledThreat                          // resolved before anybody asks for
)

// hasThreat reports whether SentinelOne has a threat in the row: of an agent that it has, or of one that it has
// forgotten.
func (f *fleet) hasThreat(row int) bool {
	slot, sort := row/threatSlots, row%threatSlots
	switch {
	case !f.hasAgent(slot) && !f.forgot(slot):
		return false
	case sort < mitigatedThreat:
		return sort < f.threats(slot)
	}
	return f.threatDraw(row)%9 == 0
}

// forgot reports whether there was an agent in the slot that the console knows no more: that of a machine that is gone,
// or of an earlier installation.
func (f *fleet) forgot(slot int) bool {
	i := slot / agentSlots
	s := &f.states[i]
	return f.cards[i] == nil && f.customers[s.customer].hasSite && f.sees(int(s.customer)) && s.kind.Protectable() &&
		!s.traits.Has(NoEDR) && (s.traits.Has(Removed) || slot%agentSlots == 0 && !s.traits.Has(Reinstalled))
}

func (f *fleet) threatDraw(row int) uint64 {
	return mix(f.roll(row/threatSlots, topicDetail) + uint64(row))
}

func (f *fleet) threatID(row int) uint64 { return f.longID(threatBase, row) }

// threatStatus is how the incident stands.
func threatStatus(row int) string {
	return [threatSlots]string{"unresolved", "unresolved", "unresolved", "in_progress", "resolved", "resolved"}[row%threatSlots]
}

// threatFound is when the agent found the threat, threatChanged when somebody last did something about it.
func (f *fleet) threatFound(row int) time.Time {
	const day = 24 * time.Hour
	age := [threatSlots]time.Duration{day / 2, 9 * day, 45 * day, 20 * day, 80 * day, 300 * day}[row%threatSlots]
	return f.start.Add(-age - time.Duration(f.threatDraw(row)%uint64(day)).Truncate(time.Microsecond))
}

func (f *fleet) threatChanged(row int) time.Time {
	if sort := row % threatSlots; sort < mitigatedThreat {
		return f.threatFound(row).Add(3 * time.Minute)
	}
	return f.threatFound(row).Add(7 * 24 * time.Hour)
}

// A Threat is what is true of one threat that the console has.
type Threat struct {
	ID      string
	Machine int
	Agent   string // SentinelOne id of its agent; "" when the console has forgotten that
	Open    bool
	Found   time.Time
	Changed time.Time
}

// Threats gives every threat, by id.
func (s *Simulator) Threats() []Threat {
	f := s.fleet
	f.mu.RLock()
	defer f.mu.RUnlock()
	var list []Threat
	for _, row := range f.threatList() {
		row := int(row)
		t := Threat{
			ID: strconv.FormatUint(f.threatID(row), 10), Machine: row / threatSlots / agentSlots,
			Open: threatStatus(row) != "resolved", Found: f.threatFound(row), Changed: f.threatChanged(row),
		}
		if f.hasAgent(row / threatSlots) {
			t.Agent = strconv.FormatUint(f.agentID(row/threatSlots), 10)
		}
		list = append(list, t)
	}
	return list
}

func (f *fleet) threatList() []uint32 { return f.view("threats", agentSlots*threatSlots, f.hasThreat) }

// threatParams are the filters of /threats that are served; the console has a hundred.
func threatParams() []string {
	return []string{
		"incidentStatuses", "ids", "siteIds", "accountIds", "updatedAt__gt", "updatedAt__gte", "updatedAt__lt",
		"updatedAt__lte",
	}
}

// listThreats is GET /threats.
func (e *sentinelOne) listThreats(c *call) {
	var bad refusals
	var q agentFilter
	ids, sites := bad.ids(c.ids("ids", 5000)), bad.ids(c.ids("siteIds", 500))
	accounts := bad.ids(c.ids("accountIds", 500))
	bad.note(c.times(&q))
	statuses := []string{"unresolved", "in_progress", "resolved"}
	if c.query.Has("incidentStatuses") {
		known := statuses
		statuses = strings.Split(c.query.Get("incidentStatuses"), ",")
		if slices.ContainsFunc(statuses, func(s string) bool { return !slices.Contains(known, s) }) {
			bad.note("incidentStatuses: Not a valid choice.")
		}
	} else if !c.query.Has("ids") {
		c.mistake("incidentStatuses missing: the threats of all years come")
	}
	if len(bad) > 0 {
		e.fail(c, http.StatusBadRequest, 4000010, "Validation Error", strings.Join(bad, " "))
		return
	}
	if slices.Contains(statuses, "resolved") && q.from.IsZero() && !c.query.Has("ids") {
		c.mistake("resolved threats of all years asked for")
	}
	var rows []uint32
	c.read(func() {
		for _, row := range c.f.threatList() {
			i := int(row) / threatSlots / agentSlots
			updated := c.f.threatChanged(int(row))
			if slices.Contains(statuses, threatStatus(int(row))) && ids(c.f.threatID(int(row))) &&
				sites(c.f.siteID(c.f.siteOf(i))) &&
				accounts(c.f.accountID(c.f.customers[c.f.states[i].customer].account)) &&
				(q.from.IsZero() || !updated.Before(q.from)) && (q.before.IsZero() || !updated.After(q.before)) {
				rows = append(rows, row)
			}
		}
	})
	e.serve(c, edrList{
		column: "ThreatView.id", most: 1000, params: threatParams(), array: `"data":[`, close: "]",
		id: func(row int) uint64 { return c.f.threatID(row) }, render: c.f.renderThreat(e.s.secrets.arguments),
	}, rows)
}

// renderThreat writes one threat with the keys of an answer of 2022 (docs/providers/sentinelone-api.md, "Threats").
func (f *fleet) renderThreat(secret string) func(*jsonWriter, int) {
	return func(w *jsonWriter, row int) {
		w.begin('{')
		w.id("id", f.threatID(row))
		f.threatAgents(w, row/threatSlots)
		w.raw("containerInfo", `{"id":null,"image":null,"labels":null,"name":null}`)
		w.raw("kubernetesInfo", `{"cluster":null,"controllerKind":null,"namespace":null,"node":null,"pod":null}`)
		w.raw("indicators", `[{"category":"General","description":"Detected by the Static Engine","ids":[43],"tactics":[]}]`)
		w.raw("mitigationStatus", "[]")
		f.threatInfo(w, row, secret)
		w.raw("whiteningOptions", `["hash"]`)
		w.end('}')
	}
}

// threatAgents writes the agent as it was, and as it is.
func (f *fleet) threatAgents(w *jsonWriter, slot int) {
	i := slot / agentSlots
	c := &f.customers[f.states[i].customer]
	place := func() {
		w.id("accountId", f.accountID(c.account))
		w.str("accountName", f.accountName(c.account))
		w.id("groupId", f.groupID(f.groupOf(i)))
		w.str("groupName", groupName(f.groupOf(i)))
		w.id("siteId", f.siteID(f.siteOf(i)))
		w.str("siteName", c.siteName(f.siteOf(i)%sitesPerCustomer))
		w.str("agentUuid", f.agentUUID(slot))
		malicious, _ := f.mitigationModes(i)
		w.str("agentMitigationMode", malicious)
	}
	_, user := f.user(i)
	w.open("agentDetectionInfo", '{')
	place()
	w.str("agentIpV4", f.privateIP(i))
	w.str("agentIpV6", "")
	w.str("agentLastLoggedInUserName", user)
	w.str("agentVersion", "24.1.1.250")
	w.end('}')
	if !f.hasAgent(slot) {
		w.nulls("agentRealtimeInfo")
		return
	}
	w.open("agentRealtimeInfo", '{')
	place()
	w.num("activeThreats", f.threats(slot))
	w.str("agentComputerName", f.nameInEDR(slot))
	w.id("agentId", f.agentID(slot))
	w.flag("agentIsActive", f.activeAgent(slot))
	w.str("operationalState", "na")
	w.raw("userActionsNeeded", "[]")
	w.end('}')
}

// threatInfo writes what was found, and what nobody needs to know of a person.
func (f *fleet) threatInfo(w *jsonWriter, row int, secret string) {
	draw, sort := f.threatDraw(row), row%threatSlots
	_, user := f.user(row / threatSlots / agentSlots)
	name := [...]string{"invoice.exe", "setup_x64.exe", "keygen.exe", "report.docm"}[draw%4]
	w.open("threatInfo", '{')
	w.str("analystVerdict", [...]string{"undefined", "true_positive", "false_positive"}[draw%3])
	w.flag("automaticallyResolved", sort == longSettledThreat)
	w.str("classification", [...]string{"Malware", "Trojan", "PUA", "Ransomware", "Exploit"}[draw%5])
	w.str("confidenceLevel", [...]string{"malicious", "suspicious", "malicious", "n/a"}[draw>>8%4])
	w.at("createdAt", f.threatFound(row), microLayout)
	w.str("detectionType", [...]string{"static", "dynamic"}[draw%2])
	w.raw("detectionEngines", `[{"key":"pre_execution","title":"On-Write Static AI"}]`)
	w.list("engines", "On-Write Static AI")
	w.str("filePath", `\Device\HarddiskVolume3\Users\`+user+`\Downloads\`+name)
	w.at("identifiedAt", f.threatFound(row).Add(-time.Second), milliLayout)
	w.str("incidentStatus", threatStatus(row))
	w.nulls("initiatingUserId")
	w.str("initiatingUsername", user)
	w.str("maliciousProcessArguments", "--run "+secret)
	w.nulls("md5")
	w.str("mitigationStatus", [...]string{"not_mitigated", "mitigated"}[digit(sort >= mitigatedThreat)])
	w.str("processUser", user)
	w.flag("rebootRequired", draw%7 == 0)
	w.str("sha1", hex(draw, 16)+hex(mix(draw), 16)+hex(draw>>7, 8))
	if draw%3 == 0 {
		w.str("sha256", strings.Repeat(hex(mix(draw), 16), 4))
	} else {
		w.nulls("sha256")
	}
	w.str("storyline", strings.ToUpper(hex(draw, 16)))
	w.id("threatId", f.threatID(row))
	w.str("threatName", name)
	w.at("updatedAt", f.threatChanged(row), microLayout)
	w.end('}')
}
