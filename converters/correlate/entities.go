package correlate

import (
	"cmp"
	"slices"
	"strings"

	"assetgraph/graph"
)

// setDevice gives the device the best value of each property. Records are believed in the order of rank; docs/correlation.md lists what is
// taken from where.
func (w *writer) setDevice(organization uint32) {
	e := w.e
	hostname := w.hostname()
	e.Set("hostname", hostname)
	e.Set("name", hostname)
	if hostname.IsAbsent() {
		e.Set("name", w.first("name"))
	}
	for _, property := range [...]string{"make", "model"} {
		e.Set(property, w.first(property))
	}
	e.Set("category", w.category())
	e.Set("serial", w.serial())
	w.setSystem()
	for _, property := range [...]string{"fqdn", "deviceId", "ipv4Addresses", "ipv6Addresses", "macAddresses", "publicIpAddresses", "privateIpAddresses"} {
		e.Set(property, w.union(property))
	}
	w.setCoverage()
	if organization != 0 {
		e.Set("organization", graph.TextOf(w.c.organizations[organization].name))
	}
}

// first returns the property of the first record that has it.
func (w *writer) first(property string) graph.Value {
	for _, s := range w.sources {
		if v := s.Get(property); !v.IsAbsent() {
			return v
		}
	}
	return graph.Value{}
}

// hostname prefers a longer name to one that NetBIOS has cut.
func (w *writer) hostname() graph.Value {
	best := w.first("hostname")
	if len(best.Text()) != netBIOSLength {
		return best
	}
	for _, s := range w.sources {
		v := s.Get("hostname")
		if text := v.Text(); len(text) > netBIOSLength && strings.EqualFold(text[:netBIOSLength], best.Text()) {
			return v
		}
	}
	return best
}

// category takes SentinelOne's machine type where no other product tells.
func (w *writer) category() graph.Value {
	if v := w.first("category"); !v.IsAbsent() {
		return v
	}
	switch v := w.first("machineType"); strings.ToLower(v.Text()) {
	case "desktop", "laptop", "server":
		return v
	case "storage", "kubernetes node":
		return graph.TextOf("server")
	}
	return graph.Value{}
}

// serial never is a placeholder.
func (w *writer) serial() graph.Value {
	for _, s := range w.sources {
		ids := w.c.identifiers(s.record)
		for _, property := range [...]string{"serial", "biosSerial"} {
			v := s.Get(property)
			if n := w.c.trustedSerial(v.Text()); n != "" && slices.Contains(ids.serials, hash("serial", n)) {
				return v
			}
		}
	}
	return graph.Value{}
}

// setSystem takes all that is said of the operating system from one record, so that it fits together.
func (w *writer) setSystem() {
	for _, s := range w.sources {
		if s.Get("osName").IsAbsent() {
			continue
		}
		for _, property := range [...]string{"osName", "osType", "osVersion", "osDetails"} {
			w.e.Set(property, s.Get(property))
		}
		return
	}
	w.e.Set("osType", w.first("osType"))
}

