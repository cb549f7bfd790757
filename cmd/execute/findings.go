package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"assetgraph/graph"
	"assetgraph/internal/findings"
	"assetgraph/internal/report"
	"assetgraph/internal/settings"
)

// findingsFlags hold the flags of `findings` as they were given.
type findingsFlags struct {
	kinds, customers, machines, states []string
	olderThan                          string
	accepted                           bool
}

const findingsHelp = `
A finding is something about one machine that people should look at: from when a run first saw it to when
it was gone, and again when it came back. Each run that correlates brings them up to date. Its kinds:

%s
What could not be read whole opens and closes nothing: a kind stays as it was until all that it rests on was
read, and a note says since when. lastSeenOn is when a kind was last looked for and the finding was there.

A finding is open, closed, or reopened: it had been closed, or accepted. Those that match an exception of the
overrides file (exceptions: kinds, machines, tags, customers, reason, owner, until) are accepted until that
day is over, and then reopened; --accepted lists them with reason, owner and last day. Runs apply what the
file says: what you change there shows after the next one. docs/findings.md has all of it.

Exit codes: 0 answered, 1 failed, 2 usage or settings.`

func (a *app) findingsCommand() *cobra.Command {
	var f findingsFlags
	c := &cobra.Command{
		Use:   "findings",
		Short: "What is wrong with machines, since when, and what people have accepted",
		Long: "Prints what is wrong with machines and since when, by customer.\n" +
			fmt.Sprintf(findingsHelp, kindsText(findings.Kinds(a.tools()))),
		Example: `  execute findings
  execute findings --kind 'missing-*' --customer 'contoso*' --older-than 30d
  execute findings --machine LT-0042 --state all
  execute findings --accepted --output csv`,
		Args:        cobra.NoArgs,
		Annotations: outputs("table", "csv", "json"),
		RunE: a.command(func(ctx context.Context, _ []string) error {
			o, err := a.findingOptions(&f)
			if err != nil {
				return err
			}
			return a.withSource(ctx, func(ctx context.Context, s report.Source) error { return a.findings(ctx, s, o) })
		}),
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringSliceVar(&f.kinds, "kind", nil, "`glob` of kinds, such as missing-edr or 'stale-*'; repeatable (default all)")
	flags.StringArrayVar(&f.customers, "customer", nil, "`name` or glob of a customer; repeatable (default all)")
	flags.StringArrayVar(&f.machines, "machine", nil,
		"`glob` of names or keys of machines; repeatable (default all)")
	flags.StringVar(&f.olderThan, "older-than", "", "only what was opened this `time` ago or earlier, such as 12h, 30d, 8w")
	flags.StringSliceVar(&f.states, "state", findings.UsualStates(),
		"`state`: open, reopened, accepted, closed, or all; repeatable")
	flags.BoolVar(&f.accepted, "accepted", false, "what people have accepted, why, who answers for it and until when")
	a.addRawFlag(c)
	return c
}

// kindsText says what each kind is, one a line.
func kindsText(kinds []findings.Kind) string {
	var b strings.Builder
	for i := range kinds {
		fmt.Fprintf(&b, "  %-19s the machine %s\n", kinds[i].Name, kinds[i].Doc)
	}
	return b.String()
}

func (a *app) findingOptions(f *findingsFlags) (o findings.ListOptions, err error) {
	o = findings.ListOptions{Kinds: f.kinds, Customers: f.customers, Machines: f.machines, Now: a.now()}
	if f.olderThan != "" {
		if o.OlderThan, err = settings.ParseDuration(f.olderThan); err != nil {
			return o, usagef("", "--older-than: %w", err)
		}
	}
	if o.States, err = findings.ChosenStates(f.states); err != nil {
		return o, usagef("", "--state %w", err)
	}
	if f.accepted {
		if slices.ContainsFunc(a.given, func(g given) bool { return g.name == "state" }) {
			return o, usagef("", "--accepted and --state exclude each other: --accepted is --state accepted with why and until when")
		}
		o.States = []graph.FindingState{graph.FindingAccepted}
	}
	return o, nil
}

func (a *app) findings(ctx context.Context, s report.Source, o findings.ListOptions) error {
	if err := a.asOf(ctx, s, &o.Now); err != nil {
		return err
	}
	list, err := findings.Read(ctx, s, o)
	if err != nil {
		return unknownFlag(err, "--kind")
	}
	switch a.flags.output {
	case "json":
		err = a.printJSON(list.Findings)
	case "csv":
		err = printFindings(a.newRows(findings.Columns()), list.Findings)
	default:
		a.printFindings(list, o)
		return nil
	}
	for _, n := range list.Notes {
		fmt.Fprintf(a.stderr, "note: %s\n", singleLine(n))
	}
	return err
}

func printFindings(sink rowSink, list []findings.Finding) error {
	row := make([]any, len(findings.Columns()))
	for i := range list {
		for column := range row {
			row[column] = list[i].Value(column)
		}
		if err := sink.row(row); err != nil {
			return err
		}
	}
	return sink.close()
}

// printFindings prints a table, how many of which kind there are, and what to know about the sources.
func (a *app) printFindings(list *findings.List, o findings.ListOptions) {
	if len(list.Findings) > 0 {
		a.printFindingTable(list.Findings, o)
		fmt.Fprintf(a.stdout, "\n%s\n", wrap(findingSentence(list.Findings), a.width()-columnGap))
	} else {
		fmt.Fprintln(a.stdout, "No findings of these.")
	}
	for _, n := range list.Notes {
		fmt.Fprintln(a.stdout, wrap("Note: "+n+".", a.width()-columnGap))
	}
	if len(list.Findings) > 0 {
		fmt.Fprintf(a.stdout, "\nWhy one of them is as it is\n  %s\n",
			a.again("explain", shellQuote(list.Findings[0].Device)))
	}
}

func (a *app) printFindingTable(list []findings.Finding, o findings.ListOptions) {
	accepted := slices.Equal(o.States, []graph.FindingState{graph.FindingAccepted})
	columns := []tableColumn{{name: "name", wrap: true, least: 12}, {name: "kind", wrap: true, least: 18}}
	switch {
	case accepted:
		columns[0].least, columns[1].least = 10, 12
		columns = append(columns, tableColumn{name: "exception", wrap: true, least: 16, room: 24},
			tableColumn{name: "owner", wrap: true, least: 8}, tableColumn{name: "until", least: len(time.DateOnly)})
	case o.States == nil || slices.Contains(o.States, graph.FindingClosed):
		columns = append(columns, tableColumn{name: "state", least: len("reopened")})
		fallthrough
	default:
		columns = append(columns, tableColumn{name: "days", right: true, least: 4},
			tableColumn{name: "reason", wrap: true, least: 18, room: 30})
	}
	columns = append(columns, tableColumn{name: "organization", wrap: true, least: 12, room: 20},
		tableColumn{name: "opened", right: true, optional: true, least: 6},
		tableColumn{name: "closedOn", optional: true, least: len(time.DateOnly)},
		tableColumn{name: "device", wrap: true, optional: true, least: 48})
	rows := make([][]string, len(list))
	for i := range list {
		for _, c := range columns {
			rows[i] = append(rows[i], findingCell(&list[i], c.name))
		}
	}
	l := layOut(columns, rows, a.width())
	for first := true; first || len(rows) > 0; first = false {
		n := min(chunkRows, len(rows))
		fmt.Fprintln(a.stdout, l.render(rows[:n], first))
		rows = rows[n:]
	}
}

func findingCell(f *findings.Finding, column string) string {
	switch column {
	case "name":
		return readable(f.Name)
	case "kind":
		return f.Kind
	case "state":
		return f.State
	case "days":
		return comma(f.Days())
	case "reason":
		return readable(f.Reason)
	case "exception":
		return readable(f.Exception)
	case "owner":
		return readable(f.Owner)
	case "until":
		if f.Until != nil {
			return *f.Until
		}
		return "for ever"
	case "opened":
		return comma(f.Opened)
	case "closedOn":
		if f.ClosedOn != nil {
			day, _, _ := strings.Cut(*f.ClosedOn, "T")
			return day
		}
		return ""
	case "device":
		return oneLine(f.Device)
	}
	return readable(f.Organization)
}

// findingSentence says how many of which kind there are, and of how many machines.
func findingSentence(list []findings.Finding) string {
	kinds, machines := map[string]int{}, map[string]bool{}
	for i := range list {
		kinds[list[i].Kind]++
		machines[list[i].Device] = true
	}
	var parts []string
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		parts = append(parts, fmt.Sprintf("%s %s", kind, comma(kinds[kind])))
	}
	return fmt.Sprintf("%s of %s: %s.", counted(len(list), "finding", "findings"),
		counted(len(machines), "machine", "machines"), strings.Join(parts, ", "))
}
