package sqlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/graph/sqlite"
)

const (
	benchRows  = 20_000
	benchBatch = 4000 // as many as a run hands over at once
)

// wideFleet declares agents of 40 properties, about 1.2 kB of JSON each.
func wideFleet(b *testing.B) fleet {
	b.Helper()
	var extra []graph.Property
	for i := range 34 {
		extra = append(extra, graph.Property{Name: fmt.Sprintf("property%02d", i), Kind: graph.Text})
	}
	return newFleet(b, extra...)
}

func (f fleet) agents(b *testing.B, n int) []*graph.Element {
	b.Helper()
	out := make([]*graph.Element, n)
	for i := range out {
		e := graph.NewEntity(f.device, "s1", fmt.Sprintf("18451747604%08d", i))
		e.Set("hostname", graph.TextOf(fmt.Sprintf("DESKTOP-%07d", i)))
		e.Set("memoryBytes", graph.IntOf(17179869184))
		e.Set("infected", graph.BoolOf(false))
		e.Set("createdOn", graph.TimeOf(time.UnixMilli(1700000000000+int64(i))))
		e.Set("lastSeenOn", graph.TimeOf(time.UnixMilli(1750000000000+int64(i))))
		e.Set("macAddresses", graph.TextsOf("00:50:56:aa:bb:cc", fmt.Sprintf("00:50:56:00:%02x:%02x", i>>8&255, i&255)))
		for p := range 34 {
			e.Set(fmt.Sprintf("property%02d", p), graph.TextOf(fmt.Sprintf("value %d of %d", p, i)))
		}
		require.NoError(b, e.Seal())
		out[i] = e
	}
	return out
}

func applyAll(b *testing.B, s *sqlite.Store, op graph.Op, elements []*graph.Element) {
	b.Helper()
	for part := range slices.Chunk(elements, benchBatch) {
		applied, err := s.Apply(context.Background(), graph.Batch{Op: op, Type: part[0].Type, Instance: part[0].Instance, Elements: part, At: time.UnixMilli(1)})
		if err != nil || applied.Written != len(part) {
			b.Fatal(applied, err)
		}
	}
}

