package neo4j

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

// fleet is a small model with a property of every kind.
type fleet struct {
	group, agent, device *graph.Type
	has, protects        *graph.Type
	schema               *graph.Schema
}

func newFleet(t testing.TB) *fleet {
	t.Helper()
	f := &fleet{
		group: graph.NewEntityType("sentinelone_group", "sentinelone", "/groups", []string{"Group"}),
		agent: graph.NewEntityType("sentinelone_agent", "sentinelone", "/agents", []string{"HostAgent"},
			graph.Property{Name: "hostname", Kind: graph.Text},
			graph.Property{Name: "activeThreats", Kind: graph.Int},
			graph.Property{Name: "infected", Kind: graph.Bool},
			graph.Property{Name: "registeredOn", Kind: graph.Time},
			graph.Property{Name: "macAddresses", Kind: graph.Texts},
			graph.Property{Name: "lastSeenOn", Kind: graph.Time, Volatile: true}),
		device:   graph.NewEntityType("device", "assetgraph", "derived", []string{"Device", "Host"}),
		has:      graph.NewRelationshipType("sentinelone", "sentinelone_group", "HAS", "sentinelone_agent"),
		protects: graph.NewRelationshipType("assetgraph", "sentinelone_agent", "PROTECTS", "device", graph.Property{Name: "method", Kind: graph.Text}),
	}
	var err error
	f.schema, err = graph.NewSchema(f.group, f.agent, f.device, f.has, f.protects)
	require.NoError(t, err)
	return f
}

func seal(t testing.TB, e *graph.Element, values map[string]graph.Value) *graph.Element {
	t.Helper()
	for name, v := range values {
		e.Set(name, v)
	}
	require.NoError(t, e.Seal())
	return e
}

func (f *fleet) anAgent(t testing.TB, id string, values map[string]graph.Value) *graph.Element {
	t.Helper()
	return seal(t, graph.NewEntity(f.agent, "s1", id), values)
}

// agents returns n agents of one group, and the relationships from it.
func (f *fleet) agents(t testing.TB, n int) (group *graph.Element, agents, has []*graph.Element) {
	t.Helper()
	group = seal(t, graph.NewEntity(f.group, "s1", "1"), nil)
	for i := range n {
		a := f.anAgent(t, fmt.Sprintf("%06d", i), map[string]graph.Value{"hostname": graph.TextOf(fmt.Sprint("pc-", i))})
		agents = append(agents, a)
		has = append(has, seal(t, graph.NewRelationship(f.has, "s1", group.Key, a.Key), nil))
	}
	return group, agents, has
}

func noon(day int) time.Time { return time.Date(2026, 3, day, 12, 0, 0, 0, time.UTC) }

func batchOf(op graph.Op, elements ...*graph.Element) graph.Batch {
	return graph.Batch{Op: op, Type: elements[0].Type, Instance: elements[0].Instance, Elements: elements, At: noon(1)}
}

func apply(t testing.TB, s *Store, op graph.Op, elements ...*graph.Element) {
	t.Helper()
	applied, err := s.Apply(t.Context(), batchOf(op, elements...))
	require.NoError(t, err)
	require.Equal(t, graph.Applied{Written: len(elements)}, applied)
}

func headers(t testing.TB, s *Store, typ *graph.Type, instance string) []graph.Header {
	t.Helper()
	var out []graph.Header
	for h, err := range s.Headers(t.Context(), typ, instance) {
		require.NoError(t, err)
		out = append(out, h)
	}
	return out
}
