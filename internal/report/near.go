package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"assetgraph/internal/plaintext"
)

// An UnknownError says that nothing has the given name.
type UnknownError struct {
	Kind string // of what was asked for: organization, question
	Name string
	Near []string // names that are like it, best first; all of few
}

// Error names what is like it.
func (e *UnknownError) Error() string {
	text := fmt.Sprintf("there is no %s %s", e.Kind, short(e.Name))
	if len(e.Near) > 0 {
		text += "; did you mean " + List(e.Near) + "?"
	}
	return text
}

// List writes names as "a, b or c".
func List(names []string) string {
	list := make([]string, len(names))
	for i, n := range names {
		list[i] = short(n)
	}
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " or " + list[len(list)-1]
}

// short returns a text that people or products gave at a length that a message can bear.
func short(s string) string {
	const most = 80 // characters
	n := 0
	for i := range s {
		if n++; n > most {
			return s[:i] + "…"
		}
	}
	return s
}

// Nearest returns at most five of the names, those first of which the whole or a word needs the fewest changes to
// become the given one; one that contains it needs none.
func Nearest(name string, names []string) []string {
	const most = 5
	given := name
	name = strings.ToLower(name)
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	far := make(map[string][2]int, len(names)) // in any case, and in the given one
	for _, n := range names {
		far[n] = [2]int{changes(name, strings.ToLower(n)), plaintext.Distance(short(given), short(n))}
	}
	slices.SortStableFunc(names, func(a, b string) int {
		x, y := far[a], far[b]
		return cmp.Or(cmp.Compare(x[0], y[0]), cmp.Compare(x[1], y[1]))
	})
	return names[:min(len(names), most)]
}

// changes is how many changes make the name, or a word of it, what was given; of long texts the beginning counts.
func changes(given, name string) int {
	if strings.Contains(name, given) {
		return 0
	}
	given, name = short(given), short(name)
	least := plaintext.Distance(given, name)
	for word := range strings.FieldsFuncSeq(name,
		func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) }) {
		least = min(least, plaintext.Distance(given, word)+1) // the rest is one change
	}
	return least
}

// like returns those of the nearest names that need few changes.
func like(name string, names []string) []string {
	return slices.DeleteFunc(Nearest(name, names), func(n string) bool {
		return plaintext.Distance(strings.ToLower(name), strings.ToLower(n)) > max(2, len(name)/3)
	})
}
