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

// begin starts to fetch the page at cursor.
func (a *pageAhead) begin(ctx context.Context, cursor string) {
	a.cursor = cursor
	a.call = ahead.Begin(ctx, func(ctx context.Context) (Page, error) { return a.fetch(ctx, cursor) })
}

// page returns the page at cursor: the one that begin has asked for, or else one that it fetches now.
func (a *pageAhead) page(ctx context.Context, cursor string) (Page, error) {
	if a.call == nil || a.cursor != cursor {
		a.stop()
		return a.fetch(ctx, cursor)
	}
	call := a.call
	a.call = nil
	return call.Value()
}

// stop gives up the page that begin has asked for, and waits until nothing of it runs.
func (a *pageAhead) stop() {
	a.call.Stop()
	a.call = nil
}
