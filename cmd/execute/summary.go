package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"assetgraph/graph"
	"assetgraph/internal/executor"
)

// summary renders a report for people.
type summary struct {
	app    *app
	report *executor.Report
	schema *graph.Schema
}

// text returns the whole summary.
func (s summary) text() string {
	var b strings.Builder
	b.WriteString(s.headline())
	b.WriteString(s.read())
	b.WriteString(s.changed())
	b.WriteString(s.withheld())
	b.WriteString(s.warnings())
	b.WriteString(s.next())
	return b.String()
}

func (s summary) headline() string {
	r := s.report.Run
	what := "Run"
	if r.Plan {
		what = "Plan"
	}
	line := fmt.Sprintf("%s %s on %s: %s", what, r.ID, r.Graph, s.paint(r.Status))
	if r.Plan {
		line += ", nothing was written"
	}
	p := s.report.Phases
	return fmt.Sprintf("%s\n%s in all: collect %s, compare %s, apply %s, correlate %s\n", line,
		seconds(r.FinishedAt.Sub(r.StartedAt).Seconds()), seconds(p.Collect), seconds(p.Compare), seconds(p.Apply), seconds(p.Correlate))
}

func seconds(n float64) string {
	if n >= 60 {
		return time.Duration(n * float64(time.Second)).Round(time.Second).String()
	}
	return fmt.Sprintf("%.1f s", n)
}

// paint colours a status when colours are allowed.
func (s summary) paint(status string) string {
	if !s.app.colours() {
		return status
	}
	switch status {
	case executor.StatusComplete:
		return text.FgGreen.Sprint(status)
	case executor.StatusFailed:
		return text.FgRed.Sprint(status)
	}
	return text.FgYellow.Sprint(status)
}

// read tells what came from the providers: a table of steps, and below it what went wrong.
func (s summary) read() string {
	if len(s.report.Steps) == 0 {
		return ""
	}
	t := newTable("instance", "step", "records", "pages", "status", "time")
	t.SetColumnConfigs(alignRight(3, 4, 6))
	var errs strings.Builder
	last := ""
	for _, step := range s.report.Steps {
		instance := step.Instance
		if instance == last {
			instance = ""
		}
		last = step.Instance
		records := comma(step.Records)
		if step.Expected > step.Records {
			records += " of " + comma(step.Expected)
		}
		t.AppendRow(table.Row{instance, step.Step, records, count(step.Pages), s.paint(step.Status), seconds(step.Seconds)})
		if step.Error != "" {
			fmt.Fprintf(&errs, "  %s\n", wrap(fmt.Sprintf("%s %s: %s", step.Instance, step.Step, step.Error), s.app.width()-4))
		}
	}
	out := "\nRead\n" + render(t)
	if errs.Len() > 0 {
		out += "\nNot read completely; nothing that hangs on it was deleted\n" + errs.String()
	}
	return out
}

// A column of the table of changes: only those with a figure are shown.
type column struct {
	title string
	of    func(executor.Counts) int
}

func columns() []column {
	return []column{
		{"created", func(c executor.Counts) int { return c.Created }},
		{"updated", func(c executor.Counts) int { return c.Updated }},
		{"refreshed", func(c executor.Counts) int { return c.Refreshed }},
		{"deleted", func(c executor.Counts) int { return c.Deleted }},
		{"withheld", func(c executor.Counts) int { return c.Withheld }},
		{"unchanged", func(c executor.Counts) int { return c.Unchanged }},
	}
}

