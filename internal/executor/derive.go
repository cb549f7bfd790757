package executor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"assetgraph/converters"
	"assetgraph/converters/correlate"
	"assetgraph/differ"
	"assetgraph/graph"
)

// derive finds out which records are the same machine, customer or person, and adds what follows to the plan. It looks at
// the graph as it will be when the plan so far is carried out: what was read, what stays though it was not read, and what other
// instances own. So a source that could not be read takes nothing away.
//
// What is derived is held to no guard of its own: it follows from records whose deletes were.
func (r *run) derive(ctx context.Context, spool *differ.Spool, plan *differ.Plan) error {
	d := &derivation{run: r, spool: spool, plan: plan}
	if len(d.types()) == 0 {
		return nil
	}
	if held, err := r.leaseDerived(ctx); held || err != nil {
		return err
	}
	if err := d.look(ctx); err != nil {
		return fmt.Errorf("correlate: %w", err)
	}
	standing, err := d.standing(ctx)
	if err != nil {
		return fmt.Errorf("correlate: %w", err)
	}
	r.correlated = true
	if standing != nil {
		plan.Append(standing)
		return d.cover(ctx, standing, true)
	}
	if r.past.rules != correlate.RulesDigest(r.Overrides) {
		r.correlator.JudgeAnew()
	}
	if err := d.feed(ctx); err != nil {
		return fmt.Errorf("correlate: %w", err)
	}
	for e, err := range r.correlator.Resolve(func(ref correlate.Ref, e *graph.Element) error { return spool.Read(differ.Ref(ref), e) }) {
		if err == nil {
			_, err = spool.Add(e)
		}
		if err = errors.Join(err, ctx.Err()); err != nil {
			return fmt.Errorf("correlate: %w", err)
		}
	}
	derived, err := differ.Compare(ctx, differ.Comparison{
		Reader: r.Store, Spool: spool, Scopes: d.scopes(), After: plan, Confirm: d.confirmDerived,
		Guard: differ.Guard{MaxPercent: 100, MaxCount: -1, ToZero: true},
	})
	if err != nil {
		return err
	}
	plan.Append(derived)
	findings := r.correlator.Findings()
	d.remember(derived, findings)
	r.reportFindings(findings)
	return d.cover(ctx, derived, false)
}

// leaseDerived takes the lease of what is derived, which runs of different instances share: it waits for the other
// run at least as long as a dead one's lease lasts. held means that the wait was in vain; then the derived part stays as it
// is until the next run.
func (r *run) leaseDerived(ctx context.Context) (held bool, err error) {
	if r.Plan {
		return false, nil
	}
	err = r.acquireOne(ctx, correlate.Integration, holderName(r.id), time.Now().Add(max(r.Wait, r.Lease)))
	if other, ok := errors.AsType[*graph.HeldError](err); ok {
		r.warn("devices, organizations and persons were not brought up to date: %v", other)
		return true, nil
	}
	return false, err
}

// A derivation feeds the correlator of a run.
type derivation struct {
	*run
	spool  *differ.Spool
	plan   *differ.Plan
	others []differ.Desired // scopes of entities that are no part of the run
	from   string           // digest of all that the derived is made of, "" when it can't be told
}

// types returns the derived types that the graph has.
func (d *derivation) types() []*graph.Type {
	if d.Schema == nil || d.Model == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(d.Model.Types()), func(t *graph.Type) bool { return d.Schema.Type(t.Name) == nil })
}

// confirmDerived says on which derived entities others' relationships hang: no provider can be asked about them.
func (d *derivation) confirmDerived(ctx context.Context, c differ.Candidates) (map[graph.Key]differ.Stay, error) {
	stay := make(map[graph.Key]differ.Stay)
	return stay, d.addPinned(ctx, c, stay)
}

// scopes returns the derived scopes.
func (d *derivation) scopes() []differ.Desired {
	var list []differ.Desired
	for _, t := range d.types() {
		list = append(list, differ.Desired{Type: t, Instance: correlate.Integration, Complete: true})
	}
	return list
}

func (d *derivation) feed(ctx context.Context) error {
	if err := d.addRead(ctx); err != nil {
		return err
	}
	if err := d.addOthers(ctx); err != nil {
		return err
	}
	return d.addPrevious(ctx)
}

