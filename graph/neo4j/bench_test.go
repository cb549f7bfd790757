package neo4j

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

// benchRows is how many elements of a kind one round writes or reads.
const benchRows = 20_000

// applyRows is how many elements are handed to Apply at once.
const applyRows = 8_000

// agentModel is a model whose agents are as wide as those of an endpoint protection product: 52 properties, seven of
// them mostly absent.
type agentModel struct {
	agent, group *graph.Type
	has          *graph.Type
	schema       *graph.Schema
	serial       int
}

func newAgentModel(b *testing.B) *agentModel {
	b.Helper()
	kinds := []graph.Kind{graph.Text, graph.Text, graph.Text, graph.Time, graph.Text, graph.Bool, graph.Text, graph.Texts, graph.Int}
	var properties []graph.Property
	for i := range 39 {
		properties = append(properties, graph.Property{Name: fmt.Sprintf("propertyName%d", i), Kind: kinds[i%len(kinds)]})
	}
	m := &agentModel{
		agent: graph.NewEntityType("bench_agent", "bench", "", []string{"HostAgent"}, properties...),
		group: graph.NewEntityType("bench_group", "bench", "", []string{"Group"}),
		has:   graph.NewRelationshipType("bench", "bench_group", "HAS", "bench_agent"),
	}
	var err error
	m.schema, err = graph.NewSchema(m.agent, m.group, m.has)
	require.NoError(b, err)
	return m
}

// groups returns the 400 groups of the model, in the order of their keys.
func (m *agentModel) groups(b *testing.B) []*graph.Element {
	b.Helper()
	out := make([]*graph.Element, 400)
	for i := range out {
		out[i] = seal(b, graph.NewEntity(m.group, "bench", fmt.Sprintf("%06d", i)), nil)
	}
	return out
}

// agents returns n agents that no call before returned, in the order of their keys.
func (m *agentModel) agents(b *testing.B, n int) []*graph.Element {
	b.Helper()
	out := make([]*graph.Element, n)
	for i := range out {
		m.serial++
		e := graph.NewEntity(m.agent, "bench", fmt.Sprintf("%019d", m.serial))
		for j, p := range m.agent.Properties[4:] {
			if j%6 != 5 {
				e.Set(p.Name, someValue(p.Kind, m.serial*100+j))
			}
		}
		out[i] = seal(b, e, nil)
	}
	return out
}

// members returns the relationships from groups to agents in the order of their keys: neighbours in it hang on one
// group.
func (m *agentModel) members(b *testing.B, groups, agents []*graph.Element) []*graph.Element {
	b.Helper()
	out := make([]*graph.Element, len(agents))
	for i, a := range agents {
		out[i] = seal(b, graph.NewRelationship(m.has, "bench", groups[i*len(groups)/len(agents)].Key, a.Key), nil)
	}
	return out
}

func someValue(kind graph.Kind, n int) graph.Value {
	switch kind {
	case graph.Text:
		return graph.TextOf(fmt.Sprintf("value number %d", n))
	case graph.Int:
		return graph.IntOf(int64(n))
	case graph.Bool:
		return graph.BoolOf(n%2 == 0)
	case graph.Time:
		return graph.TimeOf(noon(1 + n%28))
	case graph.Texts:
		return graph.TextsOf(fmt.Sprintf("10.0.0.%d", n%255), "192.168.0.1")
	case graph.Absent:
	}
	return graph.Value{}
}

// A floor is the plain loop that Apply is measured against: the same properties and labels, two sessions side by side,
// rows made beforehand; no lease, no lanes, no counts, no second try.
type floor struct {
	b      *bench
	text   string
	rows   int
	params map[string]any
}

func (f *floor) load(b *testing.B, rows []any) {
	b.Helper()
	var wg sync.WaitGroup
	half := len(rows) / 2
	for _, part := range [][]any{rows[:half], rows[half:]} {
		wg.Go(func() {
			session := f.b.driver.NewSession(b.Context(), driver.SessionConfig{DatabaseName: "neo4j"})
			for chunk := range slices.Chunk(part, f.rows) {
				if n, err := f.write(b.Context(), session, chunk); err != nil || n != len(chunk) {
					b.Errorf("%d of %d written: %v", n, len(chunk), err)
				}
			}
			if err := session.Close(b.Context()); err != nil {
				b.Error(err)
			}
		})
	}
	wg.Wait()
}

// write returns how many elements it created.
func (f *floor) write(ctx context.Context, session driver.SessionWithContext, rows []any) (int, error) {
	params := maps.Clone(f.params)
	params["rows"] = rows
	summary, err := driver.ExecuteWrite(ctx, session, func(tx driver.ManagedTransaction) (driver.ResultSummary, error) {
		result, err := tx.Run(ctx, f.text, params)
		if err != nil {
			return nil, err
		}
		return result.Consume(ctx)
	})
	if err != nil {
		return 0, err
	}
	return summary.Counters().NodesCreated() + summary.Counters().RelationshipsCreated(), nil
}

