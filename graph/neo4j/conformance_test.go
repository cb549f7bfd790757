package neo4j

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/graph/storetest"
)

func TestConformance(t *testing.T) {
	storetest.Run(t, storetest.Suite{
		New: func(t *testing.T) storetest.Graph { return someoneElse{newBench(t)} },
		Queries: storetest.Queries{
			Values:  "RETURN 2 AS b, 'one' AS a, null AS n, true AS t",
			NoRows:  "UNWIND [] AS x RETURN x",
			Names:   "MATCH (n:fleetmgr_device) RETURN n.name AS name ORDER BY name",
			Invalid: "MATCH (n RETURN n",
			Endless: "UNWIND range(1, 1000000) AS a UNWIND range(1, 1000000) AS b RETURN count(*) AS n",
			Writes: []string{
				"CREATE (n:Machine)",
				"MATCH (n) DETACH DELETE n",
				"MATCH (n:fleetmgr_device) SET n.name = 'x' RETURN n.name",
				"MATCH (n:fleetmgr_device) REMOVE n:Device",
				"MATCH (n:fleetmgr_device) MERGE (n)-[:HAS]->(:Machine)",
				"MATCH (n:fleetmgr_device) FOREACH (x IN [1] | SET n.name = 'x')",
				"MATCH (n:fleetmgr_device) CALL (n) { SET n.name = 'x' } IN TRANSACTIONS",
				"MATCH (n:fleetmgr_device) CALL (n) { RETURN 1 AS x } IN TRANSACTIONS RETURN x",
				"PROFILE MATCH (n:fleetmgr_device) SET n.name = 'x'",
				"RETURN 1; MATCH (n) DETACH DELETE n",
				"CREATE INDEX somebody FOR (n:fleetmgr_device) ON (n.name)",
				"CREATE CONSTRAINT somebody FOR (n:fleetmgr_device) REQUIRE n.name IS UNIQUE",
				"CALL db.createLabel('Machine')",
				"CALL db.createProperty('remark')",
				"CREATE USER somebody SET PASSWORD 'long-enough' CHANGE NOT REQUIRED",
				"ALTER USER neo4j SET PASSWORD 'long-enough' CHANGE NOT REQUIRED",
				"DROP USER neo4j",
			},
		},
	})
}

// someoneElse works on the graph past the store.
type someoneElse struct{ *bench }

func (o someoneElse) Open(t *testing.T, schema *graph.Schema, readOnly bool) graph.Store {
	t.Helper()
	c := o.config()
	c.ReadOnly, c.Searched = readOnly, []string{"hostname", "macAddresses"}
	s, err := Open(t.Context(), c, schema)
	require.NoError(t, err)
	return s
}

const findAny = "CALL () { MATCH (x:Entity {_key: $key}) RETURN x UNION MATCH ()-[x {_key: $key}]->() RETURN x } "

func (o someoneElse) SetProperty(t *testing.T, key graph.Key, name, value string) {
	t.Helper()
	n := o.one(t, findAny+"SET x += $properties RETURN count(x)", map[string]any{"key": string(key), "properties": map[string]any{name: value}})
	require.EqualValues(t, 1, n)
}

func (o someoneElse) Property(t *testing.T, key graph.Key, name string) string {
	t.Helper()
	value, _ := o.one(t, findAny+"RETURN x[$name]", map[string]any{"key": string(key), "name": name}).(string)
	return value
}

func (o someoneElse) SetLabel(t *testing.T, key graph.Key, label string) bool {
	t.Helper()
	o.run(t, "MATCH (n:Entity {_key: $key}) SET n:"+quote(label), map[string]any{"key": string(key)})
	return true
}

func (o someoneElse) HasLabel(t *testing.T, key graph.Key, label string) bool {
	t.Helper()
	return o.one(t, "MATCH (n:Entity {_key: $key}) RETURN $label IN labels(n)", map[string]any{"key": string(key), "label": label}).(bool)
}

func (o someoneElse) DateLease(t *testing.T, instance string, left time.Duration) {
	t.Helper()
	n := o.one(t, "MATCH (n:AssetgraphLease {instance: $instance}) SET n.expires = datetime.realtime().epochMillis + $left RETURN count(n)",
		map[string]any{"instance": instance, "left": left.Milliseconds()})
	require.EqualValues(t, 1, n)
}

// Double can't copy an entity: the constraint forbids it.
func (o someoneElse) Double(t *testing.T, key graph.Key) bool {
	t.Helper()
	from, to := key.Ends()
	if from == "" {
		return false
	}
	verb := quote(strings.Split(string(key), "|")[1])
	n := o.one(t, "MATCH (a:Entity {_key: $from})-[r:"+verb+" {_key: $key}]->(b:Entity {_key: $to}) WITH a, b, r LIMIT 1 CREATE (a)-[s:"+verb+"]->(b) SET s = r RETURN count(s)",
		map[string]any{"from": string(from), "to": string(to), "key": string(key)})
	require.EqualValues(t, 1, n)
	return true
}

func (o someoneElse) Relate(t *testing.T, key graph.Key) bool {
	t.Helper()
	o.run(t, "MATCH (n:Entity {_key: $key}) CREATE (:Ticket {number: 1})-[:ABOUT {since: 2026}]->(n)", map[string]any{"key": string(key)})
	return true
}

func (o someoneElse) Related(t *testing.T, key graph.Key) bool {
	t.Helper()
	return o.one(t, "MATCH (:Ticket {number: 1})-[r:ABOUT {since: 2026}]->(:Entity {_key: $key}) RETURN count(r)",
		map[string]any{"key": string(key)}).(int64) == 1
}
