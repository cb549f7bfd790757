package neo4j

import (
	"context"
	"slices"
	"strings"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"assetgraph/graph"
)

// A relationshipQuery says which relationships are read, and what of them.
type relationshipQuery struct {
	typ      *graph.Type
	instance string // "" for every one
	columns  string // of a relationship x

	// keyed takes a relationship for one between the entities that its key names, without a look at both, which is a
	// third of the work. One that somebody else has copied to other nodes is not told from ours.
	keyed bool
}

// relationships returns what of makes of each relationship, in ascending order of the keys. All of it is held in memory:
// no index holds keys of relationships in order.
func relationships[T any](
	ctx context.Context, s *Store, q relationshipQuery, of func(row any) T, key func(T) graph.Key,
) ([]T, error) {
	if empty, err := s.isEmpty(ctx); empty || err != nil {
		return nil, err
	}
	size, err := s.sizeOf(ctx, q.typ)
	if err != nil || size.relationships == 0 {
		return nil, err
	}
	text, start := q.text(size)
	ranges, err := s.ranges(ctx, start, "")
	if err != nil {
		return nil, err
	}
	params := map[string]any{
		"ranges": rangeParameter(ranges), "type": q.typ.Name, "instance": q.instance, "step": partRows,
		"verb": "|" + q.typ.Verb + "|",
	}
	session := s.session(ctx, driver.AccessModeRead)
	defer func() { _ = session.Close(context.WithoutCancel(ctx)) }() // the transaction has ended either way
	all, err := driver.ExecuteRead(ctx, session, func(tx driver.ManagedTransaction) ([]T, error) {
		result, err := tx.Run(ctx, text, params)
		if err != nil {
			return nil, err
		}
		return collect(ctx, result, of)
	})
	slices.SortFunc(all, func(a, b T) int { return strings.Compare(string(key(a)), string(key(b))) })
	return all, ended(ctx, err)
}

// collect reads records that hold many rows each. A row without a key is of what was deleted after it was found.
func collect[T any](ctx context.Context, result driver.ResultWithContext, of func(row any) T) (all []T, err error) {
	for result.Next(ctx) {
		rows, _ := result.Record().Values[0].([]any)
		for _, row := range rows {
			if keyOf(row) != "" {
				all = append(all, of(row))
			}
		}
	}
	return all, result.Err()
}

func rangeParameter(list []keyRange) []any {
	out := make([]any, len(list))
	for i, r := range list {
		out[i] = []any{r.after, r.end}
	}
	return out
}

// typeSize is how many entities the ends of a relationship type have, and at most how many relationships it has: what
// the server knows without looking at any. Where labels were taken away the figures are wrong, and serve: they say
// where to begin, not what is there.
type typeSize struct{ from, to, relationships int }

func (s *Store) sizeOf(ctx context.Context, t *graph.Type) (typeSize, error) {
	from, verb, to := "(:"+quote(t.From)+")", "-[:"+quote(t.Verb)+"]->", "(:"+quote(t.To)+")"
	n, err := s.countOf(ctx, from, to, from+verb+"()", "()"+verb+to, "()"+verb+"()")
	if err != nil {
		return typeSize{}, err
	}
	size := typeSize{from: n[0], to: n[1], relationships: min(n[2], n[3])}
	if size.relationships == 0 {
		size.relationships = n[4]
	}
	return size, nil
}

// text returns the statement and the type in whose $ranges it starts: the side with fewer entities. It finds all
// relationships before it reads anything of them, since it takes the server twice as long to collect values. The pattern
// is a list, so that the server has no other way to find them, whatever it takes the graph to be like.
func (q *relationshipQuery) text(size typeSize) (text, start string) {
	start, end, key := q.typ.From, "-[x:"+quote(q.typ.Verb)+"]->", "n._key + $verb + m._key"
	if size.to < size.from {
		start, end, key = q.typ.To, "<-[x:"+quote(q.typ.Verb)+"]-", "m._key + $verb + n._key"
	}
	where := " WHERE x._type = $type AND ($instance = '' OR x._instance = $instance)"
	if q.keyed {
		end += "()"
	} else {
		end, where = end+"(m:Entity)", where+" AND x._key = "+key
	}
	return "UNWIND $ranges AS keys MATCH (n:Entity) USING INDEX n:Entity(_key) " +
		"WHERE n._key > keys[0] AND n._key < keys[1] WITH collect(n) AS nodes UNWIND nodes AS n UNWIND [(n)" + end + where +
		" | x] AS x WITH collect(x) AS found UNWIND range(0, size(found) - 1, $step) AS i " +
		"RETURN [x IN found[i..i + $step] | " + q.columns + "]", start
}

// partRows is how many relationships one record holds.
const partRows = 5_000