// changed tells what became of the graph.
func (s summary) changed() string {
	total := s.report.Totals
	if !touched(total) {
		return fmt.Sprintf("\nNothing to change: %s as the graph has them.\n", counted(total.Unchanged, "element is", "elements are"))
	}
	shown := slices.DeleteFunc(columns(), func(c column) bool { return c.of(total) == 0 })
	header := table.Row{"type"}
	numbers := make([]int, len(shown))
	for i, c := range shown {
		header = append(header, c.title)
		numbers[i] = i + 2
	}
	t := newTable(header...)
	t.SetColumnConfigs(alignRight(numbers...))
	for _, group := range []map[string]executor.Counts{s.report.Entities, s.report.Relationships} {
		for _, name := range s.order(group) {
			if touched(group[name]) {
				t.AppendRow(countsRow(name, shown, group[name]))
			}
		}
	}
	title := "Changed"
	if s.report.Run.Plan {
		title = "To be changed"
	}
	return "\n" + title + "\n" + render(t) + "  " + s.sentence() + "\n"
}

func countsRow(name string, shown []column, c executor.Counts) table.Row {
	row := table.Row{name}
	for _, col := range shown {
		row = append(row, count(col.of(c)))
	}
	return row
}

// touched reports whether anything happened, or was kept from happening, to what c counts.
func touched(c executor.Counts) bool {
	return c.Created+c.Updated+c.Refreshed+c.Deleted+c.Withheld > 0
}

// order returns the names of the types in the order of the schema, then those that it does not know.
func (s summary) order(group map[string]executor.Counts) []string {
	rank := make(map[string]int)
	for i, t := range s.schema.Types() {
		rank[t.Name] = i + 1
	}
	return slices.SortedFunc(maps.Keys(group), func(a, b string) int {
		if ra, rb := rank[a], rank[b]; ra > 0 && rb > 0 {
			return ra - rb
		}
		if known := rank[b] - rank[a]; known != 0 {
			return known
		}
		return strings.Compare(a, b)
	})
}

func (s summary) sentence() string {
	parts := make([]string, 0, len(columns()))
	for _, c := range columns() {
		parts = append(parts, comma(c.of(s.report.Totals))+" "+c.title)
	}
	return "In all: " + strings.Join(parts, ", ") + "."
}

// withheld tells which deletes were kept back and how to let them through.
func (s summary) withheld() string {
	if len(s.report.Withheld) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("\nDeletes that were withheld\n")
	for _, w := range s.report.Withheld {
		line := fmt.Sprintf("%s %s: %s of %s, %s", w.Instance, w.Type, comma(w.Deletes), comma(w.Population), w.Reason)
		fmt.Fprintf(&b, "  %s\n", wrap(line, s.app.width()-4))
		if len(w.Examples) > 0 {
			fmt.Fprintf(&b, "    for example %s\n", plain(strings.Join(w.Examples, ", ")))
		}
		if w.Approval != "" {
			fmt.Fprintf(&b, "    if that is right: %s\n", s.app.again("run", "--approve", w.Approval))
		}
		if query := pinnedQuery(w); query != "" {
			fmt.Fprintf(&b, "    it goes with the first run after these are gone:\n    %s\n", s.app.again("query", shellQuote(query)))
		}
	}
	return b.String()
}

func (s summary) warnings() string {
	if len(s.report.Warnings) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("\nWarnings\n")
	for _, w := range s.report.Warnings {
		fmt.Fprintf(&b, "  %s\n", wrap(w, s.app.width()-4))
	}
	return b.String()
}

// next names two commands that make sense now.
func (s summary) next() string {
	var commands []string
	switch {
	case len(s.report.Refused) > 0:
		for _, r := range s.report.Refused {
			commands = append(commands, s.app.again("check", "--instance", r.Instance), s.app.again("clear", "--instance", r.Instance))
		}
	case s.report.Run.Plan:
		commands = []string{s.app.again("run"), s.app.again("plan", "--output", "json")}
	case s.report.Run.Status == executor.StatusFailed:
		commands = []string{s.app.again("check"), s.app.again("history")}
	default:
		commands = []string{s.app.again("report coverage"), s.app.again("query", "--list")}
	}
	return "\nNext\n  " + strings.Join(commands, "\n  ") + "\n"
}
