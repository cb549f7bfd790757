package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"assetgraph/graph"
	"assetgraph/internal/executor"
	"assetgraph/internal/work"
)

// dueByDefault is how often an instance is due that does not say.
const dueByDefault = time.Hour

func (a *app) workCommand() *cobra.Command {
	var f workFlags
	c := &cobra.Command{
		Use:   "work",
		Short: "Do what is due, instance by instance, sharing it with other workers",
		Long: "Takes the instance that is most overdue and that nobody works on, collects and writes it, takes the next, and ends when none is due. " +
			"How often an instance is due says `every` in the configuration file (1h where it does not). Any number of workers, in containers or on several machines, share the instances of one graph without knowing of each other. " +
			"The last one correlates what changed. Each instance is a run of its own in the history; what is printed in the end is all of them together.\n\n" + exitCodes,
		Example:     "  execute work\n  execute work --for 50m --parallel 4 --soft-exit incomplete,withheld,busy\n  execute work --shard 0/3",
		Args:        cobra.NoArgs,
		Annotations: outputs("text", "json"),
		RunE: a.published(false, a.command(func(ctx context.Context, _ []string) error {
			return a.traced(ctx, "work", func(ctx context.Context) error { return a.work(ctx, f) })
		})),
	}
	a.addRunFlags(c)
	c.Flags().DurationVar(&f.last, "for", 0, "`time` after which nothing new is begun, such as 50m (default until nothing is due)")
	c.Flags().IntVar(&f.parallel, "parallel", 1, "how `many` instances this process works on at once")
	c.Flags().StringVar(&f.shard, "shard", "", "`I/N`: only the instances of part I of N, I from 0 (default "+
		"JOB_COMPLETION_INDEX of JOB_COMPLETIONS where both are set)")
	return c
}

type workFlags struct {
	last     time.Duration
	parallel int
	shard    string
}

// A shard is a fixed part of the instances.
type shard struct{ part, of int }

// shardOf reads the flag, or what an indexed Kubernetes job says.
func (a *app) shardOf(flag string) (shard, error) {
	from, text := "--shard", flag
	if text == "" {
		part, of := a.env.Get("JOB_COMPLETION_INDEX"), a.env.Get("JOB_COMPLETIONS")
		if part == "" || of == "" {
			return shard{0, 1}, nil
		}
		from, text = "JOB_COMPLETION_INDEX/JOB_COMPLETIONS", part+"/"+of
	}
	left, right, _ := strings.Cut(text, "/")
	part, err1 := strconv.Atoi(left)
	of, err2 := strconv.Atoi(right)
	if err1 != nil || err2 != nil || part < 0 || part >= of {
		return shard{}, usagef("", "%s %s: expected I/N with I from 0 to N-1, such as 0/3", from, text)
	}
	return shard{part, of}, nil
}

// has reports whether an instance is in the shard. It stays in it whatever other instances come and go.
func (s shard) has(name string) bool {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name)) // never fails
	return int(h.Sum32()%uint32(s.of)) == s.part
}

// work does what is due. The order is that of reconcile.
func (a *app) work(ctx context.Context, f workFlags) error {
	began := a.now().UTC()
	options, err := a.runOptions(false)
	if err != nil {
		return err
	}
	part, err := a.shardOf(f.shard)
	switch {
	case err != nil:
		return err
	case f.last < 0:
		return usagef("", "--for must not be negative")
	case f.parallel < 1:
		return usagef("", "--parallel must be at least 1")
	}
	if err := a.checkMetrics(false); err != nil {
		return err
	}
	if err := a.openNotifier(ctx, false); err != nil {
		return err
	}
	endpoint, err := a.endpoint(ctx)
	if err != nil {
		return err
	}
	a.warnOfLookAlikes()
	chosen, stop, err := a.described()
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
	store, err := a.open(ctx, endpoint, schema, write)
	if err != nil {
		return err
	}
	options.Configured, options.Graph = namesOf(configured), endpoint.String()
	options.Store, options.Schema, options.Model = store, schema, a.providers.Model()
	a.configuredNames = options.Configured
	running, stopped := a.untilUnread(ctx)
	w := &workload{app: a, options: options}
	o := work.Options{
		Store: store, Parallel: f.parallel, Run: w.run, Now: a.now,
	}
	if f.last > 0 {
		o.Until = began.Add(f.last)
	}
	for _, in := range chosen {
		if part.has(in.Name) {
			o.Instances = append(o.Instances, work.Instance{Name: in.Name, Every: cmp.Or(in.Every, dueByDefault)})
		}
	}
	err = work.Do(running, o)
	stopped()
	report, err := w.combined(began, err)
	a.report = report
	if len(w.reports) == 0 && err == nil { // else each piece has told of itself
		a.publish(ctx, false, report, store, nil)
	}
	return a.concludeWork(w, report, schema, closing(store, err))
}

