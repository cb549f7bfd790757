package sqlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/graph/sqlite"
)

// A load is what a first run writes: two relationships to an entity, in the order of a plan.
type load struct {
	schema *graph.Schema
	scopes [][]*graph.Element // each in key order
	rows   int
}

// newLoad makes n agents, as many devices that they protect, in another order of keys, and sites that have the agents.
func newLoad(b *testing.B, n int) load {
	b.Helper()
	f := wideFleet(b)
	device := graph.NewEntityType("device", "assetgraph", "derived", []string{"Device", "Host"}, f.device.Properties[4:20]...)
	protects := graph.NewRelationshipType("assetgraph", "sentinelone_agent", "PROTECTS", "device",
		graph.Property{Name: "method", Kind: graph.Text}, graph.Property{Name: "matchedValue", Kind: graph.Text}, graph.Property{Name: "confidence", Kind: graph.Text})
	schema, err := graph.NewSchema(f.site, f.device, device, f.has, protects)
	require.NoError(b, err)
	l := load{schema: schema, scopes: make([][]*graph.Element, 5)}
	l.scopes[0] = f.agents(b, n)
	for i := range 100 {
		l.scopes[1] = append(l.scopes[1], graph.NewEntity(f.site, "s1", fmt.Sprintf("2251747604%06d", i)))
	}
	for i, a := range l.scopes[0] {
		d := graph.NewEntity(device, "assetgraph", fmt.Sprintf("%032x", uint64(i)*0x9E3779B97F4A7C15))
		for _, p := range device.Properties[4:] {
			d.Set(p.Name, a.Get(p.Name))
		}
		p := graph.NewRelationship(protects, "assetgraph", a.Key, d.Key)
		p.Set("method", graph.TextOf("serial"))
		p.Set("matchedValue", graph.TextOf(fmt.Sprintf("SERIAL%d", i)))
		p.Set("confidence", graph.TextOf("exact"))
		l.scopes[2] = append(l.scopes[2], d)
		l.scopes[3] = append(l.scopes[3], graph.NewRelationship(f.has, "s1", l.scopes[1][i%100].Key, a.Key))
		l.scopes[4] = append(l.scopes[4], p)
	}
	for _, elements := range l.scopes {
		slices.SortFunc(elements, func(a, b *graph.Element) int { return strings.Compare(string(a.Key), string(b.Key)) })
		for _, e := range elements {
			require.NoError(b, e.Seal())
		}
		l.rows += len(elements)
	}
	return l
}

// ours writes the load as a run does, up to the closed file.
func (l load) ours(b *testing.B, path string) {
	b.Helper()
	s := open(b, path, l.schema, sqlite.Options{})
	for _, elements := range l.scopes {
		for part := range slices.Chunk(elements, benchBatch) {
			applied, err := s.Apply(context.Background(), graph.Batch{Op: graph.Create, Type: part[0].Type, Instance: part[0].Instance,
				Elements: part, At: time.UnixMilli(1), Fresh: true})
			if err != nil || applied.Written != len(part) {
				b.Fatal(applied, err)
			}
		}
	}
	require.NoError(b, s.BuildIndexes(context.Background()))
	require.NoError(b, s.Close())
}

// tables reads back what ours wrote: scopes, entities, relationships.
func (l load) tables(b *testing.B) []table {
	b.Helper()
	path := filepath.Join(b.TempDir(), "graph.db")
	l.ours(b, path)
	var out []table
	for _, t := range []struct{ name, columns string }{
		{"graph_scope", "id, type, instance"},
		{"graph_entity", "scope, key, digest, volatile, created, updated, properties"},
		{"graph_relationship", "scope, key, from_id, to_id, digest, volatile, created, updated, properties"},
	} {
		n := strings.Count(t.columns, ",") + 1
		insert := "INSERT INTO " + t.name + " (" + t.columns + ") VALUES (?" + strings.Repeat(", ?", n-1) + ")"
		with(b, path, func(db *sql.DB) {
			out = append(out, table{insert, rowsOf(b, db, "SELECT "+t.columns+" FROM "+t.name+" ORDER BY id", n)})
		})
	}
	return out
}

func rowsOf(b *testing.B, db *sql.DB, text string, columns int) (out [][]any) {
	b.Helper()
	answer, err := db.QueryContext(b.Context(), text)
	require.NoError(b, err)
	for answer.Next() {
		row, into := make([]any, columns), make([]any, columns)
		for i := range row {
			into[i] = &row[i]
		}
		require.NoError(b, answer.Scan(into...))
		out = append(out, row)
	}
	require.NoError(b, answer.Err())
	require.NoError(b, answer.Close())
	return out
}

// bareLoad runs a prepared statement for each row, into the same tables with the same indexes and settings, up to the
// closed file.
func (l load) bareLoad(b *testing.B, path string, tables []table) {
	b.Helper()
	require.NoError(b, open(b, path, l.schema, sqlite.Options{}).Close()) // makes the tables
	bare(b, path, tables...)
	s := open(b, path, l.schema, sqlite.Options{})
	require.NoError(b, s.BuildIndexes(context.Background()))
	require.NoError(b, s.Close())
}

// BenchmarkFirstLoad/ours reports how many times as long as the bare loop it takes, the two side by side.
func BenchmarkFirstLoad(b *testing.B) {
	l := newLoad(b, benchRows)
	tables := l.tables(b)
	b.Run("bare", func(b *testing.B) {
		for b.Loop() {
			l.bareLoad(b, filepath.Join(b.TempDir(), "bare.db"), tables)
		}
		rate(b, l.rows)
	})
	b.Run("ours", func(b *testing.B) {
		var bares, ours []float64
		for b.Loop() {
			b.StopTimer()
			bares = append(bares, timed(func() { l.bareLoad(b, filepath.Join(b.TempDir(), "bare.db"), tables) }))
			b.StartTimer()
			ours = append(ours, timed(func() { l.ours(b, filepath.Join(b.TempDir(), "ours.db")) }))
		}
		rate(b, l.rows)
		b.ReportMetric(median(ours)/median(bares), "x-bare")
	})
}

func timed(f func()) float64 {
	start := time.Now()
	f()
	return time.Since(start).Seconds()
}

func median(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}

// BenchmarkChange updates every 50th element, scattered over the file, and reports which part of the first load's time
// that takes.
func BenchmarkChange(b *testing.B) {
	l := newLoad(b, benchRows)
	for name, scopes := range map[string][][]*graph.Element{"machines": {l.scopes[0], l.scopes[2]}, "all": l.scopes} {
		b.Run(name, func(b *testing.B) {
			var firsts, changes []float64
			for b.Loop() {
				b.StopTimer()
				path := filepath.Join(b.TempDir(), "graph.db")
				firsts = append(firsts, timed(func() { l.ours(b, path) }))
				s := open(b, path, l.schema, sqlite.Options{})
				b.StartTimer()
				changes = append(changes, timed(func() {
					for _, elements := range scopes {
						applyAll(b, s, graph.Update, every(50, elements))
					}
					require.NoError(b, s.Close())
				}))
			}
			b.ReportMetric(median(changes)/median(firsts), "x-first")
		})
	}
}

func every(n int, elements []*graph.Element) (some []*graph.Element) {
	for i := 0; i < len(elements); i += n {
		some = append(some, elements[i])
	}
	return some
}
