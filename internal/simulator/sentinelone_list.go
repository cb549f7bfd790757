package simulator

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// An ending is how the last page of a list says that it is the last; consoles differ.
type ending uint8

const (
	endsNull      ending = iota // "nextCursor": null
	endsEmpty                   // "nextCursor": ""
	endsAbsent                  // no nextCursor
	endsEmptyPage               // one more page, without rows, and null
)

// An edrList is one list route of the console.
type edrList struct {
	column string   // id column in the cursor
	most   int      // largest limit
	params []string // beside those that all lists have
	ending ending
	array  string // opens the rows: "data":[ or what stands for it
	close  string
	id     func(row int) uint64
	render func(w *jsonWriter, row int)
}

func listParams() []string {
	return []string{"limit", "cursor", "skip", "countOnly", "skipCount", "sortBy", "sortOrder"}
}

// A keyset is the content of a cursor: where the page before ended.
type keyset struct {
	IDColumn    string `json:"id_column"`
	IDValue     uint64 `json:"id_value"`
	IDSortOrder string `json:"id_sort_order"`
	SortBy      string `json:"sort_by_column"`
	SortValue   uint64 `json:"sort_by_value"`
	SortOrder   string `json:"sort_order"`
}

// cursor encodes a position: base64 whose padding is percent-encoded already, as consoles hand it out.
func cursor(column string, id uint64) string {
	text := fmt.Sprintf(`{"id_column": %q, "id_value": %d, "id_sort_order": "asc", "sort_by_column": %q, "sort_by_value": %d, "sort_order": "asc"}`,
		column, id, column, id)
	for len(text)%3 != 1 {
		text += " "
	}
	return url.QueryEscape(base64.StdEncoding.EncodeToString([]byte(text)))
}

// position decodes a cursor of the column.
func position(text, column string) (id uint64, ok bool) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return 0, false
	}
	var k keyset
	err = json.Unmarshal(raw, &k)
	return k.IDValue, err == nil && k.IDColumn == column
}

// An edrPage is what one request asks of a list.
type edrPage struct {
	limit, skip int
	after       uint64 // id that the page before ended with
	first       bool   // no cursor was sent
	countOnly   bool
	noTotal     bool
}

// serve answers a list request from the rows that its filters leave.
func (e *sentinelOne) serve(c *call, l edrList, rows []uint32) {
	p, detail := e.page(c, l)
	if detail != "" {
		e.fail(c, http.StatusBadRequest, 4000010, "Validation Error", detail)
		return
	}
	total := len(rows)
	if p.noTotal || !p.first {
		total = 0
	}
	if p.countOnly {
		c.json(http.StatusOK,
			fmt.Sprintf(`{%s%s,"pagination":{"nextCursor":null,"totalItems":%d}}`, l.array, l.close, total))
		return
	}
	rest := after(rows, p.after, l.id)
	rest = rest[min(p.skip, len(rest)):]
	rows = rest[:min(p.limit, len(rest))]
	more := len(rest) > len(rows) || l.ending == endsEmptyPage && len(rows) > 0
	c.stream("{"+l.array, rows, l.render, l.close+","+e.pagination(c, l, rows, more, total)+"}")
}

// pagination renders the end of a page and remembers the cursor that it gives.
func (e *sentinelOne) pagination(c *call, l edrList, rows []uint32, more bool, total int) string {
	next := `"nextCursor":null,`
	switch {
	case more:
		text := cursor(l.column, l.id(int(rows[len(rows)-1])))
		e.remember(text, asked(c))
		next = fmt.Sprintf(`"nextCursor":%q,`, text)
	case l.ending == endsEmpty:
		next = `"nextCursor":"",`
	case l.ending == endsAbsent:
		next = ""
	}
	return fmt.Sprintf(`"pagination":{%s"totalItems":%d}`, next, total)
}

// page reads the parameters that all lists share. detail says which of them is bad.
func (e *sentinelOne) page(c *call, l edrList) (p edrPage, detail string) {
	c.knows(append(listParams(), l.params...)...)
	p = edrPage{limit: 10, first: !c.query.Has("cursor")}
	if p.limit, detail = c.bounded("limit", p.limit, 1, l.most); detail != "" {
		return p, detail
	}
	if c.query.Has("skip") {
		c.mistake("skip used")
	}
	if p.skip, detail = c.bounded("skip", 0, 0, 1000); detail != "" {
		return p, detail
	}
	c.order()
	p.countOnly, p.noTotal = c.query.Get("countOnly") == "true", c.query.Get("skipCount") == "true"
	if p.first {
		return p, ""
	}
	return e.resume(c, l, p)
}

// resume reads the cursor.
func (e *sentinelOne) resume(c *call, l edrList, p edrPage) (edrPage, string) {
	text := c.query.Get("cursor")
	if strings.Contains(text, "%") {
		c.mistake("cursor encoded twice")
		if once, err := url.PathUnescape(text); err == nil {
			text = once
		}
	}
	id, ok := position(text, l.column)
	if !ok {
		c.mistake("invalid cursor")
		return p, "Invalid cursor value received"
	}
	e.mu.Lock()
	with, known := e.issued[url.QueryEscape(text)]
	same := with[asked(c)]
	e.mu.Unlock()
	switch {
	case !known:
		c.mistake("cursor that was never given out")
	case !same:
		c.mistake("limit, filters or order changed under a cursor")
	}
	p.after = id
	return p, ""
}

func (e *sentinelOne) remember(cursor, query string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.issued[cursor] == nil {
		e.issued[cursor] = map[string]bool{}
	}
	e.issued[cursor][query] = true
}

// asked is the request's query without the cursor.
func asked(c *call) string {
	q := url.Values{}
	for name, values := range c.query {
		if name != "cursor" {
			q[name] = values
		}
	}
	return c.route + "?" + q.Encode()
}

// bounded reads a number; detail says why it is refused.
func (c *call) bounded(name string, otherwise, low, high int) (n int, detail string) {
	text := c.query.Get(name)
	if !c.query.Has(name) {
		return otherwise, ""
	}
	n, err := strconv.Atoi(text)
	switch {
	case err != nil:
		return 0, name + ": Not a valid integer."
	case n > high:
		c.mistake("%s over the maximum of %d", name, high)
		return 0, fmt.Sprintf("%s: Must be less than or equal to %d.", name, high)
	case n < low:
		return 0, fmt.Sprintf("%s: Must be greater than or equal to %d.", name, low)
	}
	return n, ""
}

// order checks the order asked for. Rows come by id, ascending, whatever it is: in any other order records move
// under the walk.
func (c *call) order() {
	if by := c.query.Get("sortBy"); by != "" && by != "id" {
		c.mistake("walk in the order of %s instead of id", by)
	}
	if order := c.query.Get("sortOrder"); order != "" && order != "asc" {
		c.mistake("walk in %s order", order)
	}
}

// ids reads a list of ids joined by commas; every id fits when the parameter is absent. detail says why it is refused.
func (c *call) ids(name string, most int) (has func(uint64) bool, detail string) {
	if !c.query.Has(name) {
		return func(uint64) bool { return true }, ""
	}
	parts := strings.Split(c.query.Get(name), ",")
	if len(parts) > most {
		c.mistake("more than %d %s", most, name)
		return nil, name + ": Longer than maximum length."
	}
	wanted := map[uint64]bool{}
	for _, part := range parts {
		id, err := strconv.ParseUint(part, 10, 64)
		if err != nil {
			return nil, name + ": Not a valid id."
		}
		wanted[id] = true
	}
	return func(id uint64) bool { return wanted[id] }, ""
}
