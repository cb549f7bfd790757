package simulator

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// agentParams are the filters of /agents that are served; the console has two hundred.
func agentParams() []string {
	return []string{
		"isDecommissioned", "isUninstalled", "isActive", "infected", "ids", "uuids", "siteIds", "accountIds",
		"groupIds",
		"computerName", "updatedAt__gt", "updatedAt__gte", "updatedAt__lt", "updatedAt__lte",
	}
}

// An agentFilter is a question to /agents.
type agentFilter struct {
	key                          string
	decommissioned, uninstalled  [2]bool // what is wanted: [0] false, [1] true
	active, infected             [2]bool
	ids, sites, accounts, groups func(uint64) bool
	uuids                        map[string]bool
	name                         string
	from, before                 time.Time // of updatedAt, both included; zero = open
}

// listAgents is GET /agents.
func (e *sentinelOne) listAgents(c *call) {
	q, detail := c.agentFilter()
	if detail != "" {
		e.fail(c, http.StatusBadRequest, 4000010, "Validation Error", detail)
		return
	}
	e.serve(c, edrList{
		column: "AgentView.id", most: 1000, params: agentParams(), array: `"data":[`, close: "]",
		id:     func(row int) uint64 { return c.f.agentID(row) },
		render: amended(c.f.renderAgent(e.s.secrets.license), c.f.cardFields(agentSlots, c.f.agentFields)),
	}, c.matching(q))
}

// countAgents is GET /agents/count.
func (e *sentinelOne) countAgents(c *call) {
	c.knows(agentParams()...)
	q, detail := c.agentFilter()
	if detail != "" {
		e.fail(c, http.StatusBadRequest, 4000010, "Validation Error", detail)
		return
	}
	c.json(http.StatusOK, fmt.Sprintf(`{"data":{"total":%d}}`, len(c.matching(q))))
}

// matching lists the slots that the filter leaves.
func (c *call) matching(q agentFilter) []uint32 {
	c.f.mu.RLock()
	defer c.f.mu.RUnlock()
	return c.f.view("agents?"+q.key, agentSlots,
		func(slot int) bool { return c.f.hasAgent(slot) && c.f.matches(slot, &q) })
}

// agentFilter reads the filters. detail says which values are refused.
func (c *call) agentFilter() (q agentFilter, detail string) {
	for _, name := range []string{"isDecommissioned", "isUninstalled"} {
		if !c.query.Has(name) {
			c.mistake("%s missing: such agents are left out", name)
		}
	}
	q.key, q.name = c.agentKey(), c.query.Get("computerName")
	var bad refusals
	onlyFalse, both := [2]bool{true, false}, [2]bool{true, true}
	q.decommissioned = bad.flags(c.booleans("isDecommissioned", onlyFalse))
	q.uninstalled = bad.flags(c.booleans("isUninstalled", onlyFalse))
	q.active = bad.flags(c.booleans("isActive", both))
	q.infected = bad.flags(c.booleans("infected", both))
	q.ids = bad.ids(c.ids("ids", 5000))
	q.sites = bad.ids(c.ids("siteIds", 500))
	q.accounts = bad.ids(c.ids("accountIds", 500))
	q.groups = bad.ids(c.ids("groupIds", 500))
	bad.note(c.times(&q))
	if c.query.Has("uuids") {
		q.uuids = map[string]bool{}
		for uuid := range strings.SplitSeq(c.query.Get("uuids"), ",") {
			q.uuids[uuid] = true
		}
	}
	return q, strings.Join(bad, " ")
}

// agentKey tells one filter from another.
func (c *call) agentKey() string {
	key := url.Values{}
	for _, name := range agentParams() {
		if c.query.Has(name) {
			key.Set(name, c.query.Get(name))
		}
	}
	return key.Encode()
}

// refusals collects what is wrong with the values of a query.
type refusals []string

func (r *refusals) note(detail string) {
	if detail != "" {
		*r = append(*r, detail)
	}
}

func (r *refusals) flags(wanted [2]bool, detail string) [2]bool {
	r.note(detail)
	return wanted
}

