package executor

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"

	"assetgraph/differ"
	"assetgraph/graph"
	"assetgraph/internal/correlate"
)

// memoryName is where the graph keeps what the last correlation remembered: the fingerprint of what it derived, a line
// break, and the memory.
const memoryName = "correlation"

// customersName is where it keeps how the machines of each customer were covered then: the fingerprint, a line break,
// and a JSON list.
const customersName = "coverage"

// recallMemory returns what the last correlation remembered, nil when the graph may hold something else by now than what
// it derived, or when all of it is wanted anew.
func (d *derivation) recallMemory(ctx context.Context, scopes []differ.Desired) ([]byte, error) {
	for _, s := range scopes {
		if _, ok := d.sealed(graph.Scope{Instance: s.Instance, Type: s.Type.Name}); !ok {
			return nil, nil
		}
	}
	plan, err := differ.Unchanged(ctx, d.store, scopes, d.sealed)
	if err != nil {
		return nil, err
	}
	data, err := d.store.Memory(ctx, memoryName)
	if err != nil {
		return nil, err
	}
	of, memory, _ := bytes.Cut(data, []byte{'\n'})
	if state, ok := differ.Fingerprint(plan.Scopes); !ok || state != string(of) {
		return nil, nil
	}
	return memory, nil
}

// remember keeps for the next run what a correlation remembers.
func (p *derivedPart) remember(ctx context.Context, store graph.Store) error {
	if p.memory == nil {
		return nil
	}
	ctx, cancel := patient(ctx)
	defer cancel()
	of := []byte(p.result.State + "\n")
	if p.coverage != nil {
		customers, err := json.Marshal(p.coverage.ByCustomer)
		if err != nil {
			return err
		}
		if err := store.SaveMemory(ctx, customersName, append(slices.Clone(of), customers...)); err != nil {
			return err
		}
	}
	return store.SaveMemory(ctx, memoryName, append(of, p.memory...))
}

// recallCustomers returns how the machines of each customer are covered where what is derived stands as the last
// correlation left it, nil where that was not remembered.
func (d *derivation) recallCustomers(ctx context.Context) (list []CustomerCoverage, _ error) {
	data, err := d.store.Memory(ctx, customersName)
	if err != nil {
		return nil, err
	}
	of, text, _ := bytes.Cut(data, []byte{'\n'})
	if string(of) != d.past.derived.State || json.Unmarshal(text, &list) != nil {
		return nil, nil
	}
	return list, nil
}

// removed tells the correlator which records go with the plan: the memory knows them by hashes of their keys alone.
func (d *derivation) removed(plan *differ.Plan) {
	for _, sp := range plan.Scopes {
		if sp.Type.IsRelationship() {
			continue
		}
		for batch := range sp.Deletes(batchSize) {
			for _, e := range batch {
				d.correlator.Removed(e.Key)
			}
		}
	}
}

// narrowed returns the scopes with the keys that the correlator looked at, of those of which it did not yield all.
func (d *derivation) narrowed(scopes []differ.Desired) []differ.Desired {
	former := make(map[string][]graph.Key)
	for t, key := range d.correlator.Former() {
		former[t.Name] = append(former[t.Name], key)
	}
	scopes = slices.Clone(scopes)
	for i := range scopes {
		if d.correlator.Partial(scopes[i].Type) {
			scopes[i].Keys = append([]graph.Key{}, former[scopes[i].Type.Name]...)
		}
	}
	return scopes
}

// newCorrelator returns one that knows what the sources say of links.
func (d *derivation) newCorrelator() *correlate.Correlator {
	c := correlate.New(correlate.Options{Model: d.model, Overrides: d.overrides, RefreshAfter: d.refresh})
	for _, one := range d.read.list {
		if one.compared.plan == nil {
			continue
		}
		for _, links := range one.reading.links {
			c.AddStatements(links)
		}
		for _, t := range linksRead(one.instance, one.reading.steps) {
			c.LinksRead(graph.Scope{Instance: one.instance.Name, Type: t.Name})
		}
	}
	for _, kept := range d.linked {
		c.AddStatements(kept.statements)
		for _, t := range kept.types {
			c.LinksRead(graph.Scope{Instance: kept.instance, Type: t})
		}
	}
	return c
}
