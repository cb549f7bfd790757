package main

import (
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jedib0t/go-pretty/v6/progress"

	"assetgraph/collectors"
	"assetgraph/internal/executor"
	"assetgraph/internal/panics"
)

// observer returns what watches a run: a display on a terminal, else one log line per step. done ends it.
func (a *app) observer() (o executor.Observer, done func()) {
	if !a.isTerminal(a.logs.w) || a.flags.logFormat == "json" {
		return &stepLog{logger: a.logger}, func() {}
	}
	d := newDisplay(a.logs)
	return d, d.close
}

// stepLog tells of a run in one log line for each step.
type stepLog struct{ logger *slog.Logger }

// StepStarted implements executor.Observer.
func (l *stepLog) StepStarted(string, string, *collectors.Meter) {}

// StepDone implements executor.Observer.
func (l *stepLog) StepDone(r executor.StepReport) {
	attrs := []any{slog.String("instance", r.Instance), slog.String("step", r.Step), slog.String("status", r.Status),
		slog.Int("records", r.Records), slog.Int("pages", r.Pages), slog.Float64("seconds", r.Seconds)}
	if r.Error != "" {
		l.logger.Warn("step", append(attrs, slog.String("error", r.Error))...)
		return
	}
	l.logger.Info("step", attrs...)
}

// Progress implements executor.Observer.
func (l *stepLog) Progress(phase string, done, total int) {
	if total > 0 && done == total {
		l.logger.Info("phase", slog.String("phase", phase), slog.Int("count", total))
	}
}

// display draws the progress of a run on a terminal.
type display struct {
	out      *lineWriter
	writer   progress.Writer
	rendered chan struct{}

	mu     sync.Mutex
	steps  map[string]*drawnStep
	phases map[string]*progress.Tracker
}

type drawnStep struct {
	tracker *progress.Tracker
	meter   *collectors.Meter
	name    string
}

const redrawEvery = 100 * time.Millisecond

func newDisplay(out *lineWriter) *display {
	w := progress.NewWriter()
	w.SetOutputWriter(out.w)
	w.SetAutoStop(false)
	w.SetMessageLength(44)
	w.SetTrackerLength(24)
	w.SetUpdateFrequency(redrawEvery)
	w.SetStyle(progress.StyleCircle)
	w.Style().Visibility.Percentage = false
	w.Style().Visibility.Speed = false
	w.Style().Visibility.Value = false
	w.Style().Visibility.ETA = false
	d := &display{out: out, writer: w, rendered: make(chan struct{}), steps: map[string]*drawnStep{}, phases: map[string]*progress.Tracker{}}
	out.setProgress(w)
	go func() {
		var err error // a display that fails is none
		defer close(d.rendered)
		defer panics.Catch(&err)
		w.Render()
	}()
	return d
}

// close ends the display with everything drawn.
func (d *display) close() {
	d.mu.Lock()
	for _, s := range d.steps {
		s.tracker.MarkAsErrored()
	}
	for _, t := range d.phases {
		t.MarkAsDone()
	}
	d.mu.Unlock()
	d.writer.Stop()
	<-d.rendered
	d.out.setProgress(nil)
}

// StepStarted implements executor.Observer.
func (d *display) StepStarted(instance, step string, m *collectors.Meter) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := &drawnStep{tracker: &progress.Tracker{}, meter: m, name: instance + " " + step}
	s.tracker.UpdateMessage(s.name)
	d.steps[s.name] = s
	d.writer.AppendTracker(s.tracker)
	time.AfterFunc(redrawEvery, func() { d.follow(s) })
}

// follow shows how many pages the step has read, again and again until it is done.
func (d *display) follow(s *drawnStep) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.steps[s.name] != s || s.tracker.IsDone() {
		return
	}
	text := fmt.Sprintf("%s: page %d", s.name, s.meter.Pages())
	if n := s.meter.Expected(); n > 0 {
		text += fmt.Sprintf(" of %s records", comma(n))
	}
	s.tracker.UpdateMessage(text)
	time.AfterFunc(redrawEvery, func() { d.follow(s) })
}

// StepDone implements executor.Observer.
func (d *display) StepDone(r executor.StepReport) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.steps[r.Instance+" "+r.Step]
	if s == nil {
		return
	}
	delete(d.steps, s.name)
	if r.Error != "" {
		s.tracker.UpdateMessage(fmt.Sprintf("%s: %s", s.name, r.Status))
		s.tracker.MarkAsErrored()
		return
	}
	s.tracker.UpdateMessage(fmt.Sprintf("%s: %s records", s.name, comma(r.Records)))
	s.tracker.MarkAsDone()
}

// Progress implements executor.Observer.
func (d *display) Progress(phase string, done, total int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := d.phases[phase]
	if t == nil {
		t = &progress.Tracker{Message: phase, Total: int64(total)}
		d.phases[phase] = t
		d.writer.AppendTracker(t)
	}
	t.UpdateTotal(int64(total))
	t.SetValue(int64(done))
	t.UpdateMessage(fmt.Sprintf("%s: %s of %s", phase, comma(done), comma(total)))
	if done == total {
		t.MarkAsDone()
	}
}
