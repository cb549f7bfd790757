package neo4j

import (
	"context"
	"os"
	"testing"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/internal/neo4jserver"
	"assetgraph/internal/neo4jserver/neo4jtest"
)

func TestMain(m *testing.M) { os.Exit(neo4jtest.Main(m)) }

// bench is an empty graph on the test server, and a way to it past the store.
type bench struct {
	server *neo4jserver.Server
	driver driver.DriverWithContext
}

func newBench(t testing.TB) *bench {
	t.Helper()
	server := neo4jtest.Borrow(t)
	d, err := driver.NewDriverWithContext(server.Endpoint, driver.BasicAuth(server.Username, server.Password, ""))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.Close(context.WithoutCancel(t.Context()))) })
	return &bench{server: server, driver: d}
}

func (b *bench) config() Config {
	return Config{URI: b.server.Endpoint, Username: b.server.Username, Password: b.server.Password}
}

func (b *bench) open(t testing.TB, schema *graph.Schema) *Store {
	t.Helper()
	return b.openAs(t, b.config(), schema)
}

func (b *bench) openAs(t testing.TB, c Config, schema *graph.Schema) *Store {
	t.Helper()
	s, err := Open(t.Context(), c, schema)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// run executes a text past the store and returns its records.
func (b *bench) run(t testing.TB, text string, params map[string]any) [][]any {
	t.Helper()
	result, err := driver.ExecuteQuery(t.Context(), b.driver, text, params, driver.EagerResultTransformer,
		driver.ExecuteQueryWithDatabase("neo4j"))
	require.NoError(t, err, text)
	var out [][]any
	for _, r := range result.Records {
		out = append(out, r.Values)
	}
	return out
}

// one returns the only value of the only record.
func (b *bench) one(t testing.TB, text string, params map[string]any) any {
	t.Helper()
	found := b.run(t, text, params)
	require.Len(t, found, 1, text)
	require.Len(t, found[0], 1, text)
	return found[0][0]
}
