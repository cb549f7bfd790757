package executor

import (
	"context"
	"encoding/hex"
	"slices"
	"strings"

	"assetgraph/differ"
	"assetgraph/graph"
	"assetgraph/internal/correlate"
)

// A derived result is what a run record keeps of a correlation, so that a later run can see that it would come to the
// same.
type derivedResult struct {
	From     string             `json:"from"`     // digest of the records and links that it was made of
	State    string             `json:"state"`    // fingerprint of what came out
	Findings correlate.Findings `json:"findings"` // that a later run would make again
}

// resultOf returns what a later run is to know of what was derived from what, nil when that can't be told.
func resultOf(from string, derived *differ.Plan, findings correlate.Findings) *derivedResult {
	state, ok := differ.Fingerprint(derived.Scopes)
	if !ok || from == "" {
		return nil
	}
	return &derivedResult{From: from, State: state, Findings: bounded(findings.Lasting())}
}

// trace returns a digest of all that the derived is made of: the links, and all entities of the sources as the graph
// will hold them. It is "" when that can't be told.
func (d *derivation) trace(ctx context.Context, plan *differ.Plan, others []differ.Desired) (from string, _ error) {
	stays, err := differ.Unchanged(ctx, d.store, others, d.sealed)
	if err != nil {
		return "", err
	}
	entities := slices.DeleteFunc(slices.Concat(plan.Scopes, stays.Scopes),
		func(sp *differ.ScopePlan) bool { return sp.Type.IsRelationship() })
	state, ok := differ.Fingerprint(entities)
	if !ok {
		return "", nil
	}
	links := d.correlator.LinksDigest()
	return hex.EncodeToString(links[:]) + state, nil
}

// untouched reports whether nobody has written to the records of the sources since the last correlation was made of them.
// It does not read a scope to find that out.
func (d *derivation) untouched(ctx context.Context) (bool, error) {
	before, stored := d.past.derived, d.stored()
	if before == nil || slices.ContainsFunc(stored, func(o differ.Desired) bool {
		_, sealed := d.sealed(graph.Scope{Type: o.Type.Name, Instance: o.Instance})
		return !sealed
	}) {
		return false, nil
	}
	held, err := differ.Unchanged(ctx, d.store, stored, d.sealed)
	if err != nil {
		return false, err
	}
	state, ok := differ.Fingerprint(held.Scopes)
	return ok && strings.HasSuffix(before.From, state), nil
}

// reuse returns the plan that leaves what is derived as it is: when an earlier run made it of the very same records and
// links, and the graph still holds just that. It returns nil when that is not known; then the correlation is to be
// made.
func (d *derivation) reuse(ctx context.Context, scopes []differ.Desired, from string) (*differ.Plan, error) {
	before := d.past.derived
	if d.past.verify || from == "" || before == nil || before.From != from {
		return nil, nil
	}
	plan, err := differ.Unchanged(ctx, d.store, scopes, d.sealed)
	if err != nil {
		return nil, err
	}
	if state, ok := differ.Fingerprint(plan.Scopes); !ok || state != before.State {
		return nil, nil
	}
	d.log.Info("correlation stands: records, links and what is derived are those of an earlier run",
		"instance", correlate.Integration)
	return plan, nil
}
