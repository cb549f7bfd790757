package neo4j

import (
	"context"
	"fmt"
	"iter"

	"assetgraph/graph"
	"assetgraph/internal/ahead"
)

// pageRows is how many headers of entities one page holds. A page is a transaction of its own, which the driver can
// repeat: a stream of the whole scope is no faster, and a lost connection ends it.
const pageRows = 20_000

// Headers yields the headers of one scope in ascending order of their keys, and reads ahead. Those of a relationship
// type are held in memory while they are read: no index holds their keys in order.
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
			all, err := relationships(ctx, s, relationshipQuery{typ: t, instance: scope.Instance, columns: header(t)},
				headerOf, func(h graph.Header) graph.Key { return h.Key })
			yield(single(all), err)
			return
		}
		for rows, err := range ahead.Of(ctx, s.entityHeaders(ctx, t, scope)) {
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

// single returns ordered headers with each key once. One that was there several times has no digests, so that it is
// written again.
func single(headers []graph.Header) []graph.Header {
	out := headers[:0]
	for _, h := range headers {
		if n := len(out); n > 0 && out[n-1].Key == h.Key {
			out[n-1] = graph.Header{Key: h.Key}
		} else {
			out = append(out, h)
		}
	}
	return out
}

// header is what is returned of an element x for its header.
func header(t *graph.Type) string { return "[x._key, " + digest(t) + ", x._volatileDigest]" }

func entityHeaderStatement(t *graph.Type) string {
	return "MATCH (x:Entity) USING INDEX x:Entity(_key) WHERE x._key > $after AND x._key < $end " +
		"WITH x ORDER BY x._key LIMIT $limit RETURN collect(" + header(t) + ")"
}

func (s *Store) entityHeaders(ctx context.Context, t *graph.Type, scope graph.Scope) pages {
	return s.keyset(ctx, entityHeaderStatement(t), rangeOf(scope), pageRows)
}

func headerOf(row any) graph.Header {
	values, _ := row.([]any)
	h := graph.Header{Key: keyOf(row), Digest: digestOf(values[1])}
	h.Volatile, h.Clock = volatileOf(values[2])
	return h
}
