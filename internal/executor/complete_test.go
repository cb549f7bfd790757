package executor_test

import (
	"context"
	"errors"
	"iter"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
	"assetgraph/converters"
	"assetgraph/graph"
	"assetgraph/graph/sqlite"
	"assetgraph/internal/correlate"
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

func (m *machineRoom) converter() *converters.Converter {
	integration := map[string]string{"computer": "immy", "agent": "s1"}[m.kind]
	typ := graph.NewEntityType(integration+"_"+m.kind, integration, "made up", []string{"Device"}, graph.Property{Name: "uuid", Kind: graph.Text})
	role := &converters.Machine{
		Tool: &converters.Tool{Name: map[string]string{"computer": "deployment", "agent": "edr"}[m.kind]}, Verb: "IS", Links: m.kind == "computer",
		External: typ.Field("uuid"), State: func(*graph.Element) converters.State { return converters.Live },
	}
	k := converters.RecordKind{Name: m.kind, Produces: []*graph.Type{typ}, Convert: func(r collectors.Record, f *converters.Fragment) error {
		e := f.Entity(typ, r.ID)
		if m.kind == "agent" {
			e.Set("uuid", graph.TextOf("u"+r.ID))
		}
		f.Link(typ, r.ID, converters.Link{Product: "s1", ExternalID: m.link})
		return nil
	}}
	if m.kind == "computer" {
		k.Links = typ
	}
	return &converters.Converter{
		Integration: integration, Types: []*graph.Type{typ}, Roles: []converters.Role{{Type: typ, Machine: role}}, Kinds: []converters.RecordKind{k},
	}
}

func TestFailedSourceUnprotectsNoMachine(t *testing.T) {
	computers, agents := &machineRoom{kind: "computer", ids: []string{"1"}, link: "u7"}, &machineRoom{kind: "agent", ids: []string{"7"}}
	model, schema := modelOf(t, computers.converter(), agents.converter())
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "graph.db"), schema, sqlite.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	run := func() (protected bool) {
		_, err := executor.Run(t.Context(), executor.Options{Store: store, Schema: schema, Model: model, Instances: []executor.Instance{
			{Name: "immy", Collector: computers, Converter: computers.converter()},
			{Name: "s1", Collector: agents, Converter: agents.converter()},
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
	_, err = executor.Run(t.Context(), executor.Options{Store: store, Schema: schema, Model: model, Instances: []executor.Instance{
		{Name: "immy", Collector: computers, Converter: computers.converter()},
		{Name: "s1", Collector: agents, Converter: agents.converter()},
	}})
	require.NoError(t, err)
	for _, err := range store.Elements(t.Context(), graph.Selection{Type: schema.Type("device")}) {
		require.NoError(t, err)
		deviceCount++
	}
	require.Equal(t, 2, deviceCount, "a link that was read completely and is not there any more is gone")
}

// modelOf returns what is derived from the records of converters, and a schema of all their types.
func modelOf(t *testing.T, list ...*converters.Converter) (*correlate.Model, *graph.Schema) {
	t.Helper()
	model := correlate.NewModel(list...)
	types := append(slices.Clone(model.Types()), converters.IntegrationType())
	for _, c := range list {
		types = append(types, c.Types...)
	}
	schema, err := graph.NewSchema(types...)
	require.NoError(t, err)
	return model, schema
}
