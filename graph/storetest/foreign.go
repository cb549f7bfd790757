package storetest

import (
	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

func foreignTests() []test {
	return []test{
		{"foreign properties survive create, update and refresh", foreignProperties},
		{"foreign properties of relationships survive", foreignRelationshipProperties},
		{"foreign properties are not read", foreignPropertiesUnread},
		{"foreign labels survive create, update and refresh", foreignLabels},
		{"foreign relationships survive, and keep their entity", foreignRelationships},
	}
}

func foreignProperties(e *env) {
	store := e.open()
	devices := e.devices("fleet", 3)
	e.create(store, devices...)
	for _, d := range devices {
		e.graph.SetProperty(e.T, d.Key, "remark", "it's \"theirs\" `ü`")
	}
	bare := e.entity(e.device, "fleet", "000000", nil)
	e.create(store, bare)
	e.apply(store, graph.Update, at(2), bare)
	e.apply(store, graph.Refresh, at(3), bare)
	e.apply(store, graph.Delete, at(4), devices[1])
	for _, d := range []*graph.Element{devices[0], devices[2]} {
		require.Equal(e, "it's \"theirs\" `ü`", e.graph.Property(e.T, d.Key, "remark"))
	}
}

func foreignRelationshipProperties(e *env) {
	store := e.open()
	_, _, has := e.link(store)
	e.graph.SetProperty(e.T, has[0].Key, "remark", "theirs")
	e.create(store, has...)
	e.apply(store, graph.Update, at(2), has...)
	e.apply(store, graph.Refresh, at(3), has...)
	require.Equal(e, "theirs", e.graph.Property(e.T, has[0].Key, "remark"))
	require.Empty(e, e.graph.Property(e.T, has[1].Key, "remark"))
}

func foreignPropertiesUnread(e *env) {
	store := e.open()
	d := fullDevice(e)
	e.create(store, d)
	e.graph.SetProperty(e.T, d.Key, "remark", "theirs")
	e.graph.SetProperty(e.T, d.Key, "aaa", "first")
	require.Equal(e, []row{rowAt(d, at(1), at(1))}, e.dump(store))
	require.Equal(e, []graph.Header{d.Header()}, e.headers(store, e.device, "fleet"))
}

func foreignLabels(e *env) {
	store := e.open()
	_, devices, _ := e.link(store)
	if !e.graph.SetLabel(e.T, devices[0].Key, "Critical") {
		e.Skip("the store has no labels")
	}
	e.create(store, devices...)
	e.apply(store, graph.Update, at(2), devices...)
	e.apply(store, graph.Refresh, at(3), devices...)
	require.True(e, e.graph.HasLabel(e.T, devices[0].Key, "Critical"))
	require.False(e, e.graph.HasLabel(e.T, devices[1].Key, "Critical"))
}

func foreignRelationships(e *env) {
	store := e.open()
	devices := e.devices("fleet", 3)
	e.create(store, devices...)
	if !e.graph.Relate(e.T, devices[0].Key) {
		e.Skip("the store has no foreign relationships")
	}
	require.Equal(e, map[string]int{"fleet/fleetmgr_device": 3}, e.populations(store),
		"what others wrote is not counted")
	e.create(store, devices...)
	e.apply(store, graph.Update, at(2), devices...)
	e.apply(store, graph.Refresh, at(3), devices...)
	require.True(e, e.graph.Related(e.T, devices[0].Key))
	applied, err := store.Apply(e.Context(), batch(graph.Delete, at(4), devices...))
	require.NoError(e, err)
	require.Equal(e, []graph.Key{devices[0].Key}, applied.Kept)
	require.True(e, e.graph.Related(e.T, devices[0].Key))
	require.Equal(e, []graph.Key{devices[0].Key}, e.headerKeys(store, e.device, "fleet"))
}
