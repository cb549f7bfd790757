package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"assetgraph/internal/executor"
	"assetgraph/internal/plaintext"
)

// gaps tells which machines lack what after the run, and what changed in that.
func (s summary) gaps() string {
	c := s.report.Coverage
	if c == nil || c.Machines == 0 {
		return ""
	}
	title := fmt.Sprintf("%s of %s, %s (%d %%) lack nothing", counted(c.Machines, "machine", "machines"),
		counted(c.Customers, "customer", "customers"), comma(c.Complete), c.Complete*100/c.Machines)
	if s.report.Run.Plan {
		title = "As it would be: " + title
	}
	var lines []string
	for i := range c.Gaps {
		lines = append(lines, s.gapLine(&c.Gaps[i]))
	}
	for i := range c.Gaps {
		lines = append(lines, s.workLines(&c.Gaps[i])...)
	}
	for i := range c.Gaps {
		g := &c.Gaps[i]
		if g.Lost.Count > 0 {
			lines = append(lines,
				fmt.Sprintf("now without %s: %s", s.app.toolTitle(g.Tool), listed(g.Lost.Names, g.Lost.Count)))
		}
		if g.Gained.Count > 0 {
			lines = append(lines,
				fmt.Sprintf("now with %s: %s", s.app.toolTitle(g.Tool), listed(g.Gained.Names, g.Gained.Count)))
		}
	}
	return s.block(title, append(lines, s.found()...)...)
}

// found says how many findings about machines there are, and what the run did to them.
func (s summary) found() []string {
	f := s.report.Findings
	if f == nil || f.Open+f.Accepted+f.Closed == 0 {
		return nil
	}
	line := "findings: " + comma(f.Open) + " open"
	if f.Accepted > 0 {
		line += ", " + comma(f.Accepted) + " accepted"
	}
	var moved []string
	for _, one := range []struct {
		n    int
		what string
	}{{f.Opened, "opened"}, {f.Reopened, "opened again"}, {f.Closed, "closed"}} {
		if one.n > 0 {
			moved = append(moved, comma(one.n)+" "+one.what)
		}
	}
	switch {
	case f.Opened == f.Open+f.Accepted:
		line += ", all of them new"
	case len(moved) > 0:
		line += "; now " + strings.Join(moved, ", ")
	}
	return []string{line}
}

// gapLine says how many machines lack a tool, how that changed, and whose they are: as many customers as fit on the
// line.
func (s summary) gapLine(g *executor.Gaps) string {
	line := fmt.Sprintf("without %s: %s", s.app.toolTitle(g.Tool), comma(g.Missing))
	if g.Before != nil && *g.Before != g.Missing {
		line += fmt.Sprintf(" (%+d)", g.Missing-*g.Before)
	}
	const indent = 4
	best := line
	for n := 1; n <= len(g.Customers); n++ {
		c := g.Customers[n-1]
		separator := ", "
		if n == 1 {
			separator = "; "
		}
		line += fmt.Sprintf("%s%s %s", separator, comma(c.Machines),
			cmp.Or(plaintext.Clip(c.Organization, mostName), "of no customer"))
		whole := line
		if others := len(g.Customers) - n + g.Others; others > 0 {
			whole += " and " + counted(others, "other", "others")
		}
		if text.StringWidthWithoutEscSequences(singleLine(whole)) > s.app.width()-indent {
			break
		}
		best = whole
	}
	return best
}

// workLines says on how many machines a tool does not do its work, how that changed, and on which it is new.
func (s summary) workLines(g *executor.Gaps) (lines []string) {
	w := g.Work
	if w == nil || w.Failing+w.Unknown == 0 {
		return nil
	}
	title, works := s.app.toolTitle(g.Tool), s.app.toolWorks(g.Tool)
	line := fmt.Sprintf("with %s that does not %s: %s", title, strings.TrimSuffix(works, "s"), comma(w.Failing))
	if w.Before != nil && *w.Before != w.Failing {
		line += fmt.Sprintf(" (%+d)", w.Failing-*w.Before)
	}
	if w.Unknown > 0 {
		line += "; unknown of " + comma(w.Unknown)
	}
	lines = append(lines, line)
	if w.Stopped.Count > 0 {
		lines = append(lines, fmt.Sprintf("%s %s no more: %s", title, works, listed(w.Stopped.Names, w.Stopped.Count)))
	}
	return lines
}

// mostName is how much of a customer's name stands in a list of them.
const mostName = 40

