package view

import (
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"assetgraph/graph"
)

// A table is rows of values that people sort and filter by the address of the page. What it shows is what it gives as
// CSV and JSON, whichever page of it is open.
type table struct {
	name    string // within its page; "" for the only one
	caption string
	columns []column
	rows    int                        // how many there are
	only    []int                      // which of them it has, in its order; nil for all
	kept    *kept                      // of these rows, nil for rows of one page alone
	value   func(row, column int) any  // nil, or a bool, int64, float64, string, time.Time, []any or map[string]any
	cell    func(row, column int) cell // how people see it; nil for the value alone
	none    string                     // what to say where there are no rows
	size    int                        // how many rows one page has; 0 for pageRows
	note    string                     // what is to be known of all of it
}

// pageRows is how many rows stand on one page, unless a table says otherwise.
const pageRows = 100

// A column of a table.
type column struct {
	name    string // in the address, in CSV and in JSON
	title   string // for people
	number  bool
	choices []string // values to choose from, of which a cell may hold several joined by ";"
	code    bool     // a key or the like, shown in type of one width
	whole   bool     // shown on one line
	roomy   bool     // sentences, which are hard to read in a narrow column

	groups map[string][]string // choices that stand for any of several values
}

// A cell is how people see a value.
type cell struct {
	Text  string
	Sub   string // what stands below it, smaller
	Sign  string // what stands before it and says the same as Class does by colour
	Link  string // a place in the view, or a web address
	Class string
	Label string // what a screen reader says in place of Text, where that is too short to be understood alone
	Time  string // for machines, of a time
}

// parameter returns the name of a parameter of the address that is about the table.
func (t *table) parameter(name string) string {
	if t.name == "" {
		return name
	}
	return t.name + "." + name
}

// The parameters of every table. The name of a column is one too.
const (
	sortParameter   = "sort"
	textParameter   = "q"
	pageParameter   = "page"
	formatParameter = "format"
	tableParameter  = "table"
)

// An order is the column by which rows are sorted; column is -1 for the order in which the table has them.
type order struct {
	column  int
	reverse bool
}

func (t *table) order(q url.Values) order {
	name, reverse := strings.CutPrefix(q.Get(t.parameter(sortParameter)), "-")
	return order{slices.IndexFunc(t.columns, func(c column) bool { return c.name == name }), reverse}
}

// has returns the rows that the table has.
func (t *table) has() []int {
	if t.only != nil {
		return slices.Clone(t.only)
	}
	rows := make([]int, t.rows)
	for i := range rows {
		rows[i] = i
	}
	return rows
}

// length is how many rows the table has.
func (t *table) length() int {
	if t.only != nil {
		return len(t.only)
	}
	return t.rows
}

// selected returns the rows that the address lets through, in its order.
func (t *table) selected(q url.Values) []int {
	rows := t.has()
	if text := strings.ToLower(strings.TrimSpace(q.Get(t.parameter(textParameter)))); text != "" {
		rows = t.holding(rows, text)
	}
	for i := range t.columns {
		c := &t.columns[i]
		if wanted := strings.ToLower(strings.TrimSpace(q.Get(t.parameter(c.name)))); wanted != "" {
			values := t.column(i)
			fits := values.which(func(value string) bool { return c.fits(value, wanted) })
			rows = slices.DeleteFunc(rows, func(row int) bool { return !fits[values.of[row]] })
		}
	}
	if o := t.order(q); o.column >= 0 {
		t.column(o.column).sort(rows, o.reverse)
	}
	return rows
}

// holding returns those of the rows that hold a text in any of their columns.
func (t *table) holding(rows []int, text string) []int {
	columns, fits := make([]*distinct, len(t.columns)), make([][]bool, len(t.columns))
	for i := range t.columns {
		columns[i] = t.column(i)
		fits[i] = columns[i].which(func(value string) bool { return strings.Contains(value, text) })
	}
	return slices.DeleteFunc(rows, func(row int) bool {
		for i, c := range columns {
			if fits[i][c.of[row]] {
				return false
			}
		}
		return true
	})
}

// column returns the values of a column, those that are kept if any are.
func (t *table) column(i int) *distinct {
	read := func() *distinct { return readDistinct(t.rows, func(row int) any { return t.value(row, i) }) }
	if t.kept == nil {
		return read()
	}
	return t.kept.column(t.columns[i].name, read)
}

// fits reports whether a value in lower case holds, or is where there are choices, what is wanted of the column.
func (c *column) fits(value, wanted string) bool {
	if c.choices == nil {
		return strings.Contains(value, wanted)
	}
	return slices.ContainsFunc(strings.Split(value, ";"),
		func(part string) bool { return part == wanted || slices.Contains(c.groups[wanted], part) })
}

// textOf returns a value as it is compared and shown.
func textOf(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case time.Time:
		if v.IsZero() {
			return ""
		}
		return v.UTC().Format(graph.TimeLayout)
	case []any:
		list := make([]string, len(v))
		for i := range v {
			list[i] = textOf(v[i])
		}
		return strings.Join(list, "; ")
	}
	return fmt.Sprint(v)
}

// names returns the columns as CSV and JSON call them.
func (t *table) names() []string {
	list := make([]string, len(t.columns))
	for i, c := range t.columns {
		list[i] = c.name
	}
	return list
}

// values yields the selected rows.
func (t *table) values(q url.Values) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		for _, row := range t.selected(q) {
			values := make([]any, len(t.columns))
			for i := range values {
				values[i] = t.value(row, i)
				if at, ok := values[i].(time.Time); ok && at.IsZero() {
					values[i] = nil
				}
			}
			if !yield(values) {
				return
			}
		}
	}
}

// display returns how people see a value.
func (t *table) display(row, i int) cell {
	if t.cell != nil {
		if c := t.cell(row, i); c != (cell{}) {
			return c
		}
	}
	return plain(t.value(row, i))
}

// plain returns a value as people read it, without anything beside it.
func plain(v any) cell {
	switch v := v.(type) {
	case int64:
		return cell{Text: humanize.Comma(v)}
	case time.Time:
		if v.IsZero() {
			return cell{}
		}
		return cell{Text: v.UTC().Format("2006-01-02 15:04"), Time: v.UTC().Format(time.RFC3339)}
	case bool:
		if v {
			return cell{Text: "yes"}
		}
		return cell{Text: "no"}
	case string:
		if at, err := time.Parse(graph.TimeLayout, v); err == nil {
			return plain(at)
		}
	}
	return cell{Text: textOf(v)}
}

// without takes columns out of the table.
func (t *table) without(names ...string) {
	value, look := t.value, t.cell
	var columns []column
	var places []int
	for i, c := range t.columns {
		if !slices.Contains(names, c.name) {
			columns, places = append(columns, c), append(places, i)
		}
	}
	t.columns = columns
	t.value = func(row, i int) any { return value(row, places[i]) }
	t.cell = func(row, i int) cell { return look(row, places[i]) }
}

// different is how many different values some rows have in a column.
func (t *table) different(rows []int, name string) (n int) {
	values := t.column(slices.IndexFunc(t.columns, func(c column) bool { return c.name == name }))
	seen := make([]bool, len(values.list))
	for _, row := range rows {
		if place := values.of[row]; !seen[place] {
			seen[place] = true
			n++
		}
	}
	return n
}
