package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"assetgraph/internal/report"
	"assetgraph/internal/simulator"
)

func (a *app) addDayFlag(c *cobra.Command) {
	c.Flags().IntVar(&a.flags.demoDay, "demo-day", 1,
		fmt.Sprintf("which `day` of the demo's fleet, 1 to %d: a run on each shows what a day changes", simulator.Days))
}

func (a *app) addBreakFlag(c *cobra.Command) {
	c.Flags().StringVar(&a.flags.breaks, "break", "",
		"load the demo, then read it again with this `fault`: "+strings.Join(faultNames(), ", "))
}

func faultNames() (names []string) {
	for _, f := range simulator.Faults() {
		names = append(names, f.Name)
	}
	return names
}

// checkDemo checks the flags that are for the demo alone.
func (a *app) checkDemo() error {
	switch {
	case a.flags.demoDay < 1 || a.flags.demoDay > simulator.Days:
		return usagef("", "--demo-day %d: the demo has days 1 to %d", a.flags.demoDay, simulator.Days)
	case a.flags.demoDay != 1 && !a.flags.demo:
		return usagef("", "--demo-day is for --demo")
	case a.flags.breaks != "" && !a.flags.demo:
		return usagef("", "--break is for --demo: nothing of yours is broken")
	}
	return nil
}

// runOnce does one run; with --break the one that loads the demo and the one that meets the fault.
func (a *app) runOnce(ctx context.Context) error {
	if a.flags.breaks == "" {
		return a.reconcile(ctx, false)
	}
	if err := a.checkDemo(); err != nil {
		return err
	}
	for _, f := range simulator.Faults() {
		if f.Name == a.flags.breaks {
			return a.demonstrate(ctx, f)
		}
	}
	return usagef("", "--break %s: known are %s", a.flags.breaks, strings.Join(faultNames(), ", "))
}

// demonstrate loads the demo whole and reads it again with a fault. What was broken and what there is to see stands
// before what the run prints, on standard error where that is for programs.
func (a *app) demonstrate(ctx context.Context, f simulator.Fault) error {
	if err := a.loadDemo(ctx); err != nil {
		return err
	}
	out := io.Writer(a.stdout)
	if a.flags.output != "text" {
		out = a.stderr
	}
	for _, line := range []string{"Broken on purpose: " + f.Broken, "What to look at: " + f.Look,
		"The next run without --break finds everything as it was."} {
		fmt.Fprintln(out, wrap(line, a.width()))
	}
	fmt.Fprintln(out)
	a.fault = &f
	return a.reconcile(ctx, false)
}

// loadDemo brings the made-up fleet into the graph, and prints nothing but logs: standard output is for something else.
// How complete the graph is then, what follows says.
func (a *app) loadDemo(ctx context.Context) error {
	stdout, id := a.stdout, a.runID
	defer func() { a.stdout, a.runID = stdout, id }()
	a.stdout, a.runID = &stream{w: io.Discard, form: stdout.form}, "" // a run of its own
	err := a.reconcile(ctx, false)
	if _, told := errors.AsType[outcome](err); told {
		return nil
	}
	return err
}

// startSimulator serves the demo's fleet on the same ports each time, because links to the consoles are part of the
// graph and a second run would see them change; on any free ports when those are taken.
func (a *app) startSimulator() (*simulator.Simulator, error) {
	const firstPort = 18917
	o := simulator.Options{Now: demoTime(), FirstPort: firstPort, Unlimited: true}
	if a.fault != nil {
		o.Intercept = a.fault.Intercept
	}
	server, err := simulator.Start(o)
	if err != nil {
		o.FirstPort = 0
		server, err = simulator.Start(o)
	}
	if err != nil {
		return nil, err
	}
	for range a.flags.demoDay - 1 {
		server.NextDay()
	}
	return server, nil
}

// demoTime is what time it is on the first day of the demo's fleet. Reports on the demo count days from the fleet's
// time, or else every machine of the demo would be stale one day.
func demoTime() time.Time { return time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC) }

// asOf sets the time from which reports on the demo count to that of its fleet.
func (a *app) asOf(ctx context.Context, s report.Source, now *time.Time) (err error) {
	if a.flags.demo {
		*now, err = demoNow(ctx, s)
	}
	return err
}

// demoNow is what time it is in the demo that a graph holds: noon of the day of which it has machines.
func demoNow(ctx context.Context, s report.Source) (time.Time, error) {
	text := map[report.Language]string{
		report.SQL:    "select count(*) from device where lastSeenOn > '%s'",
		report.Cypher: "MATCH (d:device) WHERE d.lastSeenOn > datetime('%s') RETURN count(d)",
	}[s.Language]
	now := demoTime()
	for range simulator.Days - 1 {
		rows, err := s.Store.Query(ctx, fmt.Sprintf(text, now.Format(time.RFC3339)))
		if err != nil {
			return now, fmt.Errorf("look which day of the demo this is: %w", err)
		}
		for row, err := range rows.Rows {
			if err != nil {
				return now, fmt.Errorf("look which day of the demo this is: %w", err)
			}
			if n, _ := row[0].(int64); n == 0 {
				return now, nil
			}
		}
		now = now.AddDate(0, 0, 1)
	}
	return now, nil
}
