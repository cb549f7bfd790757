package executor

import (
	"context"
	"slices"

	"assetgraph/differ"
	"assetgraph/graph"
	"assetgraph/internal/ahead"
	"assetgraph/internal/correlate"
)

// readAhead is how many records are decoded while as many are added.
const readAhead = 512

// addRead adds what was read, and what stays in the graph although it was not.
func (d *derivation) addRead(ctx context.Context, plan *differ.Plan) error {
	for _, sp := range plan.Scopes {
		if sp.Type.IsRelationship() {
			continue
		}
		for batch, err := range ahead.Of(ctx, sp.Batches(readAhead)) {
			if err != nil {
				return err
			}
			for _, l := range batch {
				d.correlator.Add(l.Element, correlate.Ref(l.Ref))
			}
		}
		for keys := range slices.Chunk(sp.Kept(""), batchSize) {
			if err := d.addStored(ctx, graph.Selection{Type: sp.Type, Instance: sp.Instance, Keys: keys}); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// addStored adds elements of the graph, by way of the spool.
func (d *derivation) addStored(ctx context.Context, s graph.Selection) error {
	for e, err := range d.store.Elements(ctx, s) {
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
		switch d.model.PreviousNeed(t) {
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
	for e, err := range d.store.Elements(ctx, graph.Selection{Type: t, Instance: correlate.Integration}) {
		if err != nil {
			return err
		}
		d.correlator.AddPrevious(e.Element)
	}
	return nil
}

func (d *derivation) addPreviousKeys(ctx context.Context, t *graph.Type) error {
	for h, err := range d.store.Headers(ctx, t, correlate.Integration) {
		if err != nil {
			return err
		}
		d.correlator.AddPreviousKey(t, h.Key)
	}
	return nil
}
