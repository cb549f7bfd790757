package sqlite

import (
	"context"
	"errors"
	"fmt"
	"strings"

	sqlite3 "modernc.org/sqlite/lib"

	"assetgraph/graph"
)

// A Check says how thoroughly Open looks for damage in the file. A run compares by the indexes alone: without a look at
// the pages of the rows it would go on for months over a file that has lost them.
type Check uint8

// The checks. With 100,000 machines, in 800 MB, the first takes about half a second and the second six.
const (
	Unchecked Check = iota
	Pages           // every page of tables and indexes is one, and both hold as many rows
	Whole           // and every row is whole and in its indexes
)

func (k Check) run(ctx context.Context, c *conn) error {
	switch k {
	case Pages:
		return checkPages(ctx, c)
	case Whole:
		return checkWhole(ctx, c)
	case Unchecked:
	}
	return nil
}

// checkPages counts the rows of each table along its pages and along those of each of its indexes, all in one state of
// the graph.
func checkPages(ctx context.Context, c *conn) error {
	byTable := map[string][]string{}
	var tables []string
	err := c.query(ctx, func(columns []any) error {
		table, index := textOf(columns[0]), textOf(columns[1])
		if byTable[table] == nil {
			tables = append(tables, table)
			byTable[table] = []string{countOf(table, " NOT INDEXED")}
		}
		if index != "" {
			byTable[table] = append(byTable[table], countOf(table, " INDEXED BY "+quoteName(index)))
		}
		return nil
	}, `SELECT t.name, i.name FROM sqlite_schema t LEFT JOIN sqlite_schema i ON i.tbl_name = t.name AND i.type = 'index'
		WHERE t.type = 'table' AND t.name LIKE 'graph\_%' ESCAPE '\' AND (i.sql IS NULL OR i.sql NOT LIKE '% WHERE %')`)
	if err != nil {
		return damaged(err)
	}
	var counts []string
	for _, table := range tables {
		counts = append(counts, byTable[table]...)
	}
	if len(counts) == 0 {
		return nil
	}
	return damaged(c.query(ctx, func(columns []any) error {
		for _, table := range tables {
			for i := range byTable[table] {
				if columns[i] != columns[0] {
					return fmt.Errorf("%w: %s holds %v rows and one of its indexes %v", graph.ErrDamaged, table,
						columns[0], columns[i])
				}
			}
			columns = columns[len(byTable[table]):]
		}
		return nil
	}, "SELECT "+strings.Join(counts, ", ")))
}

func countOf(table, how string) string {
	return "(SELECT count(*) FROM " + quoteName(table) + how + ")"
}

// checkWhole lets SQLite read everything.
func checkWhole(ctx context.Context, c *conn) error {
	return damaged(c.query(ctx, func(columns []any) error {
		if word := textOf(columns[0]); word != "ok" {
			return fmt.Errorf("%w: %s", graph.ErrDamaged, word)
		}
		return nil
	}, "PRAGMA integrity_check(1)"))
}

// damaged turns SQLite's word for a damaged file into the contract's.
func damaged(err error) error {
	if hasCode(err, sqlite3.SQLITE_CORRUPT) && !errors.Is(err, graph.ErrDamaged) {
		return fmt.Errorf("%w: %w", graph.ErrDamaged, err)
	}
	return err
}
