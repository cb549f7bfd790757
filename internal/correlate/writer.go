package correlate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"assetgraph/graph"
)

// A writer makes the derived elements of what was decided.
type writer struct {
	c       *Correlator
	read    func(Ref, *graph.Element) error
	yield   func(*graph.Element, error) bool
	stopped bool

	e       *graph.Element
	sources []source // of the entity at hand
	spare   []*graph.Element
	methods [methodPrevious + 1]graph.Value
	trust   [weak + 1]graph.Value
	seenBy  map[uint64]graph.Value // sources of a device, by set of products

	owners map[uint64]uint32 // of the identifiers of one component, which begins with the record owned
	owned  uint32

	texts []string // for the entity at hand
	parts []counterpart
	users []graph.Key
	text  []byte
}

func newWriter(c *Correlator, read func(Ref, *graph.Element) error, yield func(*graph.Element, error) bool) *writer {
	w := &writer{c: c, read: read, yield: yield, e: &graph.Element{}, seenBy: map[uint64]graph.Value{}}
	for m := range w.methods {
		w.methods[m] = graph.TextOf(method(m).String())
	}
	for t := range w.trust {
		w.trust[t] = graph.TextOf(confidence(t).String())
	}
	return w
}

// A source is one record of an entity.
type source struct {
	index  uint32
	record *record
	role   *role
	*graph.Element
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

// element reads a record into memory that is used again for the next entity.
func (w *writer) element(n int, ref Ref) *graph.Element {
	for n >= len(w.spare) {
		w.spare = append(w.spare, &graph.Element{})
	}
	if err := w.read(ref, w.spare[n]); err != nil {
		w.fail(err)
	}
	return w.spare[n]
}

// devices writes every device with its relationships.
func (w *writer) devices() {
	c := w.c
	c.findings.Records = c.records.size()
	for n := range len(c.starts) - 1 {
		component := c.order[c.starts[n]:c.starts[n+1]]
		for start := 0; start < len(component); {
			end := start + 1
			for end < len(component) && c.leader[component[end]] == c.leader[component[start]] {
				end++
			}
			if w.device(component, start, end); w.stopped {
				return
			}
			start = end
		}
	}
}

func (w *writer) device(component []uint32, start, end int) {
	w.sources = w.sources[:0]
	for n, i := range component[start:end] {
		r := w.c.records.at(i)
		w.sources = append(w.sources, source{index: i, record: r, role: w.c.roleOf(r), Element: w.element(n, r.ref)})
		if w.stopped {
			return
		}
	}
	slices.SortFunc(w.sources, func(a, b source) int {
		return cmp.Or(cmp.Compare(a.record.belief, b.record.belief), cmp.Compare(b.record.created, a.record.created),
			cmp.Compare(a.record.key, b.record.key))
	})
	key := w.deviceKey(component, start, end)
	organization := w.organizationOf(key)
	w.entity(w.c.model.device.Type, key)
	w.setDevice(organization)
	w.emit()
	w.c.findings.Devices++
	for _, s := range w.sources {
		m, value := s.record.method, w.matched(s)
		if m == methodRecord {
			m, value = w.c.standsFor(s)
		}
		w.because(s.role, s.Key, key, m, value, s.record.confidence)
	}
	if organization != 0 {
		o := &w.c.organizations[organization]
		o.devices++
		w.relate(w.c.model.has, w.organizationKey(organization), key)
	}
	w.relateUsers(key)
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

// because writes why a record is part of an entity.
func (w *writer) because(r *role, record, key graph.Key, m method, matched string, conf confidence) {
	w.e.ResetRelationship(r.why, Integration, record, key)
	r.method.Set(w.e, w.methods[m])
	r.matchedValue.Set(w.e, graph.TextOf(matched))
	r.confidence.Set(w.e, w.trust[conf])
	if !r.links.IsZero() {
		r.links.Set(w.e, w.c.linksValue(hash(string(record))))
	}
	w.emit()
}

// deviceKey continues the key of the last run, or makes one of the strongest identity of the oldest record.
func (w *writer) deviceKey(component []uint32, start, end int) graph.Key {
	c := w.c
	if d := c.keyOf[c.leader[component[start]]]; d != noKey {
		return c.previous.key(d)
	}
	oldest := slices.MinFunc(w.sources, func(a, b source) int {
		return cmp.Or(cmp.Compare(a.record.created-1, b.record.created-1), cmp.Compare(a.record.key, b.record.key))
	})
	ids := c.identifiers(oldest.record)
	own := c.leader[component[start]]
	alone := func(id uint64) bool { return end-start == len(component) || w.ownerOf(component, id) == own }
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

// organizationOf returns the index of the customer that the machine is of: what the first record by rank says that
// names one. Products that name others are noted.
func (w *writer) organizationOf(key graph.Key) uint32 {
	c := w.c
	var room [8]uint32
	list := room[:0]
	for _, s := range w.sources {
		u := &c.customers[s.record.customer]
		if u.role != nil && !s.record.has(dead) && !slices.Contains(list, u.organization) {
			list = append(list, u.organization)
		}
	}
	if len(list) == 0 {
		for _, s := range w.sources {
			if u := &c.customers[s.record.customer]; u.role != nil {
				return u.organization
			}
		}
		return 0
	}
	if len(list) > 1 {
		d := Disagreement{Device: key, Organization: c.organizations[list[0]].name}
		for _, i := range list {
			d.Organizations = append(d.Organizations, c.organizations[i].name)
		}
		slices.Sort(d.Organizations)
		c.findings.disagree(d)
	}
	return list[0]
}

// matched returns the value by which a record was linked, as people write it.
func (w *writer) matched(s source) string {
	switch s.record.method {
	case methodOverride:
		for _, other := range w.sources {
			if other.index != s.index {
				return string(other.Key)
			}
		}
	case methodLink:
		return w.matchedLinks(s)
	case methodSerial:
		return serialText(s, w.c.matchOf(s.record))
	case methodMAC:
		return macText(w.c.matchOf(s.record), ":")
	case methodHostname:
		return machineName(s.Element, s.role.Machine)
	case methodPrevious: // only records of the last run have it
		return string(w.c.previous.key(s.record.before))
	case methodRecord, methodMapping, methodName, methodEmail:
	}
	return s.Get("id").Text()
}

// standsFor returns by what a record is known that no other one is linked to: the strongest identifier that it has.
func (c *Correlator) standsFor(s source) (method, string) {
	m := s.role.Machine
	for _, f := range m.Serials {
		if s := c.trustedSerial(f.Get(s.Element).Text()); s != "" {
			return methodSerial, s
		}
	}
	for _, text := range m.MACs.Get(s.Element).List() {
		if mac := macNumber(text); mac != 0 && !junkMAC(mac) && !isWeak(rateAddress(mac)) {
			return methodMAC, text
		}
	}
	if name := machineName(s.Element, m); name != "" {
		return methodHostname, name
	}
	return methodName, s.Get("name").Text()
}

// A counterpart is what a link leads to: a product and what links call the record there.
type counterpart struct{ product, id string }

// matchedLinks names the counterparts that links lead to: "productA 3187; productB ff81…" for a record that tells
// links, its own id for others.
func (w *writer) matchedLinks(s source) string {
	w.parts = w.parts[:0]
	if !s.role.Machine.Links {
		w.parts = append(w.parts, counterpartOf(s))
	} else {
		for _, l := range w.c.linksOf(s.index) {
			for _, other := range w.sources {
				if ids := w.c.list(other.record, kindExternal); slices.Contains(ids, l) {
					w.parts = append(w.parts, counterpartOf(other))
				}
			}
		}
		slices.SortFunc(w.parts, func(a, b counterpart) int {
			return cmp.Or(strings.Compare(a.product, b.product), strings.Compare(a.id, b.id))
		})
	}
	w.text = w.text[:0]
	for n, p := range slices.Compact(w.parts) {
		if n > 0 {
			w.text = append(w.text, "; "...)
		}
		w.text = append(append(append(w.text, p.product...), ' '), p.id...)
	}
	return string(w.text)
}

// counterpartOf says what links call a record.
func counterpartOf(s source) counterpart {
	if v := s.role.Machine.External.Get(s.Element); !v.IsAbsent() {
		return counterpart{productName(s.Type, s.Instance), v.Text()}
	}
	return counterpart{productName(s.Type, s.Instance), s.Get("id").Text()}
}

// relateUsers relates those to the machine whom its records name as its users.
func (w *writer) relateUsers(device graph.Key) {
	w.users = w.users[:0]
	for _, s := range w.sources {
		email := s.role.Machine.User.Get(s.Element).Text()
		if email == "" {
			continue
		}
		if i, known := w.c.personOf(hash(email)); known {
			if key := w.personKey(i, email); !slices.Contains(w.users, key) {
				w.users = append(w.users, key)
				w.relate(w.c.model.uses, key, device)
			}
		}
	}
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

// humanID says by which id a record is linked to others of the same human.
func humanID(s source) string {
	h := s.role.Human
	if id := h.Person.Get(s.Element).Text(); id != "" {
		return h.PersonOf.Name + " " + id
	}
	return h.Directory.Get(s.Element).Text()
}
