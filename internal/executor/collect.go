package executor

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"assetgraph/collectors"
	"assetgraph/differ"
	"assetgraph/graph"
	"assetgraph/internal/correlate"
	"assetgraph/internal/panics"
	"assetgraph/internal/span"
)

// SignIn is the name under which a failed sign-in stands among the steps, and every one among findings.
const SignIn = "sign in"

// A reading is what collecting one instance gave. What its records became is in the spool.
type reading struct {
	steps    []StepReport // one for each step, in order; before them the sign-in when it failed
	warnings []string
	account  string                  // what the instance points at, "" when the sign-in failed
	reader   reader                  // the credentials and the filter
	links    []*correlate.Statements // what each step's records say of counterparts; nil where nothing is correlated
	refused  *refusal                // then no step was read
}

// An intake collects instances into the spool.
type intake struct {
	spool    *differ.Spool
	limit    int64            // bytes that one type of one instance may take there
	store    graph.Reader     // what it holds of parts that can't be read stays
	model    *correlate.Model // nil = nothing is correlated
	observer Observer
	before   past
}

// collect signs in to an instance and reads it. Its error is one of the spool or of the context.
func (t *intake) collect(ctx context.Context, in *Instance) (out reading, _ error) {
	start := time.Now()
	session, err := signIn(ctx, in)
	steps := in.Collector.Steps()
	if ctx.Err() != nil {
		out.steps = unread(ctx, in.Name, steps)
		return out, context.Cause(ctx)
	}
	for _, w := range session.Warnings {
		out.warnings = append(out.warnings, in.Name+": "+w)
	}
	if err != nil {
		out.steps = append(out.steps, t.done(StepReport{
			Instance: in.Name, Step: SignIn, Status: StatusFailed, Error: err.Error(),
			Seconds: time.Since(start).Seconds(),
		}))
		for _, s := range steps {
			out.steps = append(out.steps, t.done(skipped(in.Name, s.Name, "could not sign in")))
		}
		return out, nil
	}
	out.account = fingerprint(in, session.Account)
	out.reader = reader{credentials: session.Reader, filter: session.Filter}
	if out.refused = t.before.strange(in.Name, out.account); out.refused != nil {
		for _, s := range steps {
			out.steps = append(out.steps, skipped(in.Name, s.Name, "not read: the instance points at another account"))
		}
		out.steps = refuseSteps(out.steps, out.refused, t.observer)
		return out, nil
	}
	err = t.collectSteps(ctx, in, steps, &out)
	return out, err
}

func signIn(ctx context.Context, in *Instance) (collectors.Session, error) {
	ctx, mark := span.Start(ctx, "step "+SignIn)
	session, err := in.Collector.SignIn(ctx)
	span.End(mark, err != nil)
	return session, err
}

// collectSteps reads steps side by side into out, each as soon as those that it comes after have ended. Its error is
// one of the spool or of the context.
func (t *intake) collectSteps(ctx context.Context, in *Instance, steps []collectors.Step, out *reading) error {
	reports, meters := unread(ctx, in.Name, steps), make([]collectors.Meter, len(steps))
	links := make([]*correlate.Statements, len(steps))
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
		if t.model != nil {
			links[i] = correlate.NewStatements(t.model)
		}
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
				if reports[i] = skipped(in.Name, s.Name, ""); s.Part == "" { // a part that nobody chose is no news
					t.observer.StepDone(reports[i])
				}
				return nil
			}
			t.observer.StepStarted(in.Name, s.Name, &meters[i])
			reports[i], err = (&stepReader{
				in: in, step: s, meter: &meters[i], spool: t.spool, limit: t.limit, links: links[i],
				keeper: keeper{store: t.store, instance: in.Name},
			}).read(ctx)
			t.observer.StepDone(reports[i])
			return err
		})
	}
	err := group.Wait()
	for i, s := range steps {
		switch r := reports[i]; {
		case r.LeftOut() && (s.Part == "" || t.before.hasRead(r)):
			out.warnings = append(out.warnings, t.before.leftOut(r))
		case r.Status == StatusUnavailable && !t.before.knowsUnavailable(r):
			out.warnings = append(out.warnings, t.before.unavailable(r))
		}
		for _, w := range meters[i].Warnings() {
			out.warnings = append(out.warnings, in.Name+"/"+s.Name+": "+w)
		}
	}
	out.steps = reports
	if t.model != nil {
		out.links = links
	}
	return err
}

func (t *intake) done(s StepReport) StepReport {
	t.observer.StepDone(s)
	return s
}

// skipped is what is to be said of a step that was not read, and why; "" when people leave it out.
func skipped(instance, step, why string) StepReport {
	return StepReport{Instance: instance, Step: step, Status: StatusSkipped, Error: why}
}

// unread is what is to be said of steps that have not begun.
func unread(ctx context.Context, instance string, steps []collectors.Step) []StepReport {
	var reports []StepReport
	for _, s := range steps {
		reports = append(reports, skipped(instance, s.Name, stopped(ctx)))
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
