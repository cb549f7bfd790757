package sqlite

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/internal/panics"
)

// openFile returns a store of a new file with some sites in it.
func openFile(t *testing.T, sites int) (*Store, *graph.Type) {
	t.Helper()
	site := graph.NewEntityType("a", "x", "x", []string{"Record"})
	schema, err := graph.NewSchema(site)
	require.NoError(t, err)
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "graph.db"), schema, Options{})
	require.NoError(t, err)
	for i := range sites {
		e := graph.NewEntity(site, "i", string(rune('a'+i)))
		require.NoError(t, e.Seal())
		_, err = s.Apply(t.Context(), graph.Batch{Type: site, Instance: "i", Elements: []*graph.Element{e}, At: time.UnixMilli(1)})
		require.NoError(t, err)
	}
	return s, site
}

// The file is new, so that its page size is not yet settled when the connection is made.
func TestWhatConnectionsBeginWith(t *testing.T) {
	s, _ := openFile(t, 1)
	value := func(c *conn, pragma string) int64 {
		n, err := c.integer(t.Context(), "PRAGMA "+pragma)
		require.NoError(t, err)
		return n
	}
	require.NoError(t, s.pool.write(t.Context(), func(c *conn) error {
		require.EqualValues(t, 8192, value(c, "page_size"))
		require.EqualValues(t, 32<<20, value(c, "page_size")*value(c, "cache_size"), "counted in pages of that size")
		require.EqualValues(t, 8192, value(c, "wal_autocheckpoint"))
		require.EqualValues(t, 32<<20, value(c, "journal_size_limit"))
		require.EqualValues(t, 1, value(c, "synchronous"), "NORMAL")
		require.EqualValues(t, 2, value(c, "temp_store"), "MEMORY")
		require.Equal(t, busyTimeout.Milliseconds(), value(c, "busy_timeout"))
		return nil
	}))
	require.NoError(t, s.pool.read(t.Context(), func(c *conn) error {
		require.EqualValues(t, 256, value(c, "cache_size"), "pages")
		require.EqualValues(t, 1, value(c, "query_only"))
		require.Equal(t, busyTimeout.Milliseconds(), value(c, "busy_timeout"))
		return nil
	}))
	require.NoError(t, s.Close())
}

func TestCloseWaitsForTheWriter(t *testing.T) {
	s, _ := openFile(t, 0)
	writing, ended := make(chan struct{}), false
	var work panics.Group
	work.Go(func() {
		_ = s.pool.write(context.Background(), func(c *conn) error {
			close(writing)
			time.Sleep(20 * time.Millisecond)
			ended = true
			return c.run("PRAGMA user_version=1")
		})
	})
	<-writing
	require.NoError(t, s.Close())
	require.True(t, ended)
	work.Wait()
}

func TestWritersTakeTurnsAndHearOfTheirContexts(t *testing.T) {
	s, _ := openFile(t, 0)
	require.NoError(t, s.pool.write(t.Context(), func(*conn) error {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		err := s.pool.write(ctx, func(*conn) error { panic("two writers") })
		require.ErrorIs(t, err, context.DeadlineExceeded)
		return nil
	}))
	require.NoError(t, s.Close())
}

// Whoever reads may panic between two rows: the connection is then free again, and the store can be closed.
func TestPanicBetweenTwoRows(t *testing.T) {
	s, site := openFile(t, 3)
	rows, err := s.Query(t.Context(), "select _key from a")
	require.NoError(t, err)
	loops := []func(){
		func() {
			for _, err := range rows.Rows {
				panic(fmt.Sprint("reader: ", err))
			}
		},
		func() {
			for _, err := range s.Elements(t.Context(), graph.Selection{Type: site}) {
				panic(fmt.Sprint("reader: ", err))
			}
		},
		func() {
			_ = s.pool.read(t.Context(), func(c *conn) error {
				return c.query(t.Context(), func([]any) error { panic("row") }, "SELECT key FROM graph_entity")
			})
		},
	}
	for _, loop := range loops {
		require.NotNil(t, panics.Of(panics.Do(func() error { loop(); return nil })))
	}
	require.NoError(t, s.Close())
}
