package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
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

// Nearest returns at most five of the names, those first of which the whole or a word needs the fewest changes to become the given one;
// one that contains it needs none.
func Nearest(name string, names []string) []string {
	const most = 5
	name = strings.ToLower(name)
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	far := make(map[string]int, len(names))
	for _, n := range names {
		lower := strings.ToLower(n)
		if far[n] = distance(name, lower); strings.Contains(lower, name) {
			far[n] = 0
			continue
		}
		for word := range strings.FieldsFuncSeq(lower, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) }) {
			far[n] = min(far[n], distance(name, word)+1) // the rest is one change
		}
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(far[a], far[b]) })
	return names[:min(len(names), most)]
}

// distance is how many bytes must be put in, taken out or replaced to make b from a (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
