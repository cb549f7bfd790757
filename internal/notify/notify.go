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

// End tells each target what it does not know yet, and remembers what it was told. The context limits how long that may
// take. Its error says what could not be told or remembered; it is tried again after the next run.
func (n *Notifier) End(ctx context.Context, r Result) error {
	n.begun.Wait()
	sections, err := n.judge(ctx, r)
	about := About{Status: executor.StatusFailed, FinishedAt: r.At.UTC()}
	if r.Report != nil {
		about = About{r.Report.Run.ID, r.Report.Run.Status, r.Report.Run.Graph, r.Report.Run.FinishedAt}
	}
	errs := []error{err, n.tell(ctx, about, sections)}
	for _, s := range sections {
		s.forget(n.Targets)
		errs = append(errs, s.save(ctx))
	}
	return errors.Join(errs...)
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

// tell sends each target one message with all that it is to know, side by side.
func (n *Notifier) tell(ctx context.Context, about About, sections []*section) error {
	var work panics.Group
	var mu sync.Mutex // guards what sections note, and errs
	var errs []error
	for i := range n.Targets {
		t := &n.Targets[i]
		work.Go(func() {
			err := n.tellOne(ctx, &mu, t, about, sections)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				errs = append(errs, err)
			}
		})
	}
	work.Wait()
	return errors.Join(errs...)
}

func (n *Notifier) tellOne(ctx context.Context, mu *sync.Mutex, t *Target, about About, sections []*section) error {
	if t.Format == Ping {
		return n.ping(ctx, t, about)
	}
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

// ping says that a run ended, and whether it went well.
func (n *Notifier) ping(ctx context.Context, t *Target, about About) error {
	address := t.URL
	if t.wants(about.Status) {
		address = t.at("/fail")
	}
	return n.post(ctx, t, address, "", fmt.Appendf(nil, "run %s: %s\n", about.Run, about.Status))
}
