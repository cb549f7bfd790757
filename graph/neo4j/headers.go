package neo4j

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"assetgraph/graph"
)

// pageRows is how many entities one page holds. A page is a transaction of its own, which the driver can repeat: a stream
// of the whole scope is hardly faster, and a lost connection ends it.
const pageRows = 20_000

// Headers yields the headers of one scope in ascending order of their keys. Those of a relationship type are held in memory
// while they are read: no index holds their keys in order.
func (s *Store) Headers(ctx context.Context, t *graph.Type, instance string) iter.Seq2[graph.Header, error] {
	scope := graph.Scope{Instance: instance, Type: t.Name}
	pages := s.entityHeaders(ctx, scope)
	if t.IsRelationship() {
		pages = func(yield func([]graph.Header, error) bool) { yield(s.relationshipHeaders(ctx, t, instance)) }
	}
	return func(yield func(graph.Header, error) bool) {
		for page, err := range pages {
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

const entityHeaderText = "MATCH (n:Entity) USING INDEX n:Entity(_key) WHERE n._key > $after AND n._key < $end AND n._type = $type AND n._instance = $instance " +
	"RETURN n._key, n._digest, n._volatileDigest ORDER BY n._key LIMIT $limit"

func (s *Store) entityHeaders(ctx context.Context, scope graph.Scope) iter.Seq2[[]graph.Header, error] {
	after, end := keyRange(scope)
	return func(yield func([]graph.Header, error) bool) {
		for {
			found, err := s.read(ctx, entityHeaderText, map[string]any{
				"after": after, "end": end, "type": scope.Type, "instance": scope.Instance, "limit": pageRows,
			})
			if err != nil {
				yield(nil, err)
				return
			}
			page := make([]graph.Header, len(found))
			for i, r := range found {
				page[i] = headerOf(r.Values)
			}
			if !yield(page, nil) || len(page) < pageRows {
				return
			}
			after = string(page[len(page)-1].Key)
		}
	}
}

// keyRange returns two texts between which, both exclusive, lie the keys of the scope's entities and no other.
func keyRange(scope graph.Scope) (after, end string) {
	prefix := scope.Prefix()
	return prefix, prefix[:len(prefix)-1] + ";" // the byte after ':'
}

// relationshipHeaders returns the headers of the type's relationships, of every instance when it is "", in order.
func (s *Store) relationshipHeaders(ctx context.Context, t *graph.Type, instance string) ([]graph.Header, error) {
	all, err := s.collectHeaders(ctx, relationshipHeaderText(t), map[string]any{"type": t.Name, "instance": instance})
	slices.SortFunc(all, func(a, b graph.Header) int { return cmp.Compare(a.Key, b.Key) })
	return all, err
}

// relationshipHeaderText names the labels of both ends: by them the server chooses the side with fewer nodes to start from, rather
// than look at every relationship of the verb.
func relationshipHeaderText(t *graph.Type) string {
	return fmt.Sprintf("MATCH (a:%s)-[x:%s]->(b:%s) WHERE x._type = $type AND ($instance = '' OR x._instance = $instance) AND x._key IS NOT NULL "+
		"RETURN x._key, x._digest, x._volatileDigest", quote(t.From), quote(t.Verb), quote(t.To))
}

func (s *Store) collectHeaders(ctx context.Context, text string, params map[string]any) ([]graph.Header, error) {
	session := s.session(ctx, driver.AccessModeRead)
	defer func() { _ = session.Close(context.WithoutCancel(ctx)) }() // the transaction has ended either way
	all, err := driver.ExecuteRead(ctx, session, func(tx driver.ManagedTransaction) ([]graph.Header, error) {
		result, err := tx.Run(ctx, text, params)
		if err != nil {
			return nil, err
		}
		var all []graph.Header
		for result.Next(ctx) {
			all = append(all, headerOf(result.Record().Values))
		}
		return all, result.Err()
	})
	return all, ended(ctx, err)
}

func headerOf(values []any) graph.Header {
	key, _ := values[0].(string)
	return graph.Header{Key: graph.Key(key), Digest: digestOf(values[1]), Volatile: digestOf(values[2])}
}
