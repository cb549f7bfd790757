package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"assetgraph/converters"
	"assetgraph/internal/plaintext"
	"assetgraph/internal/report"
)

// read checks the flags that need no graph.
func (f *coverageFlags) read(o *report.CoverOptions, tools []*converters.Tool) error {
	var err error
	if o.Missing, err = report.CheckMissing(tools, f.missing); err != nil {
		return usagef("", "--missing: %w", err)
	}
	if f.most, err = parsePercentage(f.failOver); err != nil {
		return usagef("", "--fail-over: %w", err)
	}
	orderOf := func(name string) (report.Order, error) { return report.OrderOrganizations(tools, name) }
	if f.by == "device" {
		orderOf = report.OrderGaps
	}
	if f.order, err = orderOf(cmp.Or(f.sort, "organization")); err != nil {
		return usagef("", "--sort with --by %s: %w", f.by, err)
	}
	return nil
}

// A percentage of machines; below zero for none.
type percentage float64

func parsePercentage(text string) (percentage, error) {
	if text == "" {
		return -1, nil
	}
	number, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), "%")), 64)
	if err != nil || !(number >= 0 && number <= 100) {
		return -1, fmt.Errorf("%q is no percentage such as 5%%", text)
	}
	return percentage(number), nil
}

// judge fails the command when more machines lack something than --fail-over allows.
func (a *app) judge(c *report.Coverage, f *coverageFlags) error {
	t := c.Totals
	if f.most < 0 || float64(t.Lacking)*100 <= float64(f.most)*float64(t.Devices) {
		return nil
	}
	what := "something"
	if len(f.missing) > 0 {
		what = strings.Join(f.missing, " or ")
	}
	fmt.Fprintf(a.stderr, "over: %s of %s (%.1f %%) lack %s, more than --fail-over %s\n", comma(t.Lacking),
		counted(t.Devices, "machine", "machines"),
		float64(t.Lacking)*100/float64(t.Devices), what, f.failOver)
	return outcome(exitOver)
}

// printCoverage prints a table, the totals in words, and what to know about the sources.
func (a *app) printCoverage(c *report.Coverage, f *coverageFlags) {
	if f.by == "device" {
		a.printGaps(c.Gaps)
	} else {
		fmt.Fprint(a.stdout, a.organizationTable(c.Organizations))
	}
	fmt.Fprintln(a.stdout)
	for _, s := range c.Totals.Sentences() {
		fmt.Fprintln(a.stdout, wrap(s, a.width()-columnGap))
	}
	if len(f.missing) > 0 && c.Totals.Devices > 0 {
		whose := "Listed are "
		if f.by == "organization" {
			whose = "Listed are the customers of "
		}
		fmt.Fprintf(a.stdout, "%s%s that lack %s.\n", whose, counted(c.Totals.Lacking, "machine", "machines"),
			strings.Join(f.missing, " or "))
	}
	for _, n := range c.Notes {
		fmt.Fprintln(a.stdout, wrap("Note: "+n+".", a.width()-columnGap))
	}
	if c.Totals.Devices == 0 && c.Totals.Excluded == 0 {
		fmt.Fprintf(a.stdout, "\nA run brings machines into the graph:\n  %s\n", a.again("run"))
	} else if f.by == "organization" && len(c.Gaps) > 0 {
		fmt.Fprintf(a.stdout, "\nWhich machines, and why\n  %s\n",
			a.again("report coverage", append(a.sortedGaps(f), "--by", "device")...))
	} else if f.by == "device" && len(c.Gaps) > 0 {
		fmt.Fprintf(a.stdout, "\nWhy one of them is as it is\n  %s\n", a.again("explain", shellQuote(c.Gaps[0].Device)))
	}
}

func (a *app) organizationTable(list []report.OrganizationCoverage) string {
	names := report.OrganizationColumns(a.tools())
	columns := append(columnsOf(names[0]), figures(names[1:]...)...)
	columns[0].wrap, columns[0].least = true, 12
	for i := slices.Index(names, "complete") + 1; i < len(columns); i++ {
		columns[i].optional = true
	}
	rows := make([][]string, len(list))
	for i, o := range list {
		name := readable(o.Organization)
		if name == "" {
			name = "(no customer)"
		}
		rows[i] = []string{name}
		for _, n := range o.Figures() {
			rows[i] = append(rows[i], count(n))
		}
	}
	return a.fitted(columns, rows)
}

// printGaps prints what matters first, and leaves out what does not where the terminal is narrow. Nothing that stands
// there is cut.
func (a *app) printGaps(gaps []report.Gap) {
	columns := []tableColumn{
		{name: "hostname", wrap: true, least: 15}, {name: "missing", wrap: true, least: 15, room: 16},
		{name: "reason", wrap: true, least: 18, room: 40},
		{name: "organization", wrap: true, least: 12, room: 24}, {name: "since", wrap: true, least: 10},
		{name: "lastSeenOn", optional: true, least: 10},
		{name: "serial", wrap: true, optional: true, least: 14},
		{name: "sources", wrap: true, optional: true, least: 12},
		{name: "device", wrap: true, optional: true, least: 48},
	}
	rows := make([][]string, len(gaps))
	for i := range gaps {
		g := &gaps[i]
		seen := ""
		if g.LastSeenOn != nil {
			seen = report.DaysOf(*g.LastSeenOn)
		}
		rows[i] = []string{
			readable(g.Hostname), spaced(g.Missing), readable(g.Reason), readable(g.Organization),
			report.DaysOf(g.Since), seen, readable(g.Serial), spaced(g.Sources), oneLine(g.Device),
		}
	}
	a.printWide(columns, rows)
}

// readable returns a text of a provider for a cell: on one line, and cut where nobody reads on. JSON and CSV have all of
// it.
func readable(text string) string { return singleLine(plaintext.Clip(text, plaintext.Message)) }

// spaced gives a list a place where a line can end behind each of its items.
func spaced(list string) string { return oneLine(strings.ReplaceAll(list, ";", "; ")) }

// sortedGaps returns the flag --sort as it was given, where it means something for single machines too.
func (a *app) sortedGaps(f *coverageFlags) (list []string) {
	for _, g := range a.given {
		if _, err := report.OrderGaps(f.sort); g.name == "sort" && err == nil {
			list = append(list, g.text)
		}
	}
	return list
}
