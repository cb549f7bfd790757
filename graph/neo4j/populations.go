package neo4j

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"assetgraph/graph"
)

// Counts returns every scope that holds something, sorted by instance and type. It looks at every entity and at every
// relationship of the database.
func (s *Store) Counts(ctx context.Context) ([]graph.ScopeCount, error) {
	var all []graph.ScopeCount
	for _, text := range []string{
		"MATCH (x:Entity) WHERE x._integration IS NOT NULL WITH split(x._key, ':') AS parts RETURN parts[0], parts[1], count(*)",
		"MATCH ()-[x]->() WHERE x._instance IS NOT NULL AND x._type IS NOT NULL AND x._key IS NOT NULL RETURN x._instance, x._type, count(*)",
	} {
		found, err := s.read(ctx, text, nil)
		if err != nil {
			return nil, fmt.Errorf("neo4j: count the graph: %w", err)
		}
		for _, r := range found {
			if p, ok := populationOf(r); ok {
				all = append(all, p)
			}
		}
	}
	slices.SortFunc(all, func(a, b graph.ScopeCount) int {
		return cmp.Or(cmp.Compare(a.Instance, b.Instance), cmp.Compare(a.Type, b.Type))
	})
	return all, nil
}

func populationOf(r *driver.Record) (graph.ScopeCount, bool) {
	instance, isText := r.Values[0].(string)
	typ, isTextToo := r.Values[1].(string)
	n, _ := r.Values[2].(int64)
	return graph.ScopeCount{Scope: graph.Scope{Instance: instance, Type: typ}, Count: int(n)}, isText && isTextToo
}
