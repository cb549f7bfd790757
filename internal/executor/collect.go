package executor

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"assetgraph/collectors"
	"assetgraph/converters"
	"assetgraph/converters/correlate"
	"assetgraph/differ"
	"assetgraph/internal/panics"
	"assetgraph/internal/plaintext"
)

// collected is what came of one instance.
type collected struct {
	steps    []StepReport // one for each step, in order; before them the sign-in when it failed
	warnings []string
	account  string // what the instance points at, "" when the sign-in failed
	reader   string // the credentials, "" when they can't be told
	refused  *refusal

	linking sync.Mutex            // steps run side by side
	links   *correlate.Statements // nil where nothing is correlated
}

// SignIn is the name under which a failed sign-in stands among the steps, and every one among findings.
const SignIn = "sign in"

// collectInstance reads an instance into c. Its error is one of the spool or of the context.
func (r *run) collectInstance(ctx context.Context, in *Instance, spool *differ.Spool, c *collected) error {
	start := time.Now()
	session, err := in.Collector.SignIn(ctx)
	if ctx.Err() != nil {
		c.steps = r.unread(ctx, in)
		return context.Cause(ctx)
	}
	for _, w := range session.Warnings {
		c.warnings = append(c.warnings, in.Name+": "+w)
	}
	if err != nil {
		c.steps = append(c.steps, r.stepDone(StepReport{Instance: in.Name, Step: SignIn, Status: StatusFailed, Error: err.Error(), Seconds: time.Since(start).Seconds()}))
		for _, s := range in.Collector.Steps() {
			c.steps = append(c.steps, r.stepDone(StepReport{Instance: in.Name, Step: s.Name, Status: StatusSkipped, Error: "could not sign in"}))
		}
		return nil
	}
	c.account, c.reader = fingerprint(in, session.Account), session.Reader
	if c.refused = r.strange(in.Name, c.account); c.refused != nil {
		for _, s := range in.Collector.Steps() {
			c.steps = append(c.steps, StepReport{Instance: in.Name, Step: s.Name, Status: StatusSkipped, Error: "not read: the instance points at another account"})
		}
		r.refuse(c)
		return nil
	}
	return r.collectSteps(ctx, in, spool, c)
}

// refuse puts the refusal of an instance before its steps, of which nothing is used.
func (r *run) refuse(c *collected) {
	for i := range c.steps {
		if s := &c.steps[i]; s.Status != StatusSkipped {
			s.Status, s.Error = StatusFailed, "not used: the instance points at another account"
		}
	}
	signIn := r.stepDone(StepReport{Instance: c.refused.instance, Step: SignIn, Status: StatusFailed, Error: c.refused.Error()})
	c.steps = append([]StepReport{signIn}, c.steps...)
}

// collectSteps reads the steps of one instance side by side, each as soon as those that it comes after have ended. Its
// error is one of the spool or of the context.
func (r *run) collectSteps(ctx context.Context, in *Instance, spool *differ.Spool, c *collected) error {
	steps := in.Collector.Steps()
	reports, meters := r.unread(ctx, in), make([]collectors.Meter, len(steps))
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
				reports[i].Error = stopped(ctx)
				return context.Cause(ctx)
			}
			if s.Skipped {
				reports[i] = r.stepDone(StepReport{Instance: in.Name, Step: s.Name, Status: StatusSkipped})
				return nil
			}
			r.Observer.StepStarted(in.Name, s.Name, &meters[i])
			reports[i], err = (&stepReader{in: in, step: s, meter: &meters[i], spool: spool, limit: r.SpoolLimit, into: c}).read(ctx)
			r.Observer.StepDone(reports[i])
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

// unread is what is to be said of steps that have not begun.
func (r *run) unread(ctx context.Context, in *Instance) []StepReport {
	var reports []StepReport
	for _, s := range in.Collector.Steps() {
		reports = append(reports, StepReport{Instance: in.Name, Step: s.Name, Status: StatusSkipped, Error: stopped(ctx)})
	}
	return reports
}

// stopped says why a step was not read, or not to its end, when the run ended before that.
func stopped(ctx context.Context) string {
	if ctx.Err() == nil {
		return "the run ended before all of it was read"
	}
	return "the run ended before all of it was read: " + context.Cause(ctx).Error()
}

func (r *run) stepDone(s StepReport) StepReport {
	r.Observer.StepDone(s)
	return s
}

// A stepReader reads one step into the spool.
type stepReader struct {
	in    *Instance
	step  collectors.Step
	meter *collectors.Meter
	spool *differ.Spool
	limit int64 // bytes of one type
	into  *collected
}

// read reads the step. Its error is one of the spool or of the context. Only a walk that came to its end makes the step complete.
func (s *stepReader) read(ctx context.Context) (StepReport, error) {
	start := time.Now()
	report := StepReport{Instance: s.in.Name, Step: s.step.Name}
	err := s.walk(ctx, &report)
	switch {
	case err != nil && ctx.Err() != nil:
		report.Error = stopped(ctx)
	case err != nil:
		report.Error = err.Error()
	}
	switch {
	case report.Error == "":
		report.Status = StatusComplete
	case report.Records == 0:
		report.Status = StatusFailed
	default:
		report.Status = StatusIncomplete
	}
	report.Pages, report.Expected, report.Seconds = s.meter.Pages(), s.meter.Expected(), time.Since(start).Seconds()
	return report, err
}

// walk reads the records, counts them, and says in the report what is missing.
func (s *stepReader) walk(ctx context.Context, report *StepReport) error {
	fragment := converters.NewFragment(s.in.Name)
	var broken recordErrors
	for record, err := range s.step.Records(ctx, s.meter) {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			if panics.Of(err) != nil {
				return err
			}
			report.Error = err.Error()
			break
		}
		report.Records++
		s.meter.Saw(record)
		if err := convert(s.in.Converter, record, fragment); err != nil {
			broken.add(err)
			continue
		}
		for _, e := range fragment.Elements() {
			ref, err := s.spool.Add(e)
			if err != nil {
				return err
			}
			if ref.Size() > s.limit {
				report.Error = fmt.Sprintf("the list did not end: its %s records take more than %d bytes", e.Type.Name, s.limit)
				return nil
			}
		}
		s.into.link(fragment)
	}
	if broken.count > 0 {
		report.Error = strings.TrimPrefix(report.Error+"; "+broken.String(), "; ")
	}
	return context.Cause(ctx)
}

// link keeps what a record says of its counterparts.
func (c *collected) link(f *converters.Fragment) {
	if c.links == nil || len(f.Links())+len(f.Connections()) == 0 {
		return
	}
	c.linking.Lock()
	defer c.linking.Unlock()
	for _, a := range f.Connections() {
		c.links.AddConnection(a)
	}
	for _, l := range f.Links() {
		c.links.AddLink(l)
	}
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
