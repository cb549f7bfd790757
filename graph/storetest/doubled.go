package storetest

import (
	"fmt"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

func doubledTests() []test {
	return []test{
		{"a doubled relationship is read once, looks changed, and becomes one again", doubledRelationship},
		{"a doubled entity is read once, looks changed, and becomes one again", doubledEntity},
		{"a doubled relationship is deleted whole", doubledDeleted},
		{"many doubled ones are each read once", manyDoubled},
	}
}

// looksChanged expects the header of the key to be there once, without a digest.
func (e *env) looksChanged(store graph.Reader, t *graph.Type, key graph.Key) {
	e.Helper()
	n := 0
	for _, h := range e.headers(store, t, "fleet") {
		if h.Key == key {
			require.Zero(e, h.Digest)
			n++
		}
	}
	require.Equal(e, 1, n)
}

func doubledRelationship(e *env) {
	store := e.open()
	_, _, has := e.link(store)
	for range 2 {
		if !e.graph.Double(e.T, has[0].Key) {
			e.Skip("the store forbids it")
		}
	}
	e.looksChanged(store, e.has, has[0].Key)
	require.Equal(e, keys(has), e.headerKeys(store, e.has, "fleet"))
	for _, s := range []graph.Selection{
		{Type: e.has}, {Type: e.has, Keys: keys(has)}, {Type: e.has, Instance: "fleet"},
	} {
		require.Len(e, e.elements(store, s), 2)
	}
	e.apply(store, graph.Update, at(2), has[0])
	require.Equal(e, []graph.Header{has[0].Header(), has[1].Header()}, e.headers(store, e.has, "fleet"))
	require.Equal(e, 2, e.populations(store)["fleet/fleetmgr_organization_has_device"])
	e.graph.SetProperty(e.T, has[0].Key, "remark", "of the only one")
}

func doubledEntity(e *env) {
	store := e.open()
	_, devices, has := e.link(store)
	e.graph.SetProperty(e.T, devices[0].Key, "remark", "theirs")
	if !e.graph.Double(e.T, devices[0].Key) {
		e.Skip("the store forbids it")
	}
	e.looksChanged(store, e.device, devices[0].Key)
	require.Len(e, e.elements(store, graph.Selection{Type: e.device}), 2)
	e.apply(store, graph.Update, at(2), devices[0])
	require.Equal(e, []graph.Header{devices[0].Header(), devices[1].Header()}, e.headers(store, e.device, "fleet"))
	require.Equal(e, "theirs", e.graph.Property(e.T, devices[0].Key, "remark"))
	require.Equal(e, keys(has), e.headerKeys(store, e.has, "fleet"), "what hung on either hangs on the one")
	e.apply(store, graph.Delete, at(3), has...)
	e.apply(store, graph.Delete, at(3), devices...)
	require.Empty(e, e.headers(store, e.device, "fleet"))
}

func doubledDeleted(e *env) {
	store := e.open()
	org, devices, has := e.link(store)
	if !e.graph.Double(e.T, has[0].Key) {
		e.Skip("the store forbids it")
	}
	e.apply(store, graph.Delete, at(2), has...)
	require.Empty(e, e.headers(store, e.has, "fleet"))
	e.apply(store, graph.Delete, at(2), append(devices[:1:1], devices[1])...)
	e.apply(store, graph.Delete, at(2), org)
}

func manyDoubled(e *env) {
	store := e.open()
	org := e.entity(e.organization, "fleet", "1", nil)
	devices := e.devices("fleet", 4200) // more than a page of any store that reads by pages
	e.create(store, org)
	e.create(store, devices...)
	var has []*graph.Element
	for _, d := range devices {
		has = append(has, e.relationship(e.has, "fleet", org.Key, d.Key, nil))
	}
	e.create(store, has...)
	for i := 4090; i < 4100; i++ { // 4096 of them are a page of SQLite's
		if !e.graph.Double(e.T, has[i].Key) {
			e.Skip("the store forbids it")
		}
	}
	require.Equal(e, keys(has), e.headerKeys(store, e.has, "fleet"))
	for i := 4090; i < 4100; i++ {
		e.looksChanged(store, e.has, has[i].Key)
	}
	require.Len(e, e.elements(store, graph.Selection{Type: e.has}), len(has), fmt.Sprint(e.has.Name))
}
