package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"assetgraph/differ"
	"assetgraph/graph"
	"assetgraph/internal/executor"
)

func (a *app) runCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "run",
		Short: "Collect, convert, compare, guard, apply; print what changed (this is the default)",
		Long:  "Collect, convert, compare, guard, apply; print what changed.\n\n" + exitCodes,
		Example: "  execute\n  execute run --instance " + a.example(1) +
			" --output json\n  execute run --approve 3f2a91c07d5be846",
		Args:        cobra.NoArgs,
		Annotations: outputs("text", "json"),
		RunE: a.published(false, a.command(func(ctx context.Context, _ []string) error {
			return a.traced(ctx, "run", a.runOnce)
		})),
	}
	a.addRunFlags(c)
	a.addDayFlag(c)
	a.addBreakFlag(c)
	return c
}

func (a *app) planCommand() *cobra.Command {
	c := &cobra.Command{
		Use:         "plan",
		Short:       "Say what a run would change; write nothing at all",
		Long:        "The same as a run up to the first write: prints the plan and writes nothing, no run record either.\n\n" + exitCodes,
		Example:     "  execute plan\n  execute plan --details\n  execute plan --exit-code --max-deletes 25 --output json",
		Args:        cobra.NoArgs,
		Annotations: outputs("text", "json"),
		RunE: a.published(true, a.command(func(ctx context.Context, _ []string) error {
			return a.traced(ctx, "plan", func(ctx context.Context) error { return a.reconcile(ctx, true) })
		})),
	}
	a.addRunFlags(c)
	a.addDayFlag(c)
	c.Flags().BoolVar(&a.flags.exitCode, "exit-code", false, "exit with 6 when a run would write something")
	return c
}

// reconcile does one run, or one plan. The order is settings, collectors, graph, run: each needs less than the next,
// and the first that fails ends it.
func (a *app) reconcile(ctx context.Context, plan bool) error {
	if err := a.checkDemo(); err != nil {
		return err
	}
	options, err := a.runOptions(plan)
	if err != nil {
		return err
	}
	if err := a.checkMetrics(plan); err != nil {
		return err
	}
	if err := a.openNotifier(ctx, plan); err != nil {
		return err
	}
	endpoint, err := a.endpoint(ctx)
	if err != nil {
		return err
	}
	options.ID, options.Now = a.runID, a.now
	switch {
	case a.flags.details && a.flags.output == "json":
		options.Details = jsonDetails
	case a.flags.details:
		options.Details = mostDetails
	}
	a.warnOfLookAlikes()
	instances, stop, err := a.instances(ctx)
	if err != nil {
		return err
	}
	defer stop()
	configured, err := a.configured()
	if err != nil {
		return err
	}
	schema, err := a.providers.Schema()
	if err != nil {
		return err
	}
	want := write
	if plan {
		want = foresee
	}
	store, err := a.open(ctx, endpoint, schema, want)
	if err != nil {
		return err
	}
	options.Logger = a.unmarked
	options.Instances, options.Configured = instances, namesOf(configured)
	options.Store, options.Graph = store, endpoint.String()
	options.Schema, options.Model = schema, a.providers.Model()
	watch, done := a.observer()
	options.Observer = watch
	running, stopped := a.untilUnread(ctx)
	report, err := executor.Run(running, options)
	stopped()
	done()
	a.report, a.configuredNames = report, options.Configured
	a.publish(ctx, plan, report, store, err)
	return a.conclude(report, schema, closing(store, err))
}

// conclude prints the report of a run that began, and says how the command ends.
func (a *app) conclude(report *executor.Report, schema *graph.Schema, err error) error {
	if _, held := errors.AsType[*graph.HeldError](err); held || report == nil {
		return err
	}
	if printErr := a.printReport(report, schema); printErr != nil {
		return errors.Join(err, printErr)
	}
	if err != nil {
		return err
	}
	return a.outcomeOf(report)
}

func (a *app) runOptions(plan bool) (executor.Options, error) {
	guard, err := differ.ParseMaxDeletes(a.flags.maxDeletes)
	switch {
	case err != nil:
		return executor.Options{}, usagef("", "--max-deletes: %w", err)
	case a.flags.requestTimeout <= 0:
		return executor.Options{}, usagef("", "--request-timeout must be more than 0s")
	case a.flags.retryTime < 0:
		return executor.Options{}, usagef("", "--retry-time must not be negative")
	case a.flags.pageSize < 0:
		return executor.Options{}, usagef("", "--page-size must not be negative")
	case a.flags.refreshAfter < 0:
		return executor.Options{}, usagef("", "--refresh-after must not be negative")
	case a.flags.lease <= 0:
		return executor.Options{}, usagef("", "--lease must be more than 0s")
	case a.flags.lease > graph.MaxLease:
		return executor.Options{}, usagef("it is renewed while the run lasts, however long that is",
			"--lease must not be more than %s", graph.MaxLease)
	case a.flags.wait < 0:
		return executor.Options{}, usagef("", "--wait must not be negative")
	}
	if err := a.checkSoftExit(); err != nil {
		return executor.Options{}, err
	}
	if _, err := a.pace(); err != nil {
		return executor.Options{}, err
	}
	overrides, err := a.overrides()
	if err != nil {
		return executor.Options{}, err
	}
	keep, err := a.keepChanges()
	if err != nil {
		return executor.Options{}, err
	}
	if guard.Approve, err = approvals(a.flags.approve); err != nil {
		return executor.Options{}, err
	}
	o := executor.Options{
		Plan: plan, Guard: guard, Overrides: overrides, Lease: a.flags.lease, Wait: a.flags.wait, Version: thisBuild().String(),
		RefreshAfter: a.flags.refreshAfter, Changes: keep, Verify: a.flags.verify,
	}
	if a.flags.demo {
		o.AsOf = demoTime().AddDate(0, 0, a.flags.demoDay-1)
	}
	return o, nil
}

// approvals reads the values of --approve: ids, or several of them joined by commas.
func approvals(values []string) ([]string, error) {
	var ids []string
	for _, value := range values {
		for id := range strings.SplitSeq(value, ",") {
			id = strings.ToLower(strings.TrimSpace(id))
			if !differ.IsApproval(id) {
				return nil,
					usagef("an id stands behind each set of deletes that a run or plan withholds; nothing was contacted",
						"--approve %q: an approval id is 16 hexadecimal digits, such as 3f2a91c07d5be846", id)
			}
			ids = append(ids, id)
		}
	}
	return ids, nil
}

func (a *app) printReport(r *executor.Report, schema *graph.Schema) error {
	if a.flags.output == "json" {
		return a.printJSON(complete(r))
	}
	s := summary{app: a, report: r, schema: schema}
	_, err := fmt.Fprint(a.stdout, s.text())
	return err
}

// complete returns the report with empty lists and maps in place of missing ones, so that scripts need no null checks.
func complete(r *executor.Report) *executor.Report {
	out := *r
	if out.Entities == nil {
		out.Entities = map[string]executor.Counts{}
	}
	if out.Relationships == nil {
		out.Relationships = map[string]executor.Counts{}
	}
	out.Steps = append([]executor.StepReport{}, r.Steps...)
	out.Instances = append([]executor.InstanceReport{}, r.Instances...)
	out.Withheld = append([]executor.Withheld{}, r.Withheld...)
	out.Warnings = append([]string{}, r.Warnings...)
	return &out
}

func (a *app) printJSON(v any) error {
	e := json.NewEncoder(a.stdout)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
