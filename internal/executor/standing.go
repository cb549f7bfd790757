package executor

import (
	"context"
	"encoding/hex"
	"slices"

	"assetgraph/converters/correlate"
	"assetgraph/differ"
	"assetgraph/internal/plaintext"
)

// A derived result is what a run record keeps of a correlation, so that a later run can see that it would come to the same.
type derivedResult struct {
	From     string             `json:"from"`     // digest of the records and links that it was made of
	State    string             `json:"state"`    // fingerprint of what came out
	Findings correlate.Findings `json:"findings"` // that a later run would make again
}

// standing returns the plan that leaves what is derived as it is: when an earlier run made it of the very same records and links,
// and the graph still holds just that. It returns nil when that is not known; then the correlation is to be made.
func (d *derivation) standing(ctx context.Context) (*differ.Plan, error) {
	if err := d.trace(ctx); err != nil {
		return nil, err
	}
	before := d.past.derived
	if d.from == "" || before == nil || before.From != d.from {
		return nil, nil
	}
	plan, err := differ.Standing(ctx, d.Store, d.scopes())
	if err != nil {
		return nil, err
	}
	if state, ok := differ.Fingerprint(plan.Scopes); !ok || state != before.State {
		return nil, nil
	}
	d.Logger.Info("correlation stands: records, links and what is derived are those of an earlier run")
	d.derived = before
	d.reportFindings(before.Findings)
	return plan, nil
}

// trace settles from: a digest of the links, and of all entities of the sources as the graph will hold them.
func (d *derivation) trace(ctx context.Context) error {
	others, err := differ.Standing(ctx, d.Store, d.others)
	if err != nil {
		return err
	}
	sources := slices.DeleteFunc(slices.Concat(d.plan.Scopes, others.Scopes), func(sp *differ.ScopePlan) bool { return sp.Type.IsRelationship() })
	links := d.correlator.LinksDigest()
	if state, ok := differ.Fingerprint(sources); ok {
		d.from = hex.EncodeToString(links[:]) + state
	}
	return nil
}

// bounded returns the findings with their texts, names of customers among them, of limited length.
func bounded(f correlate.Findings) correlate.Findings {
	f.Disagreeing = slices.Clone(f.Disagreeing)
	for i := range f.Disagreeing {
		d := &f.Disagreeing[i]
		d.Organization, d.Organizations = plaintext.Clip(d.Organization, plaintext.Part), slices.Clone(d.Organizations)
		for j, name := range d.Organizations {
			d.Organizations[j] = plaintext.Clip(name, plaintext.Part)
		}
	}
	return f
}

// remember notes for the run record what was derived from what.
func (d *derivation) remember(derived *differ.Plan, findings correlate.Findings) {
	if state, ok := differ.Fingerprint(derived.Scopes); ok && d.from != "" {
		d.derived = &derivedResult{From: d.from, State: state, Findings: bounded(findings.Standing())}
	}
}
