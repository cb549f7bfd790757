package report_test

import (
	"context"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/graph/neo4j"
	"assetgraph/graph/sqlite"
	"assetgraph/internal/correlate"
	"assetgraph/internal/neo4jserver/neo4jtest"
	"assetgraph/internal/providers"
	"assetgraph/internal/report"
)

func TestMain(m *testing.M) {
	flag.Int("machines", 500, "machines of the benchmarks' fleet")
	os.Exit(neo4jtest.Main(m))
}

// now is what time it is in these tests.
func now() time.Time { return time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC) }

func daysAgo(n int) graph.Value { return graph.TimeOf(now().AddDate(0, 0, -n)) }

func model() *correlate.Model { return providers.All().Model() }

type values map[string]graph.Value

func text(s string) graph.Value     { return graph.TextOf(s) }
func texts(s ...string) graph.Value { return graph.TextsOf(s...) }
func truth(b bool) graph.Value      { return graph.BoolOf(b) }
func with(v values, more values) values { // a copy
	out := values{}
	maps.Copy(out, v)
	maps.Copy(out, more)
	return out
}

// A builder collects elements and writes them into stores.
type builder struct {
	t        testing.TB
	schema   *graph.Schema
	elements []*graph.Element
}

func newBuilder(t testing.TB) *builder {
	t.Helper()
	schema, err := providers.All().Schema()
	require.NoError(t, err)
	return &builder{t: t, schema: schema}
}

// entity adds an entity, owned by the instance that is named after its integration, and returns its key.
func (b *builder) entity(typ, id string, v values) graph.Key {
	b.t.Helper()
	t := b.schema.Type(typ)
	require.NotNil(b.t, t, typ)
	e := graph.NewEntity(t, t.Integration, id)
	if typ == "assetgraph_integration" {
		e = graph.NewEntity(t, id, id)
	}
	b.put(e, v)
	return e.Key
}

// relate adds a relationship.
func (b *builder) relate(typ string, from, to graph.Key, v values) {
	b.t.Helper()
	t := b.schema.Type(typ)
	require.NotNil(b.t, t, typ)
	b.put(graph.NewRelationship(t, t.Integration, from, to), v)
}

func (b *builder) put(e *graph.Element, v values) {
	for name, value := range v {
		e.Set(name, value)
	}
	require.NoError(b.t, e.Seal())
	b.elements = append(b.elements, e)
}

// write writes everything, entities first: the schema has them first.
func (b *builder) write(store graph.Store) {
	b.t.Helper()
	for _, t := range b.schema.Types() {
		scopes := map[string][]*graph.Element{}
		for _, e := range b.elements {
			if e.Type.Name == t.Name {
				scopes[e.Instance] = append(scopes[e.Instance], e)
			}
		}
		for instance, list := range scopes {
			done, err := store.Apply(b.t.Context(), graph.Batch{Op: graph.Create, Type: b.schema.Type(t.Name), Instance: instance, Elements: list, At: now()})
			require.NoError(b.t, err)
			require.Empty(b.t, done.Missing)
		}
	}
}

// onBoth runs a test against the same elements in either store.
func (b *builder) onBoth(test func(t *testing.T, s report.Source)) {
	b.t.Helper()
	t, ok := b.t.(*testing.T)
	require.True(b.t, ok)
	b.eachStore(func(name string, s report.Source) {
		t.Run(name, func(t *testing.T) { test(t, s) })
	})
}

// eachStore writes the elements into one store after the other.
func (b *builder) eachStore(use func(name string, s report.Source)) {
	b.t.Helper()
	file, err := sqlite.Open(b.t.Context(), filepath.Join(b.t.TempDir(), "g.db"), b.schema, sqlite.Options{})
	require.NoError(b.t, err)
	b.t.Cleanup(func() { require.NoError(b.t, file.Close()) })
	b.write(file)
	use("sqlite", report.Source{Store: file, Language: report.SQL, Schema: b.schema, Model: model()})

	server := neo4jtest.Borrow(b.t)
	store, err := neo4j.Open(b.t.Context(), neo4j.Config{
		URI: server.Endpoint, Username: server.Username, Password: server.Password, Searched: report.Searched(b.schema, model()),
	}, b.schema)
	require.NoError(b.t, err)
	b.t.Cleanup(func() { require.NoError(b.t, store.Close()) })
	b.write(store)
	use("neo4j", report.Source{Store: store, Language: report.Cypher, Schema: b.schema, Model: model()})
}

// A planted machine: what its device says, and the records that each product has of it.
type planted struct {
	device                     values
	agents, devices, computers []values
}

// plant adds machines of one customer, named by their ids, with their records and links.
func (b *builder) plant(customer string, machines map[string]planted) {
	b.t.Helper()
	org := b.entity("organization", customer, values{"name": text(customer)})
	for id, m := range machines {
		v := with(values{"name": text(id), "hostname": text(id), "organization": text(customer), "lastSeenOn": daysAgo(1), "hasEdr": truth(len(m.agents) > 0),
			"hasRmm": truth(len(m.devices) > 0), "hasDeployment": truth(len(m.computers) > 0)}, m.device)
		d := b.entity("device", id, v)
		b.relate("organization_has_device", org, d, nil)
		for typ, records := range map[string][]values{"sentinelone_agent": m.agents, "ninjarmm_device": m.devices, "immybot_computer": m.computers} {
			for i, r := range records {
				key := b.entity(typ, id+string(rune('a'+i)), with(values{"name": text(id), "lastSeenOn": daysAgo(1)}, r))
				link := typ + "_is_device"
				if typ == "sentinelone_agent" {
					link = "sentinelone_agent_protects_device"
				}
				b.relate(link, key, d, values{"method": text("serial"), "matchedValue": text("S-" + id), "confidence": text("strong")})
			}
		}
	}
}

// whole is a machine with everything.
func whole() planted {
	return planted{
		device: values{"osType": text("windows"), "sources": texts("immybot", "ninjarmm", "sentinelone")},
		agents: []values{{}}, devices: []values{{"approvalStatus": text("APPROVED")}}, computers: []values{{}},
	}
}

func changed(f func(*planted)) planted {
	p := whole()
	f(&p)
	return p
}

func cover(ctx context.Context, t *testing.T, s report.Source, o report.CoverOptions) *report.Coverage {
	t.Helper()
	if o.Now.IsZero() {
		o.Now = now()
	}
	if o.Stale == 0 {
		o.Stale = 30 * 24 * time.Hour
	}
	c, err := report.Cover(ctx, s, o)
	require.NoError(t, err)
	c.SortGaps(report.Order{})
	return c
}
