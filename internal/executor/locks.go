package executor

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"assetgraph/graph"
	"assetgraph/internal/panics"
)

// held is the leases that a run has, by instance. They are read while others are added.
type held struct {
	mu     sync.Mutex
	leases map[string]graph.Lease
}

func (h *held) add(l graph.Lease) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.leases == nil {
		h.leases = make(map[string]graph.Lease)
	}
	h.leases[l.Instance] = l
}

// of returns the lease of an instance, the zero one when it is not held.
func (h *held) of(instance string) graph.Lease {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.leases[instance]
}

func (h *held) all() []graph.Lease {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Collect(maps.Values(h.leases))
}

// How long to wait between two attempts at a lease that another run holds.
const leasePoll = 2 * time.Second

// acquire takes the lease of every instance and keeps them until release is called. The returned context ends with
// graph.ErrLeaseLost when one is lost.
func (r *run) acquire(ctx context.Context) (_ context.Context, release func(), _ error) {
	deadline := time.Now().Add(r.Wait)
	holder := holderName(r.id)
	drop := func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), graceTime)
		defer cancel()
		for _, l := range r.leases.all() {
			if err := r.Store.Release(ctx, l); err != nil {
				r.Logger.Warn("release run lock", "instance", l.Instance, "error", err)
			}
		}
	}
	for _, in := range r.Instances {
		if err := r.acquireOne(ctx, in.Name, holder, deadline); err != nil {
			drop()
			return nil, nil, err
		}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	var renewing panics.Group
	renewing.Go(func() {
		if err := panics.Do(func() error { r.renew(ctx, cancel); return nil }); err != nil {
			cancel(err)
		}
	})
	return ctx, func() { cancel(nil); renewing.Wait(); drop() }, nil
}

// acquireOne takes the lease of one instance, and waits for it until the deadline.
func (r *run) acquireOne(ctx context.Context, instance, holder string, deadline time.Time) error {
	for {
		l, err := acquire(ctx, r.Store, instance, holder, r.Lease)
		held, ok := errors.AsType[*graph.HeldError](err)
		if err == nil {
			r.leases.add(l)
		}
		if !ok || !time.Now().Before(deadline) {
			return err
		}
		r.Logger.Info("waiting for another run", "instance", instance, "holder", held.Holder, "age", held.Age.Round(time.Second))
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(min(leasePoll, time.Until(deadline))):
		}
	}
}

// renew keeps the leases alive until the context ends, and ends it when one is lost.
func (r *run) renew(ctx context.Context, cancel context.CancelCauseFunc) {
	tick := time.NewTicker(r.Lease / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for _, l := range r.leases.all() {
			switch err := r.Store.Renew(ctx, l, r.Lease); {
			case errors.Is(err, graph.ErrLeaseLost):
				cancel(fmt.Errorf("instance %s: %w", l.Instance, err))
				return
			case err != nil && ctx.Err() == nil:
				r.Logger.Warn("renew run lock", "instance", l.Instance, "error", err)
			}
		}
	}
}
