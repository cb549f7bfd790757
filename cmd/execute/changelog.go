package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"assetgraph/graph"
	"assetgraph/internal/report"
	"assetgraph/internal/settings"
)

// keptChanges is how long the change log keeps what a run changed, unless people say otherwise.
const keptChanges = "30d"

// keepChanges returns how long the change log keeps changes, 0 when it is off.
func (a *app) keepChanges() (time.Duration, error) {
	from, text := a.flagOr("--changes", a.flags.changes, settings.Changes)
	if isOff(text) {
		return 0, nil
	}
	keep, err := settings.ParseDuration(cmp.Or(text, keptChanges))
	if err != nil || keep == 0 {
		return 0, usagef("", "%s: %q is no time such as 12h, 30d or 8w, and not off", from, text)
	}
	return keep, nil
}

// changesFlags hold the flags of `changes` as they were given.
type changesFlags struct {
	since     string
	types     []string
	customers []string
	key       string
	limit     int
}

const changesHelp = `
Each run notes what it changes, in the same transaction: what was created and deleted with all its values,
what was updated with old and new values, and which records joined another machine, customer or person, or
split off. Times such as lastSeenOn are no change. Of a first load, and of more than 10,000 elements of one
type that a run changes in the same way, the number is noted alone. What is noted is kept for 30 days:
--changes of run, or ASSETGRAPH_CHANGES, says otherwise.

--key takes what explain takes: a key, a name, a serial number, an address. It stands for a machine with all
its records, those of before and what connects them. What is gone is found by its key or name.

Exit codes: 0 answered, 1 failed, 2 usage or settings.`

func (a *app) changesCommand() *cobra.Command {
	var f changesFlags
	c := &cobra.Command{
		Use:   "changes",
		Short: "What runs changed: created, updated with old and new values, deleted, joined, split",
		Long:  "Prints what runs changed in this graph, the newest first.\n" + changesHelp,
		Example: `  execute changes --since 24h
  execute changes --key LT-0042
  execute changes --customer 'contoso*' --type device --output csv
  execute changes --since 2026-11-01 --limit 0 --output json`,
		Args:        cobra.NoArgs,
		Annotations: outputs("table", "json", "csv"),
		RunE: a.command(func(ctx context.Context, _ []string) error {
			o, err := a.changeOptions(&f)
			if err != nil {
				return err
			}
			endpoint, err := a.endpoint(ctx)
			if err != nil {
				return err
			}
			return a.withGraph(ctx, readOnly, func(ctx context.Context, store graph.Store, s *graph.Schema) error {
				if o.Types, err = report.ChosenTypes(s, f.types); err != nil {
					return usagef("", "--type: %w", err)
				}
				return a.changes(ctx, report.Source{
					Store: store, Language: languageOf(endpoint), Schema: s, Model: a.providers.Model(),
				}, o)
			})
		}),
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.since, "since", "",
		"how long ago at most, such as 24h, 7d, 8w, or a `time` such as 2026-11-01 or 2026-11-01T06:00:00Z (default all)")
	flags.StringArrayVar(&f.types, "type", nil, "`type` or glob, such as device or '*_is_device'; repeatable (default all)")
	flags.StringArrayVar(&f.customers, "customer", nil, "`name` or glob of a customer; repeatable (default all)")
	flags.StringVar(&f.key, "key", "", "`key`, name or other identifier of one machine, customer or person")
	flags.IntVar(&f.limit, "limit", 100, "most `changes` to print; 0 for all")
	a.addRawFlag(c)
	return c
}

func (a *app) changeOptions(f *changesFlags) (o report.ChangeOptions, err error) {
	o = report.ChangeOptions{
		Organizations: f.customers, Text: strings.TrimSpace(f.key), Limit: f.limit, Instances: a.flags.instances,
	}
	if f.limit < 0 {
		return o, usagef("", "--limit must not be negative")
	}
	if f.since != "" {
		if o.Since, err = settings.ParseSince(f.since, a.now()); err != nil {
			return o, usagef("", "--since: %w", err)
		}
	}
	return o, nil
}

