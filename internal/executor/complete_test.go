package executor_test

import (
	"context"
	"errors"
	"iter"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
	"assetgraph/converters"
	"assetgraph/converters/correlate"
	"assetgraph/graph"
	"assetgraph/graph/sqlite"
	"assetgraph/internal/executor"
)

// machineRoom is a made-up source of computers and agents of one instance each; a computer says which agent it carries.
type machineRoom struct {
	kind  string
	ids   []string
	link  string // uuid of the agent that the computers carry
	fault error
}

func (m *machineRoom) SignIn(context.Context) (collectors.Session, error) {
	return collectors.Session{}, nil
}

func (m *machineRoom) Steps() []collectors.Step {
	read := func(context.Context, *collectors.Meter) iter.Seq2[collectors.Record, error] {
		return func(yield func(collectors.Record, error) bool) {
			for _, id := range m.ids {
				if !yield(collectors.Record{Kind: m.kind, ID: id, Value: id}, nil) {
					return
				}
			}
			if m.fault != nil {
				yield(collectors.Record{}, m.fault)
			}
		}
	}
	return []collectors.Step{{Name: m.kind + "s", Kinds: []string{m.kind}, Records: read}}
}

func (m *machineRoom) converter(schema *graph.Schema) *converters.Converter {
	typ := schema.Type(map[string]string{"computer": "immybot_computer", "agent": "sentinelone_agent"}[m.kind])
	k := converters.Kind{Name: m.kind, Produces: []*graph.Type{typ}, Convert: func(r collectors.Record, f *converters.Fragment) error {
		e := f.Entity(typ, r.ID)
		if m.kind == "agent" {
			e.Set("uuid", graph.TextOf("u"+r.ID))
		}
		f.Link(typ, r.ID, "sentinelone", m.link)
		return nil
	}}
	if m.kind == "computer" {
		k.Links = typ
	}
	return &converters.Converter{Integration: m.kind, Types: []*graph.Type{typ}, Kinds: []converters.Kind{k}}
}

func TestFailedSourceUnprotectsNoMachine(t *testing.T) {
	types := []*graph.Type{
		graph.NewEntityType("immybot_computer", "immybot", "made up", []string{"Device"}),
		graph.NewEntityType("sentinelone_agent", "sentinelone", "made up", []string{"HostAgent"},
			graph.Property{Name: "uuid", Kind: graph.Text}, graph.Property{Name: "isDecommissioned", Kind: graph.Bool}),
	}
	for _, typ := range correlate.Types() {
		if name := typ.Name; name == "device" || name == "immybot_computer_is_device" || name == "sentinelone_agent_protects_device" {
			types = append(types, typ)
		}
	}
	schema, err := graph.NewSchema(append(types, converters.IntegrationType())...)
	require.NoError(t, err)
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "graph.db"), schema, sqlite.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	computers, agents := &machineRoom{kind: "computer", ids: []string{"1"}, link: "u7"}, &machineRoom{kind: "agent", ids: []string{"7"}}
	run := func() (protected bool) {
		_, err := executor.Run(t.Context(), executor.Options{Store: store, Schema: schema, Instances: []executor.Instance{
			{Name: "immy", Collector: computers, Converter: computers.converter(schema)},
			{Name: "s1", Collector: agents, Converter: agents.converter(schema)},
		}})
		require.NoError(t, err)
		n := 0
		for e, err := range store.Elements(t.Context(), graph.Selection{Type: schema.Type("device")}) {
			require.NoError(t, err)
			protected = protected || e.Get("hasEdr").Bool()
			n++
		}
		require.Equal(t, 1, n, "one machine")
		return protected
	}
	require.True(t, run())
	agents.ids, agents.fault = nil, errors.New("503")
	require.True(t, run(), "what could not be read is taken from the graph")
	computers.ids, computers.fault = nil, errors.New("503")
	require.True(t, run(), "the link too")
	computers.ids, computers.fault, computers.link, agents.ids, agents.fault = []string{"1"}, nil, "", []string{"7"}, nil
	deviceCount := 0
	_, err = executor.Run(t.Context(), executor.Options{Store: store, Schema: schema, Instances: []executor.Instance{
		{Name: "immy", Collector: computers, Converter: computers.converter(schema)},
		{Name: "s1", Collector: agents, Converter: agents.converter(schema)},
	}})
	require.NoError(t, err)
	for _, err := range store.Elements(t.Context(), graph.Selection{Type: schema.Type("device")}) {
		require.NoError(t, err)
		deviceCount++
	}
	require.Equal(t, 2, deviceCount, "a link that was read completely and is not there any more is gone")
}
