package executor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"assetgraph/converters"
	"assetgraph/graph"
	"assetgraph/internal/plaintext"
)

// begin leaves the mark of a run that has started: one that stays without an end died.
func (r *run) begin(ctx context.Context) error {
	return r.Store.SaveRun(ctx, graph.Run{ID: r.id, StartedAt: r.report.Run.StartedAt, Version: r.Version})
}

// end completes the run record and says in the graph how fresh each instance is. It works after the context ended.
func (r *run) end(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), graceTime)
	defer cancel()
	kept := *r.report
	kept.Changes = nil
	report, err := json.Marshal(recorded{
		Report: &kept, Accounts: r.owners, Readers: r.readers, Approvals: r.approvals, Derived: r.derived,
		Rules: r.rules, Read: r.past.after(r.report),
	})
	if err != nil {
		return fmt.Errorf("write run record: %w", err)
	}
	var errs []error
	t := converters.IntegrationType()
	for i := range r.Instances {
		if err := r.saveIntegration(ctx, t, &r.Instances[i]); err != nil {
			errs = append(errs, fmt.Errorf("write %s of %s: %w", t.Name, r.Instances[i].Name, err))
		}
	}
	info := r.report.Run
	if err := r.Store.SaveRun(ctx, graph.Run{
		ID: r.id, StartedAt: info.StartedAt, FinishedAt: info.FinishedAt, Status: info.Status, Version: r.Version, Report: report,
	}); err != nil {
		errs = append(errs, fmt.Errorf("write run record: %w", err))
	}
	return errors.Join(errs...)
}

// saveIntegration writes the assetgraph_integration entity of an instance.
func (r *run) saveIntegration(ctx context.Context, t *graph.Type, in *Instance) error {
	e := graph.NewEntity(t, in.Name, in.Name)
	old, err := r.stored(ctx, e)
	if err != nil {
		return err
	}
	status, reason := r.instanceStatus(in.Name)
	e.Set("displayName", graph.TextOf(in.Vendor+" ("+in.Name+")"))
	e.Set("vendor", graph.TextOf(in.Vendor))
	e.Set("status", graph.TextOf(status))
	e.Set("error", graph.TextOf(reason))
	e.Set("lastRunId", graph.TextOf(r.id))
	if status == StatusComplete || status == StatusWithheld {
		e.Set("lastSuccessfulOn", graph.TimeOf(r.report.Run.FinishedAt))
	} else if old != nil {
		e.Set("lastSuccessfulOn", old.Get("lastSuccessfulOn"))
	}
	if err := e.Seal(); err != nil {
		return err
	}
	b := graph.Batch{Op: graph.Create, Type: t, Instance: in.Name, Elements: []*graph.Element{e}, At: r.report.Run.FinishedAt, Lease: r.leases.of(in.Name)}
	if old != nil {
		b.Op = graph.Update
		if e.Digest == old.Digest {
			b.Op = graph.Refresh
		}
	}
	_, err = r.Store.Apply(ctx, b)
	return err
}

// stored returns what the graph holds under the key of e, nil for nothing.
func (r *run) stored(ctx context.Context, e *graph.Element) (*graph.Element, error) {
	for old, err := range r.Store.Elements(ctx, graph.Selection{Type: e.Type, Instance: e.Instance, Keys: []graph.Key{e.Key}}) {
		return old.Element, err
	}
	return nil, nil
}

// instanceStatus returns how the run went for one instance, and its first error.
func (r *run) instanceStatus(instance string) (status, reason string) {
	if r.report.Run.Status == StatusFailed && r.failure != nil {
		return StatusFailed, plaintext.Clip(r.failure.Error(), plaintext.Message)
	}
	for _, refused := range r.report.Refused {
		if refused.Instance == instance {
			return StatusFailed, refused.Reason
		}
	}
	var steps []StepReport
	for _, s := range r.report.Steps {
		if s.Instance == instance {
			steps = append(steps, s)
			if reason == "" {
				reason = s.Error
			}
		}
	}
	if status = stepsStatus(steps); status != StatusComplete {
		return status, reason
	}
	for _, w := range r.report.Withheld {
		if w.Instance == instance {
			return StatusWithheld, ""
		}
	}
	return StatusComplete, ""
}

// stepsStatus is failed when no step gave anything, incomplete when one did not give all.
func stepsStatus(steps []StepReport) string {
	status, gave := StatusComplete, len(steps) == 0
	for _, s := range steps {
		if s.Status != StatusComplete && !leftOut(s) {
			status = StatusIncomplete
		}
		gave = gave || s.Status == StatusComplete || s.Records > 0
	}
	if !gave {
		return StatusFailed
	}
	return status
}

// finish settles how the run ended.
func (r *run) finish(err error) {
	r.report.bound()
	if !r.report.Run.FinishedAt.IsZero() && err == nil {
		return
	}
	r.failure = err
	r.report.Run.FinishedAt = r.Now().UTC().Truncate(time.Millisecond)
	r.report.Run.Status = stepsStatus(r.report.Steps)
	switch {
	case err != nil || len(r.report.Refused) > 0:
		r.report.Run.Status = StatusFailed
	case r.report.Run.Status == StatusComplete && len(r.report.Withheld) > 0:
		r.report.Run.Status = StatusWithheld
	}
}
