package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

func sealTests() []test {
	return []test{
		{"a seal stays until something of its scope is written", sealStays},
		{"a seal is of one scope and one instance", sealsAreApart},
		{"a former holder seals nothing", sealUnderLease},
		{"a seal that counts another number is none", sealCounts},
		{"clocks come back with headers", clocks},
	}
}

// sealOf returns the seal of a scope as Counts has it, nil for none.
func (e *env) sealOf(store graph.Reader, t *graph.Type, instance string) *graph.Seal {
	e.Helper()
	counts, err := store.Counts(e.Context())
	require.NoError(e, err)
	for _, c := range counts {
		if c.Scope == (graph.Scope{Instance: instance, Type: t.Name}) {
			if seal, ok := c.Sealed(); ok {
				return &seal
			}
		}
	}
	return nil
}

// seal seals a scope with what its headers are.
func (e *env) seal(store graph.Store, l graph.Lease, t *graph.Type, instance string) graph.Seal {
	e.Helper()
	seal := graph.ScopeSeal{Scope: graph.Scope{Instance: instance, Type: t.Name}}
	for _, h := range e.headers(store, t, instance) {
		seal.Sum.Add(h)
		seal.Count++
	}
	require.NoError(e, store.SealScopes(e.Context(), l, []graph.ScopeSeal{seal}))
	return seal.Seal
}

func sealStays(e *env) {
	store := e.open()
	_, devices, has := e.link(store)
	changed := e.sealed(devices[0], set{"hostname": graph.TextOf("new")})
	seen := e.sealed(changed, set{"lastSeenOn": graph.TimeOf(at(9))})
	steps := []struct {
		name  string
		op    graph.Op
		of    *graph.Type
		write []*graph.Element
	}{
		{"create", graph.Create, e.device, []*graph.Element{e.entity(e.device, "fleet", "later", nil)}},
		{"update", graph.Update, e.device, []*graph.Element{changed}},
		{"refresh", graph.Refresh, e.device, []*graph.Element{seen}},
		{"delete relationship", graph.Delete, e.has, has[:1]},
		{"delete what is gone", graph.Delete, e.has, has[:1]},
	}
	for _, s := range steps {
		want := e.seal(store, graph.Lease{}, s.of, "fleet")
		require.Equal(e, &want, e.sealOf(e.open(), s.of, "fleet"), s.name)
		e.apply(store, s.op, at(3), s.write...)
		require.Nil(e, e.sealOf(e.open(), s.of, "fleet"), s.name)
	}
	soft, ok := store.(graph.SoftDeleter)
	if !ok {
		return
	}
	want := e.seal(store, graph.Lease{}, e.device, "fleet")
	require.Equal(e, &want, e.sealOf(store, e.device, "fleet"))
	_, err := soft.SoftDelete(e.Context(),
		graph.Batch{Type: e.device, Instance: "fleet", Elements: devices[1:2], At: at(4)})
	require.NoError(e, err)
	require.Nil(e, e.sealOf(store, e.device, "fleet"))
}

func sealsAreApart(e *env) {
	store := e.open()
	for _, instance := range likeInstances() {
		e.create(store, e.devices(instance, 2)...)
	}
	want := e.seal(store, graph.Lease{}, e.device, "a")
	for _, instance := range likeInstances() {
		if instance != "a" {
			require.Nil(e, e.sealOf(store, e.device, instance), instance)
		}
	}
	e.apply(store, graph.Refresh, at(3), e.devices("aa", 1)...)
	require.Equal(e, &want, e.sealOf(store, e.device, "a"))
}

func sealUnderLease(e *env) {
	store := e.open()
	e.create(store, e.devices("fleet", 2)...)
	former := e.acquire(store, "fleet", "one", time.Minute)
	require.NoError(e, store.Release(e.Context(), former))
	holder := e.acquire(store, "fleet", "two", time.Minute)
	scope := graph.Scope{Instance: "fleet", Type: e.device.Name}
	require.ErrorIs(e, store.SealScopes(e.Context(), former,
		[]graph.ScopeSeal{{Scope: scope, Seal: graph.Seal{Count: 2}}}), graph.ErrLeaseLost)
	require.Nil(e, e.sealOf(store, e.device, "fleet"))
	want := e.seal(store, holder, e.device, "fleet")
	require.Equal(e, &want, e.sealOf(store, e.device, "fleet"))
	batch := graph.Batch{
		Op: graph.Refresh, Type: e.device, Instance: "fleet", Elements: e.devices("fleet", 1), At: at(3), Lease: holder,
	}
	for range 2 { // what one lease has unsealed once is unsealed again when it was sealed in between
		_, err := store.Apply(e.Context(), batch)
		require.NoError(e, err)
		require.Nil(e, e.sealOf(store, e.device, "fleet"))
		e.seal(store, holder, e.device, "fleet")
	}
}

func sealCounts(e *env) {
	store := e.open()
	org, devices, _ := e.link(store)
	for _, s := range []struct {
		of  *graph.Type
		key graph.Key
	}{{e.organization, org.Key}, {e.device, devices[0].Key}} {
		e.seal(store, graph.Lease{}, s.of, "fleet")
		require.NotNil(e, e.sealOf(store, s.of, "fleet"))
		if e.graph.Double(e.T, s.key) {
			require.Nil(e, e.sealOf(store, s.of, "fleet"), s.key)
		}
	}
}

func clocks(e *env) {
	store := e.open()
	d := e.entity(e.device, "fleet", "1", set{"lastSeenOn": graph.TimeOf(at(2)), "active": graph.BoolOf(true)})
	e.create(store, d)
	moved := e.sealed(d, set{"lastSeenOn": graph.TimeOf(at(2).Add(time.Hour))}).Header()
	for _, h := range e.headers(store, e.device, "fleet") {
		require.NotEmpty(e, h.Clock)
		require.True(e, moved.Clock.MovedWithin(h.Clock, time.Hour))
		require.False(e, moved.Clock.MovedWithin(h.Clock, time.Hour-time.Second))
	}
	e.apply(store, graph.Refresh, at(3), d)
	require.Equal(e, []graph.Header{moved}, e.headers(store, e.device, "fleet"))
	flipped := e.sealed(d, set{"active": graph.BoolOf(false)}).Header()
	require.False(e, flipped.Clock.MovedWithin(moved.Clock, time.Hour))
	gone := e.sealed(d, set{"lastSeenOn": graph.Value{}}).Header()
	require.False(e, gone.Clock.MovedWithin(flipped.Clock, 1<<62))
}
