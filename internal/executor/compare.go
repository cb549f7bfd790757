package executor

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"assetgraph/differ"
	"assetgraph/graph"
)

// A comparison is what comparing one instance with the graph gave.
type comparison struct {
	plan     *differ.Plan // nil when the instance is refused
	warnings []string
	refused  *refusal
}

// A comparer compares instances with the graph.
type comparer struct {
	store    graph.Store
	spool    *differ.Spool
	limits   differ.Guard
	refresh  time.Duration
	before   past
	observer Observer
	total    int          // scopes of all instances
	done     atomic.Int64 // of these

	mu sync.Mutex // one instance at a time: each needs memory
}

func newComparer(o *Options, before past, spool *differ.Spool) *comparer {
	c := &comparer{
		store: o.Store, spool: spool, limits: o.Guard, refresh: o.RefreshAfter, before: before,
		observer: o.Observer,
	}
	for i := range o.Instances {
		c.total += len(o.Instances[i].Converter.Types)
	}
	c.observer.Progress("compare", 0, c.total)
	return c
}

// compare makes the plan of one instance, with the deletes withheld that its guard keeps back. Its error is one of the
// spool, of the graph or of the context.
func (c *comparer) compare(ctx context.Context, in *Instance, read *reading) (out comparison, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before, _ := c.before.reader(in.Name)
	g := &deletionGuard{
		store: c.store, in: in, otherReader: read.reader.isOther(before),
		sameAccount: read.reader.credentials != "" && read.reader.credentials == before.credentials,
	}
	if c.before.narrows(in.Name, read.reader) {
		g.doubt = newFilter
	}
	out.plan, err = differ.Compare(ctx, differ.Comparison{
		Reader: c.store, Spool: c.spool, Scopes: desired(in, read.steps), Guard: c.limits,
		Settle: g.settle, Confirm: g.confirm, Doubt: g.doubt, Sealed: c.before.sealed, Expected: c.before.census.expected,
		RefreshAfter: c.refresh,
		Progress:     func(int, int) { c.observer.Progress("compare", int(c.done.Add(1)), c.total) },
	})
	out.warnings = g.warnings
	if refused, ok := errors.AsType[*refusal](err); ok {
		out.refused = refused
		return out, nil
	}
	return out, err
}
