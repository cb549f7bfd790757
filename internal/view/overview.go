package view

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/dustin/go-humanize"

	"assetgraph/graph"
	"assetgraph/internal/report"
)

// An overview is what the first page says beside its tables.
type overview struct {
	Sentences []string
	Notes     []string
	Tiles     []tile
	Entities  string
}

// A tile is one figure of the fleet.
type tile struct{ Title, Figure, Sub, Link string }

func (v *View) overviewPage(r *http.Request) (*content, error) {
	ctx := r.Context()
	f, err := v.fleet(ctx)
	if err != nil {
		return nil, err
	}
	sources, all, err := v.sources(ctx)
	if err != nil {
		return nil, err
	}
	const lastRuns = 5
	runs, err := v.runs(ctx, lastRuns)
	if err != nil {
		return nil, err
	}
	runs.name, runs.caption = "runs", "Last runs"
	o := overview{
		Sentences: f.coverage.Totals.Sentences(), Notes: f.coverage.Notes, Tiles: v.tiles(f.coverage),
		Entities: humanize.Comma(int64(all)),
	}
	worst := v.heatMap(f, mostLacking(f.coverage.Organizations))
	worst.name, worst.caption = "customers", "Customers with the most machines that lack something"
	return &content{
		title: "Overview", template: "overview", data: o, tables: []*table{sources, worst, runs},
	}, nil
}

// mostLacking returns the customers with the most machines that lack something.
func mostLacking(list []report.OrganizationCoverage) []report.OrganizationCoverage {
	const most = 6
	list = slices.DeleteFunc(slices.Clone(list),
		func(o report.OrganizationCoverage) bool { return o.Complete == o.Devices })
	slices.SortStableFunc(list, func(a, b report.OrganizationCoverage) int {
		return cmp.Compare(b.Devices-b.Complete, a.Devices-a.Complete)
	})
	return list[:min(most, len(list))]
}

// tiles returns the figures that people look at first, with what is behind them.
func (v *View) tiles(c *report.Coverage) []tile {
	t := c.Totals
	list := []tile{
		{Title: "Machines", Figure: humanize.Comma(int64(t.Devices)), Sub: counted(t.Organizations, "customer"),
			Link: "/machines"},
		{Title: "Lack nothing", Figure: share(t.Complete, t.Devices), Sub: humanize.Comma(int64(t.Complete)) + " machines",
			Link: "/coverage"},
	}
	for i, tool := range v.o.Source.Model.Tools() {
		of := &t.Tools[i]
		without := tile{
			Title: "Without " + tool.Title, Figure: humanize.Comma(int64(of.Missing)), Sub: "machines",
			Link: address("/gaps", "missing", tool.Name),
		}
		if of.Unfit > 0 {
			without.Sub = humanize.Comma(int64(of.Unfit)) + " where it can't run"
		}
		list = append(list, without)
		if of.Failing > 0 {
			list = append(list, tile{
				Title: tool.Title + " " + tool.Fails, Figure: humanize.Comma(int64(of.Failing)), Sub: "machines that have it",
				Link: address("/gaps", "missing", tool.Name+"-"+tool.Fails),
			})
		}
	}
	return list
}

// share returns a part of a whole in percent, rounded down so that only all is 100.
func share(part, whole int) string {
	if whole == 0 {
		return "–"
	}
	return fmt.Sprintf("%d %%", part*100/whole)
}

// sources returns how fresh the graph is, one row for each instance, and how many elements it holds in all.
func (v *View) sources(ctx context.Context) (*table, int, error) {
	of, all, err := v.scopesOf(ctx)
	if err != nil {
		return nil, 0, err
	}
	type source struct {
		instance, vendor, status, reason string
		complete                         time.Time
		entities                         int
	}
	var list []source
	t := v.o.Source.Schema.Type("assetgraph_integration")
	for e, err := range v.o.Source.Store.Elements(ctx, graph.Selection{Type: t}) {
		if err != nil {
			return nil, 0, fmt.Errorf("read %s: %w", t.Name, err)
		}
		list = append(list, source{
			instance: e.Instance, vendor: e.Get("vendor").Text(), status: e.Get("status").Text(),
			reason: e.Get("error").Text(), complete: e.Get("lastSuccessfulOn").Time(), entities: of[e.Instance],
		})
	}
	now := v.o.Now()
	return &table{
		name: "sources", caption: "Sources", rows: len(list),
		none: "No product was read yet.",
		columns: []column{
			{name: "instance", title: "Source"}, {name: "vendor", title: "Product"},
			{name: "status", title: "Last run"}, {name: "lastSuccessfulOn", title: "Read completely (UTC)"},
			{name: "entities", title: "Entities", number: true}, {name: "error", title: "What was wrong"},
		},
		value: func(row, i int) any {
			s := &list[row]
			return []any{s.instance, s.vendor, s.status, s.complete, int64(s.entities), s.reason}[i]
		},
		cell: func(row, i int) cell {
			s := &list[row]
			switch i {
			case 2:
				return statusCell(s.status)
			case 3:
				if s.complete.IsZero() {
					return cell{Text: "never", Sign: "✕", Class: "bad"}
				}
				c := plain(s.complete)
				if now.After(s.complete) {
					c.Sub = humanize.RelTime(s.complete, now, "ago", "")
				}
				return c
			}
			return cell{}
		},
	}, all, nil
}

// statusCell shows how a run or step ended: by a sign and a colour beside the word.
func statusCell(status string) cell {
	c := cell{Text: status, Sign: "✕", Class: "bad"}
	switch status {
	case "complete":
		c.Sign, c.Class = "✓", "good"
	case "incomplete", "withheld", "unavailable":
		c.Sign, c.Class = "!", "warn"
	case "skipped":
		c.Sign, c.Class = "–", ""
	case unfinished:
		c.Sign, c.Class = "…", "warn"
	}
	return c
}
