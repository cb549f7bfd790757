package main

import (
	"fmt"
	"strings"
	"time"

	"assetgraph/graph"
	"assetgraph/internal/executor"
	"assetgraph/internal/plaintext"
)

// summary renders a report for people: what matters first, then where it comes from.
type summary struct {
	app    *app
	report *executor.Report
	schema *graph.Schema
}

// text returns the whole summary.
func (s summary) text() string {
	return inParts(s.headline(), s.incomplete(), s.withheld(), s.gaps(), s.read(), s.changed(), s.details(), s.warnings(),
		s.next())
}

// past returns what the record of a run has of it: no next commands, which are those of the last run.
func (s summary) past() string {
	return inParts(s.headline(), s.refused(), s.incomplete(), s.withheld(), s.gaps(), s.read(), s.changed(), s.warnings())
}

// inParts returns the parts that say something, with a line between them.
func inParts(parts ...string) string {
	var b strings.Builder
	for _, part := range parts {
		if part != "" && b.Len() > 0 {
			b.WriteString("\n")
		}
		b.WriteString(part)
	}
	return b.String()
}

func (s summary) headline() string {
	r := s.report.Run
	what := "Run"
	if r.Plan {
		what = "Plan"
	}
	line := fmt.Sprintf("%s %s on %s: %s", what, r.ID, singleLine(r.Graph), s.paint(r.Status))
	p := s.report.Phases
	if r.Plan {
		return fmt.Sprintf("%s\n%s, nothing was written: collect %s, compare %s, correlate %s\n", line,
			seconds(r.FinishedAt.Sub(r.StartedAt).Seconds()), seconds(p.Collect), seconds(p.Compare),
			seconds(p.Correlate))
	}
	return fmt.Sprintf("%s\n%s in all: collect %s, compare %s, apply %s, correlate %s\n", line,
		seconds(r.FinishedAt.Sub(r.StartedAt).Seconds()), seconds(p.Collect), seconds(p.Compare), seconds(p.Apply),
		seconds(p.Correlate))
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
		return s.app.stdout.colours.paint(green, status)
	case executor.StatusFailed:
		return s.app.stdout.colours.paint(red, status)
	}
	return s.app.stdout.colours.paint(yellow, status)
}

// block returns a title and indented lines below it, wrapped to the width.
func (s summary) block(title string, lines ...string) string {
	var b strings.Builder
	b.WriteString(title + "\n")
	for _, l := range lines {
		fmt.Fprintf(&b, "  %s\n", s.wrapped(l))
	}
	return b.String()
}

// wrapped returns a line for a block: what follows its first line is indented further.
func (s summary) wrapped(line string) string {
	const indents = 4
	return strings.ReplaceAll(wrap(line, s.app.width()-indents), "\n", "\n  ")
}

// refused tells which instances point at another account.
func (s summary) refused() string {
	if len(s.report.Refused) == 0 {
		return ""
	}
	lines := make([]string, len(s.report.Refused))
	for i, r := range s.report.Refused {
		lines[i] = r.Reason
	}
	return s.block("Refused", lines...)
}

// incomplete tells what could not be read to its end.
func (s summary) incomplete() string {
	var lines []string
	for _, step := range s.report.Steps {
		if step.Error != "" && !step.Excused() {
			lines = append(lines, fmt.Sprintf("%s %s: %s", step.Instance, step.Step, step.Error))
		}
	}
	if len(lines) == 0 {
		return ""
	}
	return s.block("Not read completely; nothing that hangs on it was deleted", lines...)
}

// withheld tells which deletes were kept back, and the one command that lets through those that can be approved.
func (s summary) withheld() string {
	list := s.report.Withheld
	if len(list) == 0 {
		return ""
	}
	var lines, approvals []string
	total, relationships := 0, 0
	seen := map[string]bool{}
	for _, w := range list {
		total += w.Deletes
		if w.Approval != "" && !seen[w.Approval] {
			seen[w.Approval] = true
			approvals = append(approvals, "--approve", w.Approval)
		}
		if t := s.schema.Type(w.Type); t != nil && t.IsRelationship() {
			relationships += w.Deletes
			continue
		}
		lines = append(lines, s.heldBack(&w))
	}
	if relationships > 0 {
		lines = append(lines, counted(relationships, "relationship", "relationships")+", most of which hang on them")
	}
	text := s.block("Withheld: "+counted(total, "delete", "deletes"), lines...)
	if len(approvals) > 0 {
		text += fmt.Sprintf("  If that is right, this lets them go:\n    %s\n", s.app.again("run", approvals...))
	}
	for _, w := range list {
		if query := pinnedQuery(w); query != "" {
			return text +
				fmt.Sprintf("  What others' relationships hang on goes with the first run after them:\n    %s\n",
					s.app.again("query", shellQuote(query)))
		}
	}
	return text
}

// heldBack says in one line which deletes of one type were kept back, and why.
func (s summary) heldBack(w *executor.Withheld) string {
	names := w.Names
	if len(names) == 0 {
		names = w.Examples
	}
	of := ""
	if w.Population > 0 {
		of = " of " + comma(w.Population)
	}
	line := fmt.Sprintf("%s %s%s (%s)", w.Type, comma(w.Deletes), of, plaintext.Clip(w.Reason, plaintext.Part))
	if len(names) > 0 {
		line += ": " + listed(names, w.Deletes)
	}
	return line
}

// listed joins names, and says how many of count are not among them.
func listed(names []string, count int) string {
	text := strings.Join(names, ", ")
	if more := count - len(names); more > 0 && len(names) > 0 {
		text += " and " + comma(more) + " more"
	}
	return text
}

func (s summary) warnings() string {
	if len(s.report.Warnings) == 0 {
		return ""
	}
	return s.block("Warnings", s.report.Warnings...)
}

// next names two commands that make sense now.
func (s summary) next() string {
	var commands []string
	switch {
	case len(s.report.Refused) > 0:
		for _, r := range s.report.Refused {
			commands = append(commands, s.app.again("check", "--instance", r.Instance),
				s.app.again("clear", "--instance", r.Instance))
		}
	case s.report.Run.Plan:
		commands = []string{s.app.again("run"), s.app.again("plan", "--details")}
	case s.report.Run.Status == executor.StatusFailed:
		commands = []string{s.app.again("check"), s.app.again("history")}
	default:
		commands = []string{s.app.again("report coverage"), s.app.again("query", "--list")}
	}
	return "Next\n  " + strings.Join(commands, "\n  ") + "\n"
}
