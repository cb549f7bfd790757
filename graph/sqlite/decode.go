package sqlite

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"assetgraph/graph"
)

// errProperties says that a row's properties are not a JSON object.
var errProperties = errors.New("the properties are no JSON object")

// readProperties sets the element's declared properties from a JSON object, which others may have added to and written anew.
// Names that are not declared, and values of another kind than the declared one, are left out.
func readProperties(e *graph.Element, text string) error {
	s := scanner{text: text}
	return s.object(func(name string, _ int) {
		if p := e.Type.Property(name); p == nil {
			s.skip(0)
		} else {
			e.Set(name, s.value(p.Kind))
		}
	})
}

// appendOthers appends the members of a JSON object that which does not mean, as they stand there, to an object that was begun.
func appendOthers(b []byte, t *graph.Type, text string, which extent) ([]byte, error) {
	s := scanner{text: text}
	err := s.object(func(name string, start int) {
		s.skip(0)
		if p := t.Property(name); p != nil && (which == all || p.Volatile) {
			return
		}
		b = append(separated(b), text[start:s.at]...)
	})
	return b, err
}

// scanner walks over JSON text. It is lenient where a mistake can do no harm, since SQLite keeps the text well formed.
type scanner struct {
	text string
	at   int
	bad  bool
}

// object calls member for each member of the object that the text is, with where the member begins. It is to pass over the value,
// before which the scanner stands.
func (s *scanner) object(member func(name string, start int)) error {
	if !s.take('{') {
		return errProperties
	}
	for !s.take('}') {
		start := s.at
		name := s.string()
		s.require(':')
		member(name, start)
		if !s.take(',') && s.peek() != '}' {
			s.bad = true
		}
		if s.bad {
			return errProperties
		}
	}
	if s.peek() != 0 {
		return errProperties
	}
	return nil
}

// peek returns the next byte that is not white space, 0 at the end.
func (s *scanner) peek() byte {
	for ; s.at < len(s.text); s.at++ {
		if c := s.text[s.at]; c > ' ' {
			return c
		}
	}
	return 0
}

func (s *scanner) take(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.at++
	return true
}

func (s *scanner) require(c byte) {
	if !s.take(c) {
		s.bad = true
	}
}

// value reads the next value as one of that kind; absent when it is of another.
func (s *scanner) value(kind graph.Kind) graph.Value {
	switch c := s.peek(); {
	case c == '"' && kind == graph.Text:
		return graph.TextOf(s.string())
	case c == '"' && kind == graph.Time:
		return instantOf(s.string())
	case c == '[' && kind == graph.Texts:
		return graph.TextsOf(s.strings()...)
	case c == '{' || c == '[' || c == '"':
		s.skip(0)
	default:
		return scalarOf(s.word(), kind)
	}
	return graph.Value{}
}

func scalarOf(word string, kind graph.Kind) graph.Value {
	switch kind {
	case graph.Bool:
		if word == "true" || word == "false" {
			return graph.BoolOf(word == "true")
		}
	case graph.Int:
		if n, err := strconv.ParseInt(word, 10, 64); err == nil {
			return graph.IntOf(n)
		}
	case graph.Absent, graph.Text, graph.Time, graph.Texts:
	}
	return graph.Value{}
}

func instantOf(text string) graph.Value {
	t, err := time.Parse(graph.TimeLayout, text)
	if err != nil {
		return graph.Value{}
	}
	return graph.TimeOf(t)
}

// string reads a JSON string.
func (s *scanner) string() string {
	if !s.take('"') {
		s.bad = true
		return ""
	}
	start := s.at
	n := strings.IndexByte(s.text[start:], '"')
	if n < 0 {
		s.bad = true
		return ""
	}
	if i := strings.IndexByte(s.text[start:start+n], '\\'); i >= 0 {
		s.at += i
		return s.escaped(start)
	}
	s.at += n + 1
	return s.text[start : start+n]
}

// escaped reads the string that begins at start and holds a backslash at s.at.
func (s *scanner) escaped(start int) string {
	for ; s.at < len(s.text) && s.text[s.at] != '"'; s.at++ {
		if s.text[s.at] == '\\' {
			s.at++
		}
	}
	if s.at >= len(s.text) {
		s.at, s.bad = len(s.text), true
		return ""
	}
	s.at++
	var out string
	if json.Unmarshal([]byte(s.text[start-1:s.at]), &out) != nil {
		s.bad = true
	}
	return out
}

// strings reads an array and returns the strings in it.
func (s *scanner) strings() []string {
	var list []string
	s.require('[')
	for !s.bad && !s.take(']') {
		if s.peek() == '"' {
			list = append(list, s.string())
		} else {
			s.skip(0)
		}
		if !s.take(',') && s.peek() != ']' {
			s.bad = true
		}
	}
	return list
}

// word reads a number or a literal.
func (s *scanner) word() string {
	start := s.at
	for s.at < len(s.text) && (isWord(s.text[s.at]) || strings.IndexByte("+-.", s.text[s.at]) >= 0) {
		s.at++
	}
	if s.at == start {
		s.bad = true
	}
	return s.text[start:s.at]
}

// SQLite nests JSON no deeper than this (sqlite.org/json1.html, "1000 levels").
const maxDepth = 1000

// skip passes over any value.
func (s *scanner) skip(depth int) {
	switch c := s.peek(); {
	case depth > maxDepth:
		s.bad = true
	case c == '"':
		s.string()
	case c == '{' || c == '[':
		s.skipNested(depth, c+2) // ASCII: the closing bracket of either kind is two after the opening one
	default:
		s.word()
	}
}

func (s *scanner) skipNested(depth int, closing byte) {
	s.at++
	for !s.bad && !s.take(closing) {
		s.skip(depth + 1)
		if closing == '}' {
			s.require(':')
			s.skip(depth + 1)
		}
		if !s.take(',') && s.peek() != closing {
			s.bad = true
		}
	}
}
