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
