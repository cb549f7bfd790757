package e2e

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/graph/neo4j"
	"assetgraph/internal/executor"
	"assetgraph/internal/simulator"
)

// repairedOnNeo4j lets somebody damage what the program wrote in several ways. Each time the next run mends it, says so
// in its counts, and the one after it finds nothing to do.
func repairedOnNeo4j(t *testing.T) {
	config := server(t)
	e := newEstate(t, simulator.Options{}, t.Cleanup)
	e.options.PageSize = 200
	first := openServer(t, config)
	e.run(t, t.Context(), first)
	n := newServerNeighbour(t, config)
	before, counts := read(t, t.Context(), first), n.census(t)

	const unseen = ", which no number shows: noticed when everything is read back"
	for name, damage := range map[string][]string{
		"labels of a type, some of another, relationships drawn twice": {
			"MATCH (n:immybot_computer) REMOVE n:immybot_computer RETURN count(n)",
			"MATCH (n:ninjarmm_device) WITH n ORDER BY n._key LIMIT 5 REMOVE n:ninjarmm_device RETURN count(n)",
			"MATCH (a:Entity)-[r:HAS]->(b:Entity) WITH a, r, b LIMIT 25 CREATE (a)-[s:HAS]->(b) SET s = r RETURN count(s)",
		},
		"labels of both ends, what is derived drawn thrice, relationships deleted": {
			"MATCH (n:immybot_computer|immybot_tenant) REMOVE n:immybot_computer:immybot_tenant RETURN count(n)",
			"MATCH (a:Entity)-[r:IS]->(b:device) WITH a, r, b LIMIT 25 CREATE (a)-[s:IS]->(b), (a)-[u:IS]->(b) SET s = r, u = r RETURN count(s)",
			"MATCH (:ninjarmm_organization)-[r:HAS]->(:Entity) WITH r LIMIT 25 DELETE r RETURN count(r)",
		},
		"labels of all entities": {
			"MATCH (n:sentinelone_agent) REMOVE n:Entity RETURN count(n)",
		},
		"labels of a class, types and instances" + unseen: {
			"MATCH (n:sentinelone_agent) REMOVE n:HostAgent RETURN count(n)",
			"MATCH (n:ninjarmm_organization) SET n._type = 'theirs' RETURN count(n)",
			"MATCH (n:immybot_person) REMOVE n._instance RETURN count(n)",
		},
	} {
		for _, text := range damage {
			require.Positive(t, n.do(t, text), text)
		}
		store := openServer(t, config)
		if strings.HasSuffix(name, unseen) {
			report := e.run(t, t.Context(), store)
			require.Equal(t, executor.Counts{Unchanged: report.Totals.Unchanged}, report.Totals, name)
		}
		o := e.runOptions(t, store)
		o.Verify = strings.HasSuffix(name, unseen)
		report, err := executor.Run(t.Context(), o)
		require.NoError(t, err)
		require.Equal(t, executor.StatusComplete, report.Run.Status, name)
		require.Positive(t, report.Totals.Created+report.Totals.Updated, name)
		require.Zero(t, report.Totals.Deleted, name)
		require.Equal(t, counts, n.census(t), "%s: every label and every relationship as before", name)
		requireEqual(t, before, read(t, t.Context(), store), name)
		report = e.run(t, t.Context(), store)
		require.Equal(t, executor.Counts{Unchanged: report.Totals.Unchanged}, report.Totals, name)
	}
}

// A census counts what lies in a server by labels and verbs.
type census map[string]int64

func (n serverNeighbour) census(t *testing.T) census {
	t.Helper()
	out := census{}
	for _, r := range n.rows(t, "MATCH (n:Entity) UNWIND labels(n) AS l RETURN l, count(*) UNION ALL MATCH ()-[r]->() RETURN type(r) AS l, count(*)") {
		out[r[0].(string)] = r[1].(int64)
	}
	return out
}

// movedOnNeo4j takes relationships of ours elsewhere: where its key does not say, one is somebody else's.
func movedOnNeo4j(t *testing.T) {
	config := server(t)
	e := newEstate(t, simulator.Options{}, t.Cleanup)
	e.options.PageSize = 200
	e.run(t, t.Context(), openServer(t, config))
	n := newServerNeighbour(t, config)
	counts := n.census(t)
	require.Equal(t, 1, n.do(t, "MATCH (a:ninjarmm_organization)-[r:HAS]->(b:ninjarmm_device), (other:immybot_tenant) WITH r, other, b LIMIT 1 "+
		"CREATE (other)-[s:HAS]->(b) SET s = r DELETE r RETURN count(s)"))
	store := openServer(t, config)
	report := e.run(t, t.Context(), store)
	require.Equal(t, 1, report.Totals.Created, "ours is drawn again")
	require.Equal(t, counts["HAS"]+1, n.census(t)["HAS"], "theirs stays")
	report = e.run(t, t.Context(), store)
	require.Equal(t, executor.Counts{Unchanged: report.Totals.Unchanged}, report.Totals)
}

// keyTwiceOnNeo4j copies an entity while the constraint that forbids it is gone.
func keyTwiceOnNeo4j(t *testing.T) {
	config := server(t)
	e := newEstate(t, simulator.Options{}, t.Cleanup)
	e.options.PageSize = 200
	e.run(t, t.Context(), openServer(t, config))
	n := newServerNeighbour(t, config)
	names := n.rows(t, "SHOW CONSTRAINTS YIELD name, labelsOrTypes WHERE labelsOrTypes = ['Entity'] RETURN name")
	require.Len(t, names, 1)
	n.rows(t, "DROP CONSTRAINT "+names[0][0].(string))
	copied := n.rows(t, "MATCH (n:ninjarmm_device) WITH n LIMIT 1 CREATE (c:Entity:ninjarmm_device) SET c = n RETURN c._key")[0][0].(string)
	_, err := neo4j.Open(t.Context(), config, schema(t))
	require.ErrorContains(t, err, copied, "which one it is")
	require.ErrorContains(t, err, "delete one")
	n.rows(t, "MATCH (n:ninjarmm_device {_key: '"+copied+"'}) WHERE NOT EXISTS { (n)--() } DELETE n")
	store := openServer(t, config)
	report := e.run(t, t.Context(), store)
	require.Equal(t, executor.Counts{Unchanged: report.Totals.Unchanged}, report.Totals)
}
