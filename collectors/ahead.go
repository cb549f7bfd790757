package collectors

import (
	"context"

	"assetgraph/internal/ahead"
)

// Expect tells the Walk whose fetch runs under the context what Page.Next will most likely be, from what was received and
// is not decoded yet: then the page behind is asked for meanwhile. A guess that turns out wrong costs a request in vain.
// It may wait, and may be called again. Elsewhere it does nothing.
func Expect(ctx context.Context, next string) {
	if expect, ok := ctx.Value(expecting{}).(func(string)); ok {
		expect(next)
	}
}

// expecting is the key under which a fetch's context holds what Expect calls.
type expecting struct{}

// pageAhead fetches pages before they are wanted: the one behind the page whose records are consumed, and the one that
// lies behind that as far as its bytes, where fetch expects it. One goroutine uses it.
type pageAhead struct {
	fetch func(ctx context.Context, cursor string) (Page, error)
	next  *coming // nil while no page is on its way
}

// A coming page is asked for and not wanted yet.
type coming struct {
	cursor string
	wanted chan struct{} // closed when it is
	call   *ahead.Call[Page]
	behind *coming // that its fetch expects; whoever reads it waits for the end of call
}

// begin starts to fetch the page at cursor unless it is on its way.
func (a *pageAhead) begin(ctx context.Context, cursor string) {
	if a.next == nil {
		now := make(chan struct{})
		close(now)
		a.next = a.ask(ctx, cursor, now)
	}
}

// ask starts to fetch the page at cursor, and the one that is expected behind it when the page before it is wanted.
func (a *pageAhead) ask(ctx context.Context, cursor string, before <-chan struct{}) *coming {
	c := &coming{cursor: cursor, wanted: make(chan struct{})}
	c.call = ahead.Begin(ctx, func(fetching context.Context) (Page, error) {
		expect := func(next string) {
			select {
			case <-before:
			case <-fetching.Done():
				return
			}
			if next == "" || next == cursor || c.behind != nil && c.behind.cursor == next {
				return
			}
			c.behind.stop()
			c.behind = a.ask(ctx, next, c.wanted)
		}
		return a.fetch(context.WithValue(fetching, expecting{}, expect), cursor)
	})
	return c
}

// page returns the page at cursor: the one that is on its way, or else one that it fetches now.
func (a *pageAhead) page(ctx context.Context, cursor string) (Page, error) {
	c := a.next
	if c == nil || c.cursor != cursor {
		a.stop()
		return a.fetch(ctx, cursor)
	}
	close(c.wanted)
	page, err := c.call.Value()
	a.next = c.behind
	if a.next != nil && (err != nil || !page.More || page.Next != a.next.cursor) {
		a.stop()
	}
	return page, err
}

// stop gives up the pages that are on their way, and waits until nothing of them runs.
func (a *pageAhead) stop() {
	a.next.stop()
	a.next = nil
}

func (c *coming) stop() {
	for ; c != nil; c = c.behind {
		c.call.Stop()
	}
}
