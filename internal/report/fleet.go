package report

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"assetgraph/converters"
	"assetgraph/graph"
)

// A machine is a derived device with what the products' records say of it.
type machine struct {
	key, name, serial, osType string
	organization              graph.Key  // "" for none
	sources                   string     // joined by ";"
	seen                      int64      // when any product saw it last, in epoch milliseconds; 0 = not known
	tools                     []sighting // parallel to Model.Tools
	excluded                  bool
	live, several             uint64   // sets of indexes of fleet.types: of which a live record is the machine, and more than one
	supportEnds               int64    // when its operating system gets no more updates, in epoch milliseconds; 0 = not known
	marks                     []uint16 // lists of fleet.marks that fit it
	known                     bool     // it was read itself, not only what is said of it
}

// lastSeen returns when any product saw the machine last, the zero time where it is not known.
func (m *machine) lastSeen() time.Time { return timeOf(m.seen) }

// timeOf returns the time of so many epoch milliseconds, the zero time for 0.
func timeOf(millis int64) time.Time {
	if millis == 0 {
		return time.Time{}
	}
	return time.UnixMilli(millis).UTC()
}

// A fleet is what Cover needs of the whole graph. A million machines have to fit into memory beside what else a run
// holds: some 500 bytes each.
type fleet struct {
	machines []machine
	names    map[graph.Key]string // names of organizations by key
	excludes excludes
	marks    []excludes // further lists, of machines to be told
	types    []recordType
	ages     gapAges     // nil where nobody asked
	only     []graph.Key // machines that are read; nil for all
	tools    int         // how many there are

	mu    sync.Mutex          // held while machines change
	index map[graph.Key]int32 // machines by key
	texts map[string]string   // texts that many machines have, each kept once
}

// fleetOptions say what of the graph is read, and what for.
type fleetOptions struct {
	excludes []Exclude
	marks    [][]Exclude // lists of machines to be told
	only     []graph.Key // machines; nil for all
	ages     bool        // since when they have gaps
}

// loadFleet reads everything side by side, in whatever order it comes. What is said of a device that came into the graph
// since devices were read is left out.
func loadFleet(ctx context.Context, s Source, o fleetOptions) (*fleet, error) {
	f := &fleet{
		index: map[graph.Key]int32{}, texts: map[string]string{}, names: map[graph.Key]string{}, excludes: o.excludes, types: s.recordTypes(),
		tools: len(s.Model.Tools()), only: o.only,
	}
	for _, list := range o.marks {
		f.marks = append(f.marks, list)
	}
	var over ended
	err := together(
		func() (err error) { over, err = s.readEnded(ctx); return err },
		func() error { return f.makeRoom(ctx, s) },
	)
	if err != nil {
		return nil, err
	}
	work := []func() error{
		func() error { return f.loadDevices(ctx, s) },
		func() error {
			return s.eachEntity(ctx, "organization", []string{"name"},
				func(e *graph.Element) { f.names[e.Key] = e.Get("name").Text() })
		},
		func() error { return f.loadCustomers(ctx, s) },
	}
	for n, r := range f.types {
		work = append(work, func() error { return f.loadRecords(ctx, s, n, r, over) })
	}
	if o.ages {
		work = append(work, func() (err error) { f.ages, err = s.readAges(ctx); return err })
	}
	if err := together(work...); err != nil {
		return nil, err
	}
	f.forgetUnknown()
	return f, nil
}

// makeRoom makes room for as many machines as the graph has: a list that grows is copied again and again, which is a
// tenth of the time that all of it takes.
func (f *fleet) makeRoom(ctx context.Context, s Source) error {
	if f.only != nil {
		return nil
	}
	counts, err := s.Store.Counts(ctx)
	n := 0
	for _, c := range counts {
		if c.Type == "device" {
			n += c.Count
		}
	}
	f.machines, f.index = make([]machine, 0, n), make(map[graph.Key]int32, n)
	return err
}

// forgetUnknown leaves out what was said of machines that were not read themselves.
func (f *fleet) forgetUnknown() {
	n := len(f.machines)
	f.machines = slices.DeleteFunc(f.machines, func(m machine) bool { return !m.known })
	if len(f.machines) == n {
		return
	}
	clear(f.index)
	for i := range f.machines {
		f.index[graph.Key(f.machines[i].key)] = int32(i)
	}
}

func (f *fleet) loadDevices(ctx context.Context, s Source) error {
	properties := []string{"name", "hostname", "serial", "osType", "category", "sources", "lastSeenOn", supportEnds}
	tools := s.Model.Tools()
	for _, t := range tools {
		if properties = append(properties, t.Property()); t.Tells() {
			properties = append(properties, t.WorksProperty(), t.AilmentsProperty())
		}
	}
	device, err := s.typeOf("device")
	if err != nil {
		return err
	}
	all := batch{fleet: f}
	defer all.make()
	return s.eachOf(ctx, graph.Selection{Type: device, Keys: f.only, Properties: properties}, func(e graph.Stored) {
		read := f.machineOf(e.Element, tools)
		all.add(e.Key, func(m *machine) { m.take(&read, f) })
	})
}

