package correlate

import (
	"cmp"
	"fmt"
	"iter"
	"slices"

	"assetgraph/graph"
	"assetgraph/internal/lifecycle"
)

// A writer makes the derived elements of what was decided, as far as they are others than the graph has.
type writer struct {
	c       *Correlator
	read    func(Ref, *graph.Element) error
	yield   func(*graph.Element, error) bool
	stopped bool

	e       *graph.Element
	seen    *graph.Element // on a network
	sources []source       // of the entity at hand
	spare   []*graph.Element
	methods [methodPrevious + 1]graph.Value
	trust   [weak + 1]graph.Value
	seenBy  map[uint64]graph.Value // sources of a device, by set of products

	supported map[lifecycle.System]lifecycle.Support // that were looked up

	owners map[uint64]uint32 // of the identifiers of one component, which begins with the record owned
	owned  uint32

	texts []string // for the entity at hand
	parts []counterpart
	users []user
	named []uint32
	list  []note
	text  []byte
}

func newWriter(c *Correlator, read func(Ref, *graph.Element) error, yield func(*graph.Element, error) bool) *writer {
	w := &writer{c: c, read: read, yield: yield, e: &graph.Element{}, seen: &graph.Element{}, seenBy: map[uint64]graph.Value{},
		supported: map[lifecycle.System]lifecycle.Support{}}
	for m := range w.methods {
		w.methods[m] = graph.TextOf(method(m).String())
	}
	for t := range w.trust {
		w.trust[t] = graph.TextOf(confidence(t).String())
	}
	return w
}

// A source is one record of an entity. Its element is there only while the entity is written.
type source struct {
	index  uint32
	record *record // of a machine
	role   *role
	*graph.Element
}

// A user is a person who uses the device at hand, as one of its sources says.
type user struct {
	person uint32 // index of the first record
	source int
	key    uint64 // hash of the person's key, 0 until it is known
}

// emit seals the element at hand and hands it out.
func (w *writer) emit() {
	if w.stopped {
		return
	}
	if err := w.e.Seal(); err != nil {
		w.fail(err)
		return
	}
	w.stopped = !w.yield(w.e, nil)
}

func (w *writer) fail(err error) {
	if !w.stopped {
		w.stopped = true
		w.yield(nil, fmt.Errorf("correlate: %w", err))
	}
}

// fetch reads the record of the source at n into memory that is used again for the next entity.
func (w *writer) fetch(n int, ref Ref) {
	if w.stopped {
		return
	}
	for n >= len(w.spare) {
		w.spare = append(w.spare, &graph.Element{})
	}
	if err := w.read(ref, w.spare[n]); err != nil {
		w.fail(err)
	}
	w.sources[n].Element = w.spare[n]
}

// machines iterates over the records of each machine, beside those of its component.
func (c *Correlator) machines() iter.Seq2[[]uint32, []uint32] {
	return func(yield func(component, machine []uint32) bool) {
		for n := range len(c.starts) - 1 {
			component := c.order[c.starts[n]:c.starts[n+1]]
			for start := 0; start < len(component); {
				end := start + 1
				for end < len(component) && c.leader[component[end]] == c.leader[component[start]] {
					end++
				}
				if !yield(component, component[start:end]) {
					return
				}
				start = end
			}
		}
	}
}

// devices writes devices with their relationships.
func (w *writer) devices() {
	w.c.findings.Records = w.c.records.size()
	for component, machine := range w.c.machines() {
		if w.device(component, machine); w.stopped {
			return
		}
	}
	w.c.notes.endList()
}

func (w *writer) device(component, machine []uint32) {
	c := w.c
	w.gather(machine)
	w.gatherUsers()
	organization, lastSeen := w.organizationOf(), w.lastSeen()
	derived, key := c.keyOf[c.leader[machine[0]]], graph.Key("")
	print := w.deviceMakeUp(organization)
	extent := c.extentOf(derived, print, lastSeen)
	if extent == nothing {
		lastSeen = c.recalled.made[derived].lastSeen
	} else {
		for n := range w.sources {
			w.fetch(n, w.sources[n].record.ref)
		}
		if w.stopped {
			return
		}
	}
	sighted := c.sighted[c.leader[machine[0]]]
	if extent != nothing || len(w.named) > 1 || len(sighted) > 0 {
		key = w.deviceKey(derived, component, machine)
	}
	w.countDevice(key, organization)
	if extent != nothing {
		w.entity(c.model.device.Type, key)
		w.setDevice(organization, lastSeen)
		w.emit()
	}
	if extent == whole {
		w.relateDevice(key, organization)
		print = w.deviceMakeUp(organization)
	}
	w.relateSightings(sighted, key)
	w.noteDevice(derived, key, print, lastSeen, organization)
}

// gather takes the records of a machine in the order in which they are believed.
func (w *writer) gather(machine []uint32) {
	w.sources = w.sources[:0]
	for _, i := range machine {
		r := w.c.records.at(i)
		w.sources = append(w.sources, source{index: i, record: r, role: w.c.roleOf(r)})
	}
	slices.SortFunc(w.sources, func(a, b source) int {
		return cmp.Or(cmp.Compare(a.record.belief, b.record.belief), cmp.Compare(b.record.created, a.record.created),
			cmp.Compare(a.record.key, b.record.key))
	})
}

