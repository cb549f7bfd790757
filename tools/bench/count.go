package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"assetgraph/converters"
	"assetgraph/graph"
)

// changedStatements count the elements that were created or updated since then, without the program's bookkeeping: one
// statement for nodes and one for relationships.
func changedStatements(store string, since time.Time) []string {
	bookkeeping, at := converters.IntegrationType().Name, since.UnixMilli()
	if store == sqliteStore {
		return []string{
			fmt.Sprintf("SELECT count(*) FROM graph_entity e JOIN graph_scope s ON s.id = e.scope "+
				"WHERE e.updated >= %d AND s.type <> '%s'", at, bookkeeping),
			fmt.Sprintf("SELECT count(*) FROM graph_relationship WHERE updated >= %d", at),
		}
	}
	after := fmt.Sprintf("_updatedOn >= datetime({epochMillis: %d})", at)
	return []string{
		"MATCH (n:Entity) WHERE n." + after + " AND n._type <> '" + bookkeeping + "' RETURN count(n)",
		"MATCH ()-[r]->() WHERE r._key IS NOT NULL AND r." + after + " RETURN count(r)",
	}
}

func count(ctx context.Context, store graph.Querier, text string) (int, error) {
	v, err := single(ctx, store, text)
	n, ok := v.(int64)
	if err == nil && !ok {
		err = fmt.Errorf("%T where a number belongs", v)
	}
	return int(n), err
}

// single answers a question with one value.
func single(ctx context.Context, store graph.Querier, text string) (any, error) {
	answer, err := store.Query(ctx, text)
	if err != nil {
		return nil, err
	}
	for row, err := range answer.Rows {
		if err != nil {
			return nil, err
		}
		return row[0], nil
	}
	return nil, errors.New("no answer to " + text)
}
