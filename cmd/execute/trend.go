package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"assetgraph/internal/page"
	"assetgraph/internal/report"
	"assetgraph/internal/settings"
)

// trendFlags hold the flags of `report trend` as they were given.
type trendFlags struct {
	machineFlags
	tools            []string
	since, until, by string
}

const trendHelp = `Says how coverage went, and why it fell: of each customer and tool the share of machines that have the tool (of
those on which it can run, or that have it all the same) on the first day, on the last and on the lowest, and
the difference in points.

Each run keeps the figures of its day, UTC; a later look of the day replaces them. They are those of report
coverage --fitting at that time, with what the overrides file leaves out, and are kept for two years. A day on
which nothing ran is a gap. A tool of which not all was read that day has no figure of the day, and says so.

Each fall says what came and went since the day before it: machines that are new without the tool, lost it, are
gone, turned out to be another one, are left out by the overrides or not any more, or went to another customer.

--by day prints a row for each day instead, with all of that in columns. JSON has the days in each row.`

func (a *app) trendCommand() *cobra.Command {
	var f trendFlags
	c := &cobra.Command{
		Use: "trend", Short: "Coverage over time, and why it fell", Long: trendHelp + reportExits,
		Example: `  execute report trend
  execute report trend --customer 'contoso*' --tool edr --since 2026-07-01 --until 2026-09-30
  execute report trend --by day --since 30d --output csv`,
		Args: cobra.NoArgs, Annotations: reportOutputs(),
		RunE: a.command(func(ctx context.Context, _ []string) error {
			if f.by != "organization" && f.by != "day" {
				return usagef("", "--by %s: known are organization, day", f.by)
			}
			return a.withSource(ctx, func(ctx context.Context, s report.Source) error { return a.trend(ctx, s, &f) })
		}),
	}
	flags := c.Flags()
	flags.StringVar(&f.by, "by", "organization", "`what` a row stands for: organization (and tool) or day")
	f.addOrganizations(flags)
	flags.StringSliceVar(&f.tools, "tool", nil,
		"`name` of a tool: "+strings.Join(a.toolNames(), ", ")+"; repeatable (default all)")
	flags.StringVar(&f.since, "since", trendSince,
		"first day: how long ago, such as 30d or 26w, or a `day` such as 2026-11-01")
	flags.StringVar(&f.until, "until", "", "last `day`, likewise (default today)")
	a.addRawFlag(c)
	return c
}

// trendSince is from when on figures are shown unless people say otherwise.
const trendSince = "90d"

func (a *app) trend(ctx context.Context, s report.Source, f *trendFlags) error {
	o := report.TrendOptions{Organizations: f.organizations, Tools: f.tools, Now: a.now()}
	err := a.asOf(ctx, s, &o.Now)
	if err != nil {
		return err
	}
	if o.From, err = settings.ParseSince(f.since, o.Now); err != nil {
		return usagef("", "--since: %w", err)
	}
	if o.To = o.Now; f.until != "" {
		if o.To, err = settings.ParseSince(f.until, o.Now); err != nil {
			return usagef("", "--until: %w", err)
		}
	}
	if o.To.Before(o.From) {
		return usagef("", "--until %s is before --since %s", o.To.Format(time.DateOnly), o.From.Format(time.DateOnly))
	}
	t, err := report.Trends(ctx, s, o)
	if err != nil {
		if unknown, ok := errors.AsType[*report.UnknownError](err); ok && unknown.Kind == "tool" {
			return usagef("", "--tool: %w", unknown)
		}
		return a.unknownCustomer(err)
	}
	switch {
	case f.by == "day":
		return a.printAnswer(t.Report(true), o.Now)
	case a.flags.output == "html":
		return page.Write(a.stdout, page.OfTrend(t, o.Now))
	case a.flags.output == "table":
		return a.printAnswer(t.ForPeople(), o.Now)
	}
	return a.printAnswer(t.Report(false), o.Now)
}
