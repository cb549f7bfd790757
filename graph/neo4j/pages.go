package neo4j

import (
	"context"
	"iter"
	"slices"
	"strings"

	"assetgraph/graph"
)

// pages are the rows of a reading, some thousand at a time. A row is a list that begins with the element's key. It
// takes the driver ten times as long to receive a row as a record of its own as to find it in a list that is one
// record.
type pages = iter.Seq2[[]any, error]

// keyset reads entities with a statement that returns one list: that of the first $limit rows of the range from $after
// to $end.
func (s *Store) keyset(ctx context.Context, text string, r keyRange, limit int) pages {
	return func(yield func([]any, error) bool) {
		if empty, err := s.isEmpty(ctx); empty || err != nil {
			yield(nil, err)
			return
		}
		for {
			page, err := s.list(ctx, text, map[string]any{"after": r.after, "end": r.end, "limit": limit})
			if !yield(page, err) || err != nil || len(page) < limit {
				return
			}
			r.after = string(keyOf(page[len(page)-1]))
		}
	}
}

// list runs a statement that returns lists of rows, and returns the rows of all of them in ascending order of their
// keys.
func (s *Store) list(ctx context.Context, text string, params map[string]any) ([]any, error) {
	found, err := s.read(ctx, text, params)
	if err != nil {
		return nil, err
	}
	var all []any
	for _, r := range found {
		rows, _ := r.Values[0].([]any)
		all = append(all, rows...)
	}
	sortRows(all)
	return all, nil
}

func sortRows(rows []any) {
	byKey := func(a, b any) int { return strings.Compare(string(keyOf(a)), string(keyOf(b))) }
	if !slices.IsSortedFunc(rows, byKey) {
		slices.SortFunc(rows, byKey)
	}
}

// keyOf returns the key with which a row begins, "" when it has none.
func keyOf(row any) graph.Key {
	values, _ := row.([]any)
	if len(values) == 0 {
		return ""
	}
	key, _ := values[0].(string)
	return graph.Key(key)
}
