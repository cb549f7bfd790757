package collectors

import (
	"context"
	"sync"

	"assetgraph/internal/ahead"
)

// Expect tells the Walk whose fetch runs under the context what Page.Next will most likely be, from what was received and
// is not decoded yet: then the page behind is asked for meanwhile. A guess that turns out wrong costs a request in vain.
// It may be called again. Elsewhere it does nothing.
func Expect(ctx context.Context, next string) {
	if expect, ok := ctx.Value(expecting{}).(func(string)); ok {
		expect(next)
	}
}

// expecting is the key under which a fetch's context holds what Expect calls.
type expecting struct{}

// pageAhead fetches pages before they are wanted: the one behind the page whose records are consumed, and where fetch
// expects it the one behind that. One goroutine uses it.
type pageAhead struct {
	fetch func(ctx context.Context, cursor string) (Page, error)
	next  *coming // nil while no page is on its way
	taken int     // pages
}

// seldomStopped is how many pages a consumer has taken who will most likely take all: one who stops earlier, at the
// first record of a page, causes no request in vain.
const seldomStopped = 2

// A coming page is asked for and not wanted yet.
type coming struct {
	cursor string
	call   *ahead.Call[Page]

	mu       sync.Mutex
	further  bool    // the page before it is wanted, so that the one behind it may be asked for
	wanted   bool    // it is wanted itself
	expected string  // the cursor of the page behind it; "" where nothing is expected
	behind   *coming // that page
}

// begin starts to fetch the page at cursor unless it is on its way. The page before it is wanted.
func (a *pageAhead) begin(ctx context.Context, cursor string) {
	if a.next == nil {
		a.next = a.ask(ctx, cursor, a.taken >= seldomStopped)
	}
}

func (a *pageAhead) ask(ctx context.Context, cursor string, further bool) *coming {
	c := &coming{cursor: cursor, further: further}
	c.call = ahead.Begin(ctx, func(fetching context.Context) (Page, error) {
		expect := func(expected string) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.expected = expected
			a.goOn(ctx, c)
		}
		return a.fetch(context.WithValue(fetching, expecting{}, expect), cursor)
	})
	return c
}

// goOn starts to fetch what is expected behind a page when it is its turn. The page is locked.
func (a *pageAhead) goOn(ctx context.Context, c *coming) {
	if !c.further || c.expected == "" || c.expected == c.cursor || c.behind != nil && c.behind.cursor == c.expected {
		return
	}
	c.behind.stop()
	c.behind = a.ask(ctx, c.expected, c.wanted)
}

// page returns the page at cursor: the one that is on its way, or else one that it fetches now.
func (a *pageAhead) page(ctx context.Context, cursor string) (Page, error) {
	a.taken++
	c := a.next
	if c == nil || c.cursor != cursor {
		a.stop()
		return a.fetch(ctx, cursor)
	}
	a.want(ctx, c)
	page, err := c.call.Value()
	a.next = c.behind
	if a.next != nil && (err != nil || !page.More || page.Next != a.next.cursor) {
		a.stop()
	}
	return page, err
}

// want has the page behind c, if it is on its way, go on with the one behind itself.
func (a *pageAhead) want(ctx context.Context, c *coming) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wanted = true
	if b := c.behind; b != nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.further = true
		a.goOn(ctx, b)
	}
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
