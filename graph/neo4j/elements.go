package neo4j

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"assetgraph/graph"
	"assetgraph/internal/ahead"
)

// How many whole elements one page holds, and how many of which some properties are read: some megabytes, of which each
// reading has two.
const (
	elementRows  = 2_000
	selectedRows = 5_000
)

// Columns of a row of Elements, before the type's properties in declared order.
const (
	colKey = iota
	colInstance
	colDigest
	colVolatile
	colCreated
	colUpdated
	colValues // of the properties that are selected, in declared order
)

// Elements yields the selected elements in ascending order of their keys, and reads ahead.
func (s *Store) Elements(ctx context.Context, sel graph.Selection) iter.Seq2[graph.Stored, error] {
	return func(yield func(graph.Stored, error) bool) {
		e, last := &graph.Element{}, graph.Key("")
		names := chosenNames(sel.Type, sel.Properties)
		for page, err := range ahead.Of(ctx, s.elementPages(ctx, sel)) {
			if err != nil {
				yield(graph.Stored{}, fmt.Errorf("neo4j: read %s: %w", sel.Type.Name, err))
				return
			}
			for _, row := range page {
				if err := ctx.Err(); err != nil {
					yield(graph.Stored{}, err)
					return
				}
				if key := keyOf(row); key == last {
					continue // a relationship that is there several times
				} else {
					last = key
				}
				if !yield(storedOf(e, sel.Type, names, row.([]any)), nil) {
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
	if !sel.Type.IsRelationship() {
		keys = slices.DeleteFunc(keys, func(key graph.Key) bool {
			scope := key.Scope()
			return scope.Type != sel.Type.Name || sel.Instance != "" && scope.Instance != sel.Instance
		})
	}
	text := selectStatement(sel.Type, sel.Properties)
	params := map[string]any{
		"type": sel.Type.Name, "instance": sel.Instance, "names": chosenNames(sel.Type, sel.Properties),
		"labels": append([]string{sel.Type.Name}, sel.Type.Classes...),
	}
	return func(yield func([]any, error) bool) {
		for part := range slices.Chunk(keys, elementRows) {
			rows := make([]any, len(part))
			for i, key := range part {
				rows[i] = keyRow(sel.Type, key)
			}
			params["rows"] = rows
			page, err := s.list(ctx, text, params)
			if !yield(page, err) || err != nil {
				return
			}
		}
	}
}

// selectStatement returns the same text for all types of entities and all names of properties: who asks by key asks for few
// elements of many types, for each of which the server would take longer to plan a statement than to carry it out.
func selectStatement(t *graph.Type, names []string) string {
	text := "UNWIND $rows AS row " + matchElement(t) + " WITH DISTINCT x"
	switch {
	case t.IsRelationship():
		return text + " WHERE x._type = $type AND ($instance = '' OR x._instance = $instance)" + collectElements(t, names)
	case names != nil:
		return text + " RETURN collect([x._key, x._instance, null, null, null, null] + [name IN $names | x[name]])"
	}
	return text + " WITH properties(x) AS p, " + anyDigest + " AS digest RETURN collect([p._key, p._instance, digest, " +
		"p._volatileDigest, p._createdOn, p._updatedOn] + [name IN $names | p[name]])"
}

// keyRow returns a row for matchElement. The keys of a relationship's ends are parts of its own.
func keyRow(t *graph.Type, key graph.Key) []any {
	if !t.IsRelationship() {
		return []any{rowKey: string(key)}
	}
	from, to := key.Ends()
	return []any{rowKey: string(key), rowFrom: string(from), rowTo: string(to)}
}

// allRelationships reads keys and element ids first, which it sorts in memory, and then the elements page by page. What
// was deleted in between is left out, also when its id was given to another relationship.
func (s *Store) allRelationships(ctx context.Context, sel graph.Selection) pages {
	return func(yield func([]any, error) bool) {
		q := relationshipQuery{typ: sel.Type, instance: sel.Instance, columns: "[x._key, elementId(x)]"}
		known, err := relationships(ctx, s, q, namedOf, func(n named) graph.Key { return n.key })
		if err != nil {
			yield(nil, err)
			return
		}
		text := byIDStatement(sel.Type, sel.Properties)
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

func byIDStatement(t *graph.Type, names []string) string {
	return "UNWIND $ids AS id MATCH ()-[x:" + quote(t.Verb) + "]->() WHERE elementId(x) = id" + collectElements(t, names)
}

// allEntities follows the constraint's index through the range of each scope.
func (s *Store) allEntities(ctx context.Context, sel graph.Selection) pages {
	return func(yield func([]any, error) bool) {
		ranges, err := s.ranges(ctx, sel.Type.Name, sel.Instance)
		if err != nil {
			yield(nil, err)
			return
		}
		text, rows := entityStatement(sel.Type, sel.Properties), elementRows
		if sel.Properties != nil {
			rows = selectedRows
		}
		for _, r := range ranges {
			for page, err := range s.keyset(ctx, text, r, rows) {
				if !yield(page, err) {
					return
				}
			}
		}
	}
}

func entityStatement(t *graph.Type, names []string) string {
	return "MATCH (x:Entity) USING INDEX x:Entity(_key) WHERE x._key > $after AND x._key < $end WITH x ORDER BY x._key LIMIT $limit" + collectElements(t, names)
}

// collectElements returns the end of a statement that has found elements x: one list of their rows, with all properties
// when names is nil. The elements are collected and then read, since it takes the server twice as long to collect values.
func collectElements(t *graph.Type, names []string) string {
	of, columns := "properties(x)", "p._key, p._instance, "+digest(t)+", p._volatileDigest, p._createdOn, p._updatedOn"
	chosen := chosenNames(t, names)
	if names != nil {
		of, columns = projection("x", append([]string{"_key", "_instance"}, chosen...)), "p._key, p._instance, null, null, null, null"
	}
	return " WITH collect(x) AS found RETURN [x IN found | [p IN [" + of + "] | [" + columns + valuesIn("p", chosen) + "]][0]]"
}

// chosenNames returns the names of the type's properties in declared order, those of them that are among names; names is
// nil for all.
func chosenNames(t *graph.Type, names []string) (list []string) {
	for _, p := range t.Properties {
		if names == nil || slices.Contains(names, p.Name) {
			list = append(list, p.Name)
		}
	}
	return list
}

// projection returns the map of the named properties of the node or relationship that a variable holds. The server makes
// it in one walk along all properties; each x.name is a walk of its own.
func projection(variable string, names []string) string {
	var b strings.Builder
	b.WriteString(variable + " {")
	for i, name := range names {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("." + quote(name))
	}
	return b.String() + "}"
}

// valuesIn returns the values in a map, each with a comma in front, to stand in a list.
func valuesIn(variable string, names []string) string {
	var b strings.Builder
	for _, name := range names {
		b.WriteString(", " + variable + "." + quote(name))
	}
	return b.String()
}

// storedOf turns e into the element that a row of Elements holds, with the values of so many properties.
func storedOf(e *graph.Element, t *graph.Type, names []string, values []any) graph.Stored {
	key := keyOf(values)
	if t.IsRelationship() {
		instance, _ := values[colInstance].(string)
		from, to := key.Ends()
		e.ResetRelationship(t, instance, from, to)
	} else {
		e.ResetEntity(t, key.Scope().Instance, "")
	}
	setValues(e, names, values[colValues:])
	e.Key, e.Digest = key, digestOf(values[colDigest])
	e.Volatile, _ = volatileOf(values[colVolatile])
	return graph.Stored{Element: e, CreatedOn: timeOf(values[colCreated]), UpdatedOn: timeOf(values[colUpdated])}
}

// setValues gives e the values of the named properties, to which they are parallel.
func setValues(e *graph.Element, names []string, values []any) {
	for i, name := range names {
		e.Set(name, valueOf(e.Type.Property(name).Kind, values[i]))
	}
}
