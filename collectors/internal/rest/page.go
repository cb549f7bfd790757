package rest

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"
)

// A Page is a request for one page of a list.
type Page struct {
	Route string
	Query url.Values // without the number of rows
	Param string     // parameter that says how many rows are asked for
	Rows  int        // how many are wanted
	Size  *Size      // what the list has shown so far; nil = no other number of rows is asked for

	// Ask, unless it is nil, makes the query instead of Query and Param, for lists that are asked for by something else
	// than rows of which there can be half as many, such as minutes.
	Ask func(rows int) url.Values

	// Decode reads an answer to a request for so many rows. It keeps nothing of the body, whose memory is used again.
	// An error that has a method Malformed which says yes is one of the transport: the page is asked for again.
	Decode func(body []byte, rows int) error

	// Date, unless it is nil, is told what time it was at the provider when it answered, before Decode is called. It is
	// not called where the answer does not say.
	Date func(time.Time)
}

// Page reads a page like Get. Where the provider can't answer in time, or the answer is too large, half as many rows
// are asked for, and so on down to fewestRows; each size has all of Options.RetryTime. So the list must be paged in a
// way that allows pages of any size. An error of Decode that no other try could mend is returned as it is.
func (c *Client) Page(ctx context.Context, p Page) error {
	r := &request{method: http.MethodGet, route: p.Route}
	failures := 0
	_, err := retry(ctx, c.config.Options, func() (struct{}, error) {
		rows := p.Size.Rows(p.Rows)
		r.query = p.query(rows)
		err := c.page(ctx, r, rows, p)
		if err == nil {
			p.Size.worked(rows)
			return struct{}{}, nil
		}
		failures++
		e, ok := errors.AsType[*Error](err)
		if ok && ctx.Err() == nil && tooMany(e, failures) && p.Size.failed(rows) {
			failures = 0
			fewer := *e
			fewer.prospect, fewer.fresh = passing, true
			err = &fewer
		}
		return struct{}{}, err
	}, func(err error, wait time.Duration) {
		c.logger.LogAttrs(ctx, slog.LevelWarn, "request is tried again",
			append(c.attrs(r), slog.Int("rows", p.Size.Rows(p.Rows)),
				slog.String("error", err.Error()), slog.Duration("wait", wait))...)
	})
	if err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return c.failure(r, err) // the context's own, when it ends between two tries
	}
	return err
}

// query is what asks for so many rows.
func (p *Page) query(rows int) url.Values {
	if p.Ask != nil {
		return p.Ask(rows)
	}
	q := maps.Clone(p.Query)
	if q == nil {
		q = url.Values{}
	}
	if p.Param != "" {
		q.Set(p.Param, strconv.Itoa(rows))
	}
	return q
}

// page asks for one page once.
func (c *Client) page(ctx context.Context, r *request, rows int, p Page) error {
	body, err := c.attempt(ctx, r)
	if err != nil {
		return c.failure(r, err)
	}
	defer c.Release(body)
	if p.Date != nil && !r.date.IsZero() {
		p.Date(r.date)
	}
	err = p.Decode(body, rows)
	var broken interface{ Malformed() bool }
	if errors.As(err, &broken) && broken.Malformed() {
		return c.failure(r, &Error{Status: http.StatusOK, Err: err, prospect: doubtful})
	}
	return err
}

// TooMuch reports whether err, for which Page has given up a request without a Size, may be one of an answer that is too
// much for the provider, or too large: a part of it may be answered.
func TooMuch(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && tooMany(e, 2)
}

// tooMany reports whether fewer rows are worth a try: after one error that says that the page was too much, and after
// two in a row that may mean anything.
func tooMany(e *Error, failures int) bool {
	_, slow := errors.AsType[slowError](e.Err)
	switch {
	case slow, errors.Is(e.Err, errLarge):
		return true
	case e.Status == http.StatusGatewayTimeout, e.Status == http.StatusRequestTimeout,
		e.Status == http.StatusRequestEntityTooLarge:
		return true
	case e.Status == http.StatusTooManyRequests, errors.Is(e.Err, ErrThrottled), e.Method != http.MethodGet:
		return false
	}
	if dial, ok := errors.AsType[*net.OpError](e.Err); ok && dial.Op == "dial" {
		return false
	}
	return e.prospect == passing && failures > 1
}

const (
	// fewestRows is where a page does not get smaller any more.
	fewestRows = 10
	// growAfter is how many pages in a row must be answered before larger ones are asked for again.
	growAfter = 16
)

// A Size is how many rows one page of a list may have. Its requests share it, and may use it from any goroutine. A nil
// Size limits nothing.
type Size struct {
	mu      sync.Mutex
	limit   int // 0 = none
	good    int // pages in a row that were answered under the limit
	grown   bool
	ceiling int // what failed once more after the limit was lifted; 0 = nothing did
}

// Rows returns how many rows are asked for where so many are wanted.
func (s *Size) Rows(wanted int) int {
	if s == nil {
		return wanted
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.limit == 0 {
		return wanted
	}
	return min(wanted, s.limit)
}

// failed notes that so many rows were too many, and reports whether fewer can be asked for.
func (s *Size) failed(rows int) bool {
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.limit > 0 && s.limit < rows {
		return true // another request has found out meanwhile
	}
	if rows <= fewestRows {
		return false
	}
	if s.grown {
		s.ceiling = rows
	}
	s.limit, s.good = max(rows/2, fewestRows), 0
	return true
}

// worked notes that so many rows were answered. After growAfter such pages more rows are asked for again: the provider
// may be less busy by now, and a list of small pages could exceed the limit of pages.
func (s *Size) worked(rows int) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.limit == 0 || rows < s.limit {
		return
	}
	if s.good++; s.good >= growAfter && (s.ceiling == 0 || 2*s.limit < s.ceiling) {
		s.limit, s.good, s.grown = 2*s.limit, 0, true
	}
}
