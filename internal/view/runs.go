package view

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"assetgraph/graph"
	"assetgraph/internal/executor"
	"assetgraph/internal/report"
)

// unfinished is the status of a run that has no end.
const unfinished = "unfinished"

// mostRuns is how many of the runs that a graph remembers are listed.
const mostRuns = 200

// runs returns the newest runs of the graph.
func (v *View) runs(ctx context.Context, most int) (*table, error) {
	runs, err := v.o.Source.Store.Runs(ctx, most)
	if err != nil {
		return nil, fmt.Errorf("read past runs: %w", err)
	}
	counts := make([]executor.Counts, len(runs))
	for i, r := range runs {
		var record struct{ Totals executor.Counts }
		if json.Unmarshal(r.Report, &record) == nil {
			counts[i] = record.Totals
		}
	}
	return &table{
		rows: len(runs), none: "No runs yet.", size: mostRuns,
		columns: []column{
			{name: "startedAt", title: "Started (UTC)"}, {name: "status", title: "Ended"},
			{name: "created", title: "Created", number: true}, {name: "updated", title: "Updated", number: true},
			{name: "refreshed", title: "Refreshed", number: true}, {name: "deleted", title: "Deleted", number: true},
			{name: "withheld", title: "Withheld", number: true}, {name: "seconds", title: "Seconds", number: true},
			{name: "id", title: "Run", code: true},
		},
		value: func(row, i int) any {
			r, c := &runs[row], &counts[row]
			switch i {
			case 0:
				return r.StartedAt
			case 1:
				return statusOf(r)
			case 7:
				if r.FinishedAt.IsZero() {
					return nil
				}
				return r.FinishedAt.Sub(r.StartedAt).Round(100 * time.Millisecond).Seconds()
			case 8:
				return r.ID
			}
			return int64([]int{c.Created, c.Updated, c.Refreshed, c.Deleted, c.Withheld}[i-2])
		},
		cell: func(row, i int) cell {
			r := &runs[row]
			switch i {
			case 0:
				c := plain(r.StartedAt)
				c.Link = "/runs/" + url.PathEscape(r.ID)
				return c
			case 1:
				return statusCell(statusOf(r))
			}
			return cell{}
		},
	}, nil
}

func statusOf(r *graph.Run) string {
	if r.FinishedAt.IsZero() {
		return unfinished
	}
	return r.Status
}

func (v *View) runsPage(r *http.Request) (*content, error) {
	t, err := v.runs(r.Context(), mostRuns)
	if err != nil {
		return nil, err
	}
	t.caption = "Runs of this graph, the newest first"
	return &content{title: "Runs", template: "runs", tables: []*table{t}}, nil
}

// A pastRun is what the page of a run says beside its tables.
type pastRun struct {
	ID, Version      string
	Status           cell
	Started, Ended   cell
	Warnings, Errors []string
	Withheld         []executor.Withheld
	Changes          string
	Unread           bool // its report can't be read
}

func (v *View) runPage(r *http.Request) (*content, error) {
	id := r.PathValue("id")
	runs, err := v.o.Source.Store.Runs(r.Context(), 0)
	if err != nil {
		return nil, fmt.Errorf("read past runs: %w", err)
	}
	ids := make([]string, len(runs))
	for i := range runs {
		if ids[i] = runs[i].ID; ids[i] == id {
			return v.runContent(&runs[i]), nil
		}
	}
	return nil, &report.UnknownError{Kind: "run", Name: id, Near: ids[:min(3, len(ids))]}
}

func (v *View) runContent(r *graph.Run) *content {
	var record executor.Report
	p := pastRun{
		ID: r.ID, Version: r.Version, Status: statusCell(statusOf(r)), Started: plain(r.StartedAt),
		Ended: plain(r.FinishedAt), Changes: address("/changes", "run", r.ID),
	}
	p.Unread = r.Report != nil && json.Unmarshal(r.Report, &record) != nil
	p.Warnings, p.Withheld = record.Warnings, record.Withheld
	for _, refused := range record.Refused {
		p.Errors = append(p.Errors, refused.Reason)
	}
	steps := record.Steps
	read := &table{
		name: "steps", caption: "What was read", rows: len(steps), none: "Nothing was read.", size: mostRuns,
		columns: []column{
			{name: "instance", title: "Source"}, {name: "step", title: "List"}, {name: "status", title: "Ended"},
			{name: "records", title: "Records", number: true},
			{name: "expected", title: "Expected", number: true}, {name: "error", title: "What was wrong"},
		},
		value: func(row, i int) any {
			s := &steps[row]
			var expected any
			if s.Expected > 0 {
				expected = int64(s.Expected)
			}
			return []any{s.Instance, s.Step, s.Status, int64(s.Records), expected, s.Error}[i]
		},
		cell: func(row, i int) cell {
			if i == 2 {
				return statusCell(steps[row].Status)
			}
			return cell{}
		},
	}
	return &content{
		title: "Run " + r.ID, template: "run", data: p, tables: []*table{read, v.changedTable(&record)},
	}
}

// changedTable says what a run did to each type.
func (v *View) changedTable(record *executor.Report) *table {
	var types []string
	var counts []executor.Counts
	for _, t := range v.o.Source.Schema.Types() {
		c, ok := record.Entities[t.Name]
		if !ok {
			c = record.Relationships[t.Name]
		}
		if c.Created+c.Updated+c.Refreshed+c.Deleted+c.Withheld > 0 {
			types, counts = append(types, t.Name), append(counts, c)
		}
	}
	t := &table{
		name: "changed", caption: "What was written", rows: len(types), none: "Nothing: all was as the graph had it.",
		size:    mostRuns,
		columns: []column{{name: "type", title: "Type", code: true}},
		value: func(row, i int) any {
			c := &counts[row]
			if i == 0 {
				return types[row]
			}
			return int64([]int{c.Created, c.Updated, c.Refreshed, c.Deleted, c.Withheld, c.Unchanged}[i-1])
		},
	}
	for name := range strings.FieldsSeq("created updated refreshed deleted withheld unchanged") {
		t.columns = append(t.columns, column{name: name, title: capitalized(name), number: true})
	}
	return t
}
