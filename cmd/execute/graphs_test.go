package main

import (
	"context"
	"maps"
	"testing"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/graph/neo4j"
	"assetgraph/graph/sqlite"
	"assetgraph/internal/neo4jserver"
	"assetgraph/internal/neo4jserver/neo4jtest"
	"assetgraph/internal/providers"
)

// A place is where the graph of a test lies: the file of the working directory, or the test server.
type place struct {
	server *neo4j.Config       // nil for the file
	lent   *neo4jserver.Server // that server leads to
}

// onBothGraphs runs a test in an empty folder with a graph in a file, and with one on the server.
func onBothGraphs(t *testing.T, test func(t *testing.T, p place)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		workIn(t)
		test(t, place{})
	})
	t.Run("neo4j", func(t *testing.T) {
		workIn(t)
		s := neo4jtest.Borrow(t)
		test(t, place{&neo4j.Config{URI: s.Endpoint, Username: s.Username, Password: s.Password}, s})
	})
}

// bare returns a place for one case of several, with nothing in it. A file is that of a new working directory.
func (p place) bare(t *testing.T) place {
	t.Helper()
	if p.server == nil {
		workIn(t)
	} else {
		neo4jtest.Empty(t, p.lent)
	}
	return p
}

// env adds to settings those that lead to the graph.
func (p place) env(settings map[string]string) map[string]string {
	all := map[string]string{}
	maps.Copy(all, settings)
	if p.server != nil {
		all["GRAPH_DB_ENDPOINT"], all["GRAPH_DB_USERNAME"], all["GRAPH_DB_PASSWORD"] = p.server.URI, p.server.Username, p.server.Password
	}
	return all
}

// store opens the graph past the program.
func (p place) store(t *testing.T) graph.Store {
	t.Helper()
	schema, err := providers.All().Schema()
	require.NoError(t, err)
	var s graph.Store
	if p.server == nil {
		s, err = sqlite.Open(t.Context(), "assetgraph.db", schema, sqlite.Options{})
	} else {
		s, err = neo4j.Open(t.Context(), *p.server, schema)
	}
	require.NoError(t, err)
	return s
}

// question returns the text in the language of the graph.
func (p place) question(sql, cypher string) string {
	if p.server == nil {
		return sql
	}
	return cypher
}

// change changes the graph as another tool would.
func (p place) change(t *testing.T, sql, cypher string) {
	t.Helper()
	if p.server == nil {
		inFile(t, sql)
		return
	}
	d, err := driver.NewDriverWithContext(p.server.URI, driver.BasicAuth(p.server.Username, p.server.Password, ""))
	require.NoError(t, err)
	_, err = driver.ExecuteQuery(t.Context(), d, cypher, nil, driver.EagerResultTransformer)
	require.NoError(t, err)
	require.NoError(t, d.Close(context.WithoutCancel(t.Context())))
}
