package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/neo4jserver/neo4jtest"
	"assetgraph/internal/simulator"
)

// The same question has the same answer in JSON on both stores: booleans, lists and times included.
func TestJSONHasTheSameTypesOnBothStores(t *testing.T) {
	workIn(t)
	server := neo4jtest.Borrow(t)
	_, env := fleet(t, simulator.Options{})
	env["GRAPH_DB_USERNAME"], env["GRAPH_DB_PASSWORD"] = server.Username, server.Password
	rows := func(graph, text string) (list []map[string]any) {
		t.Helper()
		r := execute(t, env, "query", text, "--graph", graph, "--output", "json")
		require.Equal(t, exitDone, r.code, r.stderr)
		require.NoError(t, json.Unmarshal([]byte(r.stdout), &list))
		return list
	}
	for _, graph := range []string{"sqlite:x.db", server.Endpoint} {
		require.Equal(t, exitDone, execute(t, env, "run", "--graph", graph).code)
	}
	const columns = "hostname as h, hasEdr as edr, macAddresses as macs, lastSeenOn as seen"
	file := rows("sqlite:x.db", "select "+columns+" from device order by _key limit 40")
	require.Len(t, file, 40)
	require.Equal(t, file, rows(server.Endpoint, "MATCH (d:device) WITH d.hostname as h, d.hasEdr as edr, d.macAddresses as macs, d.lastSeenOn as seen, d ORDER BY d._key LIMIT 40 RETURN h, edr, macs, seen"))
	booleans, lists := 0, 0
	for _, r := range file {
		if _, ok := r["edr"].(bool); ok {
			booleans++
		}
		if _, ok := r["macs"].([]any); ok {
			lists++
		}
	}
	require.Positive(t, booleans)
	require.Positive(t, lists)
}
