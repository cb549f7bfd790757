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
	has                       [Tools]bool
	seen                      [Tools]seen
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
	for t := range Tools {
		if err := f.loadRecords(ctx, s, t); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func (f *fleet) loadDevices(ctx context.Context, s Source) error {
	properties := []string{"_key", "name", "hostname", "serial", "osType", "category", "sources", "lastSeenOn", "hasEdr", "hasRmm", "hasDeployment"}
	return s.eachEntity(ctx, "device", properties, func(row []any) {
		m := machine{
			key: textOf(row[0]), name: textOf(row[2]), serial: textOf(row[3]), osType: textOf(row[4]), sources: listOf(row[6]), lastSeen: timeOf(row[7]),
			has: [Tools]bool{truthOf(row[8]), truthOf(row[9]), truthOf(row[10])},
		}
		if m.name == "" {
			m.name = textOf(row[1])
		}
		m.excluded = f.excludes.match(inHostname, m.name, textOf(row[1])) || f.excludes.match(inName, textOf(row[1])) || f.excludes.match(inType, textOf(row[5]))
		f.index[m.key] = int32(len(f.machines))
		f.machines = append(f.machines, m)
	})
}

func (f *fleet) loadOrganizations(ctx context.Context, s Source) error {
	err := s.eachEntity(ctx, "organization", []string{"_key", "name"}, func(row []any) { f.names[textOf(row[0])] = textOf(row[1]) })
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

func (f *fleet) loadRecords(ctx context.Context, s Source, tool Tool) error {
	t, err := s.typeOf(tool.relationship())
	if err != nil {
		return err
	}
	owners := map[string]int32{} // machines by the keys of their records, where locations are asked for
	located := f.excludes.wants(inLocation)
	properties := tool.properties()
	name, tags := len(properties), 0
	properties = append(properties, "displayName")
	if s.Schema.Type(t.From).Property("tags") != nil {
		tags = len(properties)
		properties = append(properties, "tags")
	}
	err = s.eachLink(ctx, link{t: t, from: properties}, func(row []any) {
		m := f.machine(row[0])
		if m == nil {
			return
		}
		if located {
			owners[textOf(row[1])] = f.index[m.key]
		}
		row = row[2:]
		m.seen[tool].add(tool.standing(row), timeOf(row[0]))
		m.excluded = m.excluded || f.excludes.match(inType, tool.types(row)...) || f.excludes.match(inName, textOf(row[name])) ||
			tags > 0 && f.excludes.matchTags(listOf(row[tags]))
	})
	if err != nil || !located {
		return err
	}
	return f.excludeLocations(ctx, s, t.From, owners)
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