// read tells what came from the providers, one line for each instance.
func (s summary) read() string {
	var instances []string
	steps := map[string][]string{}
	for _, step := range s.report.Steps {
		if steps[step.Instance] == nil {
			instances = append(instances, step.Instance)
		}
		text := step.Step + " " + comma(step.Records)
		if step.Expected > step.Records {
			text += " of " + comma(step.Expected)
		}
		if step.Status != executor.StatusComplete {
			text += " (" + step.Status + ")"
		}
		steps[step.Instance] = append(steps[step.Instance], text)
	}
	if len(instances) == 0 {
		return ""
	}
	lines := make([]string, len(instances))
	for i, name := range instances {
		lines[i] = name + ": " + strings.Join(steps[name], ", ")
	}
	return s.block("Read", lines...)
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

// mostTypes is how many types of entities the table of changes has a line for; more when more of them lose something.
const mostTypes = 5

// changed tells what became of the graph: a line for each type of entities that matters, one for the others, one for
// all relationships.
func (s summary) changed() string {
	total := s.report.Totals
	if !touched(total) {
		return fmt.Sprintf("Nothing to change: %s as the graph has them.\n",
			counted(total.Unchanged, "element is", "elements are"))
	}
	shown := slices.DeleteFunc(columns(), func(c column) bool { return c.of(total) == 0 })
	title := "Changed"
	if s.report.Run.Plan {
		title = "To be changed"
	}
	header := table.Row{title}
	numbers := make([]int, len(shown))
	for i, c := range shown {
		header = append(header, c.title)
		numbers[i] = i + 2
	}
	t := newTable(header...)
	t.SetColumnConfigs(alignRight(numbers...))
	lines, others, n := s.lines()
	for _, name := range lines {
		t.AppendRow(countsRow(name, shown, s.report.Entities[name]))
	}
	if n > 0 {
		t.AppendRow(countsRow(counted(n, "other type", "other types"), shown, others))
	}
	var relationships executor.Counts
	for _, c := range s.report.Relationships {
		relationships = sum(relationships, c)
	}
	if touched(relationships) {
		t.AppendRow(countsRow("all relationships", shown, relationships))
	}
	return t.Render() + "\n" + s.sentence()
}

// lines returns the types of entities that get a line of their own, in the order of the schema, and the sum of the n
// others.
func (s summary) lines() (lines []string, others executor.Counts, n int) {
	names := slices.DeleteFunc(s.order(s.report.Entities),
		func(name string) bool { return !touched(s.report.Entities[name]) })
	byWeight := slices.Clone(names)
	slices.SortStableFunc(byWeight,
		func(a, b string) int { return cmp.Compare(weight(s.report.Entities[b]), weight(s.report.Entities[a])) })
	for _, name := range names {
		c := s.report.Entities[name]
		if len(names) <= mostTypes+1 || c.Deleted+c.Withheld > 0 || slices.Index(byWeight, name) < mostTypes {
			lines = append(lines, name)
			continue
		}
		others = sum(others, c)
		n++
	}
	return lines, others, n
}

// weight is how many elements of a type changed in more than how fresh they are.
func weight(c executor.Counts) int { return c.Created + c.Updated + c.Deleted + c.Withheld }

func sum(a, b executor.Counts) executor.Counts {
	return executor.Counts{
		Created: a.Created + b.Created, Updated: a.Updated + b.Updated, Refreshed: a.Refreshed + b.Refreshed,
		Deleted: a.Deleted + b.Deleted, Unchanged: a.Unchanged + b.Unchanged, Withheld: a.Withheld + b.Withheld,
	}
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
	var parts []string
	for _, c := range columns() {
		if n := c.of(s.report.Totals); n > 0 {
			parts = append(parts, comma(n)+" "+c.title)
		}
	}
	return wrap("In all: "+strings.Join(parts, ", ")+".", s.app.width()) + "\n"
}

// mostDetails is how many changes of one sort and type `--details` prints; the JSON form has up to jsonDetails of them.
const (
	mostDetails = 5
	jsonDetails = 1_000
)

// details prints what changes one by one: + is created, ~ updated, - deleted.
func (s summary) details() string {
	if len(s.report.Changes) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("One by one\n")
	type sort struct{ typ, op string }
	listed := map[sort]int{}
	signs := map[string]string{"create": "+", "update": "~", "delete": "-"}
	for i, c := range s.report.Changes {
		t := s.schema.Type(c.Type)
		if t == nil || t.IsRelationship() {
			continue
		}
		of := sort{c.Type, c.Op}
		if listed[of]++; listed[of] <= mostDetails {
			s.detail(&b, signs[c.Op], &c)
		}
		next := i + 1
		last := next == len(s.report.Changes) || s.report.Changes[next].Type != c.Type ||
			s.report.Changes[next].Op != c.Op
		if more := s.countOf(c.Type, c.Op) - mostDetails; last && more > 0 {
			fmt.Fprintf(&b, "  %s and %s more of %s\n", signs[c.Op], comma(more), c.Type)
		}
	}
	return b.String()
}

func (s summary) detail(b *strings.Builder, sign string, c *executor.Change) {
	name := c.Name
	if c.Organization != "" && c.Organization != name {
		name += " (" + c.Organization + ")"
	}
	fmt.Fprintf(b, "  %s %s\n", sign, s.wrapped(c.Type+" "+name))
	for _, p := range c.Properties {
		const indents = 8
		line := fmt.Sprintf("%s: %s → %s", p.Name, valueText(p.Old), valueText(p.New))
		fmt.Fprintf(b, "      %s\n", strings.ReplaceAll(wrap(line, s.app.width()-indents), "\n", "\n      "))
	}
}

// countOf returns how many elements of a type fall, or fell, under an operation.
func (s summary) countOf(typ, op string) int {
	c := s.report.Entities[typ]
	return map[string]int{"create": c.Created, "update": c.Updated, "delete": c.Deleted}[op]
}

func valueText(v any) string {
	if v == nil {
		return "(none)"
	}
	if list, ok := v.([]string); ok {
		v = strings.Join(list, ", ")
	}
	return plaintext.Clip(fmt.Sprint(v), plaintext.Part)
}
