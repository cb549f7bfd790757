package neo4j

import (
	"context"
	"fmt"
	"slices"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"assetgraph/graph"
)

// A seal is a node (:AssetgraphScope {id: "<instance>:<type>", sum, count}). There are so few that no index is needed,
// and the lease under which they are written sees to it that there is one of each.

func sealID(s graph.Scope) string { return s.Instance + ":" + s.Type }

// SealScopes notes what scopes hold.
func (s *Store) SealScopes(ctx context.Context, l graph.Lease, seals []graph.ScopeSeal) error {
	if err := s.writable(); err != nil {
		return err
	}
	list := make([]any, len(seals))
	s.mu.Lock()
	for i, seal := range seals {
		list[i] = []any{sealID(seal.Scope), seal.Sum.String(), seal.Count}
		delete(s.unsealed, seal.Scope) // before: what is written from now on takes it off again
	}
	s.mu.Unlock()
	_, err := s.write(ctx, func(tx driver.ManagedTransaction) (any, error) {
		if err := checkLease(ctx, tx, l, 0); err != nil {
			return nil, final(err)
		}
		return rows(ctx, tx, "UNWIND $seals AS seal MERGE (n:"+scopeLabel+
			" {id: seal[0]}) SET n.sum = seal[1], n.count = seal[2]", map[string]any{"seals": list})
	})
	if err != nil {
		return fmt.Errorf("neo4j: seal scopes of %s: %w", l.Instance, err)
	}
	return nil
}

// unseal takes the seal off a scope that is about to be written, in a transaction that ends before the first change. It
// asks for no lease: a scope without a seal is read, and nothing else. Under one lease once is enough, since nobody else
// can seal the scope meanwhile.
func (s *Store) unseal(ctx context.Context, b *graph.Batch) error {
	scope := graph.Scope{Instance: b.Instance, Type: b.Type.Name}
	s.mu.Lock()
	lease, done := s.unsealed[scope]
	s.mu.Unlock()
	if done && lease == b.Lease && lease != (graph.Lease{}) {
		return nil
	}
	_, err := s.write(ctx, func(tx driver.ManagedTransaction) (any, error) {
		return rows(ctx, tx, "MATCH (n:"+scopeLabel+" {id: $id}) DELETE n", map[string]any{"id": sealID(scope)})
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.unsealed == nil {
		s.unsealed = make(map[graph.Scope]graph.Lease)
	}
	s.unsealed[scope] = b.Lease
	return nil
}

// seals returns all seals by the id of their node.
func (s *Store) seals(ctx context.Context) (map[string]*graph.Seal, error) {
	found, err := s.read(ctx, "MATCH (n:"+scopeLabel+") RETURN n.id, n.sum, n.count", nil)
	if err != nil {
		return nil, err
	}
	seals := make(map[string]*graph.Seal, len(found))
	for _, r := range found {
		id, _ := r.Values[0].(string)
		text, _ := r.Values[1].(string)
		count, isNumber := r.Values[2].(int64)
		if sum, err := graph.ParseSum(text); err == nil && isNumber {
			seals[id] = &graph.Seal{Sum: sum, Count: int(count)}
		}
	}
	return seals, nil
}

// memoryPart is how much of a memory one node holds.
const memoryPart = 1 << 20

// SaveMemory keeps data under a name.
func (s *Store) SaveMemory(ctx context.Context, name string, data []byte) error {
	if err := s.writable(); err != nil {
		return err
	}
	_, err := s.write(ctx, func(tx driver.ManagedTransaction) (any, error) {
		if _, err := rows(ctx, tx, "MATCH (n:"+memoryLabel+" {name: $name}) DELETE n",
			map[string]any{"name": name}); err != nil {
			return nil, err
		}
		part := 0
		for chunk := range slices.Chunk(data, memoryPart) {
			if _, err := rows(ctx, tx, "CREATE (n:"+memoryLabel+" {name: $name, part: $part, data: $data})",
				map[string]any{"name": name, "part": part, "data": chunk}); err != nil {
				return nil, err
			}
			part++
		}
		return nil, nil
	})
	if err != nil {
		return fmt.Errorf("neo4j: save %s: %w", name, err)
	}
	return nil
}

// Memory returns what was kept under a name.
func (s *Store) Memory(ctx context.Context, name string) ([]byte, error) {
	found, err := s.read(ctx, "MATCH (n:"+memoryLabel+" {name: $name}) RETURN n.data ORDER BY n.part",
		map[string]any{"name": name})
	if err != nil {
		return nil, fmt.Errorf("neo4j: read %s: %w", name, err)
	}
	var data []byte
	for _, r := range found {
		part, _ := r.Values[0].([]byte)
		data = append(data, part...)
	}
	return data, nil
}
