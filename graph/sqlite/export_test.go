package sqlite

import (
	"context"
	"strings"

	"assetgraph/graph"
)

// QueryTempStore returns where a connection for a query puts what it sorts: 1 is a file.
func (s *Store) QueryTempStore(ctx context.Context) (n int64, err error) {
	err = s.withQueryConn(ctx, func(c *conn) error {
		n, err = c.integer(ctx, "PRAGMA temp_store")
		return err
	})
	return n, err
}

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
