package sqlite

import (
	"errors"
	"fmt"
	"strings"
)

// What checkQuery objects to.
var (
	errNoStatement = errors.New("there is no statement")
	errTwo         = errors.New("one statement at a time")
	errNotReading  = errors.New("only reading is allowed")
	errNUL         = errors.New("the text holds a NUL character")
)

// checkQuery refuses a text that is not exactly one reading statement. That connection can't write is the stronger
// guard; this one keeps statements away from it that change its own state, open files, or write elsewhere: PRAGMA,
// ATTACH, VACUUM.
func checkQuery(text string) error {
	if strings.IndexByte(text, 0) >= 0 {
		return errNUL
	}
	l := lexer(text)
	first := l.next()
	if strings.EqualFold(first, "EXPLAIN") {
		if first = l.next(); strings.EqualFold(first, "QUERY") {
			l.next() // PLAN
			first = l.next()
		}
	}
	switch strings.ToUpper(first) {
	case "":
		return errNoStatement
	case "SELECT", "WITH", "VALUES":
	default:
		return fmt.Errorf("%w: a query begins with SELECT, WITH, VALUES or EXPLAIN, not %s", errNotReading, first)
	}
	for token := l.next(); token != ""; token = l.next() {
		if token != ";" {
			continue
		}
		for ; token != ""; token = l.next() {
			if token != ";" {
				return errTwo
			}
		}
	}
	return nil
}

// lexer is SQL text that is still to be cut into tokens (sqlite.org/c3ref/complete.html has the same view of it).
type lexer string

// next cuts off the next token: a word, a quoted text, or any other single character; "" at the end. White space and
// comments are no tokens.
func (l *lexer) next() string {
	l.skip()
	s := string(*l)
	n := 1
	switch {
	case s == "":
		return ""
	case strings.IndexByte("'\"`[", s[0]) >= 0:
		n = quotedLen(s)
	default:
		for isWord(s[0]) && n < len(s) && isWord(s[n]) {
			n++
		}
	}
	*l = lexer(s[n:])
	return s[:n]
}

// skip cuts off white space and comments.
func (l *lexer) skip() {
	for {
		s := strings.TrimLeft(string(*l), " \t\n\v\f\r\ufeff")
		switch {
		case strings.HasPrefix(s, "--"):
			_, s, _ = strings.Cut(s, "\n")
		case strings.HasPrefix(s, "/*"):
			_, s, _ = strings.Cut(s[2:], "*/")
		default:
			*l = lexer(s)
			return
		}
		*l = lexer(s)
	}
}

// quotedLen returns the length of the quoted text at the beginning of s; all of s when it does not end. A doubled quote
// is two quoted texts in a row, which is as good here.
func quotedLen(s string) int {
	closing := s[0]
	if closing == '[' {
		closing = ']'
	}
	if i := strings.IndexByte(s[1:], closing); i >= 0 {
		return i + 2
	}
	return len(s)
}

func isWord(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}
