package report

import (
	"assetgraph/converters"
)

// Report returns the coverage as a report: of customers, or of the machines with gaps.
func (c *Coverage) Report(tools []*converters.Tool, byDevice bool) *Report {
	out := &Report{Name: "coverage", Title: "Coverage", Rows: [][]any{}, Summary: c.Totals.Sentences(), Notes: c.Notes,
		Sources: c.Sources, Figures: c.figures(tools)}
	if byDevice {
		out.Title = "Gaps, machine by machine"
		out.Columns = []Column{organizationColumn(), deviceColumn(), hostnameColumn(), serialColumn(),
			{Name: "missing", Title: "Missing", Kind: Texts, Least: 10}, reasonColumn(), lastSeenColumn(),
			{Name: "sources", Title: "Seen by", Kind: Texts, Least: 12, Optional: true},
			{Name: "since", Title: "Since", Kind: Days, Least: 10}}
		for n := range c.Gaps {
			g := &c.Gaps[n]
			var seen any
			if g.LastSeenOn != nil {
				seen = *g.LastSeenOn
			}
			out.Rows = append(out.Rows,
				[]any{g.Organization, g.Device, g.Hostname, g.Serial, g.Missing, g.Reason, seen, g.Sources, g.Since})
		}
		return out
	}
	titles := map[string]string{"devices": "Machines", "complete": "Lack nothing"}
	for _, t := range tools {
		titles[t.Name] = t.Title
		if t.Tells() {
			titles[failingColumn(t.Name, t.Fails)], titles[unknownColumn(t.Name)] = t.Title+" "+t.Fails, t.Title+" unknown"
		}
	}
	out.Columns = []Column{organizationColumn()}
	for _, name := range OrganizationColumns(tools)[1:] {
		out.Columns = append(out.Columns, figureColumn(name, titles[name]))
	}
	for n := range c.Organizations {
		o := &c.Organizations[n]
		row := []any{o.Organization}
		for _, figure := range o.Figures() {
			row = append(row, int64(figure))
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

// figures returns the totals: of each tool how many machines have it, lack it, and have it stale.
func (c *Coverage) figures(tools []*converters.Tool) []Total {
	list := []Total{{"devices", int64(c.Totals.Devices)}, {"complete", int64(c.Totals.Complete)},
		{"lacking", int64(c.Totals.Lacking)}}
	for n, t := range tools {
		have := int64(0)
		for m := range c.Organizations {
			have += int64(c.Organizations[m].Tools[n].Machines)
		}
		sums := &c.Totals.Tools[n]
		list = append(list, Total{t.Name, have}, Total{t.Name + ".missing", int64(sums.Missing)},
			Total{t.Name + ".stale", int64(sums.Stale)})
		if t.Tells() {
			list = append(list, Total{t.Name + "." + t.Fails, int64(sums.Failing)},
				Total{t.Name + ".unknown", int64(sums.Unknown)})
		}
	}
	return list
}
