package view

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"

	"assetgraph/converters"
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
	t := v.heatMap(f.coverage.Organizations)
	t.caption, t.size = "Machines of each customer that have each tool", mostCustomers
	return &content{title: "Coverage", template: "coverage", data: f.coverage, tables: []*table{t}}, nil
}

// heatMap shows customers by tools, by the columns of report.OrganizationCoverage.
func (v *View) heatMap(list []report.OrganizationCoverage) *table {
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
				return cell{
					Text: cmp.Or(o.Organization, noCustomer), Link: address("/customer", "name", o.Organization),
				}
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
	where := []string{"name", o.Organization}
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

// A customer is what its page says beside the table of its machines.
type customer struct {
	Name, Sentence string
	Find           string // address of what the graph holds of the customer itself
	Changes        string
}

func (v *View) customerPage(r *http.Request) (*content, error) {
	name := r.URL.Query().Get("name")
	f, err := v.fleet(r.Context())
	if err != nil {
		return nil, err
	}
	gaps := slices.Collect(func(yield func(report.Gap) bool) {
		for _, g := range f.coverage.Gaps {
			if g.Organization == name && !yield(g) {
				return
			}
		}
	})
	if len(gaps) == 0 {
		names := make([]string, len(f.coverage.Organizations))
		for i := range f.coverage.Organizations {
			names[i] = f.coverage.Organizations[i].Organization
		}
		return nil, &report.UnknownError{Kind: "customer with machines", Name: name, Near: report.Nearest(name, names)}
	}
	c := customer{Name: cmp.Or(name, noCustomer)}
	complete := 0
	for _, o := range f.coverage.Organizations {
		if o.Organization == name {
			complete += o.Complete
		}
	}
	c.Sentence = counted(len(gaps), "machine") + ", " + humanize.Comma(int64(complete)) + " (" +
		share(complete, len(gaps)) + ") lack nothing."
	if name != "" {
		c.Find, c.Changes = address("/search", "text", name), address("/changes", "customer", name)
	}
	t := v.machinesTable(gaps)
	t.name, t.caption = "machines", "Machines of "+c.Name
	t.columns, t.value, t.cell = without(t, "organization")
	return &content{title: c.Name, template: "customer", data: c, tables: []*table{t}}, nil
}

// without returns the columns, values and cells of a table without one of its columns.
func without(t *table, name string) ([]column, func(int, int) any, func(int, int) cell) {
	value, look := t.value, t.cell
	var columns []column
	var places []int
	for i, c := range t.columns {
		if c.name != name {
			columns, places = append(columns, c), append(places, i)
		}
	}
	return columns, func(row, i int) any { return value(row, places[i]) },
		func(row, i int) cell { return look(row, places[i]) }
}

func (v *View) machinesPage(r *http.Request) (*content, error) {
	f, err := v.fleet(r.Context())
	if err != nil {
		return nil, err
	}
	t := v.machinesTable(f.coverage.Gaps)
	t.caption = "All machines"
	return &content{title: "Machines", template: "machines", data: f.coverage, tables: []*table{t}}, nil
}

func (v *View) gapsPage(r *http.Request) (*content, error) {
	f, err := v.fleet(r.Context())
	if err != nil {
		return nil, err
	}
	gaps := make([]report.Gap, 0, len(f.coverage.Gaps)/2)
	for _, g := range f.coverage.Gaps {
		if g.Missing != "" {
			gaps = append(gaps, g)
		}
	}
	t := v.machinesTable(gaps)
	t.caption, t.none = "Machines that lack something, or have something stale", "No machine lacks anything."
	return &content{title: "Gaps", template: "gaps", data: f.coverage, tables: []*table{t}}, nil
}

// machinesTable shows machines with what they lack, by the columns of report.Gap.
func (v *View) machinesTable(gaps []report.Gap) *table {
	tools := v.o.Source.Model.Tools()
	groups := map[string][]string{}
	for _, t := range tools {
		for _, word := range converters.AllAilments.Words() {
			if t.Tells() {
				groups[t.Name+"-"+t.Fails] = append(groups[t.Name+"-"+t.Fails], t.Name+"-"+word)
			}
		}
	}
	return &table{
		rows: len(gaps), none: "There are no such machines.",
		columns: []column{
			{name: "hostname", title: "Machine"},
			{name: "missing", title: "Lacks", choices: report.MissingWords(tools), groups: groups},
			{name: "reason", title: "Why"}, {name: "organization", title: "Customer"},
			{name: "serial", title: "Serial number", code: true}, {name: "lastSeenOn", title: "Last seen (UTC)"},
			{name: "sources", title: "Seen by"},
			{name: "device", title: "Key", code: true},
		},
		value: func(row, i int) any {
			g := &gaps[row]
			switch i {
			case 0:
				return g.Hostname
			case 1:
				return g.Missing
			case 2:
				return g.Reason
			case 3:
				return g.Organization
			case 4:
				return g.Serial
			case 5:
				if g.LastSeenOn == nil {
					return nil
				}
				return *g.LastSeenOn
			case 6:
				return g.Sources
			}
			return g.Device
		},
		cell: func(row, i int) cell {
			g := &gaps[row]
			switch i {
			case 0:
				return cell{Text: cmp.Or(g.Hostname, "(no name)"), Link: explained(g.Device)}
			case 1:
				return lacks(tools, g.Missing)
			case 2:
				return cell{Text: g.Reason}
			case 3:
				return cell{
					Text: cmp.Or(g.Organization, noCustomer), Link: address("/customer", "name", g.Organization),
				}
			case 6:
				return cell{Text: strings.ReplaceAll(g.Sources, ";", ", ")}
			}
			return cell{}
		},
	}
}

// lacks shows what a machine lacks: a tool, or what one that it has does not do.
func lacks(tools []*converters.Tool, missing string) cell {
	words := strings.Split(missing, ";")
	c := cell{Text: strings.Join(words, ", "), Sign: "!", Class: "warn"}
	switch {
	case missing == "":
		c = cell{Text: "nothing", Sign: "✓", Class: "good"}
	case slices.ContainsFunc(tools, func(t *converters.Tool) bool { return slices.Contains(words, t.Name) }):
		c.Sign, c.Class = "✕", "bad"
	}
	return c
}
