package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"assetgraph/graph"
	"assetgraph/internal/report"
)

func (a *app) reportCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "report",
		Short:   "What people act on: gaps, seats, ghosts, posture, end of support, trend, one customer",
		Long:    reportHelp,
		Example: "  execute report coverage\n  execute report customer 'Contoso Ltd' --output html > contoso.html",
		Args:    cobra.NoArgs,
	}
	c.AddCommand(a.coverageCommand(), a.worklistCommand(), a.seatsCommand(), a.ghostsCommand(), a.postureCommand(),
		a.endOfLifeCommand(), a.peopleCommand(), a.trendCommand(), a.customerCommand())
	c.RunE = func(*cobra.Command, []string) error {
		var names []string
		for _, sub := range c.Commands() {
			names = append(names, sub.Name())
		}
		return fmt.Errorf("which report? There are %s", and(names))
	}
	return c
}

// coverageFlags hold the flags of `report coverage` as they were given.
type coverageFlags struct {
	machineFlags
	by           string
	countPending bool
	fitting      bool
	missing      []string
	sort         string
	failOver     string

	order report.Order
	most  percentage // of --fail-over
}

// coverageHelp is of the command, without its first line.
const coverageHelp = `
--by organization, the default, prints one row for each customer: how many machines it has, how many of
them have each tool, and how many lack nothing. --by device prints one row for each machine that lacks
something, with what is missing, why, and which products see the machine at all; a narrow terminal shows
what matters most, csv and json have all columns. --missing edr lists only the machines that lack that
tool, and their customers. --sort hostname or since sorts by a column.

A tool that is there may not do its work. WORK
Such a machine is not complete, and counts neither as lacking the tool nor as having it stale. Where the
product does not tell, nobody knows: that is no gap, and the totals say of how many machines it is so.

A decommissioned or uninstalled agent does not protect. A device that waits for approval is not managed,
unless --count-pending. A tool that was not seen for --stale is there but stale: its machine counts as
having it, and --by device lists it with stale- before the tool, such as stale-edr. Phones, hypervisors,
Macs and the like count as lacking what can't run on them, unless --fitting.

--exclude leaves machines out: a glob in any case that is held against host name, display names, types
(category, KINDS), tags (key:value, or the key
alone) and locations; hostname:, name:, type:, tag: or location: before it narrows it to one of them. The
list named exclude in the overrides file does the same.

What distorts the answer - lists that were not read to the end, deletes that are withheld, a product that
was read long ago or never - is said below the table, or on standard error with csv and json. In CSV a
text that a spreadsheet would take for a formula gets an apostrophe before it, unless --raw.

Exit codes: 0 answered, 1 failed, 2 usage or settings, 5 more than --fail-over of the machines lack
something, or with --missing that.`

func (a *app) coverageCommand() *cobra.Command {
	var f coverageFlags
	c := &cobra.Command{
		Use:   "coverage",
		Short: "Which machines lack which tool, by customer or one by one",
		Long:  a.coverageHelp(),
		Example: `  execute report coverage
  execute report coverage --by device --organization 'contoso*'
  execute report coverage --by device --os windows --exclude 'lab-*' --exclude tag:spare --output csv
  execute report coverage --missing edr --fitting --fail-over 5%`,
		Args:        cobra.NoArgs,
		Annotations: reportOutputs(),
		RunE: a.command(func(ctx context.Context, _ []string) error {
			options, err := a.coverOptions(&f)
			if err != nil {
				return err
			}
			return a.withSource(ctx,
				func(ctx context.Context, s report.Source) error { return a.coverage(ctx, s, options, &f) })
		}),
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.by, "by", "organization", "`what` a row stands for: organization or device")
	f.add(flags)
	flags.StringVar(&f.sort, "sort", "", "`column` to sort by, -column for the other way round (default organization)")
	flags.StringVar(&f.failOver, "fail-over", "",
		"exit with 5 when more than this `percentage` of the machines lack something, such as 5%")
	f.addStale(flags)
	a.addGapFlags(c, &f)
	a.addRawFlag(c)
	a.addOverridesFlag(c)
	return c
}

// addGapFlags adds what says which gaps are meant.
func (a *app) addGapFlags(c *cobra.Command, f *coverageFlags) {
	flags := c.Flags()
	flags.StringSliceVar(&f.missing, "missing", nil,
		"only machines that lack this `tool`, such as edr, stale-edr, edr-disabled or edr-unprotected, and their customers; repeatable")
	flags.BoolVar(&f.countPending, "count-pending", false, "a device that waits for approval counts as managed")
	flags.BoolVar(&f.fitting, "fitting", false, "a tool lacks only where it can run: "+where(a.tools()))
}

func (a *app) coverOptions(f *coverageFlags) (report.CoverOptions, error) {
	o := report.CoverOptions{CountPending: f.countPending, Fitting: f.fitting, Ages: f.by == "device"}
	if err := checkBy(f.by); err != nil {
		return o, err
	}
	if err := f.read(&o, a.tools()); err != nil {
		return o, err
	}
	machines, err := a.reportOptions(&f.machineFlags)
	o.Organizations, o.Systems, o.Excludes = machines.Organizations, machines.Systems, machines.Excludes
	o.Stale, o.Now = machines.Stale, machines.Now
	return o, err
}

// withSource opens the graph for questions.
func (a *app) withSource(ctx context.Context, f func(context.Context, report.Source) error) error {
	endpoint, err := a.endpoint(ctx)
	if err != nil {
		return err
	}
	if len(a.flags.instances) > 0 {
		fmt.Fprintln(a.stderr,
			"note: --instance does not narrow this command: a machine is known by all products together")
	}
	return a.withGraph(ctx, readOnly, func(ctx context.Context, store graph.Store, schema *graph.Schema) error {
		return f(ctx,
			report.Source{Store: store, Language: languageOf(endpoint), Schema: schema, Model: a.providers.Model()})
	})
}

func (a *app) coverage(ctx context.Context, s report.Source, o report.CoverOptions, f *coverageFlags) error {
	if err := a.asOf(ctx, s, &o.Now); err != nil {
		return err
	}
	c, err := report.Cover(ctx, s, o)
	if err != nil {
		return a.unknownCustomer(err)
	}
	if f.by == "device" {
		c.SortGaps(f.order)
	} else {
		c.SortOrganizations(a.tools(), f.order)
	}
	switch a.flags.output {
	case "table":
		a.printCoverage(c, f)
	case "json":
		err = a.printCoverageJSON(c, f.by)
	default:
		err = a.printAnswer(c.Report(a.tools(), f.by == "device"), o.Now)
	}
	if err != nil {
		return err
	}
	return a.judge(c, f)
}

func (a *app) printCoverageJSON(c *report.Coverage, by string) error {
	for _, n := range c.Notes {
		fmt.Fprintf(a.stderr, "note: %s\n", singleLine(n))
	}
	if by == "device" {
		return a.printJSON(append([]report.Gap{}, c.Gaps...))
	}
	return a.printJSON(append([]report.OrganizationCoverage{}, c.Organizations...))
}
