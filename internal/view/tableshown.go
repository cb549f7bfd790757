package view

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize"
)

// A tableShown is a table as the template writes it.
type tableShown struct {
	ID, Caption, None, Note string
	Heads                   []head
	Rows                    [][]cell
	Count                   string // how many rows there are, and how many of them are shown
	CSV, JSON               string // addresses
	Filter                  filter
	Previous, Next, Pages   string // addresses of pages; Pages says where one is
	Filtered                bool
	All                     string // address without filters
}

// A head is the head of a column.
type head struct {
	Title, Sort string // address that sorts by it
	Direction   string // ascending, descending or ""; as ARIA has it
	Number      bool
	Class       string // of its cells
}

// A filter is the form above a table.
type filter struct {
	Action  string
	Hidden  []hidden // what of the address stays
	Name    string   // of the parameter of the text
	Text    string
	Choices []choice
	Wanted  bool // there are rows enough for one, or it is in use
}

type hidden struct{ Name, Value string }

// A choice is one column of which people choose a value.
type choice struct {
	Name, Title, Value string
	Options            []string
}

// filterable is from how many rows on a table has a form to filter it.
const filterable = 8

// shown returns what a page shows of the table under an address.
func (t *table) shown(at *url.URL) *tableShown {
	q := at.Query()
	rows := t.selected(q)
	size := t.size
	if size == 0 {
		size = pageRows
	}
	pages := max(1, (len(rows)+size-1)/size)
	page, err := strconv.Atoi(q.Get(t.parameter(pageParameter)))
	if err != nil || page < 1 || page > pages {
		page = 1
	}
	out := &tableShown{ID: t.name, Caption: t.caption, None: t.none, Note: t.note}
	if out.ID == "" {
		out.ID = "rows"
	}
	for i := range t.columns {
		out.Heads = append(out.Heads, t.head(i, at))
	}
	for _, row := range rows[(page-1)*size : min(len(rows), page*size)] {
		cells := make([]cell, len(t.columns))
		for i := range cells {
			cells[i] = t.display(row, i)
		}
		out.Rows = append(out.Rows, cells)
	}
	out.Filter, out.Filtered = t.filter(at)
	out.Count = counted(len(rows), "row")
	if all := t.length(); len(rows) < all {
		out.Count = humanize.Comma(int64(len(rows))) + " of " + counted(all, "row")
	}
	out.CSV, out.JSON = t.address(at, formatParameter, "csv"), t.address(at, formatParameter, "json")
	if pages > 1 {
		out.Pages = "Page " + humanize.Comma(int64(page)) + " of " + humanize.Comma(int64(pages))
		if page > 1 {
			out.Previous = t.address(at, pageParameter, strconv.Itoa(page-1))
		}
		if page < pages {
			out.Next = t.address(at, pageParameter, strconv.Itoa(page+1))
		}
	}
	if out.Filtered {
		out.All = t.unfiltered(at)
	}
	return out
}

// address returns the address of the page with one parameter of the table set.
func (t *table) address(at *url.URL, name, value string) string {
	q := at.Query()
	switch name {
	case formatParameter:
		q.Set(formatParameter, value)
		q.Del(t.parameter(pageParameter))
		if t.name != "" {
			q.Set(tableParameter, t.name)
		}
		return at.Path + "?" + q.Encode()
	case sortParameter:
		q.Del(t.parameter(pageParameter))
	}
	q.Set(t.parameter(name), value)
	return at.Path + "?" + q.Encode() + "#" + cmp.Or(t.name, "rows")
}

func (t *table) unfiltered(at *url.URL) string {
	q := at.Query()
	q.Del(t.parameter(textParameter))
	q.Del(t.parameter(pageParameter))
	for _, c := range t.columns {
		q.Del(t.parameter(c.name))
	}
	return at.Path + "?" + q.Encode()
}

// head returns the head of a column, whose link sorts by it, and the other way round where that is done already.
func (t *table) head(i int, at *url.URL) head {
	c := t.columns[i]
	h := head{Title: c.title, Number: c.number, Class: c.class()}
	name := c.name
	if o := t.order(at.Query()); o.column == i {
		h.Direction = "descending"
		if !o.reverse {
			h.Direction = "ascending"
			name = "-" + name
		}
	}
	h.Sort = t.address(at, sortParameter, name)
	return h
}

// class says how the cells of the column are shown, as the style sheet calls it.
func (c *column) class() string {
	var list []string
	for name, is := range map[string]bool{"number": c.number, "code": c.code, "whole": c.whole, "roomy": c.roomy} {
		if is {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

// filter returns the form, and whether rows are filtered out already.
func (t *table) filter(at *url.URL) (f filter, filtered bool) {
	q := at.Query()
	f = filter{Action: at.Path, Name: t.parameter(textParameter), Text: q.Get(t.parameter(textParameter))}
	own := []string{f.Name, t.parameter(pageParameter)}
	filtered = f.Text != ""
	for _, c := range t.columns {
		name := t.parameter(c.name)
		filtered = filtered || q.Get(name) != ""
		if c.choices == nil {
			continue
		}
		own = append(own, name)
		f.Choices = append(f.Choices,
			choice{Name: name, Title: c.title, Value: strings.ToLower(q.Get(name)), Options: c.choices})
	}
	names := make([]string, 0, len(q))
	for name := range q {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if !slices.Contains(own, name) {
			for _, value := range q[name] {
				f.Hidden = append(f.Hidden, hidden{name, value})
			}
		}
	}
	f.Wanted = filtered || t.length() >= filterable
	return f, filtered
}

// counted returns a number with its noun.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return humanize.Comma(int64(n)) + " " + noun + "s"
}