func (a *app) changes(ctx context.Context, s report.Source, o report.ChangeOptions) error {
	list, err := report.Changes(ctx, s, o)
	if err != nil {
		return unknownFlag(err, "--key")
	}
	switch a.flags.output {
	case "json":
		err = a.printJSON(list.Changes)
	case "csv":
		err = printChanges(a.newRows(changeColumns()), list.Changes)
	default:
		_, err = fmt.Fprint(a.stdout, a.changesText(list))
		return err
	}
	if list.More {
		fmt.Fprintf(a.stderr, "note: there are older changes; --limit 0 prints all of them\n")
	}
	return err
}

func changeColumns() []string {
	return []string{
		"at", "run", "op", "instance", "type", "key", "name", "organization", "count", "property", "old", "new",
	}
}

// printChanges prints a row for each property of an update, join or split, and one for any other change.
func printChanges(sink rowSink, list []report.Change) error {
	for i := range list {
		c := &list[i]
		row := []any{c.At, c.Run, c.Op, c.Instance, c.Type, c.Key, c.Name, c.Organization, int64(c.Count), "", nil, nil}
		properties := c.Properties
		if !tellsProperties(c) {
			properties = []graph.PropertyChange{{}}
		}
		for _, p := range properties {
			row[len(row)-3], row[len(row)-2], row[len(row)-1] = p.Name, p.Old, p.New
			if err := sink.row(row); err != nil {
				return err
			}
		}
	}
	return sink.close()
}

// tellsProperties reports whether people want to see the properties of a change: what was created or deleted has them
// all.
func tellsProperties(c *report.Change) bool {
	return len(c.Properties) > 0 && c.Op != report.ChangeCreate && c.Op != report.ChangeDelete
}

// changesText lists the changes of one run after those of the other.
func (a *app) changesText(list *report.ChangeList) string {
	if len(list.Changes) == 0 {
		return "No changes.\n"
	}
	var b strings.Builder
	run := ""
	for i := range list.Changes {
		c := &list.Changes[i]
		if c.Run != run {
			if run = c.Run; i > 0 {
				b.WriteByte('\n')
			}
			fmt.Fprintf(&b, "%s, run %s\n", day(c.At), singleLine(c.Run))
		}
		a.writeChange(&b, c)
	}
	if list.More {
		fmt.Fprintf(&b, "\nThere are older ones; all of them\n  %s\n", a.again("changes", "--limit", "0"))
	}
	return b.String()
}

// writeChange says what was done to what, and below it what an update, join or split changed.
func (a *app) writeChange(b *strings.Builder, c *report.Change) {
	done := map[string]string{
		report.ChangeCreate: "created", report.ChangeUpdate: "updated", report.ChangeDelete: "deleted",
		report.ChangeLoad: "loaded", report.ChangeJoin: "joined", report.ChangeSplit: "split",
	}[c.Op]
	what := c.Type + " " + readable(c.Name)
	switch {
	case c.Op == report.ChangeLoad:
		what = fmt.Sprintf("%s: %s", c.Instance, counted(c.Count, "element", "elements"))
		if c.Type != "" {
			what += " of " + c.Type
		}
	case c.Key == "":
		what = fmt.Sprintf("%s of %s at once", comma(c.Count), c.Type)
	}
	if c.Organization != "" && c.Organization != c.Name {
		what += " (" + readable(c.Organization) + ")"
	}
	const place, below = 11, 15 // where the text begins
	write := func(text string, indent int) {
		lines := broken(text, max(a.width()-indent, 20))
		b.WriteString(strings.Join(lines, "\n"+strings.Repeat(" ", indent)) + "\n")
	}
	fmt.Fprintf(b, "  %-*s", place-2, done)
	write(what, place)
	if !tellsProperties(c) {
		return
	}
	for _, p := range c.Properties {
		b.WriteString(strings.Repeat(" ", place+2))
		write(fmt.Sprintf("%s: %s → %s", p.Name, singleLine(valueText(p.Old)), singleLine(valueText(p.New))), below)
	}
}
