package report

import (
	"context"
	"fmt"
	"slices"
	"time"

	"assetgraph/graph"
)

// A machine is a derived device with what the products' records say of it.
type machine struct {
	key, name, serial, osType string
	organization              string // key of it; "" for none
	sources                   []string
	lastSeen                  time.Time
	tools                     []sighting // parallel to Model.Tools
	excluded                  bool
}

// A fleet is what Cover needs of the whole graph.
type fleet struct {
	machines []machine
	index    map[string]int32  // machines by key
	names    map[string]string // names of organizations by key
	excludes excludes
}

func loadFleet(ctx context.Context, s Source, x []Exclude) (*fleet, error) {
	f := &fleet{index: map[string]int32{}, names: map[string]string{}, excludes: x}
	if err := f.loadDevices(ctx, s); err != nil {
		return nil, err
	}
	if err := f.loadOrganizations(ctx, s); err != nil {
		return nil, err
	}
	for _, r := range s.recordTypes() {
		if err := f.loadRecords(ctx, s, r.reader()); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func (f *fleet) loadDevices(ctx context.Context, s Source) error {
	properties := []string{"_key", "name", "hostname", "serial", "osType", "category", "sources", "lastSeenOn"}
	own := len(properties)
	for _, t := range s.Model.Tools() {
		properties = append(properties, t.Property())
	}
	return s.eachEntity(ctx, "device", properties, func(row []any) {
		m := machine{
			key: textOf(row[0]), name: textOf(row[2]), serial: textOf(row[3]), osType: textOf(row[4]),
			sources: listOf(row[6]), lastSeen: timeOf(row[7]),
			tools: make([]sighting, len(row)-own),
		}
		for i := range m.tools {
			m.tools[i].has = truthOf(row[own+i])
		}
		if m.name == "" {
			m.name = textOf(row[1])
		}
		m.excluded = f.excludes.match(inHostname, m.name, textOf(row[1])) || f.excludes.match(inName, textOf(row[1])) ||
			f.excludes.match(inType, textOf(row[5]))
		f.index[m.key] = int32(len(f.machines))
		f.machines = append(f.machines, m)
	})
}

func (f *fleet) loadOrganizations(ctx context.Context, s Source) error {
	err := s.eachEntity(ctx, "organization", []string{"_key", "name"},
		func(row []any) { f.names[textOf(row[0])] = textOf(row[1]) })
	if err != nil {
		return err
	}
	t, err := s.typeOf("organization_has_device")
	if err != nil {
		return err
	}
	return s.eachLink(ctx, link{t: t}, func(row []any) {
		if m := f.machine(row[0]); m != nil {
			m.organization = textOf(row[1])
		}
	})
}

func (f *fleet) loadRecords(ctx context.Context, s Source, r *recordReader) error {
	owners := map[string]int32{} // machines by the keys of their records, where locations are asked for
	located := f.excludes.wants(inLocation)
	err := s.eachLink(ctx, link{t: r.link, from: r.names}, func(row []any) {
		m := f.machine(row[0])
		if m == nil {
			return
		}
		if located {
			owners[textOf(row[1])] = f.index[m.key]
		}
		row = row[2:]
		m.tools[r.tool].add(r.state(row), r.lastSeen(row))
		m.excluded = m.excluded || r.excluded(f.excludes, row)
	})
	if err != nil || !located {
		return err
	}
	return f.excludeLocations(ctx, s, r.t.Name, owners)
}

// excludeLocations leaves out machines of which a record is at an excluded site.
func (f *fleet) excludeLocations(ctx context.Context, s Source, record string, owners map[string]int32) error {
	for _, t := range s.Schema.Types() {
		if !t.IsRelationship() || t.To != record || !slices.Contains(s.Schema.Type(t.From).Classes, "Site") {
			continue
		}
		err := s.eachLink(ctx, link{t: t, from: []string{"displayName"}}, func(row []any) {
			if i, ok := owners[textOf(row[0])]; ok && f.excludes.match(inLocation, textOf(row[2])) {
				f.machines[i].excluded = true
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// machine returns the machine with that key, nil for a device that came into the graph since devices were read.
func (f *fleet) machine(key any) *machine {
	if i, ok := f.index[textOf(key)]; ok {
		return &f.machines[i]
	}
	return nil
}

// typeOf returns a declared type.
func (s Source) typeOf(name string) (*graph.Type, error) {
	if t := s.Schema.Type(name); t != nil {
		return t, nil
	}
	return nil, fmt.Errorf("the schema has no type %s", name)
}
