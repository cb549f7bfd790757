package correlate

import (
	"cmp"
	"slices"

	"assetgraph/converters"
	"assetgraph/graph"
)

// An organization is a cluster of customers.
type organization struct {
	members []uint32 // indexes in customers, by hashed key
	derived uint32   // key of the last run, noKey for none
	key     graph.Key
	name    string
	print   uint64 // hash of key and name, once they are known
	number  uint32 // from 1 on, of those that are written; see Correlator.number
	devices int64
}

// resolveOrganizations clusters the customers: what people decided, mappings of clients that products tell, names.
func (c *Correlator) resolveOrganizations() {
	f := newForest(len(c.customers))
	o := &organizer{c: c, forest: f, groups: map[uint32][]uint32{}}
	for _, i := range o.sorted() {
		o.groups[i] = []uint32{i}
	}
	o.nameByAccount()
	o.override()
	o.mapClients()
	o.matchNames(func(n companyName) string { return n.base + n.form })
	o.matchNames(func(n companyName) string { return n.base })
	o.matchAccounts()
	o.matchBranches()
	c.collect(o)
}

// organizer joins customers, which are few, with all that is known of them in memory.
type organizer struct {
	c      *Correlator
	forest forest
	groups map[uint32][]uint32 // members by root
}

// sorted returns the customers in the order of their hashed keys.
func (o *organizer) sorted() []uint32 {
	list := make([]uint32, 0, len(o.c.customers))
	for i := 1; i < len(o.c.customers); i++ {
		list = append(list, uint32(i))
	}
	slices.SortFunc(list, func(a, b uint32) int { return cmp.Compare(o.c.customers[a].hash, o.c.customers[b].hash) })
	return list
}

// join unites the clusters of two customers unless allowed says that two of their members must stay apart.
func (o *organizer) join(a, b uint32, m method, value string, conf confidence, allowed func(a, b *customer) bool) bool {
	ra, rb := o.forest.root(a), o.forest.root(b)
	if ra != rb {
		for _, x := range o.groups[ra] {
			for _, y := range o.groups[rb] {
				if o.c.manual.apart(o.c.customers[x].hash, o.c.customers[y].hash) ||
					!allowed(&o.c.customers[x], &o.c.customers[y]) {
					o.c.findings.customersApart(&o.c.customers[a], &o.c.customers[b], &o.c.customers[x],
						&o.c.customers[y], m)
					return false
				}
			}
		}
		root := o.forest.union(ra, rb)
		o.groups[root] = append(o.groups[ra], o.groups[rb]...)
	}
	for _, i := range [...]uint32{a, b} {
		if u := &o.c.customers[i]; u.method == methodRecord {
			u.method, u.matched, u.confidence = m, value, conf
		} else if m == methodMapping && u.method == m && u.role.Customer.Links {
			u.matched = joinLinks(u.matched, value)
		}
	}
	return true
}

// joinLinks puts links together in alphabetical order.
func joinLinks(a, b string) string {
	if a == b {
		return a
	}
	var parts []string
	for _, text := range [...]string{a, b} {
		for product, external := range linkTexts(text) {
			parts = append(parts, product+" "+external)
		}
	}
	slices.Sort(parts)
	return joinParts(slices.Compact(parts))
}

func anything(*customer, *customer) bool { return true }

func (o *organizer) override() {
	for _, group := range o.c.manual.sameKeys() {
		for _, h := range group[1:] {
			a, ok := o.c.customerIndex[group[0]]
			b, ok2 := o.c.customerIndex[h]
			if ok && ok2 && o.c.customers[a].role != nil && o.c.customers[b].role != nil {
				o.join(a, b, methodOverride, "", exact, anything)
			}
		}
	}
}

