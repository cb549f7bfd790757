package correlate

import (
	"strings"

	"assetgraph/converters"
	"assetgraph/graph"
)

// A customer is what one product calls a customer.
type customer struct {
	hash         uint64 // of the key
	external     uint64 // hash of product and id, as links name it
	key          graph.Key
	role         *role  // nil while only machines have named it
	scope        string // instance and type: what knows a customer once
	account      uint64 // hash of the key of the account, 0 for none
	id           string
	name         string      // what people call the customer: the account where its own name says nothing
	own          companyName // of its own name
	known        companyName // of name
	parent       string      // base of what stands before " - ", "" for none
	dead         bool        // no customer any more
	byAccount    bool        // name is that of the account
	ailments     converters.Ailments
	created      uint32
	before       uint32 // derived key of the last run, noKey for none
	organization uint32 // index in organizations
	method       method
	confidence   confidence
	matched      string
}

// customerOf returns the index of the customer that a record of a machine names; 0 for none.
func (c *Correlator) customerOf(e *graph.Element, m *converters.Machine) uint32 {
	id := m.Customer.Get(e).Text()
	if id == "" {
		return 0
	}
	return c.intern(hash(string(graph.EntityKey(e.Instance, m.CustomerOf.Name, id))))
}

// intern returns the index of the customer with the hashed key.
func (c *Correlator) intern(h uint64) uint32 {
	i, ok := c.customerIndex[h]
	if !ok {
		i = uint32(len(c.customers))
		c.customerIndex[h] = i
		c.customers = append(c.customers, customer{hash: h, before: noKey})
	}
	return i
}

func (c *Correlator) addCustomer(e *graph.Element, r *role) {
	u := &c.customers[c.intern(hash(string(e.Key)))]
	u.key, u.role, u.scope = graph.Key(strings.Clone(string(e.Key))), r, e.Instance+":"+e.Type.Name
	u.name = strings.Clone(r.Customer.Name.Get(e).Text())
	u.own, u.parent = normalCompany(u.name), normalCompany(parentName(u.name)).base
	u.known = u.own
	u.dead = r.Customer.Live != nil && !r.Customer.Live(e)
	if id := r.Customer.Account.Get(e).Text(); id != "" {
		u.account = hash(string(graph.EntityKey(e.Instance, r.Customer.AccountOf.Name, id)))
	}
	if r.Customer.Symptoms != nil {
		u.ailments = converters.AilmentsOf(r.Customer.Symptoms(e))
	}
	u.created = seconds(r.Customer.Created.Get(e))
	u.id = strings.Clone(e.Get("id").Text())
	u.external = within(e.Instance, hash(u.id))
	u.matched = u.id
}

// An accountInfo is what is kept of what customers of a product are below.
type accountInfo struct {
	name     string
	ailments converters.Ailments
}

func (c *Correlator) addAccount(e *graph.Element, r *role) {
	a := accountInfo{name: strings.Clone(r.Account.Name.Get(e).Text())}
	if r.Account.Symptoms != nil {
		a.ailments = converters.AilmentsOf(r.Account.Symptoms(e))
	}
	c.accounts[hash(string(e.Key))] = a
}
