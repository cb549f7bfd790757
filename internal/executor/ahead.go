package executor

import (
	"context"
	"iter"

	"assetgraph/internal/panics"
)

// ahead yields what seq yields, and has the next value made ready in another goroutine while one is worked on. It ends seq before it
// returns. When the context ends, so does it, with an error.
func ahead[T any](ctx context.Context, seq iter.Seq2[T, error]) iter.Seq2[T, error] {
	type item struct {
		value T
		err   error
	}
	return func(yield func(T, error) bool) {
		running, cancel := context.WithCancel(ctx)
		items := make(chan item)
		var work panics.Group
		defer func() {
			cancel()
			for range items { // until the goroutine has ended
			}
			work.Wait()
		}()
		work.Go(func() {
			defer close(items)
			for v, err := range seq {
				select {
				case items <- item{v, err}:
				case <-running.Done():
					return
				}
			}
		})
		for i := range items {
			if !yield(i.value, i.err) || i.err != nil {
				return
			}
		}
		if ctx.Err() != nil {
			var none T
			yield(none, context.Cause(ctx))
		}
	}
}
