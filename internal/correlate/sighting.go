package correlate

import (
	"slices"

	"assetgraph/converters"
	"assetgraph/graph"
)

// A sighted type is a type of records of what was seen on a network, with what correlation makes of it.
type sightedType struct {
	*converters.Sighting
	why *graph.Type // from such a record to the device that it is

	method, matchedValue, confidence graph.Field // of why
}

// addSighting takes a role of what was seen on a network.
func (m *Model) addSighting(r converters.Role) {
	why := graph.NewRelationshipType(Integration, r.Type.Name, "IS", m.device.Name,
		graph.Property{Name: "method", Kind: graph.Text, Doc: "mac"},
		graph.Property{Name: "matchedValue", Kind: graph.Text, Doc: "the address that both have"},
		graph.Property{Name: "confidence", Kind: graph.Text, Doc: "strong"})
	m.sighted[r.Type.Name] = &sightedType{
		Sighting: r.Sighting, why: why,
		method: why.Field("method"), matchedValue: why.Field("matchedValue"), confidence: why.Field("confidence"),
	}
	m.sightings = append(m.sightings, why)
}

// isSighting reports whether a derived type says which device something is that was seen on a network. Its
// relationships are no part of what a device is made up of: all of them are made by each run, and none is remembered.
func (m *Model) isSighting(t *graph.Type) bool { return t.IsRelationship() && m.sighted[t.From] != nil }

// A sighting is what is kept of something that was seen on a network. It never founds a device, and decides nothing
// about the records of one: devices are made up first.
type sighting struct {
	ref       Ref
	typ       *sightedType
	customer  uint64 // hash of its key, 0 for none
	addresses []uint64
	matched   uint64 // the one that its device has
}

// addSighting keeps what may lead to a device: addresses of its own that mean something alone. That of the router
// behind which it was seen is none of them.
func (c *Correlator) addSighting(e *graph.Element, ref Ref, t *sightedType) {
	s := sighting{ref: ref, typ: t}
	routers := t.Routers.Get(e).List()
	for _, text := range t.MACs.Get(e).List() {
		mac := rateAddress(macNumber(text))
		if !junkMAC(macNumber(text)) && !isWeak(mac) && mac&recurringAddress == 0 && !c.isJunk(text) &&
			!slices.Contains(routers, text) {
			s.addresses = append(s.addresses, mac)
		}
	}
	if len(s.addresses) == 0 {
		return
	}
	if id := t.Customer.Get(e).Text(); id != "" {
		s.customer = hash(string(graph.EntityKey(e.Instance, t.CustomerOf.Name, id)))
	}
	c.sightings = append(c.sightings, s)
}

// An owner is the device of which records have an address, by its first record.
type owner struct {
	leader        uint32
	organizations []uint32 // of these records, as far as they name one
}

// placeAt is an address in the networks of one customer.
type placeAt struct{ address, customer uint64 }

// attachSightings finds the device that each sighting is: the only one of which records have its address. It is none
// where others of the same customer were seen with the address, as happens behind a router, and none of another
// customer.
func (c *Correlator) attachSightings() {
	if len(c.sightings) == 0 {
		return
	}
	owners, seen := make(map[uint64][]owner), make(map[placeAt]int)
	for _, s := range c.sightings {
		for _, a := range s.addresses {
			owners[a] = nil
			seen[placeAt{a, s.customer}]++
		}
	}
	for i := range uint32(c.records.size()) {
		r := c.records.at(i)
		for _, a := range c.identifiers(r).macs {
			if list, wanted := owners[a]; wanted {
				owners[a] = withOwner(list, c.leader[i], c.organizationAt(r.customer))
			}
		}
	}
	c.sighted = make(map[uint32][]int)
	for n := range c.sightings {
		if leader, ok := c.deviceOf(&c.sightings[n], owners, seen); ok {
			c.sighted[leader] = append(c.sighted[leader], n)
		}
	}
}

// withOwner adds a record's device to the owners of an address.
func withOwner(list []owner, leader, organization uint32) []owner {
	at := slices.IndexFunc(list, func(o owner) bool { return o.leader == leader })
	if at < 0 {
		at = len(list)
		list = append(list, owner{leader: leader})
	}
	if organization != 0 {
		list[at].organizations = append(list[at].organizations, organization)
	}
	return list
}

// organizationAt returns the organization of a customer, 0 for one that no record of a customer tells of.
func (c *Correlator) organizationAt(customer uint32) uint32 {
	if u := &c.customers[customer]; u.role != nil {
		return u.organization
	}
	return 0
}

// deviceOf returns the device that a sighting is, by its first record.
func (c *Correlator) deviceOf(s *sighting, owners map[uint64][]owner, seen map[placeAt]int) (leader uint32, ok bool) {
	organization := c.organizationAt(c.customerIndex[s.customer])
	for _, a := range s.addresses {
		list := owners[a]
		switch {
		case len(list) == 0:
			continue
		case len(list) > 1, seen[placeAt{a, s.customer}] > 1, ok && list[0].leader != leader:
			return 0, false
		case organization != 0 && len(list[0].organizations) > 0 && !slices.Contains(list[0].organizations, organization):
			return 0, false
		}
		leader, ok, s.matched = list[0].leader, true, a
	}
	return leader, ok
}

// relateSightings writes that those are the device.
func (w *writer) relateSightings(list []int, key graph.Key) {
	for _, n := range list {
		s := &w.c.sightings[n]
		if w.stopped {
			return
		}
		if err := w.read(s.ref, w.seen); err != nil {
			w.fail(err)
			return
		}
		w.e.ResetRelationship(s.typ.why, Integration, w.seen.Key, key)
		s.typ.method.Set(w.e, w.methods[methodMAC])
		s.typ.matchedValue.Set(w.e, graph.TextOf(macText(s.matched, ":")))
		s.typ.confidence.Set(w.e, w.trust[strong])
		w.emit()
	}
}
