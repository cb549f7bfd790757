package report

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"assetgraph/graph"
)

// A Report is an answer in rows, which a table, CSV, JSON and a page print alike. Its name, the names of its columns
// and those of its figures are a contract.
type Report struct {
	Name    string // of the command: seats
	Title   string // for people: Seats
	Columns []Column
	Rows    [][]any  // cells in the order of the columns: string, int64, float64, bool, or nil for what is not known
	Days    [][]any  // of each row the days behind it, which JSON has besides; nil for none
	Figures []Total  // its totals
	Summary []string // the same in sentences
	Notes   []string // what makes the answer less than complete or fresh
	Sources []InstanceSource
}

// A Column is one of a Report.
type Column struct {
	Name     string
	Title    string // what people read at its head where there is room
	Kind     Kind
	Least    int  // how narrow people can still read it, in characters; 0 for as narrow as its head
	Optional bool // a narrow table does without it
}

// A Kind says what the cells of a column are.
type Kind uint8

// The kinds of columns.
const (
	Text   Kind = iota
	Texts       // several, parted by ";"
	Figure      // an int64
	Share       // a float64 in percent or points, of which people read one decimal
	Day         // a day, or a time in graph.TimeLayout, of which people read the day
	Truth       // a bool
	Days        // several times in graph.TimeLayout, parted by ";", some of them nothing; people read DaysOf
	Link        // addresses of pages of products' consoles, parted by ";"
)

// DaysOf returns the days of several times for people, each once, and a dash for what has none; "" for no time at all.
func DaysOf(times string) string {
	var days []string
	for at := range strings.SplitSeq(times, ";") {
		day, _, _ := strings.Cut(at, "T")
		days = append(days, cmp.Or(day, "-"))
	}
	if days = slices.Compact(days); slices.Equal(days, []string{"-"}) {
		return ""
	}
	return strings.Join(days, "; ")
}

// A Total is a figure of a whole report.
type Total struct {
	Name  string
	Value int64
}

// Options say which machines a report is about, and when.
type Options struct {
	Organizations []string      // names or globs in any case; nil for all
	Systems       []string      // values of osType; nil for all
	Excludes      []Exclude     // machines to leave out
	Stale         time.Duration // how long ago what is in use may have been seen last; 0 for ever
	Now           time.Time

	customer *graph.Key // of the one customer that it is about, "" for machines of none; nil for Organizations
}

// about reports whether a customer is asked for.
func (o *Options) about(key graph.Key, name string) bool {
	if o.customer != nil {
		return key == *o.customer
	}
	return len(o.Organizations) == 0 ||
		slices.ContainsFunc(o.Organizations, func(asked string) bool { return Fits(asked, name) })
}

// isStale reports whether what was seen last then is stale. What has no such time is not.
func (o *Options) isStale(seen time.Time) bool {
	return o.Stale > 0 && !seen.IsZero() && o.Now.Sub(seen) > o.Stale
}

// ago returns a day and how long ago it was.
func (o *Options) ago(t time.Time) string { g := gap{now: o.Now}; return g.ago(t) }

// figure returns a total by its name, 0 for none of that name.
func (r *Report) figure(name string) int64 {
	for _, f := range r.Figures {
		if f.Name == name {
			return f.Value
		}
	}
	return 0
}

// Blank reports whether a column has no value in any row, so that people need not see it.
func (r *Report) Blank(column int) bool {
	return !slices.ContainsFunc(r.Rows, func(row []any) bool { return row[column] != nil && row[column] != "" })
}

func textOf(cell any) string {
	switch v := cell.(type) {
	case string:
		return v
	case bool:
		return YesOrNo(v)
	}
	return ""
}

// YesOrNo is a truth value as people read it.
func YesOrNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// byRows orders rows of texts by the first so many columns, as names are ordered.
func byRows(columns int) func(a, b []any) int {
	return func(a, b []any) int {
		for i := range columns {
			if n := ByName(textOf(a[i]), textOf(b[i])); n != 0 {
				return n
			}
		}
		return 0
	}
}

// timeCell returns a time as rows have it, nil for none.
func timeCell(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(graph.TimeLayout)
}

// totals count under names, in the order in which they first came.
type totals struct{ figures []Total }

func (t *totals) add(name string, n int64) {
	if i := slices.IndexFunc(t.figures, func(f Total) bool { return f.Name == name }); i >= 0 {
		t.figures[i].Value += n
		return
	}
	t.figures = append(t.figures, Total{name, n})
}

// The columns that several reports have.

func organizationColumn() Column {
	return Column{Name: "organization", Title: "Customer", Least: 12}
}

func hostnameColumn() Column { return Column{Name: "hostname", Title: "Machine", Least: 15} }

func reasonColumn() Column { return Column{Name: "reason", Title: "Why", Least: 20} }

func lastSeenColumn() Column {
	return Column{Name: "lastSeenOn", Title: "Last seen", Kind: Day, Least: 10, Optional: true}
}

func serialColumn() Column {
	return Column{Name: "serial", Title: "Serial number", Least: 14, Optional: true}
}

func deviceColumn() Column { return Column{Name: "device", Title: "Key", Least: 48, Optional: true} }

func figureColumn(name, title string) Column { return Column{Name: name, Title: title, Kind: Figure} }

// joined writes a list into a cell.
func joined(list []string) string { return strings.Join(list, ";") }