func rate(b *testing.B, rows int) {
	b.Helper()
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkCreate(b *testing.B) {
	f := wideFleet(b)
	agents := f.agents(b, benchRows)
	for b.Loop() {
		b.StopTimer()
		s := open(b, filepath.Join(b.TempDir(), "graph.db"), f.schema, sqlite.Options{})
		b.StartTimer()
		applyAll(b, s, graph.Create, agents)
		b.StopTimer()
		require.NoError(b, s.Close())
		b.StartTimer()
	}
	rate(b, benchRows)
}

// stored returns a closed graph of the agents, and its rows as its table holds them.
func stored(b *testing.B, f fleet, agents []*graph.Element) (path string, rows [][]any) {
	b.Helper()
	path = filepath.Join(b.TempDir(), "graph.db")
	s := open(b, path, f.schema, sqlite.Options{})
	applyAll(b, s, graph.Create, agents)
	require.NoError(b, s.Close())
	with(b, path, func(db *sql.DB) {
		answer, err := db.QueryContext(b.Context(), "SELECT scope, key, digest, volatile, created, updated, properties FROM graph_entity ORDER BY key")
		require.NoError(b, err)
		for answer.Next() {
			row := make([]any, 7)
			require.NoError(b, answer.Scan(&row[0], &row[1], &row[2], &row[3], &row[4], &row[5], &row[6]))
			rows = append(rows, row)
		}
		require.NoError(b, answer.Err())
		require.NoError(b, answer.Close())
	})
	return path, rows
}

// bare writes to a database with the same settings by the driver alone.
func bare(b *testing.B, path string, tables ...table) {
	b.Helper()
	db, err := sql.Open("sqlite", path+"?_txlock=immediate&_pragma=synchronous(NORMAL)&_pragma=temp_store(MEMORY)"+
		"&_pragma=cache_size(-32768)&_pragma=wal_autocheckpoint(8192)&_pragma=journal_size_limit(33554432)")
	require.NoError(b, err)
	db.SetMaxOpenConns(1)
	for _, t := range tables {
		t.write(b, db)
	}
	require.NoError(b, db.Close())
}

// A table is rows that lie ready in memory, and the statement that writes one.
type table struct {
	statement string
	rows      [][]any
}

// write runs a prepared statement for each row, a transaction per batch.
func (t table) write(b *testing.B, db *sql.DB) {
	b.Helper()
	for part := range slices.Chunk(t.rows, benchBatch) {
		tx, err := db.BeginTx(context.Background(), nil)
		require.NoError(b, err)
		prepared, err := tx.PrepareContext(context.Background(), t.statement)
		require.NoError(b, err)
		for _, row := range part {
			if _, err := prepared.ExecContext(context.Background(), row...); err != nil {
				b.Fatal(err)
			}
		}
		require.NoError(b, tx.Commit())
	}
}

func BenchmarkHeaders(b *testing.B) {
	f := wideFleet(b)
	path, _ := stored(b, f, f.agents(b, benchRows))
	s := open(b, path, f.schema, sqlite.Options{ReadOnly: true})
	for b.Loop() {
		n := 0
		for _, err := range s.Headers(b.Context(), f.device, "s1") {
			require.NoError(b, err)
			n++
		}
		require.Equal(b, benchRows, n)
	}
	rate(b, benchRows)
	require.NoError(b, s.Close())
}

func BenchmarkHeadersBare(b *testing.B) {
	f := wideFleet(b)
	path, _ := stored(b, f, f.agents(b, benchRows))
	with(b, path, func(db *sql.DB) {
		for b.Loop() {
			rows, err := db.QueryContext(context.Background(), "SELECT key, digest, volatile FROM graph_entity ORDER BY key")
			require.NoError(b, err)
			for rows.Next() {
				var key string
				var digest, volatile sql.RawBytes
				if err := rows.Scan(&key, &digest, &volatile); err != nil {
					b.Fatal(err)
				}
			}
			require.NoError(b, rows.Err())
		}
		rate(b, benchRows)
	})
}

func BenchmarkElements(b *testing.B) {
	f := wideFleet(b)
	path, _ := stored(b, f, f.agents(b, benchRows))
	s := open(b, path, f.schema, sqlite.Options{ReadOnly: true})
	for b.Loop() {
		for _, err := range s.Elements(b.Context(), graph.Selection{Type: f.device}) {
			require.NoError(b, err)
		}
	}
	rate(b, benchRows)
	require.NoError(b, s.Close())
}

func benchmarkOp(b *testing.B, op graph.Op) {
	b.Helper()
	f := wideFleet(b)
	agents := f.agents(b, benchRows)
	path, _ := stored(b, f, agents)
	s := open(b, path, f.schema, sqlite.Options{})
	for n := int64(0); b.Loop(); n++ {
		b.StopTimer()
		for _, e := range agents { // digests that differ each time
			e.Set("memoryBytes", graph.IntOf(n))
			e.Set("lastSeenOn", graph.TimeOf(time.UnixMilli(1760000000000+n)))
			require.NoError(b, e.Seal())
		}
		b.StartTimer()
		applyAll(b, s, op, agents)
	}
	rate(b, benchRows)
	require.NoError(b, s.Close())
}

func BenchmarkUpdate(b *testing.B)  { benchmarkOp(b, graph.Update) }
func BenchmarkRefresh(b *testing.B) { benchmarkOp(b, graph.Refresh) }

func BenchmarkDelete(b *testing.B) {
	f := wideFleet(b)
	agents := f.agents(b, benchRows)
	for b.Loop() {
		b.StopTimer()
		path, _ := stored(b, f, agents)
		s := open(b, path, f.schema, sqlite.Options{})
		b.StartTimer()
		applyAll(b, s, graph.Delete, agents)
		b.StopTimer()
		require.NoError(b, s.Close())
		b.StartTimer()
	}
	rate(b, benchRows)
}

func BenchmarkUpdateBare(b *testing.B) {
	f := wideFleet(b)
	path, rows := stored(b, f, f.agents(b, benchRows))
	changed := make([][]any, len(rows))
	for n := byte(0); b.Loop(); n++ {
		b.StopTimer()
		for i, r := range rows {
			digest := slices.Clone(r[2].([]byte))
			digest[0] += n + 1
			changed[i] = []any{digest, r[3], r[5], r[6], r[1]}
		}
		b.StartTimer()
		bare(b, path, table{"UPDATE graph_entity SET digest = ?, volatile = ?, updated = ?, properties = ? WHERE key = ?", changed})
	}
	rate(b, benchRows)
}

func BenchmarkRelate(b *testing.B) {
	f := wideFleet(b)
	agents := f.agents(b, benchRows)
	site := graph.NewEntity(f.site, "s1", "1")
	require.NoError(b, site.Seal())
	has := make([]*graph.Element, len(agents))
	for i, a := range agents {
		has[i] = graph.NewRelationship(f.has, "s1", site.Key, a.Key)
		require.NoError(b, has[i].Seal())
	}
	for b.Loop() {
		b.StopTimer()
		s := open(b, filepath.Join(b.TempDir(), "graph.db"), f.schema, sqlite.Options{})
		applyAll(b, s, graph.Create, []*graph.Element{site})
		applyAll(b, s, graph.Create, agents)
		b.StartTimer()
		applyAll(b, s, graph.Create, has)
		b.StopTimer()
		require.NoError(b, s.Close())
		b.StartTimer()
	}
	rate(b, benchRows)
}
