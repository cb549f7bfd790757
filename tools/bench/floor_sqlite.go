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

// rows are the rows of one table, as the parameters of the statement that inserts one.
type rows struct {
	filling
	values [][]driver.NamedValue
}

// A filling says how the rows of a table are read, and how one of them is inserted.
type filling struct {
	read, insert string
	named        bool // the first column is the number of what the second names
	ends         int  // so many columns, the first ones, name what was named so; their numbers are inserted
}

// fillings are in the order in which the tables are filled. Whoever has the keys of a relationship's ends must find their
// numbers, and does so the quickest by remembering those of all entities.
func fillings() []filling {
	return []filling{
		{read: "SELECT * FROM graph_scope ORDER BY id", insert: "INSERT INTO graph_scope VALUES ("},
		{
			read:   "SELECT id, key, scope, digest, volatile, created, updated, properties FROM graph_entity ORDER BY id",
			insert: "INSERT INTO graph_entity (id, key, scope, digest, volatile, created, updated, properties) VALUES (",
			named:  true,
		},
		{
			read: `SELECT f.key, t.key, r.id, r.scope, r.key, r.digest, r.volatile, r.created, r.updated, r.properties
				FROM graph_relationship r JOIN graph_entity f ON f.id = r.from_id JOIN graph_entity t ON t.id = r.to_id
				ORDER BY r.id`,
			insert: `INSERT INTO graph_relationship
				(from_id, to_id, id, scope, key, digest, volatile, created, updated, properties) VALUES (`,
			ends: 2,
		},
	}
}

// lateIndexes are those that cost less when they are built at the end.
const lateIndexes = "('graph_relationship_from', 'graph_relationship_to')"

// loadSQLite makes the same tables in a new file, runs a prepared INSERT for each row, and ends with the indexes that
// nothing needs before. Rows are in memory before the clock starts.
func loadSQLite(ctx context.Context, in sqliteInput) (work, error) {
	source, err := openSQLite("file:" + in.From + "?mode=ro")
	if err != nil {
		return work{}, err
	}
	defer func() { _ = source.Close() }() // it was only read
	var all []rows
	for _, t := range fillings() {
		values, err := query(ctx, source, t.read)
		if err != nil {
			return work{}, err
		}
		if len(values) > 0 {
			t.insert += "?" + strings.Repeat(", ?", len(values[0])-1) + ")"
			all = append(all, rows{t, values})
		}
	}
	late, err := query(ctx, source, "SELECT sql FROM sqlite_schema WHERE name IN "+lateIndexes)
	if err != nil {
		return work{}, err
	}
	target, err := layOutSQLite(ctx, source, in.To)
	if err != nil {
		return work{}, err
	}
	began := time.Now()
	n, err := insertAll(ctx, target, all)
	for _, row := range late {
		if err == nil {
			err = exec1(ctx, target, fmt.Sprint(row[0].Value))
		}
	}
	done := work{Seconds: time.Since(began).Seconds(), Rows: n}
	return done, errors.Join(err, target.Close(), os.Remove(in.To))
}

func openSQLite(name string) (driver.Conn, error) { return new(sqlite.Driver).Open(name) }

// layOutSQLite makes a new file with the tables, early indexes and page size of the source, and the settings that the store
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
	layout, err := query(ctx, source, "SELECT sql FROM sqlite_schema WHERE type IN ('table', 'index') AND sql IS NOT NULL AND name NOT LIKE 'sqlite_%' AND name NOT IN "+
		lateIndexes+" ORDER BY type DESC")
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

func insertAll(ctx context.Context, c driver.Conn, all []rows) (n int, err error) {
	numbers := map[string]driver.Value{}
	for _, t := range all {
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
				if t.named {
					numbers[row[1].Value.(string)] = row[0].Value
				}
				for i := range t.ends {
					row[i].Value = numbers[row[i].Value.(string)]
				}
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
