package main

import (
	"log/slog"

	"assetgraph/collectors"
	"assetgraph/internal/executor"
)

// observer returns what watches a run: a display on a terminal, else one log line per step. done ends it.
func (a *app) observer() (o executor.Observer, done func()) {
	if !a.isTerminal(a.logs.w) || a.flags.logFormat == "json" || a.env["TERM"] == "dumb" {
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
	if r.Error != "" && !r.Excused() {
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
