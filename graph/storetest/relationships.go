package storetest

import (
	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

func relationshipTests() []test {
	return []test{
		{"ends come back with their relationship", endsComeBack},
		{"a missing end keeps back its relationship alone", missingEnds},
		{"update with a missing end is reported too", missingEndOnUpdate},
		{"ends may belong to other instances", endsOfOtherInstances},
		{"relationships of one pair and different verbs are different", verbsDiffer},
		{"a relationship may lead back to where it comes from", selfRelationship},
		{"an entity with relationships is kept and reported", keptEntity},
		{"an entity goes once its relationships are gone", keptUntilFree},
		{"delete needs nothing but keys", deleteByKeys},
		{"one node with thousands of relationships", denseNode},
	}
}

func endsComeBack(e *env) {
	store := e.open()
	org, devices, has := e.link(store)
	got := e.elements(store, graph.Selection{Type: e.has})
	require.Equal(e, []row{rowAt(has[0], at(1), at(1)), rowAt(has[1], at(1), at(1))}, got)
	require.Equal(e, org.Key, got[0].from)
	require.Equal(e, devices[0].Key, got[0].to)
}

func missingEnds(e *env) {
	store := e.open()
	org, devices, _ := e.link(store)
	noOrg, noDevice := graph.EntityKey("fleet", "fleetmgr_organization", "404"), graph.EntityKey("fleet",
		"fleetmgr_device", "404")
	noFrom := e.relationship(e.has, "fleet", noOrg, devices[0].Key, nil)
	noTo := e.relationship(e.has, "fleet", org.Key, noDevice, nil)
	neither := e.relationship(e.has, "fleet", noOrg, noDevice, nil)
	good := e.relationship(e.has, "fleet", org.Key, devices[1].Key, nil)
	e.apply(store, graph.Delete, at(2), good)

	applied, err := store.Apply(e.Context(), batch(graph.Create, at(3), noFrom, good, noTo, neither))
	require.NoError(e, err)
	require.ElementsMatch(e, keys([]*graph.Element{noFrom, noTo, neither}), applied.Missing)
	require.Empty(e, applied.Kept)
	require.Equal(e, 1, applied.Written)
	require.Equal(e, rowAt(good, at(3), at(3)), e.element(store, e.has, good.Key))
	require.Len(e, e.headers(store, e.has, "fleet"), 2)
	require.Equal(e, map[string]int{"fleet/fleetmgr_device": 2, "fleet/fleetmgr_organization": 1,
		"fleet/fleetmgr_organization_has_device": 2}, e.populations(store), "no end was made up")
}

func missingEndOnUpdate(e *env) {
	store := e.open()
	org, _, _ := e.link(store)
	r := e.relationship(e.has, "fleet", org.Key, graph.EntityKey("fleet", "fleetmgr_device", "404"), nil)
	applied, err := store.Apply(e.Context(), batch(graph.Update, at(3), r))
	require.NoError(e, err)
	require.Equal(e, []graph.Key{r.Key}, applied.Missing)
	require.Zero(e, applied.Written)
}

func endsOfOtherInstances(e *env) {
	store := e.open()
	_, devices, _ := e.link(store)
	m := e.entity(e.machine, "assetgraph", "serial-1", nil)
	e.create(store, m)
	r := e.relationship(e.is, "assetgraph", devices[0].Key, m.Key, nil)
	e.create(store, r)
	require.Equal(e, []graph.Key{r.Key}, e.headerKeys(store, e.is, "assetgraph"))
	require.Empty(e, e.headers(store, e.is, "fleet"), "owned by the instance that wrote it, not by its ends'")
	require.Len(e, e.elements(store, graph.Selection{Type: e.is, Instance: "assetgraph"}), 1)
}

func verbsDiffer(e *env) {
	store := e.open()
	devices := e.devices("fleet", 2)
	e.create(store, devices...)
	ab := e.relationship(e.hosts, "fleet", devices[0].Key, devices[1].Key, nil)
	ba := e.relationship(e.hosts, "fleet", devices[1].Key, devices[0].Key, nil)
	e.create(store, ab, ba)
	e.create(store, ab, ba)
	require.Equal(e, []graph.Key{ab.Key, ba.Key}, e.headerKeys(store, e.hosts, "fleet"))
	e.apply(store, graph.Delete, at(2), ab)
	require.Equal(e, []graph.Key{ba.Key}, e.headerKeys(store, e.hosts, "fleet"))
	require.Empty(e, e.headers(store, e.has, "fleet"))
}

func selfRelationship(e *env) {
	store := e.open()
	d := e.devices("fleet", 1)[0]
	e.create(store, d)
	r := e.relationship(e.hosts, "fleet", d.Key, d.Key, nil)
	e.create(store, r)
	require.Equal(e, rowAt(r, at(1), at(1)), e.element(store, e.hosts, r.Key))
	applied, err := store.Apply(e.Context(), batch(graph.Delete, at(2), d))
	require.NoError(e, err)
	require.Equal(e, []graph.Key{d.Key}, applied.Kept)
}

func keptEntity(e *env) {
	store := e.open()
	org, devices, has := e.link(store)
	before := e.dump(store)
	e.apply(store, graph.Delete, at(2), has[1])

	applied, err := store.Apply(e.Context(), batch(graph.Delete, at(2), devices...))
	require.NoError(e, err)
	require.Equal(e, []graph.Key{devices[0].Key}, applied.Kept, "the end of a relationship")
	require.Equal(e, 1, applied.Written)
	applied, err = store.Apply(e.Context(), batch(graph.Delete, at(2), org))
	require.NoError(e, err)
	require.Equal(e, []graph.Key{org.Key}, applied.Kept, "the start of a relationship")
	require.Zero(e, applied.Written)
	require.Equal(e, append(before[:2:2], before[3]), e.dump(store), "what is kept is as it was")
}

func keptUntilFree(e *env) {
	store := e.open()
	org, devices, has := e.link(store)
	e.apply(store, graph.Delete, at(2), has...)
	e.apply(store, graph.Delete, at(2), devices...)
	e.apply(store, graph.Delete, at(2), org)
	require.Empty(e, e.dump(store))
	require.Empty(e, e.populations(store))
}

func deleteByKeys(e *env) {
	store := e.open()
	org, devices, has := e.link(store)
	bare := graph.Batch{Op: graph.Delete, Type: e.has, Instance: "fleet", At: at(2)}
	for _, r := range has {
		bare.Elements = append(bare.Elements, &graph.Element{Key: r.Key, From: r.From, To: r.To})
	}
	applied, err := store.Apply(e.Context(), bare)
	require.NoError(e, err)
	require.Equal(e, graph.Applied{Written: 2}, applied)
	bare = graph.Batch{
		Op: graph.Delete, Type: e.device, Instance: "fleet", Elements: []*graph.Element{{Key: devices[1].Key}},
		At: at(2),
	}
	applied, err = store.Apply(e.Context(), bare)
	require.NoError(e, err)
	require.Equal(e, graph.Applied{Written: 1}, applied)
	require.Equal(e, []row{rowAt(org, at(1), at(1)), rowAt(devices[0], at(1), at(1))}, e.dump(store))
}

func denseNode(e *env) {
	store := e.open()
	org := e.entity(e.organization, "fleet", "1", nil)
	devices := e.devices("fleet", 3000)
	e.create(store, org)
	e.create(store, devices...)
	has := make([]*graph.Element, len(devices))
	for i, d := range devices {
		has[i] = e.relationship(e.has, "fleet", org.Key, d.Key, nil)
	}
	e.create(store, has...)
	require.Equal(e, keys(has), e.headerKeys(store, e.has, "fleet"))
	applied, err := store.Apply(e.Context(), batch(graph.Delete, at(2), org))
	require.NoError(e, err)
	require.Equal(e, []graph.Key{org.Key}, applied.Kept)
	e.apply(store, graph.Delete, at(2), has...)
	e.apply(store, graph.Delete, at(2), org)
}
