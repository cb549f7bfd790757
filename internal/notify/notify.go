package notify

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"assetgraph/internal/correlate"
	"assetgraph/internal/executor"
	"assetgraph/internal/panics"
)

// A Notifier tells the targets of one run.
type Notifier struct {
	Targets []Target // checked

	// Approve returns the command that lets withheld deletes go.
	Approve func(approvals []string) string

	// Local keeps what was told of runs that could not use their graph.
	Local Memory

	client *http.Client
	pause  time.Duration // before the second attempt
	begun  panics.Group  // pings that are under way
}

// New returns a Notifier for the targets, which were checked.
func New(targets []Target, local Memory, approve func([]string) string) *Notifier {
	return &Notifier{Targets: targets, Local: local, Approve: approve, client: newClient(), pause: time.Second}
}

// A Result is what there is to tell of a run.
type Result struct {
	Report *executor.Report // nil when it did not begin
	Err    error            // that it ended with
	Graph  Memory           // nil when it could not be opened
	At     time.Time        // when it ended
}

// Begin tells those who want to know it that a run begins. It does not wait for them; End does.
func (n *Notifier) Begin(ctx context.Context) {
	for i := range n.Targets {
		if t := &n.Targets[i]; t.Format == Ping {
			n.begun.Go(func() { _ = n.attempt(ctx, t, t.at("/start"), "", nil) }) // the end is what counts
		}
	}
}

// Tell tells each target what it does not know yet, and remembers what it was told. The context limits how long that may
// take. Its error says what could not be told or remembered; it is tried again after the next run. Runs of different
// instances may tell at the same time.
func (n *Notifier) Tell(ctx context.Context, r Result) error {
	sections, err := n.judge(ctx, r)
	errs := []error{err, n.each(func(t *Target) bool { return t.Format != Ping }, func(t *Target, mu *sync.Mutex) error {
		return n.tell(ctx, mu, t, aboutOf(r.Report, r.At), sections)
	})}
	for _, s := range sections {
		s.forget(n.Targets)
		errs = append(errs, s.save(ctx))
	}
	return errors.Join(errs...)
}

// End tells those who want to know it that what Begin told of has ended; the report is nil when nothing began.
func (n *Notifier) End(ctx context.Context, r *executor.Report) error {
	n.begun.Wait()
	about := aboutOf(r, time.Time{})
	return n.each(func(t *Target) bool { return t.Format == Ping }, func(t *Target, _ *sync.Mutex) error {
		address := t.URL
		if t.wants(about.Status) {
			address = t.at("/fail")
		}
		return n.post(ctx, t, address, "", fmt.Appendf(nil, "run %s: %s\n", about.Run, about.Status))
	})
}

func aboutOf(r *executor.Report, at time.Time) About {
	if r == nil {
		return About{Status: executor.StatusFailed, FinishedAt: at.UTC()}
	}
	return About{r.Run.ID, r.Run.Status, r.Run.Graph, r.Run.FinishedAt}
}

// judge returns the sections that the run says something of, with what it says.
func (n *Notifier) judge(ctx context.Context, r Result) ([]*section, error) {
	runs, err := load(ctx, n.Local, "run")
	if err != nil { // what was told is not known: rather twice than never
		runs = &section{memory: n.Local, name: "run", Findings: make(map[string]*entry)}
	}
	var sections []*section
	if r.Report != nil && r.Graph != nil {
		var unread error
		if sections, unread = n.judgeReport(ctx, r); unread != nil {
			sections, r.Err = nil, errors.Join(r.Err, unread)
		}
	}
	if sections != nil {
		runs.take(verdict{closed: []string{neverBegan(errors.New("")).ID}}, r.At)
	} else if r.Err != nil {
		runs.take(verdict{open: []Finding{neverBegan(r.Err)}}, r.At)
	}
	return append(sections, runs), err
}

// judgeReport judges each instance, and what is derived.
func (n *Notifier) judgeReport(ctx context.Context, r Result) ([]*section, error) {
	sections := []*section{}
	for i := range r.Report.Instances {
		in := &r.Report.Instances[i]
		s, err := load(ctx, r.Graph, in.Instance)
		if err != nil {
			return nil, err
		}
		s.take(ofInstance(in, r.Report, n.Approve), r.At)
		sections = append(sections, s)
	}
	if r.Report.Coverage == nil {
		return sections, nil
	}
	s, err := load(ctx, r.Graph, correlate.Integration)
	if err != nil {
		return nil, err
	}
	var v verdict
	f := withheld(correlate.Integration, r.Report.Waiting(correlate.Integration), n.Approve)
	v.say(f, len(f.Details) > 0, r.Err == nil)
	s.take(v, r.At)
	if slices.ContainsFunc(n.Targets, func(t Target) bool { return t.Format != Ping && t.wants(Coverage) }) {
		s.take(falls(r.Report.Coverage, s.Best, s.Findings), r.At)
	}
	return append(sections, s), nil
}

// each does something for each of the targets that are meant, side by side. The mutex is theirs together.
func (n *Notifier) each(meant func(*Target) bool, do func(*Target, *sync.Mutex) error) error {
	var work panics.Group
	var mu, failing sync.Mutex
	var errs []error
	for i := range n.Targets {
		t := &n.Targets[i]
		if !meant(t) {
			continue
		}
		work.Go(func() {
			if err := do(t, &mu); err != nil {
				failing.Lock()
				defer failing.Unlock()
				errs = append(errs, err)
			}
		})
	}
	work.Wait()
	return errors.Join(errs...)
}

// tell sends a target one message with all that it is to know. The mutex guards what sections note.
func (n *Notifier) tell(ctx context.Context, mu *sync.Mutex, t *Target, about About, sections []*section) error {
	mu.Lock()
	var events []event
	for _, s := range sections {
		events = append(events, s.events(t)...)
	}
	m := newMessage(about, events)
	body, err := m.body(t.Format)
	mu.Unlock()
	if err != nil || len(events) == 0 {
		return err
	}
	if err := n.post(ctx, t, t.URL, m.id, body); err != nil {
		return err
	}
	mu.Lock()
	defer mu.Unlock()
	for _, e := range events {
		e.tell(t)
	}
	return nil
}
