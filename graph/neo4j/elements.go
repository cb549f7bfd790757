package neo4j

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"assetgraph/graph"
)

// elementRows is how many whole elements one page holds.
const elementRows = 2_000

// Columns that every statement of Elements returns, before the type's properties in declared order.
const (
	colKey = iota
	colInstance
	colDigest
	colVolatile
	colCreated
	colUpdated
	colFrom
	colTo
	colValues
)

// Elements yields the selected elements in ascending order of their keys.
func (s *Store) Elements(ctx context.Context, sel graph.Selection) iter.Seq2[graph.Stored, error] {
	return func(yield func(graph.Stored, error) bool) {
		e := &graph.Element{}
		for page, err := range s.elementPages(ctx, sel) {
			if err != nil {
				yield(graph.Stored{}, fmt.Errorf("neo4j: read %s: %w", sel.Type.Name, err))
				return
			}
			for _, r := range page {
				if err := ctx.Err(); err != nil {
					yield(graph.Stored{}, err)
					return
				}
				if !yield(storedOf(e, sel.Type, r.Values), nil) {
					return
				}
			}
		}
	}
}

type pages = iter.Seq2[[]*driver.Record, error]

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
	return func(yield func([]*driver.Record, error) bool) {
		for part := range slices.Chunk(keys, elementRows) {
			rows := make([]any, len(part))
			for i, key := range part {
				rows[i] = keyRow(sel.Type, key)
			}
			page, err := s.read(ctx, text, map[string]any{"rows": rows, "type": sel.Type.Name, "instance": sel.Instance})
			if !yield(page, err) || err != nil {
				return
			}
		}
	}
}

func selectStatement(t *graph.Type) string {
	return "UNWIND $rows AS row " + matchElement(t) +
		" WITH DISTINCT x" + endsOf(t) + " WHERE x._type = $type AND ($instance = '' OR x._instance = $instance) " +
		returnElement(t) + " ORDER BY x._key"
}

// keyRow returns a row for matchElement. The keys of a relationship's ends are parts of its own.
func keyRow(t *graph.Type, key graph.Key) []any {
	if !t.IsRelationship() {
		return []any{rowKey: string(key)}
	}
	from, to, _ := strings.Cut(string(key), "|"+t.Verb+"|")
	return []any{rowKey: string(key), rowFrom: from, rowTo: to}
}

// allRelationships reads the keys first, which it sorts in memory, and then the elements page by page.
func (s *Store) allRelationships(ctx context.Context, sel graph.Selection) pages {
	return func(yield func([]*driver.Record, error) bool) {
		headers, err := s.relationshipHeaders(ctx, sel.Type, sel.Instance)
		if err != nil {
			yield(nil, err)
			return
		}
		keys := make([]graph.Key, len(headers))
		for i, h := range headers {
			keys[i] = h.Key
		}
		s.selected(ctx, sel, keys)(yield)
	}
}

// allEntities follows the constraint's index: within the range of the scope, or, when several instances have entities of the
// type, through the whole of it.
func (s *Store) allEntities(ctx context.Context, sel graph.Selection) pages {
	text := "MATCH (x:Entity) USING INDEX x:Entity(_key) WHERE x._key > $after AND x._key < $end AND x._type = $type AND ($instance = '' OR x._instance = $instance) " +
		returnElement(sel.Type) + " ORDER BY x._key LIMIT $limit"
	return func(yield func([]*driver.Record, error) bool) {
		after, end, err := s.elementRange(ctx, sel)
		for err == nil {
			var page []*driver.Record
			page, err = s.read(ctx, text, map[string]any{
				"after": after, "end": end, "type": sel.Type.Name, "instance": sel.Instance, "limit": elementRows,
			})
			if err != nil {
				break
			}
			if !yield(page, nil) || len(page) < elementRows {
				return
			}
			after, _ = page[len(page)-1].Values[colKey].(string)
		}
		yield(nil, err)
	}
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

func endsOf(t *graph.Type) string {
	if t.IsRelationship() {
		return ", a, b"
	}
	return ""
}

func returnElement(t *graph.Type) string {
	var b strings.Builder
	b.WriteString("RETURN x._key, x._instance, x._digest, x._volatileDigest, x._createdOn, x._updatedOn, ")
	if t.IsRelationship() {
		b.WriteString("a._key, b._key")
	} else {
		b.WriteString("null, null AS n")
	}
	for _, p := range t.Properties {
		fmt.Fprintf(&b, ", x.%s", quote(p.Name))
	}
	return b.String()
}

// storedOf turns e into the element that a record of Elements holds.
func storedOf(e *graph.Element, t *graph.Type, values []any) graph.Stored {
	instance, _ := values[colInstance].(string)
	key, _ := values[colKey].(string)
	if t.IsRelationship() {
		from, _ := values[colFrom].(string)
		to, _ := values[colTo].(string)
		e.ResetRelationship(t, instance, graph.Key(from), graph.Key(to))
	} else {
		e.ResetEntity(t, instance, "")
	}
	for i := range t.Properties {
		e.Set(t.Properties[i].Name, valueOf(t.Properties[i].Kind, values[colValues+i]))
	}
	e.Key, e.Digest, e.Volatile = graph.Key(key), digestOf(values[colDigest]), digestOf(values[colVolatile])
	return graph.Stored{Element: e, CreatedOn: timeOf(values[colCreated]), UpdatedOn: timeOf(values[colUpdated])}
}
