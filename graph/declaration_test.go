package graph_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

func TestEveryPropertyIsFoundByItsName(t *testing.T) {
	var properties []graph.Property
	for i := range 300 { // many of one length that begin, go on in the middle and end alike
		properties = append(properties, graph.Property{Name: fmt.Sprintf("a%03dmx%03dz", i, i), Kind: graph.Int})
	}
	typ := graph.NewEntityType("t", "x", "", nil, properties...)
	e := graph.NewEntity(typ, "i", "1")
	for i, p := range properties {
		e.Set(p.Name, graph.IntOf(int64(i)))
	}
	require.NoError(t, e.Seal())
	for i, p := range properties {
		require.Equal(t, int64(i), e.Get(p.Name).Int(), p.Name)
		require.Equal(t, p.Name, typ.Property(p.Name).Name)
	}
	for _, unknown := range []string{"", "a", "a000mx000", "a301mx301z", "Id"} {
		require.Nil(t, typ.Property(unknown), "%q", unknown)
		require.True(t, e.Get(unknown).IsAbsent(), "%q", unknown)
	}
	require.Nil(t, new(graph.Type).Property("id"))
	bare := graph.NewRelationshipType("x", "x_a", "HAS", "x_b")
	require.Nil(t, bare.Property(""))
	require.Nil(t, bare.Property("id"))
}

// A type is the same however it was declared: the order of properties is not that of what is digested.
func TestDeclarationGivesHandlesInOrder(t *testing.T) {
	d := graph.DeclareEntity("x_machine", "x", "GET /machines", "Device", "Host")
	seen := d.Add(graph.Property{Name: "lastSeenOn", Kind: graph.Int, Volatile: true})
	serial := d.Add(graph.Property{Name: "serial", Kind: graph.Text, Doc: "of the machine"})
	cores := d.Add(graph.Property{Name: "cores", Kind: graph.Int})
	typ := d.Type()
	require.Equal(t, []string{"Device", "Host"}, typ.Classes)
	require.Equal(t, graph.Property{Name: "serial", Kind: graph.Text, Doc: "of the machine"}, *serial.Property())
	require.Equal(t, serial, typ.Field("serial"))

	filled := graph.NewEntity(typ, "x", "1")
	seen.Set(filled, graph.IntOf(1))
	serial.Set(filled, graph.TextOf("S-1"))
	cores.Set(filled, graph.IntOf(4))
	require.NoError(t, filled.Seal())
	named := graph.NewEntity(graph.NewEntityType("x_machine", "x", "", nil, typ.Properties[4:]...), "x", "1")
	named.Set("cores", graph.IntOf(4))
	named.Set("serial", graph.TextOf("S-1"))
	named.Set("lastSeenOn", graph.IntOf(1))
	require.NoError(t, named.Seal())
	require.Equal(t, filled.Header(), named.Header())
	require.Equal(t, int64(4), cores.Get(named).Int(), "an equal declaration")

	require.PanicsWithValue(t, "graph: type x_machine declares property serial twice", func() { d.Add(graph.Property{Name: "serial", Kind: graph.Text}) })
	require.Panics(t, func() { d.Add(graph.Property{Name: "webLink", Kind: graph.Text}) }, "every entity has it already")
}
