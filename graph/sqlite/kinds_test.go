package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/graph/sqlite"
)

func TestColumnsThatShowAPropertyHaveItsKind(t *testing.T) {
	f, path := newFleet(t), filepath.Join(t.TempDir(), "graph.db")
	s := open(t, path, f.schema, sqlite.Options{})
	f.fill(t, s)
	list := []any{"a\"b", "b"}
	for text, want := range map[string][]any{
		"select infected, macAddresses, hostname, memoryBytes, createdOn, lastSeenOn, _key from sentinelone_agent": {
			true, list, "pc-1", int64(1<<53 + 1), "2025-01-02T03:04:05.006Z", nil, "s1:sentinelone_agent:1"},
		"select a.infected as x, b.m from sentinelone_agent a, (select macAddresses as m from sentinelone_agent) b": {true, list},
		"with x as (select infected i from sentinelone_agent) select i from x order by i":                           {true},
		"select s._key, a.infected from sentinelone_site s left join sentinelone_agent a on a.hostname = 'none'":    {"s1:sentinelone_site:1", nil},
		"select count(*) as infected, infected + 0, not infected, json_array_length(macAddresses) from sentinelone_agent": {
			int64(1), int64(1), int64(0), int64(2)},
		"select infected, (select count(*) from sqlite_schema) > 0 from sentinelone_agent":        {true, int64(1)},
		"select e.key, a.infected from graph_entity e join sentinelone_agent a on a._key = e.key": {"s1:sentinelone_agent:1", true},
		"select h._from, h._to from sentinelone_site_has_agent h":                                 {"s1:sentinelone_site:1", "s1:sentinelone_agent:1"},
	} {
		rows, err := s.Query(t.Context(), text)
		require.NoError(t, err, text)
		n := 0
		for row, err := range rows.Rows {
			require.NoError(t, err, text)
			require.Equal(t, want, rows.Typed(row), text)
			n++
		}
		require.Equal(t, 1, n, text)
	}
}

func TestEveryViewHasItsKinds(t *testing.T) {
	f, path := newFleet(t), filepath.Join(t.TempDir(), "graph.db")
	s := open(t, path, f.schema, sqlite.Options{})
	for _, typ := range f.schema.Types() {
		rows, err := s.Query(t.Context(), "select * from "+typ.Name)
		require.NoError(t, err)
		require.Len(t, rows.Kinds, len(rows.Columns), "columns of the view and of its shadow")
		for i, name := range rows.Columns {
			want := graph.Absent
			if p := typ.Property(name); p != nil {
				want = p.Kind
			}
			require.Equal(t, want, rows.Kinds[i], name)
		}
	}
}

func BenchmarkQuery(b *testing.B) {
	f, path := newFleet(b), filepath.Join(b.TempDir(), "graph.db")
	s := open(b, path, f.schema, sqlite.Options{})
	for b.Loop() {
		rows, err := s.Query(b.Context(), "select infected from sentinelone_agent")
		require.NoError(b, err)
		for _, err := range rows.Rows {
			require.NoError(b, err)
		}
	}
}
