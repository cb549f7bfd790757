package correlate

import (
	"cmp"
	"slices"

	"assetgraph/graph"
)

// newKey returns the key of a new entity: of the first id whose key no other entity continues. The ids are of this
// entity alone; the last one gets a number when all are taken.
func (c *Correlator) newKey(typ string, ids ...string) graph.Key {
	for _, id := range ids {
		if key := graph.EntityKey(Integration, typ, id); id != "" && len(id) <= graph.MaxKeyID/3 && !c.continued(key) {
			return key
		}
	}
	for n := 2; ; n++ {
		if key := graph.EntityKey(Integration, typ, ids[len(ids)-1]+"-"+decimal(n)); !c.continued(key) {
			return key
		}
	}
}

// continued reports whether a cluster of this run has taken over the key.
func (c *Correlator) continued(key graph.Key) bool {
	i, ok := c.previous.find(hash(string(key)))
	return ok && c.previous.taken[i]
}

// recordID is an id that no other record gives.
func recordID(e *graph.Element) string {
	id := e.Type.Name + "-" + e.Get("id").Text()
	if e.Instance != e.Type.Integration {
		id = e.Instance + "-" + id
	}
	return id
}

// deviceKey continues the key of the last run, or makes one of the strongest identity of the oldest record.
func (w *writer) deviceKey(derived uint32, component, machine []uint32) graph.Key {
	c := w.c
	if derived != noKey {
		return c.previous.key(derived)
	}
	oldest := slices.MinFunc(w.sources, func(a, b source) int {
		return cmp.Or(cmp.Compare(a.record.created-1, b.record.created-1), cmp.Compare(a.record.key, b.record.key))
	})
	ids := c.identifiers(oldest.record)
	own := c.leader[machine[0]]
	alone := func(id uint64) bool { return len(machine) == len(component) || w.ownerOf(component, id) == own }
	var serial, mac string
	for _, h := range ids.serials {
		if serial == "" && h != 0 && alone(h) {
			serial = "serial-" + serialText(oldest, h)
		}
	}
	for _, m := range ids.macs {
		if mac == "" && m != 0 && !isWeak(m) && alone(m) {
			mac = "mac-" + macText(m, "")
		}
	}
	return c.newKey("device", serial, mac, recordID(oldest.Element))
}

// ownerOf returns the machine of a component that has a serial number or an address, by its first record; noKey where
// several have it.
func (w *writer) ownerOf(component []uint32, id uint64) uint32 {
	if w.owned != component[0] || w.owners == nil {
		w.owned, w.owners = component[0], make(map[uint64]uint32, len(component))
		for _, i := range component {
			ids, leader := w.c.identifiers(w.c.records.at(i)), w.c.leader[i]
			for _, list := range [...][]uint64{ids.serials, ids.macs} {
				for _, h := range list {
					if known, ok := w.owners[h]; ok && known != leader {
						leader = noKey
					}
					w.owners[h] = leader
					leader = w.c.leader[i]
				}
			}
		}
	}
	return w.owners[id]
}

// serialText returns the normalised serial number of a record that has the hash.
func serialText(s source, h uint64) string {
	for _, f := range s.role.Machine.Serials {
		if s := normalSerial(f.Get(s.Element).Text()); hash("serial", s) == h {
			return s
		}
	}
	return ""
}

// organizationKey returns the key of an organization.
func (w *writer) organizationKey(n uint32) graph.Key {
	o := &w.c.organizations[n]
	if o.key == "" {
		o.key = w.makeOrganizationKey(o)
		o.print = hash(string(o.key), o.name)
	}
	return o.key
}

func (w *writer) makeOrganizationKey(o *organization) graph.Key {
	c := w.c
	if o.derived != noKey {
		return c.previous.key(o.derived)
	}
	var known []uint32
	for _, i := range o.members {
		if c.customers[i].role != nil {
			known = append(known, i)
		}
	}
	oldest := &c.customers[slices.MinFunc(known, func(a, b uint32) int {
		return cmp.Or(cmp.Compare(c.customers[a].created-1, c.customers[b].created-1),
			cmp.Compare(c.customers[a].hash, c.customers[b].hash))
	})]
	normal := oldest.known.base
	if c.nameOwners[normal] != oldest.organization { // two organizations have it
		normal = ""
	}
	typ := oldest.role.Type
	id := typ.Name + "-" + oldest.id
	if instance := oldest.key.Scope().Instance; instance != typ.Integration {
		id = instance + "-" + id
	}
	return c.newKey("organization", normal, id)
}

// personKey returns the key of the person whose first record has index i: of the address of that record, if it is of
// nobody else, else of the record. email is an address of the person; that of the first record saves reading it.
func (w *writer) personKey(i int, email string) graph.Key {
	c := w.c
	p := &c.persons[i]
	if p.derived != noKey {
		return c.previous.key(p.derived)
	}
	owned := c.addresses[p.email] == p.person
	if owned && hash(email) == p.email {
		if key := graph.EntityKey(Integration, c.model.person.Name, email); len(email) <= graph.MaxKeyID/3 &&
			!c.continued(key) {
			return key
		}
	}
	e := &graph.Element{}
	if err := w.read(p.ref, e); err != nil {
		w.fail(err)
		return ""
	}
	email = ""
	if list := c.model.roles[e.Type.Name].Human.Email.Get(e).List(); owned && len(list) > 0 {
		email = list[0]
	}
	return c.newKey(c.model.person.Name, email, recordID(e))
}
