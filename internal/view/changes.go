package view

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"assetgraph/graph"
	"assetgraph/internal/report"
)

// mostChanges is how many changes are read for one page.
const mostChanges = 1000

// A changeForm is what the page of changes was asked for, and what there is to choose from.
type changeForm struct {
	Since, Until, Of, Customer string
	Run                        string // one run alone
	Runs                       []runChoice
	More                       bool
	Most                       string
	Sentence                   string
}

// A runChoice is a run as people choose it.
type runChoice struct{ ID, Text string }

func (v *View) changesPage(r *http.Request) (*content, error) {
	q := r.URL.Query()
	form := changeForm{
		Since: strings.TrimSpace(q.Get("since")), Until: strings.TrimSpace(q.Get("until")),
		Of: strings.TrimSpace(q.Get("of")), Customer: strings.TrimSpace(q.Get("customer")), Run: q.Get("run"),
		Most: humanize.Comma(mostChanges),
	}
	runs, err := v.o.Source.Store.Runs(r.Context(), mostRuns)
	if err != nil {
		return nil, fmt.Errorf("read past runs: %w", err)
	}
	for i := range runs {
		form.Runs = append(form.Runs, runChoice{runs[i].ID, day(runs[i].StartedAt) + ", " + statusOf(&runs[i])})
	}
	o, err := form.options(runs)
	if err != nil {
		return nil, err
	}
	list, err := v.changes(r.Context(), o, form.Run)
	if err != nil {
		return nil, err
	}
	form.More = list.More
	form.Sentence = sentence(list.Changes)
	return &content{
		title: "Changes", template: "changes", data: form, tables: []*table{v.changesTable(list.Changes)},
	}, nil
}

// options reads what was asked for. A time is a day, a time of a day, or the id of a run: since a run is what came
// after it, until a run is with what it did.
func (f *changeForm) options(runs []graph.Run) (o report.ChangeOptions, err error) {
	o = report.ChangeOptions{Text: f.Of, Limit: mostChanges}
	if f.Customer != "" {
		o.Organizations = []string{f.Customer}
	}
	if f.Run != "" {
		i := slices.IndexFunc(runs, func(r graph.Run) bool { return r.ID == f.Run })
		if i < 0 {
			return o, &report.UnknownError{Kind: "run", Name: f.Run}
		}
		o.Since, o.Until = runs[i].StartedAt, endOf(&runs[i])
		return o, nil
	}
	if o.Since, err = timeOf(f.Since, runs, false); err != nil {
		return o, err
	}
	o.Until, err = timeOf(f.Until, runs, true)
	return o, err
}

// endOf returns when a run ended, the zero time for one that has no end.
func endOf(r *graph.Run) time.Time { return r.FinishedAt }

// timeOf reads a time: "" is none, a day is its begin, or its end.
func timeOf(text string, runs []graph.Run, end bool) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for i := range runs {
		if runs[i].ID == text {
			at := endOf(&runs[i])
			if !end && !at.IsZero() {
				at = at.Add(time.Millisecond) // what the run itself did is not after it
			}
			return at, nil
		}
	}
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		if end {
			t = t.AddDate(0, 0, 1).Add(-time.Millisecond)
		}
		return t, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04", "2006-01-02T15:04"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, badRequest("%q is no day such as 2026-11-01, no time such as 2026-11-01T06:00, and no run.", text)
}

// changes reads the change log; of one run alone if it is named.
func (v *View) changes(ctx context.Context, o report.ChangeOptions, run string) (*report.ChangeList, error) {
	stamp, err := v.stamp(ctx)
	if err != nil {
		return nil, err
	}
	source, _ := v.sourceOf(stamp)
	list, err := report.Changes(ctx, source, o)
	if err != nil {
		if _, ok := errors.AsType[*report.UnknownError](err); ok {
			return nil, err
		}
		return nil, fmt.Errorf("read what changed: %w", err)
	}
	if run != "" {
		list.Changes = slices.DeleteFunc(list.Changes, func(c report.Change) bool { return c.Run != run })
	}
	return list, nil
}

