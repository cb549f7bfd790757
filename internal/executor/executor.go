package executor

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"assetgraph/collectors"
	"assetgraph/converters"
	"assetgraph/converters/correlate"
	"assetgraph/differ"
	"assetgraph/graph"
	"assetgraph/internal/panics"
)

// An Instance is one configured instance of a provider, of which there may be several.
type Instance struct {
	Name      string // no other instance has it; part of every key
	Vendor    string // the product as its maker writes it, for people
	Host      string // of its URL
	Collector collectors.Collector
	Converter *converters.Converter
}

// Options say what a run works on and how.
type Options struct {
	ID         string // of the run; "" = NewID makes one
	Instances  []Instance
	Configured []string // names of all configured instances, those that this run leaves out too; nil = not known
	Store      graph.Store
	Graph      string           // where the graph lies, for the report: no user name, no password
	Details    int              // name so many of the elements of each scope that are created, updated, deleted; 0 = none
	Plan       bool             // stop before the first write; the store may be opened for reading only
	Schema     *graph.Schema    // all declared types; without the derived ones nothing is correlated
	Model      *correlate.Model // what is derived from the products; nil = nothing
	Guard      differ.Guard
	Overrides  *correlate.Overrides // what people have decided about who is the same; nil for nothing
	Lease      time.Duration        // how long a run lock outlives a run that died; 0 = 2 min
	Wait       time.Duration        // how long to wait for another run's lock
	Version    string               // of the program
	SpoolLimit int64                // bytes that what was read of one type of one instance may take there; 0 = 4 GiB, some six million machines
	Observer   Observer             // nil = nobody watches
	Logger     *slog.Logger         // nil = no logs
	Now        func() time.Time     // nil = time.Now
}

// An Observer is told how a run goes on, from several goroutines at once. It must not block.
type Observer interface {
	// StepStarted is called before a step reads; m tells how far it is until StepDone.
	StepStarted(instance, step string, m *collectors.Meter)
	// StepDone is called when a step has ended, however it did.
	StepDone(r StepReport)
	// Progress tells how many of total scopes ("compare") or operations ("apply") a phase has done; called at its
	// start with done 0 and at its end with done == total.
	Progress(phase string, done, total int)
}

// Run carries out one run or plan. The report is never nil and is what happened up to the error. The error says that the
// graph could not be read or written, or that the context ended; what could not be read from a provider is no error but
// in the report's steps. A *graph.HeldError means that another run holds an instance and nothing was done.
//
// When the context ends while the plan is applied, the batch in hand is finished first.
func Run(ctx context.Context, o Options) (*Report, error) {
	r := newRun(o)
	err := panics.Do(func() error { return r.locked(ctx) })
	r.finish(err)
	r.logEnd()
	return r.report, err
}

// logEnd is the last that a run logs.
func (r *run) logEnd() {
	t := r.report.Totals
	attrs := []any{"status", r.report.Run.Status, "plan", r.Plan, "created", t.Created, "updated", t.Updated, "refreshed", t.Refreshed,
		"deleted", t.Deleted, "withheld", t.Withheld}
	if r.failure != nil {
		r.Logger.Error("run ended", append(attrs, "error", r.failure)...)
		return
	}
	r.Logger.Info("run ended", attrs...)
}

// NewID returns a name for a run that starts now. Names sort by time.
func NewID(now time.Time) string {
	var random [4]byte
	_, _ = rand.Read(random[:]) // never fails
	return now.UTC().Format("20060102T150405Z") + "-" + hex.EncodeToString(random[:])
}

// A run is one call of Run while it lasts.
type run struct {
	Options
	id         string
	report     *Report
	leases     held
	failure    error // what Run returns; set by finish
	correlator *correlate.Correlator
	owners     map[string]string // where what the graph holds of each instance was read, as far as that is settled
	readers    map[string]string // with which credentials that was
	approvals  []string          // approval ids that let deletes go
	past       past
	derived    *derivedResult // what this run derived or found still standing; nil when it did neither
	correlated bool
	rules      string // by which it correlated, once that is applied
}

func newRun(o Options) *run {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Observer == nil {
		o.Observer = nobody{}
	}
	if o.SpoolLimit == 0 {
		o.SpoolLimit = 4 << 30
	}
	if o.Lease == 0 {
		o.Lease = 2 * time.Minute
	}
	r := &run{Options: o, id: o.ID}
	started := o.Now().UTC()
	if r.id == "" {
		r.id = NewID(started)
	}
	r.Logger = o.Logger.With("run", r.id)
	r.report = &Report{
		Run:           RunInfo{ID: r.id, StartedAt: started, Graph: o.Graph, Plan: o.Plan},
		Entities:      map[string]Counts{},
		Relationships: map[string]Counts{},
		Steps:         []StepReport{},
		Withheld:      []Withheld{},
		Warnings:      []string{},
	}
	return r
}

// locked runs with the instances' leases held; a plan needs none.
func (r *run) locked(ctx context.Context) error {
	if err := checkNames(r.Instances); err != nil {
		return err
	}
	if r.Plan {
		return r.pipeline(ctx)
	}
	ctx, release, err := r.acquire(ctx)
	if err != nil {
		return err
	}
	defer release()
	if err := r.begin(ctx); err != nil {
		return fmt.Errorf("write run record: %w", err)
	}
	err = panics.Do(func() error { return r.pipeline(ctx) })
	r.finish(err)
	return errors.Join(err, r.end(ctx))
}

// pipeline is the run itself: collect and compare, correlate, and unless it is a plan, apply.
func (r *run) pipeline(ctx context.Context) (err error) {
	spool, err := differ.NewSpool("")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, spool.Close()) }()

	r.correlator = correlate.New(correlate.Options{Model: r.Model, Overrides: r.Overrides})
	plan, err := r.sources(ctx, spool)
	if err != nil {
		return err
	}
	err = timed(&r.report.Phases.Correlate, func() error { return r.derive(ctx, spool, plan) })
	if err != nil {
		return err
	}
	r.reportPlan(plan)
	if err := r.nameWithheld(ctx, plan); err != nil {
		return err
	}
	if r.Details > 0 {
		if err := r.detail(ctx, plan, r.Details); err != nil {
			return err
		}
	}
	if r.Plan {
		return nil
	}
	if err := timed(&r.report.Phases.Apply, func() error { return r.apply(ctx, plan) }); err != nil {
		return err
	}
	if r.correlated {
		r.rules = correlate.RulesDigest(r.Overrides)
	}
	return nil
}

func timed(seconds *float64, f func() error) error {
	start := time.Now()
	defer func() { *seconds = time.Since(start).Seconds() }()
	return f()
}

type nobody struct{}

func (nobody) StepStarted(string, string, *collectors.Meter) {}
func (nobody) StepDone(StepReport)                           {}
func (nobody) Progress(string, int, int)                     {}
