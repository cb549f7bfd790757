package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"assetgraph/graph"
)

// Report returns the trend as a report: of customers and tools, or of each of their days.
func (t *Trend) Report(byDay bool) *Report {
	out := &Report{Name: "trend", Title: "Coverage over time", Rows: [][]any{}, Notes: t.Notes, Sources: t.Sources,
		Summary: t.sentences(), Figures: []Total{{"days", int64(t.Days)}, {"missed", int64(t.Missed)}}}
	if byDay {
		t.addDays(out)
		return out
	}
	out.Columns = []Column{
		organizationColumn(), {Name: "tool", Title: "Tool", Least: 10},
		shareColumn("first", "First"), shareColumn("last", "Last"), shareColumn("lowest", "Lowest"),
		shareColumn("change", "Points"),
		{Name: "trend", Title: "Trend", Least: sparkWidth}, {Name: "reason", Title: "Why it fell", Least: 14},
		optional(figureColumn("covered", "Have it")), optional(figureColumn("machines", "Machines")),
		dayColumn("lowestOn", "Lowest on"), dayColumn("firstOn", "First day"), dayColumn("lastOn", "Last day"),
	}
	for i := range t.Lines {
		l := &t.Lines[i]
		row := []any{l.Organization, l.Tool.Name}
		first, last, lowest := l.first(), l.last(), l.lowest()
		if first == nil {
			row = append(row, nil, nil, nil, nil, "", l.Reasons(), nil, nil, nil, nil, nil)
		} else {
			row = append(row, share(first), share(last), share(lowest), change(first, last), l.sparkline(), l.Reasons(),
				int64(last.Covered), int64(last.Machines), dayCell(lowest.Day), dayCell(first.Day), dayCell(last.Day))
		}
		out.Rows, out.Days = append(out.Rows, row), append(out.Days, l.days())
	}
	return out
}

// ForPeople returns the report of customers and tools with reasons as sentences, for who reads rows that are narrow.
func (t *Trend) ForPeople() *Report {
	out := t.Report(false)
	at := slices.IndexFunc(out.Columns, func(c Column) bool { return c.Name == "reason" })
	out.Columns = slices.Delete(out.Columns, at, at+1)
	var falls []string
	for i := range t.Lines {
		l := &t.Lines[i]
		out.Rows[i] = slices.Delete(out.Rows[i], at, at+1)
		if why := l.Reasons(); why != "" {
			falls = append(falls, cmp.Or(l.Organization, "(no customer)")+", "+l.Tool.Title+": "+why+".")
		}
	}
	out.Summary = append(out.Summary, falls...)
	return out
}

func shareColumn(name, title string) Column { return Column{Name: name, Title: title, Kind: Share} }

func dayColumn(name, title string) Column {
	return Column{Name: name, Title: title, Kind: Day, Least: len(time.DateOnly), Optional: true}
}

func optional(c Column) Column {
	c.Optional = true
	return c
}

// addDays adds a row for each day of each line.
func (t *Trend) addDays(out *Report) {
	out.Title = "Coverage day by day"
	day := dayColumn("day", "Day")
	day.Optional = false
	out.Columns = []Column{
		{Name: "organization", Title: "Customer", Least: 10}, day, {Name: "tool", Title: "Tool", Least: 10},
		shareColumn("share", "Share"), figureColumn("covered", "Have it"), figureColumn("machines", "Machines"),
		{Name: "reason", Title: "Why it fell", Least: 14}, optional(figureColumn("stale", "Stale")),
		optional(figureColumn("failing", "Fail")), optional(figureColumn("unknown", "Unknown")),
		{Name: "whole", Title: "Read whole", Kind: Truth, Optional: true}, dayColumn("since", "Compared with"),
	}
	for _, f := range graph.FigureFlows() {
		out.Columns = append(out.Columns, optional(figureColumn(string(f), string(f))))
	}
	for i := range t.Lines {
		l := &t.Lines[i]
		for n := range l.Days {
			d := &l.Days[n]
			row := []any{
				l.Organization, dayCell(d.Day), l.Tool.Name, share(d), int64(d.Covered), int64(d.Machines), d.Reason,
				int64(d.Stale), int64(d.Failing), int64(d.Unknown), d.Whole, dayCell(d.Since),
			}
			for _, f := range graph.FigureFlows() {
				if count := d.Flows[f]; count > 0 {
					row = append(row, int64(count))
				} else {
					row = append(row, nil)
				}
			}
			out.Rows = append(out.Rows, row)
		}
	}
}

