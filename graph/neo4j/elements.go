package neo4j

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"assetgraph/graph"
)

// elementRows is how many whole elements one page holds.
const elementRows = 2_000

// Columns of a row of Elements, before the type's properties in declared order.
const (
	colKey = iota
	colInstance
	colDigest
	colVolatile
	colCreated
	colUpdated
	colValues
)

// Elements yields the selected elements in ascending order of their keys, and reads ahead.
func (s *Store) Elements(ctx context.Context, sel graph.Selection) iter.Seq2[graph.Stored, error] {
	return func(yield func(graph.Stored, error) bool) {
		e := &graph.Element{}
		for page, err := range ahead(s.elementPages(ctx, sel)) {
			if err != nil {
				yield(graph.Stored{}, fmt.Errorf("neo4j: read %s: %w", sel.Type.Name, err))
				return
			}
			for _, row := range page {
				if err := ctx.Err(); err != nil {
					yield(graph.Stored{}, err)
					return
				}
				if !yield(storedOf(e, sel.Type, row.([]any)), nil) {
					return
				}
			}
		}
	}
}

func (s *Store) elementPages(ctx context.Context, sel graph.Selection) pages {
	switch {
	case sel.Keys != nil:
		return s.selected(ctx, sel, slices.Compact(slices.Sorted(slices.Values(sel.Keys))))
	case sel.Type.IsRelationship():
		return s.allRelationships(ctx, sel)
	}
	return s.allEntities(ctx, sel)
}

// selected reads elements by their keys, which come in ascending order.
func (s *Store) selected(ctx context.Context, sel graph.Selection, keys []graph.Key) pages {
	text := selectStatement(sel.Type)
	return func(yield func([]any, error) bool) {
		for part := range slices.Chunk(keys, elementRows) {
			rows := make([]any, len(part))
			for i, key := range part {
				rows[i] = keyRow(sel.Type, key)
			}
			page, err := s.list(ctx, text, map[string]any{"rows": rows, "type": sel.Type.Name, "instance": sel.Instance})
			if !yield(page, err) || err != nil {
				return
			}
		}
	}
}

func selectStatement(t *graph.Type) string {
	return "UNWIND $rows AS row " + matchElement(t) +
		" WITH DISTINCT x WHERE x._type = $type AND ($instance = '' OR x._instance = $instance) " +
		"WITH properties(x) AS p RETURN collect(" + elementColumns(t) + ")"
}

// keyRow returns a row for matchElement. The keys of a relationship's ends are parts of its own.
func keyRow(t *graph.Type, key graph.Key) []any {
	if !t.IsRelationship() {
		return []any{rowKey: string(key)}
	}
	from, to := key.Ends()
	return []any{rowKey: string(key), rowFrom: string(from), rowTo: string(to)}
}

// allRelationships reads keys and element ids first, which it sorts in memory, and then the elements page by page. What was deleted in
// between is left out, also when its id was given to another relationship.
func (s *Store) allRelationships(ctx context.Context, sel graph.Selection) pages {
	return func(yield func([]any, error) bool) {
		known, err := relationships(ctx, s, sel, "[x._key, elementId(x)]", namedOf, func(n named) graph.Key { return n.key })
		if err != nil {
			yield(nil, err)
			return
		}
		text := byIDStatement(sel.Type)
		for part := range slices.Chunk(known, elementRows) {
			ids := make([]any, len(part))
			for i := range part {
				ids[i] = part[i].id
			}
			page, err := s.list(ctx, text, map[string]any{"ids": ids})
			if !yield(among(page, part), err) || err != nil {
				return
			}
		}
	}
}

// named is a relationship by its key and by the name that the server has for it at the moment.
type named struct {
	key graph.Key
	id  string
}

func namedOf(row any) named {
	values, _ := row.([]any)
	id, _ := values[1].(string)
	return named{keyOf(row), id}
}

// among returns the rows whose keys are known, both being in ascending order.
func among(rows []any, known []named) []any {
	return slices.DeleteFunc(rows, func(row any) bool {
		key := keyOf(row)
		for len(known) > 0 && known[0].key < key {
			known = known[1:]
		}
		return len(known) == 0 || known[0].key != key
	})
}

func byIDStatement(t *graph.Type) string {
	return "MATCH ()-[x:" + quote(t.Verb) + "]->() WHERE elementId(x) IN $ids WITH properties(x) AS p RETURN collect(" + elementColumns(t) + ")"
}

// allEntities follows the constraint's index: within the range of the scope, or, when several instances have entities of the
// type, through the whole of it.
func (s *Store) allEntities(ctx context.Context, sel graph.Selection) pages {
	return func(yield func([]any, error) bool) {
		after, end, err := s.elementRange(ctx, sel)
		if err != nil {
			yield(nil, err)
			return
		}
		s.keyset(ctx, entityStatement(sel.Type), map[string]any{
			"after": after, "end": end, "type": sel.Type.Name, "instance": sel.Instance, "limit": elementRows,
		})(yield)
	}
}

func entityStatement(t *graph.Type) string {
	return "MATCH (x:Entity) USING INDEX x:Entity(_key) WHERE x._key > $after AND x._key < $end AND x._type = $type AND ($instance = '' OR x._instance = $instance) " +
		"WITH x ORDER BY x._key LIMIT $limit WITH properties(x) AS p RETURN collect(" + elementColumns(t) + ")"
}

func (s *Store) elementRange(ctx context.Context, sel graph.Selection) (after, end string, err error) {
	scope := graph.Scope{Instance: sel.Instance, Type: sel.Type.Name}
	if scope.Instance == "" {
		found, err := s.read(ctx, "MATCH (x:"+quote(scope.Type)+") RETURN DISTINCT x._instance LIMIT 2", nil)
		if err != nil {
			return "", "", err
		}
		if len(found) != 1 {
			return "", "\x7f", nil // keys are ASCII
		}
		scope.Instance, _ = found[0].Values[0].(string)
	}
	after, end = keyRange(scope)
	return after, end, nil
}

// elementColumns returns the row of an element whose properties are the map p: to look for each property in the graph takes the server
// twice as long for an element that has fifty.
func elementColumns(t *graph.Type) string {
	var b strings.Builder
	b.WriteString("[p._key, p._instance, p._digest, p._volatileDigest, p._createdOn, p._updatedOn")
	for _, p := range t.Properties {
		fmt.Fprintf(&b, ", p.%s", quote(p.Name))
	}
	b.WriteByte(']')
	return b.String()
}

// storedOf turns e into the element that a row of Elements holds.
func storedOf(e *graph.Element, t *graph.Type, values []any) graph.Stored {
	instance, _ := values[colInstance].(string)
	key, _ := values[colKey].(string)
	if t.IsRelationship() {
		from, to := graph.Key(key).Ends()
		e.ResetRelationship(t, instance, from, to)
	} else {
		e.ResetEntity(t, instance, "")
	}
	for i := range t.Properties {
		e.Set(t.Properties[i].Name, valueOf(t.Properties[i].Kind, values[colValues+i]))
	}
	e.Key, e.Digest, e.Volatile = graph.Key(key), digestOf(values[colDigest]), digestOf(values[colVolatile])
	return graph.Stored{Element: e, CreatedOn: timeOf(values[colCreated]), UpdatedOn: timeOf(values[colUpdated])}
}
