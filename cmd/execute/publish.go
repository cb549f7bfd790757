package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"assetgraph/graph"
	"assetgraph/internal/executor"
	"assetgraph/internal/metrics"
	"assetgraph/internal/notify"
	"assetgraph/internal/panics"
	"assetgraph/internal/settings"
)

// How long telling others of a run may keep it from ending.
const (
	publishTime = 10 * time.Second
	notifyTime  = 30 * time.Second
)

// published makes the run or plan of a command known by an id, and has others told when it did not begin. A mistake on
// the command line itself, which nobody but its author meets, is not told.
func (a *app) published(plan bool, f func(*cobra.Command, []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		a.runID = executor.NewID(a.now())
		err := panics.Do(func() error { return f(c, args) })
		if err != nil && !a.told.Load() {
			a.publish(c.Context(), plan, nil, nil, err)
		}
		a.ping(c.Context(), err)
		return err
	}
}

// publish tells others of a run or plan that ended with err: its metrics, and what people have to know. report is nil
// when it did not begin, store when the graph was not opened. It works after the context ended, takes a limited time, and
// changes nothing about how the run ended: what can't be told is a warning. A run that only met another one's lock has
// nothing to tell: the other one will.
func (a *app) publish(ctx context.Context, plan bool, report *executor.Report, store graph.Store, err error) {
	a.told.Store(true)
	if _, held := errors.AsType[*graph.HeldError](err); held {
		return
	}
	ctx = context.WithoutCancel(ctx)
	a.publishMetrics(ctx, plan, report)
	if a.notifier == nil && report == nil { // of a run that did not get as far as to ask who wants to know
		_ = a.openNotifier(ctx, plan) // a mistake there is said where it is what keeps the run from beginning
	}
	if plan || a.notifier == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, notifyTime)
	defer cancel()
	result := notify.Result{Report: report, Err: err, At: a.now()}
	if store != nil {
		result.Graph = store
	}
	if err := a.notifier.Tell(ctx, result); err != nil {
		a.logger.Warn("not all could be told who want to know of runs; it is tried again after the next one", "error", err)
	}
}

// ping tells those who want to know of each process that it ends.
func (a *app) ping(ctx context.Context, err error) {
	if _, held := errors.AsType[*graph.HeldError](err); held || a.notifier == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), notifyTime)
	defer cancel()
	if err := a.notifier.End(ctx, a.report); err != nil {
		a.logger.Warn("not all could be told that the run has ended", "error", err)
	}
}

func (a *app) publishMetrics(ctx context.Context, plan bool, report *executor.Report) {
	a.publishing.Lock() // a file has one writer
	defer a.publishing.Unlock()
	file, gateway := a.metricsTargets(plan)
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
		ctx, cancel := context.WithTimeout(ctx, publishTime)
		defer cancel()
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

// openNotifier finds out who wants to know of the run, and tells those that it begins who want to know that.
func (a *app) openNotifier(ctx context.Context, plan bool) error {
	if plan {
		return nil
	}
	targets, err := a.notifyTargets(ctx)
	if err != nil || len(targets) == 0 {
		return err
	}
	a.notifier = notify.New(targets, a.toldHere(), func(approvals []string) string {
		var args []string
		for _, id := range approvals {
			args = append(args, "--approve", id)
		}
		return a.again("run", args...)
	})
	a.notifier.Begin(ctx)
	return nil
}

// notifyTargets returns whom the environment and the configuration file name.
func (a *app) notifyTargets(ctx context.Context) ([]notify.Target, error) {
	targets, secrets, err := a.conf.Targets(ctx)
	a.logs.conceal(secrets)
	if err != nil {
		return nil, usagef("", "%w", err)
	}
	t := notify.Target{
		URL: a.env.Get(settings.NotifyURL), Format: a.env.Get(settings.NotifyFormat), Secret: a.env.Get(settings.NotifySecret),
	}
	for kind := range strings.SplitSeq(a.env.Get(settings.NotifyOn), ",") {
		if kind = strings.TrimSpace(kind); kind != "" {
			t.On = append(t.On, kind)
		}
	}
	if t.URL == "" {
		return targets, nil
	}
	if err := t.Check(); err != nil {
		return nil, usagef("docs/notifications.md says what each of "+settings.NotifyURL+", …_FORMAT, …_SECRET and …_ON holds",
			"%s: %w", settings.NotifyURL, err)
	}
	return append(targets, t), nil
}

// toldHere is where it is kept what was told of runs that could not use their graph. Whose runs these are is told by how
// the program was called, which is known however little else is.
func (a *app) toldHere() notify.LocalFile {
	dir := settings.StateDir(a.env, os.UserConfigDir)
	if dir == "" {
		return ""
	}
	folder, _ := os.Getwd() // unknown, it tells nothing
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q", folder, a.flags.graph, a.flags.envFile, a.flags.config))
	return notify.LocalFile(filepath.Join(dir, "notifications-"+hex.EncodeToString(sum[:8])+".json"))
}
