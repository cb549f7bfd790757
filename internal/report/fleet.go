package report

import (
	"context"
	"fmt"
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
		m.excluded = f.excludes.match("hostname", m.name, textOf(row[1])) || f.excludes.match("type", textOf(row[5]))
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
	return s.eachLink(ctx, link{t: t, from: tool.properties()}, func(row []any) {
		m := f.machine(row[0])
		if m == nil {
			return
		}
		row = row[2:]
		m.seen[tool].add(tool.standing(row), timeOf(row[0]))
		types, tags := tool.marks(row)
		m.excluded = m.excluded || f.excludes.match("type", types...) || f.excludes.match("tag", tags...)
	})
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
