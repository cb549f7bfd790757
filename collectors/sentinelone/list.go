package sentinelone

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rawjson"
	"assetgraph/collectors/internal/rest"
)

// A list is one paged route.
type list struct {
	name       string
	kind       string
	route      string
	permission string     // that the route asks for; docs/providers/sentinelone-api.md, "Permissions"
	limit      int        // records of one page
	size       *rest.Size // fewer, while the console can't answer that many
	filters    url.Values // sent with every page, first and later ones alike

	// total returns a second opinion on how many records the list has, -1 when it has none; nil for one without it.
	total func(ctx context.Context, m *collectors.Meter, l list) int

	clock *consoleClock // set by each answer; nil for nobody who asks what time it was
}

// Page sizes. Above the route's maximum the console answers 400 instead of giving less
// (docs/providers/sentinelone-api.md, "Page sizes and filters"); for groups the vendor's documents of 2023 and 2026
// disagree (300, 1000), so the lower one is sent.
const (
	pageLimit  = 1000
	groupLimit = 300
)

func (c *Collector) accountList() list {
	return c.list("accounts", KindAccount, "Accounts.view", pageLimit)
}

func (c *Collector) siteList() list { return c.list("sites", KindSite, "Sites.view", pageLimit) }

func (c *Collector) groupList() list { return c.list("groups", KindGroup, "Groups.view", groupLimit) }

func (c *Collector) userList() list { return c.list("users", KindUser, "Users.view", pageLimit) }

func (c *Collector) list(name, kind, permission string, limit int) list {
	if size := c.config.Options.PageSize; size > 0 {
		limit = min(limit, size)
	}
	return list{
		name: name, kind: kind, route: "/" + name, permission: permission, limit: limit, size: new(rest.Size),
		filters: url.Values{},
	}
}

// read walks the list. Refusals say which permission is missing. A console that does not go on from a cursor with
// another limit than the one that the cursor came with is read again from the start, in pages of the smaller size.
func (c *Collector) read(ctx context.Context, m *collectors.Meter, l list) iter.Seq2[collectors.Record, error] {
	return func(yield func(collectors.Record, error) bool) {
		fetch := func(ctx context.Context, cursor string) (collectors.Page, error) { return c.page(ctx, m, l, cursor) }
		for record, err := range collectors.Walk(ctx, m, fetch) {
			if smaller := l.size.Rows(l.limit); rest.Status(err) == http.StatusBadRequest && smaller < l.limit {
				l.limit, l.size = smaller, nil
				c.read(ctx, m, l)(yield)
				return
			}
			if err != nil {
				err = c.refused(ctx, l, err)
			}
			if !yield(record, err) || err != nil {
				return
			}
		}
	}
}

// page asks for one page. Filters and order are the same for all pages: the cursor is a position in exactly that list,
// by the id of the last record, so that pages of any size go on from it. Order is by id, which no change of a record
// moves during the walk; new records come at the end. The page behind is expected before this one is decoded.
func (c *Collector) page(
	ctx context.Context, m *collectors.Meter, l list, cursor string,
) (page collectors.Page, err error) {
	total := -1
	if cursor == "" && l.total != nil {
		total = l.total(ctx, m, l)
	}
	query := maps.Clone(l.filters)
	query.Set("sortBy", "id")
	query.Set("sortOrder", "asc")
	if cursor != "" {
		query.Set("cursor", cursor)
	}
	err = c.clientOf(l.route).Page(ctx, rest.Page{
		Route: l.route, Query: query, Param: "limit", Rows: l.limit, Size: l.size,
		Date: l.date(),
		Decode: func(body []byte, rows int) (err error) {
			collectors.Expect(ctx, expectedCursor(body))
			page, err = l.decode(body, rows)
			return err
		},
	})
	page.Total = max(page.Total, total)
	return page, err
}

// A consoleClock is what time it was at the console when it last said so. Pages are asked for ahead, so any goroutine
// may use it.
type consoleClock struct{ at atomic.Pointer[time.Time] }

// now returns the time, the zero time where the console has not said any.
func (c *consoleClock) now() time.Time {
	if at := c.at.Load(); at != nil {
		return *at
	}
	return time.Time{}
}

