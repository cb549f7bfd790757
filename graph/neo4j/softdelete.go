package neo4j

import (
	"context"
	"fmt"
	"slices"

	"assetgraph/graph"
)

var _ graph.SoftDeleter = (*Store)(nil)

// pinnedStatement returns the keys of entities on which a relationship hangs that the program did not write: one
// without a _key of ours, or with one that names other ends.
func pinnedStatement() string {
	return "UNWIND $rows AS row " + matchEntity("x", rowKey) +
		" WHERE EXISTS { (x)-[r]-() WHERE r._key IS NULL OR r._integration IS NULL" +
		" OR coalesce(r._key <> startNode(r)._key + '|' + type(r) + '|' + endNode(r)._key, true) } RETURN x._key"
}

// retireStatement marks entities as deleted by the provider. Without digests they are unlike anything that is read.
func retireStatement(t *graph.Type, f former) string {
	text := "UNWIND $rows AS row " + matchEntity("x", rowKey) + " WITH row, x"
	if f != notAsked {
		text += ", properties(x) AS old"
	}
	return text + " WHERE x._deletedOn IS NULL SET x._deletedOn = $at, x._digest = null, x._volatileDigest = null RETURN count(x)" +
		goneBefore(t, f)
}

// PinnedByOthers implements graph.SoftDeleter.
func (s *Store) PinnedByOthers(ctx context.Context, t *graph.Type, keys []graph.Key) ([]graph.Key, error) {
	var pinned []graph.Key
	for chunk := range slices.Chunk(keys, s.config.BatchRows) {
		params := make([]any, len(chunk))
		for i, key := range chunk {
			params[i] = []any{string(key)}
		}
		found, err := s.read(ctx, pinnedStatement(), map[string]any{"rows": params})
		if err != nil {
			return nil, fmt.Errorf("neo4j: find relationships of others on %s: %w", t.Name, err)
		}
		for _, r := range found {
			key, _ := r.Values[0].(string)
			pinned = append(pinned, graph.Key(key))
		}
	}
	return pinned, nil
}

// SoftDelete implements graph.SoftDeleter.
func (s *Store) SoftDelete(ctx context.Context, b graph.Batch) (int, error) {
	if err := s.writable(); err != nil {
		return 0, err
	}
	if err := s.unseal(ctx, &b); err != nil {
		return 0, fmt.Errorf("neo4j: mark %s of %s as deleted: %w", b.Type.Name, b.Instance, err)
	}
	b.Op = graph.Delete
	a := &applier{store: s, batch: &b, text: retireStatement(b.Type, formerOf(&b)), keys: true}
	a.op = a.execute
	applied, err := a.run(ctx, [][]*graph.Element{b.Elements})
	if err != nil {
		return applied.Written, fmt.Errorf("neo4j: mark %s of %s as deleted: %w", b.Type.Name, b.Instance, err)
	}
	return applied.Written, nil
}
