package main

import (
	"fmt"
	"strings"

	"assetgraph/internal/executor"
)

// pinnedQuery returns the Cypher, in several short lines, that shows which relationships of others keep entities from
// being deleted, "" where none do.
func pinnedQuery(w executor.Withheld) string {
	if !strings.HasSuffix(w.Reason, executor.Pinned) || len(w.Examples) == 0 || strings.Contains(w.Examples[0], "|") {
		return ""
	}
	return fmt.Sprintf(`
      MATCH (e:Entity {_key: "%s"})-[r]-(o)
      WHERE r._key IS NULL OR r._integration IS NULL
      RETURN type(r), labels(o), o`, w.Examples[0])
}
