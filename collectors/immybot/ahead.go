package immybot

import (
	"context"

	"assetgraph/collectors"
	"assetgraph/internal/ahead"
)

// A pageFunc reads take rows behind the first skip ones, and the count of all.
type pageFunc func(ctx context.Context, skip, take int) (rows []collectors.Record, count int, err error)

// pagesAhead reads the pages of an offsetWalk, several of them at the same time: where the next pages begin is known as
// long as the list stays as it is. They are handed out in the order of their offsets. A page that was asked for when
// all pages in front of it had come is like one that is asked for now; any other is early: the walk checks that it
// fits, and else has everything that is on its way dropped and asks again. Then pages are asked for one at a time, two,
// four, as long as they fit.
//
// Rows that go away or come while pages are on their way are noticed as they are by a walk that asks for one page after
// another. Whatever time each page is of, it begins with the last row of the page in front, so no row that was there
// all the time is between them. And when a row came or went, some page of the time before it is followed by one of the
// time after it: that one either is early, and does not fit since its count differs, or shows the shift when it was
// asked for.
//
// One goroutine uses it.
type pagesAhead struct {
	page   pageFunc
	most   int // pages that may be on their way; 0 = none is asked for ahead
	window int // how many are now
	queue  []*pageAhead
}

// A pageAhead is a page that is on its way.
type pageAhead struct {
	skip, take int
	early      bool
	call       *ahead.Call[pageRead]
}

// A pageRead is what came of one request.
type pageRead struct {
	rows  []collectors.Record
	count int
	err   error
}

// at returns the page at skip, and whether it is early. Without one on its way it asks for it now.
func (a *pagesAhead) at(ctx context.Context, skip, take int) (p pageRead, early bool) {
	if len(a.queue) == 0 || a.queue[0].skip != skip || a.queue[0].take != take {
		a.drop()
		p.rows, p.count, p.err = a.page(ctx, skip, take)
		return p, false
	}
	next := a.queue[0]
	a.queue = a.queue[1:]
	p, p.err = next.call.Value()
	return p, next.early
}

// fill asks for the pages that begin at skip and every stride rows behind it, as long as they begin before count. The
// page in front of skip has come.
func (a *pagesAhead) fill(ctx context.Context, skip, stride, count, take int) {
	if len(a.queue) > 0 && a.queue[0].skip != skip {
		a.drop()
	}
	a.window = min(max(2*a.window, 1), a.most)
	for at := skip + len(a.queue)*stride; stride > 0 && len(a.queue) < a.window && at < count; at += stride {
		a.begin(ctx, at, take)
	}
}

func (a *pagesAhead) begin(ctx context.Context, skip, take int) {
	call := ahead.Begin(ctx, func(ctx context.Context) (r pageRead, err error) {
		r.rows, r.count, err = a.page(ctx, skip, take)
		return r, err
	})
	a.queue = append(a.queue, &pageAhead{skip: skip, take: take, early: len(a.queue) > 0, call: call})
}

// drop gives up what is on its way, and waits until nothing of it runs any more.
func (a *pagesAhead) drop() {
	for _, p := range a.queue {
		p.call.Cancel()
	}
	for _, p := range a.queue {
		p.call.Stop()
	}
	a.queue, a.window = nil, 0
}
