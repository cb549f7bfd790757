package e2e

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/converters"
	"assetgraph/graph"
	"assetgraph/graph/neo4j"
	"assetgraph/graph/sqlite"
	"assetgraph/internal/executor"
	"assetgraph/internal/neo4jserver"
	"assetgraph/internal/neo4jserver/neo4jtest"
	"assetgraph/internal/simulator"
)

// A ground is where the graph of a test lies: a SQLite file, or the Neo4j server of the test binary.
type ground struct {
	path     string              // of the file
	server   *neo4j.Config       // nil for a file
	lent     *neo4jserver.Server // that server leads to
	pristine *estate             // the fleet as it was loaded into the server, see fork
	healed   bool                // the last case has ended in the graph that it began with
}

// onBothStores runs a test on a file and on the server. Tests on the server take turns.
func onBothStores(t *testing.T, test func(t *testing.T, g *ground)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, inFile(t)) })
	t.Run("neo4j", func(t *testing.T) { test(t, onServer(t)) })
}

func inFile(t *testing.T) *ground {
	t.Helper()
	return &ground{path: filepath.Join(t.TempDir(), "graph.db")}
}

func onServer(t *testing.T) *ground {
	t.Helper()
	s := neo4jtest.Borrow(t)
	return &ground{lent: s, server: &neo4j.Config{URI: s.Endpoint, Username: s.Username, Password: s.Password}}
}

// Fleets on the server are smaller: what is proved there is that nothing of a promise is the other store's alone.
const (
	serverMachines  = 40
	serverCustomers = 5
)

// fleet gives options the size of a fleet that suits the ground, unless they have one.
func (g *ground) fleet(o simulator.Options) simulator.Options {
	if o.Machines == 0 && g.server != nil {
		o.Machines, o.Customers = serverMachines, serverCustomers
	}
	return o
}

// change is that of the package, small enough for the guard to let all of it go.
func (g *ground) change() simulator.Change {
	c := change()
	if g.server != nil {
		c.Remove = 1
	}
	return c
}

// estate starts a fleet of a size that suits the ground.
func (g *ground) estate(t *testing.T, o simulator.Options) *estate {
	t.Helper()
	return newEstate(t, g.fleet(o), t.Cleanup)
}

// bare returns a ground with nothing on it: another file, or the server emptied.
func (g *ground) bare(t *testing.T) *ground {
	t.Helper()
	if g.server == nil {
		return inFile(t)
	}
	neo4jtest.Empty(t, g.lent)
	return &ground{lent: g.lent, server: g.server}
}

// parallel lets a case run beside others where each has a graph of its own.
func (g *ground) parallel(t *testing.T) {
	if g.server == nil {
		t.Parallel()
	}
}

// few returns all of a list for a file, and every nth from first on for the server.
func few[T any](g *ground, list []T, n, first int) []T {
	if g.server == nil {
		return list
	}
	var out []T
	for i := first; i < len(list); i += n {
		out = append(out, list[i])
	}
	return out
}

// open opens the graph for writing until the test ends.
func (g *ground) open(t *testing.T) graph.Store {
	t.Helper()
	s := g.opened(t, t.Context(), false)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// opened opens the graph.
func (g *ground) opened(t tester, ctx ctx, readOnly bool) graph.Store {
	t.Helper()
	var s graph.Store
	var err error
	if g.server == nil {
		s, err = sqlite.Open(ctx, g.path, schema(t), sqlite.Options{ReadOnly: readOnly})
	} else {
		config := *g.server
		config.ReadOnly = readOnly
		s, err = neo4j.Open(ctx, config, schema(t))
	}
	require.NoError(t, err)
	return s
}

// load reads the estate into the graph and leaves it closed.
func (g *ground) load(t *testing.T, e *estate) {
	t.Helper()
	if g.server != nil && g.pristine == nil {
		g.pristine = g.estate(t, simulator.Options{})
		g.pristine.parts = e.parts
	}
	s := g.opened(t, t.Context(), false)
	report := e.run(t, t.Context(), s)
	require.Equal(t, executor.StatusComplete, report.Run.Status, "%v %v", report.Steps, report.Withheld)
	require.NoError(t, s.Close())
	g.healed = true
	if g.server == nil {
		require.NoFileExists(t, g.path+"-wal", "the file alone is the graph")
	}
}

// loaded reads the estate into the graph and opens it.
func (g *ground) loaded(t *testing.T, e *estate) graph.Store {
	t.Helper()
	g.load(t, e)
	return g.open(t)
}

// fork returns the ground for one case of several that begin with the same graph: a copy of the file. The server has
// one graph, so that cases there come one after another, and what the last one changed is taken back, unless it says
// that it has healed.
func (g *ground) fork(t *testing.T) *ground {
	t.Helper()
	if g.server == nil {
		return &ground{path: duplicate(t, g.path)}
	}
	if g.healed {
		g.healed = false
		return g
	}
	s := g.opened(t, t.Context(), false)
	o := g.pristine.runOptions(t, s)
	o.Guard.MaxPercent = 100
	report, err := executor.Run(t.Context(), o)
	require.NoError(t, err)
	if report.Run.Status == executor.StatusWithheld {
		o.Instances = g.pristine.instances(t)
		o.Guard.Approve = approvals(t, report)
		report, err = executor.Run(t.Context(), o)
		require.NoError(t, err)
	}
	require.Equal(t, executor.StatusComplete, report.Run.Status, "%v %v", report.Steps, report.Withheld)
	require.NoError(t, s.Close())
	return g
}

// childLease is short, so that what a killed run leaves behind runs out soon.
const childLease = time.Second

// image is all that lies in a graph: the bytes of the file and what belongs to it, or a print of the server's nodes,
// relationships and constraints.
func (g *ground) image(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if g.server == nil {
		files, err := filepath.Glob(g.path + "*")
		require.NoError(t, err)
		require.NotEmpty(t, files)
		for _, name := range files {
			text, err := os.ReadFile(name)
			require.NoError(t, err)
			b.Write(text)
		}
		return b.Bytes()
	}
	n := newServerNeighbour(t, *g.server)
	for _, text := range []string{
		"MATCH (n) RETURN elementId(n) AS id, labels(n), properties(n) ORDER BY id",
		"MATCH ()-[r]->() RETURN elementId(r) AS id, type(r), properties(r) ORDER BY id",
		"SHOW CONSTRAINTS YIELD name ORDER BY name",
	} {
		for _, row := range n.rows(t, text) {
			fmt.Fprintln(&b, row...)
		}
	}
	return b.Bytes()
}

// writesOf counts what was written to the data of a graph since the store was opened.
func writesOf(t tester, store graph.Store) int {
	t.Helper()
	switch s := store.(type) {
	case *sqlite.Store:
		return int(s.DataWrites())
	case *neo4j.Store:
		c := s.Counters()
		return c.NodesCreated + c.NodesDeleted + c.RelationshipsCreated + c.RelationshipsDeleted + c.LabelsAdded + c.LabelsRemoved +
			(c.PropertiesSet+freshness()-1)/freshness()
	}
	require.Fail(t, "unknown store")
	return 0
}

// freshness is how many properties say how fresh an instance is: those of its entity that are volatile, and their digest.
func freshness() int {
	n := 1
	for _, p := range converters.IntegrationType().Properties {
		if p.Volatile {
			n++
		}
	}
	return n
}
