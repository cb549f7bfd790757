package correlate

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"time"

	"assetgraph/graph"
)

// setDevice gives the device the best value of each property. Records are believed in the order of their belief;
// docs/correlation.md lists what is taken from where.
func (w *writer) setDevice(organization uint32, lastSeen int64) {
	e, d := w.e, &w.c.model.device
	hostname := w.hostname()
	d.hostname.Set(e, hostname)
	d.name.Set(e, hostname)
	if hostname.IsAbsent() {
		d.name.Set(e, w.first(d.name))
	}
	for _, f := range d.first {
		f.Set(e, w.first(f))
	}
	d.category.Set(e, w.category())
	d.serial.Set(e, w.serial())
	w.setSystem()
	for _, f := range d.union {
		f.Set(e, w.union(f))
	}
	w.setCoverage()
	w.setWork()
	w.setPosture()
	if lastSeen != never {
		d.lastSeenOn.Set(e, graph.TimeOf(time.UnixMilli(lastSeen)))
	}
	if organization != 0 {
		d.organization.Set(e, graph.TextOf(w.c.organizations[organization].name))
	}
}

// own returns what a record says of a property of device.
func (s *source) own(f graph.Field) graph.Value { return s.role.same[f.Index()].Get(s.Element) }

// first returns the property of the first record that has it.
func (w *writer) first(f graph.Field) graph.Value {
	for i := range w.sources {
		if v := w.sources[i].own(f); !v.IsAbsent() {
			return v
		}
	}
	return graph.Value{}
}

// hostname prefers a longer name to one that NetBIOS has cut.
func (w *writer) hostname() graph.Value {
	f := w.c.model.device.hostname
	best := w.first(f)
	if len(best.Text()) != netBIOSLength {
		return best
	}
	for i := range w.sources {
		v := w.sources[i].own(f)
		if text := v.Text(); len(text) > netBIOSLength && strings.EqualFold(text[:netBIOSLength], best.Text()) {
			return v
		}
	}
	return best
}

// category asks types that have no such property where no other tells.
func (w *writer) category() graph.Value {
	if v := w.first(w.c.model.device.category); !v.IsAbsent() {
		return v
	}
	for _, s := range w.sources {
		if of := s.role.Machine.Category; of != nil {
			if v := of(s.Element); !v.IsAbsent() {
				return v
			}
		}
	}
	return graph.Value{}
}

// serial never is a placeholder.
func (w *writer) serial() graph.Value {
	for _, s := range w.sources {
		ids := w.c.identifiers(s.record)
		for _, f := range s.role.Machine.Serials {
			v := f.Get(s.Element)
			if n := w.c.trustedSerial(v.Text()); n != "" && slices.Contains(ids.serials, hash("serial", n)) {
				return v
			}
		}
	}
	return graph.Value{}
}

// union returns what all live records say; of all records where none is alive.
func (w *writer) union(f graph.Field) graph.Value {
	var only graph.Value
	w.texts = w.texts[:0]
	for i := range w.sources {
		s := &w.sources[i]
		if s.record.has(dead) && !w.sources[0].record.has(dead) {
			continue
		}
		switch v := s.own(f); {
		case v.IsAbsent():
		case only.IsAbsent():
			only = v
			w.texts = append(w.texts, v.List()...)
		case !only.Equal(v):
			w.texts = append(w.texts, v.List()...)
		}
	}
	if len(w.texts) == len(only.List()) { // one says it all, the others the same or nothing
		return only
	}
	return graph.TextsOf(w.texts...)
}

// setCoverage says which products see the machine and which do their work on it.
func (w *writer) setCoverage() {
	e, d := w.e, &w.c.model.device
	for n, f := range d.tools {
		f.Set(e, graph.BoolOf(slices.ContainsFunc(w.sources,
			func(s source) bool { return s.role.tool == n && s.record.has(live) })))
	}
	list := w.sourcesOf()
	d.sources.Set(e, list)
	d.sourceCount.Set(e, graph.IntOf(int64(len(list.List()))))
}

// sourcesOf returns the integrations of the records at hand.
func (w *writer) sourcesOf() graph.Value {
	set := uint64(0)
	for _, s := range w.sources {
		set |= 1 << s.role.product
	}
	v, known := w.seenBy[set]
	if !known {
		var list []string
		for _, s := range w.sources {
			list = append(list, s.Type.Integration)
		}
		v = graph.TextsOf(list...)
		w.seenBy[set] = v
	}
	return v
}

// organizations writes every customer.
func (w *writer) organizations() {
	c := w.c
	for n := 1; n < len(c.organizations) && !w.stopped; n++ {
		o := &c.organizations[n]
		var sources []string
		w.list = w.list[:0]
		for _, i := range o.members {
			if u := &c.customers[i]; u.role != nil {
				sources = append(sources, u.role.Type.Integration)
				w.list = append(w.list, c.noteOfCustomer(i))
			}
		}
		if o.number == 0 {
			continue
		}
		key := w.organizationKey(uint32(n))
		t := &c.model.organization
		w.entity(t.Type, key)
		t.name.Set(w.e, graph.TextOf(o.name))
		t.sources.Set(w.e, graph.TextsOf(sources...))
		t.deviceCount.Set(w.e, graph.IntOf(o.devices))
		w.emit()
		c.findings.Organizations++
		for _, i := range o.members {
			if u := &c.customers[i]; u.role != nil {
				m := u.method
				if m == methodRecord {
					m = methodName // what it is known by, when no other customer is known to be the same
				}
				w.explain(u.role, u.key, key, m, w.customerMatch(u, o), u.confidence)
				if !u.role.links.IsZero() {
					u.role.links.Set(w.e, c.linksValue(c.customerOwner(i)))
				}
				w.emit()
			}
		}
		c.notes.key(c, noKey, key)
		c.notes.records(c, w.list)
	}
	c.notes.endList()
}

