// Package sqlite is the embedded graph store: one SQLite file in WAL mode that any SQLite tool can read, with one
// view per declared type.
//
// The file is the program's own when its application id says so; anything else at the path is left alone. Commits are
// not synced one by one (synchronous=NORMAL): a power loss may take the last of them back but never leaves half a
// transaction, and the next run compares again and ends in the same graph.
package sqlite

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	sqlite3 "modernc.org/sqlite/lib"

	"assetgraph/graph"
)

// LibraryVersion is the version of SQLite that the package carries.
const LibraryVersion = sqlite3.SQLITE_VERSION

// Memory is the path of a graph that lives in memory and is gone when its store is closed.
const Memory = ":memory:"

// Options say how Open opens a graph.
type Options struct {
	ReadOnly bool  // write nothing at all, neither data nor layout
	Check    Check // look for damage first
}

// Store is an embedded graph. Its methods may be called side by side; writers take turns, readers never wait for them.
// A graph in memory has one connection, so that there everybody takes turns; no stream holds it between two values.
type Store struct {
	path     string
	schema   *graph.Schema
	readOnly bool
	pool     *pool
	writes   atomic.Int64
	indexed  atomic.Bool  // no index lacks
	changes  atomic.Int64 // of elements and seals that the store has written, each counted when it is done
	counted  atomic.Pointer[counted]
	ids      *entityIDs // of whoever has the connection for writing
}

var _ graph.Store = (*Store)(nil)

// Open opens the graph in the file at path, and creates it, readable for its owner alone, when there is none or an
// empty file. An unchanged graph is opened without writing to it. Errors, wrapped with the path: graph.ErrNotOurs for
// anything that is not a graph of this program, which stays untouched; graph.ErrNewerFormat; graph.ErrNoGraph when it
// is opened for reading only and does not exist; graph.ErrDamaged, as any other method's may be.
func Open(ctx context.Context, path string, schema *graph.Schema, o Options) (*Store, error) {
	s := &Store{path: path, schema: schema, readOnly: o.ReadOnly, ids: newEntityIDs()}
	if err := s.open(ctx, o.Check); err != nil {
		return nil, fmt.Errorf("graph in %s: %w", path, damaged(err))
	}
	return s, nil
}

func (s *Store) open(ctx context.Context, check Check) error {
	if err := checkNames(s.schema); err != nil {
		return err
	}
	if s.path != Memory {
		if err := s.prepareFile(ctx); err != nil {
			return err
		}
	}
	p, err := newPool(ctx, s.path, s.readOnly)
	if err != nil {
		return err
	}
	s.pool = p
	err = p.read(ctx, func(c *conn) error { return check.run(ctx, c) })
	if err == nil {
		err = s.prepareLayout(ctx)
	}
	if err != nil {
		return errors.Join(err, p.close())
	}
	return nil
}

// prepareFile looks at what lies at the path, and makes an empty file of nothing when the store may write.
func (s *Store) prepareFile(ctx context.Context) error {
	found, err := inspect(ctx, s.path)
	switch {
	case err != nil:
		return err
	case found == oursAlready:
		return nil
	case s.readOnly:
		return graph.ErrNoGraph
	case found == emptyFile:
		return nil
	}
	return createFile(s.path)
}

// prepareLayout creates tables where there are none and brings the views up to date with the schema.
func (s *Store) prepareLayout(ctx context.Context) error {
	if s.readOnly && s.path != Memory {
		return s.pool.read(ctx, func(c *conn) error { return checkFormat(ctx, c) })
	}
	return s.pool.write(ctx, func(c *conn) error { return layOut(ctx, c, s.schema) })
}

// Close gives back all connections. It waits for a write that is under way.
func (s *Store) Close() error {
	if err := s.pool.close(); err != nil {
		return s.failed("close", err)
	}
	return nil
}

// DataWrites returns how many rows of entities and relationships Apply has written or deleted since the store was
// opened. Run records and leases do not count.
func (s *Store) DataWrites() int64 { return s.writes.Load() }

// failed wraps an error of the store's with the operation.
func (s *Store) failed(operation string, err error) error {
	return fmt.Errorf("%s in %s: %w", operation, s.path, damaged(err))
}
