package dialog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/term"
)

// askHidden asks for a line that is not shown, until check takes it. The terminal shows nothing from before the question
// on: what is typed or pasted early is hidden too, and an interrupt leaves the terminal as it was.
func (d *Dialog) askHidden(ctx context.Context, prompt string, check func(string) error) (string, error) {
	d.lines.ctx = ctx
	for {
		text, err := d.hidden(prompt)
		fmt.Fprintln(d.out) // that of who typed was not shown
		if err != nil {
			d.lines.err = err
			return "", err
		}
		err = check(text)
		if err == nil {
			fmt.Fprintln(d.out)
			return text, nil
		}
		fmt.Fprintln(d.out, err)
	}
}

// hidden asks once.
func (d *Dialog) hidden(prompt string) (text string, err error) {
	fd := int(d.terminal.Fd())
	before, err := term.MakeRaw(fd)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, term.Restore(fd, before)) }()
	fmt.Fprint(d.out, prompt+" ")
	return d.lines.wait(d.lines.keys)
}

// Keys, as a terminal sends them that leaves everything to the program.
const (
	keyInterrupt = 'C' & 0x1f
	keyEnd       = 'D' & 0x1f
	keyBackspace = 'H' & 0x1f
	keyKill      = 'U' & 0x1f // of the line
	keyDelete    = 0x7f
)

// keys reads what is typed up to Enter.
func (l *lines) keys() (string, error) {
	var text []byte
	for {
		key, err := l.in.ReadByte()
		switch {
		case errors.Is(err, io.EOF), key == keyEnd && len(text) == 0 && err == nil:
			return "", ErrEnded
		case err != nil:
			return "", err
		case key == keyInterrupt:
			return "", ErrInterrupted
		case key == '\r' || key == '\n':
			return string(text), nil
		case key == keyBackspace || key == keyDelete:
			_, size := utf8.DecodeLastRune(text)
			text = text[:len(text)-size]
		case key == keyKill:
			text = nil
		case len(text) == longest:
			return "", errLong
		default:
			text = append(text, key)
		}
	}
}
