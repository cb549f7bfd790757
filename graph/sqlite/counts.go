package sqlite

import (
	"context"
	"errors"
	"slices"

	"assetgraph/graph"
)

// counted is what Counts found, and of which state of the graph.
type counted struct {
	state state
	list  []graph.ScopeCount
}

// A state tells a graph from what it was before: by what others have written to it, and by what the store has.
type state struct {
	others othersWrites
	own    int64
}

// othersWrites is another when others have committed something: SQLite tells a connection, and that one alone
// (sqlite.org/pragma.html, "PRAGMA data_version").
type othersWrites struct {
	connection any
	version    int64
}

func (c *conn) othersWrites(ctx context.Context) (w othersWrites, err error) {
	w.version, err = c.integer(ctx, "PRAGMA data_version")
	return w, errors.Join(err, c.sql.Raw(func(connection any) error { w.connection = connection; return nil }))
}

// Counts implements graph.Reader. Where seals and tables together have as many elements, these are the counts; else
// every row is looked at. As long as nobody has written since they were found they are not looked for again: that is a
// walk through an index of some hundred bytes for each entity.
func (s *Store) Counts(ctx context.Context) ([]graph.ScopeCount, error) {
	now, known, err := s.state(ctx)
	if err != nil {
		return nil, s.failed("count elements", err)
	}
	if last := s.counted.Load(); known && last != nil && last.state == now {
		return slices.Clone(last.list), nil
	}
	list, err := s.count(ctx)
	if err != nil {
		return nil, s.failed("count elements", err)
	}
	if known {
		s.counted.Store(&counted{now, slices.Clone(list)})
	}
	return list, nil
}

// state returns the state of the graph before anything is read that comes after the call; known is false where there is
// no connection that could tell, in a store that only reads.
func (s *Store) state(ctx context.Context) (now state, known bool, err error) {
	if s.pool.writer == nil {
		return state{}, false, nil
	}
	now.own = s.changes.Load()
	err = s.pool.write(ctx, func(c *conn) (err error) {
		now.others, err = c.othersWrites(ctx)
		return err
	})
	return now, err == nil, err
}

func (s *Store) count(ctx context.Context) (out []graph.ScopeCount, err error) {
	err = s.pool.read(ctx, func(c *conn) error {
		known, err := hasSeals(ctx, c)
		if err == nil && known {
			var ok bool
			if out, ok, err = countsBySeals(ctx, c); ok {
				return err
			}
		}
		if err == nil {
			out, err = countAll(ctx, c, known)
		}
		return err
	})
	return out, err
}

func countAll(ctx context.Context, c *conn, sealed bool) (out []graph.ScopeCount, _ error) {
	seal := "s.sum, s.count"
	if !sealed {
		seal = "NULL, NULL"
	}
	err := c.query(ctx, func(columns []any) error {
		p := graph.ScopeCount{Count: int(integerOf(columns[2])), Seal: sealOf(columns[3], columns[4])}
		p.Instance, p.Type = textOf(columns[0]), textOf(columns[1])
		out = append(out, p)
		return nil
	}, "SELECT s.instance, s.type, n.count, "+seal+` FROM graph_scope s JOIN (
		SELECT scope, count(*) AS count FROM graph_entity GROUP BY scope UNION ALL
		SELECT scope, count(*) FROM graph_relationship GROUP BY scope) n ON n.scope = s.id ORDER BY 1, 2`)
	return out, err
}

// countsBySeals returns the counts that the seals say. Scopes without one are counted by themselves; ok is false when
// the tables hold another number.
func countsBySeals(ctx context.Context, c *conn) (out []graph.ScopeCount, ok bool, _ error) {
	var unsealed []int64
	var at []int // of each of them in out
	err := c.query(ctx, func(columns []any) error {
		p := graph.ScopeCount{Seal: sealOf(columns[3], columns[4])}
		p.Instance, p.Type = textOf(columns[1]), textOf(columns[2])
		if p.Seal != nil {
			p.Count = p.Seal.Count
		} else {
			unsealed, at = append(unsealed, integerOf(columns[0])), append(at, len(out))
		}
		out = append(out, p)
		return nil
	}, "SELECT id, instance, type, sum, count FROM graph_scope ORDER BY instance, type")
	if err != nil || len(unsealed) == len(out) {
		return nil, false, err
	}
	for n, id := range unsealed {
		p := &out[at[n]]
		prefix := p.Prefix()
		count, err := c.integer(ctx, "SELECT (SELECT count(*) FROM graph_relationship WHERE scope = ?1) +"+
			" (SELECT count(*) FROM graph_entity WHERE key > ?2 AND key < ?3 AND +scope = ?1)",
			id, prefix, prefix[:len(prefix)-1]+";")
		if err != nil {
			return nil, false, err
		}
		p.Count = int(count)
	}
	total := 0
	held := out[:0]
	for _, p := range out {
		if total += p.Count; p.Count > 0 {
			held = append(held, p)
		}
	}
	rows, err := c.integer(ctx, "SELECT (SELECT count(*) FROM graph_entity) + (SELECT count(*) FROM graph_relationship)")
	return held, int(rows) == total, err
}
