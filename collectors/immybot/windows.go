package immybot

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rawjson"
	"assetgraph/collectors/internal/rest"
)

const (
	day = 24 * time.Hour

	// dxTake is how many rows one answer may have for a window of a day; 5,000 were seen to work
	// (docs/providers/immybot-api.md, "Lists by windows of time").
	dxTake = 5000

	// dxTime is how filters write times, in UTC.
	dxTime = "01/02/2006 15:04:05"
)

// A dxList is a list of the provider's third dialect, that of DevExtreme. Its rows are kept for ever, and a question
// about all of them is not answered in time: it is asked for in windows of time.
type dxList struct {
	name, route string
	query       url.Values // beside order, filter and number of rows
	where       string     // a condition beside those of time, "" for none
	created     string     // the field that says when a row was made
	fields      []string   // that are read; others are as many bytes again
	decode      func(page []byte, beside *rawjson.Beside) ([]collectors.Record, error)
	row         func(collectors.Record) (id int64, created time.Time, ok bool) // not ok for one that can't be read
}

// A dxPage is one answer.
type dxPage struct {
	rows  []collectors.Record
	total int // of what the filter lets through, -1 where the answer does not say
}

// A dxWalk is the state of one walk.
type dxWalk struct {
	list  dxList
	size  rest.Size // of windows, in minutes
	take  int       // rows of one answer, for a window of a day
	whole bool      // the instance does not take a choice of fields

	from, end time.Time // what is still to be read

	// Of the window in hand.
	length   time.Duration // 0 = it is not begun
	after    int64         // the largest id that was read
	expected int           // rows, as the instance told; -1 = it did not
	got      int
}

var (
	errNoDate  = errors.New("the instance's answers do not say what time it is there, nor so which rows are new")
	errNoOrder = errors.New("the instance does not keep to the order that was asked for")
	errNoTime  = errors.New("the instance does not keep to the window of time that was asked for")
)

// windows yields the rows of the last days, today among them, by the instance's own clock. A window is a day, and half
// as long, with half as many rows in one answer, while the instance does not answer in time. Within one, the next page
// begins behind the largest id of the page before, so that no row can move from page to page; it ends when as many rows
// have come as the instance said that there are, or with an empty page where it does not say.
func (c *Collector) windows(ctx context.Context, m *collectors.Meter, list dxList, days int) records {
	return func(yield func(collectors.Record, error) bool) {
		w := dxWalk{list: list, take: dxTake}
		if n := c.config.Options.PageSize; n > 0 {
			w.take = min(n, dxTake)
		}
		now, err := c.probe(ctx, &w)
		w.end = now.UTC().Truncate(day).Add(day)
		w.from = w.end.Add(-time.Duration(days) * day)
		for pages := 0; err == nil && w.from.Before(w.end); pages++ {
			if pages == collectors.MaxPages {
				err = &collectors.IncompleteError{Reason: "the list did not end", Got: w.got}
				break
			}
			var rows []collectors.Record
			if rows, err = c.window(ctx, m, &w); err != nil {
				break
			}
			for _, r := range rows {
				if !yield(r, nil) {
					return
				}
			}
		}
		if err != nil {
			yield(collectors.Record{}, fmt.Errorf("read %s: %w", list.name, err))
		}
	}
}

// window reads the next page, of the window in hand or the next one.
func (c *Collector) window(ctx context.Context, m *collectors.Meter, w *dxWalk) ([]collectors.Record, error) {
	var page dxPage
	var length time.Duration
	err := c.client.Page(ctx, rest.Page{
		Route: w.list.route, Rows: int(day / time.Minute), Size: &w.size,
		Ask: func(minutes int) url.Values {
			length = w.fitting(time.Duration(minutes) * time.Minute)
			return w.ask(length)
		},
		Decode: func(body []byte, _ int) (err error) {
			page, err = w.list.page(body)
			return err
		},
	})
	if err != nil {
		return nil, advise(err)
	}
	m.Page()
	return page.rows, w.admit(page, length)
}

