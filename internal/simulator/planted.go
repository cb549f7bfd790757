package simulator

import "slices"

// planted is what habits have added to the fleet beside cards.
type planted struct {
	accounts []string // names of SentinelOne accounts
	users    []plantedUser
	links    []plantedLink
	real     int                       // real machines, humans and customers so far
	people   map[int]map[string]any    // fields of persons, by number
	values   map[int]map[string]string // what the device of a real machine must show, by property
}

// A plantedCustomer is what products call a customer, where a habit says it.
type plantedCustomer struct {
	habit  string
	real   int // number of the real customer
	sites  []plantedSite
	noOrg  bool // NinjaRMM does not know it
	tenant map[string]any
	org    map[string]any
}

type plantedSite struct{ name, state string }

// A plantedUser is a user of ImmyBot's console.
type plantedUser struct {
	habit  string
	real   int
	fields map[string]any
}

// A plantedLink is an integration of ImmyBot.
type plantedLink struct {
	id      int
	fields  map[string]any
	clients []plantedClient
}

// A plantedClient is a customer of the other product as the integration shows it, mapped to a tenant.
type plantedClient struct {
	external, name string
	tenant         int // index of a customer
}

// linkBaseID is the id of the first planted integration.
const linkBaseID = 21

func (p *planted) linkIDs() []uint32 {
	var ids []uint32
	for n := range p.links {
		ids = append(ids, uint32(p.links[n].id))
	}
	return ids
}

func (p *planted) clientsOf(link int) []plantedClient {
	for n := range p.links {
		if p.links[n].id == link {
			return p.links[n].clients
		}
	}
	return nil
}

// next numbers real machines, humans and customers: above all that are ordinary.
func (p *planted) next() int {
	const aboveOrdinary = 1 << 28
	p.real++
	return aboveOrdinary + p.real
}

func (c *customer) knownToRMM() bool { return c.planted == nil || !c.planted.noOrg }

// organizations lists the customers that NinjaRMM knows.
func (f *fleet) organizations() []uint32 {
	return slices.DeleteFunc(numbers(len(f.customers)),
		func(n uint32) bool { return !f.customers[n].knownToRMM() || !f.sees(int(n)) })
}

func (f *fleet) organizationFields(n int) map[string]any {
	if c := f.customers[n].planted; c != nil {
		return c.org
	}
	return nil
}

func (f *fleet) siteFields(site int) map[string]any {
	c := f.customers[site/sitesPerCustomer].planted
	if c == nil || site%sitesPerCustomer >= len(c.sites) {
		return nil
	}
	return map[string]any{"state": c.sites[site%sitesPerCustomer].state}
}

func (f *fleet) tenantFields(n int) map[string]any {
	if n == mspTenant || f.customers[n].planted == nil {
		return nil
	}
	return f.customers[n].planted.tenant
}

func (f *fleet) personFields(row int) map[string]any { return f.planted.people[row] }

func (f *fleet) userFields(n int) map[string]any {
	if n <= technicians {
		return nil
	}
	return f.planted.users[n-technicians-1].fields
}

func (f *fleet) providerLinkFields(id int) map[string]any {
	for n := range f.planted.links {
		if f.planted.links[n].id == id {
			return f.planted.links[n].fields
		}
	}
	return nil
}
