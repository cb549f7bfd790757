package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// A dxQuery is what is asked of a list of the DevExtreme dialect.
type dxQuery struct {
	created       string    // the column of time
	from, to      time.Time // zero for no such bound
	deviant       bool      // no actions of the type that does nothing
	after, take   int
	sorted, total bool
	fields        []string
}

func (q *dxQuery) wide() bool {
	return q.from.IsZero() || q.to.IsZero() || q.to.Sub(q.from) > 24*time.Hour
}

func (q *dxQuery) wants(field string) bool {
	return q.fields == nil || slices.Contains(q.fields, field)
}

func (q *dxQuery) has(id int, created time.Time) bool {
	return id > q.after && !created.Before(q.from) && (q.to.IsZero() || created.Before(q.to))
}

// dxQuery reads the query of a list with these columns, of which the one that is named is of time. A question that is
// not answered is answered here: then ok is false.
func (c *call) dxQuery(created string, columns ...string) (q dxQuery, ok bool) {
	c.knows("sessionType", "skip", "take", "sort", "filter", "select", "requireTotalCount")
	q.created = created
	switch err := c.readDX(&q, append(columns, created)); {
	case err != nil:
		c.mistake("%v", err)
		c.json(http.StatusInternalServerError,
			`{"title":"An error occurred while processing your request.","status":500}`)
		return q, false
	case q.wide() && (q.sorted || q.total): // which takes too long
		c.mistake("a window of more than a day, sorted or counted")
		c.text(http.StatusGatewayTimeout, "text/plain", "stream timeout")
		return q, false
	}
	return q, true
}

// readDX reads the query. Its error is one that the provider answers with a fault.
func (c *call) readDX(q *dxQuery, columns []string) (err error) {
	var detail string
	if q.take, detail = c.bounded("take", 1<<30, 1, 1<<30); detail != "" {
		return fmt.Errorf("take: %s", detail)
	}
	if !c.query.Has("take") {
		c.mistake("walk without take")
	}
	if c.query.Has("skip") {
		c.mistake("skip used: rows move from page to page")
	}
	q.total = c.query.Get("requireTotalCount") == "true"
	if text := c.query.Get("sort"); text != "" {
		var by []struct {
			Selector string
			Desc     bool
		}
		if err := json.Unmarshal([]byte(text), &by); err != nil || len(by) != 1 || by[0].Selector != "id" || by[0].Desc {
			return fmt.Errorf("sort is not simulated: %s", text)
		}
		q.sorted = true
	}
	if text := c.query.Get("select"); text != "" {
		if err := json.Unmarshal([]byte(text), &q.fields); err != nil {
			return fmt.Errorf("select is no list: %s", text)
		}
		for _, field := range q.fields {
			if !slices.Contains(columns, field) {
				return fmt.Errorf("no such field: %s", field)
			}
		}
	}
	if text := c.query.Get("filter"); text != "" {
		err = q.filter([]byte(text))
	}
	return err
}

// filter reads conditions that are joined by "and".
func (q *dxQuery) filter(text []byte) error {
	var parts []json.RawMessage
	if err := json.Unmarshal(text, &parts); err != nil {
		return fmt.Errorf("filter is no list: %s", text)
	}
	for n, part := range parts {
		if n%2 == 1 {
			if string(part) != `"and"` {
				return fmt.Errorf("conditions joined by %s", part)
			}
			continue
		}
		if err := q.condition(part); err != nil {
			return err
		}
	}
	return nil
}

func (q *dxQuery) condition(text []byte) error {
	var c [3]any
	if err := json.Unmarshal(text, &c); err != nil {
		return fmt.Errorf("condition that is not simulated: %s", text)
	}
	value := fmt.Sprint(c[2])
	switch at, err := time.Parse("01/02/2006 15:04:05", value); {
	case c[0] == q.created && c[1] == ">=" && err == nil:
		q.from = at
	case c[0] == q.created && c[1] == "<" && err == nil:
		q.to = at
	case c[0] == "actionType" && c[1] == "<>" && value == "0":
		q.deviant = true
	case c[0] == "id" && c[1] == ">":
		n, ok := c[2].(float64)
		if !ok {
			return fmt.Errorf("id is no number: %s", strconv.Quote(value))
		}
		q.after = int(n)
	default:
		return fmt.Errorf("condition that is not simulated: %s", text)
	}
	return nil
}

// dx answers with the rows that the query lets through, of all that are in the order of their ids.
func (m *immy) dx(c *call, q *dxQuery, rows []uint32, render func(*jsonWriter, int)) {
	if !q.sorted {
		rows = rotated(rows, int(m.unsorted.Add(1)))
	}
	total := -1
	if q.total {
		total = len(rows)
	}
	c.stream(`{"data":[`, rows[:min(q.take, len(rows))], render,
		fmt.Sprintf(`],"totalCount":%d,"groupCount":-1,"summary":null}`, total))
}
