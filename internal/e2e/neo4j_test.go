package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/graph/neo4j"
	"assetgraph/internal/executor"
	"assetgraph/internal/neo4jserver/neo4jtest"
	"assetgraph/internal/report"
	"assetgraph/internal/simulator"
)

// TestNeo4j holds what can happen to a graph on a server alone.
func TestNeo4j(t *testing.T) {
	t.Parallel()
	t.Run("connection cut at COMMIT", cutAtCommit)
	t.Run("what others' relationships hang on is retired and comes back", retiredOnNeo4j)
	t.Run("what is said to be cleared is cleared", clearedOnNeo4j)
	t.Run("damage is repaired once", repairedOnNeo4j)
	t.Run("a relationship that was moved is theirs", movedOnNeo4j)
	t.Run("a key twice is said", keyTwiceOnNeo4j)
	t.Run("two instances of each product", func(t *testing.T) {
		store := openServer(t, server(t))
		newPair(t, [2]uint64{1, 2}, fleetMachines/3).play(t, store, report.Cypher, func() int64 {
			c := store.Counters()
			return int64(c.NodesCreated + c.NodesDeleted + c.RelationshipsCreated + c.RelationshipsDeleted + c.PropertiesSet)
		})
	})
}

// server is the test server, emptied and this test's alone.
func server(t *testing.T) neo4j.Config {
	t.Helper()
	return *onServer(t).server
}

func openServer(t *testing.T, c neo4j.Config) *neo4j.Store {
	t.Helper()
	s, err := neo4j.Open(t.Context(), c, schema(t))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// cutAtCommit breaks the connection at one COMMIT of a run after another: before it reaches the server, and before
// its outcome reaches the program. The run may fail; whether it does or not, the next one ends in the truth.
func cutAtCommit(t *testing.T) {
	config := server(t)
	direct := openServer(t, config)
	e := newEstate(t, simulator.Options{}, t.Cleanup)
	e.options.PageSize = 200
	cuts, failed := 0, 0
	for _, side := range []neo4jtest.Side{neo4jtest.ServerSide, neo4jtest.ProgramSide} {
		for passing := 0; passing < 31; passing += 4 {
			p := neo4jtest.NewProxy(t, config.URI)
			through := config
			through.URI = p.Endpoint
			store := openServer(t, through)
			before := read(t, t.Context(), direct)
			p.Cut(passing, 1, side)
			o := e.runOptions(t, store)
			o.Lease = childLease
			_, err := executor.Run(t.Context(), o)
			if err != nil {
				failed++
			}
			cuts += p.Cuts()
			truth := e.truth(t, t.Context())
			requireNothingLost(t, before, truth, read(t, t.Context(), direct))

			o = e.runOptions(t, direct)
			o.Wait = 10 * childLease
			report, err := executor.Run(t.Context(), o)
			require.NoError(t, err)
			require.Equal(t, executor.StatusComplete, report.Run.Status, "%v", report.Steps)
			requireEqual(t, truth, read(t, t.Context(), direct), "after a cut connection")
			e.Advance(change())
		}
	}
	require.Greater(t, cuts, 12)
	t.Logf("%d COMMITs cut, %d runs failed of it", cuts, failed)
}