func (r *refusals) ids(has func(uint64) bool, detail string) func(uint64) bool {
	r.note(detail)
	return has
}

// booleans reads a list of true and false.
func (c *call) booleans(name string, otherwise [2]bool) (wanted [2]bool, detail string) {
	if !c.query.Has(name) {
		return otherwise, ""
	}
	for value := range strings.SplitSeq(c.query.Get(name), ",") {
		switch strings.ToLower(value) {
		case "true":
			wanted[1] = true
		case "false":
			wanted[0] = true
		default:
			return wanted, name + ": Not a valid boolean."
		}
	}
	return wanted, ""
}

// times reads the range of updatedAt.
func (c *call) times(q *agentFilter) (detail string) {
	for _, suffix := range []string{"gt", "gte", "lt", "lte"} {
		name := "updatedAt__" + suffix
		if !c.query.Has(name) {
			continue
		}
		at, err := time.Parse(time.RFC3339Nano, c.query.Get(name))
		if err != nil {
			return name + ": Not a valid datetime."
		}
		switch suffix {
		case "gt":
			q.from = at.Add(time.Microsecond)
		case "gte":
			q.from = at
		case "lt":
			q.before = at.Add(-time.Microsecond)
		default:
			q.before = at
		}
	}
	return ""
}

// matches applies the filter to an agent that exists.
func (f *fleet) matches(slot int, q *agentFilter) bool {
	i := slot / agentSlots
	decommissioned, uninstalled := f.gone(slot)
	if !q.decommissioned[digit(decommissioned)] || !q.uninstalled[digit(uninstalled)] ||
		!q.active[digit(f.activeAgent(slot))] || !q.infected[digit(f.threats(slot) > 0)] {
		return false
	}
	site := f.siteOf(i)
	if !q.ids(f.agentID(slot)) || !q.sites(f.siteID(site)) || !q.groups(f.groupID(f.groupOf(i))) ||
		!q.accounts(f.accountID(f.customers[f.states[i].customer].account)) {
		return false
	}
	if q.uuids != nil && !q.uuids[f.agentUUID(slot)] || q.name != "" && q.name != f.nameInEDR(slot) {
		return false
	}
	updated := f.agentUpdated(slot)
	return (q.from.IsZero() || !updated.Before(q.from)) && (q.before.IsZero() || !updated.After(q.before))
}

func digit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// activeAgent reports whether the agent is connected to the console.
func (f *fleet) activeAgent(slot int) bool {
	gone, _ := f.gone(slot)
	return !gone && f.online(slot/agentSlots, StaleEDR)
}

// threats is how many unresolved threats the agent has.
func (f *fleet) threats(slot int) int {
	if gone, _ := f.gone(slot); gone || f.pick(slot, topicDetail, 60) != 0 {
		return 0
	}
	return 1 + f.pick(slot, topicHardware, 3)
}

// agentSeen is the agent's last check-in.
func (f *fleet) agentSeen(slot int) time.Time {
	const day = 24 * time.Hour
	i := slot / agentSlots
	if f.cards[i] != nil {
		return f.seenAt(i, StaleEDR)
	}
	if slot%agentSlots == 0 {
		return f.created(i).Add(-f.spread(i, topicSeen, time.Hour, 5*day))
	}
	if gone, _ := f.gone(slot); gone && f.states[i].born == 0 {
		return f.start.Add(-f.spread(i, topicSeen, 25*day, 300*day))
	}
	return f.seenAt(i, StaleEDR)
}

// agentUpdated is the last change of the agent's record: every check-in is one.
func (f *fleet) agentUpdated(slot int) time.Time {
	s := &f.states[slot/agentSlots]
	return f.agentSeen(slot).Add(time.Duration(s.edits)*time.Second +
		time.Duration(s.moves+s.renames)*time.Millisecond + 67*time.Millisecond)
}

// agentCreated is when the agent registered.
func (f *fleet) agentCreated(slot int) time.Time {
	created := f.created(slot / agentSlots)
	if slot%agentSlots == 0 {
		return created.Add(-f.spread(slot, topicAge, 6*24*time.Hour, 1000*24*time.Hour))
	}
	return created
}
