package storetest

import (
	"context"
	"sync"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

func resilienceTests() []test {
	return []test{
		{"a batch that was half applied is completed by repeating it", halfApplied},
		{"batches delivered twice change nothing more", duplicateDelivery},
		{"a cancelled context ends a stream with its error", cancelStream},
		{"a cancelled context writes nothing", cancelApply},
		{"a batch cancelled on its way can be repeated", cancelMidway},
		{"a stream survives writes by its own reader", writeWhileReading},
		{"readers work side by side with a writer", readersBesideWriter},
		{"two stores on one graph write different instances side by side", twoWriters},
		{"what one store wrote the next one reads", reopen},
	}
}

func halfApplied(e *env) {
	store := e.open()
	org, devices, has := e.link(store)
	whole := e.dump(store)
	require.NotEmpty(e, whole)

	other := e.entity(e.organization, "other", "1", nil)
	e.create(store, other)
	all := e.devices("other", 20)
	e.create(store, all[:7]...)
	e.create(store, all...)
	require.Equal(e, keys(all), e.headerKeys(store, e.device, "other"))
	e.apply(store, graph.Delete, at(2), all[5:9]...)
	e.apply(store, graph.Delete, at(2), all...)
	e.apply(store, graph.Delete, at(2), other)
	require.Equal(e, whole, e.dump(store))

	e.apply(store, graph.Delete, at(3), has[0])
	e.create(store, has...)
	e.create(store, devices...)
	e.create(store, org)
	require.Equal(e, whole, e.dump(store))
}

func duplicateDelivery(e *env) {
	store := e.open()
	org, devices, has := e.link(store)
	d := e.sealed(devices[0], set{"hostname": graph.TextOf("renamed")})
	fresh := e.entity(e.device, "fleet", "000001",
		set{"name": graph.TextOf("host 1"), "memoryBytes": graph.IntOf(1), "active": graph.BoolOf(true)})
	deliver := func() {
		e.create(store, org)
		e.create(store, has...)
		e.apply(store, graph.Update, at(2), d)
		e.apply(store, graph.Refresh, at(2), fresh)
	}
	deliver()
	once := e.dump(store)
	deliver()
	require.Equal(e, once, e.dump(store))
}

func cancelStream(e *env) {
	store := e.open()
	e.create(store, e.devices("fleet", 3000)...)
	ctx, cancel := context.WithCancel(e.Context())
	defer cancel()
	var last error
	for _, err := range store.Headers(ctx, e.device, "fleet") {
		cancel()
		last = err
	}
	require.ErrorIs(e, last, context.Canceled)

	ctx, cancel = context.WithCancel(e.Context())
	defer cancel()
	for _, err := range store.Elements(ctx, graph.Selection{Type: e.device}) {
		cancel()
		last = err
	}
	require.ErrorIs(e, last, context.Canceled)

	yielded := 0
	for _, err := range store.Headers(ctx, e.device, "fleet") {
		require.ErrorIs(e, err, context.Canceled)
		yielded++
	}
	require.Equal(e, 1, yielded, "an ended context yields its error and nothing else")
	_, err := store.Counts(ctx)
	require.ErrorIs(e, err, context.Canceled)
	require.Len(e, e.headers(store, e.device, "fleet"), 3000, "the store is as usable as before")
}

func cancelApply(e *env) {
	store := e.open()
	_, devices, has := e.link(store)
	before := e.dump(store)
	ctx := cancelled(e)
	for _, b := range []graph.Batch{
		batch(graph.Create, at(5), e.devices("new", 3)...), batch(graph.Update, at(5), devices...),
		batch(graph.Refresh, at(5), e.sealed(devices[0], set{"active": graph.BoolOf(true)})),
		batch(graph.Delete, at(5), has...),
	} {
		_, err := store.Apply(ctx, b)
		require.ErrorIs(e, err, context.Canceled)
	}
	require.Equal(e, before, e.dump(store))
}

func cancelMidway(e *env) {
	store := e.open()
	devices := e.devices("fleet", 5000)
	ctx, cancel := context.WithCancel(e.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		for _, err := range store.Headers(e.Context(), e.device, "fleet") {
			if err != nil {
				e.Error(err)
			}
			break
		}
		cancel()
	})
	if _, err := store.Apply(ctx, batch(graph.Create, at(1), devices...)); err != nil {
		require.ErrorIs(e, err, context.Canceled)
	}
	wg.Wait()
	e.create(store, devices...)
	require.Equal(e, keys(devices), e.headerKeys(store, e.device, "fleet"))
}

func writeWhileReading(e *env) {
	store := e.open()
	devices := e.devices("fleet", 20)
	e.create(store, devices...)
	n := 0
	for h, err := range store.Headers(e.Context(), e.device, "fleet") {
		require.NoError(e, err)
		d := e.entity(e.device, "fleet", devices[n].Get("id").Text(), set{"hostname": graph.TextOf("seen")})
		require.Equal(e, d.Key, h.Key)
		e.apply(store, graph.Update, at(2), d)
		n++
	}
	require.Equal(e, len(devices), n)
	for _, r := range e.elements(store, graph.Selection{Type: e.device}) {
		require.Equal(e, "string seen", r.values["hostname"])
	}
}

// scan reads a scope whole and counts; for goroutines, where require can't stop the test.
func scan(ctx context.Context, store graph.Reader, t *graph.Type, instance string) (n int, err error) {
	for _, err := range store.Headers(ctx, t, instance) {
		if err != nil {
			return n, err
		}
		n++
	}
	for _, err := range store.Elements(ctx, graph.Selection{Type: t, Instance: instance}) {
		if err != nil {
			return n, err
		}
	}
	_, err = store.Counts(ctx)
	return n, err
}

func readersBesideWriter(e *env) {
	store := e.open()
	const still = 300
	e.create(store, e.devices("still", still)...)
	written := make(chan struct{})
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for {
				n, err := scan(e.Context(), store, e.device, "still")
				if err != nil || n != still {
					e.Errorf("%d rows beside a writer: %v", n, err)
					return
				}
				select {
				case <-written:
					return
				default:
				}
			}
		})
	}
	for i := range 20 {
		e.apply(store, graph.Create, at(i), e.devices("moving", 100)...)
	}
	close(written)
	wg.Wait()
	require.Len(e, e.headers(store, e.device, "moving"), 100)
}

func twoWriters(e *env) {
	instances := []string{"one", "two"}
	devices := [][]*graph.Element{e.devices("one", 50), e.devices("two", 50)}
	stores := []graph.Store{e.open(), e.open()}
	var wg sync.WaitGroup
	for i, store := range stores {
		wg.Go(func() {
			for n := range 20 {
				if _, err := store.Apply(e.Context(), batch(graph.Create, at(n), devices[i]...)); err != nil {
					e.Errorf("store %d: %v", i, err)
					return
				}
			}
		})
	}
	wg.Wait()
	for i, instance := range instances {
		require.Equal(e, keys(devices[i]), e.headerKeys(stores[1-i], e.device, instance))
	}
}

func reopen(e *env) {
	store := e.open()
	e.link(store)
	before := e.dump(store)
	require.Equal(e, before, e.dump(e.open()))
	require.Equal(e, before, e.dump(e.openAs(e.schema, true)))
}
