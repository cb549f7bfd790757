package executor

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/differ"
	"assetgraph/graph"
	"assetgraph/graph/sqlite"
)

// A filling is a store that a plan has filled, made up: records of several instances whose ids begin with each other,
// and links from them and to them.
type filling struct {
	record, machine, is, has *graph.Type
	store                    *sqlite.Store
	first                    *firstLoad
}

func fill(t *testing.T, seed uint64) *filling {
	t.Helper()
	f := &filling{
		record: graph.NewEntityType("record", "test", "Record", []string{"Device"},
			graph.Property{Name: "hostname", Kind: graph.Text}, graph.Property{Name: "tags", Kind: graph.Texts},
			graph.Property{Name: "seenOn", Kind: graph.Time, Volatile: true}),
		machine: graph.NewEntityType("machine", "test", "Machine", []string{"Device"}),
		is:      graph.NewRelationshipType("test", "record", "IS", "machine"),
		has:     graph.NewRelationshipType("test", "machine", "HAS", "record"),
	}
	schema, err := graph.NewSchema(f.record, f.machine, f.is, f.has)
	require.NoError(t, err)
	f.store, err = sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "graph.db"), schema, sqlite.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.store.Close()) })

	spool, err := differ.NewSpool(t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, spool.Close()) })
	add := func(e *graph.Element) {
		require.NoError(t, e.Seal())
		_, err := spool.Add(e)
		require.NoError(t, err)
	}
	random := rand.New(rand.NewPCG(seed, 1))
	instances := []string{"a", "a-b", "b"}
	for _, instance := range instances {
		for id := range ids(random) {
			e := graph.NewEntity(f.record, instance, id)
			e.Set("hostname", graph.TextOf("name of "+id))
			e.Set("tags", graph.TextsOf("x", id))
			e.Set("seenOn", graph.TimeOf(time.UnixMilli(random.Int64N(1e12))))
			add(e)
			if random.IntN(5) == 0 {
				continue // a record of no machine
			}
			for n := range 1 + random.IntN(2) {
				machine := graph.NewEntity(f.machine, "all", fmt.Sprint(instance, id, n))
				add(machine)
				add(graph.NewRelationship(f.is, "all", e.Key, machine.Key))
				add(graph.NewRelationship(f.has, instance, machine.Key, e.Key))
			}
		}
	}
	c := differ.Comparison{Reader: f.store, Spool: spool}
	for _, typ := range []*graph.Type{f.record, f.machine, f.is, f.has} {
		for _, instance := range append(instances, "all") {
			c.Scopes = append(c.Scopes, differ.Desired{Type: typ, Instance: instance, Complete: true})
		}
	}
	plan, err := differ.Compare(t.Context(), c)
	require.NoError(t, err)
	at := time.UnixMilli(1_700_000_000_000).UTC()
	for _, sp := range plan.Scopes {
		for batch, err := range sp.Writes(t.Context(), graph.Create, 7) {
			require.NoError(t, err)
			done, err := f.store.Apply(t.Context(), graph.Batch{
				Op: graph.Create, Type: sp.Type, Instance: sp.Instance, Elements: batch, At: at, Fresh: true,
			})
			require.NoError(t, err)
			require.Empty(t, done.Missing)
		}
	}
	f.first = newFirstLoad(f.store, plan, at)
	return f
}

// ids are some that begin with each other, followed by what comes before the mark in relationships' keys and what comes
// behind it.
func ids(random *rand.Rand) map[string]struct{} {
	const letters = "01z~|}"
	list := map[string]struct{}{}
	for range 60 {
		id := ""
		for range 1 + random.IntN(4) {
			id += string(letters[random.IntN(len(letters))])
		}
		list[id] = struct{}{}
	}
	return list
}

func (f *filling) types() []*graph.Type { return []*graph.Type{f.record, f.machine, f.is, f.has} }

func TestFirstLoadIsReadAsTheStoreIs(t *testing.T) {
	for seed := range uint64(20) {
		f := fill(t, seed)
		have, err := f.first.Counts(t.Context())
		require.NoError(t, err)
		want, err := f.store.Counts(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, have)
		for _, typ := range f.types() {
			for _, selection := range []graph.Selection{
				{Type: typ}, {Type: typ, Instance: "a"}, {Type: typ, Instance: "nobody"}, {Type: typ, Keys: []graph.Key{"a:record:1"}},
			} {
				require.Equal(t, elementsOf(t, f.store, selection), elementsOf(t, f.first, selection))
			}
		}
		for _, selection := range []graph.LinkSelection{
			{Types: []*graph.Type{f.is, f.has}},
			{Types: []*graph.Type{f.is, f.has}, Properties: []string{"hostname", "tags"}},
			{Types: []*graph.Type{f.is}, Properties: []string{"seenOn"}, Around: []graph.Key{"a:record:1", "b:record:0"}},
		} {
			require.Equal(t, linksOf(t, f.store, selection), linksOf(t, f.first, selection))
		}
	}
}

// elementsOf returns what a reader yields, in its order, as text: key, times and values.
func elementsOf(t *testing.T, r graph.Reader, selection graph.Selection) (list []string) {
	t.Helper()
	for e, err := range r.Elements(t.Context(), selection) {
		require.NoError(t, err)
		list = append(list, fmt.Sprint(e.Key, e.From, e.To, e.Digest, e.CreatedOn, e.UpdatedOn, valuesOf(e.Element)))
	}
	return list
}

func valuesOf(e *graph.Element) map[string]string {
	values := map[string]string{}
	for i, p := range e.Type.Properties {
		values[p.Name] = fmt.Sprint(e.Value(i))
	}
	return values
}

// linksOf returns what a reader yields, sorted, as text: ends and what was asked for of origins.
func linksOf(t *testing.T, r graph.Reader, selection graph.LinkSelection) (list []string) {
	t.Helper()
	for l, err := range r.Links(t.Context(), selection) {
		require.NoError(t, err)
		text := fmt.Sprint(l.Type.Name, l.From, l.To)
		if selection.Properties != nil {
			require.Equal(t, l.From, l.Origin.Key)
			values := valuesOf(l.Origin)
			maps.DeleteFunc(values, func(name, _ string) bool { return !slices.Contains(selection.Properties, name) })
			text += fmt.Sprint(values)
		}
		list = append(list, text)
	}
	slices.SortFunc(list, cmp.Compare[string])
	return list
}

func TestFirstLoadEndsWithItsConsumer(t *testing.T) {
	f := fill(t, 1)
	for e, err := range f.first.Elements(t.Context(), graph.Selection{Type: f.record}) {
		require.NoError(t, err)
		require.Equal(t, f.record, e.Type)
		break
	}
	for l, err := range f.first.Links(t.Context(), graph.LinkSelection{Types: []*graph.Type{f.is}, Properties: []string{"hostname"}}) {
		require.NoError(t, err)
		require.Equal(t, l.From, l.Origin.Key)
		break
	}
}
