package storetest

import (
	"errors"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

func leaseTests() []test {
	return []test{
		{"a held lease names its holder and age", heldLease},
		{"a released lease is free and its epoch grows", releasedLease},
		{"a lease that ran out goes to the next and the former holder has lost it", expiredLease},
		{"renewing keeps a lease beyond its first ttl", renewedLease},
		{"a lease that ran out may be renewed while nobody took it", lateRenewal},
		{"leases of different instances are independent", independentLeases},
		{"apply under a lease writes, under a lost one nothing", applyUnderLease},
		{"apply under a released lease writes nothing", applyAfterRelease},
		{"leases hold across stores", leasesAcrossStores},
		{"leases are no part of the data", leasesAreNoData},
		{"a lease that ends later than any can is not believed", unbelievable},
		{"a lease can't be longer than the longest", longestLease},
		{"held leases are listed, and can be broken", brokenLease},
	}
}

const (
	longTTL  = time.Hour
	shortTTL = 200 * time.Millisecond
)

func (e *env) acquire(store graph.Leaser, instance, holder string, ttl time.Duration) graph.Lease {
	e.Helper()
	lease, err := store.Acquire(e.Context(), instance, holder, ttl)
	require.NoError(e, err)
	require.Equal(e, instance, lease.Instance)
	require.Equal(e, holder, lease.Holder)
	return lease
}

// held expects err to say that another holder has the lease.
func (e *env) held(err error) *graph.HeldError {
	e.Helper()
	held, ok := errors.AsType[*graph.HeldError](err)
	require.True(e, ok, "%v", err)
	return held
}

// takeOver waits until the lease of another holder has run out, and takes it.
func (e *env) takeOver(store graph.Leaser, instance, holder string) graph.Lease {
	e.Helper()
	for {
		lease, err := store.Acquire(e.Context(), instance, holder, longTTL)
		if err == nil {
			return lease
		}
		_ = e.held(err)
		time.Sleep(shortTTL / 10)
	}
}

func heldLease(e *env) {
	store := e.open()
	e.acquire(store, "fleet", "run-1", longTTL)
	_, err := store.Acquire(e.Context(), "fleet", "run-2", longTTL)
	held := e.held(err)
	require.Equal(e, "fleet", held.Instance)
	require.Equal(e, "run-1", held.Holder)
	require.GreaterOrEqual(e, held.Age, time.Duration(0))
	require.Less(e, held.Age, longTTL)
	require.Greater(e, held.Expires, time.Duration(0))
	require.LessOrEqual(e, held.Expires, longTTL)
}

func releasedLease(e *env) {
	store := e.open()
	first := e.acquire(store, "fleet", "run-1", longTTL)
	require.NoError(e, store.Release(e.Context(), first))
	second := e.acquire(store, "fleet", "run-2", longTTL)
	require.Greater(e, second.Epoch, first.Epoch)
	require.NoError(e, store.Release(e.Context(), first), "releasing what was lost is no error")
	_, err := store.Acquire(e.Context(), "fleet", "run-3", longTTL)
	_ = e.held(err)
	require.ErrorIs(e, store.Renew(e.Context(), first, longTTL), graph.ErrLeaseLost)
	require.NoError(e, store.Release(e.Context(), second))
	require.NoError(e, store.Release(e.Context(), second))
	require.Greater(e, e.acquire(store, "fleet", "run-1", longTTL).Epoch, second.Epoch)
}

func expiredLease(e *env) {
	store := e.open()
	first := e.acquire(store, "fleet", "run-1", shortTTL)
	second := e.takeOver(store, "fleet", "run-2")
	require.Greater(e, second.Epoch, first.Epoch)
	require.ErrorIs(e, store.Renew(e.Context(), first, longTTL), graph.ErrLeaseLost)
	require.NoError(e, store.Release(e.Context(), first))
	require.NoError(e, store.Renew(e.Context(), second, longTTL), "and the second one holds it still")
}

func renewedLease(e *env) {
	store := e.open()
	lease := e.acquire(store, "fleet", "run-1", shortTTL)
	require.NoError(e, store.Renew(e.Context(), lease, longTTL))
	time.Sleep(2 * shortTTL)
	_, err := store.Acquire(e.Context(), "fleet", "run-2", longTTL)
	_ = e.held(err)
}

func lateRenewal(e *env) {
	store := e.open()
	lease := e.acquire(store, "fleet", "run-1", time.Millisecond)
	time.Sleep(50 * time.Millisecond)
	require.NoError(e, store.Renew(e.Context(), lease, longTTL))
	_, err := store.Acquire(e.Context(), "fleet", "run-2", longTTL)
	_ = e.held(err)
}

func independentLeases(e *env) {
	store := e.open()
	one := e.acquire(store, "one", "run-1", longTTL)
	two := e.acquire(store, "two", "run-2", longTTL)
	require.NoError(e, store.Release(e.Context(), one))
	require.NoError(e, store.Renew(e.Context(), two, longTTL))
	e.acquire(store, "one", "run-3", longTTL)
}

func applyUnderLease(e *env) {
	store := e.open()
	lease := e.acquire(store, "fleet", "run-1", longTTL)
	org, devices, has := e.link(store)
	under := func(lease graph.Lease, op graph.Op, elements ...*graph.Element) error {
		b := batch(op, at(2), elements...)
		b.Lease = lease
		_, err := store.Apply(e.Context(), b)
		return err
	}
	require.NoError(e, under(lease, graph.Update, org))

	before := e.dump(store)
	lost := lease
	lost.Epoch--
	require.ErrorIs(e, under(lost, graph.Create, e.devices("fleet", 9)...), graph.ErrLeaseLost, "another epoch")
	lost = lease
	lost.Holder = "run-2"
	require.ErrorIs(e, under(lost, graph.Update, devices...), graph.ErrLeaseLost, "another holder")
	lost = graph.Lease{Instance: "never", Holder: "run-1", Epoch: 1}
	require.ErrorIs(e, under(lost, graph.Delete, has...), graph.ErrLeaseLost, "a lease that nobody took")
	d := e.sealed(devices[0], set{"active": graph.BoolOf(true)})
	require.ErrorIs(e, under(lost, graph.Refresh, d), graph.ErrLeaseLost)
	require.Equal(e, before, e.dump(store))
	require.NoError(e, under(lease, graph.Delete, has...))
}

func applyAfterRelease(e *env) {
	store := e.open()
	lease := e.acquire(store, "fleet", "run-1", longTTL)
	require.NoError(e, store.Release(e.Context(), lease))
	b := batch(graph.Create, at(1), e.devices("fleet", 1)...)
	b.Lease = lease
	_, err := store.Apply(e.Context(), b)
	require.ErrorIs(e, err, graph.ErrLeaseLost)
	require.Empty(e, e.dump(store))
}

func leasesAcrossStores(e *env) {
	one, two := e.open(), e.open()
	first := e.acquire(one, "fleet", "run-1", shortTTL)
	_, err := two.Acquire(e.Context(), "fleet", "run-2", longTTL)
	if err != nil { // a slow machine may have let it run out
		_ = e.held(err)
		e.takeOver(two, "fleet", "run-2")
	}
	b := batch(graph.Create, at(1), e.devices("fleet", 1)...)
	b.Lease = first
	_, err = one.Apply(e.Context(), b)
	require.ErrorIs(e, err, graph.ErrLeaseLost)
	require.Empty(e, e.dump(two))
}

func leasesAreNoData(e *env) {
	store := e.open()
	e.acquire(store, "fleet", "run-1", longTTL)
	require.Empty(e, e.populations(store))
	require.Empty(e, e.dump(store))
}

func unbelievable(e *env) {
	store := e.open()
	former := e.acquire(store, "fleet", "run-1", longTTL)
	e.acquire(store, "other", "run-1", longTTL)
	for _, left := range []time.Duration{365 * 24 * time.Hour, graph.MaxLease + time.Hour} {
		e.graph.DateLease(e.T, "fleet", left)
		held, err := store.Held(e.Context())
		require.NoError(e, err)
		require.Len(e, held, 1)
		require.Equal(e, "other", held[0].Instance)
	}
	next := e.acquire(store, "fleet", "run-2", longTTL)
	require.Greater(e, next.Epoch, former.Epoch)
	b := batch(graph.Create, at(1), e.devices("fleet", 1)...)
	b.Lease = former
	_, err := store.Apply(e.Context(), b)
	require.ErrorIs(e, err, graph.ErrLeaseLost)
	_, err = store.Acquire(e.Context(), "fleet", "run-3", longTTL)
	require.Equal(e, "run-2", e.held(err).Holder)

	e.graph.DateLease(e.T, "fleet", 365*24*time.Hour)
	require.NoError(e, store.Renew(e.Context(), next, longTTL), "its holder puts it right")
	_, err = store.Acquire(e.Context(), "fleet", "run-3", longTTL)
	_ = e.held(err)
}

func longestLease(e *env) {
	store := e.open()
	_, err := store.Acquire(e.Context(), "fleet", "run-1", graph.MaxLease+time.Second)
	require.ErrorIs(e, err, graph.ErrLeaseLong)
	lease := e.acquire(store, "fleet", "run-1", graph.MaxLease)
	require.ErrorIs(e, store.Renew(e.Context(), lease, graph.MaxLease+time.Second), graph.ErrLeaseLong)
}

func brokenLease(e *env) {
	store := e.open()
	before := time.Now().Add(-time.Minute)
	first, other := e.acquire(store, "fleet", "run-1", longTTL), e.acquire(store, "other", "run-2", longTTL)
	held, err := store.Held(e.Context())
	require.NoError(e, err)
	require.Len(e, held, 2)
	require.Equal(e, "fleet", held[0].Instance)
	require.Equal(e, "run-1", held[0].Holder)
	require.Equal(e, longTTL, held[0].Until.Sub(held[0].Since))
	require.True(e, held[0].Since.After(before) && held[0].Since.Before(time.Now().Add(time.Minute)), held[0].Since)

	for holder, want := range map[string]bool{"run-2": false, "": false} {
		broken, err := store.Break(e.Context(), "fleet", holder)
		require.NoError(e, err)
		require.Equal(e, want, broken, "it is not theirs")
	}
	broken, err := store.Break(e.Context(), "fleet", "run-1")
	require.NoError(e, err)
	require.True(e, broken)
	broken, err = store.Break(e.Context(), "never", "run-1")
	require.NoError(e, err)
	require.False(e, broken)
	b := batch(graph.Create, at(1), e.devices("fleet", 1)...)
	b.Lease = first
	_, err = store.Apply(e.Context(), b)
	require.ErrorIs(e, err, graph.ErrLeaseLost)
	require.ErrorIs(e, store.Renew(e.Context(), first, longTTL), graph.ErrLeaseLost)
	require.NoError(e, store.Release(e.Context(), first))
	require.Greater(e, e.acquire(store, "fleet", "run-1", longTTL).Epoch, first.Epoch, "the same holder begins anew")
	require.NoError(e, store.Release(e.Context(), other))
	held, err = e.openAs(e.schema, true).Held(e.Context())
	require.NoError(e, err)
	require.Len(e, held, 1)
	_, err = e.openAs(e.schema, true).Break(e.Context(), "fleet", "run-1")
	require.ErrorIs(e, err, graph.ErrReadOnly)
}
