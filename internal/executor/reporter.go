package executor

import (
	"fmt"
	"slices"
	"strings"

	"assetgraph/differ"
	"assetgraph/graph"
)

// reportPlan puts the plan's counts into the report: all of them for a plan; for a run what is settled already, to which
// reportApplied adds what is done.
func (r *run) reportPlan(p *differ.Plan) {
	for _, sp := range p.Scopes {
		r.approvals = append(r.approvals, sp.Approved...)
		withheld, leftOut := r.withheld(sp)
		c := Counts{Unchanged: sp.Counts.Unchanged + leftOut, Withheld: sp.Counts.Withheld - leftOut}
		if r.Plan {
			c.Created, c.Updated, c.Refreshed, c.Deleted = sp.Counts.Create, sp.Counts.Update, sp.Counts.Refresh, sp.Counts.Delete
		}
		r.count(sp.Type, c)
		for _, w := range withheld {
			r.withhold(sp, w)
		}
		if len(sp.Changed) > 0 {
			r.Logger.Info("properties that change", "scope", sp.Scope.String(), "updates", sp.Changed)
		}
		if sp.Dangling > 0 {
			r.warn("%s: %d left out, since an end is not in the graph and was not read (such as %s)", sp.Scope, sp.Dangling, sp.DanglingTo[0])
		}
		if sp.Conflicts > 0 {
			r.warn("%s: the provider gave %d ids more than once with different content", sp.Scope, sp.Conflicts)
		}
	}
	r.warnOfUnknownApprovals()
}

// warnOfUnknownApprovals names the approvals that fit nothing which this run would have withheld, and those that it waits for.
func (r *run) warnOfUnknownApprovals() {
	var pending []string
	for _, w := range r.report.Withheld {
		if w.Approval != "" && !slices.Contains(pending, w.Approval) {
			pending = append(pending, w.Approval)
		}
	}
	waiting := "nothing waits for approval"
	if len(pending) > 0 {
		waiting = "waiting for approval: " + strings.Join(pending, ", ")
	}
	for _, id := range r.Guard.Approve {
		if !slices.Contains(r.approvals, id) {
			r.warn("--approve %s fits no set of deletes of this run; %s", id, waiting)
		}
	}
}

// reportApplied adds what the store did of one batch.
func (r *run) reportApplied(sp *differ.ScopePlan, op graph.Op, a graph.Applied) {
	var c Counts
	switch op {
	case graph.Create:
		c.Created = a.Written
	case graph.Update:
		c.Updated = a.Written
	case graph.Refresh:
		c.Refreshed = a.Written
	case graph.Delete:
		c.Deleted, c.Withheld = a.Written, len(a.Kept)
	}
	r.count(sp.Type, c)
	if len(a.Missing) > 0 {
		r.warn("%s: %d not written, since an end is not in the graph any more (such as %s)", sp.Scope, len(a.Missing), a.Missing[0])
	}
	if len(a.Kept) > 0 {
		r.withhold(sp, differ.Withheld{Reason: Pinned, Deletes: len(a.Kept), Examples: a.Kept[:min(3, len(a.Kept))]})
	}
}

func (r *run) count(t *graph.Type, c Counts) {
	types := r.report.Entities
	if t.IsRelationship() {
		types = r.report.Relationships
	}
	types[t.Name] = types[t.Name].plus(c)
	r.report.Totals = r.report.Totals.plus(c)
}

func (c Counts) plus(d Counts) Counts {
	return Counts{
		Created: c.Created + d.Created, Updated: c.Updated + d.Updated, Refreshed: c.Refreshed + d.Refreshed,
		Deleted: c.Deleted + d.Deleted, Unchanged: c.Unchanged + d.Unchanged, Withheld: c.Withheld + d.Withheld,
	}
}

func (r *run) withhold(sp *differ.ScopePlan, w differ.Withheld) {
	out := Withheld{
		Instance: sp.Instance, Type: sp.Type.Name, Population: sp.Population,
		Deletes: w.Deletes, Reason: w.Reason, Approval: w.Approval,
	}
	for _, k := range w.Examples {
		out.Examples = append(out.Examples, string(k))
	}
	r.report.Withheld = append(r.report.Withheld, out)
}

func (r *run) warn(format string, args ...any) {
	r.report.Warnings = append(r.report.Warnings, fmt.Sprintf(format, args...))
}