func (c *Correlator) noteOfCustomer(i uint32) note {
	u := &c.customers[i]
	n := note{key: u.hash}
	if !u.role.links.IsZero() {
		n.scope, n.stated = u.key.Scope(), c.statedOf(c.customerOwner(i))
	}
	return n
}

// customerMatch names the customer's counterpart where people have decided.
func (w *writer) customerMatch(u *customer, o *organization) string {
	if u.method == methodOverride {
		for _, i := range o.members {
			if other := &w.c.customers[i]; other != u && other.role != nil {
				return string(other.key)
			}
		}
	}
	if u.method == methodRecord && u.name != "" {
		return u.name
	}
	return u.matched
}

// humans iterates over where the records of each human begin and end in persons.
func (c *Correlator) humans() iter.Seq2[int, int] {
	return func(yield func(start, end int) bool) {
		for start := 0; start < len(c.persons); {
			end := start + 1
			for end < len(c.persons) && c.persons[end].person == c.persons[start].person {
				end++
			}
			if !yield(start, end) {
				return
			}
			start = end
		}
	}
}

// persons writes humans.
func (w *writer) persons() {
	for start, end := range w.c.humans() {
		if w.person(start, end); w.stopped {
			return
		}
	}
	w.c.notes.endList()
}

func (w *writer) person(start, end int) {
	c := w.c
	w.gatherPerson(start, end)
	derived := c.persons[start].derived
	known := c.persons[start].number > 0 // by ids alone nobody could find it
	print := makeUp(0)
	if known {
		c.findings.Persons++
		print = w.personMakeUp()
	}
	key := graph.Key("")
	if c.extentOf(derived, print, never) == whole {
		for n, s := range w.sources {
			w.fetch(n, c.persons[s.index].ref)
		}
		if w.stopped {
			return
		}
		for _, s := range w.sources {
			w.leave(s.role, s.Key, c.persons[s.index].before)
		}
		if known {
			key = w.personKey(start, emailOf(w.sources, uint32(start)))
			w.setPerson(key)
		}
	}
	if known {
		w.notePerson(derived, key, print)
	}
}

// gatherPerson takes the records of a human in the order in which they are believed.
func (w *writer) gatherPerson(start, end int) {
	w.sources = w.sources[:0]
	for i := start; i < end; i++ {
		w.sources = append(w.sources, source{index: uint32(i), role: w.c.persons[i].role})
	}
	slices.SortStableFunc(w.sources,
		func(a, b source) int { return cmp.Compare(a.role.Human.Belief, b.role.Human.Belief) })
}

func (w *writer) notePerson(derived uint32, key graph.Key, h makeUp) {
	n := &w.c.notes
	n.key(w.c, derived, key)
	n.hash(uint64(h))
	w.list = w.list[:0]
	for _, s := range w.sources {
		w.list = append(w.list, note{key: w.c.persons[s.index].key})
	}
	n.records(w.c, w.list)
}

// setPerson writes the person at hand with its relationships.
func (w *writer) setPerson(key graph.Key) {
	var emails, sources []string
	for _, s := range w.sources {
		if list := s.role.Human.Email.Get(s.Element).List(); len(list) > 0 {
			emails = append(emails, list[0])
		}
		sources = append(sources, s.Type.Integration)
	}
	email := emails[0] // of the record that is believed first
	e, t := w.e, &w.c.model.person
	w.entity(t.Type, key)
	for _, s := range w.sources { // both names from one record
		first, last := s.role.Human.FirstName.Get(s.Element), s.role.Human.LastName.Get(s.Element)
		if !first.IsAbsent() || !last.IsAbsent() {
			t.firstName.Set(e, first)
			t.lastName.Set(e, last)
			break
		}
	}
	t.name.Set(e, graph.TextOf(t.firstName.Get(e).Text()+" "+t.lastName.Get(e).Text()))
	if t.name.Get(e).IsAbsent() {
		t.name.Set(e, graph.TextOf(email))
	}
	t.email.Set(e, graph.TextsOf(emails...))
	t.sources.Set(e, graph.TextsOf(sources...))
	w.emit()
	for _, s := range w.sources {
		p := &w.c.persons[s.index]
		if own := s.role.Human.Email.Get(s.Element).List(); p.method == methodEmail && len(own) > 0 {
			w.because(s, key, methodEmail, own[0], exact)
			continue
		}
		w.because(s, key, methodLink, humanID(s), exact)
	}
}

// emailOf returns the address of the record with the index.
func emailOf(list []source, index uint32) string {
	for _, s := range list {
		if emails := s.role.Human.Email.Get(s.Element).List(); s.index == index && len(emails) > 0 {
			return emails[0]
		}
	}
	return ""
}