// machineOf returns what a device says of a machine.
func (f *fleet) machineOf(e *graph.Element, tools []*converters.Tool) machine {
	name := e.Get("name").Text()
	m := machine{
		name: cmp.Or(e.Get("hostname").Text(), name), serial: e.Get("serial").Text(), osType: e.Get("osType").Text(),
		sources: strings.Join(e.Get("sources").List(), ";"), seen: e.Get("lastSeenOn").UnixMilli(),
		supportEnds: e.Get(supportEnds).UnixMilli(), tools: make([]sighting, len(tools)),
	}
	m.excluded = f.excludes.match(inHostname, m.name, name) || f.excludes.match(inName, name) ||
		f.excludes.match(inType, e.Get("category").Text())
	for i, t := range tools {
		m.tools[i].has = e.Get(t.Property()).Bool()
		m.tools[i].learn(t, e)
	}
	return m
}

// take adds what its device says of a machine to what its records do. The fleet is locked.
func (m *machine) take(read *machine, f *fleet) {
	m.name, m.serial, m.osType, m.sources = read.name, read.serial, f.shared(read.osType), f.shared(read.sources)
	m.seen, m.supportEnds, m.excluded, m.known = read.seen, read.supportEnds, m.excluded || read.excluded, true
	for i := range m.tools {
		m.tools[i].take(&read.tools[i])
	}
}

// loadCustomers finds whose each machine is.
func (f *fleet) loadCustomers(ctx context.Context, s Source) error {
	t, err := s.typeOf("organization_has_device")
	if err != nil {
		return err
	}
	all := batch{fleet: f}
	defer all.make()
	return s.eachLink(ctx, graph.LinkSelection{Types: []*graph.Type{t}, Around: f.only}, func(l graph.Link) {
		all.add(l.To, func(m *machine) { m.organization = graph.Key(f.shared(string(l.From))) })
	})
}

// supportEnds is the property of device that says when its operating system gets no more updates.
const supportEnds = "osSupportEndsOn"

// loadRecords adds what the records of one type say of machines, which is the nth.
func (f *fleet) loadRecords(ctx context.Context, s Source, n int, r recordType, over ended) error {
	owners := map[graph.Key]graph.Key{} // machines of records, where locations are asked for
	located := f.excludes.wants(inLocation)
	links := graph.LinkSelection{Types: []*graph.Type{r.link}, Around: f.only,
		Properties: r.signs(r.properties(f.excludes, f.marks...))}
	all := batch{fleet: f}
	err := s.eachLink(ctx, links, func(l graph.Link) {
		if located {
			owners[l.From] = l.To
		}
		state, seen, excluded := r.State(l.Origin), r.LastSeen.Get(l.Origin).Time(), r.excluded(f.excludes, l.Origin)
		marks := r.marks(f.marks, l.Origin)
		symptoms, _ := over.symptomsOf(r.Machine, l.From, l.Origin)
		all.add(l.To, func(m *machine) {
			m.tools[r.tool].add(state, seen)
			m.tools[r.tool].show(symptoms)
			m.excluded = m.excluded || excluded
			if state == converters.Live {
				m.several |= m.live & (1 << n)
				m.live |= 1 << n
			}
			m.marks = append(m.marks, marks...)
		})
	})
	all.make()
	if err != nil || !located {
		return err
	}
	return f.excludeLocations(ctx, s, r.t.Name, owners)
}

// excludeLocations leaves out machines of which a record is at an excluded site.
func (f *fleet) excludeLocations(ctx context.Context, s Source, record string, owners map[graph.Key]graph.Key) error {
	for _, t := range s.Schema.Types() {
		if !t.IsRelationship() || t.To != record || !slices.Contains(s.Schema.Type(t.From).Classes, "Site") {
			continue
		}
		links := graph.LinkSelection{Types: []*graph.Type{t}, Properties: []string{"displayName"}}
		all := batch{fleet: f}
		err := s.eachLink(ctx, links, func(l graph.Link) {
			if owner, ok := owners[l.To]; ok && f.excludes.match(inLocation, l.Origin.Get("displayName").Text()) {
				all.add(owner, func(m *machine) { m.excluded = true })
			}
		})
		all.make()
		if err != nil {
			return err
		}
	}
	return nil
}

// A batch is amendments of machines that are made many at once: if each took the lock, whatever reads the graph would wait
// for it most of the time. One goroutine uses it.
type batch struct {
	fleet *fleet
	list  []amendment
}

type amendment struct {
	key graph.Key
	how func(*machine)
}

const batchSize = 512

// add has the machine with that key changed, by make at the latest.
func (b *batch) add(key graph.Key, how func(*machine)) {
	if b.list = append(b.list, amendment{key, how}); len(b.list) == batchSize {
		b.make()
	}
}

// make makes the amendments that are left to make.
func (b *batch) make() {
	b.fleet.mu.Lock()
	defer b.fleet.mu.Unlock()
	for _, a := range b.list {
		b.fleet.amend(a.key, a.how)
	}
	clear(b.list)
	b.list = b.list[:0]
}

// amend changes the machine with that key, of which nothing need be known yet. The fleet is locked.
func (f *fleet) amend(key graph.Key, how func(*machine)) {
	i, ok := f.index[key]
	if !ok {
		key = graph.Key(strings.Clone(string(key))) // not a part of the key of a link, which would be kept
		i = int32(len(f.machines))
		f.index[key] = i
		f.machines = append(f.machines, machine{key: string(key), tools: make([]sighting, f.tools)})
	}
	how(&f.machines[i])
}

// shared returns the text as it is kept for all machines. The fleet is locked.
func (f *fleet) shared(text string) string {
	if known, ok := f.texts[text]; ok {
		return known
	}
	text = strings.Clone(text)
	f.texts[text] = text
	return text
}
