package immybot

import (
	"strconv"
	"strings"

	"assetgraph/graph"
)

// text takes the collector's own string types.
func text[S ~string](s S) graph.Value { return graph.TextOf(string(s)) }

// reference returns the id of another record, "" for none: the provider's ids begin with 1.
func reference(n int64, set bool) string {
	if !set || n <= 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// first returns the first value that is there.
func first(values ...graph.Value) graph.Value {
	for _, v := range values {
		if !v.IsAbsent() {
			return v
		}
	}
	return graph.Value{}
}

// personName splits a full name: "given family", where further words are of the family name, or "family, given". One
// word alone is neither.
func personName(full string) (given, family string) {
	if before, after, ok := strings.Cut(full, ","); ok {
		return strings.TrimSpace(after), strings.TrimSpace(before)
	}
	words := strings.Fields(full)
	if len(words) < 2 {
		return "", ""
	}
	return words[0], strings.Join(words[1:], " ")
}
