package executor

import (
	"context"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"assetgraph/collectors"
	"assetgraph/converters"
	"assetgraph/differ"
	"assetgraph/internal/panics"
	"assetgraph/internal/plaintext"
)

// collected is what came of one instance.
type collected struct {
	steps    []StepReport // one for each step, in order; before them the sign-in when it failed
	warnings []string
	account  string // what the instance points at, "" when the sign-in failed
}

// SignIn is the name under which a failed sign-in stands among the steps, and every one among findings.
const SignIn = "sign in"

func (r *run) collectInstance(ctx context.Context, in *Instance, spool *differ.Spool) (collected, error) {
	var c collected
	start := time.Now()
	session, err := in.Collector.SignIn(ctx)
	if ctx.Err() != nil {
		return c, context.Cause(ctx)
	}
	for _, w := range session.Warnings {
		c.warnings = append(c.warnings, in.Name+": "+w)
	}
	if err != nil {
		c.steps = append(c.steps, r.stepDone(StepReport{Instance: in.Name, Step: SignIn, Status: StatusFailed, Error: err.Error(), Seconds: time.Since(start).Seconds()}))
		for _, s := range in.Collector.Steps() {
			c.steps = append(c.steps, r.stepDone(StepReport{Instance: in.Name, Step: s.Name, Status: StatusSkipped, Error: "could not sign in"}))
		}
		return c, nil
	}
	c.account = fingerprint(in, session.Account)
	return c, r.collectSteps(ctx, in, spool, &c)
}

// collectSteps reads the steps of one instance side by side, each as soon as those that it comes after have ended. Its
// error is one of the spool or of the context.
func (r *run) collectSteps(ctx context.Context, in *Instance, spool *differ.Spool, c *collected) error {
	steps := in.Collector.Steps()
	reports, meters := make([]StepReport, len(steps)), make([]collectors.Meter, len(steps))
	ended := make(map[string]chan struct{}, len(steps)) // of the steps before
	group, ctx := errgroup.WithContext(ctx)
	for i, s := range steps {
		var before []chan struct{}
		for _, name := range s.After {
			if end := ended[name]; end != nil {
				before = append(before, end)
			}
		}
		end := make(chan struct{})
		ended[s.Name] = end
		group.Go(func() (err error) {
			defer close(end)
			defer panics.Catch(&err)
			for _, one := range before {
				<-one // all end: a step waits for earlier ones alone
			}
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if s.Skipped {
				reports[i] = r.stepDone(StepReport{Instance: in.Name, Step: s.Name, Status: StatusSkipped})
				return nil
			}
			r.Observer.StepStarted(in.Name, s.Name, &meters[i])
			if reports[i], err = r.collectStep(ctx, in, s, &meters[i], spool); err == nil {
				r.Observer.StepDone(reports[i])
			}
			return err
		})
	}
	err := group.Wait()
	for i, s := range steps {
		c.steps = append(c.steps, reports[i])
		if leftOut(reports[i]) {
			c.warnings = append(c.warnings, r.past.leftOut(reports[i]))
		}
		for _, w := range meters[i].Warnings() {
			c.warnings = append(c.warnings, in.Name+"/"+s.Name+": "+w)
		}
	}
	return err
}

func (r *run) stepDone(s StepReport) StepReport {
	r.Observer.StepDone(s)
	return s
}

// collectStep reads one step into the spool. Its error is one of the spool or of the context.
func (r *run) collectStep(ctx context.Context, in *Instance, s collectors.Step, m *collectors.Meter, spool *differ.Spool) (StepReport, error) {
	start := time.Now()
	fragment := converters.NewFragment(in.Name)
	report := StepReport{Instance: in.Name, Step: s.Name, Status: StatusComplete}
	var broken recordErrors
	for record, err := range s.Records(ctx, m) {
		if err != nil {
			if ctx.Err() != nil {
				return report, context.Cause(ctx)
			}
			if panics.Of(err) != nil {
				return report, err
			}
			report.Status, report.Error = StatusIncomplete, err.Error()
			break
		}
		report.Records++
		m.Saw(record)
		if err := convert(in.Converter, record, fragment); err != nil {
			broken.add(err)
			continue
		}
		for _, e := range fragment.Elements() {
			if _, err := spool.Add(e); err != nil {
				return report, err
			}
		}
		r.link(fragment)
	}
	if broken.count > 0 {
		report.Status, report.Error = StatusIncomplete, strings.TrimPrefix(report.Error+"; "+broken.String(), "; ")
	}
	if report.Status == StatusIncomplete && report.Records == 0 {
		report.Status = StatusFailed
	}
	report.Pages, report.Expected, report.Seconds = m.Pages(), m.Expected(), time.Since(start).Seconds()
	return report, nil
}

// convert turns one record into sealed elements in the fragment; all of them or, with an error, none that may be used.
func convert(c *converters.Converter, record collectors.Record, f *converters.Fragment) error {
	f.Reset()
	if record.Err != nil {
		return record.Err
	}
	kind := c.Kind(record.Kind)
	if kind == nil {
		return &collectors.RecordError{Kind: record.Kind, ID: record.ID, Err: fmt.Errorf("no converter for this kind")}
	}
	if err := kind.Convert(record, f); err != nil {
		return err
	}
	for _, e := range f.Elements() {
		if err := e.Seal(); err != nil {
			return &collectors.RecordError{Kind: record.Kind, ID: record.ID, Err: err}
		}
	}
	return nil
}

// recordErrors counts the records that were left out and keeps the first reasons.
type recordErrors struct {
	count   int
	reasons []string
}

func (e *recordErrors) add(err error) {
	if e.count++; len(e.reasons) < 3 {
		e.reasons = append(e.reasons, plaintext.Clip(err.Error(), plaintext.Message/4))
	}
}

func (e *recordErrors) String() string {
	text := strings.Join(e.reasons, "; ")
	if more := e.count - len(e.reasons); more > 0 {
		text += fmt.Sprintf("; and %d more", more)
	}
	noun := "records"
	if e.count == 1 {
		noun = "record"
	}
	return fmt.Sprintf("%d %s left out: %s", e.count, noun, text)
}
