package storetest

import (
	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

func writeTests() []test {
	return []test{
		{"create twice is one element that keeps _createdOn", createTwice},
		{"create of what exists removes properties that vanished", createReplaces},
		{"update changes what differs and _updatedOn alone", updateKeepsCreatedOn},
		{"update removes properties that vanished", updateRemoves},
		{"update of what is missing writes it whole", updateOfMissing},
		{"update of one element leaves its neighbours alone", updateLeavesNeighbours},
		{"refresh writes volatile properties alone and keeps _updatedOn", refreshWritesVolatile},
		{"refresh removes volatile properties that vanished", refreshRemoves},
		{"refresh of what is missing creates nothing", refreshOfMissing},
		{"refresh of a relationship", refreshRelationship},
		{"delete removes exactly the named ones", deleteNamed},
		{"delete of what is gone is done", deleteMissing},
		{"the order of elements within a batch does not matter", unorderedBatch},
		{"an empty batch does nothing", emptyBatch},
	}
}

func fullDevice(e *env) *graph.Element {
	return e.entity(e.device, "fleet", "1", set{
		"hostname": graph.TextOf("pc-1"), "memoryBytes": graph.IntOf(8), "isVirtual": graph.BoolOf(true),
		"createdOn":    graph.TimeOf(at(0)),
		"macAddresses": graph.TextsOf("a", "b"), "active": graph.BoolOf(true), "lastSeenOn": graph.TimeOf(at(0)),
		"webLink": graph.TextOf("https://x"),
	})
}

func createTwice(e *env) {
	store := e.open()
	d := fullDevice(e)
	e.create(store, d)
	e.create(store, d)
	require.Equal(e, []row{rowAt(d, at(1), at(1))}, e.dump(store))
	e.apply(store, graph.Create, at(2), d)
	require.Equal(e, []row{rowAt(d, at(1), at(2))}, e.dump(store))
}

func createReplaces(e *env) {
	store := e.open()
	e.create(store, fullDevice(e))
	bare := e.entity(e.device, "fleet", "1", nil)
	e.apply(store, graph.Create, at(2), bare)
	require.Equal(e, []row{rowAt(bare, at(1), at(2))}, e.dump(store))
}

func updateKeepsCreatedOn(e *env) {
	store := e.open()
	d := fullDevice(e)
	e.create(store, d)
	d.Set("hostname", graph.TextOf("pc-2"))
	e.sealed(d, nil)
	e.apply(store, graph.Update, at(2), d)
	require.Equal(e, []row{rowAt(d, at(1), at(2))}, e.dump(store))
	e.apply(store, graph.Update, at(2), d)
	require.Equal(e, []row{rowAt(d, at(1), at(2))}, e.dump(store))
}

func updateRemoves(e *env) {
	store := e.open()
	e.create(store, fullDevice(e))
	bare := e.entity(e.device, "fleet", "1", set{"isVirtual": graph.BoolOf(false)})
	e.apply(store, graph.Update, at(2), bare)
	require.Equal(e, []row{rowAt(bare, at(1), at(2))}, e.dump(store))
}

func updateOfMissing(e *env) {
	store := e.open()
	d := fullDevice(e)
	e.apply(store, graph.Update, at(2), d)
	require.Equal(e, []row{rowAt(d, at(2), at(2))}, e.dump(store))
}

func updateLeavesNeighbours(e *env) {
	store := e.open()
	_, devices, _ := e.link(store)
	before := e.dump(store)
	d := e.entity(e.device, "fleet", "000000", set{"hostname": graph.TextOf("new")})
	e.apply(store, graph.Update, at(2), d)
	after := e.dump(store)
	require.Len(e, after, len(before))
	for i := range after {
		if after[i].key != devices[0].Key {
			require.Equal(e, before[i], after[i])
		}
	}
	require.Equal(e, rowAt(d, at(1), at(2)), e.element(store, e.device, d.Key))
}

// refreshed returns what a refresh of stored with the values of fresh must give: volatile ones of fresh, all others of
// stored.
func refreshed(stored, fresh *graph.Element) row {
	r, f := rowAt(stored, at(1), at(1)), rowOf(fresh)
	r.volatile = fresh.Volatile
	for _, p := range stored.Type.Properties {
		if !p.Volatile {
			continue
		}
		delete(r.values, p.Name)
		if v, ok := f.values[p.Name]; ok {
			r.values[p.Name] = v
		}
	}
	return r
}

func refreshWritesVolatile(e *env) {
	store := e.open()
	d := fullDevice(e)
	e.create(store, d)
	fresh := e.entity(e.device, "fleet", "1",
		set{
			"hostname": graph.TextOf("must not be written"), "active": graph.BoolOf(false),
			"lastSeenOn": graph.TimeOf(at(9)),
		})
	e.apply(store, graph.Refresh, at(9), fresh)
	require.Equal(e, []row{refreshed(d, fresh)}, e.dump(store))
	want := fresh.Header()
	want.Digest = d.Digest
	require.Equal(e, []graph.Header{want}, e.headers(store, e.device, "fleet"))

}

func refreshRemoves(e *env) {
	store := e.open()
	d := fullDevice(e)
	e.create(store, d)
	fresh := e.entity(e.device, "fleet", "1", set{"active": graph.BoolOf(true)})
	e.apply(store, graph.Refresh, at(9), fresh)
	got := e.dump(store)
	require.Equal(e, []row{refreshed(d, fresh)}, got)
	require.NotContains(e, got[0].values, "lastSeenOn")
}

func refreshOfMissing(e *env) {
	store := e.open()
	_, err := store.Apply(e.Context(), batch(graph.Refresh, at(2), fullDevice(e)))
	require.NoError(e, err)
	require.Empty(e, e.dump(store))
}

func refreshRelationship(e *env) {
	store := e.open()
	devices := e.devices("fleet", 2)
	e.create(store, devices...)
	r := e.relationship(e.hosts, "fleet", devices[0].Key, devices[1].Key, set{"lastSeenOn": graph.TimeOf(at(0))})
	e.create(store, r)
	fresh := e.relationship(e.hosts, "fleet", devices[0].Key, devices[1].Key, set{"lastSeenOn": graph.TimeOf(at(5))})
	e.apply(store, graph.Refresh, at(9), fresh)
	require.Equal(e, rowAt(fresh, at(1), at(1)), e.element(store, e.hosts, r.Key))
}

func deleteNamed(e *env) {
	store := e.open()
	devices := e.devices("fleet", 5)
	e.create(store, devices...)
	e.apply(store, graph.Delete, at(2), devices[1], devices[3])
	require.Equal(e, []graph.Key{devices[0].Key, devices[2].Key, devices[4].Key},
		e.headerKeys(store, e.device, "fleet"))
}

func deleteMissing(e *env) {
	store := e.open()
	org, devices, has := e.link(store)
	e.apply(store, graph.Delete, at(2), has...)
	e.apply(store, graph.Delete, at(2), has...)
	e.apply(store, graph.Delete, at(2), devices...)
	e.apply(store, graph.Delete, at(2), devices...)
	e.apply(store, graph.Delete, at(2), e.entity(e.machine, "never", "was", nil))
	require.Equal(e, []row{rowAt(org, at(1), at(1))}, e.dump(store))
}

func unorderedBatch(e *env) {
	store := e.open()
	devices := e.devices("fleet", 6)
	e.create(store, devices[4], devices[1])
	e.create(store, devices[5], devices[4], devices[0], devices[3], devices[1], devices[2])
	require.Equal(e, keys(devices), e.headerKeys(store, e.device, "fleet"))
	e.apply(store, graph.Update, at(2), devices[3], devices[0])
	e.apply(store, graph.Refresh, at(2), devices[3], devices[0])
	e.apply(store, graph.Delete, at(2), devices[5], devices[0], devices[2])
	require.Equal(e, []graph.Key{devices[1].Key, devices[3].Key, devices[4].Key},
		e.headerKeys(store, e.device, "fleet"))
}

func emptyBatch(e *env) {
	store := e.open()
	for _, op := range []graph.Op{graph.Create, graph.Update, graph.Refresh, graph.Delete} {
		applied, err := store.Apply(e.Context(), graph.Batch{Op: op, Type: e.device, Instance: "fleet", At: at(1)})
		require.NoError(e, err)
		require.Zero(e, applied.Written)
	}
	require.Empty(e, e.dump(store))
}
