package sqlite

import (
	"context"

	"assetgraph/graph"
)

// Counts implements graph.Reader. Where seals and tables together have as many elements, these are the counts; else
// every row is looked at.
func (s *Store) Counts(ctx context.Context) (out []graph.ScopeCount, err error) {
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
	if err != nil {
		return nil, s.failed("count elements", err)
	}
	return out, nil
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
