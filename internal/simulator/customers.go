package simulator

import (
	"fmt"
	"strings"
)

// A directory says how a customer's machines are joined to a domain.
type directory uint8

const (
	realDomain  directory = iota // a DNS domain, the same in every product
	localDomain                  // a .local domain
	workgroup                    // none
	splitDomain                  // the DNS name in SentinelOne, the NetBIOS name in NinjaRMM
)

// A customer is one company as the products spell it.
type customer struct {
	index                int
	base, legal          string
	site, org, tenant    string // its names in SentinelOne, NinjaRMM and ImmyBot
	code, slug, mail     string // ACME, acmefoods, acmefoods.example
	directory            directory
	account              int // number of its SentinelOne account
	sites, locations     int
	hasSite, hasTenant   bool
	planted              *plantedCustomer // nil for the ordinary ones
	linkedSite, linkedTo bool             // ImmyBot's mapping of its SentinelOne site, of its NinjaRMM organization
}

// sitesPerCustomer is the room that a customer's sites take in the numbering.
const sitesPerCustomer = 2

// groupsPerSite: a default group, a static one for servers, a dynamic one for notebooks.
const groupsPerSite = 3

// newCustomers makes n customers with names of their own.
func (f *fleet) newCustomers(n int) []customer {
	customers := make([]customer, n)
	for c := range customers {
		customers[c] = f.newCustomer(c)
	}
	if few := 5; n >= few {
		customers[4].base = customers[3].base + " Group"
		customers[n-1].hasSite = false
		customers[n-2].hasTenant = false
	}
	for c := range customers {
		customers[c].spell(f.words.ascii)
	}
	return customers
}

func (f *fleet) newCustomer(c int) customer {
	combinations := len(f.words.brand) * len(f.words.trade)
	n := (f.pick(0, topicCustomer, combinations) + c*101) % combinations
	base := f.words.brand[n%len(f.words.brand)] + " " + f.words.trade[n/len(f.words.brand)]
	if round := c / combinations; round > 0 {
		base += fmt.Sprintf(" %d", round+1)
	}
	own := c%5 == 0
	result := customer{
		index: c, base: base, legal: f.words.forms[f.pick(c, topicName, len(f.words.forms))],
		directory: directory(c % 4), sites: 1, locations: 1 + c%len(f.words.places),
		hasSite: true, hasTenant: true, linkedSite: c%7 != 6, linkedTo: c%9 != 8,
	}
	if own {
		result.account, result.sites = 1+c/5, sitesPerCustomer
	}
	return result
}

// spell settles the names of the customer: no two products write them alike.
func (c *customer) spell(ascii *strings.Replacer) {
	full := c.base + " " + c.legal
	c.site = full
	switch c.index % 5 {
	case 0:
		c.org = strings.ToUpper(full)
	case 1:
		c.org = strings.ReplaceAll(c.base, " ", "-")
	case 2:
		c.org = c.base + ", " + c.legal
	case 3:
		c.org = strings.Replace(c.base, " ", "  ", 1) + " "
	default:
		c.org = strings.ToLower(full)
	}
	switch c.index / 2 % 4 {
	case 0:
		c.tenant = c.base
	case 1:
		c.tenant = c.base + " (" + c.legal + ")"
	case 2:
		c.tenant = strings.ReplaceAll(c.base, " ", "")
	default:
		c.tenant = full + "."
	}
	c.slug = ascii.Replace(strings.ToLower(strings.ReplaceAll(c.base, " ", "")))
	c.code = strings.ToUpper(c.slug[:2] + c.slug[len(c.slug)-2:])
	c.mail = c.slug + ".example"
}

// domain is the customer's DNS domain or workgroup as SentinelOne shows it.
func (c *customer) domain() string {
	switch c.directory {
	case realDomain, splitDomain:
		return "corp." + c.mail
	case localDomain:
		return c.slug + ".local"
	default:
		return "WORKGROUP"
	}
}

// netbios is what NinjaRMM shows as the domain.
func (c *customer) netbios() string {
	if c.directory == splitDomain {
		return c.code
	}
	return c.domain()
}

// suffix is what a machine's full DNS name ends in, "" outside a domain.
func (c *customer) suffix() string {
	if c.directory == workgroup {
		return ""
	}
	return "." + c.domain()
}

// siteName is the name of the customer's k-th SentinelOne site.
func (c *customer) siteName(k int) string {
	if c.planted != nil && k < len(c.planted.sites) {
		return c.planted.sites[k].name
	}
	if k == 0 {
		return c.site
	}
	return c.site + " - Branch"
}

// accounts is how many SentinelOne accounts there are: the service provider's, and one for each fifth customer.
func (f *fleet) accounts() int { return f.ordinaryAccounts() + len(f.planted.accounts) }

func (f *fleet) ordinaryAccounts() int { return 1 + (f.ordinary+4)/5 }

// accountName is the name of SentinelOne account a.
func (f *fleet) accountName(a int) string {
	if a == 0 {
		return "Example Managed Services"
	}
	if n := a - f.ordinaryAccounts(); n >= 0 {
		return f.planted.accounts[n]
	}
	return f.customers[(a-1)*5].site
}

// siteList lists the numbers of all SentinelOne sites.
func (f *fleet) siteList() []uint32 {
	var sites []uint32
	for c := range f.customers {
		for k := range f.customers[c].sites {
			if f.customers[c].hasSite && f.sees(c) {
				sites = append(sites, uint32(c*sitesPerCustomer+k))
			}
		}
	}
	return sites
}

// siteOf is the number of the SentinelOne site that machine i is in.
func (f *fleet) siteOf(i int) int {
	c := int(f.states[i].customer)
	return c*sitesPerCustomer + f.pick(i, topicSite, f.customers[c].sites)
}

// groupOf is the number of the SentinelOne group that machine i is in.
func (f *fleet) groupOf(i int) int {
	s := &f.states[i]
	group := 0
	switch {
	case s.kind.Server():
		group = 1
	case s.kind == Laptop:
		group = 2
	}
	return f.siteOf(i)*groupsPerSite + (group+int(s.moves))%groupsPerSite
}

// orgOf is the customer under whose organization NinjaRMM keeps machine i.
func (f *fleet) orgOf(i int) int {
	s := &f.states[i]
	if s.traits.Has(Moved) {
		return (int(s.customer) + 1) % f.ordinary
	}
	return int(s.customer)
}

// locationOf is the number of the machine's location within its organization.
func (f *fleet) locationOf(i int) int {
	return (f.pick(i, topicSite, 97) + int(f.states[i].moves)) % f.customers[f.orgOf(i)].locations
}
