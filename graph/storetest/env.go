package storetest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

// env is what one test of the suite works with: an empty graph and the schema below.
type env struct {
	*testing.T
	suite  Suite
	graph  Graph
	schema *graph.Schema

	organization, device, deviceX, machine *graph.Type // entities
	has, hosts, is                         *graph.Type // relationships
}

// newEnv declares types that need not be the program's own, but look like them: two whose names share a prefix,
// a property of every kind, volatile ones, and relationships within and across providers.
func newEnv(t *testing.T, s Suite) *env {
	t.Helper()
	e := &env{T: t, suite: s, graph: s.New(t)}
	e.organization = graph.NewEntityType("fleetmgr_organization", "fleetmgr", "/v2/organizations",
		[]string{"Organization"},
		graph.Property{Name: "description", Kind: graph.Text})
	e.device = graph.NewEntityType("fleetmgr_device", "fleetmgr", "/v2/devices-detailed", []string{"Device", "Host"},
		graph.Property{Name: "hostname", Kind: graph.Text},
		graph.Property{Name: "memoryBytes", Kind: graph.Int},
		graph.Property{Name: "isVirtual", Kind: graph.Bool},
		graph.Property{Name: "createdOn", Kind: graph.Time},
		graph.Property{Name: "macAddresses", Kind: graph.Texts},
		graph.Property{Name: "active", Kind: graph.Bool, Volatile: true},
		graph.Property{Name: "lastSeenOn", Kind: graph.Time, Volatile: true})
	e.deviceX = graph.NewEntityType("fleetmgr_device_x", "fleetmgr", "made up", []string{"Device"})
	e.machine = graph.NewEntityType("device", "assetgraph", "derived", []string{"Device", "Host"})
	e.has = graph.NewRelationshipType("fleetmgr", "fleetmgr_organization", "HAS", "fleetmgr_device")
	e.hosts = graph.NewRelationshipType("fleetmgr", "fleetmgr_device", "HOSTS", "fleetmgr_device",
		graph.Property{Name: "lastSeenOn", Kind: graph.Time, Volatile: true})
	e.is = graph.NewRelationshipType("assetgraph", "fleetmgr_device", "IS", "device",
		graph.Property{Name: "method", Kind: graph.Text},
		graph.Property{Name: "matchedValue", Kind: graph.Text},
		graph.Property{Name: "score", Kind: graph.Int},
		graph.Property{Name: "certain", Kind: graph.Bool},
		graph.Property{Name: "linkedOn", Kind: graph.Time},
		graph.Property{Name: "evidence", Kind: graph.Texts})
	e.schema = e.declare(e.organization, e.device, e.deviceX, e.machine, e.has, e.hosts, e.is)
	return e
}

func (e *env) declare(types ...*graph.Type) *graph.Schema {
	e.Helper()
	schema, err := graph.NewSchema(types...)
	require.NoError(e, err)
	return schema
}

// open opens the graph for writing and closes it when the test ends.
func (e *env) open() graph.Store { return e.openAs(e.schema, false) }

func (e *env) openAs(schema *graph.Schema, readOnly bool) graph.Store {
	e.Helper()
	store := e.graph.Open(e.T, schema, readOnly)
	require.NotNil(e, store)
	e.Cleanup(func() {
		if err := store.Close(); err != nil {
			e.Errorf("close: %v", err)
		}
	})
	return store
}

// Times at which batches are applied, an hour apart.
func at(n int) time.Time { return time.Date(2026, 3, 1, n, 0, 0, 5e6, time.UTC) }

// set is a property value by name, for the builders below.
type set map[string]graph.Value

func (e *env) sealed(el *graph.Element, values set) *graph.Element {
	e.Helper()
	for name, v := range values {
		el.Set(name, v)
	}
	require.NoError(e, el.Seal())
	return el
}

func (e *env) entity(t *graph.Type, instance, id string, values set) *graph.Element {
	e.Helper()
	return e.sealed(graph.NewEntity(t, instance, id), values)
}

func (e *env) relationship(t *graph.Type, instance string, from, to graph.Key, values set) *graph.Element {
	e.Helper()
	return e.sealed(graph.NewRelationship(t, instance, from, to), values)
}

// devices returns n devices of one instance, in key order.
func (e *env) devices(instance string, n int) []*graph.Element {
	e.Helper()
	out := make([]*graph.Element, n)
	for i := range out {
		out[i] = e.entity(e.device, instance, fmt.Sprintf("%06d", i), set{
			"name": graph.TextOf(fmt.Sprintf("host %d", i)), "memoryBytes": graph.IntOf(int64(i)),
			"lastSeenOn": graph.TimeOf(at(0)),
		})
	}
	return out
}

// batch makes a batch of elements of one type and instance.
func batch(op graph.Op, when time.Time, elements ...*graph.Element) graph.Batch {
	return graph.Batch{Op: op, Type: elements[0].Type, Instance: elements[0].Instance, Elements: elements, At: when}
}