// gatherUsers takes the persons whom the records of the machine at hand name as its users.
func (w *writer) gatherUsers() {
	c := w.c
	w.users = w.users[:0]
	for n, s := range w.sources {
		if s.record.user == 0 {
			continue
		}
		i, known := c.personOf(s.record.user)
		if !known || slices.ContainsFunc(w.users, func(u user) bool { return u.person == uint32(i) }) {
			continue
		}
		u := user{person: uint32(i), source: n}
		if derived := c.persons[i].derived; derived != noKey {
			u.key = *c.previous.hashes.at(derived)
		}
		w.users = append(w.users, u)
	}
}

// lastSeen returns when the machine at hand was last seen.
func (w *writer) lastSeen() int64 {
	latest := int64(never)
	for _, s := range w.sources {
		latest = max(latest, s.record.lastSeen)
	}
	return latest
}

// countDevice counts what the findings say of the device at hand. Its key is that of a disagreement alone.
func (w *writer) countDevice(key graph.Key, organization uint32) {
	c := w.c
	c.findings.Devices++
	c.organizations[organization].devices++
	for n, s := range w.sources {
		if slices.ContainsFunc(w.sources[:n],
			func(other source) bool { return other.record.channel == s.record.channel }) {
			c.findings.Duplicates++
		}
	}
	if len(w.named) > 1 {
		d := Disagreement{Device: key, Organization: c.organizations[organization].name}
		for _, i := range w.named {
			d.Organizations = append(d.Organizations, c.organizations[i].name)
		}
		slices.Sort(d.Organizations)
		c.findings.disagree(d)
	}
}

// relateDevice writes the relationships of the device at hand.
func (w *writer) relateDevice(key graph.Key, organization uint32) {
	c := w.c
	for _, s := range w.sources {
		m, value := s.record.method, w.matched(s, key)
		if m == methodRecord {
			m, value = c.standsFor(s)
		}
		w.because(s, key, m, value, s.record.confidence)
		w.leave(s.role, s.Key, s.record.before)
	}
	if organization != 0 {
		w.relate(c.model.has, w.organizationKey(organization), key)
	}
	for n := range w.users {
		u := &w.users[n]
		s := w.sources[u.source]
		person := w.personKey(int(u.person), s.role.Machine.User.Get(s.Element).Text())
		u.key = hash(string(person))
		w.relate(c.model.uses, person, key)
	}
}

func (w *writer) noteDevice(derived uint32, key graph.Key, h makeUp, lastSeen int64, organization uint32) {
	c, n := w.c, &w.c.notes
	n.key(c, derived, key)
	n.hash(uint64(h))
	n.hash(uint64(lastSeen))
	n.number(uint64(c.organizations[organization].number))
	n.number(uint64(len(w.users)))
	for _, u := range w.users {
		n.number(uint64(c.persons[u.person].number))
	}
	w.list = w.list[:0]
	for _, s := range w.sources {
		of := note{key: s.record.key}
		if !s.role.links.IsZero() {
			of.scope = graph.Scope{Instance: c.channels[s.record.channel].instance, Type: s.role.Type.Name}
			of.linked, of.stated = s.record.method == methodLink, c.statedOf(s.index)
		}
		w.list = append(w.list, of)
	}
	n.records(c, w.list)
}

// entity begins an entity with a given key.
func (w *writer) entity(t *graph.Type, key graph.Key) {
	prefix := graph.Scope{Instance: Integration, Type: t.Name}.Prefix()
	w.e.ResetEntity(t, Integration, string(key[len(prefix):]))
	w.e.Key = key // the id in a key is escaped already
}

func (w *writer) relate(t *graph.Type, from, to graph.Key) {
	w.e.ResetRelationship(t, Integration, from, to)
	w.emit()
}

// because writes why the record of a source is part of an entity.
func (w *writer) because(s source, key graph.Key, m method, matched string, conf confidence) {
	w.explain(s.role, s.Key, key, m, matched, conf)
	if !s.role.links.IsZero() {
		s.role.links.Set(w.e, w.c.linksValue(s.index))
	}
	w.emit()
}

// explain begins the relationship that says why a record is part of an entity.
func (w *writer) explain(r *role, record, key graph.Key, m method, matched string, conf confidence) {
	w.e.ResetRelationship(r.why, Integration, record, key)
	r.method.Set(w.e, w.methods[m])
	r.matchedValue.Set(w.e, graph.TextOf(matched))
	r.confidence.Set(w.e, w.trust[conf])
}

// organizationOf returns the index of the customer that the machine at hand is of: what the first record by rank says
// that names one. Products that name others are noted in named.
func (w *writer) organizationOf() uint32 {
	c := w.c
	w.named = w.named[:0]
	for _, s := range w.sources {
		u := &c.customers[s.record.customer]
		if u.role != nil && !s.record.has(dead) && !slices.Contains(w.named, u.organization) {
			w.named = append(w.named, u.organization)
		}
	}
	if len(w.named) > 0 {
		return w.named[0]
	}
	for _, s := range w.sources {
		if u := &c.customers[s.record.customer]; u.role != nil {
			return u.organization
		}
	}
	return 0
}
