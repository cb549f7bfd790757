package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"assetgraph/internal/report"
)

func (a *app) explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "explain TEXT",
		Short: "One machine, customer or person: its records, every link with its evidence",
		Long: `Finds what TEXT names - a key, an id, a name, host name, serial number, MAC address or e-mail address, in any
case and any spelling of a MAC address - and says what the graph knows of it: the records of each product that are
it, why each of them is (method, the value that matched, how sure that is), which records of other machines
share an identifier with it, and since when its key is in the graph.

Where TEXT is no whole value, three characters or more of a name, an address or a serial number are enough.
A pattern (*, ?, [a-z]) names everything that it fits as a whole. When TEXT names several they are listed; json
has them all and explains the first 20.

Exit codes: 0 found, 1 nothing found or failed, 2 usage or settings.`,
		Example: `  execute explain LT-0042
  execute explain 'ALCS-*'
  execute explain 00-50-56-AB-CD-EF
  execute explain jane.doe@example.com --output json`,
		Args:        exactArgs(1, "the text to explain"),
		Annotations: outputs("text", "json"),
		RunE: a.command(func(ctx context.Context, args []string) error {
			if strings.TrimSpace(args[0]) == "" {
				return usagef("", "the text to explain is empty")
			}
			return a.withSource(ctx,
				func(ctx context.Context, s report.Source) error { return a.explain(ctx, s, args[0]) })
		}),
	}
}

func (a *app) explain(ctx context.Context, s report.Source, text string) error {
	several := 0
	if a.flags.output == "json" {
		several = report.MaxExplained
	}
	x, err := report.Explain(ctx, s, text, several)
	if err != nil {
		return err
	}
	if len(x.Matches) == 0 {
		near := ""
		if len(x.Near) > 0 {
			near = "; did you mean " + report.List(x.Near) + "?"
		}
		return &hintedError{err: fmt.Errorf("nothing in the graph has the key, id, name, serial number, MAC address or e-mail address %q%s", singleLine(text), singleLine(near)),
			hint: "a part of a name has three characters or more, a pattern such as 'LT-*' fits the whole of it"}
	}
	if a.flags.output == "json" {
		return a.printJSON(x)
	}
	var b strings.Builder
	if len(x.Matches) == 1 {
		a.writeMatch(&b, &x.Matches[0])
	} else {
		a.writeMatches(&b, x)
	}
	_, err = fmt.Fprint(a.stdout, b.String())
	return err
}

// mostListed is how many matches are listed for people.
const mostListed = 50

func (a *app) writeMatches(b *strings.Builder, x *report.Explanation) {
	fmt.Fprintf(b, "%s names %s:\n", singleLine(x.Text), counted(len(x.Matches), "thing", "things"))
	columns := columnsOf("type", "name", "customer", "key", "by")
	var rows [][]string
	for _, m := range x.Matches[:min(len(x.Matches), mostListed)] {
		rows = append(rows,
			[]string{m.Type, singleLine(m.Name), singleLine(m.Organization), m.Key, singleLine(summed(m.MatchedBy))})
	}
	for i := range columns {
		columns[i].wrap, columns[i].least = true, 12
	}
	columns[3].least, columns[4].optional = 48, true
	b.WriteString(a.fitted(columns, rows))
	if more := len(x.Matches) - mostListed; more > 0 {
		fmt.Fprintf(b, "  and %s more; json has all of them\n", comma(more))
	}
	fmt.Fprintf(b, "\nOne of them\n  %s\n", a.again("explain", shellQuote(x.Matches[0].Key)))
}

// summed returns the first of the reasons and how many more there are.
func summed(list []string) string {
	if len(list) == 1 {
		return list[0]
	}
	return fmt.Sprintf("%s and %d more", list[0], len(list)-1)
}

