package sqlite

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"assetgraph/graph"
)

// errStopped ends a query whose reader has seen enough.
var errStopped = errors.New("the reader stopped")

// Query implements graph.Querier. It takes one statement that reads: SELECT, WITH, VALUES, or EXPLAIN of one of those.
// The statement runs, on a connection that can't write, when its rows are read; a blob comes back as hexadecimal text.
// What it sorts or collects lies on disk, and no value grows beyond longestValue.
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
	return &graph.Rows{
		Columns: columns, Kinds: kinds(ctx, s.schema, text, len(columns)), Rows: s.answer(ctx, text),
	}, nil
}

func (s *Store) answer(ctx context.Context, text string) iter.Seq2[[]any, error] {
	if s.pool.inMemory() {
		return s.answerFromMemory(ctx, text)
	}
	return func(yield func([]any, error) bool) {
		err := s.withQueryConn(ctx, func(c *conn) error {
			return c.query(ctx, func(columns []any) error {
				if !yield(answerRow(columns), nil) {
					return errStopped
				}
				return ctx.Err()
			}, text)
		})
		if err != nil && !errors.Is(err, errStopped) {
			yield(nil, s.failed("query", bounded(err)))
		}
	}
}

// answerFromMemory reads all rows first, so that the only connection is free while they are yielded.
func (s *Store) answerFromMemory(ctx context.Context, text string) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		var rows [][]any
		err := s.withQueryConn(ctx, func(c *conn) error {
			return c.query(ctx, func(columns []any) error {
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
			yield(nil, s.failed("query", bounded(err)))
		}
	}
}

// withQueryConn calls f with a connection that can't write: one of its own, so that nothing of a query stays behind. A
// graph in memory lends the only one that it has.
func (s *Store) withQueryConn(ctx context.Context, f func(*conn) error) error {
	if s.pool.inMemory() {
		return s.pool.write(ctx, func(c *conn) error {
			if err := c.pragma(ctx, "query_only=ON"); err != nil {
				return err
			}
			return errors.Join(f(c), c.pragma(context.WithoutCancel(ctx), "query_only=OFF"))
		})
	}
	return useAlone(ctx, forReading(s.pool.querying(), "temp_store=FILE"), func(c *conn) error {
		if _, err := sqlite.Limit(c.sql, sqlite3.SQLITE_LIMIT_LENGTH, longestValue); err != nil {
			return err
		}
		return f(c)
	})
}

// longestValue is how long a value, and a row, of a query may become.
const longestValue = 16 << 20

// bounded says which bound a query has met.
func bounded(err error) error {
	switch {
	case hasCode(err, sqlite3.SQLITE_TOOBIG):
		return fmt.Errorf("a value of the answer grows beyond %d MiB: %w", longestValue>>20, err)
	case hasCode(err, sqlite3.SQLITE_FULL):
		return fmt.Errorf("the answer needs more room for sorting and collecting than the disk of the temporary folder has: %w", err)
	}
	return err
}

// columns compiles the text and returns the names of its columns.
func (c *conn) columns(text string) ([]string, error) {
	info, err := c.describe(text)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(info))
	for i := range info {
		names[i] = info[i].Name
	}
	return names, nil
}

// describe compiles the text.
func (c *conn) describe(text string) (info []sqlite.ColumnInfo, err error) {
	err = c.sql.Raw(func(driverConn any) error {
		describer, ok := driverConn.(interface {
			ColumnInfo(query string) ([]sqlite.ColumnInfo, error)
		})
		if !ok {
			return errors.New("the SQLite driver does not describe columns")
		}
		info, err = describer.ColumnInfo(text)
		return err
	})
	return info, err
}

func answerRow(columns []any) []any {
	out := make([]any, len(columns))
	for i, v := range columns {
		if b, ok := v.([]byte); ok {
			v = hex.EncodeToString(b)
		}
		out[i] = v
	}
	return out
}
