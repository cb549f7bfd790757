package executor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"assetgraph/differ"
	"assetgraph/graph"
	"assetgraph/internal/correlate"
	"assetgraph/internal/findings"
	"assetgraph/internal/report"
	"assetgraph/internal/span"
)

// keepFindings brings the findings about machines up to date with what the graph holds now, as the store tells it; nil
// when nothing was correlated.
func keepFindings(
	ctx context.Context, o *Options, store graph.Store, locks *locks, before past, read sources, plan *differ.Plan,
	derived derivedPart,
) (*findings.Summary, error) {
	if derived.rules == "" {
		return nil, nil
	}
	ctx, mark := span.Start(ctx, "findings")
	now, at := o.Now(), o.AsOf
	if at.IsZero() {
		at = now
	}
	options := findings.Options{
		Store: store, Schema: o.Schema, Model: o.Model, Lease: locks.of(correlate.Integration), At: at, AsOf: at,
		Readings: readingsOf(o, before, read, now), Version: o.Version, Verify: before.verify,
	}
	if o.Overrides != nil {
		options.Exceptions, options.Exclude = o.Overrides.Exceptions, o.Overrides.Exclude
	}
	options.Of, options.Before = derived.result.standsFor(), before.derived.standsFor()
	options.Known, options.Changed = derived.changesKnown, derived.changed
	if derived.untouched {
		var err error
		if options.Seen, options.SeenKnown, err = recordsWritten(ctx, o.Model, plan); err != nil {
			return nil, err
		}
	}
	options.Whole = func(ctx context.Context, look *report.Survey) error {
		return keepFigures(ctx, look, &options, now)
	}
	s, err := findings.Keep(ctx, options)
	span.End(mark, err != nil)
	if err != nil {
		return nil, fmt.Errorf("findings about machines: %w", err)
	}
	return &s, nil
}

// mostWritten is how many records of machines are looked at one by one because a run wrote something of them.
const mostWritten = 20_000

// recordsWritten returns the records of machines that a plan writes; known is false when they are too many.
func recordsWritten(ctx context.Context, model *correlate.Model, plan *differ.Plan) (keys []graph.Key, known bool, _ error) {
	for _, sp := range plan.Scopes {
		if role := model.Role(sp.Type.Name); role == nil || role.Machine == nil {
			continue
		}
		if len(keys)+sp.Counts.Create+sp.Counts.Update+sp.Counts.Refresh > mostWritten {
			return nil, false, nil
		}
		for _, op := range []graph.Op{graph.Create, graph.Update, graph.Refresh} {
			for batch, err := range sp.Writes(ctx, op, batchSize) {
				if err != nil {
					return nil, false, err
				}
				for _, e := range batch {
					keys = append(keys, graph.Key(strings.Clone(string(e.Key))))
				}
			}
		}
	}
	return keys, true, nil
}

// standsFor is for all that is known of machines: their records, and what followed from these.
func (r *derivedResult) standsFor() string {
	if r == nil {
		return ""
	}
	return r.From + r.State
}

// knownFor is how long what was read of an instance counts as known: as long as reports take it for fresh.
const knownFor = 48 * time.Hour

// readingsOf tells how far each tool is known at the end of a run. A tool is known when all configured instances of its
// products were read whole, by this run or by the last one that read them, and lately; where it is not known which are
// configured, all count of which the graph tells. An instance that was not read counts for every product, unless it is
// known which one it is of.
func readingsOf(o *Options, before past, read sources, at time.Time) map[string]findings.Reading {
	whole := read.machinesRead(o.Model)
	names := slices.Clone(o.Configured)
	if o.Configured == nil {
		for name := range before.notes {
			names = append(names, name)
		}
	}
	products := productsOf(o.Schema, before.census.counts())
	for i := range o.Instances {
		in := &o.Instances[i]
		names = append(names, in.Name)
		products[in.Name] = append(products[in.Name], in.Converter.Integration)
	}
	readings := make(map[string]findings.Reading)
	for _, t := range toolsOf(o.Schema, o.Model) {
		reading := findings.Nobody
		for _, name := range names {
			of := slices.ContainsFunc(products[name], func(p string) bool { return slices.Contains(t.products, p) })
			known, inRun := whole[name]
			if !inRun {
				n := before.notes[name]
				known = !n.machines.IsZero() && n.machines.Equal(n.ended) && at.Sub(n.ended) <= knownFor
			}
			switch {
			case !known && (of || products[name] == nil):
				reading = findings.Unread
			case of && reading == findings.Nobody:
				reading = findings.Whole
			}
			if reading == findings.Unread {
				break
			}
		}
		readings[t.name] = reading
	}
	return readings
}

// productsOf names the integrations of which the graph holds something, by instance.
func productsOf(schema *graph.Schema, populations []graph.ScopeCount) map[string][]string {
	products := make(map[string][]string)
	for _, p := range populations {
		t := schema.Type(p.Type)
		if t != nil && t.Integration != correlate.Integration && !slices.Contains(products[p.Instance], t.Integration) {
			products[p.Instance] = append(products[p.Instance], t.Integration)
		}
	}
	return products
}

// machinesRead tells of each instance of the run whether all of its machines were read.
func (s *sources) machinesRead(model *correlate.Model) map[string]bool {
	whole := make(map[string]bool)
	for i := range s.list {
		one := &s.list[i]
		name := one.instance.Name
		if whole[name] = one.compared.plan != nil && model != nil; !whole[name] {
			continue
		}
		for _, sp := range one.compared.plan.Scopes {
			if role := model.Role(sp.Type.Name); role != nil && role.Machine != nil && !sp.Complete {
				whole[name] = false
			}
		}
	}
	return whole
}
