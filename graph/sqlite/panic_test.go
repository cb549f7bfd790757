package sqlite

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/internal/panics"
)

// A panic in the midst of a batch leaves no transaction open: the run record and the next run come through the same
// connection.
func TestPanicInABatchIsRolledBack(t *testing.T) {
	typ := graph.NewEntityType("a", "x", "x", []string{"Record"})
	schema, err := graph.NewSchema(typ)
	require.NoError(t, err)
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "graph.db"), schema, Options{})
	require.NoError(t, err)
	for _, op := range []graph.Op{graph.Create, graph.Update, graph.Delete} {
		err = panics.Do(func() error {
			_, err := s.Apply(t.Context(), graph.Batch{Op: op, Type: typ, Instance: "i", Elements: []*graph.Element{nil, nil}, At: time.UnixMilli(1)})
			return err
		})
		require.NotNil(t, panics.Of(err), "%s: %v", op, err)
	}
	require.NoError(t, s.SaveRun(t.Context(), graph.Run{ID: "r", StartedAt: time.UnixMilli(1)}))
	e := graph.NewEntity(typ, "i", "1")
	require.NoError(t, e.Seal())
	applied, err := s.Apply(t.Context(), graph.Batch{Type: typ, Instance: "i", Elements: []*graph.Element{e}, At: time.UnixMilli(1)})
	require.NoError(t, err)
	require.Equal(t, 1, applied.Written)
	require.NoError(t, s.Close())
}
