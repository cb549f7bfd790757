// Package dialog asks people questions: by a form that moves about a terminal, or line by line, as screen readers, dumb
// terminals and pipes need it. Answers are checked where they are given, and secrets are not shown.
package dialog

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"charm.land/huh/v2"
	"golang.org/x/term"
)

// Reasons why a question has no answer.
var (
	ErrInterrupted = errors.New("interrupted")
	ErrEnded       = errors.New("standard input ended before all was answered")
)

// A Dialog asks on one pair of streams.
type Dialog struct {
	out      io.Writer
	width    int
	lines    *lines   // nil where forms are asked
	terminal *os.File // where answers are typed; nil for none
	screen   *os.File // where forms are shown
}

// Options say where and how to ask.
type Options struct {
	In    io.Reader
	Out   io.Writer // for questions line by line, and for what is left of those that were asked by a form
	Width int       // columns that texts may take

	// Terminal is what Out leads to, for forms. nil asks line by line, and so does an In that is no terminal.
	Terminal *os.File
}

// New returns a dialog.
func New(o Options) *Dialog {
	d := &Dialog{out: o.Out, width: o.Width, screen: o.Terminal}
	if in, ok := o.In.(*os.File); ok && term.IsTerminal(int(in.Fd())) {
		d.terminal = in
	}
	if d.terminal == nil || d.screen == nil {
		d.lines = &lines{in: bufio.NewReader(o.In)}
	}
	return d
}

// A Question asks for a text.
type Question struct {
	Title   string // one or two words
	Help    string // what it is, and where to get it
	Default string // what an empty answer stands for; never shown of a secret
	Note    string // says so in the place of a default that must not be shown, or that is none
	Secret  bool   // the answer is not shown

	// Check says why an answer can't be taken; it is asked again then. nil takes any.
	Check func(answer string) error
}

// Ask returns the answer to a question, without surrounding white space.
func (d *Dialog) Ask(ctx context.Context, q Question) (string, error) {
	answer := ""
	check := func(text string) error {
		if d.ended() {
			return nil // there is nobody to ask again
		}
		text = cmp.Or(strings.TrimSpace(text), q.Default)
		if q.Check == nil {
			return nil
		}
		return q.Check(text)
	}
	if d.lines != nil {
		d.tell(q.Help)
		if q.Secret && d.terminal != nil {
			answer, err := d.askHidden(ctx, q.Title+d.standsFor(q), check)
			return cmp.Or(strings.TrimSpace(answer), q.Default), err
		}
	}
	field := huh.NewInput().Title(q.Title + d.standsFor(q)).Description(d.wrapped(q.Help)).Value(&answer).Validate(check)
	if q.Secret && d.lines == nil {
		field.EchoMode(huh.EchoModePassword)
	}
	if err := d.run(ctx, field); err != nil {
		return "", err
	}
	answer = cmp.Or(strings.TrimSpace(answer), q.Default)
	shown := answer
	if q.Secret && answer != "" {
		shown = "***"
	}
	d.remember(q.Title, shown)
	return answer, nil
}

// standsFor says what an empty answer stands for.
func (d *Dialog) standsFor(q Question) string {
	switch {
	case q.Note != "":
		return " [" + q.Note + "]:"
	case q.Default != "" && !q.Secret:
		return " [" + q.Default + "]:"
	}
	return ":"
}

// Choose returns which of the options was taken, counted from 0. An empty answer takes the one that is suggested.
func (d *Dialog) Choose(ctx context.Context, title, help string, suggested int, options ...string) (int, error) {
	answer := suggested
	var list []huh.Option[int]
	for i, text := range options {
		if d.lines != nil && i == suggested {
			text += " [default]"
		}
		list = append(list, huh.NewOption(text, i))
	}
	field := huh.NewSelect[int]().Title(title).Description(d.wrapped(help)).Options(list...).Value(&answer)
	if d.lines != nil {
		d.tell(help)
	}
	if err := d.run(ctx, field); err != nil {
		return 0, err
	}
	d.remember(title, options[answer])
	return answer, nil
}

// Confirm asks for yes or no. An empty answer takes the one that is suggested.
func (d *Dialog) Confirm(ctx context.Context, title, help string, suggested bool) (bool, error) {
	answer := suggested
	if d.lines != nil {
		d.tell(help)
	}
	if err := d.run(ctx, huh.NewConfirm().Title(title).Description(d.wrapped(help)).Value(&answer)); err != nil {
		return false, err
	}
	d.remember(title, map[bool]string{true: "yes", false: "no"}[answer])
	return answer, nil
}

// run asks one question.
func (d *Dialog) run(ctx context.Context, field huh.Field) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	form := huh.NewForm(huh.NewGroup(field)).WithWidth(d.width)
	if d.lines != nil {
		d.lines.ctx = ctx
		_ = form.WithAccessible(true).WithTheme(huh.ThemeFunc(plain)).WithInput(d.lines).WithOutput(d.out).Run()
		return d.lines.err // of those of fields the form tells nothing
	}
	err := form.WithAccessible(false).WithTheme(huh.ThemeFunc(sober)).WithInput(d.terminal).WithOutput(d.screen).
		RunWithContext(ctx)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, huh.ErrUserAborted), err == nil && form.State != huh.StateCompleted: // by a key, by a signal
		return ErrInterrupted
	}
	return err
}

// wrapped is a help as it fits into a form, which breaks words at dots by itself.
func (d *Dialog) wrapped(help string) string {
	const frame = 2
	return Wrap(help, d.width-frame)
}

func (d *Dialog) ended() bool { return d.lines != nil && d.lines.err != nil }

// remember leaves a line in the place of a form.
func (d *Dialog) remember(title, answer string) {
	if d.lines == nil {
		fmt.Fprintf(d.out, "  %s: %s\n", strings.TrimSuffix(title, "?"), answer)
	}
}

// tell writes the help of a question, for those who ask line by line: forms have a place for it.
func (d *Dialog) tell(help string) {
	if help != "" {
		fmt.Fprintln(d.out, Wrap(help, d.width))
	}
}

// Wrap breaks a text between words into lines of so many characters. Lines that the text has stay.
func Wrap(text string, width int) string {
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		length := 0
		var b strings.Builder
		for word := range strings.FieldsSeq(line) {
			n := len([]rune(word))
			switch {
			case length == 0:
			case length+1+n > width:
				b.WriteByte('\n')
				length = 0
			default:
				b.WriteByte(' ')
				length++
			}
			b.WriteString(word)
			length += n
		}
		out = append(out, b.String())
	}
	return strings.Join(out, "\n")
}