// A workload is what a process did.
type workload struct {
	*app
	options executor.Options

	mu      sync.Mutex
	reports []*executor.Report
	errs    []error // of settings, and of runs
}

// run does one piece of work.
func (w *workload) run(ctx context.Context, instance string, claim func(context.Context) error) error {
	o := w.options
	o.ID, o.Claim, o.Later = executor.NewID(w.now()), claim, instance != work.Correlation
	o.Logger = w.loggerAbout(instance)
	logger, began := o.Logger.With("run", o.ID), w.now().UTC()
	if instance != work.Correlation {
		in, err := w.instance(ctx, instance, logger)
		if err != nil {
			logger.Error("the instance can't be read", "error", err)
			w.note(nil, err)
			w.publish(ctx, false, executor.Unread(executor.RunInfo{ID: o.ID, StartedAt: began, Graph: o.Graph}, instance, err),
				o.Store, err)
			return err
		}
		o.Instances = []executor.Instance{in}
	}
	o.Observer = &stepLog{logger: logger}
	report, err := executor.Run(ctx, o)
	if work.Taken(err) {
		return err
	}
	w.note(report, err)
	w.publish(ctx, false, report, o.Store, err)
	w.logEnded(logger, report, err)
	return err
}

// note keeps what came of a piece of work, and tells others.
func (w *workload) note(report *executor.Report, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if report != nil {
		w.reports = append(w.reports, report)
	}
	if err != nil {
		w.errs = append(w.errs, err)
	}
}

// instance makes one instance's collector; its secrets are looked up now and not before.
func (w *workload) instance(ctx context.Context, name string, logger *slog.Logger) (executor.Instance, error) {
	w.mu.Lock() // settings of the demo and of secrets are looked up one after another
	defer w.mu.Unlock()
	list, err := w.resolved(ctx, []string{name})
	if err != nil {
		return executor.Instance{}, err
	}
	options, err := w.collectorOptions()
	if err != nil {
		return executor.Instance{}, err
	}
	options.Logger = logger
	return collectorOf(list[0], options)
}

// combined is what came of all pieces of work together.
func (w *workload) combined(began time.Time, err error) (*executor.Report, error) {
	report := executor.Combine(executor.RunInfo{
		ID: w.runID, StartedAt: began, FinishedAt: w.now().UTC().Truncate(time.Millisecond), Graph: w.options.Graph,
	}, w.reports)
	err = errors.Join(append([]error{err}, w.errs...)...)
	if err != nil {
		report.Run.Status = executor.StatusFailed
	}
	return report, err
}

// concludeWork prints what the process did, and says how the command ends.
func (a *app) concludeWork(w *workload, report *executor.Report, schema *graph.Schema, failed error) error {
	if printErr := a.printReport(report, schema); printErr != nil {
		return errors.Join(failed, printErr)
	}
	if a.flags.output != "json" {
		fmt.Fprintf(a.stdout, "\n%s\n", w.told())
	}
	if failed != nil {
		return failed
	}
	return a.outcomeOf(report)
}

// told says in a line what was done.
func (w *workload) told() string {
	instances, correlations := 0, 0
	for _, r := range w.reports {
		if len(r.Instances) == 0 {
			correlations++
		}
		instances += len(r.Instances)
	}
	if instances+correlations == 0 {
		return "Nothing is due, or others are at it."
	}
	return fmt.Sprintf("%s done, correlated %s.", counted(instances, "instance", "instances"), counted(correlations, "time", "times"))
}
