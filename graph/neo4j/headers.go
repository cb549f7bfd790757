package neo4j

import (
	"context"
	"fmt"
	"iter"

	"assetgraph/graph"
)

// pageRows is how many headers of entities one page holds. A page is a transaction of its own, which the driver can repeat: a stream
// of the whole scope is no faster, and a lost connection ends it.
const pageRows = 20_000

// Headers yields the headers of one scope in ascending order of their keys, and reads ahead. Those of a relationship type are held in
// memory while they are read: no index holds their keys in order.
func (s *Store) Headers(ctx context.Context, t *graph.Type, instance string) iter.Seq2[graph.Header, error] {
	scope := graph.Scope{Instance: instance, Type: t.Name}
	return func(yield func(graph.Header, error) bool) {
		for page, err := range s.headerPages(ctx, t, scope) {
			if err != nil {
				yield(graph.Header{}, fmt.Errorf("neo4j: headers of %s: %w", scope, err))
				return
			}
			for _, h := range page {
				if err := ctx.Err(); err != nil {
					yield(graph.Header{}, err)
					return
				}
				if !yield(h, nil) {
					return
				}
			}
		}
	}
}

func (s *Store) headerPages(ctx context.Context, t *graph.Type, scope graph.Scope) iter.Seq2[[]graph.Header, error] {
	return func(yield func([]graph.Header, error) bool) {
		if t.IsRelationship() {
			yield(relationships(ctx, s, graph.Selection{Type: t, Instance: scope.Instance}, header, headerOf,
				func(h graph.Header) graph.Key { return h.Key }))
			return
		}
		for rows, err := range ahead(s.entityHeaders(ctx, scope)) {
			page := make([]graph.Header, len(rows))
			for i, row := range rows {
				page[i] = headerOf(row)
			}
			if !yield(page, err) {
				return
			}
		}
	}
}

// header is what is returned of an element x for its header.
const header = "[x._key, x._digest, x._volatileDigest]"

const entityHeaderText = "MATCH (x:Entity) USING INDEX x:Entity(_key) WHERE x._key > $after AND x._key < $end AND x._type = $type AND x._instance = $instance " +
	"WITH x ORDER BY x._key LIMIT $limit RETURN collect(" + header + ")"

func (s *Store) entityHeaders(ctx context.Context, scope graph.Scope) pages {
	after, end := keyRange(scope)
	return s.keyset(ctx, entityHeaderText, map[string]any{
		"after": after, "end": end, "type": scope.Type, "instance": scope.Instance, "limit": pageRows,
	})
}

// keyRange returns two texts between which, both exclusive, lie the keys of the scope's entities and no other.
func keyRange(scope graph.Scope) (after, end string) {
	prefix := scope.Prefix()
	return prefix, prefix[:len(prefix)-1] + ";" // the byte after ':'
}

func headerOf(row any) graph.Header {
	values, _ := row.([]any)
	return graph.Header{Key: keyOf(row), Digest: digestOf(values[1]), Volatile: digestOf(values[2])}
}
