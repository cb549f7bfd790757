package neo4j

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"assetgraph/graph"
)

// Columns of a row of Links.
const (
	linkKey = iota
	linkType
	linkOrigin // key of the entity that it leads from; this and what follows only where properties are selected
	linkValues // of the origin, in the order in which they are selected
)

// Links yields the selected relationships. Those of one type, or those around the keys, are held in memory.
func (s *Store) Links(ctx context.Context, sel graph.LinkSelection) iter.Seq2[graph.Link, error] {
	return func(yield func(graph.Link, error) bool) {
		origin := &graph.Element{}
		for rows, err := range s.linkRows(ctx, sel) {
			if err != nil {
				yield(graph.Link{}, fmt.Errorf("neo4j: read links: %w", err))
				return
			}
			last := graph.Key("")
			for _, row := range rows {
				if err := ctx.Err(); err != nil {
					yield(graph.Link{}, err)
					return
				}
				if keyOf(row) == last {
					continue // it is there several times
				}
				link, ok := linkOf(row, sel, s.schema, origin)
				if !ok {
					continue
				}
				if last = keyOf(row); !yield(link, nil) {
					return
				}
			}
		}
	}
}

func (s *Store) linkRows(ctx context.Context, sel graph.LinkSelection) pages {
	return func(yield func([]any, error) bool) {
		if sel.Around != nil {
			yield(s.linksAround(ctx, sel))
			return
		}
		for _, t := range sel.Types {
			q := relationshipQuery{typ: t, columns: linkColumns(sel), keyed: true}
			page, err := relationships(ctx, s, q, func(row any) any { return row }, keyOf)
			if !yield(page, err) || err != nil {
				return
			}
		}
	}
}

// linkColumns is what is returned of a relationship x.
func linkColumns(sel graph.LinkSelection) string {
	if sel.Properties == nil {
		return "[x._key, x._type]"
	}
	names := append([]string{"_key"}, sel.Properties...)
	return "[origin IN [startNode(x)] | [p IN [" + projection("origin", names) + "] | [x._key, x._type" +
		valuesIn("p", names) + "]][0]][0]"
}

// linksAround asks once for the links of all keys.
func (s *Store) linksAround(ctx context.Context, sel graph.LinkSelection) ([]any, error) {
	var verbs, types []string
	for _, t := range sel.Types {
		types, verbs = append(types, t.Name), append(verbs, quote(t.Verb))
	}
	if len(types) == 0 {
		return nil, nil
	}
	slices.Sort(verbs)
	text := "UNWIND $keys AS key MATCH (n:Entity {_key: key}) USING INDEX SEEK n:Entity(_key) MATCH (n)-[x:" +
		strings.Join(slices.Compact(verbs), "|") + "]-(:Entity) WHERE x._type IN $types" +
		" AND x._key = startNode(x)._key + '|' + type(x) + '|' + endNode(x)._key WITH DISTINCT x RETURN collect(" +
		linkColumns(sel) + ")"
	keys := make([]string, len(sel.Around))
	for i, key := range sel.Around {
		keys[i] = string(key)
	}
	return s.list(ctx, text, map[string]any{"keys": keys, "types": types})
}

// linkOf reads a row. That its relationship is not of one of the types, or does not lead from the entity that its key
// names, which somebody else must have made so, is reported.
func linkOf(row any, sel graph.LinkSelection, schema *graph.Schema, origin *graph.Element) (graph.Link, bool) {
	values, _ := row.([]any)
	name, _ := values[linkType].(string)
	i := slices.IndexFunc(sel.Types, func(t *graph.Type) bool { return t.Name == name })
	if i < 0 {
		return graph.Link{}, false
	}
	link := graph.Link{Type: sel.Types[i]}
	link.From, link.To = keyOf(row).Ends()
	if sel.Properties != nil {
		if from, _ := values[linkOrigin].(string); from != string(link.From) {
			return graph.Link{}, false
		}
		t := schema.Type(link.Type.From)
		origin.ResetEntity(t, link.From.Scope().Instance, "")
		origin.Key = link.From
		for i, name := range sel.Properties {
			if p := t.Property(name); p != nil {
				origin.Set(name, valueOf(p.Kind, values[linkValues+i]))
			}
		}
		link.Origin = origin
	}
	return link, true
}
