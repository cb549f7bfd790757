package neo4j

import (
	"context"
	"slices"
	"strings"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"assetgraph/graph"
)

// relationships reads what columns says of each relationship x of the type, of every instance when it is "", and
// returns what of makes of it, in ascending order of the keys. All of it is held in memory: no index holds keys of
// relationships in order.
func relationships[T any](
	ctx context.Context, s *Store, sel graph.Selection, columns string, of func(row any) T, key func(T) graph.Key,
) ([]T, error) {
	size, err := s.sizeOf(ctx, sel.Type)
	if err != nil || size.relationships == 0 {
		return nil, err
	}
	text, start, step := relationshipsText(sel.Type, columns, size)
	ranges, err := s.ranges(ctx, start, "")
	if err != nil {
		return nil, err
	}
	params := map[string]any{
		"ranges": rangeParameter(ranges), "type": sel.Type.Name, "instance": sel.Instance, "step": step, "verb": "|" +
			sel.Type.Verb + "|",
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

// collect reads records that hold, for each of many nodes, a list of rows.
func collect[T any](ctx context.Context, result driver.ResultWithContext, of func(row any) T) (all []T, err error) {
	for result.Next(ctx) {
		nodes, _ := result.Record().Values[0].([]any)
		for _, node := range nodes {
			rows, _ := node.([]any)
			for _, row := range rows {
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
	from, verb, to := quote(t.From), quote(t.Verb), quote(t.To)
	found, err := s.read(ctx, "MATCH (n:"+from+") RETURN count(n) AS n UNION ALL MATCH (n:"+to+
		") RETURN count(n) AS n "+
		"UNION ALL MATCH (:"+from+")-[r:"+verb+"]->() RETURN count(r) AS n UNION ALL MATCH ()-[r:"+verb+"]->(:"+to+
		") RETURN count(r) AS n "+
		"UNION ALL MATCH ()-[r:"+verb+"]->() RETURN count(r) AS n", nil)
	if err != nil {
		return typeSize{}, err
	}
	var counts [5]int
	for i := range counts {
		n, _ := found[i].Values[0].(int64)
		counts[i] = int(n)
	}
	size := typeSize{from: counts[0], to: counts[1], relationships: min(counts[2], counts[3])}
	if size.relationships == 0 {
		size.relationships = counts[4]
	}
	return size, nil
}

// relationshipsText returns the statement, the type in whose $ranges it starts, and its $step: of how many entities the
// relationships are returned at once. It starts from the side with fewer entities; when there are many relationships
// from the side with more, so that few of them hang on one and no record becomes huge.
func relationshipsText(t *graph.Type, columns string, size typeSize) (text, start string, step int) {
	start, nodes, pattern, key := t.From, size.from, "(n)-[x:"+quote(t.Verb)+"]->(m:Entity)", "n._key + $verb + m._key"
	if (size.to < size.from) == (size.relationships <= pageRows) {
		start, nodes, pattern, key = t.To, size.to, "(n)<-[x:"+quote(t.Verb)+"]-(m:Entity)", "m._key + $verb + n._key"
	}
	text = "UNWIND $ranges AS keys MATCH (n:Entity) USING INDEX n:Entity(_key) WHERE n._key > keys[0] AND n._key < keys[1] WITH collect(n) AS nodes " +
		"UNWIND range(0, size(nodes) - 1, $step) AS i RETURN [n IN nodes[i..i + $step] | [" + pattern +
		" WHERE x._type = $type AND ($instance = '' OR x._instance = $instance) AND x._key = " + key + " | " + columns +
		"]]"
	return text, start, max(1, min(nodes, partRows*nodes/max(1, size.relationships)))
}

// partRows is how many relationships a record of relationshipsText is meant to hold.
const partRows = 5_000
