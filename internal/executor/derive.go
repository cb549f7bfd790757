package executor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"assetgraph/converters"
	"assetgraph/differ"
	"assetgraph/graph"
	"assetgraph/internal/correlate"
	"assetgraph/internal/span"
)

// A derivedPart is what correlating gave: what the plan of the sources leads to.
type derivedPart struct {
	plan     *differ.Plan   // of the derived scopes
	result   *derivedResult // that this run came to or found still standing; nil when neither can be told
	rules    string         // digest of the rules and overrides that were followed, "" when nothing was derived
	coverage *Coverage      // nil where no devices are derived
	warnings []string
	seconds  float64

	memory []byte // what the next run is to remember of it; nil for nothing new

	changed      []graph.Key // devices of which more is another than when they were seen
	changesKnown bool        // these are all
	untouched    bool        // the graph held the very records that the last correlation was made of
	first        bool        // it held nothing at all

	known func(graph.Scope) (graph.Seal, bool) // what the graph is known to hold of a scope before the plan is carried out
}

// A derivation finds out which records are the same machine, customer or person. It looks at the graph as it will be
// when the plan of the sources is carried out: what was read, what stays though it was not read, and what other
// instances own. So a source that could not be read takes nothing away.
//
// What is derived is held to no guard of its own: it follows from records whose deletes were.
type derivation struct {
	store      graph.Store
	schema     *graph.Schema
	model      *correlate.Model
	lock       func(context.Context) error // takes the lease of what is derived
	log        *slog.Logger
	past       past
	counts     []graph.ScopeCount // of the graph since nobody else derives
	spool      *differ.Spool
	read       sources
	overrides  *correlate.Overrides
	refresh    time.Duration
	linked     []keptLinks // what instances that were not read said of other products when they were
	correlator *correlate.Correlator
}

// derive returns what is to become of what follows from the records when plan is carried out: nothing, where that is left
// to a later run.
func derive(
	ctx context.Context, o *Options, locks *locks, before past, spool *differ.Spool, read sources, plan *differ.Plan,
) (derivedPart, error) {
	deletes := slices.ContainsFunc(plan.Scopes, func(sp *differ.ScopePlan) bool { return sp.Counts.Delete > 0 })
	if o.Later && !deletes {
		return derivedPart{plan: &differ.Plan{}, known: before.census.known}, nil
	}
	ctx, mark := span.Start(ctx, "correlate")
	out, err := newDerivation(o, locks, before, spool, read).derive(ctx, plan)
	if out.memory != nil {
		// What was correlated took more memory than all else. It goes back to the system now: the store is about to take
		// memory of its own, which is not the collector's, and the peak would be the sum of both.
		debug.FreeOSMemory()
	}
	span.End(mark, err != nil)
	return out, err
}

func newDerivation(o *Options, locks *locks, before past, spool *differ.Spool, read sources) *derivation {
	d := &derivation{
		store: o.Store, schema: o.Schema, model: o.Model, log: o.Logger, past: before, counts: before.census.counts(),
		spool: spool, read: read, overrides: o.Overrides, refresh: o.RefreshAfter,
	}
	d.lock = func(ctx context.Context) error {
		if o.Plan {
			return nil
		}
		return locks.acquireOne(ctx, correlate.Integration, time.Now().Add(max(o.Wait, o.Lease)))
	}
	return d
}

// derive returns what is to become of the derived scopes when plan is carried out.
//
// Runs of different instances share what is derived, and its lease: this one waits for the other run at least as long
// as a dead one's lease lasts. When the wait was in vain, the derived part stays as it is until the next run.
func (d *derivation) derive(ctx context.Context, plan *differ.Plan) (out derivedPart, err error) {
	defer func(began time.Time) { out.seconds = time.Since(began).Seconds() }(time.Now())
	out.plan, out.known = &differ.Plan{}, d.past.census.known
	scopes := d.scopes()
	if len(scopes) == 0 {
		return out, nil
	}
	err = d.lock(ctx)
	if other, ok := errors.AsType[*graph.HeldError](err); ok {
		out.warnings = []string{
			fmt.Sprintf("devices, organizations and persons were not brought up to date: %v", other),
		}
		return out, nil
	}
	if err != nil {
		return out, err
	}
	if d.counts, err = d.store.Counts(ctx); err != nil {
		return out, fmt.Errorf("correlate: %w", err)
	}
	out.first = len(d.counts) == 0
	counts := d.counts // and nothing else of the derivation, which is large, while the plan is carried out
	out.known = func(scope graph.Scope) (graph.Seal, bool) { return sealIn(counts, scope) }
	if d.linked, err = d.recallLinks(ctx); err != nil {
		return out, fmt.Errorf("correlate: %w", err)
	}
	d.correlator = d.newCorrelator()
	if out.untouched, err = d.untouched(ctx); err != nil {
		return out, fmt.Errorf("correlate: %w", err)
	}
	others := d.others(plan)
	from, err := d.trace(ctx, plan, others)
	if err != nil {
		return out, fmt.Errorf("correlate: %w", err)
	}
	stands, err := d.reuse(ctx, scopes, from)
	if err != nil {
		return out, fmt.Errorf("correlate: %w", err)
	}
	out.rules = correlate.RulesDigest(d.overrides)
	if stands != nil {
		out.plan, out.result, out.changesKnown = stands, d.past.derived, true
		out.warnings = findingWarnings(out.result.Findings)
	} else if err := d.anew(ctx, plan, others, scopes, &out); err != nil {
		return out, err
	} else {
		out.result = resultOf(from, out.plan, d.correlator.Findings())
		if out.result != nil {
			out.memory = d.correlator.Memory()
		}
	}
	out.coverage, err = d.cover(ctx, out.plan, stands != nil)
	return out, err
}

