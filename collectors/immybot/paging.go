package immybot

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"strconv"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/byid"
	"assetgraph/collectors/internal/rawjson"
	"assetgraph/collectors/internal/rest"
)

// Sizes. A page of 1,000 rows, about a megabyte, lies between the sizes that were seen to work, 500 and 10,000
// (docs/providers/immybot-api.md, "Lists by skip and take"). It takes half as many requests as 500, each of which
// makes the provider skip all rows before it, and five pages in memory (one is consumed, four are on their way) are
// still a few megabytes.
const (
	defaultTake = 1000   // rows asked for in one page
	maxTake     = 10_000 // the most that was seen to work
	maxPasses   = 3      // how often a list is read until it is whole
	maxSteps    = 1000   // how many pages of a pass are asked for again because rows before them went away
)

// An offsetList is a list that the provider hands out by skip and take, in an answer {count, results}.
type offsetList struct {
	route  string
	query  func() url.Values // order and filters, without skip and take
	decode func(page []byte, beside *rawjson.Beside) ([]collectors.Record, error)
	size   *rest.Size // fewer rows than wanted, while the instance can't answer that many; nil = never
}

// rows yields every row of the list once.
//
// An offset is a bad cursor: a row that goes away moves all later ones forward, past the page that is asked for next,
// and without a stable order rows hide between pages. So each page begins with the last row of the page before it. A
// page that begins with a row not seen yet shows that rows went away, and is asked for again from further in front
// until it begins with a known one. Then everything before it in the list's order was seen, whatever went away
// meanwhile.
//
// While every page fits, the next ones are on their way already, see pagesAhead.
//
// A pass is trusted when at least count rows came and none was out of order, or when exactly count different rows came
// and count did not change. Otherwise the list is read again, in one page if that is possible, and the rows that were
// missed are yielded. After maxPasses it ends with an *collectors.IncompleteError.
func (c *Collector) rows(
	ctx context.Context, m *collectors.Meter, list offsetList,
) iter.Seq2[collectors.Record, error] {
	list.size = new(rest.Size)
	return walkOffsets(ctx, m, c.take(), inFlight,
		func(ctx context.Context, skip, take int) ([]collectors.Record, int, error) {
			return c.page(ctx, list, skip, take)
		})
}

// walkOffsets is rows over any list whose pages page reads, with at most so many of them on their way; 0 = none.
func walkOffsets(
	ctx context.Context, m *collectors.Meter, take, most int, page pageFunc,
) iter.Seq2[collectors.Record, error] {
	return func(yield func(collectors.Record, error) bool) {
		w := offsetWalk{ahead: &pagesAhead{page: page, most: most}, meter: m, take: take}
		defer w.ahead.drop()
		for w.begin(); ; w.begin() {
			if !w.run(ctx, yield) {
				return
			}
			err := w.doubt()
			if err == nil {
				return
			}
			if w.pass == maxPasses {
				yield(collectors.Record{}, err)
				return
			}
		}
	}
}

func (c *Collector) take() int {
	if c.config.Options.PageSize <= 0 {
		return defaultTake
	}
	return min(max(c.config.Options.PageSize, 2), maxTake) // one row of each page is the overlap
}

// count asks for the number of rows of the list.
func (c *Collector) count(ctx context.Context, list offsetList) (int, error) {
	_, n, err := c.page(ctx, list, 0, 1)
	return n, err
}

// page reads one page. It may hold fewer rows than were asked for although the list goes on.
func (c *Collector) page(
	ctx context.Context, list offsetList, skip, take int,
) (rows []collectors.Record, count int, err error) {
	q := list.query()
	q.Set("skip", strconv.Itoa(skip))
	err = c.client.Page(ctx, rest.Page{
		Route: list.route, Query: q, Param: "take", Rows: take, Size: list.size,
		Decode: func(body []byte, _ int) (err error) {
			rows, count, err = list.page(body)
			return err
		},
	})
	return rows, count, err
}

// page decodes the answer {count, results}.
func (l offsetList) page(body []byte) ([]collectors.Record, int, error) {
	count := -1
	beside := rawjson.Beside{Path: []string{"count"}, Into: &count}
	rows, err := l.decode(body, &beside)
	var broken *rawjson.PageError
	if errors.As(err, &broken) && broken.Malformed() {
		return nil, 0, fmt.Errorf("%s: %w", l.route, err)
	}
	if beside.Err != nil || !beside.Found || count < 0 {
		return nil, 0, fmt.Errorf("%s: %w", l.route, errors.Join(errNoCount, beside.Err))
	}
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", l.route, err)
	}
	return rows, count, nil
}

var errNoCount = errors.New("the answer has not the known shape {count, results}")

// offsetWalk is the state of one walk over an offsetList.
type offsetWalk struct {
	ahead *pagesAhead
	meter *collectors.Meter
	take  int
	seen  byid.Map[uint8] // row id -> the pass that saw it last

	// Of the pass in hand.
	pass     uint8
	position int   // offset behind the last row that was read
	last     int64 // id of that row
	size     int   // rows of the last page
	count    int   // as the last page told
	distinct int
	moved    bool // rows came out of order
	resized  bool // count changed
	steps    int  // pages asked for again
}

// begin starts the next pass.
func (w *offsetWalk) begin() {
	if w.pass > 0 && w.count < maxTake {
		w.take = max(w.take, min(w.count+w.count/10+100, maxTake)) // one page can't shift
	}
	w.ahead.drop()
	*w = offsetWalk{ahead: w.ahead, meter: w.meter, take: w.take, seen: w.seen, pass: w.pass + 1, count: -1}
}

