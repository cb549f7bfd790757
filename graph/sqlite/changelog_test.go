package sqlite_test

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/graph/sqlite"
)

// A graph from before the change log answers that there are no changes, and gets it when it is opened for writing.
func TestGraphWithoutChangeLogGetsIt(t *testing.T) {
	f, path := newFleet(t), filepath.Join(t.TempDir(), "graph.db")
	s := open(t, path, f.schema, sqlite.Options{})
	f.fill(t, s)
	require.NoError(t, s.Close())
	with(t, path, func(db *sql.DB) {
		_, err := db.ExecContext(t.Context(), "DROP TABLE graph_change")
		require.NoError(t, err)
	})
	changes := func(s *sqlite.Store) (n int) {
		for _, err := range s.Changes(t.Context(), graph.ChangeSelection{}) {
			require.NoError(t, err)
			n++
		}
		return n
	}
	before := folder(t, path)
	reading := open(t, path, f.schema, sqlite.Options{ReadOnly: true})
	require.Zero(t, changes(reading))
	require.NoError(t, reading.Close())
	require.Equal(t, before, folder(t, path))

	writing := open(t, path, f.schema, sqlite.Options{})
	require.Zero(t, changes(writing))
	e := graph.NewEntity(f.device, "s1", "new")
	require.NoError(t, e.Seal())
	_, err := writing.Apply(t.Context(), graph.Batch{
		Op: graph.Create, Type: f.device, Instance: "s1", Elements: []*graph.Element{e}, At: time.Now(), Log: graph.Log{Run: "run"},
	})
	require.NoError(t, err)
	require.Equal(t, 1, changes(writing))
	require.NoError(t, writing.Close())
}

// What somebody has made of the properties of a row keeps nobody from deleting it.
func TestUnreadableRowIsDeletedAndLogged(t *testing.T) {
	f, path := newFleet(t), filepath.Join(t.TempDir(), "graph.db")
	s := open(t, path, f.schema, sqlite.Options{})
	e := graph.NewEntity(f.device, "s1", "1")
	require.NoError(t, e.Seal())
	b := graph.Batch{Type: f.device, Instance: "s1", Elements: []*graph.Element{e}, At: time.Now(), Log: graph.Log{Run: "run"}}
	_, err := s.Apply(t.Context(), b)
	require.NoError(t, err)
	with(t, path, func(db *sql.DB) {
		_, err := db.ExecContext(t.Context(), "UPDATE graph_entity SET properties = 'nonsense'")
		require.NoError(t, err)
	})
	b.Op = graph.Delete
	_, err = s.Apply(t.Context(), b)
	require.NoError(t, err)
	var ops []graph.Op
	for c, err := range s.Changes(t.Context(), graph.ChangeSelection{Keys: []graph.Key{e.Key}}) {
		require.NoError(t, err)
		ops = append(ops, c.Op)
	}
	require.Equal(t, []graph.Op{graph.Delete, graph.Create}, ops)
	require.NoError(t, s.Close())
}
