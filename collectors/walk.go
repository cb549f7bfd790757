package collectors

import (
	"context"
	"hash/maphash"
	"iter"
)

// A Page is one answer of a paged list.
type Page struct {
	Records []Record
	Next    string // what to ask for next; used only when More is set. Opaque: a cursor, an id, an offset
	More    bool   // false only at the provider's own end mark
	Total   int    // how many records the provider says the whole list has; -1 when it does not say
}

// MaxPages is how many pages a walk reads before it is taken for endless.
const MaxPages = 20_000

// surplus is how many records beyond twice the announced total are taken before a list counts as endless: records may
// be added while it is read.
const surplus = 10_000

// maxEmptyPages is how many pages without a record may follow each other while the provider says that there is more.
const maxEmptyPages = 3

// Walk reads a paged list to its end: fetch is called with "" for the first page and with Page.Next of the page before
// for every other, never twice at the same time unless it calls Expect. It yields the records page by page, and
// remembers a 64-bit hash of each record's id. While the records of a page are consumed the page behind it is fetched,
// from another goroutine: two pages are in memory at most, three with Expect. The first record of a page is taken before
// the next page is asked for, with Expect that of the first two pages, so that a consumer who stops at once causes no
// request. A page that was fetched in vain counts nowhere, and when Walk returns no fetch runs.
//
// It ends with an *IncompleteError when a cursor comes again, when a page begins with the record that an earlier page
// began with, after MaxPages pages, when far more records come than the provider said there are, after several empty
// pages in a row that promise more, or when fewer distinct records came than the Total of the first page that gave one.
// Records that were yielded twice by the provider are yielded twice; they count once. Where a page holds records of
// several kinds, Total is compared with the most frequent kind. An error of fetch or of the context ends it as it is.
func Walk(
	ctx context.Context, m *Meter, fetch func(ctx context.Context, cursor string) (Page, error),
) iter.Seq2[Record, error] {
	return walkLimited(ctx, m, MaxPages, fetch)
}

func walkLimited(
	ctx context.Context, m *Meter, limit int, fetch func(context.Context, string) (Page, error),
) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		w := newWalk(limit)
		next := pageAhead{fetch: fetch}
		defer next.stop()
		for cursor, more := "", true; more; {
			err := w.mayAsk(ctx, cursor)
			if err == nil {
				var page Page
				if page, err = next.page(ctx, cursor); err == nil {
					err = w.take(m, page)
				}
				cursor, more = page.Next, page.More
				if err == nil && !w.yield(ctx, page, &next, yield) {
					return
				}
			}
			if err != nil {
				yield(Record{}, err)
				return
			}
		}
		if err := w.short(); err != nil {
			yield(Record{}, err)
		}
	}
}

// yield yields the records of a page, and has the page behind it fetched from the first one on. It reports whether the
// consumer wants more.
func (w *walk) yield(ctx context.Context, page Page, next *pageAhead, yield func(Record, error) bool) bool {
	for i, r := range page.Records {
		if !yield(r, nil) {
			return false
		}
		if i == 0 && page.More && ctx.Err() == nil && w.stuck(page.Next) == nil {
			next.begin(ctx, page.Next)
		}
	}
	return true
}

// A walk is what the guards of one Walk remember. Hashes that collide make a list look incomplete, never complete.
type walk struct {
	seed     maphash.Seed
	limit    int
	pages    int
	empty    int // pages without a record in a row
	expected int // -1 until a page tells
	nameless int // records without an id
	cursors  map[uint64]struct{}
	firsts   map[uint64]struct{}
	seen     map[uint64]struct{}
	distinct map[string]int // by kind
}

func newWalk(limit int) *walk {
	return &walk{
		seed:     maphash.MakeSeed(),
		limit:    limit,
		expected: -1,
		cursors:  map[uint64]struct{}{},
		firsts:   map[uint64]struct{}{},
		seen:     map[uint64]struct{}{},
		distinct: map[string]int{},
	}
}

// mayAsk returns an error when the page at cursor must not be asked for, and notes the cursor.
func (w *walk) mayAsk(ctx context.Context, cursor string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := w.stuck(cursor); err != nil {
		return err
	}
	w.cursors[maphash.String(w.seed, cursor)] = struct{}{}
	return nil
}

// stuck returns why the list would not come to an end with the page at cursor, or nil.
func (w *walk) stuck(cursor string) error {
	if _, again := w.cursors[maphash.String(w.seed, cursor)]; again {
		return w.incomplete("the provider gave the same cursor twice")
	}
	if w.pages == w.limit || w.expected >= 0 && w.got() > 2*w.expected+surplus {
		return w.incomplete("the list did not end")
	}
	return nil
}

// take counts a page and its records and checks it against those before.
func (w *walk) take(m *Meter, page Page) error {
	w.pages++
	m.Page()
	if w.expected < 0 && page.Total >= 0 {
		w.expected = page.Total
		m.Expect(page.Total)
	}
	if err := w.check(page); err != nil {
		return err
	}
	for _, r := range page.Records {
		w.count(r)
	}
	return nil
}

// check refuses a page that shows no progress.
func (w *walk) check(p Page) error {
	if len(p.Records) > 0 {
		w.empty = 0
	} else if w.empty++; p.More && w.empty > maxEmptyPages {
		return w.incomplete("the provider keeps giving empty pages")
	}
	for _, r := range p.Records {
		if r.ID == "" {
			continue
		}
		if !remember(w.firsts, w.hash(r)) {
			return w.incomplete("the provider gave the same page twice")
		}
		break
	}
	return nil
}

// count notes r as a record that came, once however often it comes.
func (w *walk) count(r Record) {
	switch {
	case r.ID == "":
		w.nameless++
	case remember(w.seen, w.hash(r)):
		w.distinct[r.Kind]++
	}
}

// got returns how many distinct records came.
func (w *walk) got() int {
	most := 0
	for _, n := range w.distinct {
		most = max(most, n)
	}
	return most + w.nameless
}

// short returns an error when the provider has more records than came.
func (w *walk) short() error {
	if got := w.got(); got < w.expected {
		return &IncompleteError{Reason: "the list ended early", Expected: w.expected, Got: got}
	}
	return nil
}

func (w *walk) incomplete(reason string) error {
	return &IncompleteError{Reason: reason, Got: w.got()}
}

func (w *walk) hash(r Record) uint64 {
	var h maphash.Hash
	h.SetSeed(w.seed)
	h.WriteString(r.Kind)
	h.WriteByte(0)
	h.WriteString(r.ID)
	return h.Sum64()
}

// remember adds hash to set and reports whether it was new.
func remember(set map[uint64]struct{}, hash uint64) bool {
	before := len(set)
	set[hash] = struct{}{}
	return len(set) > before
}