// days returns the days of a line as JSON has them.
func (l *TrendLine) days() []any {
	list := make([]any, len(l.Days))
	for i := range l.Days {
		d := &l.Days[i]
		flows := map[string]any{}
		for f, n := range d.Flows {
			flows[string(f)] = int64(n)
		}
		list[i] = map[string]any{
			"day": d.Day.Format(time.DateOnly), "share": share(d), "machines": int64(d.Machines), "covered": int64(d.Covered),
			"stale": int64(d.Stale), "failing": int64(d.Failing), "unknown": int64(d.Unknown), "whole": d.Whole,
			"since": dayCell(d.Since), "flows": flows, "reason": d.Reason,
		}
	}
	return list
}

// dayCell returns a day as rows have it, nil for none.
func dayCell(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.Format(time.DateOnly)
}

// share is a cell with the share of a day in percent, nil where there is none.
func share(d *TrendDay) any {
	tenths, ok := d.Tenths()
	if !ok {
		return nil
	}
	return float64(tenths) / 10
}

func change(first, last *TrendDay) float64 {
	was, _ := first.Tenths()
	is, _ := last.Tenths()
	return float64(is-was) / 10
}

// points writes tenths of points with their sign.
func points(tenths int64) string { return fmt.Sprintf("%+.1f", float64(tenths)/10) }

// mostFalls is how many falls are named of one line.
const mostFalls = 3

// Reasons says when and why the share fell, at most three times, those by which it fell most; and on how many days
// there was none.
func (l *TrendLine) Reasons() string {
	var falls []*TrendDay
	unread := 0
	for i := range l.Days {
		if l.Days[i].Fall > 0 {
			falls = append(falls, &l.Days[i])
		}
		unread += one(!l.Days[i].Whole)
	}
	slices.SortStableFunc(falls, func(a, b *TrendDay) int { return cmp.Compare(b.Fall, a.Fall) })
	named := slices.Clone(falls[:min(len(falls), mostFalls)])
	slices.SortFunc(named, func(a, b *TrendDay) int { return a.Day.Compare(b.Day) })
	var list []string
	for _, d := range named {
		list = append(list, d.Day.Format(time.DateOnly)+" "+d.Reason)
	}
	if more := len(falls) - len(named); more > 0 {
		list = append(list, count(more, "smaller fall"))
	}
	if unread > 0 {
		list = append(list, "not all of "+l.Tool.Product+" was read on "+count(unread, "day"))
	}
	return strings.Join(list, "; ")
}

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

// A cause is a flow by which a share falls, in words.
type cause struct {
	flow      graph.Flow
	one, many string // what stands behind the number
}

func causes() []cause {
	return []cause{
		{graph.NewWithout, "new machine without it", "new machines without it"},
		{graph.Lost, "lost it", "lost it"},
		{graph.GoneWith, "that had it is gone", "that had it are gone"},
		{graph.MergedWith, "that had it turned out to be another machine", "that had it turned out to be other machines"},
		{graph.ExcludedWith, "that had it is left out", "that had it are left out"},
		{graph.IncludedWithout, "without it is not left out any more", "without it are not left out any more"},
		{graph.MovedInWithout, "without it came from another customer", "without it came from other customers"},
		{graph.MovedOutWith, "that had it went to another customer", "that had it went to other customers"},
		{graph.FitWithout, "without it on which it can run now", "without it on which it can run now"},
		{graph.UnfitWith, "that had it lost it, and it can't run there", "that had it lost it, and it can't run there"},
	}
}

// sinceWhen names the day before, unless that is yesterday.
func (d *TrendDay) sinceWhen(before *TrendDay) string {
	if d.Day.Sub(before.Day) == 24*time.Hour {
		return ""
	}
	return " since " + before.Day.Format(time.DateOnly)
}

// why says what made the share fall since a day before, those that did most first.
func (d *TrendDay) why(before *TrendDay) string {
	list := slices.DeleteFunc(causes(), func(c cause) bool { return d.Flows[c.flow] == 0 })
	if !d.Since.Equal(before.Day) || len(list) == 0 {
		return "why is not known"
	}
	slices.SortStableFunc(list, func(a, b cause) int { return cmp.Compare(d.Flows[b.flow], d.Flows[a.flow]) })
	parts := make([]string, len(list))
	for i, c := range list {
		n, noun := d.Flows[c.flow], c.many
		if n == 1 {
			noun = c.one
		}
		parts[i] = humanize.Comma(int64(n)) + " " + noun
	}
	return strings.Join(parts, ", ")
}

