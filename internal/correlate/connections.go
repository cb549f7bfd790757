package correlate

import (
	"cmp"
	"slices"

	"assetgraph/graph"
)

// A connectionName is what tells connections apart.
type connectionName struct {
	instance string // of the provider that has it; "" for what the last run knew
	product  int    // index in Model.products
	id       string // within the instance; of a link of the last run what it called the product
}

// A connection is by what links speak of another product. Ids there mean something within one instance of the product
// alone, and small numbers mean something in each: device 670 of one tenant is not that of another. So it has to be
// found out whose ids they are.
type connection struct {
	connectionName
	off   bool
	names []clientName // what it says of customers
	tells string       // the instance whose ids it tells; "" for none that is at hand
}

// A clientName is what a connection says of one customer.
type clientName struct {
	external uint64
	telling  bool // see link
	normal   string
}

// within returns an identifier that means something within one instance alone.
func within(instance string, h uint64) uint64 { return mix(h ^ hash("instance", instance)) }

// productName is what evidence calls the product of a record: its name, or that of the instance where that is another.
func productName(t *graph.Type, instance string) string {
	if instance == "" {
		return t.Integration
	}
	return instance
}

// former returns the connection that stands for what the last run called a product: its integration, or one instance of
// it.
func (c *Correlator) former(product string) uint32 {
	return c.said.connection(connectionName{"", -1, product})
}

// telling is how long an id must be to be found in one instance alone: uuids and ids of sixteen digits and more are,
// counters are not.
const telling = 12

// sampled is how many links of a connection are looked at to find out whose ids they are.
const sampled = 200

// followConnections finds out which instance's ids each connection tells, and makes the links of all lead there. Those
// of which nobody knows lead nowhere.
//
// A connection tells the ids of the instance in which most of what it calls by an id is what it takes it for: customers
// by their names, machines by their serial numbers and names; where ids are so long that no two instances give the same
// one, what is found is enough. Where nothing can be compared it is taken for the only instance of the product, as long
// as it is the only connection to it and switched on.
func (c *Correlator) followConnections() {
	evidence := c.evidenceOf(c.samples())
	for n := 1; n < len(c.said.connections); n++ {
		k := &c.said.connections[n]
		if k.product < 0 {
			k.tells = c.formerInstance(k.id)
			continue
		}
		k.tells = c.judgeConnection(uint32(n), evidence[uint32(n)])
	}
	for l := range c.said.links.all() {
		l.to = c.follow(l)
	}
	for n := range c.previous.links {
		l := &c.previous.links[n].link
		l.to = c.follow(l)
	}
}

// follow returns what a link leads to; 0 for nothing.
func (c *Correlator) follow(l *link) uint64 {
	if instance := c.said.connections[l.connection].tells; instance != "" {
		return within(instance, l.external)
	}
	return 0
}