// apply applies the batch, and expects everything in it to be written.
func (e *env) apply(store graph.Store, op graph.Op, when time.Time, elements ...*graph.Element) {
	e.Helper()
	applied, err := store.Apply(e.Context(), batch(op, when, elements...))
	require.NoError(e, err)
	require.Empty(e, applied.Missing)
	require.Empty(e, applied.Kept)
	require.Equal(e, len(elements), applied.Written)
}

func (e *env) create(store graph.Store, elements ...*graph.Element) {
	e.Helper()
	e.apply(store, graph.Create, at(1), elements...)
}

// link creates one organization, two devices and the relationships from the one to the other.
func (e *env) link(store graph.Store) (org *graph.Element, devices, has []*graph.Element) {
	e.Helper()
	org = e.entity(e.organization, "fleet", "1", set{"name": graph.TextOf("ACME")})
	devices = e.devices("fleet", 2)
	e.create(store, org)
	e.create(store, devices...)
	for _, d := range devices {
		has = append(has, e.relationship(e.has, "fleet", org.Key, d.Key, nil))
	}
	e.create(store, has...)
	return org, devices, has
}

func keys(elements []*graph.Element) []graph.Key {
	out := make([]graph.Key, len(elements))
	for i, el := range elements {
		out[i] = el.Key
	}
	return out
}

// headers reads a scope, and expects it in strictly ascending order.
func (e *env) headers(store graph.Reader, t *graph.Type, instance string) []graph.Header {
	e.Helper()
	var out []graph.Header
	for h, err := range store.Headers(e.Context(), t, instance) {
		require.NoError(e, err)
		if len(out) > 0 && out[len(out)-1].Key >= h.Key {
			require.Failf(e, "out of order", "%s before %s", out[len(out)-1].Key, h.Key)
		}
		out = append(out, h)
	}
	return out
}

func (e *env) headerKeys(store graph.Reader, t *graph.Type, instance string) []graph.Key {
	e.Helper()
	out := []graph.Key{}
	for _, h := range e.headers(store, t, instance) {
		out = append(out, h.Key)
	}
	return out
}

// row is a stored element in a form that tests compare.
type row struct {
	key, from, to        graph.Key
	typ, instance        string
	digest, volatile     graph.Digest
	createdOn, updatedOn time.Time
	values               map[string]string // by name, with the kind
}

func rowOf(el *graph.Element) row {
	r := row{key: el.Key, from: el.From, to: el.To, typ: el.Type.Name, instance: el.Instance,
		digest: el.Digest, volatile: el.Volatile, values: map[string]string{}}
	for p, v := range el.Values() {
		r.values[p.Name] = v.Kind().String() + " " + v.String()
	}
	return r
}

func rowAt(el *graph.Element, created, updated time.Time) row {
	r := rowOf(el)
	r.createdOn, r.updatedOn = created, updated
	return r
}

// elements reads a selection, and expects it in strictly ascending order.
func (e *env) elements(store graph.Reader, s graph.Selection) []row {
	e.Helper()
	out := []row{}
	for st, err := range store.Elements(e.Context(), s) {
		require.NoError(e, err)
		r := rowAt(st.Element, st.CreatedOn, st.UpdatedOn)
		if len(out) > 0 {
			require.Less(e, out[len(out)-1].key, r.key, "order")
		}
		out = append(out, r)
	}
	return out
}

// element reads one element by its key.
func (e *env) element(store graph.Reader, t *graph.Type, key graph.Key) row {
	e.Helper()
	found := e.elements(store, graph.Selection{Type: t, Keys: []graph.Key{key}})
	require.Len(e, found, 1, "%s", key)
	return found[0]
}

// dump reads the whole graph.
func (e *env) dump(store graph.Reader) []row {
	e.Helper()
	var out []row
	for _, t := range e.schema.Types() {
		out = append(out, e.elements(store, graph.Selection{Type: t})...)
	}
	return out
}

// populations reads the counts of all scopes by "instance/type".
func (e *env) populations(store graph.Reader) map[string]int {
	e.Helper()
	list, err := store.Counts(e.Context())
	require.NoError(e, err)
	require.True(e, slices.IsSortedFunc(list, func(a, b graph.ScopeCount) int {
		return slices.Compare([]string{a.Instance, a.Type}, []string{b.Instance, b.Type})
	}), "sorted by instance and type: %v", list)
	out := map[string]int{}
	for _, p := range list {
		require.NotContains(e, out, p.Scope.String())
		out[p.Scope.String()] = p.Count
	}
	return out
}

// rows reads the answer of a query.
func (e *env) rows(store graph.Querier, text string) (columns []string, rows [][]any) {
	e.Helper()
	answer, err := store.Query(e.Context(), text)
	require.NoError(e, err)
	for r, err := range answer.Rows {
		require.NoError(e, err)
		rows = append(rows, slices.Clone(r))
	}
	return answer.Columns, rows
}

func cancelled(e *env) context.Context {
	ctx, cancel := context.WithCancel(e.Context())
	cancel()
	return ctx
}
