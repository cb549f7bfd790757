package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"assetgraph/internal/plaintext"
)

// A form says what becomes of characters that steer a terminal or can't be seen, whoever wrote them.
type form uint8

const (
	textForm form = iota // they are replaced or left out, as plaintext.Rune does it; line feeds and tabs stay
	jsonForm             // they are escaped as JSON does it: the same values, in valid JSON still
	rawForm              // they stay: for files that are made for machines
)

// A stream is the one way to standard output: what goes through it does no harm to a terminal, whatever the data holds.
// A character may come in several writes.
type stream struct {
	w       io.Writer
	form    func() form
	colours *colours
	rest    []byte // the beginning of a character whose end has not come yet
	out     []byte
}

// Write implements io.Writer.
func (s *stream) Write(p []byte) (int, error) {
	form := s.form()
	if form == rawForm || len(s.rest) == 0 && !slices.ContainsFunc(p, isSpecial) {
		return s.w.Write(p)
	}
	text := append(s.rest, p...)
	n := whole(text)
	s.out = form.append(s.out[:0], text[:n], s.colours)
	s.rest = append([]byte(nil), text[n:]...)
	if _, err := s.w.Write(s.out); err != nil {
		return 0, err
	}
	return len(p), nil
}

// flush writes what is left of a character that has no end.
func (s *stream) flush() {
	if len(s.rest) > 0 {
		_, _ = s.w.Write(s.form().append(nil, s.rest, s.colours)) // the program ends
		s.rest = nil
	}
}

// isSpecial reports whether a byte may belong to a character that does not stay as it is.
func isSpecial(b byte) bool { return b < ' ' && b != '\n' || b >= 0x7f }

// whole returns how many bytes of p belong to whole characters.
func whole(p []byte) int {
	for n := 1; n <= min(len(p), utf8.UTFMax-1); n++ {
		if at := len(p) - n; utf8.RuneStart(p[at]) {
			if utf8.FullRune(p[at:]) {
				return len(p)
			}
			return at
		}
	}
	return len(p)
}

// append adds the text to out in the form.
func (f form) append(out, text []byte, own *colours) []byte {
	for i := 0; i < len(text); {
		if b := text[i]; !isSpecial(b) || b == '\t' {
			out = append(out, b)
			i++
			continue
		}
		if f == textForm && own != nil {
			if sequence, n := own.at(text[i:]); n > 0 {
				out = append(out, sequence...)
				i += n
				continue
			}
		}
		r, n := utf8.DecodeRune(text[i:])
		i += n
		switch shown := plaintext.Rune(r); {
		case r == utf8.RuneError && n == 1:
			shown = plaintext.Replacement
			fallthrough
		case f == textForm:
			if shown >= 0 {
				out = utf8.AppendRune(out, shown)
			}
		case shown == r || r == '\r':
			out = utf8.AppendRune(out, r)
		default:
			out = appendEscaped(out, r)
		}
	}
	return out
}

// appendEscaped writes a character of a JSON string as its number.
func appendEscaped(out []byte, r rune) []byte {
	if r > 0xffff {
		const high, low, bits = 0xd800, 0xdc00, 10
		r -= 0x10000
		return fmt.Appendf(out, `\u%04x\u%04x`, high+r>>bits, low+r&(1<<bits-1))
	}
	return fmt.Appendf(out, `\u%04x`, r)
}

// colours makes the sequences that colour the program's own words. They carry a number that is another one each time,
// by which the stream knows them from those that are part of the data.
type colours struct {
	number  string
	pattern *regexp.Regexp
}

func newColours() *colours {
	number := strconv.Itoa(100_000_000 + rand.IntN(900_000_000))
	return &colours{number: number, pattern: regexp.MustCompile(`^\x1b\[(\d{1,2});` + number + `m`)}
}

// The colours that are used, as terminals number them.
const (
	red    = 31
	green  = 32
	yellow = 33
)

// paint colours s.
func (c *colours) paint(colour int, s string) string {
	return fmt.Sprintf("\x1b[%d;%sm%s\x1b[0;%sm", colour, c.number, s, c.number)
}

// at returns the sequence for the terminal when text begins with one of the program's own, and how long that is in the
// text.
func (c *colours) at(text []byte) (sequence []byte, n int) {
	m := c.pattern.FindSubmatch(text[:min(len(text), 2+2+1+len(c.number)+1)])
	if m == nil {
		return nil, 0
	}
	return append(append([]byte("\x1b["), m[1]...), 'm'), len(m[0])
}

// harmless returns s in the form.
func (f form) harmless(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\n' || r >= 0x7f }) {
		return s
	}
	return string(f.append(nil, []byte(s), nil))
}
