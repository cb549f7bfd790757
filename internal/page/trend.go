package page

import (
	"fmt"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"assetgraph/internal/report"
)

// OfTrend returns a page that shows how coverage went: all customers in a table, and each by itself.
func OfTrend(t *report.Trend, at time.Time) *Document {
	r := t.Report(false)
	d := &Document{Title: r.Title, At: at, Notes: r.Notes, Sources: r.Sources,
		Sections: []Section{{
			Words: r.Summary, Table: &Table{Report: r, Hide: []string{"trend", "firstOn", "lastOn", "lowestOn"}},
		}}}
	for _, lines := range t.ByCustomer() {
		name := lines[0].Organization
		if name == "" {
			name = "(no customer)"
		}
		d.Sections = append(d.Sections, trendSection(name, lines))
	}
	return d
}

// trendSection shows the lines of one customer: drawn, and the days on which something changed as a table.
func trendSection(heading string, lines []report.TrendLine) Section {
	return Section{
		Heading: heading, Words: []string{"Of the machines on which a tool can run, or that have it all the same."},
		Lines: trendChart(lines), Table: &Table{Report: report.TurningDays(lines)},
	}
}

// trendChart returns nil where there are not two days to draw a line between.
func trendChart(lines []report.TrendLine) *LineChart {
	c := &LineChart{Title: "Machines that have each tool, in percent"}
	for i := range lines {
		l := &lines[i]
		line := Line{Label: strings.ToUpper(l.Tool.Title[:1]) + l.Tool.Title[1:]}
		for n := range l.Days {
			d := &l.Days[n]
			if tenths, ok := d.Tenths(); ok && d.Whole {
				line.Points = append(line.Points, Point{Day: d.Day, Tenths: tenths,
					Text: fmt.Sprintf("%s of %s", humanize.Comma(int64(d.Covered)), humanize.Comma(int64(d.Machines)))})
			}
		}
		if len(line.Points) > 0 {
			c.Lines = append(c.Lines, line)
		}
	}
	if from, to := c.days(); !from.Before(to) {
		return nil
	}
	return c
}