// addRead adds what was read, and what stays in the graph although it was not.
func (d *derivation) addRead(ctx context.Context) error {
	for _, sp := range d.plan.Scopes {
		if sp.Type.IsRelationship() {
			continue
		}
		for l, err := range sp.Elements() {
			if err != nil {
				return err
			}
			d.correlator.Add(l.Element, correlate.Ref(l.Ref))
		}
		for keys := range slices.Chunk(sp.Kept(""), batchSize) {
			if err := d.addStored(ctx, graph.Selection{Type: sp.Type, Instance: sp.Instance, Keys: keys}); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// addOthers adds what instances own that are no part of this run.
func (d *derivation) addOthers(ctx context.Context) error {
	for _, o := range d.others {
		if err := d.addStored(ctx, graph.Selection{Type: o.Type, Instance: o.Instance}); err != nil {
			return err
		}
	}
	return nil
}

// look finds out which scopes of the graph are no part of this run.
func (d *derivation) look(ctx context.Context) error {
	populations, err := d.Store.Populations(ctx)
	for _, p := range populations {
		t := d.Schema.Type(p.Type)
		if t == nil || t.IsRelationship() || t.Name == converters.IntegrationType().Name || p.Instance == correlate.Integration || d.compared(p.Scope) {
			continue
		}
		d.others = append(d.others, differ.Desired{Type: t, Instance: p.Instance})
	}
	return err
}

func (d *derivation) compared(s graph.Scope) bool {
	return slices.ContainsFunc(d.plan.Scopes, func(sp *differ.ScopePlan) bool { return sp.Scope == s })
}

// addStored adds elements of the graph, by way of the spool.
func (d *derivation) addStored(ctx context.Context, s graph.Selection) error {
	for e, err := range d.Store.Elements(ctx, s) {
		if err != nil {
			return err
		}
		ref, err := d.spool.Add(e.Element)
		if err != nil {
			return err
		}
		d.correlator.Add(e.Element, correlate.Ref(ref))
	}
	return nil
}

// addPrevious adds what was derived before, so that keys continue.
func (d *derivation) addPrevious(ctx context.Context) error {
	for _, t := range d.types() {
		var err error
		switch d.Model.PreviousNeed(t) {
		case correlate.Whole:
			err = d.addPreviousWhole(ctx, t)
		case correlate.Keys:
			err = d.addPreviousKeys(ctx, t)
		case correlate.Nothing:
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *derivation) addPreviousWhole(ctx context.Context, t *graph.Type) error {
	for e, err := range d.Store.Elements(ctx, graph.Selection{Type: t, Instance: correlate.Integration}) {
		if err != nil {
			return err
		}
		d.correlator.AddPrevious(e.Element)
	}
	return nil
}

func (d *derivation) addPreviousKeys(ctx context.Context, t *graph.Type) error {
	for h, err := range d.Store.Headers(ctx, t, correlate.Integration) {
		if err != nil {
			return err
		}
		d.correlator.AddPreviousKey(t, h.Key)
	}
	return nil
}

// reportFindings says what correlation met that people may want to look at.
func (r *run) reportFindings(f correlate.Findings) {
	if f.Merged > 0 {
		r.warn("correlation: %d entities took over the records of several of the last run%s", f.Merged, keyExamples(f.Keys, true))
	}
	if f.Split > 0 {
		r.warn("correlation: %d keys of the last run were split%s", f.Split, keyExamples(f.Keys, false))
	}
	r.reportMoves(f)
	for _, reason := range slices.Sorted(maps.Keys(f.Unlinked)) {
		r.warn("correlation: %d pairs of records agree in something and were not linked: %s", f.Unlinked[reason], reason)
	}
	if f.Disagreements > 0 {
		r.warn("correlation: the products name different customers for %d machines", f.Disagreements)
	}
	for _, entry := range f.Unmatched {
		r.warn("overrides: %s names nothing in the graph", entry)
	}
	for _, name := range f.Ambiguous {
		r.warn("overrides: several instances have a record that %s names, so nothing is decided by it; write its key", name)
	}
}

// reportMoves names records that went from one machine to another. An agent that two copies of a virtual machine share is with the one
// that was seen last, and would go to and fro for ever.
func (r *run) reportMoves(f correlate.Findings) {
	if f.Moved == 0 {
		return
	}
	var copies, others []string
	for _, m := range f.Moves {
		text := fmt.Sprintf("%s from %s to %s", cmp.Or(m.Record, "a record"), m.From, m.To)
		switch {
		case m.Copies && len(copies) < 3:
			copies = append(copies, text)
		case !m.Copies && len(others) < 3:
			others = append(others, text)
		}
	}
	if len(copies) > 0 {
		r.warn("correlation: copies of one machine share a record, which goes from the one to the other: %s; "+
			"give the copy's agent an identity of its own", strings.Join(copies, "; "))
	}
	if len(others) > 0 {
		r.warn("correlation: %d records went from one machine, customer or person of the last run to another: %s", f.Moved, strings.Join(others, "; "))
	}
}

// keyExamples names the keys of the first few changes of one sort.
func keyExamples(changes []correlate.KeyChange, merged bool) string {
	var examples []string
	for _, c := range changes {
		if c.Merged == merged && len(examples) < 3 {
			examples = append(examples, strings.Join(c.Keys, " + "))
		}
	}
	if len(examples) == 0 {
		return ""
	}
	return " (such as " + strings.Join(examples, "; ") + ")"
}
