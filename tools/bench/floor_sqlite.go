package main

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"modernc.org/sqlite"
)

// sqliteInput names the graph whose rows are written again, and the file that they are written to.
type sqliteInput struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// sqliteBatch is how many rows one transaction writes.
const sqliteBatch = 10_000

// rows are the rows of one table, with keys in place of the numbers of a relationship's ends.
type rows struct {
	insert string
	values [][]driver.NamedValue
}

// loadSQLite makes the same tables and indexes in a new file and runs a prepared INSERT for each row, which looks up the
// ends of a relationship by their keys: nobody knows their numbers beforehand. Rows are in memory before the clock
// starts.
func loadSQLite(ctx context.Context, in sqliteInput) (work, error) {
	source, err := openSQLite("file:" + in.From + "?mode=ro")
	if err != nil {
		return work{}, err
	}
	defer func() { _ = source.Close() }() // it was only read
	var tables []rows
	for _, name := range []string{"graph_scope", "graph_entity", "graph_relationship"} {
		t, err := readTable(ctx, source, name)
		if err != nil {
			return work{}, err
		}
		tables = append(tables, t)
	}
	target, err := layOutSQLite(ctx, source, in.To)
	if err != nil {
		return work{}, err
	}
	began := time.Now()
	n, err := insertAll(ctx, target, tables)
	done := work{Seconds: time.Since(began).Seconds(), Rows: n}
	return done, errors.Join(err, target.Close(), os.Remove(in.To))
}

func readTable(ctx context.Context, c driver.Conn, name string) (t rows, err error) {
	columns, err := query(ctx, c, "SELECT name FROM pragma_table_info('"+name+"')")
	if err != nil {
		return t, err
	}
	var names, read, write []string
	for _, row := range columns {
		column := fmt.Sprint(row[0].Value)
		names = append(names, column)
		if column == "from_id" || column == "to_id" {
			read = append(read, "(SELECT key FROM graph_entity WHERE id = "+column+")")
			write = append(write, "(SELECT id FROM graph_entity WHERE key = ?)")
		} else {
			read, write = append(read, column), append(write, "?")
		}
	}
	t.insert = "INSERT INTO " + name + " (" + strings.Join(names, ", ") + ") VALUES (" + strings.Join(write, ", ") + ")"
	t.values, err = query(ctx, c, "SELECT "+strings.Join(read, ", ")+" FROM "+name+" ORDER BY id")
	return t, err
}

func openSQLite(name string) (driver.Conn, error) { return new(sqlite.Driver).Open(name) }

// layOutSQLite makes a new file with the tables, indexes and page size of the source, and the settings that the store
// writes with (graph/sqlite/pool.go).
func layOutSQLite(ctx context.Context, source driver.Conn, path string) (driver.Conn, error) {
	target, err := openSQLite("file:" + path)
	if err != nil {
		return nil, err
	}
	size, err := query(ctx, source, "PRAGMA page_size")
	if err != nil {
		return nil, err
	}
	texts := []string{
		fmt.Sprintf("PRAGMA page_size=%d", size[0][0].Value), "PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL",
		"PRAGMA temp_store=MEMORY",
		"PRAGMA cache_size=-32768", "PRAGMA wal_autocheckpoint=8192", "PRAGMA journal_size_limit=33554432",
	}
	layout, err := query(ctx, source, "SELECT sql FROM sqlite_schema WHERE type IN ('table', 'index') AND sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type DESC")
	if err != nil {
		return nil, err
	}
	for _, row := range layout {
		texts = append(texts, fmt.Sprint(row[0].Value))
	}
	for _, text := range texts {
		if err := exec1(ctx, target, text); err != nil {
			return nil, fmt.Errorf("%s: %w", text, err)
		}
	}
	return target, nil
}

func insertAll(ctx context.Context, c driver.Conn, tables []rows) (n int, err error) {
	for _, t := range tables {
		st, err := c.Prepare(t.insert)
		if err != nil {
			return n, err
		}
		insert := st.(driver.StmtExecContext)
		for part := range slices.Chunk(t.values, sqliteBatch) {
			if err := exec1(ctx, c, "BEGIN IMMEDIATE"); err != nil {
				return n, err
			}
			for _, row := range part {
				if _, err := insert.ExecContext(ctx, row); err != nil {
					return n, err
				}
			}
			if err := exec1(ctx, c, "COMMIT"); err != nil {
				return n, err
			}
			n += len(part)
		}
		if err := st.Close(); err != nil {
			return n, err
		}
	}
	return n, nil
}

func exec1(ctx context.Context, c driver.Conn, text string) error {
	_, err := c.(driver.ExecerContext).ExecContext(ctx, text, nil)
	return err
}

// query reads an answer whole, ready to be given to a statement.
func query(ctx context.Context, c driver.Conn, text string) (out [][]driver.NamedValue, err error) {
	answer, err := c.(driver.QueryerContext).QueryContext(ctx, text, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", text, err)
	}
	defer func() { err = errors.Join(err, answer.Close()) }()
	for columns := make([]driver.Value, len(answer.Columns())); ; {
		err := answer.Next(columns)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		row := make([]driver.NamedValue, len(columns))
		for i, v := range columns {
			if b, ok := v.([]byte); ok {
				v = slices.Clone(b) // valid until the next row
			}
			row[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
		}
		out = append(out, row)
	}
}
