package differ_test

import (
	"context"
	"fmt"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/differ"
	"assetgraph/graph"
)

const benchElements = 20_000

// benchFleet is sites, their agents and what joins them, in key order, as elements and as the headers that a store
// would give.
type benchFleet struct {
	fleet
	elements map[*graph.Type][]*graph.Element
}

func newBenchFleet(b *testing.B) *benchFleet {
	b.Helper()
	f := &benchFleet{fleet: newFleet(), elements: map[*graph.Type][]*graph.Element{}}
	add := func(e *graph.Element) {
		require.NoError(b, e.Seal())
		f.elements[e.Type] = append(f.elements[e.Type], e)
	}
	add(graph.NewEntity(f.site, "i", "1"))
	for n := range benchElements {
		e := graph.NewEntity(f.agent, "i", fmt.Sprintf("%019d", n))
		e.Set("hostname", graph.TextOf(fmt.Sprintf("host-%d", n)))
		e.Set("osVersion", graph.TextOf("Windows 11 Pro 23H2"))
		e.Set("lastSeenOn", graph.IntOf(int64(n)))
		add(e)
		add(graph.NewRelationship(f.has, "i", graph.EntityKey("i", "site", "1"), e.Key))
	}
	return f
}

// Elements implements differ.Reader; nothing is updated.
func (f *benchFleet) Elements(context.Context, graph.Selection) iter.Seq2[graph.Stored, error] {
	return func(func(graph.Stored, error) bool) {}
}

// Headers implements differ.Reader.
func (f *benchFleet) Headers(_ context.Context, t *graph.Type, _ string) iter.Seq2[graph.Header, error] {
	return func(yield func(graph.Header, error) bool) {
		for _, e := range f.elements[t] {
			if !yield(e.Header(), nil) {
				return
			}
		}
	}
}

func (f *benchFleet) spool(b *testing.B) (*differ.Spool, []differ.Ref) {
	b.Helper()
	spool, err := differ.NewSpool(b.TempDir())
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, spool.Close()) })
	var refs []differ.Ref
	for _, t := range []*graph.Type{f.site, f.agent, f.has} {
		for _, e := range f.elements[t] {
			ref, err := spool.Add(e)
			require.NoError(b, err)
			refs = append(refs, ref)
		}
	}
	return spool, refs
}

func (f *benchFleet) compare(b *testing.B, reader differ.Reader, spool *differ.Spool) *differ.Plan {
	b.Helper()
	var scopes []differ.Desired
	for _, t := range []*graph.Type{f.site, f.agent, f.has} {
		scopes = append(scopes, differ.Desired{Type: t, Instance: "i", Complete: true})
	}
	p, err := differ.Compare(b.Context(),
		differ.Comparison{Reader: reader, Spool: spool, Scopes: scopes, Guard: lenient()})
	require.NoError(b, err)
	return p
}

// perElement reports the time for each of n elements of a round.
func perElement(b *testing.B, n int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/element")
}

func BenchmarkSpoolAdd(b *testing.B) {
	f := newBenchFleet(b)
	spool, err := differ.NewSpool(b.TempDir())
	require.NoError(b, err)
	defer spool.Close()
	b.ReportAllocs()
	for b.Loop() {
		for _, e := range f.elements[f.agent] {
			if _, err := spool.Add(e); err != nil {
				b.Fatal(err)
			}
		}
	}
	perElement(b, benchElements)
}

func BenchmarkSpoolRead(b *testing.B) {
	f := newBenchFleet(b)
	spool, refs := f.spool(b)
	e := &graph.Element{}
	b.ReportAllocs()
	for b.Loop() {
		for _, ref := range refs {
			if err := spool.Read(ref, e); err != nil {
				b.Fatal(err)
			}
		}
	}
	perElement(b, len(refs))
}

// BenchmarkCompare measures the merge of what was read with what the graph holds: all of it unchanged, and none of it
// there yet.
func BenchmarkCompare(b *testing.B) {
	f := newBenchFleet(b)
	spool, refs := f.spool(b)
	for name, reader := range map[string]differ.Reader{"unchanged": f, "first": memory{}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f.compare(b, reader, spool)
			}
			perElement(b, len(refs))
		})
	}
}

// BenchmarkWrites measures reading the elements of a plan back from the spool, batch by batch.
func BenchmarkWrites(b *testing.B) {
	f := newBenchFleet(b)
	spool, refs := f.spool(b)
	plan := f.compare(b, memory{}, spool)
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		for _, sp := range plan.Scopes {
			for batch, err := range sp.Writes(b.Context(), graph.Create, 4000) {
				require.NoError(b, err)
				n += len(batch)
			}
		}
		require.Equal(b, len(refs), n)
	}
	perElement(b, len(refs))
}
