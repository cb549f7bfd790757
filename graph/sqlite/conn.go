package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"assetgraph/internal/panics"
)

// conn is a connection while somebody has it, one goroutine at a time, with the statements that were prepared
// meanwhile.
type conn struct {
	sql        *sql.Conn
	statements map[string]*sql.Stmt
}

// use calls f with a connection of db's.
func use(ctx context.Context, db *sql.DB, f func(*conn) error) (err error) {
	c := &conn{statements: map[string]*sql.Stmt{}}
	if err := patiently(ctx, func() (err error) { c.sql, err = db.Conn(ctx); return err }); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	return f(c)
}

// useAlone calls f with a connection that is opened for it.
func useAlone(ctx context.Context, dsn string, f func(*conn) error) (err error) {
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return use(ctx, db, f)
}

// close gives the connection back.
func (c *conn) close() error {
	var errs []error
	for _, st := range c.statements {
		errs = append(errs, st.Close())
	}
	return errors.Join(append(errs, c.sql.Close())...)
}

// prepare returns the statement of that text, which stays prepared until the connection is given back.
func (c *conn) prepare(ctx context.Context, text string) (*sql.Stmt, error) {
	if st := c.statements[text]; st != nil {
		return st, nil
	}
	st, err := c.sql.PrepareContext(ctx, text)
	if err == nil {
		c.statements[text] = st
	}
	return st, err
}

// exec runs a statement and returns how many rows it changed. With a context that can end, the driver starts a
// goroutine per call: statements of one row get context.Background and their loop looks at the context.
func (c *conn) exec(ctx context.Context, text string, args ...any) (int64, error) {
	result, err := c.result(ctx, text, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// result does what exec does, and returns all that the driver says of it.
func (c *conn) result(ctx context.Context, text string, args ...any) (sql.Result, error) {
	st, err := c.prepare(ctx, text)
	if err != nil {
		return nil, err
	}
	result, err := st.ExecContext(ctx, args...)
	return result, ended(ctx, err)
}

// query calls row with the columns of each row, which are valid until it returns.
func (c *conn) query(ctx context.Context, row func([]any) error, text string, args ...any) error {
	st, err := c.prepare(ctx, text)
	if err != nil {
		return err
	}
	var rows *sql.Rows
	err = patiently(ctx, func() (err error) {
		rows, err = st.QueryContext(ctx, args...)
		return err
	})
	if err != nil {
		return ended(ctx, err)
	}
	defer func() { _ = rows.Close() }() // when row panics; else they are closed already
	names, err := rows.Columns()
	columns, into := make([]any, len(names)), make([]any, len(names))
	for i := range columns {
		into[i] = &columns[i]
	}
	for err == nil && rows.Next() {
		if err = rows.Scan(into...); err == nil {
			err = row(columns)
		}
	}
	return ended(ctx, errors.Join(err, rows.Err(), rows.Close()))
}

// integer answers a query of one row with one integer; 0 when there is no row.
func (c *conn) integer(ctx context.Context, text string, args ...any) (n int64, err error) {
	err = c.query(ctx, func(columns []any) error {
		var ok bool
		if n, ok = columns[0].(int64); !ok {
			return fmt.Errorf("%T where an integer belongs", columns[0])
		}
		return nil
	}, text, args...)
	return n, err
}

// transaction runs f under SQLite's write lock, taken at once since a transaction that begins as a reader and turns
// writer fails where waiting would help, and commits unless f or the context ends in an error. It is no sql.Tx, which
// gives up when a commit meets another process's lock, where waiting helps too.
func (c *conn) transaction(ctx context.Context, f func() error) error {
	if err := patiently(ctx, func() error { return c.run("BEGIN IMMEDIATE") }); err != nil {
		return err
	}
	err := panics.Do(f) // whatever happens the connection is left without a transaction
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = patiently(ctx, func() error { return c.run("COMMIT") })
	}
	if err == nil {
		return nil
	}
	// After some errors SQLite has rolled back by itself, and then says that there is no transaction.
	if rollback := c.run("ROLLBACK"); rollback != nil && !isPlainError(rollback) {
		err = errors.Join(err, rollback)
	}
	return err
}

// run carries out a text once, whatever happens to the context meanwhile.
func (c *conn) run(text string) error {
	_, err := c.sql.ExecContext(context.Background(), text)
	return err
}

func (c *conn) pragma(ctx context.Context, text string) error {
	return patiently(ctx, func() error { return c.run("PRAGMA " + text) })
}

// How long a connection waits for a lock within one call, and in all, before it gives up.
const (
	busyTimeout = 250 * time.Millisecond
	busyPause   = 5 * time.Millisecond
	patience    = time.Minute
)

// patiently repeats what failed because another process holds the lock. SQLite's own waiting does not hear of the
// context, so it is kept short and repeated; where SQLite does not wait at all, the pause keeps this from spinning.
func patiently(ctx context.Context, f func() error) error {
	for end := time.Now().Add(patience); ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := f(); !isBusy(err) || time.Now().After(end) {
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(busyPause):
		}
	}
}

// integerOf and textOf read a column; zero for a value that the program did not write.
func integerOf(v any) int64 {
	n, _ := v.(int64)
	return n
}

func textOf(v any) string {
	s, _ := v.(string)
	return s
}

// ended returns the context's error for a statement that was interrupted by it.
func ended(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil && hasCode(err, sqlite3.SQLITE_INTERRUPT) {
		return ctx.Err()
	}
	return err
}

// hasCode compares primary result codes (sqlite.org/rescode.html).
func hasCode(err error, code int) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && e.Code()&0xff == code
}

func isBusy(err error) bool         { return hasCode(err, sqlite3.SQLITE_BUSY) }
func isPlainError(err error) bool   { return hasCode(err, sqlite3.SQLITE_ERROR) }
func isNotADatabase(err error) bool { return hasCode(err, sqlite3.SQLITE_NOTADB) }
