package simulator

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// microLayout is the console's usual spelling of a time, wholeLayout that of boot times.
const (
	microLayout = "2006-01-02T15:04:05.000000Z"
	wholeLayout = "2006-01-02T15:04:05Z"
	milliLayout = "2006-01-02T15:04:05.000Z"
)

// sums are counts over the whole fleet.
type sums struct {
	perGroup, perSite, perAccount map[int]int // agents that are not decommissioned
	perTenant                     map[int]int // ImmyBot computers by customer
}

// totals counts, once for each state of the fleet. It is called with the fleet read-locked.
func (f *fleet) totals() *sums {
	agents, computers := f.agents(), f.computers()
	f.viewMu.Lock()
	defer f.viewMu.Unlock()
	if f.sums != nil {
		return f.sums
	}
	t := &sums{map[int]int{}, map[int]int{}, map[int]int{}, map[int]int{}}
	for _, slot := range agents {
		if gone, _ := f.gone(int(slot)); gone {
			continue
		}
		i := int(slot) / agentSlots
		t.perGroup[f.groupOf(i)]++
		t.perSite[f.siteOf(i)]++
		t.perAccount[f.customers[f.states[i].customer].account]++
	}
	for _, slot := range computers {
		t.perTenant[int(f.states[slot/computerSlots].customer)]++
	}
	f.sums = t
	return t
}

// listAccounts is GET /accounts.
func (e *sentinelOne) listAccounts(c *call) {
	if e.s.accountsForbidden.Load() {
		e.fail(c, http.StatusForbidden, 4030010, "Insufficient permissions", "Action is not allowed to site users")
		return
	}
	has, detail := c.ids("ids", 5000)
	if detail != "" {
		e.fail(c, http.StatusBadRequest, 4000010, "Validation Error", detail)
		return
	}
	var rows []uint32
	for _, a := range c.f.accountList() {
		if has(c.f.accountID(int(a))) {
			rows = append(rows, a)
		}
	}
	e.serve(c, edrList{
		column: "AccountView.id", most: 1000, params: []string{"ids", "accountIds", "state", "states", "name", "query"},
		array: `"data":[`, close: "]", id: func(row int) uint64 { return c.f.accountID(row) },
		render: c.f.renderAccount,
	}, rows)
}

func (f *fleet) renderAccount(w *jsonWriter, a int) {
	sites := 0
	for c := range f.customers {
		if f.customers[c].account == a && f.customers[c].hasSite {
			sites += f.customers[c].sites
		}
	}
	created := f.start.AddDate(-5, 0, a)
	w.begin('{')
	w.str("accountType", "Paid")
	w.num("activeAgents", f.totals().perAccount[a])
	w.str("billingMode", "subscription")
	w.at("createdAt", created, microLayout)
	w.str("creator", "MGMT")
	w.id("creatorId", userBase)
	w.nulls("expiration")
	w.str("externalId", "")
	w.id("id", f.accountID(a))
	w.flag("isDefault", a == 0)
	w.raw("licenses", `{"bundles":[{"displayName":"Complete","majorVersion":1,"minorVersion":1,"name":"complete","surfaces":[{"count":-1,"name":"Total Agents"}],"totalSurfaces":-1}],"modules":[],"settings":[]}`)
	w.str("name", f.accountName(a))
	w.num("numberOfSites", sites)
	w.str("salesforceId", "")
	w.raw("skus", "[]")
	w.str("state", "active")
	w.num("totalLicenses", -1)
	w.flag("unlimitedExpiration", true)
	w.at("updatedAt", created.Add(time.Hour), microLayout)
	w.str("usageType", "mssp")
	w.end('}')
}

// listSites is GET /sites, whose rows are not at data but at data.sites.
func (e *sentinelOne) listSites(c *call) {
	has, detail := c.ids("siteIds", 500)
	of, detail2 := c.ids("accountIds", 500)
	if detail+detail2 != "" {
		e.fail(c, http.StatusBadRequest, 4000010, "Validation Error", detail+detail2)
		return
	}
	var rows []uint32
	active := 0
	c.read(func() {
		for _, site := range c.f.siteList() {
			account := c.f.customers[site/sitesPerCustomer].account
			if has(c.f.siteID(int(site))) && of(c.f.accountID(account)) {
				rows = append(rows, site)
				active += c.f.totals().perSite[int(site)]
			}
		}
	})
	e.serve(c, edrList{
		column: "SiteView.id", most: 1000,
		params: []string{"siteIds", "accountIds", "accountId", "state", "states", "name", "query"},
		ending: endsEmpty,
		array:  fmt.Sprintf(`"data":{"allSites":{"activeLicenses":%d,"totalLicenses":0},"sites":[`, active),
		close:  "]}",
		id:     func(row int) uint64 { return c.f.siteID(row) },
		render: amended(c.f.renderSite(e.s.secrets.registration), c.f.siteFields),
	}, rows)
}

