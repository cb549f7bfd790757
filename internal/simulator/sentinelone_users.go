package simulator

import (
	"net/http"
	"slices"
	"time"
)

// consoleUsers lists the numbers of the console's users: the service provider's staff, then one for each customer
// that has a site and people.
func (f *fleet) consoleUsers() []uint32 {
	rows := numbers(technicians)
	for c := range f.customers {
		if f.customers[c].hasSite && f.sees(c) && f.tallies[c].firstPerson != none {
			rows = append(rows, uint32(technicians+c))
		}
	}
	return rows
}

// listUsers is GET /users.
func (e *sentinelOne) listUsers(c *call) {
	has, detail := c.ids("ids", 5000)
	if detail != "" {
		e.fail(c, http.StatusBadRequest, 4000010, "Validation Error", detail)
		return
	}
	var rows []uint32
	c.read(func() {
		rows = slices.DeleteFunc(c.f.consoleUsers(),
			func(row uint32) bool { return !has(c.f.longID(userBase, int(row))) })
	})
	e.serve(c, edrList{
		column: "UserView.id", most: 1000, params: []string{"ids", "siteIds", "accountIds", "email", "query"},
		ending: endsAbsent, array: `"data":[`, close: "]",
		id: func(row int) uint64 { return c.f.longID(userBase, row) }, render: c.f.renderConsoleUser,
	}, rows)
}

func (f *fleet) renderConsoleUser(w *jsonWriter, n int) {
	staff := n < technicians
	h, site := human{}, 0
	if staff {
		h = f.technician(n)
	} else {
		h, site = f.person(int(f.tallies[n-technicians].firstPerson)), (n-technicians)*sitesPerCustomer
	}
	joined := f.start.AddDate(-3, 0, n)
	w.begin('{')
	w.flag("agreedEula", true)
	w.nulls("agreementUrl", "apiToken")
	w.flag("allowRemoteShell", false)
	w.flag("canGenerateApiToken", staff)
	w.at("dateJoined", joined, microLayout)
	w.str("email", h.email)
	w.flag("emailReadOnly", false)
	w.flag("emailVerified", true)
	w.at("firstLogin", joined.Add(time.Hour), microLayout)
	w.str("fullName", h.full())
	w.nulls("globalOrganizationId", "globalUserId")
	w.id("id", f.longID(userBase, n))
	w.flag("isSystem", false)
	if neverSignsIn(n) {
		w.nulls("lastLogin")
	} else {
		w.at("lastLogin", f.start.AddDate(0, 0, -n), microLayout)
	}
	w.str("primaryTwoFaMethod", "application")
	f.renderRoles(w, staff, site)
	w.str("source", [...]string{"mgmt", "sso_saml"}[n%2])
	w.flag("twoFaConfigured", hasSecondFactor(n))
	w.flag("twoFaEnabled", hasSecondFactor(n))
	w.str("twoFaStatus", [...]string{"not_configured", "configured"}[digit(hasSecondFactor(n))])
	w.end('}')
}

// renderRoles writes where the user may do what.
func (f *fleet) renderRoles(w *jsonWriter, staff bool, site int) {
	if staff {
		w.str("scope", "tenant")
		w.raw("scopeRoles", "[]")
		w.list("tenantRoles", "Admin")
		w.raw("siteRoles", "[]")
		return
	}
	w.str("scope", "site")
	w.open("scopeRoles", '[')
	w.begin('{')
	w.str("accountName", f.accountName(f.customers[site/sitesPerCustomer].account))
	w.id("id", f.siteID(site))
	w.str("name", f.customers[site/sitesPerCustomer].siteName(0))
	w.id("roleId", userBase+1)
	w.str("roleName", "Viewer")
	w.list("roles", "Viewer")
	w.end('}')
	w.end(']')
	w.raw("tenantRoles", "[]")
	w.raw("siteRoles", "[]")
}
