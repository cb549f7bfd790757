package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"syscall"

	"assetgraph/graph"
	"assetgraph/internal/executor"
	"assetgraph/internal/plaintext"
)

// lineWriter writes whole lines to stderr, above the progress display while there is one, and never a secret or what
// harms a terminal. All that the program says there goes through it, from any goroutine.
type lineWriter struct {
	mu      sync.Mutex
	w       io.Writer
	display *display // nil when none is drawn
	secrets []string
	hide    *strings.Replacer
	form    form
	unread  func() // called when the other end of the pipe is closed; may be nil
}

// Write implements io.Writer; p is one or more whole lines.
func (l *lineWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := string(p)
	if l.hide != nil {
		text = l.hide.Replace(text)
	}
	text = l.form.harmless(text)
	if l.display != nil {
		text = l.display.around(text)
	}
	if _, err := io.WriteString(l.w, text); err != nil {
		if l.unread != nil && errors.Is(err, syscall.EPIPE) {
			l.unread()
		}
		return 0, err
	}
	return len(p), nil
}

// whenUnread has f called whenever the other end of the pipe that stderr is turns out to be closed; nil for nothing.
func (l *lineWriter) whenUnread(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.unread = f
}

// show has d drawn from now on, and takes away what was; nil for nothing.
func (l *lineWriter) show(d *display) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.display != nil {
		width, _ := l.display.size()
		_, _ = io.WriteString(l.w, l.display.erase(width)) // a display that can't be drawn is none
	}
	l.display = d
}

// redraw draws the display again.
func (l *lineWriter) redraw() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.display != nil {
		_, _ = io.WriteString(l.w, l.display.around(""))
	}
}

// conceal makes the writer replace these values too, the values of secret settings. Providers redact their own errors;
// this is the net below.
func (l *lineWriter) conceal(secrets []string) {
	const least = 6 // a shorter value would be found in innocent text
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, v := range secrets {
		if len(v) >= least && !slices.Contains(l.secrets, v) {
			l.secrets = append(l.secrets, v)
		}
	}
	slices.SortFunc(l.secrets, func(a, b string) int { return len(b) - len(a) }) // one may begin with another
	var pairs []string
	for _, v := range l.secrets {
		pairs = append(pairs, v, "***")
	}
	l.hide = strings.NewReplacer(pairs...)
}

// bounded gives what is logged a limit: a provider's text may have any length.
func bounded(_ []string, a slog.Attr) slog.Attr {
	text := ""
	switch v := a.Value.Any().(type) {
	case string:
		text = v
	case error:
		text = v.Error()
	}
	if len(text) > plaintext.Message {
		a.Value = slog.StringValue(plaintext.Clip(text, plaintext.Message))
	}
	return a
}

func logLevels() []string { return []string{"debug", "info", "warn", "error"} }

func logFormats() []string { return []string{"text", "json"} }

// openLog makes the logger that the flags ask for.
func (a *app) openLog() error {
	var level slog.Level
	if !slices.Contains(logLevels(), a.flags.logLevel) {
		return usagef("", "--log-level %s: known are %s", a.flags.logLevel, strings.Join(logLevels(), ", "))
	}
	if err := level.UnmarshalText([]byte(a.flags.logLevel)); err != nil {
		return err
	}
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: bounded}
	switch a.flags.logFormat {
	case "text":
		a.lines = slog.NewTextHandler(a.logs, options)
	case "json":
		a.logs.form = jsonForm
		a.lines = slog.NewJSONHandler(a.logs, options)
	default:
		return usagef("", "--log-format %s: known are %s", a.flags.logFormat, strings.Join(logFormats(), ", "))
	}
	a.logAbout(everyInstance)
	return nil
}

// everyInstance stands in a run's log for what is about no single instance.
const everyInstance = "*"

// logAbout makes the logger. Each line of a run says which run it is of, and which instance it is about: the named one
// unless it says so itself.
func (a *app) logAbout(instance string) {
	a.logger = slog.New(a.lines)
	if a.runID != "" {
		a.unmarked = a.loggerAbout(instance)
		a.logger = a.unmarked.With("run", a.runID)
	}
}

// loggerAbout returns a logger for lines of which each is about an instance, the named one unless it says so itself.
func (a *app) loggerAbout(instance string) *slog.Logger {
	return slog.New(instanceHandler{Handler: a.lines, instance: instance})
}

// An instanceHandler adds an instance to lines that have none.
type instanceHandler struct {
	slog.Handler
	instance string
	has      bool // WithAttrs was given one
}

const instanceKey = "instance"

// Handle implements slog.Handler.
func (h instanceHandler) Handle(ctx context.Context, r slog.Record) error {
	has := h.has
	r.Attrs(func(a slog.Attr) bool {
		has = has || a.Key == instanceKey
		return !has
	})
	if !has {
		r = r.Clone()
		r.AddAttrs(slog.String(instanceKey, h.instance))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h instanceHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	h.Handler = h.Handler.WithAttrs(attrs)
	h.has = h.has || slices.ContainsFunc(attrs, func(a slog.Attr) bool { return a.Key == instanceKey })
	return h
}

// WithGroup implements slog.Handler.
func (h instanceHandler) WithGroup(name string) slog.Handler {
	h.Handler = h.Handler.WithGroup(name)
	return h
}

// logOutcome is the last that a run logs: how it ended, and its exit code. A mistake that somebody at a terminal has just
// read is not said twice.
func (a *app) logOutcome(err error, code int) {
	if a.runID == "" || a.report == nil && a.isTerminal(a.logs.w) && a.logs.form != jsonForm {
		return
	}
	a.logEnded(a.logger, a.report, err, slog.Int("exit", code))
}

// logEnded says how a run ended; report is nil when it did not begin.
func (a *app) logEnded(logger *slog.Logger, report *executor.Report, err error, attrs ...slog.Attr) {
	status, level := executor.StatusFailed, slog.LevelError
	if _, held := errors.AsType[*graph.HeldError](err); held {
		status = "held"
	} else if r := report; r != nil {
		t := r.Totals
		status = r.Run.Status
		attrs = append(attrs, slog.Bool("plan", r.Run.Plan), slog.Int("created", t.Created), slog.Int("updated", t.Updated),
			slog.Int("refreshed", t.Refreshed), slog.Int("deleted", t.Deleted), slog.Int("withheld", t.Withheld))
	}
	if _, told := errors.AsType[outcome](err); err == nil || told {
		level = slog.LevelInfo
	} else {
		text, hint := a.explained(err)
		attrs = append(attrs, slog.String("error", text))
		if hint != "" {
			attrs = append(attrs, slog.String("hint", hint))
		}
	}
	logger.LogAttrs(context.Background(), level, "run ended", append([]slog.Attr{slog.String("status", status)}, attrs...)...)
}
