package neo4j

import (
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

func TestEntityWithAForeignRelationshipIsRetiredAndComesBack(t *testing.T) {
	b, f := newBench(t), newFleet(t)
	s := b.open(t, f.schema)
	group, agents, has := f.agents(t, 2)
	apply(t, s, graph.Create, group)
	apply(t, s, graph.Create, agents...)
	apply(t, s, graph.Create, has...)
	b.run(t, "MATCH (a:sentinelone_agent {_key: $key}) CREATE (:Ticket {name: 'theirs'})-[:ABOUT]->(a)", map[string]any{"key": string(agents[0].Key)})

	keys := []graph.Key{agents[0].Key, agents[1].Key, "s1:sentinelone_agent:404"}
	pinned, err := s.PinnedByOthers(t.Context(), agents[0].Type, keys)
	require.NoError(t, err)
	require.Equal(t, keys[:1], pinned)

	known := &graph.Element{Type: agents[0].Type, Instance: agents[0].Instance, Key: agents[0].Key} // by its key alone, as from a plan
	retire := graph.Batch{Type: known.Type, Instance: known.Instance, Elements: []*graph.Element{known}, At: noon(5)}
	n, err := s.SoftDelete(t.Context(), retire)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	before := s.Counters()
	n, err = s.SoftDelete(t.Context(), retire)
	require.NoError(t, err)
	require.Zero(t, n)
	require.Equal(t, before, s.Counters(), "what is marked is not written again")

	count := func() any {
		return b.run(t, "MATCH (a:sentinelone_agent) WHERE a._deletedOn IS NOT NULL RETURN count(a)", nil)[0][0]
	}
	require.EqualValues(t, 1, count())
	for h, err := range s.Headers(t.Context(), agents[0].Type, agents[0].Instance) {
		require.NoError(t, err)
		require.Equal(t, h.Key == agents[0].Key, h.Digest == graph.Digest{}, "a retired entity looks changed")
	}
	apply(t, s, graph.Update, agents[0])
	require.EqualValues(t, 0, count(), "it came back to life")
	require.EqualValues(t, 1, b.run(t, "MATCH (:Ticket)-[r:ABOUT]->(:sentinelone_agent) RETURN count(r)", nil)[0][0])
}
