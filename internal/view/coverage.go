package view

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/dustin/go-humanize"

	"assetgraph/internal/report"
)

// noCustomer is what people read in place of the name of no customer.
const noCustomer = "(no customer)"

// mostCustomers is how many customers one page of the heat map has.
const mostCustomers = 500

// coveragePage is the heat map: customers by tools.
func (v *View) coveragePage(r *http.Request) (*content, error) {
	f, err := v.fleet(r.Context())
	if err != nil {
		return nil, err
	}
	t := v.heatMap(f, f.coverage.Organizations)
	t.caption, t.size = "Machines of each customer that have each tool", mostCustomers
	return &content{title: "Coverage", template: "coverage", data: f.coverage, tables: []*table{t}}, nil
}

// heatMap shows customers by tools, by the columns of report.OrganizationCoverage.
func (v *View) heatMap(f *fleet, list []report.OrganizationCoverage) *table {
	columns := v.coverageColumns()
	t := &table{
		rows: len(list), none: "The graph holds no machines.",
		value: func(row, i int) any {
			if i == 0 {
				return list[row].Organization
			}
			return int64(list[row].Figures()[i-1])
		},
		cell: func(row, i int) cell {
			o, c := &list[row], &columns[i]
			switch {
			case i == 0:
				return f.customer(o.Organization, o.Customer)
			case c.phrase == "":
				return cell{}
			}
			return c.cell(o, o.Figures()[i-1])
		},
	}
	for _, c := range columns {
		t.columns = append(t.columns, column{name: c.name, title: c.title, number: c.name != "organization"})
	}
	return t
}

// A coverageColumn is a column of report.OrganizationCoverage.
type coverageColumn struct {
	name, title string
	phrase      string // what the machines do that are counted: "have EDR"; "" for all of them
	bad         bool   // they are what should not be
	missing     string // of report.MissingWords: which machines of the customer the figure leads to; "" for any
}

// coverageColumns returns the columns as people read them.
func (v *View) coverageColumns() []coverageColumn {
	tools := v.o.Source.Model.Tools()
	list := []coverageColumn{{title: "Customer"}, {title: "Machines"}}
	for _, t := range tools {
		list = append(list, coverageColumn{title: capitalized(t.Title), phrase: "have " + t.Title, missing: t.Name})
	}
	list = append(list, coverageColumn{title: "Complete", phrase: "lack nothing"})
	for _, t := range tools {
		if t.Tells() {
			list = append(list,
				coverageColumn{
					title: t.Title + " " + t.Fails, phrase: "have " + t.Title + " and are " + t.Fails, bad: true,
					missing: t.Name + "-" + t.Fails,
				},
				coverageColumn{title: t.Title + " unknown"})
		}
	}
	for i, name := range report.OrganizationColumns(tools) {
		list[i].name = name
	}
	return list
}

// cell shows a figure of a customer, and leads to the machines behind it.
func (c *coverageColumn) cell(o *report.OrganizationCoverage, n int) cell {
	out, wanted := cell{Text: humanize.Comma(int64(n))}, n > 0
	if !c.bad {
		out, wanted = heat(n, o.Devices), n < o.Devices
	} else if wanted {
		out.Sign, out.Class = "!", "warn"
	}
	out.Label = fmt.Sprintf("%s of %s %s", out.Text, counted(o.Devices, "machine"), c.phrase)
	if !wanted {
		return out
	}
	where := []string{"key", string(o.Customer)}
	if c.missing != "" {
		where = append(where, "machines.missing", c.missing)
	}
	out.Link = address("/customer", where...)
	return out
}

func capitalized(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// heat shows how many of all there are: as a number, a share, a sign and a colour.
func heat(n, all int) cell {
	c := cell{Text: humanize.Comma(int64(n)), Sub: share(n, all)}
	const steps = 4
	switch {
	case all == 0:
		return c
	case n == all:
		c.Sign, c.Class = "●", "heat-4"
	case n == 0:
		c.Sign, c.Class = "○", "heat-0"
	default:
		step := min(steps-1, 1+n*(steps-1)/all) // 1 to 3 by thirds
		c.Sign = []string{"", "◔", "◑", "◕"}[step]
		c.Class = []string{"", "heat-1", "heat-2", "heat-3"}[step]
	}
	return c
}
