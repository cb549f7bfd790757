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
// relationship of the database.
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
	if len(seals) == 0 {
		if empty, err := s.isEmpty(ctx); empty || err != nil {
			return nil, err
		}
	}
	var known map[string]int
	if len(seals) > 0 {
		if known, err = s.countPatterns(ctx); err != nil {
			return nil, err
		}
		if all, ok, err := s.countsBySeals(ctx, seals, known); ok || err != nil {
			return all, err
		}
	}
	all, err := s.countEach(ctx)
	for i := range all {
		all[i].Seal = seals[sealID(all[i].Scope)]
	}
	return s.unsure(all, known), err
}

// countEach looks at every element of the database.
func (s *Store) countEach(ctx context.Context) (all []graph.ScopeCount, _ error) {
	for _, text := range []string{
		"MATCH (x:Entity) WHERE x._integration IS NOT NULL WITH split(x._key, ':') AS parts RETURN parts[0], parts[1], count(*)",
		"MATCH ()-[x]->() WHERE x._instance IS NOT NULL AND x._type IS NOT NULL AND x._key IS NOT NULL RETURN x._instance, x._type, count(*)",
	} {
		found, err := s.read(ctx, text, nil)
		if err != nil {
			return nil, err
		}
		for _, r := range found {
			if p, ok := populationOf(r); ok {
				all = append(all, p)
			}
		}
	}
	return all, nil
}

// unsure takes the seals off types of which the server knows fewer than there are: somebody took labels from entities, or
// took relationships elsewhere, which is mended when they are read back. It may know more: others use the same labels and
// verbs.
func (s *Store) unsure(all []graph.ScopeCount, known map[string]int) []graph.ScopeCount {
	ours := make(map[string]int) // by pattern
	for _, p := range all {
		if t := s.schema.Type(p.Type); t != nil {
			ours[counted(t)] += p.Count
		}
	}
	for i := range all {
		t := s.schema.Type(all[i].Type)
		if t == nil || known[counted(t)] < ours[counted(t)] {
			all[i].Seal = nil
		}
	}
	return all
}

func populationOf(r *driver.Record) (graph.ScopeCount, bool) {
	instance, isText := r.Values[0].(string)
	typ, isTextToo := r.Values[1].(string)
	n, _ := r.Values[2].(int64)
	return graph.ScopeCount{Scope: graph.Scope{Instance: instance, Type: typ}, Count: int(n)}, isText && isTextToo
}

// countsBySeals returns the counts that the seals say; ok is false when the server knows another number of entities, of
// nodes of a type, or of relationships of a verb that leave nodes of a type. Types of which nothing is sealed, which
// hold a few entities, are counted by themselves.
func (s *Store) countsBySeals(
	ctx context.Context, seals map[string]*graph.Seal, known map[string]int,
) (all []graph.ScopeCount, ok bool, err error) {
	expected := make(map[string]int, len(known)) // by pattern
	for id, seal := range seals {
		instance, typ, _ := strings.Cut(id, ":")
		t := s.schema.Type(typ)
		if t == nil {
			return nil, false, nil
		}
		expected[counted(t)] += seal.Count
		if !t.IsRelationship() {
			expected[anyEntity] += seal.Count
		}
		if seal.Count > 0 {
			all = append(all, graph.ScopeCount{
				Scope: graph.Scope{Instance: instance, Type: typ}, Count: seal.Count, Seal: seal,
			})
		}
	}
	for pattern, count := range known {
		if pattern == anyEntity || count == expected[pattern] {
			continue
		}
		if _, sealed := expected[pattern]; sealed || strings.Contains(pattern, "-") {
			return nil, false, nil
		}
		few, err := s.countType(ctx, pattern)
		if err != nil {
			return nil, false, err
		}
		for _, p := range few {
			expected[anyEntity] += p.Count
		}
		all = append(all, few...)
	}
	return all, known[anyEntity] == expected[anyEntity], nil
}

// anyEntity is the pattern of all entities.
const anyEntity = "(x:" + entityLabel + ")"

// counted returns a pattern of which the server knows how many there are: nodes by label, relationships by verb and the
// label of the node that they leave.
func counted(t *graph.Type) string {
	if t.IsRelationship() {
		return "(:" + quote(t.From) + ")-[x:" + quote(t.Verb) + "]->()"
	}
	return "(x:" + quote(t.Name) + ")"
}

// countPatterns returns what the server knows of each pattern.
func (s *Store) countPatterns(ctx context.Context) (map[string]int, error) {
	patterns := []string{anyEntity}
	for _, t := range s.schema.Types() {
		if pattern := counted(t); !slices.Contains(patterns, pattern) {
			patterns = append(patterns, pattern)
		}
	}
	list, err := s.countOf(ctx, patterns...)
	counts := make(map[string]int, len(list))
	for i, n := range list {
		counts[patterns[i]] = n
	}
	return counts, err
}

// countOf returns how often each pattern of one node, or of one relationship of which one end has a label at most, is in
// the database: what the server knows without looking at any.
func (s *Store) countOf(ctx context.Context, patterns ...string) ([]int, error) {
	found, err := s.read(ctx, countText(patterns), nil)
	if err != nil {
		return nil, err
	}
	counts := make([]int, len(patterns))
	list, _ := found[0].Values[0].([]any)
	for i, v := range list {
		n, _ := v.(int64)
		counts[i] = int(n)
	}
	return counts, nil
}

// countText returns the statement of countOf. As parts of a union its patterns would take the server four times as long.
func countText(patterns []string) string {
	texts := make([]string, len(patterns))
	for i, pattern := range patterns {
		texts[i] = "COUNT {" + pattern + "}"
	}
	return "RETURN [" + strings.Join(texts, ", ") + "]"
}

// isEmpty reports whether there is nothing of ours, as before a first load: then a server that was just started need not
// plan one statement for each scope, a tenth of a second each, to find that out.
func (s *Store) isEmpty(ctx context.Context) (bool, error) {
	if s.filled.Load() {
		return false, nil
	}
	n, err := s.countOf(ctx, anyEntity)
	if err != nil {
		return false, err
	}
	if n[0] > 0 {
		s.filled.Store(true)
	}
	return n[0] == 0, nil
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
