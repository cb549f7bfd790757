package main

import (
	"errors"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"syscall"

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
		a.logger = slog.New(slog.NewTextHandler(a.logs, options))
	case "json":
		a.logs.form = jsonForm
		a.logger = slog.New(slog.NewJSONHandler(a.logs, options))
	default:
		return usagef("", "--log-format %s: known are %s", a.flags.logFormat, strings.Join(logFormats(), ", "))
	}
	return nil
}
