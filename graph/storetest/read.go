package storetest

import (
	"fmt"
	"slices"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

func readTests() []test {
	return []test{
		{"an empty graph reads as empty", emptyGraph},
		{"keys are ordered byte by byte", byteOrder},
		{"headers hold the digests that were written", headerDigests},
		{"headers of one scope show no other scope", scopesAreApart},
		{"headers of relationships show no other scope", relationshipScopesAreApart},
		{"elements are selected by instance and by key", selections},
		{"thousands of keys in one selection", manyKeys},
		{"ten thousand rows come back complete and in order", manyRows},
		{"a reader may stop early and start again", stopEarly},
		{"an element is read into memory of its own only until the next", reuse},
	}
}

func emptyGraph(e *env) {
	store := e.open()
	require.Empty(e, e.populations(store))
	for _, t := range e.schema.Types() {
		require.Empty(e, e.headers(store, t, "fleet"))
		require.Empty(e, e.elements(store, graph.Selection{Type: t}))
		require.Empty(e, e.elements(store, graph.Selection{Type: t, Keys: []graph.Key{"fleet:x:1"}}))
	}
	runs, err := store.Runs(e.Context(), 0)
	require.NoError(e, err)
	require.Empty(e, runs)
}

func byteOrder(e *env) {
	store := e.open()
	var devices []*graph.Element
	for _, id := range []string{
		"a", "B", "b", "A", "1", "10", "2", "~", "-", "_", ".", "@", "+", "=", "é", "ä", "aa", "aB", "ab", "a-b", "a b",
		"Z", "z", "0",
	} {
		devices = append(devices, e.entity(e.device, "fleet", id, nil))
	}
	e.create(store, devices...)
	require.Equal(e, slices.Sorted(slices.Values(keys(devices))), e.headerKeys(store, e.device, "fleet"))
	require.Len(e, e.elements(store, graph.Selection{Type: e.device}), len(devices))
}

func headerDigests(e *env) {
	store := e.open()
	org, devices, has := e.link(store)
	require.Equal(e, []graph.Header{org.Header()}, e.headers(store, e.organization, "fleet"))
	require.Equal(e, []graph.Header{devices[0].Header(), devices[1].Header()}, e.headers(store, e.device, "fleet"))
	require.Equal(e, []graph.Header{has[0].Header(), has[1].Header()}, e.headers(store, e.has, "fleet"))
	d := e.sealed(devices[1], set{"hostname": graph.TextOf("new"), "active": graph.BoolOf(true)})
	e.apply(store, graph.Update, at(2), d)
	require.Equal(e, []graph.Header{devices[0].Header(), d.Header()}, e.headers(store, e.device, "fleet"))
}

// Names of instances that a careless prefix or separator takes for one another.
func likeInstances() []string {
	return []string{"a", "a-b", "a.b", "a%", "a_", "aa", "A", "ab", "b"}
}

func scopesAreApart(e *env) {
	store := e.open()
	want := map[string]int{}
	for i, instance := range likeInstances() {
		for _, t := range []*graph.Type{e.device, e.deviceX, e.machine} {
			var list []*graph.Element
			for n := range i + 1 {
				list = append(list, e.entity(t, instance, fmt.Sprint(n), nil))
			}
			e.create(store, list...)
			want[instance+"/"+t.Name] = len(list)
		}
	}
	require.Equal(e, want, e.populations(store))
	for _, instance := range likeInstances() {
		for _, t := range []*graph.Type{e.device, e.deviceX, e.machine} {
			require.Len(e, e.headers(store, t, instance), want[instance+"/"+t.Name], "%s/%s", instance, t.Name)
			for _, r := range e.elements(store, graph.Selection{Type: t, Instance: instance}) {
				require.Equal(e, instance, r.instance)
				require.Equal(e, t.Name, r.typ)
			}
		}
	}
	require.Empty(e, e.headers(store, e.device, "a-"))
	require.Empty(e, e.headers(store, e.organization, "a"))
}

func relationshipScopesAreApart(e *env) {
	store := e.open()
	want := map[string]int{}
	for _, instance := range likeInstances() {
		d, o := e.entity(e.device, instance, "1", nil), e.entity(e.organization, instance, "1", nil)
		e.create(store, d)
		e.create(store, o)
		e.create(store, e.relationship(e.has, instance, o.Key, d.Key, nil))
		e.create(store, e.relationship(e.hosts, instance, d.Key, d.Key, nil))
		for _, t := range []*graph.Type{e.device, e.organization, e.has, e.hosts} {
			want[instance+"/"+t.Name] = 1
		}
	}
	require.Equal(e, want, e.populations(store))
	for _, instance := range likeInstances() {
		require.Len(e, e.headers(store, e.has, instance), 1, instance)
		require.Len(e, e.elements(store, graph.Selection{Type: e.hosts, Instance: instance}), 1, instance)
	}
	require.Len(e, e.elements(store, graph.Selection{Type: e.has}), len(likeInstances()))
}

func selections(e *env) {
	store := e.open()
	one, two := e.devices("one", 4), e.devices("two", 4)
	e.create(store, one...)
	e.create(store, two...)
	selected := func(s graph.Selection) (out []graph.Key) {
		s.Type = e.device
		for _, r := range e.elements(store, s) {
			out = append(out, r.key)
		}
		return out
	}
	require.Equal(e, append(keys(one), keys(two)...), selected(graph.Selection{}))
	require.Equal(e, keys(two), selected(graph.Selection{Instance: "two"}))
	some := []graph.Key{two[2].Key, one[3].Key, "one:fleetmgr_device:404", one[1].Key}
	require.Equal(e, []graph.Key{one[1].Key, one[3].Key, two[2].Key}, selected(graph.Selection{Keys: some}))
	require.Equal(e, []graph.Key{one[1].Key, one[3].Key}, selected(graph.Selection{Instance: "one", Keys: some}))
	require.Empty(e, selected(graph.Selection{Keys: []graph.Key{}}), "no keys are not all keys")
	require.Equal(e, []graph.Key{"one:fleetmgr_device:404", one[1].Key}, some[2:], "the selection stays as it was")
	require.Empty(e, e.elements(store, graph.Selection{Type: e.deviceX, Keys: keys(one)}), "keys of another type")
}

func manyKeys(e *env) {
	store := e.open()
	devices := e.devices("fleet", 3000)
	e.create(store, devices...)
	selected := keys(devices)
	for i := range 3000 {
		selected = append(selected, graph.Key(fmt.Sprintf("fleet:fleetmgr_device:9%06d", i)))
	}
	slices.Reverse(selected)
	require.Len(e, e.elements(store, graph.Selection{Type: e.device, Keys: selected}), len(devices))
}

const many = 10_000

func manyRows(e *env) {
	store := e.open()
	devices := e.devices("fleet", many)
	for part := range slices.Chunk(devices, 2500) {
		e.create(store, part...)
	}
	want := make([]graph.Header, many)
	for i, d := range devices {
		want[i] = d.Header()
	}
	require.True(e, slices.Equal(want, e.headers(store, e.device, "fleet")))
	got := e.elements(store, graph.Selection{Type: e.device})
	require.Len(e, got, many)
	require.Equal(e, rowAt(devices[many-1], at(1), at(1)), got[many-1])
	require.Equal(e, map[string]int{"fleet/fleetmgr_device": many}, e.populations(store))
}

func stopEarly(e *env) {
	store := e.open()
	e.create(store, e.devices("fleet", 50)...)
	for range 20 {
		for _, err := range store.Headers(e.Context(), e.device, "fleet") {
			require.NoError(e, err)
			break
		}
		for _, err := range store.Elements(e.Context(), graph.Selection{Type: e.device}) {
			require.NoError(e, err)
			break
		}
	}
	require.Len(e, e.headers(store, e.device, "fleet"), 50)
	e.apply(store, graph.Delete, at(2), e.devices("fleet", 50)...)
}

func reuse(e *env) {
	store := e.open()
	full, bare := fullDevice(e), e.entity(e.device, "fleet", "2", nil)
	e.create(store, full, bare)
	var kept []map[string]string
	for st, err := range store.Elements(e.Context(), graph.Selection{Type: e.device}) {
		require.NoError(e, err)
		kept = append(kept, rowOf(st.Element).values)
	}
	require.Equal(e, []map[string]string{rowOf(full).values, rowOf(bare).values}, kept,
		"nothing of one element is left in the next")
}
