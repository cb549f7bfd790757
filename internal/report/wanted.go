package report

import (
	"path"
	"slices"
	"strings"

	"assetgraph/graph"
)

// byKey is how a key matches.
const byKey = "key"

// leastPart is how many bytes of a name or number must be given to find it by a part: fewer are in everything.
const leastPart = 3

// How an entity is named by a text, the better the greater.
type match uint8

const (
	different match = iota
	partly          // by a part or by a pattern
	wholly          // by the value of a property
	byItsKey
)

// wanted is a text in the spellings in which an identifier may have it.
type wanted struct {
	text   string // as given
	folded string // lower case
	bare   string // letters and digits alone, lower case
	mac    string // of a MAC address, with colons; "" for what is none
	glob   string // folded for path.Match; "" for what is no pattern

	in  identifying // the properties that are looked at
	all []string    // all of them
}

func wantedOf(text string, in identifying) wanted {
	text = strings.TrimSpace(text)
	w := wanted{text: text, folded: strings.ToLower(text), bare: bare(text), in: in, all: in.all()}
	const digits = 12
	separated := strings.Trim(w.folded, "0123456789abcdef:-. ") == ""
	if len(w.bare) == digits && separated {
		var b strings.Builder
		for i := 0; i < digits; i += 2 {
			if i > 0 {
				b.WriteByte(':')
			}
			b.WriteString(w.bare[i : i+2])
		}
		w.mac = b.String()
	}
	if strings.ContainsAny(text, "*?[") {
		if _, err := path.Match(fold(text), ""); err == nil {
			w.glob = fold(text)
		}
	}
	return w
}

// literal returns the longest part of a pattern that stands for itself.
func (w wanted) literal() string {
	longest := ""
	rest := w.text
	for rest != "" {
		part := rest
		if i := strings.IndexAny(rest, "*?[\\"); i >= 0 {
			part, rest = rest[:i], rest[i:]
			if _, after, found := strings.Cut(rest, "]"); rest[0] == '[' && found {
				rest = after
			} else {
				rest = rest[1:]
			}
		} else {
			rest = ""
		}
		if len(bare(part)) > len(bare(longest)) {
			longest = part
		}
	}
	return longest
}

// search returns what to look for: parts of names and of serial numbers, and of everything else, and for too short a
// text, all of a value.
func (w wanted) search() search {
	if w.glob != "" {
		return search{texts: []sought{{text: w.literal()}}, in: w.in}
	}
	whole := slices.Concat(w.in.names[:1], w.in.codes)
	if w.mac != "" {
		whole = append(whole, w.in.macs...)
	}
	return search{in: w.in, texts: []sought{
		{text: w.text, in: slices.Concat(w.in.names[1:], w.in.serials), whole: len(w.text) < leastPart},
		{text: w.text, in: whole, whole: true},
	}}
}

// bare returns the ASCII letters and digits of s in lower case.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, s)
}

// match says whether and by what an entity is named by the text: the first identifying property that fits best.
func (w wanted) match(e *graph.Element) (match, string) {
	if string(e.Key) == w.text {
		return byItsKey, byKey
	}
	if p := w.first(e, w.all, w.is); p != "" {
		return wholly, p
	}
	if w.glob != "" {
		if p := w.first(e, w.all, func(_, v string) bool { return glob(w.glob, v) }); p != "" {
			return partly, p
		}
		return different, ""
	}
	if p := w.first(e, w.in.names[1:], func(_, v string) bool {
		return len(w.text) >= leastPart && strings.Contains(strings.ToLower(v), w.folded)
	}); p != "" {
		return partly, "part of " + p
	}
	if p := w.first(e, w.in.serials,
		func(_, v string) bool { return len(w.bare) >= leastPart && strings.Contains(bare(v), w.bare) }); p != "" {
		return partly, "part of " + p
	}
	return different, ""
}

func (w wanted) first(e *graph.Element, properties []string, fits func(property, value string) bool) string {
	for _, p := range properties {
		if e.Type.Property(p) == nil {
			continue
		}
		if slices.ContainsFunc(textsIn(e.Get(p)), func(v string) bool { return fits(p, v) }) {
			return p
		}
	}
	return ""
}

// textsIn returns the texts of a property, one or many.
func textsIn(v graph.Value) []string {
	switch {
	case v.Kind() == graph.Texts:
		return v.List()
	case v.Kind() == graph.Text && v.Text() != "":
		return []string{v.Text()}
	}
	return nil
}

// is reports whether a value is the text in one of its spellings.
func (w wanted) is(property, value string) bool {
	switch {
	case property == "id":
		return value == w.text
	case slices.Contains(w.in.macs, property):
		return w.mac != "" && value == w.mac
	case slices.Contains(w.in.serials, property), slices.Contains(w.in.codes, property):
		return w.bare != "" && bare(value) == w.bare
	}
	return strings.EqualFold(value, w.text)
}
