package neo4j

import (
	"context"
	"fmt"
	"iter"
	"time"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"assetgraph/graph"
)

// Query runs a text of Cypher in a transaction for reading; the server itself refuses one that would write. The rows
// must be read, at least the first of them: until then the transaction is open. Nodes and relationships come as maps of
// their properties, with "_labels" and "_verb" beside them, and a path as the list of both in turn.
func (s *Store) Query(ctx context.Context, text string) (*graph.Rows, error) {
	session := s.session(ctx, driver.AccessModeRead)
	rows, err := s.query(ctx, session, text)
	if err != nil {
		_ = session.Close(context.WithoutCancel(ctx)) // the first error says more
		return nil, fmt.Errorf("neo4j: query: %w", ended(ctx, err))
	}
	return rows, nil
}

func (s *Store) query(ctx context.Context, session driver.SessionWithContext, text string) (*graph.Rows, error) {
	tx, err := session.BeginTransaction(ctx, untilDeadline(ctx)...)
	if err != nil {
		return nil, err
	}
	result, err := tx.Run(ctx, text, nil)
	if err != nil {
		return nil, err
	}
	columns, err := result.Keys()
	if err != nil {
		return nil, err
	}
	result.Peek(ctx) // what the server refuses while it runs the text is an error here; Err tells
	if err := result.Err(); err != nil {
		return nil, err
	}
	return &graph.Rows{Columns: columns, Rows: stream(ctx, session, result)}, nil
}

// untilDeadline has the server itself end the transaction soon after the context: it may go on for long before it hears
// that nobody listens any more.
func untilDeadline(ctx context.Context) []func(*driver.TransactionConfig) {
	end, ok := ctx.Deadline()
	if !ok {
		return nil
	}
	return []func(*driver.TransactionConfig){driver.WithTxTimeout(max(time.Second, time.Until(end)+time.Second))}
}

func stream(
	ctx context.Context, session driver.SessionWithContext, result driver.ResultWithContext,
) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		defer func() { _ = session.Close(context.WithoutCancel(ctx)) }() // rolls back what only read
		for result.Next(ctx) {
			row := result.Record().Values
			for i, v := range row {
				row[i] = rowValue(v)
			}
			if !yield(row, nil) {
				return
			}
		}
		if err := result.Err(); err != nil {
			yield(nil, fmt.Errorf("neo4j: query: %w", ended(ctx, err)))
		}
	}
}
