package neo4j

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

func dropIndex(t *testing.T, b *bench) {
	t.Helper()
	b.run(t, "DROP INDEX "+searchIndex+" IF EXISTS", nil)
	t.Cleanup(func() { b.clean(t) })
}

// clean leaves no index to the tests that follow.
func (b *bench) clean(t *testing.T) {
	t.Helper()
	s, err := Open(context.WithoutCancel(t.Context()), b.config(), newFleet(t).schema)
	require.NoError(t, err)
	require.NoError(t, s.schemaCommand(context.WithoutCancel(t.Context()), "DROP INDEX "+searchIndex+" IF EXISTS"))
	require.NoError(t, s.Close())
}

// indexes returns the properties of the full-text index, after it was filled; nil when there is none.
func indexes(t *testing.T, b *bench) any {
	t.Helper()
	b.run(t, "CALL db.awaitIndexes(300)", nil)
	for _, r := range b.run(t, "SHOW FULLTEXT INDEXES YIELD name, properties WHERE name = '"+searchIndex+"' RETURN properties", nil) {
		return r[0]
	}
	return nil
}

func TestIndexIsMadeWhenAStoreThatWritesIsClosed(t *testing.T) {
	b, f := newBench(t), newFleet(t)
	dropIndex(t, b)
	closed := func(searched []string, readOnly bool) any {
		c := b.config()
		c.Searched, c.ReadOnly = searched, readOnly
		s, err := Open(t.Context(), c, f.schema)
		require.NoError(t, err)
		require.NoError(t, s.Close())
		return indexes(t, b)
	}
	require.Nil(t, closed(nil, false))
	require.Nil(t, closed([]string{"hostname"}, true))
	require.Equal(t, []any{"hostname"}, closed([]string{"hostname"}, false))
	require.Equal(t, []any{"hostname", "id"}, closed([]string{"hostname", "id"}, false), "it is over more from now on")
	require.Equal(t, []any{"hostname", "id"}, closed([]string{"id"}, false), "what is over more serves")
}

// The index finds what a look at every entity finds, whatever stands between letters and digits and wherever.
func TestSearchByIndexEqualsSearchWithout(t *testing.T) {
	b, f := newBench(t), newFleet(t)
	dropIndex(t, b)
	c := b.config()
	c.Searched = []string{"hostname", "macAddresses"}
	s := b.openAs(t, c, f.schema)
	random := rand.New(rand.NewPCG(7, 7)) // the same texts each time
	text := func(symbols []string, most int) string {
		var t strings.Builder
		for range 1 + random.IntN(most) {
			t.WriteString(symbols[random.IntN(len(symbols))])
		}
		return t.String()
	}
	var agents []*graph.Element
	for i := range 200 {
		symbols := []string{"a", "A", "b", "0", " ", "-", "\t", "ü", "/", "\"", "\\", "東"}
		e := graph.NewEntity(f.agent, "s1", fmt.Sprint(i))
		e.Set("hostname", graph.TextOf(text(symbols, 9)))
		e.Set("macAddresses", graph.TextsOf(text(symbols, 5), text(symbols, 5)))
		require.NoError(t, e.Seal())
		agents = append(agents, e)
	}
	_, err := s.Apply(t.Context(), graph.Batch{Op: graph.Create, Type: f.agent, Instance: "s1", Elements: agents, At: time.Now()})
	require.NoError(t, err)
	var asked []graph.Search
	for range 80 {
		q := graph.Search{Types: []*graph.Type{f.agent}, Properties: c.Searched}
		for range 1 + random.IntN(2) {
			q.Parts = append(q.Parts,
				graph.Part{Text: text([]string{"a", "b", "0"}, 5), Begins: random.IntN(2) == 0, Ends: random.IntN(2) == 0})
		}
		asked = append(asked, q)
	}
	found := func(q graph.Search) (keys []graph.Key) {
		for key, err := range s.Search(t.Context(), q) {
			require.NoError(t, err)
			keys = append(keys, key)
		}
		slices.Sort(keys)
		return slices.Compact(keys)
	}
	var want [][]graph.Key
	for _, q := range asked {
		want = append(want, found(q))
	}
	require.NoError(t, s.index(t.Context()))
	require.NotNil(t, indexes(t, b))
	for i, q := range asked {
		require.Equal(t, want[i], found(q), "%+v", q.Parts)
	}
}

// Many long parts at once stay within what Lucene takes.
func TestSearchForManyLongParts(t *testing.T) {
	b, f := newBench(t), newFleet(t)
	dropIndex(t, b)
	c := b.config()
	for _, typ := range f.schema.Types() {
		for _, p := range typ.Properties {
			if !slices.Contains(c.Searched, p.Name) && len(c.Searched) < 20 {
				c.Searched = append(c.Searched, p.Name)
			}
		}
	}
	s := b.openAs(t, c, f.schema)
	require.NoError(t, s.index(t.Context()))
	require.NotNil(t, indexes(t, b))
	q := graph.Search{Types: []*graph.Type{f.agent}, Properties: c.Searched}
	for i := range 40 {
		q.Parts = append(q.Parts, graph.Part{Text: strings.Repeat(fmt.Sprintf("a%db", i), 100), Begins: i%2 == 0, Ends: i%3 == 0})
	}
	for _, err := range s.Search(t.Context(), q) {
		require.NoError(t, err)
	}
}
