package graph

import (
	"slices"
	"strings"
)

// A Search is for entities of some types of which one of the named properties, a text or a list of texts, holds one of
// the parts. Of a text its ASCII letters and digits alone count, in any case.
type Search struct {
	Types      []*Type
	Properties []string
	Parts      []Part
}

// A Part is what a text is searched for.
type Part struct {
	Text   string // ASCII letters, in lower case, and digits; not empty
	Begins bool   // the text begins with it
	Ends   bool   // the text ends with it

	// Properties are those of the search's that matter, nil for all of them. A store that can't tell properties apart
	// yields what any of them holds.
	Properties []string
}

// In reports whether a text holds the part.
func (p Part) In(text string) bool {
	bare := strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, text)
	switch {
	case p.Begins && p.Ends:
		return bare == p.Text
	case p.Begins:
		return strings.HasPrefix(bare, p.Text)
	case p.Ends:
		return strings.HasSuffix(bare, p.Text)
	}
	return strings.Contains(bare, p.Text)
}

// Holds reports whether a text holds one of the parts.
func (s *Search) Holds(text string) bool {
	return slices.ContainsFunc(s.Parts, func(p Part) bool { return p.In(text) })
}

// Wants reports whether the key is one of an entity of the types.
func (s *Search) Wants(key Key) bool {
	typ := key.Scope().Type
	return slices.ContainsFunc(s.Types, func(t *Type) bool { return t.Name == typ })
}
