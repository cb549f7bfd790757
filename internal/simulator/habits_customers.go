package simulator

import (
	"strconv"
	"strings"
)

// customerHabits are about customers whose names say too little. Machines that have nothing but a name show what comes
// of it.
func customerHabits() []habit {
	return []habit{
		{"default-site", "each customer has a SentinelOne account of its own, and in it a site that is called as everywhere", func(p *planter) {
			site := pickOne(p, "Default site", "Servers", "Berlin", "Workstations")
			p.times(2, 3, func(int) {
				c := p.customer()
				c.account(c.org)
				c.site(site)
				c.people()
			})
		}},
		{"sites-of-an-account", "the customer's account has a site for each place", func(p *planter) {
			c := p.customer()
			c.account(c.org)
			c.site("Hamburg", "Kiel")
			c.people()
		}},
		{"expired-site", "a site that has expired keeps the name beside the one that replaced it", func(p *planter) {
			p.times(1, 2, func(n int) {
				c := p.customer()
				c.site(c.base, c.base)
				c.planted.sites[0].state = []string{"expired", "deleted"}[n%2]
				c.people()
			})
		}},
		{"inactive-tenant", "a tenant that was set up twice: one of them is no longer active", func(p *planter) {
			p.times(1, 2, func(int) {
				c := p.customer()
				c.site(c.base)
				second := p.customer()
				second.planted.real, second.planted.noOrg, second.hasSite = c.planted.real, true, false
				second.tenantNamed(c.base).planted.tenant["active"] = false
				c.tenantNamed(c.base).people()
			})
		}},
		{"second-rmm-link", "ImmyBot has an integration with another NinjaOne tenant, whose organizations are numbered by small integers as well", func(p *planter) {
			p.foreignLink(false)
		}},
		{
			"disabled-rmm-link", "an integration that was switched off still lists which organization was which tenant",
			func(p *planter) { p.foreignLink(true) },
		},
		{"two-legal-forms", "two companies have one name and different legal forms", func(p *planter) {
			one, other := p.customer(), p.customer()
			name := one.base
			one.site(name + " Inc").planted.noOrg = true
			one.tenantNamed(name + " Inc")
			other.hasSite = false
			other.orgNamed(strings.ToUpper(name) + " Ltd").hasTenant = false
			one.people()
			other.people()
		}},
		{"whole-name-first", "two organizations differ in the legal form alone; the site has the name of one of them as a whole", func(p *planter) {
			one, other := p.customer(), p.customer()
			name := one.base
			one.site(name + " Ltd")
			one.orgNamed(name + " Ltd").tenantNamed(name + " Ltd")
			other.hasSite = false
			other.orgNamed(name).hasTenant = false
			one.people()
			other.people()
		}},
	}
}

// A plantingCustomer is a customer while a habit plants it.
type plantingCustomer struct {
	*customer
	p *planter
}

// customer plants a customer of a name of its own: a site of the provider's account, an organization and a tenant, none
// mapped.
func (p *planter) customer() plantingCustomer {
	f := p.f
	n := len(f.customers)
	c := f.newCustomer(n)
	c.account, c.sites, c.locations, c.linkedSite, c.linkedTo = 0, 1, 1, false, false
	c.spell(f.words.ascii)
	c.planted = &plantedCustomer{
		habit: p.habit, real: f.planted.next(), sites: []plantedSite{{c.base, "active"}},
		org: map[string]any{"name": c.base},
		tenant: map[string]any{
			"name": c.base, "active": true, "markedForDeletionAtUtc": nil, "azureTenantLink": nil,
			"parentTenantId": nil,
		},
	}
	c.org, c.tenant = c.base, c.base
	if len(f.customers) == cap(f.customers) { // those that were handed out stay where they are
		panic("simulator: more planted customers than there is room for")
	}
	f.customers = append(f.customers, c)
	f.tallies = append(f.tallies, tally{lastVM: none, lastPerson: none, host: none, probe: none, firstPerson: none})
	return plantingCustomer{&f.customers[n], p}
}

// account gives the customer a SentinelOne account.
func (c plantingCustomer) account(name string) plantingCustomer {
	f := c.p.f
	c.customer.account = f.accounts()
	f.planted.accounts = append(f.planted.accounts, name)
	return c
}

// site names its sites.
func (c plantingCustomer) site(names ...string) plantingCustomer {
	c.sites, c.planted.sites = len(names), nil
	for _, name := range names {
		c.planted.sites = append(c.planted.sites, plantedSite{name, "active"})
	}
	return c
}

func (c plantingCustomer) orgNamed(name string) plantingCustomer {
	c.org, c.planted.org["name"] = name, name
	return c
}

func (c plantingCustomer) tenantNamed(name string) plantingCustomer {
	c.tenant, c.planted.tenant["name"] = name, name
	return c
}

// people are the customer's machines: known by their names alone, wherever the customer is known.
func (c plantingCustomer) people() {
	c.p.times(3, 5, func(int) {
		m := c.p.nameless(c.index)
		m.serial = ""
		if c.hasSite {
			m.agent()
		}
		if c.knownToRMM() {
			m.device().shows()
		}
		if c.hasTenant {
			m.computer()
		}
	})
}

// foreignLink plants an integration whose clients have the ids of our organizations and are other companies.
func (p *planter) foreignLink(disabled bool) {
	cedar, birch := p.customer(), p.customer()
	f := p.f
	id := linkBaseID + len(f.planted.links)
	link := plantedLink{id: id, fields: map[string]any{
		"name": pickOne(p, "Ninja EU", "NinjaOne (acquired)", "Ninja old tenant"), "providerTypeId": linkType(rmmLink),
		"disabled": disabled, "healthStatus": []int{2, 0}[digit(disabled)],
	}}
	other := f.newCustomer(len(f.customers) + 1000)
	link.clients = []plantedClient{
		{external: strconv.Itoa(orgID(birch.index)), name: other.base, tenant: cedar.index},
	}
	f.planted.links = append(f.planted.links, link)
	cedar.linkedSite, birch.linkedSite = true, true
	cedar.people()
	birch.people()
	p.times(2, 4, func(n int) {
		ours, theirs := p.machine(birch.index).device(), p.machine(cedar.index)
		if n%2 == 0 { // nothing but the name speaks against the integration
			theirs.serial = ""
		}
		agent := theirs.card(linkCard)
		agent.target = theirs.computer()
		agent.links[3] = map[string]any{
			"providerLinkId": id, "providerLinkName": link.fields["name"], "externalAgentId": ours.id(),
			"externalClientName": other.base,
			"isComputerDeleted":  false,
		}
	})
}
