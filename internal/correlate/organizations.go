package correlate

import (
	"cmp"
	"slices"
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
	created      uint32
	before       uint32 // derived key of the last run, noKey for none
	organization uint32 // index in organizations
	method       method
	confidence   confidence
	matched      string
}

// An organization is a cluster of customers.
type organization struct {
	members []uint32 // indexes in customers, by hashed key
	derived uint32   // key of the last run, noKey for none
	key     graph.Key
	name    string
	devices int64
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
	u.created = seconds(r.Customer.Created.Get(e))
	u.id = strings.Clone(e.Get("id").Text())
	u.external = within(e.Instance, hash(u.id))
	u.matched = u.id
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
			for _, l := range o.c.linksOfCustomer(u.hash) {
				for _, client := range o.named(byExternal[l.to], u) {
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

// nameByAccount calls customers by their account whose own name tells none from another: it is one that the product has
// given, or customers of several accounts have it.
func (o *organizer) nameByAccount() {
	isPlace := o.places()
	for i := range o.c.customers {
		u := &o.c.customers[i]
		if u.role == nil || u.account == 0 || !isPlace(u) && !saysNothing(u.own.base) {
			continue
		}
		if name := o.c.accounts[u.account]; name != "" {
			u.name, u.known, u.parent, u.byAccount = name, normalCompany(name), "", true
		}
	}
}

// places returns a function that reports whether customers of several accounts have a customer's name. Accounts of two
// instances may both be the service provider's own: they count as several when their names differ and no product
// without accounts has a customer of the name.
func (o *organizer) places() func(*customer) bool {
	type within struct{ scope, base string }
	type among struct {
		role *role
		base string
	}
	account, several := map[within]uint64{}, map[within]bool{}
	called, severalNames := map[among]string{}, map[among]bool{}
	companies := map[string]bool{}
	for i := range o.c.customers {
		u := &o.c.customers[i]
		switch {
		case u.role == nil || u.dead:
			continue
		case u.account == 0:
			companies[u.own.base] = true
			continue
		}
		own, all := within{u.scope, u.own.base}, among{u.role, u.own.base}
		if other, known := account[own]; known && other != u.account {
			several[own] = true
		}
		account[own] = u.account
		name := normalCompany(o.c.accounts[u.account]).base
		if other := called[all]; other != "" && name != "" && other != name {
			severalNames[all] = true
		}
		called[all] = cmp.Or(name, called[all])
	}
	return func(u *customer) bool {
		return several[within{u.scope, u.own.base}] || severalNames[among{u.role, u.own.base}] && !companies[u.own.base]
	}
}

// matchNames joins customers whose names are alike in what of tells of them, where no product knows two of it. A name
// never brings two customers of one product together, unless both are known by their account alone or one of them is
// none any more. What is dead never keeps apart what is alive.
func (o *organizer) matchNames(of func(companyName) string) {
	byName := map[string][]uint32{}
	for _, i := range o.sorted() {
		if u := &o.c.customers[i]; u.role != nil && !saysNothing(u.known.base) {
			name := of(u.known)
			byName[name] = append(byName[name], i)
		}
	}
	for _, name := range sortedKeys(byName) {
		list, gone := o.alive(byName[name])
		if len(list) == 0 {
			list, gone = gone, nil
		}
		if u, why := o.ambiguous(list); u != nil {
			if len(list) > 1 {
				o.c.findings.customerUnlinked(u, why)
			}
			continue
		}
		for _, i := range slices.Concat(list[1:], gone) {
			o.join(list[0], i, methodName, o.c.customers[i].known.base, strong, o.mayShare)
		}
	}
}

// mayShare reports whether a name may make one customer of two.
func (o *organizer) mayShare(a, b *customer) bool {
	if a.known.base == b.known.base && !a.known.fits(b.known) {
		return false
	}
	return a.scope != b.scope || a.dead || b.dead || a.byAccount && b.byAccount && a.account == b.account
}

// alive sorts out customers that are none any more.
func (o *organizer) alive(list []uint32) (live, gone []uint32) {
	for _, i := range list {
		if o.c.customers[i].dead {
			gone = append(gone, i)
		} else {
			live = append(live, i)
		}
	}
	return live, gone
}

// ambiguous returns a customer because of which a list of one name is not one customer, and why; nil for none.
func (o *organizer) ambiguous(list []uint32) (*customer, string) {
	for n, i := range list {
		u := &o.c.customers[i]
		for _, j := range list[:n] {
			v := &o.c.customers[j]
			switch {
			case o.forest.root(i) == o.forest.root(j):
			case u.known.base == v.known.base && !u.known.fits(v.known):
				return u, "others of its name have another legal form"
			case !o.mayShare(u, v):
				return u, "its name is not unique within the product"
			}
		}
	}
	return nil, ""
}

// matchAccounts joins all customers of an account with the one that another product knows by the account's name, as
// long as none of them is a customer there by its own name: then the account is that of a provider of services, and
// each customer below it stands for itself.
func (o *organizer) matchAccounts() {
	below := map[uint64][]uint32{}
	owners := map[string][]uint32{} // of a name, in products without accounts
	for _, i := range o.sorted() {
		switch u := &o.c.customers[i]; {
		case u.role == nil || u.dead:
		case u.account != 0:
			below[u.account] = append(below[u.account], i)
		default:
			owners[u.known.base] = append(owners[u.known.base], i)
		}
	}
	accounts := make([]uint64, 0, len(below))
	for a := range below {
		accounts = append(accounts, a)
	}
	slices.Sort(accounts)
	for _, account := range accounts {
		name := normalCompany(o.c.accounts[account])
		list := owners[name.base]
		if len(list) == 0 || saysNothing(name.base) {
			continue
		}
		if u, _ := o.ambiguous(list); u != nil || !name.fits(o.c.customers[list[0]].known) {
			continue
		}
		target := list[0]
		if slices.ContainsFunc(below[account], func(i uint32) bool { return o.isElsewhere(i, target) }) {
			continue
		}
		for _, i := range below[account] {
			o.join(target, i, methodName, name.base, strong,
				func(a, b *customer) bool { return a.scope != b.scope || a.account == b.account })
		}
	}
}

// isElsewhere reports whether a customer is the same as one of another product that is not the target.
func (o *organizer) isElsewhere(i, target uint32) bool {
	root := o.forest.root(i)
	return root != o.forest.root(target) && slices.ContainsFunc(o.groups[root], func(j uint32) bool {
		return o.c.customers[j].role.product != o.c.customers[i].role.product
	})
}

// matchBranches joins "Acme Ltd - Branch" with "Acme Ltd" of the same account, where the product has accounts.
func (o *organizer) matchBranches() {
	type place struct {
		scope   string
		account uint64
		name    string
	}
	sites := map[place]uint32{}
	for _, i := range o.sorted() {
		if u := &o.c.customers[i]; u.account != 0 && !u.dead {
			sites[place{u.scope, u.account, u.own.base}] = i
		}
	}
	for _, i := range o.sorted() {
		u := &o.c.customers[i]
		if main, ok := sites[place{u.scope, u.account, u.parent}]; ok && u.account != 0 && u.parent != "" &&
			len(o.groups[o.forest.root(i)]) == 1 {
			o.join(main, i, methodName, u.parent, weak, anything)
		}
	}
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
