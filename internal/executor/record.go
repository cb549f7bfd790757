package executor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"assetgraph/converters"
	"assetgraph/graph"
)

// A recorder leaves in the graph that there was a run: a mark at its begin, the run record and how fresh each instance
// is at its end. Of a plan it leaves nothing.
type recorder struct {
	o     *Options
	locks *locks
	begun bool
}

// begin takes the leases of all instances and leaves the mark of a run that has started: one that stays without an end
// died. The returned context ends when a lease is lost.
func (r *recorder) begin(ctx context.Context, started time.Time) (context.Context, error) {
	if err := checkNames(r.o.Instances); err != nil || r.o.Plan {
		return ctx, err
	}
	ctx, err := r.locks.acquire(ctx, r.o.Instances, r.o.Wait)
	if err != nil {
		return nil, err
	}
	if r.o.Claim != nil {
		if err := r.o.Claim(ctx); err != nil {
			return nil, err
		}
	}
	if err := r.o.Store.SaveRun(ctx, graph.Run{ID: r.o.ID, StartedAt: started, Version: r.o.Version}); err != nil {
		return nil, fmt.Errorf("write run record: %w", err)
	}
	r.begun = true
	return ctx, nil
}

// end completes what was begun; it does nothing otherwise. It works after the context ended.
func (r *recorder) end(ctx context.Context, run finished) error {
	if !r.begun {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), graceTime)
	defer cancel()
	report, err := json.Marshal(run.record)
	if err != nil {
		return fmt.Errorf("write run record: %w", err)
	}
	info := run.record.Run
	record := graph.Run{
		ID: info.ID, StartedAt: info.StartedAt, FinishedAt: info.FinishedAt, Status: info.Status, Version: r.o.Version,
		Report: report,
	}
	var errs []error
	t, saved := converters.IntegrationType(), false
	for i := range r.o.Instances {
		var with *graph.Run
		if i == len(r.o.Instances)-1 {
			with = &record // whoever is killed has said of all that it came to its end, or has not
		}
		err := r.saveIntegration(ctx, t, &r.o.Instances[i], run, with)
		if saved = with != nil && err == nil; err != nil {
			errs = append(errs, fmt.Errorf("write %s of %s: %w", t.Name, r.o.Instances[i].Name, err))
		}
	}
	if !saved {
		if err := r.o.Store.SaveRun(ctx, record); err != nil {
			errs = append(errs, fmt.Errorf("write run record: %w", err))
		}
	}
	if err := forgetChanges(ctx, r.o); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// saveIntegration writes the assetgraph_integration entity of an instance, and the run record in the same transaction
// unless it is nil.
func (r *recorder) saveIntegration(
	ctx context.Context, t *graph.Type, in *Instance, run finished, record *graph.Run,
) error {
	e := graph.NewEntity(t, in.Name, in.Name)
	old, err := storedAs(ctx, r.o.Store, e)
	if err != nil {
		return err
	}
	info := run.record.Run
	status, reason := run.record.instanceStatus(in.Name, run.err)
	e.Set("displayName", graph.TextOf(in.Vendor+" ("+in.Name+")"))
	e.Set("vendor", graph.TextOf(in.Vendor))
	e.Set("status", graph.TextOf(status))
	e.Set("error", graph.TextOf(reason))
	e.Set("labels", graph.TextsOf(in.labels()...))
	e.Set("lastRunId", graph.TextOf(info.ID))
	if succeeded(status) {
		e.Set("lastSuccessfulOn", graph.TimeOf(info.FinishedAt))
	} else if old != nil {
		e.Set("lastSuccessfulOn", old.Get("lastSuccessfulOn"))
	}
	run.notes[in.Name].write(e)
	if err := e.Seal(); err != nil {
		return err
	}
	b := graph.Batch{
		Op: graph.Create, Type: t, Instance: in.Name, Elements: []*graph.Element{e}, At: info.FinishedAt,
		Lease: r.locks.of(in.Name), Log: graph.Log{Load: old == nil}, Run: record,
	}
	if r.o.Changes > 0 {
		b.Log.Run = info.ID
	}
	if old != nil {
		b.Op = graph.Update
		if e.Digest == old.Digest {
			b.Op = graph.Refresh
		}
	}
	_, err = r.o.Store.Apply(ctx, b)
	return err
}

// storedAs returns what the graph holds under the key of e, nil for nothing.
func storedAs(ctx context.Context, store graph.Reader, e *graph.Element) (*graph.Element, error) {
	for old, err := range store.Elements(ctx,
		graph.Selection{Type: e.Type, Instance: e.Instance, Keys: []graph.Key{e.Key}}) {
		return old.Element, err
	}
	return nil, nil
}
