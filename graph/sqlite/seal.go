package sqlite

import (
	"context"

	"assetgraph/graph"
)

// SealScopes implements graph.Writer. A scope that the graph never had is empty and needs no seal. Since a run seals what
// it has written, the memory goes back in which pages and numbers were kept for that.
func (s *Store) SealScopes(ctx context.Context, l graph.Lease, seals []graph.ScopeSeal) error {
	defer s.changes.Add(1)
	err := s.book(ctx, func(c *conn) error {
		if err := checkLease(ctx, c, l); err != nil {
			return err
		}
		for _, seal := range seals {
			if _, err := c.exec(ctx, "UPDATE graph_scope SET sum = ?, count = ? WHERE type = ? AND instance = ?",
				seal.Sum.String(), int64(seal.Count), seal.Type, seal.Instance); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		err = s.pool.write(ctx, func(c *conn) error {
			s.ids.forgetAll()
			return c.pragma(ctx, "shrink_memory")
		})
	}
	if err != nil {
		return s.failed("seal scopes", err)
	}
	return nil
}

// unseal takes the seal off the scope of the batch.
func (w *writer) unseal(ctx context.Context) error {
	_, err := w.exec(ctx, "UPDATE graph_scope SET sum = NULL, count = NULL WHERE id = ? AND sum IS NOT NULL", w.scope)
	return err
}

// sealOf reads the two columns of a seal, nil where there is none.
func sealOf(sum, count any) *graph.Seal {
	text, isText := sum.(string)
	n, isNumber := count.(int64)
	s, err := graph.ParseSum(text)
	if !isText || !isNumber || err != nil {
		return nil
	}
	return &graph.Seal{Sum: s, Count: int(n)}
}

// SaveMemory implements graph.Journal.
func (s *Store) SaveMemory(ctx context.Context, name string, data []byte) error {
	err := s.book(ctx, func(c *conn) error {
		_, err := c.exec(ctx, "INSERT INTO graph_memory (name, data) VALUES (?, ?)"+
			" ON CONFLICT (name) DO UPDATE SET data = excluded.data", name, data)
		return err
	})
	if err != nil {
		return s.failed("save "+name, err)
	}
	return nil
}

// Memory implements graph.Journal.
func (s *Store) Memory(ctx context.Context, name string) (data []byte, err error) {
	err = s.pool.read(ctx, func(c *conn) error {
		if known, err := hasSeals(ctx, c); err != nil || !known {
			return err
		}
		return c.query(ctx, func(columns []any) error {
			data, _ = columns[0].([]byte)
			return nil
		}, "SELECT data FROM graph_memory WHERE name = ?", name)
	})
	if err != nil {
		return nil, s.failed("read "+name, err)
	}
	return data, nil
}

// hasSeals reports whether the graph has the format that came with seals. One of before, opened for reading only, stays
// as it is.
func hasSeals(ctx context.Context, c *conn) (bool, error) {
	version, err := c.integer(ctx, "PRAGMA user_version")
	return version >= formatWithSeals, err
}

const formatWithSeals = 2

// bookkeeping are the statements that make of a graph of format 1 one of format 2; a new graph gets them too.
func bookkeeping() []string {
	return []string{
		"ALTER TABLE graph_scope ADD COLUMN sum TEXT",
		"ALTER TABLE graph_scope ADD COLUMN count INTEGER",
		"CREATE TABLE graph_memory (name TEXT PRIMARY KEY, data BLOB NOT NULL)",
		"PRAGMA user_version=2",
	}
}
