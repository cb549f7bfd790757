package executor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"assetgraph/collectors"
	"assetgraph/differ"
	"assetgraph/graph"
	"assetgraph/internal/findings"
)

// A reporter builds the report, and what the run record keeps beside it: each phase hands it what came of it, also when
// it failed.
type reporter struct {
	*Report
	o      *Options
	record recorded
	before past
	links  map[string]string // digests of what was kept of what instances say of other products
	whole  map[string]bool   // instances of which all machines were read
}

func newReporter(o *Options, started time.Time) *reporter {
	return &reporter{o: o, Report: &Report{
		Run:           RunInfo{ID: o.ID, StartedAt: started, Graph: o.Graph, Plan: o.Plan},
		Entities:      map[string]Counts{},
		Relationships: map[string]Counts{},
		Steps:         []StepReport{},
		Instances:     []InstanceReport{},
		Withheld:      []Withheld{},
		Warnings:      []string{},
	}}
}

// recalled takes what was known before the run.
func (r *reporter) recalled(before past) {
	r.before, r.Run.Verified = before, before.verify
}

// compared takes how the instances were read.
func (r *reporter) compared(s sources) {
	for i := range s.list {
		one := &s.list[i]
		r.Steps = append(r.Steps, one.reading.steps...)
		r.Warnings = append(r.Warnings, one.reading.warnings...)
		r.Warnings = append(r.Warnings, one.compared.warnings...)
		if refused := one.refusal(); refused != nil {
			r.Refused = append(r.Refused, Refused{
				Instance: refused.instance, Before: refused.before, Now: refused.now, Reason: refused.Error(),
			})
		}
	}
	r.Warnings = append(r.Warnings, s.warnings...)
	r.record.Accounts, r.record.Readers = s.owners, s.readers
	r.whole = s.machinesRead(r.o.Model)
	r.Phases.Collect, r.Phases.Compare = s.collect, s.compare
}

// derived takes what was derived from the sources.
func (r *reporter) derived(d derivedPart) {
	r.Warnings = append(r.Warnings, d.warnings...)
	r.record.Derived, r.Coverage, r.Phases.Correlate = d.result, d.coverage, d.seconds
}

// kept takes digests of what was kept of what instances say of other products.
func (r *reporter) kept(links map[string]string) { r.links = links }

// followed takes by which rules what is derived was made, now that the graph holds it.
func (r *reporter) followed(rules string) { r.record.Rules = rules }

// found takes what became of the findings about machines.
func (r *reporter) found(s *findings.Summary, took time.Duration) {
	r.Findings, r.Phases.Findings = s, took.Seconds()
}

// timeApply takes when apply began; it is called when it has ended.
func (r *reporter) timeApply(began time.Time) { r.Phases.Apply = time.Since(began).Seconds() }

// describe asks d for the names of what is withheld and, where they are wanted, for the single changes.
func (r *reporter) describe(ctx context.Context, d *describer) error {
	for i := range r.Withheld {
		w := &r.Withheld[i]
		var err error
		if w.Names, err = d.names(ctx, w); err != nil {
			return err
		}
		if w.Customers, err = d.customers(ctx, w); err != nil {
			return err
		}
	}
	if r.o.Details <= 0 {
		return nil
	}
	changes, err := d.changes(ctx, r.o.Details)
	r.Changes = changes
	return err
}

// A finished run is what its record is made of.
type finished struct {
	record recorded
	notes  map[string]notes // of each instance
	err    error            // that it ended with
}

// finish settles how the run ended. It is called once, after everything else.
func (r *reporter) finish(err error) finished {
	r.Run.FinishedAt = r.o.Now().UTC().Truncate(time.Millisecond)
	r.Run.Status = runStatus(r.Report, err)
	r.Run.Verified = r.Run.Verified && err == nil // else not all was come to
	for i := range r.o.Instances {
		r.Instances = append(r.Instances, r.instance(&r.o.Instances[i], err))
	}
	r.bound()
	kept := *r.Report
	kept.Changes = nil
	if r.Coverage != nil {
		coverage := *r.Coverage
		coverage.ByCustomer, kept.Coverage = nil, &coverage
	}
	r.record.Report, r.record.Read = &kept, r.before.after(r.Report)
	return finished{r.record, r.before.next(&r.record, r.links, r.whole, r.o.Instances, err), err}
}

