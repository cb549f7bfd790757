package sqlite

import (
	"context"
	"database/sql/driver"
	"encoding/hex"
	"errors"
	"iter"

	"modernc.org/sqlite"

	"assetgraph/graph"
)

// errStopped ends a query whose reader has seen enough.
var errStopped = errors.New("the reader stopped")

// Query implements graph.Querier. It takes one statement that reads: SELECT, WITH, VALUES, or EXPLAIN of one of those. The
// statement runs, on a connection that can't write, when its rows are read; a blob comes back as hexadecimal
// text.
func (s *Store) Query(ctx context.Context, text string) (*graph.Rows, error) {
	err := checkQuery(text)
	if err != nil {
		return nil, s.failed("query", err)
	}
	var columns []string
	err = s.withQueryConn(ctx, func(c *conn) error {
		columns, err = c.columns(text)
		return err
	})
	if err != nil {
		return nil, s.failed("query", err)
	}
	return &graph.Rows{Columns: columns, Rows: s.answer(ctx, text)}, nil
}

func (s *Store) answer(ctx context.Context, text string) iter.Seq2[[]any, error] {
	if s.pool.inMemory() {
		return s.answerFromMemory(ctx, text)
	}
	return func(yield func([]any, error) bool) {
		err := s.withQueryConn(ctx, func(c *conn) error {
			return c.query(ctx, func(columns []driver.Value) error {
				if !yield(answerRow(columns), nil) {
					return errStopped
				}
				return ctx.Err()
			}, text)
		})
		if err != nil && !errors.Is(err, errStopped) {
			yield(nil, s.failed("query", err))
		}
	}
}

// answerFromMemory reads all rows first, so that the only connection is free while they are yielded.
func (s *Store) answerFromMemory(ctx context.Context, text string) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		var rows [][]any
		err := s.withQueryConn(ctx, func(c *conn) error {
			return c.query(ctx, func(columns []driver.Value) error {
				rows = append(rows, answerRow(columns))
				return nil
			}, text)
		})
		for _, r := range rows {
			if err != nil || !yield(r, nil) {
				break
			}
		}
		if err != nil {
			yield(nil, s.failed("query", err))
		}
	}
}

// withQueryConn calls f with a connection that can't write: one of its own, so that nothing of a query stays behind. A graph in
// memory lends the only one that it has.
func (s *Store) withQueryConn(ctx context.Context, f func(*conn) error) error {
	if s.pool.inMemory() {
		return s.pool.write(ctx, func(c *conn) error {
			if err := c.pragma(ctx, "query_only=ON"); err != nil {
				return err
			}
			return errors.Join(f(c), c.pragma(context.WithoutCancel(ctx), "query_only=OFF"))
		})
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	c, err := connectReader(ctx, s.pool.querying())
	if err != nil {
		return err
	}
	return errors.Join(f(c), c.close())
}

// columns compiles the text and returns the names of its columns.
func (c *conn) columns(text string) ([]string, error) {
	describer, ok := c.driver.(interface {
		ColumnInfo(query string) ([]sqlite.ColumnInfo, error)
	})
	if !ok {
		return nil, errors.New("the SQLite driver does not describe columns")
	}
	info, err := describer.ColumnInfo(text)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(info))
	for i := range info {
		names[i] = info[i].Name
	}
	return names, nil
}

func answerRow(columns []driver.Value) []any {
	out := make([]any, len(columns))
	for i, v := range columns {
		if b, ok := v.([]byte); ok {
			v = hex.EncodeToString(b)
		}
		out[i] = v
	}
	return out
}
