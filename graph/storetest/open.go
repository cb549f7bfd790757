package storetest

import (
	"slices"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

func openTests() []test {
	return []test{
		{"a store opened for reading writes nothing", readOnly},
		{"a schema may gain types and properties", schemaGrows},
		{"a schema may lose types and properties", schemaShrinks},
		{"populations show types that the schema does not know", unknownTypes},
	}
}

func readOnly(e *env) {
	writing := e.open()
	org, devices, has := e.link(writing)
	lease := e.acquire(writing, "fleet", "run-1", longTTL)
	before := e.dump(writing)

	store := e.openAs(e.schema, true)
	require.Equal(e, before, e.dump(store))
	require.Equal(e, e.populations(writing), e.populations(store))
	for _, b := range []graph.Batch{
		batch(graph.Create, at(5), e.devices("fleet", 5)...), batch(graph.Update, at(5), org),
		batch(graph.Refresh, at(5), devices...), batch(graph.Delete, at(5), has...),
	} {
		_, err := store.Apply(e.Context(), b)
		require.ErrorIs(e, err, graph.ErrReadOnly)
	}
	require.ErrorIs(e, store.SaveRun(e.Context(), graph.Run{ID: "1", StartedAt: at(1)}), graph.ErrReadOnly)
	require.ErrorIs(e, store.SaveMemory(e.Context(), "one", nil), graph.ErrReadOnly)
	require.ErrorIs(e, store.SealScopes(e.Context(), graph.Lease{}, nil), graph.ErrReadOnly)
	_, err := store.Acquire(e.Context(), "other", "run-2", longTTL)
	require.ErrorIs(e, err, graph.ErrReadOnly)
	require.ErrorIs(e, store.Renew(e.Context(), lease, longTTL), graph.ErrReadOnly)
	require.ErrorIs(e, store.Release(e.Context(), lease), graph.ErrReadOnly)

	require.Equal(e, before, e.dump(writing))
	require.NoError(e, writing.Renew(e.Context(), lease, longTTL))
	require.Empty(e, e.runs(store, 0))
}

// grown returns the suite's device type with one property more, between those that it has.
func (e *env) grown() *graph.Type {
	own := slices.Clone(e.device.Properties[4:])
	own = slices.Insert(own, 2, graph.Property{Name: "assetTag", Kind: graph.Text})
	return graph.NewEntityType(e.device.Name, e.device.Integration, e.device.Source, e.device.Classes, own...)
}

func schemaGrows(e *env) {
	d := fullDevice(e)
	e.create(e.open(), d)

	device := e.grown()
	license := graph.NewEntityType("fleetmgr_license", "fleetmgr", "made up", []string{"Record"},
		graph.Property{Name: "seats", Kind: graph.Int})
	covers := graph.NewRelationshipType("fleetmgr", "fleetmgr_license", "COVERS", "fleetmgr_device")
	schema := e.declare(e.organization, device, e.deviceX, e.machine, license, e.has, e.hosts, e.is, covers)
	store := e.openAs(schema, false)

	got := e.elements(store, graph.Selection{Type: device})
	require.Equal(e, []row{rowAt(d, at(1), at(1))}, got, "what was written before is read by name")
	tagged := graph.NewEntity(device, "fleet", "1")
	e.apply(store, graph.Update, at(2),
		e.sealed(tagged, set{"assetTag": graph.TextOf("A-1"), "hostname": graph.TextOf("pc-1")}))
	l := e.entity(license, "fleet", "1", set{"seats": graph.IntOf(5)})
	e.create(store, l)
	c := e.relationship(covers, "fleet", l.Key, tagged.Key, nil)
	e.create(store, c)
	require.Equal(e, rowAt(tagged, at(1), at(2)), e.element(store, device, tagged.Key))
	require.Equal(e, rowAt(l, at(1), at(1)), e.element(store, license, l.Key))
	require.Equal(e, rowAt(c, at(1), at(1)), e.element(store, covers, c.Key))
	_, rows := e.rows(store, e.suite.Queries.Names)
	require.Len(e, rows, 1)
}

func schemaShrinks(e *env) {
	device := e.grown()
	d := graph.NewEntity(device, "fleet", "1")
	e.create(e.openAs(e.declare(device), false),
		e.sealed(d, set{"assetTag": graph.TextOf("A-1"), "hostname": graph.TextOf("pc-1")}))

	store := e.open()
	got := e.element(store, e.device, d.Key)
	require.NotContains(e, got.values, "assetTag")
	require.Equal(e, "string pc-1", got.values["hostname"])
	e.apply(store, graph.Update, at(2), fullDevice(e))
	require.Equal(e, rowAt(fullDevice(e), at(1), at(2)), e.element(store, e.device, d.Key))
}

func unknownTypes(e *env) {
	e.link(e.open())
	store := e.openAs(e.declare(e.deviceX), false)
	require.Equal(e, map[string]int{"fleet/fleetmgr_device": 2, "fleet/fleetmgr_organization": 1,
		"fleet/fleetmgr_organization_has_device": 2}, e.populations(store))
}
