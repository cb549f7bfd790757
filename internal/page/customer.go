package page

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"assetgraph/converters"
	"assetgraph/internal/report"
)

// OfCustomer returns the page of one customer: for a review, a mail, or paper.
func OfCustomer(r *report.CustomerReport, tools []*converters.Tool, at time.Time) *Document {
	d := &Document{Title: r.Customer, Subtitle: "Machines and how they are protected", At: at,
		Notes: r.Coverage.Notes, Sources: r.Coverage.Sources}
	d.Tiles = tiles(r)
	d.Sections = []Section{
		{Heading: "Coverage", Words: r.Coverage.Totals.Sentences()[1:], Chart: coverageChart(r, tools)},
		trendOf(r),
		{Heading: "How machines do", Chart: postureChart(r, tools)},
		{Heading: "End of support", Words: r.EndOfLife.Summary, Chart: supportChart(r.EndOfLife)},
		{Heading: "Seats", Table: rowsOf(r.Seats)},
		{Heading: "Machines with a gap", Table: rowsOf(r.Gaps, "sources")},
		{Heading: "Machines whose support has ended or ends soon", Table: rowsOf(r.Expiring)},
		{Heading: "What can go", Words: r.Ghosts.Summary, Table: rowsOf(r.Ghosts)},
		{Heading: "People and accounts", Words: r.People.Summary, Table: rowsOf(r.People)},
	}
	d.Sections = slices.DeleteFunc(d.Sections,
		func(s Section) bool { return s.Chart == nil && s.Table == nil })
	return d
}

// trendOf shows how the customer's coverage went, where there are two days of it.
func trendOf(r *report.CustomerReport) Section {
	if s := trendSection("Coverage over time", r.Trend); s.Lines != nil {
		return s
	}
	return Section{}
}

// rowsOf shows a report without what is the same in each row, and without what programs alone read; nil for no rows.
func rowsOf(r *report.Report, hide ...string) *Table {
	if len(r.Rows) == 0 {
		return nil
	}
	return &Table{Report: r, Hide: append(hide, "organization", "device", "record", "account", "records")}
}

func tiles(r *report.CustomerReport) []Tile {
	c := r.Coverage.Totals
	percent := "–"
	if c.Devices > 0 {
		percent = fmt.Sprintf("%d %%", c.Complete*100/c.Devices)
	}
	return []Tile{
		{Value: humanize.Comma(int64(c.Devices)), Label: "machines"},
		{Value: percent, Label: "lack nothing", Bad: c.Complete < c.Devices},
		bad(c.Lacking, "with a gap"),
		bad(int(figure(r.EndOfLife, report.Past)), "past the end of support"),
		bad(int(figure(r.Ghosts, "seats")), "seats wasted"),
		bad(len(r.People.Rows), "accounts and users to look at"),
	}
}

func bad(n int, label string) Tile {
	return Tile{Value: humanize.Comma(int64(n)), Label: label, Bad: n > 0}
}

func figure(r *report.Report, name string) int64 {
	for _, f := range r.Figures {
		if f.Name == name {
			return f.Value
		}
	}
	return 0
}

func coverageChart(r *report.CustomerReport, tools []*converters.Tool) *Chart {
	c := &Chart{Title: "Machines that have each tool"}
	for _, t := range tools {
		have, stale := figure(r.Gaps, t.Name), figure(r.Gaps, t.Name+".stale")
		c.Bars = append(c.Bars, Bar{strings.ToUpper(t.Title[:1]) + t.Title[1:], []Part{
			{"has it", have - stale, Good}, {"has it, stale", stale, Fair},
			{"missing", figure(r.Gaps, t.Name+".missing"), Bad},
		}})
	}
	return c.unlessEmpty()
}

func postureChart(r *report.CustomerReport, tools []*converters.Tool) *Chart {
	c := &Chart{Title: "How machines do"}
	add := func(aim string, good, bad, unknown int64) {
		if good+bad > 0 { // what no product tells of this customer is no chart
			c.Bars = append(c.Bars, Bar{aim, []Part{
				{"as it should be", good, Good}, {"needs attention", bad, Bad}, {"nobody knows", unknown, Neutral},
			}})
		}
	}
	for _, t := range tools {
		if t.Tells() {
			bad, unknown := figure(r.Gaps, t.Name+"."+t.Fails), figure(r.Gaps, t.Name+".unknown")
			add(t.Title+" "+t.Works, figure(r.Gaps, t.Name)-bad-unknown, bad, unknown)
		}
	}
	for _, ask := range report.Checks() {
		good, bad := figure(r.Posture, ask.Name+".yes"), figure(r.Posture, ask.Name+".no")
		if ask.Bad {
			good, bad = bad, good
		}
		add(ask.Aim, good, bad, figure(r.Posture, ask.Name+".unknown"))
	}
	return c.unlessEmpty()
}

func supportChart(r *report.Report) *Chart {
	c := &Chart{Title: "Support of operating systems", Bars: []Bar{{"Machines", []Part{
		{"supported", figure(r, report.Supported), Good}, {"ends soon", figure(r, report.Soon), Fair},
		{"ended", figure(r, report.Past), Bad}, {"nobody knows", figure(r, report.Unknown), Neutral},
	}}}}
	if figure(r, report.Unknown) == figure(r, "devices") {
		return nil
	}
	return c.unlessEmpty()
}

// unlessEmpty returns nil for a chart that shows nothing.
func (c *Chart) unlessEmpty() *Chart {
	for _, b := range c.Bars {
		for _, p := range b.Parts {
			if p.Value > 0 {
				return c
			}
		}
	}
	return nil
}