// sentence counts what was done.
func sentence(list []report.Change) string {
	counts := map[string]int{}
	for i := range list {
		counts[list[i].Op] += list[i].Count
	}
	var parts []string
	for _, op := range changeOps() {
		if n := counts[op]; n > 0 {
			parts = append(parts, humanize.Comma(int64(n))+" "+done(op))
		}
	}
	return strings.Join(parts, ", ")
}

func changeOps() []string {
	return []string{
		report.ChangeCreate, report.ChangeUpdate, report.ChangeDelete, report.ChangeJoin, report.ChangeSplit,
		report.ChangeLoad,
	}
}

func done(op string) string {
	return map[string]string{
		report.ChangeCreate: "created", report.ChangeUpdate: "updated", report.ChangeDelete: "deleted",
		report.ChangeLoad: "loaded", report.ChangeJoin: "joined", report.ChangeSplit: "split off",
	}[op]
}

// changesTable has a row for each property of an update, join or split, and one for any other change.
func (v *View) changesTable(list []report.Change) *table {
	type row struct {
		c *report.Change
		p graph.PropertyChange
	}
	var rows []row
	for i := range list {
		c := &list[i]
		if len(c.Properties) == 0 || c.Op == report.ChangeCreate || c.Op == report.ChangeDelete {
			rows = append(rows, row{c: c})
			continue
		}
		for _, p := range c.Properties {
			rows = append(rows, row{c, p})
		}
	}
	signs := map[string]string{
		report.ChangeCreate: "+", report.ChangeUpdate: "~", report.ChangeDelete: "−", report.ChangeLoad: "+",
		report.ChangeJoin: "→", report.ChangeSplit: "←",
	}
	classes := map[string]string{
		report.ChangeCreate: "good", report.ChangeDelete: "bad", report.ChangeJoin: "warn", report.ChangeSplit: "warn",
	}
	return &table{
		name: "changes", caption: "What was done, the newest first", rows: len(rows),
		none: "Nothing changed, or the log does not reach back so far.",
		columns: []column{
			{name: "at", title: "When (UTC)"}, {name: "op", title: "What", choices: changeOps()},
			{name: "name", title: "Of"}, {name: "property", title: "Property"}, {name: "old", title: "Before"},
			{name: "new", title: "After"}, {name: "organization", title: "Customer"},
			{name: "type", title: "Type", code: true}, {name: "instance", title: "Source"},
			{name: "count", title: "How many", number: true}, {name: "run", title: "Run", code: true},
			{name: "key", title: "Key", code: true},
		},
		value: func(i, column int) any {
			r := &rows[i]
			c := r.c
			switch column {
			case 4:
				return logged(r.p.Old)
			case 5:
				return logged(r.p.New)
			}
			return []any{
				c.At, c.Op, c.Name, r.p.Name, nil, nil, c.Organization, c.Type, c.Instance, int64(c.Count), c.Run, c.Key,
			}[column]
		},
		cell: func(i, column int) cell {
			c := rows[i].c
			switch column {
			case 1:
				return cell{Text: done(c.Op), Sign: signs[c.Op], Class: classes[c.Op]}
			case 2:
				return v.nameOf(c)
			case 10:
				return cell{Text: c.Run, Link: "/runs/" + url.PathEscape(c.Run)}
			}
			return cell{}
		},
	}
}

// nameOf shows what a change was done to. An entity that is gone has its name still, and nothing to lead to.
func (v *View) nameOf(c *report.Change) cell {
	out := cell{Text: cmp.Or(c.Name, c.Key)}
	from, _ := graph.Key(c.Key).Ends()
	switch {
	case c.Key == "":
		out.Text = counted(c.Count, "element")
	case from != "":
		out.Link = v.explained(from)
	default:
		out.Link = v.explained(graph.Key(c.Key))
	}
	if c.Op == report.ChangeDelete {
		out.Link = ""
	}
	return out
}

// logged returns a value of the log as tables have it.
func logged(v any) any {
	if list, ok := v.([]string); ok {
		out := make([]any, len(list))
		for i, s := range list {
			out[i] = s
		}
		return out
	}
	return v
}
