package sqlite_test

import (
	"context"
	"database/sql"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/graph/sqlite"
	"assetgraph/graph/storetest"
)

func TestSuite(t *testing.T) {
	storetest.Run(t, storetest.Suite{
		New: func(t *testing.T) storetest.Graph {
			return &file{path: filepath.Join(t.TempDir(), "we?ird #1%20 ü.db")}
		},
		Queries: storetest.Queries{
			Values:  "select 2 as b, 'one' as a, null as n, true as t;",
			NoRows:  "select 1 as x where false -- nothing",
			Names:   "select name from fleetmgr_device order by name",
			Invalid: "select from where",
			Endless: "with recursive x(n) as (select 1 union all select n + 1 from x where n < 1000000000000) select count(*) from x",
			Writes:  writes(),
		},
	})
}

func writes() []string {
	return []string{
		"delete from graph_entity", "update graph_entity set properties = '{}'", "drop table graph_entity", "drop view fleetmgr_device",
		"insert into graph_scope values (99, 'x', 'y')", "with x as (select 1) delete from graph_entity",
		"with x(a) as (select 1) insert into graph_scope select a, 'x', 'y' from x",
		"select 1; delete from graph_entity", "select 1;;drop table graph_entity", "select ';' ; delete from graph_entity",
		"select 1 /* ; */ ; -- \n delete from graph_entity", "/* x */ delete from graph_entity",
		"create temp table t (a)", "create view v as select 1", "create index i on graph_entity (created)",
		"pragma user_version=5", "pragma user_version(5)", "pragma query_only=off", "pragma journal_mode=delete", "explain pragma query_only=off",
		"explain query plan pragma user_version=5", "select * from pragma_query_only('0')", "select * from pragma_user_version(5)", "select * from pragma_wal_checkpoint",
		"attach 'attached.db' as a", "attach database ':memory:' as a", "vacuum", "vacuum into 'copy.db'", "reindex", "analyze",
		"begin immediate", "savepoint s", "select load_extension('x')",
	}
}

// file is a graph in a file, and somebody with another SQLite tool.
type file struct{ path string }

func (f *file) Open(t *testing.T, schema *graph.Schema, readOnly bool) graph.Store {
	t.Helper()
	return open(t, f.path, schema, sqlite.Options{ReadOnly: readOnly})
}

func open(t testing.TB, path string, schema *graph.Schema, o sqlite.Options) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(context.Background(), path, schema, o)
	require.NoError(t, err)
	return s
}

// with calls f with a plain connection to the file at path.
func with(t testing.TB, path string, f func(db *sql.DB)) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), "PRAGMA busy_timeout=10000")
	require.NoError(t, err)
	f(db)
	require.NoError(t, db.Close())
}

func (f *file) with(t *testing.T, do func(db *sql.DB)) {
	t.Helper()
	with(t, "file:"+(&url.URL{Path: f.path}).EscapedPath(), do)
}

func (f *file) SetProperty(t *testing.T, key graph.Key, name, value string) {
	t.Helper()
	f.with(t, func(db *sql.DB) {
		n := int64(0)
		for _, table := range []string{"graph_entity", "graph_relationship"} {
			r, err := db.ExecContext(t.Context(), "UPDATE "+table+" SET properties = json_set(properties, '$.' || ?, ?) WHERE key = ?", name, value, string(key))
			require.NoError(t, err)
			changed, err := r.RowsAffected()
			require.NoError(t, err)
			n += changed
		}
		require.EqualValues(t, 1, n)
	})
}

func (f *file) Property(t *testing.T, key graph.Key, name string) string {
	t.Helper()
	var value sql.NullString
	f.with(t, func(db *sql.DB) {
		require.NoError(t, db.QueryRowContext(t.Context(), `SELECT json_extract(properties, '$.' || ?1) FROM (SELECT key, properties FROM graph_entity
			UNION ALL SELECT key, properties FROM graph_relationship) WHERE key = ?2`, name, string(key)).Scan(&value))
	})
	return value.String
}

func (f *file) DateLease(t *testing.T, instance string, left time.Duration) {
	t.Helper()
	f.with(t, func(db *sql.DB) {
		r, err := db.ExecContext(t.Context(), "UPDATE graph_lease SET expires = ? WHERE instance = ?", time.Now().Add(left).UnixMilli(), instance)
		require.NoError(t, err)
		n, err := r.RowsAffected()
		require.NoError(t, err)
		require.EqualValues(t, 1, n)
	})
}

func (f *file) Double(t *testing.T, key graph.Key) bool {
	t.Helper()
	table, ends := "graph_entity", ""
	if from, _ := key.Ends(); from != "" {
		table, ends = "graph_relationship", ", from_id, to_id"
	}
	f.with(t, func(db *sql.DB) {
		columns := "scope, key, digest, volatile, created, updated, properties" + ends
		r, err := db.ExecContext(t.Context(), "INSERT INTO "+table+" ("+columns+") SELECT "+columns+" FROM "+table+" WHERE key = ? LIMIT 1", string(key))
		require.NoError(t, err)
		n, err := r.RowsAffected()
		require.NoError(t, err)
		require.EqualValues(t, 1, n)
	})
	return true
}

func (f *file) SetLabel(*testing.T, graph.Key, string) bool { return false }
func (f *file) HasLabel(*testing.T, graph.Key, string) bool { return false }
func (f *file) Relate(*testing.T, graph.Key) bool           { return false }
func (f *file) Related(*testing.T, graph.Key) bool          { return false }