// probe asks for one row, which proves that the list may be read and that its fields can be chosen, and returns what
// time it is there. A list that these credentials may not read, or that the instance does not have, is unavailable.
func (c *Collector) probe(ctx context.Context, w *dxWalk) (now time.Time, err error) {
	for {
		q := w.query()
		q.Set("take", "1")
		err = c.client.Page(ctx, rest.Page{
			Route: w.list.route, Query: q,
			Date: func(at time.Time) { now = at },
			Decode: func(body []byte, _ int) error {
				_, err := w.list.page(body)
				return err
			},
		})
		status := rest.Status(err)
		if w.whole || status != http.StatusBadRequest && status != http.StatusInternalServerError {
			break
		}
		w.whole = true // perhaps it is the choice of fields that it refuses
	}
	switch {
	case unknownRoute(err):
		return now, collectors.Unavailable(err)
	case rest.Status(err) == http.StatusForbidden:
		return now, collectors.Unavailable(advise(err))
	case err != nil:
		return now, advise(err)
	case now.IsZero():
		return now, &collectors.IncompleteError{Reason: errNoDate.Error()}
	}
	return now, nil
}

// query is what every request of the list has.
func (w *dxWalk) query() url.Values {
	q := maps.Clone(w.list.query)
	if !w.whole {
		q.Set("select", `["`+strings.Join(w.list.fields, `","`)+`"]`)
	}
	return q
}

// ask makes the query for a window of that length.
func (w *dxWalk) ask(length time.Duration) url.Values {
	column := strconv.Quote(w.list.created)
	filter := fmt.Sprintf(`[%s,">=","%s"],"and",[%s,"<","%s"]`, column, w.from.Format(dxTime), column,
		w.from.Add(length).Format(dxTime))
	if w.list.where != "" {
		filter += `,"and",` + w.list.where
	}
	if w.after > 0 {
		filter += fmt.Sprintf(`,"and",["id",">",%d]`, w.after)
	}
	q := w.query()
	q.Set("filter", "["+filter+"]")
	q.Set("sort", `[{"selector":"id","desc":false}]`)
	q.Set("take", strconv.Itoa(max(1, int(int64(w.take)*int64(length)/int64(day)))))
	q.Set("requireTotalCount", "true")
	return q
}

// fitting returns how long a window is asked for where that length may be. One that is begun never gets longer: of what
// would be new in it, the rows of smaller ids would be passed over.
func (w *dxWalk) fitting(length time.Duration) time.Duration {
	if w.length > 0 {
		length = min(length, w.length)
	}
	return min(length, w.end.Sub(w.from))
}

// admit checks a page and moves on behind it: within its window or, when that has come to its end, to the next one.
func (w *dxWalk) admit(p dxPage, length time.Duration) error {
	if w.length != length { // begun, or cut shorter: then what is behind its new end is read anew with the next one
		w.length, w.expected, w.got = length, -1, 0
	}
	until := w.from.Add(length)
	for _, r := range p.rows {
		id, created, ok := w.list.row(r)
		switch {
		case !ok:
			continue
		case id <= w.after:
			return &collectors.IncompleteError{Reason: errNoOrder.Error(), Got: w.got}
		case created.Before(w.from.Add(-day)) || !created.Before(until.Add(day)): // it may count in another zone
			return &collectors.IncompleteError{Reason: errNoTime.Error(), Got: w.got}
		}
		w.after = id
	}
	if p.total >= 0 {
		w.expected = max(w.expected, w.got+p.total)
	}
	w.got += len(p.rows)
	switch {
	case len(p.rows) > 0 && (p.total < 0 || len(p.rows) < p.total):
		return nil // there is more
	case w.got < w.expected:
		return &collectors.IncompleteError{Reason: "the list ended early", Expected: w.expected, Got: w.got}
	}
	w.from, w.length, w.after = until, 0, 0
	return nil
}

// page decodes the answer {data, totalCount}.
func (l dxList) page(body []byte) (dxPage, error) {
	p := dxPage{total: -1}
	var total rawjson.Int
	beside := rawjson.Beside{Path: []string{"totalCount"}, Into: &total}
	rows, err := l.decode(body, &beside)
	if err = errors.Join(err, beside.Err); err != nil {
		return p, fmt.Errorf("%s: %w", l.route, err)
	}
	if total.Set && total.N >= 0 {
		p.total = int(total.N)
	}
	p.rows = rows
	return p, nil
}
