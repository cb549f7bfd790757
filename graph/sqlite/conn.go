package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"assetgraph/internal/panics"
)

// conn is one connection with its prepared statements, for one goroutine at a time. It goes past database/sql, whose
// work per row costs as much as SQLite's own.
type conn struct {
	driver     driver.Conn
	statements map[string]*statement
	args       []driver.NamedValue
	closing    func() error // closes the driver's connection
}

type statement struct {
	driver.Stmt
	execer  driver.StmtExecContext
	queryer driver.StmtQueryContext
}

func connect(dsn string) (*conn, error) {
	d, err := new(sqlite.Driver).Open(dsn)
	if err != nil {
		return nil, err
	}
	return &conn{driver: d, statements: map[string]*statement{}, closing: d.Close}, nil
}

func (c *conn) close() error {
	var errs []error
	for _, st := range c.statements {
		errs = append(errs, st.Close())
	}
	return errors.Join(append(errs, c.closing())...)
}

// prepare returns the statement of that text, which stays prepared for as long as the connection lives.
func (c *conn) prepare(text string) (*statement, error) {
	if st := c.statements[text]; st != nil {
		return st, nil
	}
	prepared, err := c.driver.Prepare(text)
	if err != nil {
		return nil, err
	}
	st := &statement{Stmt: prepared}
	var canExec, canQuery bool
	st.execer, canExec = prepared.(driver.StmtExecContext)
	st.queryer, canQuery = prepared.(driver.StmtQueryContext)
	if !canExec || !canQuery {
		return nil, errors.Join(errors.New("the SQLite driver has no contexts"), prepared.Close())
	}
	c.statements[text] = st
	return st, nil
}

// forget closes the statement of that text, if it was prepared.
func (c *conn) forget(text string) error {
	st := c.statements[text]
	if st == nil {
		return nil
	}
	delete(c.statements, text)
	return st.Close()
}

func (c *conn) named(args []driver.Value) []driver.NamedValue {
	c.args = c.args[:0]
	for i, v := range args {
		c.args = append(c.args, driver.NamedValue{Ordinal: i + 1, Value: v})
	}
	return c.args
}

// exec runs a statement and returns how many rows it changed. With a context that can end, the driver starts a
// goroutine per call: statements of one row get context.Background and their loop looks at the context.
func (c *conn) exec(ctx context.Context, text string, args ...driver.Value) (int64, error) {
	st, err := c.prepare(text)
	if err != nil {
		return 0, err
	}
	result, err := st.execer.ExecContext(ctx, c.named(args))
	if err != nil {
		return 0, ended(ctx, err)
	}
	return result.RowsAffected()
}

// query calls row with the columns of each row, which are valid until it returns.
func (c *conn) query(ctx context.Context, row func([]driver.Value) error, text string, args ...driver.Value) error {
	st, err := c.prepare(text)
	if err != nil {
		return err
	}
	var rows driver.Rows
	err = patiently(ctx, func() (err error) {
		rows, err = st.queryer.QueryContext(ctx, c.named(args))
		return err
	})
	if err != nil {
		return ended(ctx, err)
	}
	columns := make([]driver.Value, len(rows.Columns()))
	for err == nil {
		if err = rows.Next(columns); err == nil {
			err = row(columns)
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return ended(ctx, errors.Join(err, rows.Close()))
}

// integer answers a query of one row with one integer; 0 when there is no row.
func (c *conn) integer(ctx context.Context, text string, args ...driver.Value) (n int64, err error) {
	err = c.query(ctx, func(columns []driver.Value) error {
		var ok bool
		if n, ok = columns[0].(int64); !ok {
			return fmt.Errorf("%T where an integer belongs", columns[0])
		}
		return nil
	}, text, args...)
	return n, err
}

// transaction runs f under SQLite's write lock, taken at once since a transaction that begins as a reader and turns
// writer fails where waiting would help, and commits unless f or the context ends in an error.
func (c *conn) transaction(ctx context.Context, f func() error) error {
	if err := patiently(ctx, func() error { return c.begin() }); err != nil {
		return err
	}
	err := panics.Do(f) // whatever happens the connection is left without a transaction
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = patiently(ctx, func() error { _, err := c.exec(context.Background(), "COMMIT"); return err })
	}
	if err == nil {
		return nil
	}
	// After some errors SQLite has rolled back by itself, and then says that there is no transaction.
	if _, rollback := c.exec(context.Background(), "ROLLBACK"); rollback != nil && !isPlainError(rollback) {
		err = errors.Join(err, rollback)
	}
	return err
}

func (c *conn) begin() error {
	_, err := c.exec(context.Background(), "BEGIN IMMEDIATE")
	return err
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
func integerOf(v driver.Value) int64 {
	n, _ := v.(int64)
	return n
}

func textOf(v driver.Value) string {
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
