package collectors

import (
	"context"

	"assetgraph/internal/panics"
)

// An ahead fetches pages, one of them before it is asked for. One goroutine uses it.
type ahead struct {
	fetch func(ctx context.Context, cursor string) (Page, error)

	cancel context.CancelFunc
	cursor string
	done   chan fetched // nil while no page is on its way
}

type fetched struct {
	page Page
	err  error
}

// begin has the page at cursor fetched.
func (a *ahead) begin(ctx context.Context, cursor string) {
	ctx, a.cancel = context.WithCancel(ctx)
	done := make(chan fetched, 1)
	a.cursor, a.done = cursor, done
	go func() {
		var f fetched
		defer func() { done <- f }()
		defer panics.Catch(&f.err)
		f.page, f.err = a.fetch(ctx, cursor)
	}()
}

// page returns the page at cursor: the one that is on its way, or else a page that it fetches now.
func (a *ahead) page(ctx context.Context, cursor string) (Page, error) {
	if a.done == nil || a.cursor != cursor {
		a.stop()
		return a.fetch(ctx, cursor)
	}
	f := <-a.done
	a.done = nil
	a.cancel()
	return f.page, f.err
}

// stop gives up the page that is on its way and waits until nothing of it runs any more.
func (a *ahead) stop() {
	if a.done != nil {
		a.cancel()
		<-a.done
		a.done = nil
	}
}