// sentences says of each tool how the machines of all lines together went.
func (t *Trend) sentences() (list []string) {
	for _, all := range t.together() {
		first, last := all.first(), all.last()
		if first == nil {
			continue
		}
		was, _ := first.Tenths()
		is, _ := last.Tenths()
		text := fmt.Sprintf("%s: %s of %s (%.1f %%) on %s", all.Tool.Title, humanize.Comma(int64(last.Covered)),
			count(last.Machines, "machine"), float64(is)/10, last.Day.Format(time.DateOnly))
		switch day := first.Day.Format(time.DateOnly); {
		case first.Day.Equal(last.Day):
		case is == was:
			text += "; the same share as on " + day
		default:
			text += fmt.Sprintf("; %s points since %s", points(is-was), day)
		}
		list = append(list, text+".")
	}
	return list
}

// together returns a line for each tool that is the sum of those of all customers.
func (t *Trend) together() (list []*TrendLine) {
	for i := range t.Lines {
		l := &t.Lines[i]
		n := slices.IndexFunc(list, func(sum *TrendLine) bool { return sum.Tool == l.Tool })
		if n < 0 {
			n = len(list)
			list = append(list, &TrendLine{Tool: l.Tool})
		}
		list[n].add(l)
	}
	return list
}

// add adds the days of another line.
func (l *TrendLine) add(other *TrendLine) {
	for i := range other.Days {
		d := &other.Days[i]
		n, there := slices.BinarySearchFunc(l.Days, d.Day, func(d TrendDay, day time.Time) int { return d.Day.Compare(day) })
		if !there {
			l.Days = slices.Insert(l.Days, n, TrendDay{Figure: graph.Figure{Day: d.Day, Tool: d.Tool, Whole: d.Whole}})
		}
		l.Days[n].Machines += d.Machines
		l.Days[n].Covered += d.Covered
	}
}

// note says what there is too little of.
func (t *Trend) note() {
	switch {
	case t.Days == 0:
		t.Notes = append(t.Notes, "no run has kept figures of these days: each keeps those of its own day")
	case t.Missed > 0:
		t.Notes = append(t.Notes, "no run kept figures on "+count(t.Missed, "day")+" in between: those are gaps")
	}
}

// ByCustomer returns the lines of each customer together.
func (t *Trend) ByCustomer() (list [][]TrendLine) {
	for i := range t.Lines {
		n := len(list) - 1
		if n < 0 || list[n][0].Customer != t.Lines[i].Customer {
			list, n = append(list, nil), n+1
		}
		list[n] = append(list[n], t.Lines[i])
	}
	return list
}

// TurningDays returns the days of one customer on which a figure was another one than before, with the first and the
// last one: a column for each tool.
func TurningDays(lines []TrendLine) *Report {
	out := &Report{Name: "trend", Title: "Days on which something changed", Rows: [][]any{},
		Columns: []Column{dayColumn("day", "Day")}}
	var days []time.Time
	for i := range lines {
		out.Columns = append(out.Columns, Column{Name: lines[i].Tool.Name, Title: lines[i].Tool.Title})
		for n := range lines[i].Days {
			if lines[i].turns(n) {
				days = append(days, lines[i].Days[n].Day)
			}
		}
	}
	out.Columns = append(out.Columns, Column{Name: "reason", Title: "Why it fell", Least: 14})
	slices.SortFunc(days, time.Time.Compare)
	for _, day := range slices.CompactFunc(days, time.Time.Equal) {
		row, why := []any{dayCell(day)}, []string(nil)
		for i := range lines {
			cell := any(nil)
			if d := lines[i].on(day); d != nil {
				cell = d.text()
				if d.Reason != "" {
					why = append(why, lines[i].Tool.Title+" "+d.Reason)
				}
			}
			row = append(row, cell)
		}
		out.Rows = append(out.Rows, append(row, strings.Join(why, "; ")))
	}
	return out
}

// turns reports whether the nth day is the first or the last one, or differs from the one before.
func (l *TrendLine) turns(n int) bool {
	if n == 0 || n == len(l.Days)-1 {
		return true
	}
	a, b := &l.Days[n-1], &l.Days[n]
	return a.Covered != b.Covered || a.Machines != b.Machines || a.Whole != b.Whole
}

// on returns the line's day, nil for none.
func (l *TrendLine) on(day time.Time) *TrendDay {
	if i := slices.IndexFunc(l.Days, func(d TrendDay) bool { return d.Day.Equal(day) }); i >= 0 {
		return &l.Days[i]
	}
	return nil
}

// text is a day's figure for people.
func (d *TrendDay) text() string {
	tenths, ok := d.Tenths()
	switch {
	case !d.Whole:
		return "not read"
	case !ok:
		return "no machine"
	}
	return fmt.Sprintf("%s of %s (%.1f %%)", humanize.Comma(int64(d.Covered)), humanize.Comma(int64(d.Machines)),
		float64(tenths)/10)
}
