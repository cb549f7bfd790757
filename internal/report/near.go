package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// An UnknownError says that nothing has the given name.
type UnknownError struct {
	Kind string // of what was asked for: organization, question
	Name string
	Near []string // names that are like it, best first; all of few
}

// Error names what is like it.
func (e *UnknownError) Error() string {
	text := fmt.Sprintf("there is no %s %s", e.Kind, e.Name)
	if len(e.Near) > 0 {
		text += "; near it: " + strings.Join(e.Near, ", ")
	}
	return text
}

// nearest returns at most five of the names, those that need the fewest changes to become the given one first; one that contains it
// needs none.
func nearest(name string, names []string) []string {
	const most = 5
	name = strings.ToLower(name)
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	far := make(map[string]int, len(names))
	for _, n := range names {
		lower := strings.ToLower(n)
		if far[n] = distance(name, lower); strings.Contains(lower, name) {
			far[n] = 0
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