// mapClients follows what customers of one product say of those of others, such as tenants of their clients. A client
// that one instance maps to several tenants belongs to the one of its name, or to none.
func (o *organizer) mapClients() {
	byExternal := map[uint64][]uint32{}
	tenants := map[uint32][]uint32{} // of each client
	sorted := o.sorted()
	for _, i := range sorted {
		if u := &o.c.customers[i]; u.role != nil {
			byExternal[u.external] = append(byExternal[u.external], i)
		}
	}
	for _, t := range sorted {
		if u := &o.c.customers[t]; u.role != nil && u.role.Customer.Links {
			for _, to := range o.c.linksOfCustomer(t) {
				for _, client := range o.named(byExternal[to], u) {
					tenants[client] = append(tenants[client], t)
				}
			}
		}
	}
	for _, client := range sorted {
		u := &o.c.customers[client]
		mapped, lost := o.mapped(tenants[client], u)
		for _, t := range mapped {
			value := productName(u.role.Type, u.key.Scope().Instance) + " " + u.id
			o.join(t, client, methodMapping, value, exact,
				func(a, b *customer) bool { return a.scope != b.scope || !a.role.Customer.Links })
		}
		if lost {
			o.c.findings.customerUnlinked(u, "mapped to several tenants, none of which has its name")
		}
	}
}

// mapped returns the tenant of each instance that a client belongs to; lost says that some instance has several and
// none of its name.
func (o *organizer) mapped(tenants []uint32, client *customer) (list []uint32, lost bool) {
	for len(tenants) > 0 {
		var own, others []uint32
		for _, t := range tenants {
			if o.c.customers[t].scope == o.c.customers[tenants[0]].scope {
				own = append(own, t)
			} else {
				others = append(others, t)
			}
		}
		one := o.named(own, client)
		list, lost, tenants = append(list, one...), lost || len(one) == 0, others
	}
	return list, lost
}

// named returns the only one of the candidates, or the only one that has the customer's name; else none.
func (o *organizer) named(candidates []uint32, u *customer) []uint32 {
	if len(candidates) < 2 {
		return candidates
	}
	var same []uint32
	for _, i := range candidates {
		if o.c.customers[i].known.base == u.known.base && u.known.base != "" {
			same = append(same, i)
		}
	}
	if len(same) == 1 {
		return same
	}
	return nil
}

// collect makes the organizations, named as the customer that is believed first spells them.
func (c *Correlator) collect(o *organizer) {
	index := map[uint32]uint32{}
	c.organizations = append(c.organizations[:0], organization{derived: noKey})
	for _, i := range o.sorted() {
		root := o.forest.root(i)
		n, ok := index[root]
		if !ok {
			n = uint32(len(c.organizations))
			index[root] = n
			c.organizations = append(c.organizations, organization{derived: noKey})
		}
		c.customers[i].organization = n
		c.organizations[n].members = append(c.organizations[n].members, i)
	}
	for n := range c.organizations {
		c.organizations[n].name = c.bestName(c.organizations[n].members)
	}
	c.nameOwners = map[string]uint32{}
	for i := range c.customers {
		if u := &c.customers[i]; u.role != nil {
			if n, ok := c.nameOwners[u.known.base]; ok && n != u.organization {
				c.nameOwners[u.known.base] = 0
			} else {
				c.nameOwners[u.known.base] = u.organization
			}
		}
	}
}

func (c *Correlator) bestName(members []uint32) string {
	best, rank := "", ^converters.Belief(0)
	for _, i := range members {
		u := &c.customers[i]
		if u.role == nil {
			continue
		}
		r := u.role.Customer.Belief
		if r < rank || r == rank && (len(u.name) < len(best) || len(u.name) == len(best) && u.name < best) {
			best, rank = u.name, r
		}
	}
	return best
}

// organizationClaims visits the customers of each organization.
func (c *Correlator) organizationClaims(visit func(cluster uint32, of claim)) {
	for n := range c.organizations {
		for _, i := range c.organizations[n].members {
			if u := &c.customers[i]; u.role != nil {
				visit(uint32(n), claim{derived: u.before, created: u.created, tie: u.hash})
			}
		}
	}
}
