package neo4j

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

func answer(t *testing.T, s *Store, text string) [][]any {
	t.Helper()
	r, err := s.Query(t.Context(), text)
	require.NoError(t, err)
	var out [][]any
	for row, err := range r.Rows {
		require.NoError(t, err)
		out = append(out, row)
	}
	return out
}

func TestQueryValuesArePlain(t *testing.T) {
	b, f := newBench(t), newFleet(t)
	s := b.open(t, f.schema)
	for _, c := range []struct {
		text string
		want any
	}{
		{"1.5", 1.5},
		{"[1, 'a', null, [true]]", []any{int64(1), "a", nil, []any{true}}},
		{"{a: 1, b: [date('2026-03-01')]}", map[string]any{"a": int64(1), "b": []any{"2026-03-01"}}},
		{"datetime('2026-03-01T12:00:00+02:00')", time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)},
		{"duration('P1DT2H')", "P0M1DT7200S"},
		{"point({x: 1, y: 2})", map[string]any{"srid": int64(7203), "x": 1.0, "y": 2.0}},
		{"point({x: 1, y: 2, z: 3})", map[string]any{"srid": int64(9157), "x": 1.0, "y": 2.0, "z": 3.0}},
	} {
		require.Equal(t, [][]any{{c.want}}, answer(t, s, "RETURN "+c.text+" AS v"), c.text)
	}
	local := answer(t, s, "RETURN localdatetime('2026-03-01T12:00:00') AS v")[0][0].(time.Time)
	require.Equal(t, "2026-03-01T12:00:00", local.Format("2006-01-02T15:04:05"))
	require.Equal(t, "text", rowValue([]byte("text")))
	require.Equal(t, "//4=", rowValue([]byte{0xff, 0xfe}))
}

func TestQueryShowsNodesRelationshipsAndPathsAsMaps(t *testing.T) {
	b, f := newBench(t), newFleet(t)
	s := b.open(t, f.schema)
	b.run(t, "CREATE (:B:A {n: 1})-[:KNOWS {since: 2026}]->(:C)", nil)
	node := map[string]any{"n": int64(1), "_labels": []any{"A", "B"}}
	relationship := map[string]any{"since": int64(2026), "_verb": "KNOWS"}
	other := map[string]any{"_labels": []any{"C"}}
	require.Equal(t, [][]any{{node, relationship, []any{node, relationship, other}}},
		answer(t, s, "MATCH p = (a:A)-[r]->() RETURN a, r, p"))
}

func TestQueryErrorWhileRowsAreReadIsTheLastThing(t *testing.T) {
	b, f := newBench(t), newFleet(t)
	s := b.open(t, f.schema)
	r, err := s.Query(t.Context(), "UNWIND range(20000, 0, -1) AS i RETURN 1 / i AS x")
	require.NoError(t, err)
	n := 0
	for row, err := range r.Rows {
		if err != nil {
			require.ErrorContains(t, err, "by zero")
			require.Nil(t, row)
			break
		}
		n++
	}
	require.Equal(t, 20_000, n)
}

func TestRunsAreKeptWithoutFinishAndReport(t *testing.T) {
	b, f := newBench(t), newFleet(t)
	s := b.open(t, f.schema)
	require.NoError(t, s.SaveRun(t.Context(), graph.Run{ID: "1", StartedAt: noon(1)}))
	require.Equal(t, [][]any{{"ZONED DATETIME NOT NULL", nil, nil}},
		b.run(t, "MATCH (r:AssetgraphRun) RETURN valueType(r.startedAt), r.finishedAt, r.report", nil))
}
