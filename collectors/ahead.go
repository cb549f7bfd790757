package collectors

import (
	"context"

	"assetgraph/internal/ahead"
)

// pageAhead fetches pages, one of them before it is asked for. One goroutine uses it.
type pageAhead struct {
	fetch func(ctx context.Context, cursor string) (Page, error)

	cursor string
	call   *ahead.Call[Page] // nil while no page is on its way
}

// begin has the page at cursor fetched.
func (a *pageAhead) begin(ctx context.Context, cursor string) {
	a.cursor = cursor
	a.call = ahead.Begin(ctx, func(ctx context.Context) (Page, error) { return a.fetch(ctx, cursor) })
}

// page returns the page at cursor: the one that is on its way, or else a page that it fetches now.
func (a *pageAhead) page(ctx context.Context, cursor string) (Page, error) {
	if a.call == nil || a.cursor != cursor {
		a.stop()
		return a.fetch(ctx, cursor)
	}
	call := a.call
	a.call = nil
	return call.Value()
}

// stop gives up the page that is on its way.
func (a *pageAhead) stop() {
	a.call.Stop()
	a.call = nil
}