// scopes returns the derived scopes that the graph has.
func (d *derivation) scopes() (list []differ.Desired) {
	for _, t := range d.types() {
		list = append(list, differ.Desired{Type: t, Instance: correlate.Integration, Complete: true})
	}
	return list
}

func (d *derivation) types() []*graph.Type {
	if d.schema == nil || d.model == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(d.model.Types()),
		func(t *graph.Type) bool { return d.schema.Type(t.Name) == nil })
}

// others finds out which scopes of entities of the graph are no part of the plan.
func (d *derivation) others(plan *differ.Plan) []differ.Desired {
	return slices.DeleteFunc(d.stored(), func(o differ.Desired) bool {
		return slices.ContainsFunc(plan.Scopes, func(sp *differ.ScopePlan) bool {
			return sp.Scope == graph.Scope{Type: o.Type.Name, Instance: o.Instance}
		})
	})
}

// stored returns all scopes of entities of the sources that the graph has.
func (d *derivation) stored() (list []differ.Desired) {
	for _, p := range d.counts {
		t := d.schema.Type(p.Type)
		if t != nil && !t.IsRelationship() && t.Name != converters.IntegrationType().Name && p.Instance != correlate.Integration {
			list = append(list, differ.Desired{Type: t, Instance: p.Instance})
		}
	}
	return list
}

// known returns what the graph is known to hold of a scope.
func (d *derivation) known(scope graph.Scope) (graph.Seal, bool) { return sealIn(d.counts, scope) }

// sealed returns the same where a scope need not be read back.
func (d *derivation) sealed(scope graph.Scope) (graph.Seal, bool) {
	if d.past.verify {
		return graph.Seal{}, false
	}
	return d.known(scope)
}

// anew correlates, and makes the plan of what came out. What the last run derived is taken from what it remembered, and
// only what is another than that is written and compared; without a memory that fits, all of it is.
func (d *derivation) anew(
	ctx context.Context, plan *differ.Plan, others, scopes []differ.Desired, out *derivedPart,
) error {
	memory, err := d.recallMemory(ctx, scopes)
	if err == nil {
		err = d.correlate(ctx, plan, others, memory)
	}
	if errors.Is(err, correlate.ErrMemory) {
		d.log.Warn("what the last run remembered is of no use, so all is correlated anew",
			"instance", correlate.Integration, "reason", err)
		d.correlator = d.newCorrelator()
		err = d.correlate(ctx, plan, others, nil)
	}
	if err != nil {
		return fmt.Errorf("correlate: %w", err)
	}
	out.plan, err = d.compare(ctx, d.narrowed(scopes), plan)
	out.warnings = findingWarnings(d.correlator.Findings())
	if err != nil {
		return err
	}
	out.changed, out.changesKnown, err = d.changedDevices(ctx, out.plan)
	return err
}

// changedDevices returns the devices of which more changes than when they were seen, new ones among them. known is false
// when it may be any.
func (d *derivation) changedDevices(ctx context.Context, plan *differ.Plan) (list []graph.Key, known bool, _ error) {
	if list, known = d.correlator.Remade(); !known {
		return nil, false, nil
	}
	for _, sp := range plan.Scopes {
		if sp.Type.Name != "device" {
			continue
		}
		for _, op := range []graph.Op{graph.Create, graph.Update} {
			for batch, err := range sp.Writes(ctx, op, batchSize) {
				if err != nil {
					return nil, false, err
				}
				for _, e := range batch {
					list = append(list, graph.Key(strings.Clone(string(e.Key))))
				}
			}
		}
	}
	return list, true, nil
}

// correlate puts into the spool what follows from the records of the plan, those of others, and what was derived
// before: what a memory says, or with none what the graph holds. An error of the memory comes before anything is put
// there.
func (d *derivation) correlate(ctx context.Context, plan *differ.Plan, others []differ.Desired, memory []byte) error {
	if d.past.rules != correlate.RulesDigest(d.overrides) {
		d.correlator.JudgeAnew()
	}
	if err := d.addRead(ctx, plan); err != nil {
		return err
	}
	for _, o := range others {
		if err := d.addStored(ctx, graph.Selection{Type: o.Type, Instance: o.Instance}); err != nil {
			return err
		}
	}
	if memory != nil {
		d.removed(plan)
		if err := d.correlator.Recall(memory); err != nil {
			return err
		}
	} else if err := d.addPrevious(ctx); err != nil {
		return err
	}
	read := func(ref correlate.Ref, e *graph.Element) error { return d.spool.Read(differ.Ref(ref), e) }
	for e, err := range d.correlator.Resolve(read) {
		if err == nil {
			_, err = d.spool.Add(e)
		}
		if err = errors.Join(err, ctx.Err()); err != nil {
			return err
		}
	}
	return nil
}

// compare makes the plan of what was derived. No provider can be asked about it: all that stays is what others'
// relationships hang on.
func (d *derivation) compare(ctx context.Context, scopes []differ.Desired, plan *differ.Plan) (*differ.Plan, error) {
	return differ.Compare(ctx, differ.Comparison{
		Reader: d.store, Spool: d.spool, Scopes: scopes, After: plan, Sealed: d.sealed,
		Expected: func(s graph.Scope) (graph.Seal, bool) { return expectedIn(d.counts, s) },
		Guard:    differ.Guard{MaxPercent: 100, MaxCount: -1, ToZero: true},
		Confirm: func(ctx context.Context, c differ.Candidates) (map[graph.Key]differ.Stay, error) {
			stay := make(map[graph.Key]differ.Stay)
			return stay, addPinned(ctx, d.store, c, stay)
		},
	})
}
