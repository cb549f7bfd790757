package neo4j

import (
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

func TestRelationshipsAreReadAlikeFromEitherSideAndInAnyStep(t *testing.T) {
	b, f := newBench(t), newFleet(t)
	s := b.open(t, f.schema)
	group, agents, has := f.agents(t, 60)
	apply(t, s, graph.Create, group)
	apply(t, s, graph.Create, agents...)
	apply(t, s, graph.Create, has...)
	read := func(size typeSize, wantStep int, wantStart *graph.Type, wantPattern string) {
		t.Helper()
		text, start, step := relationshipsText(f.has, header(f.has), size)
		require.Equal(t, wantStep, step)
		require.Equal(t, wantStart.Name, start)
		require.Contains(t, text, wantPattern)
		ranges, err := s.ranges(t.Context(), start, "")
		require.NoError(t, err)
		found := b.run(t, text, map[string]any{"ranges": rangeParameter(ranges), "type": f.has.Name, "instance": "s1", "step": min(step, 7), "verb": "|HAS|"})
		var rows []any
		for _, record := range found {
			for _, node := range record[0].([]any) {
				rows = append(rows, node.([]any)...)
			}
		}
		sortRows(rows)
		require.Len(t, rows, len(has))
		for i, row := range rows {
			require.Equal(t, has[i].Header(), headerOf(row))
		}
	}
	const fromGroup, fromAgent = "(n)-[x:`HAS`]->(m:Entity)", "(n)<-[x:`HAS`]-(m:Entity)"
	read(typeSize{from: 1, to: 60, relationships: 60}, 1, f.group, fromGroup)
	read(typeSize{from: 60, to: 1, relationships: 60}, 1, f.agent, fromAgent)
	read(typeSize{from: 400, to: 100_000, relationships: 100_000}, partRows, f.agent, fromAgent)
	read(typeSize{from: 100_000, to: 400, relationships: 200_000}, partRows/2, f.group, fromGroup)
	read(typeSize{from: 10, to: 10, relationships: 1_000_000}, 1, f.agent, fromAgent)
}

func TestElementsThatWereReplacedWhileTheyWereReadAreLeftOut(t *testing.T) {
	row := func(key string) any { return []any{key} }
	known := []named{{key: "a"}, {key: "c"}, {key: "e"}}
	require.Equal(t, []any{row("a"), row("e")}, among([]any{row("a"), row("b"), row("d"), row("e"), row("f")}, known))
	require.Empty(t, among(nil, known))
	require.Empty(t, among([]any{row("a")}, nil))
}
