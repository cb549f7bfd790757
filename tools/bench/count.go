package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"assetgraph/converters"
	"assetgraph/graph"
	"assetgraph/graph/sqlite"
)

// changedInFile counts the rows of an embedded graph that were created or updated since then, without the program's
// bookkeeping.
func (s *session) changedInFile(ctx context.Context, file string, since time.Time) (int, error) {
	store, err := sqlite.Open(ctx, file, s.schema, sqlite.Options{ReadOnly: true})
	if err != nil {
		return 0, err
	}
	defer func() { _ = store.Close() }() // it was only read
	return count(ctx, store, fmt.Sprintf(`SELECT
		(SELECT count(*) FROM graph_entity e JOIN graph_scope s ON s.id = e.scope WHERE e.updated >= %d AND s.type <> '%s') +
		(SELECT count(*) FROM graph_relationship WHERE updated >= %d)`, since.UnixMilli(),
		converters.IntegrationType().Name, since.UnixMilli()))
}

// changedStatements are the same for Neo4j, one for nodes and one for relationships.
func changedStatements(since time.Time) []string {
	after := fmt.Sprintf("_updatedOn >= datetime({epochMillis: %d})", since.UnixMilli())
	return []string{
		"MATCH (n:Entity) WHERE n." + after + " AND n._type <> '" + converters.IntegrationType().Name +
			"' RETURN count(n)",
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