// newFloor takes the statement from the package: any other that writes the same properties costs the server as much or
// more.
func newFloor(b *bench, s *Store, t *graph.Type, rows int) *floor {
	batch := graph.Batch{Type: t, Instance: "bench", At: noon(1)}
	a := s.applier(&batch)
	return &floor{b: b, text: createStatement(t), rows: rows, params: a.params(&parcel{})}
}

func rowsMade(s *Store, elements []*graph.Element) []any {
	batch := batchOf(graph.Create, elements...)
	return s.applier(&batch).newRows(len(elements)).of(elements)
}

// BenchmarkFirstLoad writes as many new elements through the store and by a plain loop, in turns. ratio is the time of
// the store by that of the loop.
func BenchmarkFirstLoad(b *testing.B) {
	m := newAgentModel(b)
	server := newBench(b)
	s := server.open(b, m.schema)
	lease, err := s.Acquire(b.Context(), "bench", "bench", time.Hour)
	require.NoError(b, err)
	groups := m.groups(b)
	apply(b, s, graph.Create, groups...)
	nodes, relationships := newFloor(server, s, m.agent, 500), newFloor(server, s, m.has, 1000)
	b.Run("nodes", func(b *testing.B) {
		firstLoad(b, s, lease, nodes, func() []*graph.Element { return m.agents(b, benchRows) })
	})
	b.Run("relationships", func(b *testing.B) {
		firstLoad(b, s, lease, relationships, func() []*graph.Element {
			agents := m.agents(b, benchRows)
			nodes.load(b, rowsMade(s, agents))
			return m.members(b, groups, agents)
		})
	})
}

func firstLoad(b *testing.B, s *Store, lease graph.Lease, f *floor, fresh func() []*graph.Element) {
	b.Helper()
	f.load(b, rowsMade(s, fresh())) // the server compiles what it runs for the first time
	var ours, bare time.Duration
	for b.Loop() {
		elements, rows := fresh(), rowsMade(s, fresh())
		begin := time.Now()
		for part := range slices.Chunk(elements, applyRows) {
			applyFresh(b, s, lease, part...)
		}
		ours += time.Since(begin)
		begin = time.Now()
		f.load(b, rows)
		bare += time.Since(begin)
	}
	n := float64(b.N) * benchRows
	b.ReportMetric(n/ours.Seconds(), "ours/s")
	b.ReportMetric(n/bare.Seconds(), "bare/s")
	b.ReportMetric(ours.Seconds()/bare.Seconds(), "ratio")
}

func perSecond(b *testing.B, what string) {
	b.Helper()
	b.ReportMetric(float64(b.N)*benchRows/b.Elapsed().Seconds(), what+"/s")
}

// BenchmarkRead reads what a run over unchanged data reads, and what reports read.
func BenchmarkRead(b *testing.B) {
	m := newAgentModel(b)
	s := newBench(b).open(b, m.schema)
	groups, agents := m.groups(b), m.agents(b, benchRows)
	apply(b, s, graph.Create, groups...)
	apply(b, s, graph.Create, agents...)
	apply(b, s, graph.Create, m.members(b, groups, agents)...)
	for _, t := range []*graph.Type{m.agent, m.has} {
		b.Run("headers/"+t.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				require.Equal(b, benchRows, countOf(b, s.Headers(b.Context(), t, "bench")))
			}
			perSecond(b, "headers")
		})
		b.Run("elements/"+t.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				require.Equal(b, benchRows, countOf(b, s.Elements(b.Context(), graph.Selection{Type: t})))
			}
			perSecond(b, "elements")
		})
	}
}

func countOf[T any](b *testing.B, seq iter.Seq2[T, error]) (n int) {
	b.Helper()
	for _, err := range seq {
		require.NoError(b, err)
		n++
	}
	return n
}

// BenchmarkChange changes one agent of fifty, then deletes these and their relationships.
func BenchmarkChange(b *testing.B) {
	m := newAgentModel(b)
	s := newBench(b).open(b, m.schema)
	groups := m.groups(b)
	apply(b, s, graph.Create, groups...)
	var update, remove time.Duration
	for b.Loop() {
		agents := m.agents(b, benchRows)
		members := m.members(b, groups, agents)
		apply(b, s, graph.Create, agents...)
		apply(b, s, graph.Create, members...)
		begin := time.Now()
		apply(b, s, graph.Update, agents[:benchRows/50]...)
		update += time.Since(begin)
		begin = time.Now()
		apply(b, s, graph.Delete, members[:benchRows/50]...)
		apply(b, s, graph.Delete, agents[:benchRows/50]...)
		remove += time.Since(begin)
	}
	n := float64(b.N) * benchRows / 50
	b.ReportMetric(n/update.Seconds(), "updates/s")
	b.ReportMetric(2*n/remove.Seconds(), "deletes/s")
}
