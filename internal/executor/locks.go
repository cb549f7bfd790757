package executor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"assetgraph/graph"
	"assetgraph/internal/panics"
)

// How long to wait between two attempts at a lease that another run holds.
const leasePoll = 2 * time.Second

// locks are the leases of a run, by instance. They are read and renewed while others are added.
type locks struct {
	store  graph.Leaser
	holder string        // who we are
	last   time.Duration // how long a lease lasts without being renewed
	log    *slog.Logger

	mu     sync.Mutex
	leases map[string]graph.Lease

	cancel   context.CancelFunc // ends renewing; nil while nothing is renewed
	renewing panics.Group
}

func newLocks(o *Options) *locks {
	return &locks{
		store: o.Store, holder: holderName(o.ID), last: o.Lease, log: o.Logger, leases: make(map[string]graph.Lease),
	}
}

// of returns the lease of an instance, the zero one when it is not held.
func (l *locks) of(instance string) graph.Lease {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.leases[instance]
}

func (l *locks) all() []graph.Lease {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Collect(maps.Values(l.leases))
}

// acquire takes the lease of every instance, waits at most so long for all of them, and keeps them until release is
// called. The returned context ends with graph.ErrLeaseLost when one is lost.
func (l *locks) acquire(ctx context.Context, instances []Instance, wait time.Duration) (context.Context, error) {
	deadline := time.Now().Add(wait)
	for i := range instances {
		if err := l.acquireOne(ctx, instances[i].Name, deadline); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	l.cancel = func() { cancel(nil) }
	l.renewing.Go(func() {
		if err := panics.Do(func() error { l.renew(ctx, cancel); return nil }); err != nil {
			cancel(err)
		}
	})
	return ctx, nil
}

// acquireOne takes the lease of one instance, and waits for it until the deadline.
func (l *locks) acquireOne(ctx context.Context, instance string, deadline time.Time) error {
	for {
		lease, err := acquire(ctx, l.store, instance, l.holder, l.last)
		if err == nil {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.leases[instance] = lease
			return nil
		}
		held, ok := errors.AsType[*graph.HeldError](err)
		if !ok || !time.Now().Before(deadline) {
			return err
		}
		l.log.Info("waiting for another run", "instance", instance, "holder", held.Holder, "age",
			held.Age.Round(time.Second))
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(min(leasePoll, time.Until(deadline))):
		}
	}
}

// renew keeps the leases alive until the context ends, and ends it when one is lost.
func (l *locks) renew(ctx context.Context, cancel context.CancelCauseFunc) {
	tick := time.NewTicker(l.last / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for _, lease := range l.all() {
			switch err := l.store.Renew(ctx, lease, l.last); {
			case errors.Is(err, graph.ErrLeaseLost):
				cancel(fmt.Errorf("instance %s: %w", lease.Instance, err))
				return
			case err != nil && ctx.Err() == nil:
				l.log.Warn("renew run lock", "instance", lease.Instance, "error", err)
			}
		}
	}
}

// release gives back what is held. It works after the context ended.
func (l *locks) release(ctx context.Context) {
	if l.cancel != nil {
		l.cancel()
		l.renewing.Wait()
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), graceTime)
	defer cancel()
	for _, lease := range l.all() {
		if err := l.store.Release(ctx, lease); err != nil {
			l.log.Warn("release run lock", "instance", lease.Instance, "error", err)
		}
	}
}
