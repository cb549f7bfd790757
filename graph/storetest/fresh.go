package storetest

import (
	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

func freshTests() []test {
	return []test{
		{"a fresh batch gives what any other gives", freshIsTheSame},
		{"a fresh batch handed over again as any other changes nothing", freshRepeated},
		{"a fresh batch reports missing ends", freshMissingEnds},
		{"a fresh batch under a lost lease writes nothing", freshUnderLostLease},
		{"a fresh batch without a lease makes no twins", freshWithoutLease},
	}
}

// createFresh applies the elements under the lease as the first of their scope.
func (e *env) createFresh(store graph.Store, l graph.Lease, elements ...*graph.Element) graph.Applied {
	e.Helper()
	b := batch(graph.Create, at(1), elements...)
	b.Lease, b.Fresh = l, true
	applied, err := store.Apply(e.Context(), b)
	require.NoError(e, err)
	return applied
}

// firstLoad creates some hundreds of elements as a first run does, and returns all of them.
func (e *env) firstLoad(store graph.Store) (org *graph.Element, devices, has []*graph.Element) {
	e.Helper()
	lease := e.acquire(store, "fleet", "run-1", longTTL)
	org, devices = e.entity(e.organization, "fleet", "1", nil), e.devices("fleet", 1300)
	for _, d := range devices {
		has = append(has, e.relationship(e.has, "fleet", org.Key, d.Key, nil))
	}
	for _, elements := range [][]*graph.Element{{org}, devices, has} {
		require.Equal(e, graph.Applied{Written: len(elements)}, e.createFresh(store, lease, elements...))
	}
	return org, devices, has
}

func freshIsTheSame(e *env) {
	store := e.open()
	org, devices, has := e.firstLoad(store)
	var want []row
	for _, elements := range [][]*graph.Element{{org}, devices, has} {
		for _, el := range elements {
			want = append(want, rowAt(el, at(1), at(1)))
		}
	}
	require.Equal(e, want, e.dump(store))
	if e.graph.SetLabel(e.T, org.Key, "Seen") {
		require.True(e, e.graph.HasLabel(e.T, org.Key, "Organization"), "labels are those of the type")
	}
}

func freshRepeated(e *env) {
	store := e.open()
	org, devices, has := e.firstLoad(store)
	before := e.dump(store)
	e.create(store, org)
	e.create(store, devices...)
	e.create(store, has...)
	require.Equal(e, before, e.dump(store))
	e.apply(store, graph.Delete, at(2), has...)
	e.apply(store, graph.Delete, at(2), devices...)
	require.Equal(e, []row{rowAt(org, at(1), at(1))}, e.dump(store))
}

func freshMissingEnds(e *env) {
	store := e.open()
	lease := e.acquire(store, "fleet", "run-1", longTTL)
	org := e.entity(e.organization, "fleet", "1", nil)
	e.createFresh(store, lease, org)
	lost := e.relationship(e.has, "fleet", org.Key, graph.EntityKey("fleet", "fleetmgr_device", "404"), nil)
	require.Equal(e, graph.Applied{Missing: []graph.Key{lost.Key}}, e.createFresh(store, lease, lost))
	require.Empty(e, e.headers(store, e.has, "fleet"))
}

func freshUnderLostLease(e *env) {
	store := e.open()
	former := e.acquire(store, "fleet", "run-1", shortTTL)
	e.takeOver(store, "fleet", "run-2")
	b := batch(graph.Create, at(1), e.devices("fleet", 300)...)
	b.Lease, b.Fresh = former, true
	_, err := store.Apply(e.Context(), b)
	require.ErrorIs(e, err, graph.ErrLeaseLost)
	require.Empty(e, e.dump(store))
}

func freshWithoutLease(e *env) {
	store := e.open()
	org, devices, has := e.link(store)
	e.createFresh(store, graph.Lease{}, org)
	e.createFresh(store, graph.Lease{}, devices...)
	e.createFresh(store, graph.Lease{}, has...)
	require.Equal(e, map[string]int{"fleet/fleetmgr_device": 2, "fleet/fleetmgr_organization": 1,
		"fleet/fleetmgr_organization_has_device": 2}, e.populations(store))
}