// union returns what all live records say; of all records where none is alive.
func (w *writer) union(property string) graph.Value {
	var only graph.Value
	w.texts = w.texts[:0]
	for _, s := range w.sources {
		if s.record.has(dead) && !w.sources[0].record.has(dead) {
			continue
		}
		switch v := s.Get(property); {
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
	var has, met [channels]bool
	var seen graph.Value
	products := 0
	for _, s := range w.sources {
		ch := s.record.channel
		has[ch] = has[ch] || !s.record.has(dead) && (ch != devices || s.record.has(approved))
		if v := s.Get("lastSeenOn"); v.UnixMilli() > seen.UnixMilli() || seen.IsAbsent() {
			seen = v
		}
		if met[ch] {
			w.c.findings.Duplicates++
		}
		met[ch] = true
		products |= product(ch)
	}
	e, list := w.e, w.sourcesOf(products)
	e.Set("sources", list)
	e.Set("sourceCount", graph.IntOf(int64(len(list.List()))))
	e.Set("hasEdr", graph.BoolOf(has[agents]))
	e.Set("hasRmm", graph.BoolOf(has[devices]))
	e.Set("hasDeployment", graph.BoolOf(has[computers]))
	e.Set("lastSeenOn", seen)
}

// product returns the product of a channel as a set of one.
func product(ch channel) int {
	switch ch {
	case agents:
		return 1
	case devices, observed:
		return 2
	case computers, channels:
	}
	return 4
}

// sourcesOf returns the integrations of the records at hand, which are of these products.
func (w *writer) sourcesOf(products int) graph.Value {
	if w.seenBy[products].IsAbsent() {
		var list []string
		for _, s := range w.sources {
			list = append(list, s.Type.Integration)
		}
		w.seenBy[products] = graph.TextsOf(list...)
	}
	return w.seenBy[products]
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
		if c.customers[i].typ != nil {
			known = append(known, i)
		}
	}
	oldest := &c.customers[slices.MinFunc(known, func(a, b uint32) int {
		return cmp.Or(cmp.Compare(c.customers[a].created-1, c.customers[b].created-1), cmp.Compare(c.customers[a].hash, c.customers[b].hash))
	})]
	normal := oldest.normal
	if c.nameOwners[normal] != oldest.organization { // two organizations have it
		normal = ""
	}
	id := oldest.typ.Name + "-" + oldest.id
	if instance := oldest.key.Scope().Instance; instance != oldest.typ.Integration {
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
			if t := c.customers[i].typ; t != nil {
				sources = append(sources, t.Integration)
			}
		}
		if len(sources) == 0 {
			continue
		}
		key := w.organizationKey(uint32(n))
		w.entity("organization", key)
		w.e.Set("name", graph.TextOf(o.name))
		w.e.Set("sources", graph.TextsOf(sources...))
		w.e.Set("deviceCount", graph.IntOf(o.devices))
		w.emit()
		c.findings.Organizations++
		for _, i := range o.members {
			if u := &c.customers[i]; u.typ != nil {
				m := u.method
				if m == methodRecord {
					m = methodName // what it is known by, when no other customer is known to be the same
				}
				w.because("organization", key, &graph.Element{Type: u.typ, Key: u.key}, m, w.customerMatch(u, o), u.confidence, c.externalsOfTenant(hash(string(u.key)))...)
			}
		}
	}
}

// customerMatch names the customer's counterpart where people have decided.
func (w *writer) customerMatch(u *customer, o *organization) string {
	if u.method == methodOverride {
		for _, i := range o.members {
			if other := &w.c.customers[i]; other != u && other.typ != nil {
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
		for end < len(list) && list[end].email == list[start].email {
			end++
		}
		w.person(start, end)
		start = end
	}
}

func (w *writer) person(start, end int) {
	w.sources = w.sources[:0]
	for n, p := range w.c.persons[start:end] {
		w.sources = append(w.sources, source{Element: w.element(n, p.ref)})
		if w.stopped {
			return
		}
	}
	order := [...]string{"immybot_person", "ninjarmm_user", "sentinelone_user", "immybot_user"} // the first is kept for people, the others for their rights
	slices.SortStableFunc(w.sources, func(a, b source) int {
		return cmp.Compare(slices.Index(order[:], a.Type.Name), slices.Index(order[:], b.Type.Name))
	})
	email := w.sources[0].Get("email").List()[0]
	key := w.personKey(start, email)
	var sources []string
	for _, s := range w.sources {
		sources = append(sources, s.Type.Integration)
	}
	w.entity("person", key)
	e := w.e
	for _, s := range w.sources { // both names from one record
		if !s.Get("firstName").IsAbsent() || !s.Get("lastName").IsAbsent() {
			e.Set("firstName", s.Get("firstName"))
			e.Set("lastName", s.Get("lastName"))
			break
		}
	}
	e.Set("name", graph.TextOf(e.Get("firstName").Text()+" "+e.Get("lastName").Text()))
	if e.Get("name").IsAbsent() {
		e.Set("name", graph.TextOf(email))
	}
	e.Set("email", graph.TextsOf(email))
	e.Set("sources", graph.TextsOf(sources...))
	w.emit()
	w.c.findings.Persons++
	for _, s := range w.sources {
		w.because("person", key, s.Element, methodEmail, email, exact)
	}
}
