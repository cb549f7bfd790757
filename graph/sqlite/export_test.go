package sqlite

import (
	"strings"

	"assetgraph/graph"
)

// HeaderQueries returns the texts that read the headers of the types, ready for EXPLAIN.
func HeaderQueries(types ...*graph.Type) []string {
	var out []string
	for _, t := range types {
		text := pageQuery(t, headerColumns)
		for _, placeholder := range []string{"?1", "?2", "?3", "?4"} {
			text = strings.ReplaceAll(text, placeholder, "'1'")
		}
		out = append(out, text)
	}
	return out
}
