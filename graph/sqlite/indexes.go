package sqlite

import (
	"context"
	"errors"
	"fmt"

	"assetgraph/graph"
)

var _ graph.Indexer = (*Store)(nil)

// index is an index by its name, and the table and column that it is on.
type index struct{ name, on string }

// lateIndexes find relationships by their ends. They alone would be written all over the place while a first load
// inserts in the order of keys, each page of them again and again, and creating and updating never ask for them. So a
// new graph has none until BuildIndexes. That they lack stands in the file itself, as what its schema does not list.
func lateIndexes() []index {
	return []index{
		{"graph_relationship_from", "graph_relationship (from_id)"},
		{"graph_relationship_to", "graph_relationship (to_id)"},
	}
}

// isThere reports whether the graph has the index.
func (i index) isThere(ctx context.Context, c *conn) (bool, error) {
	n, err := c.integer(ctx, "SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND name = ?", i.name)
	return n > 0, err
}

// build creates the index when it lacks. What it sorts lies in files of the temporary folder, in runs as large as the
// cache: in memory it would be hundreds of megabytes for a million machines.
func (i index) build(ctx context.Context, c *conn) error {
	if there, err := i.isThere(ctx, c); there || err != nil {
		return err
	}
	rows, err := c.integer(ctx, "SELECT coalesce(max(id), 0) FROM graph_relationship")
	if err != nil {
		return err
	}
	pages := min(max(rows/rowsOfAPage, fewestPages), writingPages)
	if err = errors.Join(c.pragma(ctx, "temp_store=FILE"), c.pragma(ctx, cachePages(pages))); err == nil {
		err = c.transaction(ctx, func() error {
			_, err := c.exec(ctx, fmt.Sprintf("CREATE INDEX IF NOT EXISTS %s ON %s", i.name, i.on))
			return err
		})
	}
	ctx = context.WithoutCancel(ctx)
	return errors.Join(err, c.pragma(ctx, "temp_store=MEMORY"), c.pragma(ctx, cachePages(writingPages)))
}

// Pages of the cache while an index is built. The allocator of modernc.org/memory keeps what a run took, and each half
// that it grew from, so runs are no larger than is needed to merge them at once: up to 16 of them, at 32 bytes a row.
const (
	fewestPages = 1024
	rowsOfAPage = 3500
)

// BuildIndexes implements graph.Indexer. Each index has its own turn at writing, so that leases are renewed in between.
func (s *Store) BuildIndexes(ctx context.Context) error {
	if s.readOnly {
		return s.failed("build indexes", graph.ErrReadOnly)
	}
	if s.indexed.Load() {
		return nil
	}
	for _, i := range lateIndexes() {
		if err := s.pool.write(ctx, func(c *conn) error { return i.build(ctx, c) }); err != nil {
			return s.failed("build index "+i.name, err)
		}
	}
	s.indexed.Store(true)
	return nil
}

// LacksIndexes implements graph.Indexer.
func (s *Store) LacksIndexes(ctx context.Context) (lacks bool, err error) {
	err = s.pool.read(ctx, func(c *conn) error {
		for _, i := range lateIndexes() {
			if there, err := i.isThere(ctx, c); err != nil {
				return err
			} else if !there {
				lacks = true
			}
		}
		if !lacks {
			return nil
		}
		n, err := c.integer(ctx, "SELECT EXISTS (SELECT 1 FROM graph_relationship)")
		lacks = n > 0
		return err
	})
	if err != nil {
		return false, s.failed("look for indexes", err)
	}
	return lacks, nil
}
