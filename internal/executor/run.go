package executor

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"assetgraph/differ"
	"assetgraph/graph"
	"assetgraph/internal/panics"
	"assetgraph/internal/span"
)

// Run carries out one run or plan. The report is never nil and is what happened up to the error. The error says that
// the graph could not be read or written, or that the context ended; what could not be read from a provider is no error
// but in the report's steps. A *graph.HeldError means that another run holds an instance and nothing was done.
//
// When the context ends while the plan is applied, the batch in hand is finished first.
func Run(ctx context.Context, o Options) (*Report, error) {
	started := o.setDefaults()
	report, locks := newReporter(&o, started), newLocks(&o)
	record := recorder{o: &o, locks: locks}
	err := panics.Do(func() error {
		locked, err := record.begin(ctx, started)
		if err != nil {
			return err
		}
		return reasonOf(locked, ctx, phases(locked, &o, locks, report))
	})
	run := report.finish(err)
	unrecorded := panics.Do(func() error {
		defer locks.release(ctx)
		return record.end(ctx, run)
	})
	if unrecorded != nil {
		err = errors.Join(err, unrecorded)
		report.Run.Status = StatusFailed
	}
	return report.Report, err
}

// reasonOf returns why phases ended with err: what ended their context, a lease that was lost or a panic in who renews it,
// rather than that something met the end of it. Whoever called the run knows why its own context ended.
func reasonOf(locked, caller context.Context, err error) error {
	cause := context.Cause(locked)
	if err == nil || cause == nil || caller.Err() != nil || errors.Is(err, cause) {
		return err
	}
	if errors.Is(err, context.Canceled) {
		return cause
	}
	return errors.Join(cause, err)
}

// phases is a run between its begin and its end. What a phase returns is what later ones work on; the reporter is
// handed all of it, also what came of a phase that failed.
func phases(ctx context.Context, o *Options, locks *locks, report *reporter) (err error) {
	spool, err := differ.NewSpool("")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, spool.Close()) }()

	before, err := recall(ctx, o)
	report.recalled(before)
	if err != nil {
		return err
	}
	read, err := collectAndCompare(ctx, o, before, spool)
	report.compared(read)
	if err != nil {
		return err
	}
	plan := read.plan()
	derived, err := derive(ctx, o, locks, before, spool, read, plan)
	report.derived(derived)
	if err != nil {
		return err
	}
	plan.Append(derived.plan)
	report.planned(plan)
	if err := report.describe(ctx, newDescriber(o, plan)); err != nil {
		return err
	}
	if o.Plan {
		return nil
	}
	store, err := written(ctx, o, locks, before, read, plan, derived, report)
	if err != nil {
		return err
	}
	began := time.Now()
	found, err := keepFindings(ctx, o, store, locks, before, read, plan, derived)
	report.found(found, time.Since(began))
	if err != nil {
		return err
	}
	// Workers take the time for the word that all of it is done.
	return report.noteDerivation(ctx, o.Store, report.Run.StartedAt)
}

// written carries out the plan, and has the graph remember what later runs need not read back. It returns the store as
// it is to be read from then on.
func written(
	ctx context.Context, o *Options, locks *locks, before past, read sources, plan *differ.Plan, derived derivedPart,
	report *reporter,
) (graph.Store, error) {
	defer report.timeApply(time.Now())
	applier := newApplier(o, locks, newChronicle(o, before), report.applied)
	if err := applied(ctx, applier, plan); err != nil {
		return nil, err
	}
	report.followed(derived.rules)
	if err := derived.remember(ctx, o.Store); err != nil {
		return nil, err
	}
	links, err := read.keepLinks(ctx, o.Store, before)
	report.kept(links)
	if err != nil {
		return nil, err
	}
	if err := report.noteDerivation(ctx, o.Store, before.derivedOn); err != nil {
		return nil, err
	}
	store := o.Store
	if derived.first && len(applier.unsure) == 0 {
		store = newFirstLoad(store, plan, applier.at)
	}
	return store, applier.seal(ctx, plan, derived.known)
}

// applied carries out the plan, which stands in a trace beside the instances.
func applied(ctx context.Context, a *applier, plan *differ.Plan) error {
	ctx, mark := span.Start(ctx, "apply", attribute.Int("assetgraph.writes", plan.Writes()))
	err := a.apply(ctx, plan)
	span.End(mark, err != nil)
	return err
}

// NewID returns a name for a run that starts now. Names sort by time.
func NewID(now time.Time) string {
	var random [4]byte
	_, _ = rand.Read(random[:]) // never fails
	return now.UTC().Format("20060102T150405Z") + "-" + hex.EncodeToString(random[:])
}
