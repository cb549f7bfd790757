package neo4j

import (
	"bytes"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/internal/neo4jserver"
	"assetgraph/internal/neo4jserver/neo4jtest"
)

// A cutter stands between store and server. It swallows the answer to as many COMMITs as it is told, and breaks the
// connection.
type cutter struct {
	address string
	left    atomic.Int64 // COMMITs whose answer will be lost
	cut     atomic.Int64 // those that were
}

func newCutter(t *testing.T, endpoint string) *cutter {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	c := &cutter{address: "bolt://" + l.Addr().String()}
	var wg sync.WaitGroup
	t.Cleanup(func() {
		require.NoError(t, l.Close())
		wg.Wait()
	})
	wg.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", strings.TrimPrefix(endpoint, "bolt://"))
			if err != nil {
				t.Error(err)
				return
			}
			wg.Go(func() { c.relay(client, server) })
		}
	})
	return c
}

// relay passes on what both sides say. The COMMIT message is a structure without fields (0xB0) and the tag 0x12, in a
// chunk of its own.
func (c *cutter) relay(client, server net.Conn) {
	commit := []byte{0, 2, 0xB0, 0x12, 0, 0}
	var swallow atomic.Bool
	var wg sync.WaitGroup
	pass := func(from, to net.Conn, drop func([]byte) bool) {
		defer func() { _, _ = from.Close(), to.Close() }()
		b := make([]byte, 1<<16)
		for {
			n, err := from.Read(b)
			if err != nil || drop(b[:n]) {
				return
			}
			if _, err := to.Write(b[:n]); err != nil {
				return
			}
		}
	}
	wg.Go(func() {
		pass(client, server, func(b []byte) bool {
			if bytes.Contains(b, commit) && c.left.Add(-1) >= 0 {
				swallow.Store(true)
			}
			return false
		})
	})
	wg.Go(func() {
		pass(server, client, func([]byte) bool {
			if swallow.Load() {
				c.cut.Add(1)
			}
			return swallow.Load()
		})
	})
	wg.Wait()
}

func TestBatchWhoseCommitWasNotAnsweredIsSentAgain(t *testing.T) {
	b, f := newBench(t), newFleet(t)
	c := newCutter(t, b.server.Endpoint)
	config := b.config()
	config.URI = c.address
	s := b.openAs(t, config, f.schema)
	group, agents, has := f.agents(t, 50)
	apply(t, s, graph.Create, group)

	c.left.Store(1)
	apply(t, s, graph.Create, agents...)
	c.left.Store(2)
	apply(t, s, graph.Create, has...)

	require.EqualValues(t, 3, c.cut.Load())
	require.EqualValues(t, 50, b.one(t, "MATCH (:sentinelone_group)-[r:HAS]->(:sentinelone_agent) RETURN count(r)", nil))

	c.left.Store(1 << 30)
	_, err := s.Apply(t.Context(), batchOf(graph.Update, agents...))
	require.Error(t, err)
	require.True(t, driver.IsConnectivityError(unwrapped(err)), "%v", err)
	require.EqualValues(t, 3+maxSends, c.cut.Load(), "not for ever")
	c.left.Store(0)
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
