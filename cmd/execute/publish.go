package main

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"assetgraph/graph"
	"assetgraph/internal/executor"
	"assetgraph/internal/metrics"
	"assetgraph/internal/panics"
	"assetgraph/internal/settings"
)

// publishTime is how long telling others of a run may keep it from ending.
const publishTime = 10 * time.Second

// published has what came of a run or plan told to others, whether it began or not. A mistake on the command line
// itself, which nobody but its author meets, is not told.
func (a *app) published(plan bool, f func(*cobra.Command, []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		err := panics.Do(func() error { return f(c, args) })
		a.publish(c.Context(), plan, a.report, err)
		return err
	}
}

// publish hands on the metrics of a run that ended with err; report is nil when it did not begin. It works after the
// context ended, takes publishTime at most, and changes nothing about how the run ended: what can't be handed on is a
// warning. A run that only met another one's lock has nothing to tell: the other one will.
func (a *app) publish(ctx context.Context, plan bool, report *executor.Report, err error) {
	if _, held := errors.AsType[*graph.HeldError](err); held {
		return
	}
	file, gateway := a.metricsTargets(plan)
	if file == "" && gateway == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), publishTime)
	defer cancel()
	sections := metrics.Failed(a.now())
	if report != nil {
		sections = metrics.Of(report)
	}
	if file != "" {
		if err := metrics.WriteFile(file, sections, a.configuredNames); err != nil {
			a.logger.Warn("metrics were not written", "file", file, "error", err)
		}
	}
	if g, err := metrics.ParseGateway(gateway); gateway != "" && err == nil {
		if err := g.Push(ctx, sections); err != nil {
			a.logger.Warn("metrics were not pushed", "error", err)
		}
	}
}

// metricsTargets returns where metrics go: to the file and the gateway that flags or, of a run, settings name. A plan
// changes nothing that it was not asked to change.
func (a *app) metricsTargets(plan bool) (file, gateway string) {
	if plan {
		return a.flags.metricsFile, a.flags.metricsPush
	}
	return cmp.Or(a.flags.metricsFile, a.env.Get(settings.MetricsFile)),
		cmp.Or(a.flags.metricsPush, a.env.Get(settings.MetricsPush))
}

// checkMetrics says what is wrong with where metrics are to go.
func (a *app) checkMetrics(plan bool) error {
	_, gateway := a.metricsTargets(plan)
	if gateway == "" {
		return nil
	}
	if _, err := metrics.ParseGateway(gateway); err != nil {
		if a.flags.metricsPush != "" {
			return usagef("", "--metrics-push: %w", err)
		}
		return usagef("", "%s: %w", settings.MetricsPush, err)
	}
	return nil
}