// date returns what takes the time of an answer; nil for nobody.
func (l list) date() func(time.Time) {
	if l.clock == nil {
		return nil
	}
	return func(at time.Time) { l.clock.at.Store(&at) }
}

// A turn lets lists that are read one after another count together in a meter.
type turn struct {
	meter    *collectors.Meter
	expected int // by the lists before
}

// read yields the records of the next list.
func (t *turn) read(list func(m *collectors.Meter) records) records {
	return func(yield func(collectors.Record, error) bool) {
		part, pages := &collectors.Meter{}, 0
		tell := func() {
			for ; pages < part.Pages(); pages++ {
				t.meter.Page()
			}
			t.meter.Expect(t.expected + part.Expected())
		}
		for r, err := range list(part) {
			tell()
			if !yield(r, err) {
				return
			}
		}
		tell()
		t.expected += part.Expected()
	}
}

var errNoEndMark = errors.New("a full page without pagination: nothing says that the list ends here")

// decode reads one page that so many rows were asked for. The list ends where nextCursor is null, "", "null" or absent,
// and only there: an empty page with a cursor is followed by others (docs/providers/sentinelone-api.md, "Paging").
func (l list) decode(body []byte, rows int) (collectors.Page, error) {
	var p pagination
	beside := rawjson.Beside{Path: []string{"pagination"}, Into: &p}
	records, err := decode(l.kind, body, &beside)
	if err = cmp.Or(err, beside.Err); err != nil {
		return collectors.Page{}, fmt.Errorf("%s: %w", l.route, err)
	}
	if !beside.Found && len(records) >= rows {
		return collectors.Page{}, &collectors.IncompleteError{
			Reason: l.route + ": " + errNoEndMark.Error(), Got: len(records),
		}
	}
	page := collectors.Page{Records: records, Next: nextCursor(string(p.NextCursor)), Total: -1}
	page.More = page.Next != ""
	if p.TotalItems.Set {
		page.Total = int(p.TotalItems.N)
	}
	return page, nil
}

type pagination struct {
	NextCursor rawjson.Text `json:"nextCursor"`
	TotalItems rawjson.Int  `json:"totalItems"` // right on the first page alone: can be 0 later
}

// edge is how much of either end of an answer may hold its pagination.
const edge = 512

// cursorMember finds a cursor in what is not decoded.
var cursorMember = regexp.MustCompile(`"nextCursor"\s*:\s*"([^"\\]+)"`)

// expectedCursor returns what is most likely the cursor of an answer that is not decoded yet, as nextCursor does; ""
// where nothing looks like one. Pagination stands behind the records or in front of them.
func expectedCursor(body []byte) string {
	for _, end := range [][]byte{body[max(0, len(body)-edge):], body[:min(len(body), edge)]} {
		if found := cursorMember.FindSubmatch(end); found != nil {
			return nextCursor(string(found[1]))
		}
	}
	return ""
}

// nextCursor returns the cursor as it is to be sent, "" at the end of the list. Cursors come percent-encoded already;
// they are decoded once here, since sending encodes them once. A plus sign is part of base64 and no space.
func nextCursor(raw string) string {
	raw = strings.TrimSpace(raw)
	if raw == "null" {
		return ""
	}
	if strings.Contains(raw, "%") {
		if decoded, err := url.PathUnescape(raw); err == nil {
			return decoded
		}
	}
	return raw
}

// count asks how many records the list has, without reading one; -1 when the console does not say.
func (c *Collector) count(ctx context.Context, l list) (int, error) {
	query := maps.Clone(l.filters)
	query.Set("countOnly", "true")
	n := -1
	err := c.clientOf(l.route).Page(ctx, rest.Page{
		Route: l.route, Query: query, Date: l.date(),
		Decode: func(body []byte, _ int) (err error) {
			n, err = number(l.route, body, "pagination", "totalItems")
			return err
		},
	})
	if err != nil {
		return -1, c.refused(ctx, l, err)
	}
	return n, nil
}

// number reads one figure of an answer, -1 when it is not there.
func number(route string, body []byte, path ...string) (int, error) {
	var n rawjson.Int
	if _, err := rawjson.Get(body, &n, path...); err != nil {
		return -1, fmt.Errorf("%s: %w", route, err)
	}
	if !n.Set {
		return -1, nil
	}
	return int(n.N), nil
}
