package report

import (
	"cmp"
	"context"
	"slices"
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
}

// A fleet is what Cover needs of the whole graph.
type fleet struct {
	machines []machine
	index    map[graph.Key]int32  // machines by key
	names    map[graph.Key]string // names of organizations by key
	excludes excludes

	mu    sync.Mutex    // held while what records and customers say of machines is added to them
	ready chan struct{} // closed when the machines are known
}

// loadFleet reads everything side by side; what is said of machines waits until they are known.
func loadFleet(ctx context.Context, s Source, x []Exclude) (*fleet, error) {
	f := &fleet{index: map[graph.Key]int32{}, names: map[graph.Key]string{}, excludes: x, ready: make(chan struct{})}
	work := []func() error{
		func() error {
			defer close(f.ready)
			return f.loadDevices(ctx, s)
		},
		func() error {
			return s.eachEntity(ctx, "organization", []string{"name"},
				func(e *graph.Element) { f.names[e.Key] = e.Get("name").Text() })
		},
		func() error { return f.loadCustomers(ctx, s) },
	}
	for _, r := range s.recordTypes() {
		work = append(work, func() error { return f.loadRecords(ctx, s, r) })
	}
	return f, together(work...)
}

func (f *fleet) loadDevices(ctx context.Context, s Source) error {
	properties := []string{"name", "hostname", "serial", "osType", "category", "sources", "lastSeenOn"}
	tools := s.Model.Tools()
	for _, t := range tools {
		properties = append(properties, t.Property())
	}
	return s.eachEntity(ctx, "device", properties, func(e *graph.Element) {
		name := e.Get("name").Text()
		m := machine{
			key: string(e.Key), name: cmp.Or(e.Get("hostname").Text(), name), serial: e.Get("serial").Text(),
			osType: e.Get("osType").Text(), sources: e.Get("sources").List(), lastSeen: e.Get("lastSeenOn").Time(),
			tools: make([]sighting, len(tools)),
		}
		for i, t := range tools {
			m.tools[i].has = e.Get(t.Property()).Bool()
		}
		m.excluded = f.excludes.match(inHostname, m.name, name) || f.excludes.match(inName, name) ||
			f.excludes.match(inType, e.Get("category").Text())
		f.index[e.Key] = int32(len(f.machines))
		f.machines = append(f.machines, m)
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

// change changes the machine with that key; none is there of a device that came into the graph since devices were read.
func (f *fleet) change(key graph.Key, how func(*machine)) {
	<-f.ready
	f.mu.Lock()
	defer f.mu.Unlock()
	if i, ok := f.index[key]; ok {
		how(&f.machines[i])
	}
}
