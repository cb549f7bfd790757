package view

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"assetgraph/converters"
	"assetgraph/internal/report"
)

func (v *View) machinesPage(r *http.Request) (*content, error) {
	f, err := v.fleet(r.Context())
	if err != nil {
		return nil, err
	}
	t := v.machinesTable(f, nil)
	t.caption = "All machines"
	return &content{title: "Machines", template: "machines", data: f.coverage, tables: []*table{t}}, nil
}

func (v *View) gapsPage(r *http.Request) (*content, error) {
	f, err := v.fleet(r.Context())
	if err != nil {
		return nil, err
	}
	t := v.machinesTable(f, f.lacking)
	t.caption, t.none = "Machines that lack something, or have something stale", "No machine lacks anything."
	return &content{title: "Gaps", template: "gaps", data: f.coverage, tables: []*table{t}}, nil
}

// machinesTable shows machines with what they lack, by the columns of report.Gap: those of the named rows, nil for all.
func (v *View) machinesTable(f *fleet, only []int) *table {
	gaps := f.coverage.Gaps
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
		rows: len(gaps), only: only, kept: &f.kept, none: "There are no such machines.",
		columns: []column{
			{name: "hostname", title: "Machine"},
			{name: "missing", title: "Lacks", choices: report.MissingWords(tools), groups: groups},
			{name: "since", title: "Since", whole: true}, {name: "reason", title: "Why", roomy: true},
			{name: "organization", title: "Customer"}, {name: "serial", title: "Serial number", code: true},
			{name: "lastSeenOn", title: "Last seen (UTC)"}, {name: "sources", title: "Seen by"},
			{name: "device", title: "Key", code: true},
		},
		value: func(row, i int) any {
			g := &gaps[row]
			if i == 6 && g.LastSeenOn == nil {
				return nil
			} else if i == 6 {
				return *g.LastSeenOn
			}
			return [...]string{
				g.Hostname, g.Missing, g.Since, g.Reason, g.Organization, g.Serial, "", g.Sources, g.Device,
			}[i]
		},
		cell: func(row, i int) cell {
			g := &gaps[row]
			switch i {
			case 0:
				return cell{Text: cmp.Or(g.Hostname, "(no name)"), Link: explained(g.Device)}
			case 1:
				return lacks(tools, g.Missing)
			case 2:
				return cell{Text: report.DaysOf(g.Since)}
			case 4:
				return f.customer(g.Organization, g.Customer)
			case 7:
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
