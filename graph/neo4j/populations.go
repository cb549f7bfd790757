package neo4j

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"assetgraph/graph"
)

// Counts returns every scope that holds something, sorted by instance and type. Where the server's own counts, which
// cost nothing, add up to what the seals say, these are the counts; else it looks at every entity and at every
// relationship of the database, and takes no seal for one where its own count is another: somebody took a label away.
func (s *Store) Counts(ctx context.Context) ([]graph.ScopeCount, error) {
	all, err := s.counts(ctx)
	if err != nil {
		return nil, fmt.Errorf("neo4j: count the graph: %w", err)
	}
	slices.SortFunc(all, func(a, b graph.ScopeCount) int {
		return cmp.Or(cmp.Compare(a.Instance, b.Instance), cmp.Compare(a.Type, b.Type))
	})
	return all, nil
}

func (s *Store) counts(ctx context.Context) ([]graph.ScopeCount, error) {
	seals, err := s.seals(ctx)
	if err != nil {
		return nil, err
	}
	all, doubtful, err := s.countsBySeals(ctx, seals)
	if err != nil || len(seals) > 0 && len(doubtful) == 0 {
		return all, err
	}
	all = nil
	for _, text := range []string{
		"MATCH (x:Entity) WHERE x._integration IS NOT NULL WITH split(x._key, ':') AS parts RETURN parts[0], parts[1], count(*)",
		"MATCH ()-[x]->() WHERE x._instance IS NOT NULL AND x._type IS NOT NULL AND x._key IS NOT NULL RETURN x._instance, x._type, count(*)",
	} {
		found, err := s.read(ctx, text, nil)
		if err != nil {
			return nil, err
		}
		for _, r := range found {
			p, ok := populationOf(r)
			if !ok {
				continue
			}
			if t := s.schema.Type(p.Type); t != nil && !slices.Contains(doubtful, counted(t)) {
				p.Seal = seals[sealID(p.Scope)]
			}
			all = append(all, p)
		}
	}
	return all, nil
}

func populationOf(r *driver.Record) (graph.ScopeCount, bool) {
	instance, isText := r.Values[0].(string)
	typ, isTextToo := r.Values[1].(string)
	n, _ := r.Values[2].(int64)
	return graph.ScopeCount{Scope: graph.Scope{Instance: instance, Type: typ}, Count: int(n)}, isText && isTextToo
}

// countsBySeals returns the counts that the seals say, and of which patterns the server counts another number: of
// entities, of nodes of a type, or of relationships of a verb that leave nodes of a type. Types of which nothing is
// sealed, which hold a few entities, are counted one by one.
func (s *Store) countsBySeals(
	ctx context.Context, seals map[string]*graph.Seal,
) (all []graph.ScopeCount, doubtful []string, err error) {
	if len(seals) == 0 {
		return nil, nil, nil
	}
	const entity = "(x:" + entityLabel + ")"
	expected := make(map[string]int) // by pattern
	for id, seal := range seals {
		instance, typ, _ := strings.Cut(id, ":")
		t := s.schema.Type(typ)
		if t == nil {
			doubtful = append(doubtful, id)
			continue
		}
		expected[counted(t)] += seal.Count
		if !t.IsRelationship() {
			expected[entity] += seal.Count
		}
		if seal.Count > 0 {
			all = append(all, graph.ScopeCount{
				Scope: graph.Scope{Instance: instance, Type: typ}, Count: seal.Count, Seal: seal,
			})
		}
	}
	var patterns []string
	for _, t := range s.schema.Types() {
		if pattern := counted(t); !slices.Contains(patterns, pattern) {
			patterns = append(patterns, pattern)
		}
	}
	patterns = append(patterns, entity) // the last one, when the single ones are known
	found, err := s.countEach(ctx, patterns)
	if err != nil {
		return nil, nil, err
	}
	for i, pattern := range patterns {
		if found[i] == expected[pattern] {
			continue
		}
		_, sealed := expected[pattern]
		if sealed || strings.Contains(pattern, "-") || len(doubtful) > 0 {
			doubtful = append(doubtful, pattern)
			continue
		}
		few, err := s.countType(ctx, pattern)
		if err != nil {
			return nil, nil, err
		}
		for _, p := range few {
			expected[entity] += p.Count
		}
		all = append(all, few...)
	}
	return all, doubtful, nil
}

// counted returns a pattern of which the server knows how many there are: nodes by label, relationships by verb and the
// label of the node that they leave.
func counted(t *graph.Type) string {
	if t.IsRelationship() {
		return "(:" + quote(t.From) + ")-[x:" + quote(t.Verb) + "]->()"
	}
	return "(x:" + quote(t.Name) + ")"
}

func (s *Store) countEach(ctx context.Context, patterns []string) ([]int, error) {
	texts := make([]string, len(patterns))
	for i, pattern := range patterns {
		texts[i] = fmt.Sprintf("MATCH %s RETURN %d AS i, count(x) AS n", pattern, i)
	}
	found, err := s.read(ctx, strings.Join(texts, " UNION ALL "), nil)
	counts := make([]int, len(patterns))
	for _, r := range found {
		i, _ := r.Values[0].(int64)
		n, _ := r.Values[1].(int64)
		counts[i] = int(n)
	}
	return counts, err
}

// countType counts the entities of a pattern by scope.
func (s *Store) countType(ctx context.Context, pattern string) (list []graph.ScopeCount, err error) {
	found, err := s.read(ctx, "MATCH "+pattern+" WHERE x:"+entityLabel+
		" AND x._integration IS NOT NULL WITH split(x._key, ':') AS parts RETURN parts[0], parts[1], count(*)", nil)
	for _, r := range found {
		if p, ok := populationOf(r); ok {
			list = append(list, p)
		}
	}
	return list, err
}