// instance says how the run went for one instance.
func (r *reporter) instance(in *Instance, err error) InstanceReport {
	out := InstanceReport{Instance: in.Name, Vendor: in.Vendor, Requests: requestsOf(in.Traffic.Counts())}
	out.Status, out.Error = r.instanceStatus(in.Name, err)
	if at, ok := r.before.succeeded[in.Name]; ok {
		out.LastSuccessfulAt = &at
	}
	if succeeded(out.Status) && !r.o.Plan {
		out.LastSuccessfulAt = &r.Run.FinishedAt
	}
	return out
}

func requestsOf(c collectors.TrafficCounts) Requests {
	if c.Answers == nil {
		c.Answers = map[int]int{}
	}
	return Requests{
		Answers: c.Answers, Retries: c.Retries, WaitedSeconds: c.Waited.Seconds(), PacedSeconds: c.Paced.Seconds(),
	}
}

// planned takes the plan's counts: all of them for a plan; for a run what is settled already, to which applied adds
// what is done.
func (r *reporter) planned(p *differ.Plan) {
	for _, sp := range p.Scopes {
		r.record.Approvals = append(r.record.Approvals, sp.Approved...)
		kept, leftOut := withheld(r.o.Instances, sp)
		c := Counts{Unchanged: sp.Counts.Unchanged + leftOut, Withheld: sp.Counts.Withheld - leftOut}
		if r.o.Plan {
			c.Created, c.Updated, c.Refreshed, c.Deleted = sp.Counts.Create, sp.Counts.Update, sp.Counts.Refresh,
				sp.Counts.Delete
		}
		r.count(sp.Type, c)
		for _, w := range kept {
			r.withhold(sp, w)
		}
		if len(sp.Changed) > 0 {
			r.o.Logger.Info("properties that change", "instance", sp.Instance, "scope", sp.Scope.String(),
				"updates", sp.Changed)
		}
		if sp.Dangling > 0 && !sp.Type.Transient { // a threat outlives its machine
			r.warn("%s: %d left out, since an end is not in the graph and was not read (such as %s)", sp.Scope,
				sp.Dangling, sp.DanglingTo[0])
		}
		if sp.Drifted {
			r.warn("%s: others have changed what the graph held of it since the last run; it was read back", sp.Scope)
		}
		if sp.Conflicts > 0 {
			r.warn("%s: the provider gave %d ids more than once with different content", sp.Scope, sp.Conflicts)
		}
	}
	r.warnOfUnknownApprovals()
}

// warnOfUnknownApprovals names the approvals that fit nothing which this run would have withheld, and those that it
// waits for.
func (r *reporter) warnOfUnknownApprovals() {
	var pending []string
	for _, w := range r.Withheld {
		if w.Approval != "" && !slices.Contains(pending, w.Approval) {
			pending = append(pending, w.Approval)
		}
	}
	waiting := "nothing waits for approval"
	if len(pending) > 0 {
		waiting = "waiting for approval: " + strings.Join(pending, ", ")
	}
	for _, id := range r.o.Guard.Approve {
		if !slices.Contains(r.record.Approvals, id) {
			r.warn("--approve %s fits no set of deletes of this run; %s", id, waiting)
		}
	}
}

// applied takes what the store did of one batch.
func (r *reporter) applied(sp *differ.ScopePlan, op graph.Op, a graph.Applied) {
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
		r.warn("%s: %d not written, since an end is not in the graph any more (such as %s)", sp.Scope, len(a.Missing),
			a.Missing[0])
	}
	if len(a.Kept) > 0 {
		r.withhold(sp, differ.Withheld{Reason: Pinned, Deletes: len(a.Kept), Examples: a.Kept[:min(3, len(a.Kept))]})
	}
}

func (r *reporter) count(t *graph.Type, c Counts) {
	types := r.Entities
	if t.IsRelationship() {
		types = r.Relationships
	}
	types[t.Name] = types[t.Name].plus(c)
	r.Totals = r.Totals.plus(c)
}

func (r *reporter) withhold(sp *differ.ScopePlan, w differ.Withheld) {
	out := Withheld{
		Instance: sp.Instance, Type: sp.Type.Name, Population: sp.Population,
		Deletes: w.Deletes, Reason: w.Reason, Approval: w.Approval,
	}
	for _, k := range w.Examples {
		out.Examples = append(out.Examples, string(k))
	}
	r.Withheld = append(r.Withheld, out)
}

func (r *reporter) warn(format string, args ...any) {
	r.Warnings = append(r.Warnings, fmt.Sprintf(format, args...))
}
