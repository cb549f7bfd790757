// Package ahead makes a value ready in another goroutine while the one before it is worked on.
package ahead

import (
	"context"
	"iter"

	"assetgraph/internal/panics"
)

// A Call is some work that runs in a goroutine of its own, and what will come of it. One goroutine uses it, and ends it
// with Value or Stop.
type Call[T any] struct {
	cancel context.CancelFunc
	done   chan struct{}
	value  T
	err    error
}

// Begin starts work. Its context ends with ctx and when the call is ended.
func Begin[T any](ctx context.Context, work func(context.Context) (T, error)) *Call[T] {
	ctx, cancel := context.WithCancel(ctx)
	c := &Call[T]{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(c.done)
		defer panics.Catch(&c.err)
		c.value, c.err = work(ctx)
	}()
	return c
}

// Value waits for the work to end and returns what came of it.
func (c *Call[T]) Value() (T, error) {
	<-c.done
	c.cancel()
	return c.value, c.err
}

// Cancel gives the work up and does not wait for its end.
func (c *Call[T]) Cancel() { c.cancel() }

// Stop gives the work up and waits until nothing of it runs any more. It may be called at any time, and of no call at
// all.
func (c *Call[T]) Stop() {
	if c != nil {
		c.cancel()
		<-c.done
	}
}

// Of yields what seq yields, and has seq make the next value ready while one is worked on: the first one when the loop
// begins, each other one when the one in front of it is handed out. An error ends it. When the context ends, so does
// it, with the cause as its error. Nothing of seq runs any more when the loop over it has ended.
func Of[T any](ctx context.Context, seq iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		pull, stop := iter.Pull2(seq)
		defer stop()
		next := begin(ctx, pull)
		defer func() { next.Stop() }() // before stop, which must not be called while pull runs
		for {
			p, err := next.Value()
			if ctx.Err() != nil {
				var none T
				yield(none, context.Cause(ctx))
				return
			}
			if err != nil || !p.ok {
				if err != nil {
					yield(p.value, err)
				}
				return
			}
			next = begin(ctx, pull)
			if !yield(p.value, nil) {
				return
			}
		}
	}
}

// pulled is a value of a sequence; not ok at its end.
type pulled[T any] struct {
	value T
	ok    bool
}

func begin[T any](ctx context.Context, pull func() (T, error, bool)) *Call[pulled[T]] {
	return Begin(ctx, func(context.Context) (pulled[T], error) {
		v, err, ok := pull()
		return pulled[T]{v, ok}, err
	})
}
