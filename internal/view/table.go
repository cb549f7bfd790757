package view

import (
	"cmp"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dustin/go-humanize"

	"assetgraph/graph"
)

// A table is rows of values that people sort and filter by the address of the page. What it shows is what it gives as
// CSV and JSON, whichever page of it is open.
type table struct {
	name    string // within its page; "" for the only one
	caption string
	columns []column
	rows    int
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

// selected returns the rows that the address lets through, in its order.
func (t *table) selected(q url.Values) []int {
	text := strings.ToLower(strings.TrimSpace(q.Get(t.parameter(textParameter))))
	wanted := make([]string, len(t.columns))
	for i, c := range t.columns {
		wanted[i] = strings.ToLower(strings.TrimSpace(q.Get(t.parameter(c.name))))
	}
	var rows []int
	for row := range t.rows {
		if t.fits(row, text, wanted) {
			rows = append(rows, row)
		}
	}
	t.sort(rows, t.order(q))
	return rows
}

// fits reports whether a row holds the text, and each column what is wanted of it.
func (t *table) fits(row int, text string, wanted []string) bool {
	found := text == ""
	for i, c := range t.columns {
		if found && wanted[i] == "" {
			continue
		}
		value := textOf(t.value(row, i))
		found = found || contains(value, text)
		switch {
		case wanted[i] == "":
		case c.choices != nil:
			if !c.chosen(strings.ToLower(value), wanted[i]) {
				return false
			}
		case !contains(value, wanted[i]):
			return false
		}
	}
	return found
}

// chosen reports whether a value is, or has among its parts, what was chosen.
func (c *column) chosen(value, choice string) bool {
	return slices.ContainsFunc(strings.Split(value, ";"),
		func(part string) bool { return part == choice || slices.Contains(c.groups[choice], part) })
}

// contains reports whether a text holds a part, which is in lower case, in any case. A part of ASCII alone, as most
// are, is found in a hundred thousand texts without making each of them anew.
func contains(s, part string) bool {
	if strings.ContainsFunc(part, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return strings.Contains(strings.ToLower(s), part)
	}
	for i := 0; i+len(part) <= len(s); i++ {
		n := 0
		for n < len(part) && lower(s[i+n]) == part[n] {
			n++
		}
		if n == len(part) {
			return true
		}
	}
	return false
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// sort puts rows in order; what has no value comes last either way.
func (t *table) sort(rows []int, o order) {
	if o.column < 0 {
		return
	}
	type keyed struct {
		row    int
		number float64
		text   string
		empty  bool
	}
	list := make([]keyed, len(rows))
	for i, row := range rows {
		k := keyed{row: row}
		switch v := t.value(row, o.column).(type) {
		case int64:
			k.number = float64(v)
		case float64:
			k.number = v
		case time.Time:
			k.number, k.empty = float64(v.UnixMilli()), v.IsZero()
		default:
			k.text = strings.ToLower(textOf(v))
			k.empty = k.text == ""
		}
		list[i] = k
	}
	slices.SortStableFunc(list, func(a, b keyed) int {
		if a.empty != b.empty {
			if a.empty {
				return 1
			}
			return -1
		}
		n := cmp.Or(cmp.Compare(a.number, b.number), strings.Compare(a.text, b.text))
		if o.reverse {
			return -n
		}
		return n
	})
	for i := range list {
		rows[i] = list[i].row
	}
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
