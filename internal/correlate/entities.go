package correlate

import (
	"cmp"
	"slices"
	"strings"

	"assetgraph/graph"
)

// setDevice gives the device the best value of each property. Records are believed in the order of their belief;
// docs/correlation.md lists what is taken from where.
func (w *writer) setDevice(organization uint32) {
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

// setSystem takes all that is said of the operating system from one record, so that it fits together.
func (w *writer) setSystem() {
	d := &w.c.model.device
	for i := range w.sources {
		s := &w.sources[i]
		if s.own(d.osName).IsAbsent() {
			continue
		}
		for _, f := range d.system {
			f.Set(w.e, s.own(f))
		}
		return
	}
	d.osType.Set(w.e, w.first(d.osType))
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
	var latest graph.Value
	for n, f := range d.tools {
		f.Set(e, graph.BoolOf(slices.ContainsFunc(w.sources,
			func(s source) bool { return s.role.tool == n && s.record.has(live) })))
	}
	for n, s := range w.sources {
		if v := s.role.Machine.LastSeen.Get(s.Element); v.UnixMilli() > latest.UnixMilli() || latest.IsAbsent() {
			latest = v
		}
		if slices.ContainsFunc(w.sources[:n],
			func(other source) bool { return other.record.channel == s.record.channel }) {
			w.c.findings.Duplicates++
		}
	}
	list := w.sourcesOf()
	d.sources.Set(e, list)
	d.sourceCount.Set(e, graph.IntOf(int64(len(list.List()))))
	d.lastSeenOn.Set(e, latest)
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

// organizationKey returns the key of an organization.
func (w *writer) organizationKey(n uint32) graph.Key {
	o := &w.c.organizations[n]
	if o.key == "" {
		o.key = w.makeOrganizationKey(o)
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

// organizations writes every customer.
func (w *writer) organizations() {
	c := w.c
	for n := 1; n < len(c.organizations) && !w.stopped; n++ {
		o := &c.organizations[n]
		var sources []string
		for _, i := range o.members {
			if r := c.customers[i].role; r != nil {
				sources = append(sources, r.Type.Integration)
			}
		}
		if len(sources) == 0 {
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
				w.because(u.role, u.key, key, m, w.customerMatch(u, o), u.confidence)
			}
		}
	}
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

// persons writes every human.
func (w *writer) persons() {
	list := w.c.persons
	for start := 0; start < len(list) && !w.stopped; {
		end := start + 1
		for end < len(list) && list[end].person == list[start].person {
			end++
		}
		w.person(start, end)
		start = end
	}
}

func (w *writer) person(start, end int) {
	w.sources = w.sources[:0]
	for n, p := range w.c.persons[start:end] {
		e := w.element(n, p.ref)
		if w.stopped {
			return
		}
		w.sources = append(w.sources, source{index: uint32(start + n), Element: e, role: w.c.model.roles[e.Type.Name]})
	}
	slices.SortStableFunc(w.sources,
		func(a, b source) int { return cmp.Compare(a.role.Human.Belief, b.role.Human.Belief) })
	var emails, sources []string
	for _, s := range w.sources {
		if list := s.role.Human.Email.Get(s.Element).List(); len(list) > 0 {
			emails = append(emails, list[0])
		}
		sources = append(sources, s.Type.Integration)
	}
	if len(emails) == 0 { // known by ids alone: nobody could find it
		return
	}
	email := emails[0] // of the record that is believed first
	key := w.personKey(start, emailOf(w.sources, uint32(start)))
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
	w.c.findings.Persons++
	for _, s := range w.sources {
		p := &w.c.persons[s.index]
		if own := s.role.Human.Email.Get(s.Element).List(); p.method == methodEmail && len(own) > 0 {
			w.because(s.role, s.Key, key, methodEmail, own[0], exact)
			continue
		}
		w.because(s.role, s.Key, key, methodLink, humanID(s), exact)
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