// doubt returns why the pass that has ended may have missed rows, or nil.
func (w *offsetWalk) doubt() error {
	whole := w.distinct == w.count && !w.resized
	if whole || w.distinct >= w.count && !w.moved {
		return nil
	}
	reason := "the provider's list is shorter than its count"
	if w.moved {
		reason = "rows moved from page to page while the list was read"
	}
	return &collectors.IncompleteError{Reason: reason, Expected: w.count, Got: w.distinct}
}

// run reads the list once, from its first page to its end. It reports whether the walk may go on.
func (w *offsetWalk) run(ctx context.Context, yield func(collectors.Record, error) bool) bool {
	for more, pages := true, 0; more; pages++ {
		var records []collectors.Record
		var err error
		if records, more, err = w.next(ctx); err == nil && pages == collectors.MaxPages {
			err = &collectors.IncompleteError{Reason: "the list did not end", Got: w.distinct}
		}
		if err != nil {
			yield(collectors.Record{}, err)
			return false
		}
		for _, r := range records {
			if !yield(r, nil) {
				return false
			}
		}
	}
	return true
}

// next returns the rows behind position, without those that were yielded before, and whether there may be more.
func (w *offsetWalk) next(ctx context.Context) (records []collectors.Record, more bool, err error) {
	skip, back := max(0, w.position-1), w.take/2
	for stepped := false; w.steps < maxSteps; w.steps++ {
		rows, err := w.read(ctx, skip)
		if err != nil {
			return nil, false, err
		}
		if skip > 0 && !w.known(rows) {
			skip, back, stepped = max(0, skip-back), 2*back, true
			continue
		}
		w.position, w.size = skip+len(rows), len(rows)
		records, fresh, lead := w.admit(rows)
		if !stepped && lead != min(skip, 1) {
			w.moved = true
		}
		end := len(rows) < w.take && w.position >= w.count
		if fresh > 0 || end || !stepped || len(rows) < 2 {
			if more = fresh > 0 && !end; more {
				w.ahead.fill(ctx, w.position-1, w.size-1, w.count, w.take)
			}
			return records, more, nil
		}
		skip = w.position - 1 // stepped back too far: on to where the known rows end
	}
	w.moved = true
	return nil, false, nil
}

// read returns the page at skip and keeps the count. One that was asked for too early is taken only if it fits.
func (w *offsetWalk) read(ctx context.Context, skip int) ([]collectors.Record, error) {
	p, early := w.ahead.at(ctx, skip, w.take)
	if early && !w.fits(skip, p) {
		w.ahead.drop()
		shifted := len(p.rows) > 0 && !w.joined(p)
		p, _ = w.ahead.at(ctx, skip, w.take)
		w.moved = w.moved || shifted && w.joined(p) // and shifted back: as many rows came as went
	}
	if p.err != nil {
		return nil, p.err
	}
	w.meter.Page()
	w.resized = w.resized || w.count >= 0 && w.count != p.count
	w.count = p.count
	w.meter.Expect(p.count)
	return p.rows, nil
}

// fits reports whether a page that was asked for before the page in front of it had come is what the list would give
// now for all that can be seen: the count is the same, it begins with the row that the page in front ended with and
// with no other known one, and it is as long. What speaks against the list is kept also when the page is not taken.
func (w *offsetWalk) fits(skip int, p pageRead) bool {
	if p.err != nil || len(p.rows) == 0 {
		return false
	}
	if p.count != w.count {
		w.resized = true
	}
	known := 0
	for _, r := range p.rows {
		if w.sees(r) {
			known++
		}
	}
	if known > 1 || known == 1 && !w.joined(p) {
		w.moved = true
	}
	return p.count == w.count && w.joined(p) && known == 1 && (len(p.rows) == w.size || skip+len(p.rows) >= p.count)
}

// joined reports whether a page begins with the row that the page in front of it ended with.
func (w *offsetWalk) joined(p pageRead) bool { return len(p.rows) > 0 && rowID(p.rows[0]) == w.last }

// known reports whether a page begins with a row that this pass has seen.
func (w *offsetWalk) known(rows []collectors.Record) bool {
	return len(rows) > 0 && w.sees(rows[0])
}

// admit notes the rows of a page. It returns those that no pass has yielded, how many of them this pass had not seen,
// and how many it had seen stood in front. A known row behind a new one is out of order.
func (w *offsetWalk) admit(rows []collectors.Record) (records []collectors.Record, fresh, lead int) {
	for _, r := range rows {
		id := rowID(r)
		switch pass := w.seen.At(id); {
		case *pass == w.pass && fresh == 0:
			lead++
		case *pass == w.pass:
			w.moved = true
		default:
			fresh++
			w.distinct++
			if *pass == 0 {
				records = append(records, r)
			}
			*pass = w.pass
		}
		w.last = id
	}
	return records, fresh, lead
}

// sees reports whether this pass has seen a row.
func (w *offsetWalk) sees(r collectors.Record) bool {
	pass, _ := w.seen.Of(rowID(r))
	return pass == w.pass
}

// rowID returns the id of a row; all rows without one share -1, so that a list that has several never looks whole.
func rowID(r collectors.Record) int64 {
	id, err := strconv.ParseInt(r.ID, 10, 64)
	if err != nil {
		return -1
	}
	return id
}
