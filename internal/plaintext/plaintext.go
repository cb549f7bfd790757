// Package plaintext makes texts that others wrote fit for people: without anything that steers a terminal or can't be
// seen, and of bounded length.
package plaintext

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dustin/go-humanize"
)

// Replacement stands for a character that must not be shown.
const Replacement = '\uFFFD'

// Rune returns what is shown for a character of a text: itself, a blank for what breaks lines, Replacement for control
// characters, those of private use and what is no character, or -1 for nothing: characters without a width, which only
// change how others are shown, such as marks of direction.
func Rune(r rune) rune {
	switch {
	case r >= ' ' && r < 0x7f:
		return r
	case r == '\n' || r == '\t' || r == '\r' || r == '\v' || r == '\f' || r == '\u0085' || r == '\u2028' ||
		r == '\u2029':
		return ' '
	case unicode.IsGraphic(r) && !isBlankLetter(r):
		return r
	case unicode.Is(unicode.Cf, r) || isBlankLetter(r):
		return -1
	}
	return Replacement
}

// isBlankLetter reports letters and marks that show nothing: fillers, joiners and selectors of variants.
func isBlankLetter(r rune) bool {
	return r >= 0x34f && unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) ||
		unicode.Is(unicode.Variation_Selector, r)
}

// Line returns s on one line, as Rune shows it.
func Line(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x7f && r >= ' ' {
			return r
		}
		return Rune(r)
	}, s)
}

// Clip returns s, or if it has more than limit characters its beginning and its end and between them how long it was.
func Clip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	n := utf8.RuneCountInString(s)
	if n <= limit {
		return s
	}
	head := limit * 2 / 3
	return s[:offset(s, head)] + "… (" + humanize.Comma(int64(n)) + " characters) …" + s[offset(s, n-(limit-head)):]
}

// offset returns where the rune with the given number begins.
func offset(s string, number int) int {
	for i := range s {
		if number == 0 {
			return i
		}
		number--
	}
	return len(s)
}

// The limits of what is said to people.
const (
	Part    = 200   // of one text of a provider within a message
	Message = 1_200 // of a whole message, whatever it was made of
)
