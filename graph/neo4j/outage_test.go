package neo4j

import (
	"math"
	"net/url"
	"strconv"
	"strings"
	"testing"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/internal/neo4jserver"
	"assetgraph/internal/neo4jserver/neo4jtest"
)

func TestBatchWhoseCommitWasNotAnsweredIsSentAgain(t *testing.T) {
	b, f := newBench(t), newFleet(t)
	p := neo4jtest.NewProxy(t, b.server.Endpoint)
	config := b.config()
	config.URI = p.Endpoint
	s := b.openAs(t, config, f.schema)
	group, agents, has := f.agents(t, 50)
	apply(t, s, graph.Create, group)

	p.Cut(0, 1, neo4jtest.ProgramSide)
	apply(t, s, graph.Create, agents...)
	p.Cut(0, 2, neo4jtest.ProgramSide)
	apply(t, s, graph.Create, has...)

	require.Equal(t, 3, p.Cuts())
	require.EqualValues(t, 50, b.one(t, "MATCH (:sentinelone_group)-[r:HAS]->(:sentinelone_agent) RETURN count(r)", nil))

	p.Cut(0, math.MaxInt, neo4jtest.ProgramSide)
	_, err := s.Apply(t.Context(), batchOf(graph.Update, agents...))
	require.Error(t, err)
	require.True(t, driver.IsConnectivityError(unwrapped(err)), "%v", err)
	require.Equal(t, 3+maxSends, p.Cuts(), "not for ever")
	p.Cut(0, 0, neo4jtest.ProgramSide)
	apply(t, s, graph.Update, agents...)
}

func unwrapped(err error) error {
	for {
		u, ok := err.(interface{ Unwrap() error })
		if !ok || u.Unwrap() == nil {
			return err
		}
		err = u.Unwrap()
	}
}

func TestServerThatRestartsAndHasLittleMemory(t *testing.T) {
	options := neo4jserver.Options{Settings: []string{"db.memory.transaction.max=8m"}}
	server := neo4jtest.StartOwn(t, options)
	f := newFleet(t)
	s, err := Open(t.Context(), Config{URI: server.Endpoint, Username: server.Username, Password: server.Password}, f.schema)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })

	t.Run("a batch that is too large for the server is halved", func(t *testing.T) {
		long := strings.Repeat("long ", 10_000)
		var agents []*graph.Element
		for i := range 150 {
			agents = append(agents, f.anAgent(t, strconv.Itoa(i), map[string]graph.Value{"hostname": graph.TextOf(long)}))
		}
		apply(t, s, graph.Create, agents...)
		require.Equal(t, 150, s.Counters().NodesCreated)
		huge := f.anAgent(t, "huge", map[string]graph.Value{"hostname": graph.TextOf(strings.Repeat("x", 10<<20))})
		_, err := s.Apply(t.Context(), batchOf(graph.Create, huge))
		require.ErrorIs(t, err, errTooLarge)
	})

	t.Run("a batch waits for a server that restarts", func(t *testing.T) {
		_, agents, _ := f.agents(t, 300)
		apply(t, s, graph.Create, agents[:100]...)
		require.NoError(t, server.Stop())
		done := make(chan error, 1)
		go func() {
			_, err := s.Apply(t.Context(), batchOf(graph.Create, agents...))
			done <- err
		}()
		u, err := url.Parse(server.Endpoint)
		require.NoError(t, err)
		options.Home, options.Brief = server.Home, true
		options.Port, err = strconv.Atoi(u.Port())
		require.NoError(t, err)
		again, err := neo4jserver.Start(t.Context(), options)
		require.NoError(t, err)
		require.Equal(t, server.Endpoint, again.Endpoint)
		require.NoError(t, <-done)
		require.Equal(t, 300+150, len(headers(t, s, f.agent, "s1"))) //nolint:testifylint // Len prints all of them
	})
}
