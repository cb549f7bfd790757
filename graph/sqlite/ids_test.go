package sqlite

import (
	"context"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"assetgraph/graph"
)

// endsSoon is a context that ends when it is looked at for the given time.
type endsSoon struct {
	context.Context
	looks *atomic.Int64 // database/sql looks too
}

func (c endsSoon) Err() error {
	if c.looks.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// Whoever writes meanwhile, whatever is deleted and made anew, and wherever a transaction is taken back: a relationship
// hangs on the entities that its key names, or is missing. Numbers of entities that are gone are given to others.
func TestRelationshipsHangOnTheEndsThatTheyName(t *testing.T) {
	a, b := graph.NewEntityType("a", "x", "x", []string{"Record"}), graph.NewEntityType("b", "x", "x", []string{"Record"})
	has := graph.NewRelationshipType("x", "a", "HAS", "b")
	schema, err := graph.NewSchema(a, b, has)
	require.NoError(t, err)
	rounds := 0
	rapid.Check(t, func(r *rapid.T) {
		rounds++
		path := filepath.Join(t.TempDir(), fmt.Sprintf("%d.db", rounds))
		var stores []*Store
		for range 2 {
			s, err := Open(t.Context(), path, schema, Options{})
			require.NoError(t, err)
			defer func() { require.NoError(t, s.Close()) }()
			stores = append(stores, s)
		}
		entity := rapid.Custom(func(r *rapid.T) *graph.Element {
			return graph.NewEntity(rapid.SampledFrom([]*graph.Type{a, b}).Draw(r, "type"), "i", fmt.Sprint(rapid.IntRange(1, 3).Draw(r, "id")))
		})
		relationship := rapid.Custom(func(r *rapid.T) *graph.Element {
			id := rapid.IntRange(1, 3)
			return graph.NewRelationship(has, "i", graph.EntityKey("i", "a", fmt.Sprint(id.Draw(r, "from"))), graph.EntityKey("i", "b", fmt.Sprint(id.Draw(r, "to"))))
		})
		for range rapid.IntRange(1, 60).Draw(r, "operations") {
			first := rapid.OneOf(entity, relationship).Draw(r, "element")
			batch := graph.Batch{
				Op: rapid.SampledFrom([]graph.Op{graph.Create, graph.Delete}).Draw(r, "op"), Type: first.Type, Instance: "i", At: time.UnixMilli(1),
			}
			seen := map[graph.Key]bool{}
			for _, e := range append(rapid.SliceOfN(rapid.OneOf(entity, relationship), 0, 2*insertRows).Draw(r, "more"), first) {
				if e.Type == first.Type && !seen[e.Key] {
					seen[e.Key] = true
					require.NoError(t, e.Seal())
					batch.Elements = append(batch.Elements, e)
				}
			}
			ctx := t.Context()
			if rapid.IntRange(0, 6).Draw(r, "interrupt") == 0 {
				looks := &atomic.Int64{}
				looks.Store(rapid.Int64Range(0, 20).Draw(r, "looks"))
				ctx = endsSoon{ctx, looks}
			}
			_, err := stores[max(0, rapid.IntRange(-4, 1).Draw(r, "store"))].Apply(ctx, batch)
			if err != nil {
				require.ErrorIs(t, err, context.Canceled)
			}
			wrong := int64(-1)
			require.NoError(t, stores[0].pool.read(t.Context(), func(c *conn) (err error) {
				wrong, err = c.integer(t.Context(), `SELECT count(*) FROM graph_relationship r
					LEFT JOIN graph_entity f ON f.id = r.from_id LEFT JOIN graph_entity t ON t.id = r.to_id
					WHERE r.key IS NOT f.key || '|HAS|' || t.key`)
				return err
			}))
			require.Zero(t, wrong)
		}
	})
}
