package simulator

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// The levels of a policy.
const (
	accountLevel = "account"
	siteLevel    = "site"
	groupLevel   = "group"
)

// A scope is one account, site or group by its number.
type scope struct {
	level  string
	number int
}

func (f *fleet) scopeID(s scope) uint64 {
	switch s.level {
	case accountLevel:
		return f.accountID(s.number)
	case siteLevel:
		return f.siteID(s.number)
	}
	return f.groupID(s.number)
}

// key is how the graph names the policy of a scope.
func (f *fleet) key(s scope) string { return s.level + ":" + strconv.FormatUint(f.scopeID(s), 10) }

// scopeAbove is the scope whose policy is in force in one that has none of its own.
func (f *fleet) scopeAbove(s scope) scope {
	if s.level == groupLevel {
		return scope{siteLevel, s.number / groupsPerSite}
	}
	return scope{accountLevel, f.customers[s.number/sitesPerCustomer].account}
}

// policyInForce is the scope whose policy is in force in another: itself, or the nearest above that has one.
func (f *fleet) policyInForce(s scope) scope {
	for !ownsPolicy(s) {
		s = f.scopeAbove(s)
	}
	return s
}

// edrScope finds an account, site or group that exists by its id.
func (f *fleet) edrScope(level string, id uint64) (scope, bool) {
	rows := f.accountList()
	if level != accountLevel {
		rows = f.siteList()
	}
	if level == groupLevel {
		var groups []uint32
		for _, site := range rows {
			for g := range uint32(groupsPerSite) {
				groups = append(groups, site*groupsPerSite+g)
			}
		}
		rows = groups
	}
	at := slices.IndexFunc(rows, func(row uint32) bool { return f.scopeID(scope{level, int(row)}) == id })
	if at < 0 {
		return scope{}, false
	}
	return scope{level, int(rows[at])}, true
}

// policyRouteOf names the route of a policy, "" for another path.
func policyRouteOf(path string) (route, level string, id uint64) {
	parts := strings.Split(path, "/")
	if len(parts) != 4 || parts[3] != "policy" {
		return "", "", 0
	}
	level = strings.TrimSuffix(parts[1], "s")
	id, err := strconv.ParseUint(parts[2], 10, 64)
	if err != nil || !slices.Contains([]string{accountLevel, siteLevel, groupLevel}, level) {
		return "", "", 0
	}
	return "/" + parts[1] + "/{id}/policy", level, id
}

// showPolicy is GET /accounts|sites|groups/{id}/policy: the policy in force there, and from where it is.
func (e *sentinelOne) showPolicy(c *call, level string, id uint64) {
	c.knows()
	var s scope
	found := false
	c.read(func() { s, found = c.f.edrScope(level, id) })
	switch {
	case !found:
		c.mistake("no such %s", level)
		e.fail(c, http.StatusNotFound, 4040010, "Requested resource was not found", "")
	case level == accountLevel && e.s.accountsForbidden.Load():
		c.mistake("asked for by a token of a site")
		e.fail(c, http.StatusForbidden, 4030010, "Insufficient permissions", "Action is not allowed to site users")
	case level == groupLevel && s.number%groupsPerSite == 0:
		c.mistake("the group inherits its policy, as the list of groups says")
		e.renderPolicy(c, s)
	case hasNoPolicy(s):
		e.fail(c, http.StatusNotFound, 4040010, "Policy not found", "")
	default:
		e.renderPolicy(c, s)
	}
}

func (e *sentinelOne) renderPolicy(c *call, s scope) {
	from := c.f.policyInForce(s)
	malicious, suspicious := modes(from)
	w := jsonWriter{}
	w.begin('{')
	w.open("data", '{')
	w.str("mitigationMode", malicious)
	w.str("mitigationModeSuspicious", suspicious)
	w.raw("engines", fmt.Sprintf(`{"reputation":"on","preExecution":"on","exploits":"on","pup":%q,"remoteShell":"off"}`,
		[...]string{"on", "off"}[from.number%2]))
	w.flag("antiTamperingOn", from.number%5 != 4)
	w.flag("networkQuarantineOn", false)
	w.flag("snapshotsOn", true)
	w.flag("scanNewAgents", true)
	w.flag("allowRemoteShell", from.number%3 == 0)
	w.flag("autoDecommissionOn", from.number%4 != 3)
	w.num("autoDecommissionDays", 21)
	w.flag("agentUiOn", true)
	w.flag("isDefault", from != s)
	if from == s {
		w.nulls("inheritedFrom")
	} else {
		w.str("inheritedFrom", from.level)
	}
	created := c.f.start.AddDate(-3, 0, from.number)
	w.at("createdAt", created, microLayout)
	w.at("updatedAt", created.AddDate(1, 0, 0), microLayout)
	w.id("userId", userBase)
	w.str("userFullName", "Example Administrator")
	w.end('}')
	w.end('}')
	c.json(http.StatusOK, string(w.b))
}

// A Policy is what is true of one policy that a scope has of its own.
type Policy struct {
	Key            string // level:id
	MitigationMode string
}

// Policies gives the policies that accounts, sites and groups have of their own, and the key of the one in force by
// group.
func (s *Simulator) Policies() (own []Policy, inForce map[string]string) {
	f := s.fleet
	f.mu.RLock()
	defer f.mu.RUnlock()
	add := func(s scope) {
		if ownsPolicy(s) {
			malicious, _ := modes(s)
			own = append(own, Policy{f.key(s), malicious})
		}
	}
	for _, a := range f.accountList() {
		add(scope{accountLevel, int(a)})
	}
	inForce = map[string]string{}
	for _, site := range f.siteList() {
		add(scope{siteLevel, int(site)})
		for g := range groupsPerSite {
			group := scope{groupLevel, int(site)*groupsPerSite + g}
			add(group)
			inForce[strconv.FormatUint(f.groupID(group.number), 10)] = f.key(f.policyInForce(group))
		}
	}
	return own, inForce
}
