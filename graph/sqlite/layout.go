package sqlite

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"assetgraph/graph"
)

// The tables. Each has one index that answers everything asked by key, and holds what the differ compares, so that
// headers are read without touching the rows themselves; that keys are unique is seen to by Apply, under the write
// lock. Entities are found by key alone: keys of one scope lie side by side. Relationships refer to their ends by
// number, which keeps the indexes on both small (lateIndexes).
func tables() []string {
	return []string{
		`CREATE TABLE graph_scope (
			id INTEGER PRIMARY KEY,
			type TEXT NOT NULL,
			instance TEXT NOT NULL,
			UNIQUE (type, instance))`,
		`CREATE TABLE graph_entity (
			id INTEGER PRIMARY KEY,
			scope INTEGER NOT NULL REFERENCES graph_scope,
			key TEXT NOT NULL,
			digest BLOB NOT NULL,
			volatile BLOB NOT NULL,
			created INTEGER NOT NULL,
			updated INTEGER NOT NULL,
			properties TEXT NOT NULL)`,
		`CREATE INDEX graph_entity_key ON graph_entity (key, scope, digest, volatile)`,
		`CREATE TABLE graph_relationship (
			id INTEGER PRIMARY KEY,
			scope INTEGER NOT NULL REFERENCES graph_scope,
			key TEXT NOT NULL,
			from_id INTEGER NOT NULL REFERENCES graph_entity,
			to_id INTEGER NOT NULL REFERENCES graph_entity,
			digest BLOB NOT NULL,
			volatile BLOB NOT NULL,
			created INTEGER NOT NULL,
			updated INTEGER NOT NULL,
			properties TEXT NOT NULL)`,
		`CREATE INDEX graph_relationship_key ON graph_relationship (scope, key, digest, volatile)`,
		`CREATE TABLE graph_run (
			id TEXT PRIMARY KEY,
			started INTEGER NOT NULL,
			finished INTEGER,
			status TEXT NOT NULL,
			version TEXT NOT NULL,
			report TEXT)`,
		`CREATE TABLE graph_lease (
			instance TEXT PRIMARY KEY,
			holder TEXT NOT NULL,
			epoch INTEGER NOT NULL,
			acquired INTEGER NOT NULL,
			expires INTEGER NOT NULL)`,
	}
}

// statistics tells SQLite's planner what the tables will be like (sqlite.org/optoverview.html, "Manual Control"): keys
// are unique, a scope is large, a relationship's ends are the way to it. Without, the planner takes all indexes for
// alike, and reads a whole scope to find the relationships of one entity. ANALYZE replaces the figures by real ones of
// the same kind.
func statistics() []string {
	return []string{
		"ANALYZE",
		"DELETE FROM sqlite_stat1",
		`INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
			('graph_scope', 'sqlite_autoindex_graph_scope_1', '40 2 1'),
			('graph_entity', 'graph_entity_key', '1000000 1 1 1 1'),
			('graph_relationship', 'graph_relationship_key', '2000000 100000 1 1 1'),
			('graph_relationship', 'graph_relationship_from', '2000000 4'),
			('graph_relationship', 'graph_relationship_to', '2000000 4')`,
	}
}

// reserved begins the names of the tables and indexes, and so can't begin a type's.
const reserved = "graph_"

func checkNames(schema *graph.Schema) error {
	for _, t := range schema.Types() {
		if lower := strings.ToLower(t.Name); strings.HasPrefix(lower, reserved) || strings.HasPrefix(lower, "sqlite_") {
			return fmt.Errorf("type %s: names of types must not begin with %s or sqlite_", t.Name, reserved)
		}
		for _, v := range ownViews() {
			if strings.EqualFold(t.Name, v.name) {
				return fmt.Errorf("type %s: the view of that name shows %s", t.Name, v.name)
			}
		}
	}
	return nil
}

// layOut creates the tables in an empty database, and brings the views of any up to date. It takes the write lock only
// when there is something to write.
func layOut(ctx context.Context, c *conn, schema *graph.Schema) error {
	empty, err := isEmpty(ctx, c)
	if err != nil {
		return err
	}
	current := false
	if !empty {
		if err := checkFormat(ctx, c); err != nil {
			return err
		}
		if current, err = isCurrent(ctx, c); err != nil {
			return err
		}
	}
	stale, err := staleViews(ctx, c, schema)
	if err != nil {
		return err
	}
	if !current || len(stale) > 0 {
		if err := c.transaction(ctx, func() error { return build(ctx, c, schema) }); err != nil {
			return err
		}
	}
	return useWAL(ctx, c)
}

// build looks again, now that nobody else writes, and creates what lacks. What marks the file as the program's own is
// written together with the tables, so that a crash leaves either both or an empty file.
func build(ctx context.Context, c *conn, schema *graph.Schema) error {
	empty, err := isEmpty(ctx, c)
	if err != nil {
		return err
	}
	if !empty {
		if err := checkFormat(ctx, c); err != nil {
			return err
		}
		if err := upgrade(ctx, c); err != nil {
			return err
		}
	} else if err := create(ctx, c); err != nil {
		return err
	}
	stale, err := staleViews(ctx, c, schema)
	if err != nil {
		return err
	}
	for _, v := range stale {
		if _, err := c.exec(ctx, "DROP VIEW IF EXISTS "+quoteName(v.name)); err != nil {
			return err
		}
		if _, err := c.exec(ctx, v.definition); err != nil {
			return fmt.Errorf("view %s: %w", v.name, err)
		}
	}
	return nil
}

func create(ctx context.Context, c *conn) error {
	return execute(ctx, c, slices.Concat(tables(), statistics(),
		[]string{fmt.Sprintf("PRAGMA application_id=%d", applicationID)}, bookkeeping(), changeLog(),
		findingBook(), figureBook()))
}

// isCurrent reports whether the graph has all tables and columns of this version.
func isCurrent(ctx context.Context, c *conn) (bool, error) {
	if sealed, err := hasSeals(ctx, c); !sealed || err != nil {
		return false, err
	}
	if logged, err := hasChangeLog(ctx, c); !logged || err != nil {
		return false, err
	}
	if found, err := hasFindings(ctx, c); !found || err != nil {
		return false, err
	}
	return hasFigures(ctx, c)
}

// upgrade brings a graph of an earlier format to this one.
func upgrade(ctx context.Context, c *conn) error {
	sealed, err := hasSeals(ctx, c)
	if err == nil && !sealed {
		err = execute(ctx, c, bookkeeping())
	}
	if err != nil {
		return err
	}
	return execute(ctx, c, slices.Concat(changeLog(), findingBook(), figureBook()))
}

func execute(ctx context.Context, c *conn, statements []string) error {
	for _, text := range statements {
		if _, err := c.exec(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

func isEmpty(ctx context.Context, c *conn) (bool, error) {
	n, err := c.integer(ctx, "SELECT count(*) FROM sqlite_schema")
	if err != nil || n > 0 {
		return false, err
	}
	id, err := c.integer(ctx, "PRAGMA application_id")
	return id == 0, err
}

// useWAL lets readers and a writer work side by side. The mode stays with the file; a file system that can't do it
// keeps the mode that it has.
func useWAL(ctx context.Context, c *conn) error {
	var mode string
	read := func(columns []any) error { mode = textOf(columns[0]); return nil }
	if err := c.query(ctx, read, "PRAGMA journal_mode"); err != nil || mode == "wal" || mode == "memory" {
		return err
	}
	return c.pragma(ctx, "journal_mode=WAL")
}
