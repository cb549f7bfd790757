package modeldoc

import (
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

func TestModel(t *testing.T) {
	s, err := graph.NewSchema(
		graph.NewRelationshipType("x", "x_site", "HAS", "x_group", graph.Property{Name: "method", Kind: graph.Text}),
		graph.NewEntityType("x_site", "x", "GET /sites", []string{"Organization"}, graph.Property{Name: "lastSeenOn", Kind: graph.Time, Volatile: true, Doc: "a | b"}),
		graph.NewEntityType("x_group", "x", "GET /groups", []string{"Group"}),
	)
	require.NoError(t, err)

	m := Of(s)
	require.Len(t, m.Entities, 2)
	require.Len(t, m.Relationships, 1)
	last := m.Entities[0].Properties[len(m.Entities[0].Properties)-1]
	require.Equal(t, Property{Name: "lastSeenOn", Kind: "datetime", Volatile: true, Doc: "a | b"}, last)
	require.Equal(t, "HAS", m.Relationships[0].Verb)

	text := Markdown(s)
	for _, line := range []string{
		"| [`x_site`](#x_site) | Organization | GET /sites |",
		"| `" + m.Relationships[0].Type + "` | `x_site` | HAS | `x_group` | `method` |",
		"| `lastSeenOn` | datetime | volatile; a \\| b |",
	} {
		require.Contains(t, text, line+"\n")
	}
}
