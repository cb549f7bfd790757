package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/executor"
	"assetgraph/internal/neo4jserver/neo4jtest"
	"assetgraph/internal/simulator"
)

// The whole program against both stores: the same fleet gives the same graph, seen by the export.
func TestBothStoresHoldTheSameGraph(t *testing.T) {
	workIn(t)
	server := neo4jtest.Borrow(t)
	o := simulator.Options{Machines: 1100, Customers: 40} // more than a page of each list
	if testing.Short() {
		o = simulator.Options{Machines: 150, Customers: 6}
	}
	s, env := fleet(t, o)
	neo := map[string]string{"GRAPH_DB_ENDPOINT": server.Endpoint, "GRAPH_DB_USERNAME": server.Username, "GRAPH_DB_PASSWORD": server.Password}
	env["GRAPH_DB_USERNAME"], env["GRAPH_DB_PASSWORD"] = server.Username, server.Password
	compare := func() {
		t.Helper()
		inFile := runJSON(t, exitDone, env, "run", "--graph", "sqlite:x.db", "--max-deletes", "100%")
		inServer := runJSON(t, exitDone, env, "run", "--graph", server.Endpoint, "--max-deletes", "100%")
		require.Equal(t, inFile.Totals, inServer.Totals)
		file, srv := execute(t, nil, "export", "--graph", "sqlite:x.db"), execute(t, neo, "export")
		require.Equal(t, exitDone, srv.code, srv.stderr)
		require.Equal(t, undated(t, file.stdout), undated(t, srv.stdout))
		require.NotContains(t, srv.stdout+srv.stderr, server.Password)
	}
	compare()
	s.Advance(simulator.Change{Add: 5, Remove: 5, Edit: 5, Rename: 2, Move: 3, CheckIn: 10})
	compare()

	plan := runJSON(t, exitDone, env, "plan", "--graph", server.Endpoint)
	require.Equal(t, executor.Counts{Unchanged: plan.Totals.Unchanged}, plan.Totals)
	r := execute(t, neo, "query", "MATCH (n:ninjarmm_device) RETURN count(n) AS n", "--output", "csv")
	require.Equal(t, exitDone, r.code, r.stderr)
	require.Positive(t, atoi(t, r.stdout))
	execute(t, neo, "query", "CREATE (n:x)").requireFailed(t, exitFailed, "read")
	require.Equal(t, 2, strings.Count(execute(t, neo, "history", "--output", "json").stdout, `"startedAt"`))

	r = execute(t, neo, "clear", "--all", "--yes")
	require.Equal(t, exitDone, r.code, r.stderr)
	require.Empty(t, execute(t, neo, "export").stdout)
}

func TestWrongPasswordOfTheGraphIsSaidBeforeAnythingIsCollected(t *testing.T) {
	workIn(t)
	server := neo4jtest.Borrow(t)
	env, hits := watched(t)
	env["GRAPH_DB_PASSWORD"] = "very-secret-but-wrong"
	r := execute(t, env, "--graph", server.Endpoint)
	r.requireFailed(t, exitFailed, "GRAPH_DB_PASSWORD")
	require.NotContains(t, r.stderr, "very-secret")
	require.Zero(t, hits.Load())
}

// undated returns the lines of an export, sorted, without what differs from run to run.
func undated(t *testing.T, export string) []string {
	t.Helper()
	var lines []string
	for line := range strings.Lines(withoutIntegrations(export)) {
		var doc map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &doc))
		delete(doc, "_createdOn")
		delete(doc, "_updatedOn")
		lines = append(lines, fmt.Sprint(doc))
	}
	slices.Sort(lines)
	return lines
}
