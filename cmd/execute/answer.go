package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"assetgraph/internal/page"
	"assetgraph/internal/report"
)

// reportOutputs are the forms of every report.
func reportOutputs() map[string]string { return outputs("table", "csv", "json", "html") }

// printAnswer prints a report in the form that --output asks for. The same rows are in all of them; JSON has the days
// behind them besides, where there are any.
func (a *app) printAnswer(r *report.Report, now time.Time) error {
	switch a.flags.output {
	case "table":
		a.printTable(r)
		return nil
	case "html":
		return page.Write(a.stdout, page.Of(r, now))
	}
	names := make([]string, len(r.Columns))
	for i, c := range r.Columns {
		names[i] = c.Name
	}
	days := r.Days != nil && a.flags.output == "json"
	if days {
		names = append(names, "days")
	}
	sink := a.newRows(names)
	for i, row := range r.Rows {
		if days {
			row = append(slices.Clone(row), r.Days[i])
		}
		if err := sink.row(row); err != nil {
			return err
		}
	}
	err := sink.close()
	for _, n := range r.Notes {
		fmt.Fprintf(a.stderr, "note: %s\n", singleLine(n))
	}
	return err
}

// printTable prints the rows, the totals in words, what distorts them, and how fresh they are.
func (a *app) printTable(r *report.Report) {
	if len(r.Rows) > 0 {
		var columns []tableColumn
		rows := make([][]string, len(r.Rows))
		for n, c := range r.Columns {
			if r.Blank(n) {
				continue
			}
			column := tableColumn{name: c.Name, wrap: true, least: c.Least, optional: c.Optional}
			if c.Kind == report.Figure || c.Kind == report.Share {
				column = figures(c.Name)[0]
				column.optional = c.Optional
			}
			columns = append(columns, column)
			for i, row := range r.Rows {
				rows[i] = append(rows[i], shown(c, row[n]))
			}
		}
		a.printWide(columns, rows)
		fmt.Fprintln(a.stdout)
	}
	for _, s := range r.Summary {
		fmt.Fprintln(a.stdout, wrap(s, a.width()-columnGap))
	}
	for _, n := range r.Notes {
		fmt.Fprintln(a.stdout, wrap("Note: "+n+".", a.width()-columnGap))
	}
	fmt.Fprintln(a.stdout, wrap(freshness(r.Sources), a.width()-columnGap))
}

// printWide prints rows, leaving out optional columns where the terminal is narrow, with how many rows there are.
// Nothing that stands there is cut.
func (a *app) printWide(columns []tableColumn, rows [][]string) {
	l, all := layOut(columns, rows, a.width()), len(rows)
	for first := true; first || len(rows) > 0; first = false {
		n := min(chunkRows, len(rows))
		fmt.Fprintln(a.stdout, l.render(rows[:n], first))
		rows = rows[n:]
	}
	note := "(" + counted(all, "row", "rows")
	if left := l.leftOut(columns); len(left) > 0 {
		note += "; without room for " + strings.Join(left, ", ")
	}
	fmt.Fprintln(a.stdout, wrap(note+")", a.width()-columnGap))
}

// shown is a cell as people read it.
func shown(c report.Column, cell any) string {
	switch v := cell.(type) {
	case nil:
		if c.Kind == report.Truth {
			return "unknown"
		}
		return ""
	case bool:
		return report.YesOrNo(v)
	case int64:
		return count(int(v))
	case float64:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case string:
		if c.Kind == report.Day {
			v, _, _ = strings.Cut(v, "T")
		}
		if c.Name == "organization" {
			v = cmp.Or(v, "(no customer)")
		}
		if c.Kind == report.Texts || c.Kind == report.Link {
			v = strings.ReplaceAll(v, ";", "; ")
		}
		return readable(v)
	}
	return oneLine(cell)
}

// freshness says how old what the graph holds of the sources is.
func freshness(list []report.InstanceSource) string {
	if len(list) == 0 {
		return "Sources: none was ever read."
	}
	whole, oldest := 0, report.InstanceSource{}
	for _, r := range list {
		if r.ReadOn().IsZero() {
			continue
		}
		if whole++; oldest.ReadOn().IsZero() || r.ReadOn().Before(oldest.ReadOn()) {
			oldest = r
		}
	}
	text := fmt.Sprintf("Sources: %d of %d were read completely", whole, len(list))
	if whole > 0 {
		text += ", the oldest on " + oldest.ReadOn().UTC().Format("2006-01-02 15:04 UTC")
	}
	return text + "."
}

// unknownFlag makes the error for a name that is not there one of usage, which names the flag that it was given to:
// --customer, or other.
func unknownFlag(err error, other string) error {
	unknown, ok := errors.AsType[*report.UnknownError](err)
	switch {
	case !ok:
		return err
	case unknown.Kind == "organization":
		other = "--customer"
	}
	return usagef("", "%s: %w", other, unknown)
}

// unknownCustomer makes the error for a customer that is not there one of usage, which says where their names are.
func (a *app) unknownCustomer(err error) error {
	if unknown, ok := errors.AsType[*report.UnknownError](err); ok && unknown.Kind == "organization" {
		return usagef(a.again("query", shellQuote("@customers-by-coverage"))+" names all of them", "--organization: %w",
			unknown)
	}
	return err
}