func (f *fleet) renderSite(secret string) func(*jsonWriter, int) {
	return func(w *jsonWriter, site int) {
		c := &f.customers[site/sitesPerCustomer]
		created := f.start.AddDate(-4, 0, site)
		w.begin('{')
		w.id("accountId", f.accountID(c.account))
		w.str("accountName", f.accountName(c.account))
		w.num("activeLicenses", f.totals().perSite[site])
		w.at("createdAt", created, microLayout)
		w.str("creator", "Example Administrator")
		w.id("creatorId", userBase)
		w.nulls("description", "expiration")
		w.strOrNull("externalId", [...]string{"", fmt.Sprintf("CRM-%04d", site)}[site/sitesPerCustomer%2])
		w.flag("healthStatus", true)
		w.id("id", f.siteID(site))
		w.flag("isDefault", site == 0)
		w.raw("licenses", `{"bundles":[{"displayName":"Complete","majorVersion":1,"minorVersion":1,"name":"complete","surfaces":[{"count":-1,"name":"Total Agents"}],"totalSurfaces":-1}],"modules":[],"settings":[]}`)
		w.str("name", c.siteName(site%sitesPerCustomer))
		w.str("registrationToken", secret+"-"+strconv.Itoa(site))
		w.str("siteType", "Paid")
		w.str("sku", "Complete")
		w.str("state", siteState(site/sitesPerCustomer))
		w.str("suite", "Complete")
		w.num("totalLicenses", 0)
		w.flag("unlimitedExpiration", true)
		w.flag("unlimitedLicenses", true)
		w.at("updatedAt", created.Add(time.Hour), microLayout)
		w.str("usageType", "customer")
		w.end('}')
	}
}

// listGroups is GET /groups: smaller pages than elsewhere, and an empty one at the end.
func (e *sentinelOne) listGroups(c *call) {
	of, detail := c.ids("siteIds", 500)
	has, detail2 := c.ids("groupIds", 500)
	under, detail3 := c.ids("accountIds", 500)
	if detail+detail2+detail3 != "" {
		e.fail(c, http.StatusBadRequest, 4000010, "Validation Error", detail+detail2+detail3)
		return
	}
	if c.query.Has("ids") {
		c.mistake("ids is no parameter of this route")
	}
	var rows []uint32
	for _, site := range c.f.siteList() {
		if !under(c.f.accountID(c.f.customers[site/sitesPerCustomer].account)) {
			continue
		}
		for g := range uint32(groupsPerSite) {
			if group := site*groupsPerSite + g; of(c.f.siteID(int(site))) && has(c.f.groupID(int(group))) {
				rows = append(rows, group)
			}
		}
	}
	e.serve(c, edrList{
		column: "GroupView.id", most: 300,
		params: []string{"siteIds", "accountIds", "groupIds", "type", "types", "name", "query"},
		ending: endsEmptyPage, array: `"data":[`, close: "]",
		id: func(row int) uint64 { return c.f.groupID(row) }, render: c.f.renderGroup(e.s.secrets.registration),
	}, rows)
}

func groupName(g int) string {
	return [...]string{"Default Group", "Servers", "Notebooks"}[g%groupsPerSite]
}

func (f *fleet) renderGroup(secret string) func(*jsonWriter, int) {
	return func(w *jsonWriter, g int) {
		dynamic := g%groupsPerSite == 2
		created := f.start.AddDate(-4, 0, g/groupsPerSite)
		w.begin('{')
		w.at("createdAt", created, microLayout)
		if g%groupsPerSite == 0 {
			w.nulls("creator", "creatorId")
		} else {
			w.str("creator", "Example Administrator")
			w.id("creatorId", userBase)
		}
		if dynamic {
			w.id("filterId", f.longID(groupBase, g)+1)
			w.str("filterName", "All notebooks")
		} else {
			w.nulls("filterId", "filterName")
		}
		w.id("id", f.groupID(g))
		w.flag("inherits", g%groupsPerSite == 0)
		w.flag("isDefault", g%groupsPerSite == 0)
		w.str("name", groupName(g))
		if dynamic {
			w.num("rank", 1)
		} else {
			w.nulls("rank")
		}
		w.str("registrationToken", secret+"-g"+strconv.Itoa(g))
		w.id("siteId", f.siteID(g/groupsPerSite))
		w.num("totalAgents", f.totals().perGroup[g])
		w.str("type", [...]string{"static", "static", "dynamic"}[g%groupsPerSite])
		w.at("updatedAt", created.Add(time.Hour), microLayout)
		w.end('}')
	}
}
