package assistant

import (
	"encoding/json"
	"fmt"
)

// The size of a page: assistants hold what they read in a memory of some ten thousand words.
const (
	usualRows = 50
	mostRows  = 200
	mostBytes = 40_000 // of the rows as JSON
)

// A pages argument asks for a part of all rows.
type pages struct {
	Limit  int `json:"limit,omitempty" jsonschema:"how many rows at most: 1 to 200, 50 by default; a page ends earlier where its rows are long"`
	Offset int `json:"offset,omitempty" jsonschema:"how many rows to leave out: page.nextOffset of the page before"`
}

// A page says which part of all rows an answer holds.
type page struct {
	Offset     int  `json:"offset"`
	Rows       int  `json:"rows"`
	Total      *int `json:"total,omitempty" jsonschema:"how many rows there are in all, where that is known"`
	NextOffset *int `json:"nextOffset,omitempty" jsonschema:"where the next page begins; absent for the last one"`
}

// A cutter takes rows until a page is full.
type cutter[T any] struct {
	rows   []T
	page   page
	limit  int
	bytes  int
	passed int // rows that were offered
}

func newCutter[T any](p pages) (*cutter[T], error) {
	c := &cutter[T]{rows: []T{}, page: page{Offset: p.Offset}, limit: p.Limit}
	if p.Limit < 0 || p.Offset < 0 {
		return nil, fmt.Errorf("limit and offset are not negative: limit is 1 to %d, offset is page.nextOffset of the "+
			"page before", mostRows)
	}
	if c.limit == 0 {
		c.limit = usualRows
	}
	c.limit = min(c.limit, mostRows)
	return c, nil
}

// offer takes the next of all rows, unless it stands on an earlier page. full is true where it belongs to the next one.
func (c *cutter[T]) offer(row T) (full bool, _ error) {
	if c.passed < c.page.Offset {
		c.passed++
		return false, nil
	}
	raw, err := json.Marshal(row)
	if err != nil {
		return false, err
	}
	if len(raw) > mostBytes && len(c.rows) == 0 {
		return false, fmt.Errorf("the row at offset %d alone has more than %d bytes: ask for fewer columns or shorter values",
			c.passed, mostBytes)
	}
	if len(c.rows) == c.limit || c.bytes+len(raw) > mostBytes {
		next := c.passed
		c.page.NextOffset = &next
		return true, nil
	}
	c.passed++
	c.bytes += len(raw)
	c.rows = append(c.rows, row)
	c.page.Rows = len(c.rows)
	return false, nil
}

// cut returns the rows of a page of a list.
func cut[T any](list []T, p pages) ([]T, *page, error) {
	c, err := newCutter[T](p)
	if err != nil {
		return nil, nil, err
	}
	total := len(list)
	c.page.Total = &total
	for _, row := range list {
		if full, err := c.offer(row); full || err != nil {
			return c.rows, &c.page, err
		}
	}
	return c.rows, &c.page, nil
}
