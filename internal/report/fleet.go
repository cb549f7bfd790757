package report

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"assetgraph/graph"
)

// A machine is a derived device with what the products' records say of it.
type machine struct {
	key, name, serial, osType string
	organization              graph.Key // "" for none
	sources                   []string
	lastSeen                  time.Time
	tools                     []sighting // parallel to Model.Tools
	excluded                  bool
	known                     bool // it was read itself, not only what is said of it
}

// A fleet is what Cover needs of the whole graph.
type fleet struct {
	machines []machine
	names    map[graph.Key]string // names of organizations by key
	excludes excludes
	tools    int // how many there are

	mu    sync.Mutex          // held while something is added to machines
	index map[graph.Key]int32 // machines by key
}

// loadFleet reads everything side by side, in whatever order it comes. What is said of a device that came into the graph
// since devices were read is left out.
func loadFleet(ctx context.Context, s Source, x []Exclude) (*fleet, error) {
	f := &fleet{
		index: map[graph.Key]int32{}, names: map[graph.Key]string{}, excludes: x, tools: len(s.Model.Tools()),
	}
	work := []func() error{
		func() error { return f.loadDevices(ctx, s) },
		func() error {
			return s.eachEntity(ctx, "organization", []string{"name"},
				func(e *graph.Element) { f.names[e.Key] = e.Get("name").Text() })
		},
		func() error { return f.loadCustomers(ctx, s) },
	}
	for _, r := range s.recordTypes() {
		work = append(work, func() error { return f.loadRecords(ctx, s, r) })
	}
	if err := together(work...); err != nil {
		return nil, err
	}
	f.machines = slices.DeleteFunc(f.machines, func(m machine) bool { return !m.known })
	return f, f.loadSymptoms(ctx, s)
}

func (f *fleet) loadDevices(ctx context.Context, s Source) error {
	properties := []string{"name", "hostname", "serial", "osType", "category", "sources", "lastSeenOn"}
	tools := s.Model.Tools()
	for _, t := range tools {
		if properties = append(properties, t.Property()); t.Tells() {
			properties = append(properties, t.WorksProperty(), t.AilmentsProperty())
		}
	}
	return s.eachEntity(ctx, "device", properties, func(e *graph.Element) {
		name := e.Get("name").Text()
		hostname := cmp.Or(e.Get("hostname").Text(), name)
		excluded := f.excludes.match(inHostname, hostname, name) || f.excludes.match(inName, name) ||
			f.excludes.match(inType, e.Get("category").Text())
		f.change(e.Key, func(m *machine) {
			m.name, m.serial, m.osType = hostname, e.Get("serial").Text(), e.Get("osType").Text()
			m.sources, m.lastSeen = e.Get("sources").List(), e.Get("lastSeenOn").Time()
			for i, t := range tools {
				m.tools[i].has = e.Get(t.Property()).Bool()
				m.tools[i].learn(t, e)
			}
			m.excluded, m.known = m.excluded || excluded, true
		})
	})
}

// loadCustomers finds whose each machine is.
func (f *fleet) loadCustomers(ctx context.Context, s Source) error {
	t, err := s.typeOf("organization_has_device")
	if err != nil {
		return err
	}
	return s.eachLink(ctx, graph.LinkSelection{Types: []*graph.Type{t}}, func(l graph.Link) {
		f.change(l.To, func(m *machine) { m.organization = l.From })
	})
}

// loadRecords adds what the records of one type say of machines.
func (f *fleet) loadRecords(ctx context.Context, s Source, r recordType) error {
	owners := map[graph.Key]graph.Key{} // machines of records, where locations are asked for
	located := f.excludes.wants(inLocation)
	links := graph.LinkSelection{Types: []*graph.Type{r.link}, Properties: r.properties(f.excludes)}
	err := s.eachLink(ctx, links, func(l graph.Link) {
		if located {
			owners[l.From] = l.To
		}
		state, seen, excluded := r.State(l.Origin), r.LastSeen.Get(l.Origin).Time(), r.excluded(f.excludes, l.Origin)
		f.change(l.To, func(m *machine) {
			m.tools[r.tool].add(state, seen)
			m.excluded = m.excluded || excluded
		})
	})
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
		err := s.eachLink(ctx, links, func(l graph.Link) {
			if owner, ok := owners[l.To]; ok && f.excludes.match(inLocation, l.Origin.Get("displayName").Text()) {
				f.change(owner, func(m *machine) { m.excluded = true })
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// change changes the machine with that key, of which nothing need be known yet.
func (f *fleet) change(key graph.Key, how func(*machine)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i, ok := f.index[key]
	if !ok {
		key = graph.Key(strings.Clone(string(key))) // not a part of the key of a link, which would be kept
		i = int32(len(f.machines))
		f.index[key] = i
		f.machines = append(f.machines, machine{key: string(key), tools: make([]sighting, f.tools)})
	}
	how(&f.machines[i])
}
