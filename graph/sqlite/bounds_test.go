package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/graph/sqlite"
)

// What a query may take of memory is bounded: its sorting lies on disk, and no value grows beyond a limit, in whichever
// way.
func TestQueriesAreBoundedInMemory(t *testing.T) {
	f := newFleet(t)
	s := open(t, filepath.Join(t.TempDir(), "graph.db"), f.schema, sqlite.Options{})
	where, err := s.QueryTempStore(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 1, where, "a file")
	for _, text := range []string{
		"select zeroblob(17000000)",
		"select printf('%*d', 17000000, 1)",
		"with recursive x(a) as (select 'aaaaaaaa' union all select a || a from x) select a from x",
		"with recursive x(n) as (select 1 union all select n + 1 from x where n < 4000) select group_concat(hex(zeroblob(4000))) from x",
		"with recursive x(n) as (select 1 union all select n + 1 from x where n < 4000) select json_group_array(hex(zeroblob(4000))) from x",
	} {
		rows, err := s.Query(t.Context(), text)
		require.NoError(t, err, text)
		for _, rowErr := range rows.Rows {
			err = rowErr
		}
		require.ErrorContains(t, err, "16 MiB", text)
	}
	f.fill(t, s)
	rows, err := s.Query(t.Context(), "with recursive x(n) as (select 1 union select n + 1 from x where n < 100000) select count(distinct -n) from x")
	require.NoError(t, err)
	for row, err := range rows.Rows {
		require.NoError(t, err)
		require.Equal(t, []any{int64(100000)}, row)
	}
}
