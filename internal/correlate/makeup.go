package correlate

import (
	"encoding/binary"
	"slices"

	"assetgraph/graph"
)

// A make-up is a hash of all that the elements of a device or a person follow from, but for when the device was last
// seen: equal ones stand for equal elements. It is 0 where that can't be told, and then equal to none.
//
// Whatever the writer reads is in it: of records by contentOf, of what was decided by the functions below.
type makeUp uint64

// add takes a further number. Lists of any length are preceded by that.
func (h *makeUp) add(x uint64) { *h = makeUp(mix(uint64(*h) ^ x)) }

func (h *makeUp) addList(list []uint64) {
	h.add(uint64(len(list)))
	for _, x := range list {
		h.add(x)
	}
}

// contentOf returns a hash of what a record tells: its steady properties, by their digest, those volatile ones that
// count, and its category. 0 stands for a record whose digest is not known.
func (r *role) contentOf(e *graph.Element) uint64 {
	if e.Digest == (graph.Digest{}) {
		return 0
	}
	h := makeUp(binary.LittleEndian.Uint64(e.Digest[:]))
	h.add(binary.LittleEndian.Uint64(e.Digest[8:]))
	for _, f := range r.moving {
		h.addValue(f.Get(e))
	}
	if r.Machine != nil && r.Machine.Category != nil {
		h.addValue(r.Machine.Category(e))
	}
	return uint64(h)
}

func (h *makeUp) addValue(v graph.Value) {
	h.add(uint64(v.Kind()))
	switch v.Kind() {
	case graph.Text:
		h.add(hash(v.Text()))
	case graph.Texts:
		h.add(hash(v.List()...))
	case graph.Int:
		h.add(uint64(v.Int()))
	case graph.Bool:
		h.add(uint64(count1(v.Bool())))
	case graph.Time:
		h.add(uint64(v.UnixMilli()))
	case graph.Absent:
	}
}

// fields returns the properties of a type on which what is derived may depend, when a machine was last seen left out.
// seen is the index of the device's property that says so.
func (r *role) fields(seen int) []graph.Field {
	var list []graph.Field
	for i := range r.same {
		if i != seen {
			list = append(list, r.same[i], r.other[i])
		}
	}
	if m := r.Machine; m != nil {
		list = slices.Concat(list, m.Reads, m.Signs, m.Serials, m.Names,
			[]graph.Field{m.External, m.MACs, m.Make, m.Model, m.Build, m.Customer, m.User, m.Owner, m.Created})
	}
	if h := r.Human; h != nil {
		list = append(list, h.Email, h.FirstName, h.LastName, h.Created, h.Login, h.Customer, h.Directory, h.Person)
	}
	return list
}

// movingOf returns those of the fields that are volatile: the digest of what is steady says nothing of them.
func movingOf(fields []graph.Field) (moving []graph.Field) {
	for _, f := range fields {
		if !f.IsZero() && f.Property().Volatile && !slices.Contains(moving, f) {
			moving = append(moving, f)
		}
	}
	return moving
}

// deviceMakeUp returns the make-up of the device at hand. It is 0 while the key of one of its users is not known.
func (w *writer) deviceMakeUp(organization uint32) makeUp {
	c := w.c
	h := makeUp(1)
	for _, s := range w.sources {
		if s.record.content == 0 {
			return 0
		}
		w.addRecord(&h, s)
	}
	h.add(uint64(len(w.sources)))
	if organization != 0 {
		w.organizationKey(organization)
		h.add(c.organizations[organization].print)
	}
	for _, u := range w.users {
		if u.key == 0 {
			return 0
		}
		h.add(u.key)
	}
	return h
}

// addRecord takes a record of a device, and what was decided of it. Identifiers are what is left of them: that one
// identifies nothing depends on other records.
func (w *writer) addRecord(h *makeUp, s source) {
	c, r := w.c, s.record
	h.add(r.key)
	h.add(r.content)
	h.add(uint64(r.method) | uint64(r.confidence)<<8 | uint64(r.flags&(dead|live))<<16)
	h.add(uint64(c.ailmentsOfCustomer(r.customer)))
	h.addList(c.list(r, kindSerial))
	switch r.method {
	case methodSerial, methodMAC:
		h.add(c.matchOf(r))
	case methodLink:
		h.addList(c.list(r, kindExternal))
		for _, other := range w.sources {
			h.addList(c.list(other.record, kindExternal))
		}
		h.addList(c.linksOf(s.index))
	case methodPrevious, methodRecord, methodOverride, methodHostname, methodMapping, methodName, methodEmail:
	}
	if !s.role.links.IsZero() {
		h.add(c.statedSum(s.index))
	}
}

// statedSum returns a hash of the links that an owner states, whatever their order.
func (c *Correlator) statedSum(owner uint32) (sum uint64) {
	for _, n := range c.statedOf(owner) {
		l := c.said.links.at(n)
		sum += mix(l.external ^ c.manner(l).hash)
	}
	return sum
}

// personMakeUp returns the make-up of the person at hand.
func (w *writer) personMakeUp() makeUp {
	h := makeUp(2)
	for _, s := range w.sources {
		p := &w.c.persons[s.index]
		if p.content == 0 {
			return 0
		}
		h.add(p.key)
		h.add(p.content)
		h.add(uint64(count1(p.method == methodEmail)))
	}
	return h
}

// fingerprint stands for the model: for what is made of the same records. What is known of systems is part of it.
func (m *Model) fingerprint() uint64 {
	h := makeUp(1)
	add := func(texts ...string) { h.add(hash(texts...)) }
	add(string(m.known[:]))
	for _, p := range m.products {
		add(p.integration)
		add(p.aliases...)
	}
	for _, t := range m.tools {
		add(t.Name)
	}
	for _, t := range m.types {
		add(t.Name, t.From, t.Verb, t.To)
		for i := range t.Properties {
			h.addProperty(&t.Properties[i])
		}
	}
	for _, r := range m.order {
		add(r.Type.Name, r.Type.Integration)
		switch {
		case r.Machine != nil:
			h.add(uint64(r.Machine.Belief))
			h.addProperty(r.Machine.LastSeen.Property())
		case r.Human != nil:
			h.add(uint64(r.Human.Belief))
		}
		for _, f := range r.fields(m.device.lastSeenOn.Index()) {
			h.addProperty(f.Property())
		}
	}
	return uint64(h)
}

func (h *makeUp) addProperty(p *graph.Property) {
	if p == nil {
		h.add(0)
		return
	}
	h.add(hash(p.Name, p.Kind.String()))
	h.add(uint64(count1(p.Volatile)))
}