func (a *app) writeMatch(b *strings.Builder, m *report.Match) {
	s := m.Subject
	fmt.Fprintf(b, "%s %s\n  key %s\n", m.Type, singleLine(m.Name), m.Key)
	if len(s.Records) > 0 {
		fmt.Fprintf(b, "  this key since %s, last changed %s\n", day(s.KeySince), day(s.LastChanged))
	}
	a.writeNamed(b, s.Properties, "  ")
	for _, r := range s.Relations {
		fmt.Fprintf(b, "  %s\n", singleLine(relation(r, m)))
	}
	a.writeRecords(b, m)
	a.writeConflicts(b, s.Conflicts)
}

// relation says a relation from where the match stands.
func relation(r report.Relation, m *report.Match) string {
	other := r.Name + " (" + r.To + ")"
	switch {
	case r.From == m.Key:
		return strings.ToLower(r.Verb) + " " + other
	case r.Verb == "HAS":
		return "belongs to " + r.Name + " (" + r.From + ")"
	case r.Verb == "USES":
		return "used by " + r.Name + " (" + r.From + ")"
	}
	return r.Name + " (" + r.From + ") " + strings.ToLower(r.Verb) + " it"
}

func (a *app) writeRecords(b *strings.Builder, m *report.Match) {
	records := m.Subject.Records
	if len(records) == 0 {
		if !slices.Contains([]string{"device", "organization", "person"}, m.Type) {
			b.WriteString("\nLinked to nothing: its identifiers are too poor, or contradict those of others, or it is no machine.\n")
		}
		return
	}
	b.WriteString("\nRecords\n")
	for _, r := range records {
		state := ""
		if r.State != "" {
			state = ", " + r.State
		}
		fmt.Fprintf(b, "  %s %s%s\n    key %s\n", r.Type, singleLine(r.Name), singleLine(state), r.Key)
		a.writeNamed(b, []report.Named{
			{
				Name: "why it " + strings.ToLower(r.Verb), Value: strings.TrimSpace(r.Method+" "+r.MatchedValue) +
					" (" + r.Confidence + ")",
			}, {Name: "linked since", Value: day(r.LinkedSince)},
		}, "    ")
		a.writeNamed(b, workLines(r.Work), "    ")
		a.writeNamed(b, r.Properties, "    ")
	}
}

// workLines says whether a record's tool does its work on the machine, and why not.
func workLines(w *report.Work) (list []report.Named) {
	switch {
	case w == nil:
		return nil
	case w.Does == nil:
		return []report.Named{{Name: w.Verb, Value: "nobody knows: the record does not say"}}
	case *w.Does:
		return []report.Named{{Name: w.Verb, Value: "yes"}}
	}
	for _, why := range w.Ailments {
		list = append(list, report.Named{
			Name: "does not " + strings.TrimSuffix(w.Verb, "s"), Value: why.Ailment + ": " + why.Reason,
		})
	}
	return list
}

// named is how many places the name of a property takes.
const named = 19

func (a *app) writeNamed(b *strings.Builder, list []report.Named, indent string) {
	for _, p := range list {
		lines := broken(singleLine(p.Value), max(a.width()-len(indent)-named, 20))
		fmt.Fprintf(b, "%s%-*s%s\n", indent, named, p.Name,
			strings.Join(lines, "\n"+strings.Repeat(" ", len(indent)+named)))
	}
}

func (a *app) writeConflicts(b *strings.Builder, list []report.Conflict) {
	if len(list) == 0 {
		return
	}
	b.WriteString("\nRecords of others that share an identifier and were kept apart\n")
	columns := slices.Concat(columnsOf("identifier", "value"), figures("others"),
		columnsOf("name", "record", "belongs to"))
	for i := range columns {
		columns[i].wrap = true
	}
	var rows [][]string
	for _, c := range list {
		belongs := c.Belongs
		if belongs == "" {
			belongs = "nothing"
		}
		rows = append(rows,
			[]string{c.Identifier, singleLine(c.Value), comma(c.Sharing), singleLine(c.Name), c.Record, belongs})
	}
	b.WriteString(a.fitted(columns, rows))
}

func day(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
