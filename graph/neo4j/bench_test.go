package neo4j

import (
	"fmt"
	"testing"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

const benchRows = 20_000

// wide is a model with 40 properties an entity, about as many as a device has.
type wide struct {
	host, site *graph.Type
	has        *graph.Type
	schema     *graph.Schema
	serial     int
}

func newWide(b *testing.B) *wide {
	b.Helper()
	var properties []graph.Property
	for i := range 36 {
		kind := []graph.Kind{graph.Text, graph.Text, graph.Text, graph.Int, graph.Bool, graph.Time, graph.Texts}[i%7]
		properties = append(properties, graph.Property{Name: fmt.Sprintf("propertyName%d", i), Kind: kind})
	}
	w := &wide{
		host: graph.NewEntityType("bench_host", "bench", "", []string{"Device", "Host"}, properties...),
		site: graph.NewEntityType("bench_site", "bench", "", []string{"Site"}),
		has:  graph.NewRelationshipType("bench", "bench_site", "HAS", "bench_host"),
	}
	var err error
	w.schema, err = graph.NewSchema(w.host, w.site, w.has)
	require.NoError(b, err)
	return w
}

// hosts returns n hosts that no call before returned.
func (w *wide) hosts(b *testing.B, n int) []*graph.Element {
	b.Helper()
	out := make([]*graph.Element, n)
	for i := range out {
		w.serial++
		e := graph.NewEntity(w.host, "bench", fmt.Sprintf("%09d", w.serial))
		for j, p := range w.host.Properties[4:] {
			e.Set(p.Name, someValue(p.Kind, w.serial*100+j))
		}
		out[i] = seal(b, e, nil)
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

func perSecond(b *testing.B, what string) {
	b.Helper()
	b.ReportMetric(float64(b.N)*benchRows/b.Elapsed().Seconds(), what+"/s")
}

func BenchmarkApplyCreateNodes(b *testing.B) {
	w := newWide(b)
	s := newBench(b).open(b, w.schema)
	for b.Loop() {
		b.StopTimer()
		hosts := w.hosts(b, benchRows)
		b.StartTimer()
		apply(b, s, graph.Create, hosts...)
	}
	perSecond(b, "nodes")
}

// BenchmarkPlainUnwindNodes is the loop that BenchmarkApplyCreateNodes is measured against: one session, one writer, rows as maps,
// no lease, no reading of counts.
func BenchmarkPlainUnwindNodes(b *testing.B) {
	w := newWide(b)
	server := newBench(b)
	s := server.open(b, w.schema)
	session := server.driver.NewSession(b.Context(), driver.SessionConfig{DatabaseName: "neo4j"})
	for b.Loop() {
		b.StopTimer()
		hosts := w.hosts(b, benchRows)
		b.StartTimer()
		for i := 0; i < len(hosts); i += 500 {
			var rows []any
			for _, e := range hosts[i:min(i+500, len(hosts))] {
				p := map[string]any{"_digest": e.Digest.String(), "_type": "bench_host", "_instance": "bench"}
				for property, v := range e.Values() {
					p[property.Name] = s.parameter(v)
				}
				rows = append(rows, map[string]any{"k": string(e.Key), "p": p})
			}
			_, err := session.ExecuteWrite(b.Context(), func(tx driver.ManagedTransaction) (any, error) {
				result, err := tx.Run(b.Context(), "UNWIND $rows AS row MERGE (n:Entity {_key: row.k}) SET n += row.p SET n:bench_host:Device:Host",
					map[string]any{"rows": rows})
				if err != nil {
					return nil, err
				}
				return result.Consume(b.Context())
			})
			require.NoError(b, err)
		}
	}
	perSecond(b, "nodes")
}

func BenchmarkApplyCreateRelationships(b *testing.B) {
	w := newWide(b)
	s := newBench(b).open(b, w.schema)
	var sites []*graph.Element
	for i := range 200 {
		sites = append(sites, seal(b, graph.NewEntity(w.site, "bench", fmt.Sprint(i)), nil))
	}
	apply(b, s, graph.Create, sites...)
	for b.Loop() {
		b.StopTimer()
		hosts := w.hosts(b, benchRows)
		apply(b, s, graph.Create, hosts...)
		var has []*graph.Element
		for i, h := range hosts {
			has = append(has, seal(b, graph.NewRelationship(w.has, "bench", sites[i%len(sites)].Key, h.Key), nil))
		}
		b.StartTimer()
		apply(b, s, graph.Create, has...)
	}
	perSecond(b, "relationships")
}

func BenchmarkHeaders(b *testing.B) {
	w := newWide(b)
	s := newBench(b).open(b, w.schema)
	site := seal(b, graph.NewEntity(w.site, "bench", "1"), nil)
	hosts := w.hosts(b, benchRows)
	var has []*graph.Element
	for _, h := range hosts {
		has = append(has, seal(b, graph.NewRelationship(w.has, "bench", site.Key, h.Key), nil))
	}
	apply(b, s, graph.Create, site)
	apply(b, s, graph.Create, hosts...)
	apply(b, s, graph.Create, has...)
	for _, t := range []*graph.Type{w.host, w.has} {
		b.Run(t.Name, func(b *testing.B) {
			for b.Loop() {
				require.Equal(b, benchRows, len(headers(b, s, t, "bench"))) //nolint:testifylint // Len prints all of them
			}
			perSecond(b, "headers")
		})
	}
}