// instancesOf returns the names of the instances of a product, sorted.
func (c *Correlator) instancesOf(product int) []string {
	var list []string
	for _, ch := range c.channels {
		if ch.role.product == product {
			list = append(list, ch.instance)
		}
	}
	for i := range c.customers {
		if u := &c.customers[i]; u.role != nil && u.role.product == product {
			list = append(list, u.key.Scope().Instance)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// formerInstance returns the instance that the last run meant: the one of that name, or the only one of the product of
// that name.
func (c *Correlator) formerInstance(name string) string {
	for p := range c.model.products {
		list := c.instancesOf(p)
		if slices.Contains(list, name) {
			return name
		}
		if c.model.products[p].integration == name && len(list) == 1 {
			return list[0]
		}
	}
	return ""
}

// agreements counts what a connection says that fits an instance, and what does not.
type agreements struct{ fits, differs int }

// renamed is how many things must be others than a connection says until nothing that it says is believed: one may have
// got another name.
const renamed = 2

func (c *Correlator) judgeConnection(n uint32, found map[string]agreements) string {
	k := &c.said.connections[n]
	best, most := "", agreements{}
	for _, instance := range c.instancesOf(k.product) {
		if a := found[instance]; a.fits > a.differs && a.fits-a.differs > most.fits-most.differs {
			best, most = instance, a
		}
	}
	list := c.instancesOf(k.product)
	if best != "" || k.off || len(list) != 1 || c.siblings(k) || found[list[0]].differs >= renamed {
		return best
	}
	return list[0]
}

// siblings reports whether the provider has further connections to the product that are switched on.
func (c *Correlator) siblings(k *connection) bool {
	for n := 1; n < len(c.said.connections); n++ {
		if o := &c.said.connections[n]; o != k && !o.off && o.connectionName.instance == k.connectionName.instance &&
			o.product == k.product {
			return true
		}
	}
	return false
}

// samples returns some links of machines of each connection, the same ones whatever the order of the input.
func (c *Correlator) samples() map[uint32][]link {
	out := map[uint32][]link{}
	order := func(a, b link) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.external, b.external)) }
	cut := func(list []link) []link {
		slices.SortFunc(list, order)
		list = slices.CompactFunc(list, func(a, b link) bool { return order(a, b) == 0 }) // stated again, and by the last run
		return list[:min(len(list), sampled)]
	}
	take := func(l *link) {
		if _, ok := c.find(l.from); !ok {
			return
		}
		list := append(out[l.connection], *l)
		if len(list) >= 8*sampled {
			list = cut(list)
		}
		out[l.connection] = list
	}
	for l := range c.said.links.all() {
		take(l)
	}
	for n := range c.previous.links {
		take(&c.previous.links[n].link)
	}
	for n := range out {
		out[n] = cut(out[n])
	}
	return out
}

// evidenceOf compares what connections say with what the instances of their products have.
func (c *Correlator) evidenceOf(samples map[uint32][]link) map[uint32]map[string]agreements {
	out := map[uint32]map[string]agreements{}
	note := func(n uint32, instance string, fits bool) {
		if out[n] == nil {
			out[n] = map[string]agreements{}
		}
		a := out[n][instance]
		if fits {
			a.fits++
		} else {
			a.differs++
		}
		out[n][instance] = a
	}
	customers := map[uint64]*customer{}
	for i := range c.customers {
		if u := &c.customers[i]; u.role != nil {
			customers[u.external] = u
		}
	}
	wanted := map[uint64]*record{} // by external id within the instance
	for n := 1; n < len(c.said.connections); n++ {
		k := &c.said.connections[n]
		if k.product < 0 {
			continue
		}
		for _, instance := range c.instancesOf(k.product) {
			for _, said := range k.names {
				if u := customers[within(instance, said.external)]; u != nil && said.normal != "" && u.own.base != "" {
					note(uint32(n), instance, said.telling || said.normal == u.own.base)
				}
			}
			for _, l := range samples[uint32(n)] {
				wanted[within(instance, l.external)] = nil
			}
		}
	}
	for r := range c.records.all() {
		for _, h := range c.identifiers(r).external {
			if other, ok := wanted[h]; ok && (other == nil || r.key < other.key) { // of several the same one, whatever the order
				wanted[h] = r
			}
		}
	}
	for n, list := range samples {
		for _, instance := range c.instancesOf(c.said.connections[n].product) {
			for _, l := range list {
				i, _ := c.find(l.from)
				if other := wanted[within(instance, l.external)]; other != nil {
					if fits, differs := c.alike(c.records.at(i), other); fits || differs || l.telling {
						note(n, instance, fits || l.telling)
					}
				}
			}
		}
	}
	return out
}

// alike compares the serial numbers of two records, and their names where that says nothing.
func (c *Correlator) alike(a, b *record) (fits, differs bool) {
	x, y := c.identifiers(a), c.identifiers(b)
	switch {
	case common(x.serials, y.serials) != 0:
		return true, false
	case len(x.serials) > 0 && len(y.serials) > 0:
		return false, true
	case common(x.name, y.name) != 0 || common(x.cut, y.cut) != 0:
		return true, false
	case len(x.name) > 0 && len(y.name) > 0:
		return false, true
	}
	return false, false
}
