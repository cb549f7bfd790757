package neo4j

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

func dropConstraints(t *testing.T, b *bench) {
	t.Helper()
	for _, r := range b.run(t, "SHOW CONSTRAINTS YIELD name", nil) {
		b.run(t, fmt.Sprintf("DROP CONSTRAINT `%s`", r[0]), nil)
	}
}

const countConstraints = "SHOW CONSTRAINTS YIELD type, labelsOrTypes, properties WHERE type = 'UNIQUENESS' " +
	"RETURN labelsOrTypes[0] + '.' + properties[0] AS c ORDER BY c"

func TestOpenLaysOutConstraintsOnceAndThenWritesNothing(t *testing.T) {
	b, f := newBench(t), newFleet(t)
	dropConstraints(t, b)

	b.open(t, f.schema)
	require.Equal(t, [][]any{{"AssetgraphFigure.id"}, {"AssetgraphFinding.id"}, {"AssetgraphLease.instance"}, {"AssetgraphMeta.id"}, {"AssetgraphRun.id"}, {"AssetgraphWriter.id"}, {"Entity._key"}},
		b.run(t, countConstraints, nil))
	require.EqualValues(t, graph.FormatVersion, b.one(t, "MATCH (m:AssetgraphMeta) RETURN m.version", nil))

	before := b.one(t, "SHOW DATABASES YIELD name, lastCommittedTxn WHERE name = 'neo4j' RETURN lastCommittedTxn", nil)
	s := b.open(t, f.schema)
	require.Equal(t, before, b.one(t, "SHOW DATABASES YIELD name, lastCommittedTxn WHERE name = 'neo4j' RETURN lastCommittedTxn", nil))
	require.Zero(t, s.Counters())
}

func TestReadOnlyOpenOfAnEmptyDatabaseSaysSoAndWritesNothing(t *testing.T) {
	b, f := newBench(t), newFleet(t)
	dropConstraints(t, b)
	b.run(t, "CREATE (:Ticket)", nil)
	c := b.config()
	c.ReadOnly = true

	_, err := Open(t.Context(), c, f.schema)

	require.ErrorIs(t, err, graph.ErrNoGraph)
	require.Empty(t, b.run(t, countConstraints, nil))
	require.EqualValues(t, 1, b.one(t, "MATCH (n) RETURN count(n)", nil))
}

func TestGraphOfANewerProgramIsRefused(t *testing.T) {
	b, f := newBench(t), newFleet(t)
	b.open(t, f.schema)
	b.run(t, "MATCH (m:AssetgraphMeta) SET m.version = $v", map[string]any{"v": graph.FormatVersion + 1})
	for _, readOnly := range []bool{false, true} {
		c := b.config()
		c.ReadOnly = readOnly
		_, err := Open(t.Context(), c, f.schema)
		require.ErrorIs(t, err, graph.ErrNewerFormat)
	}
}

func TestOpenTellsWhatIsWrongWithoutThePassword(t *testing.T) {
	b, f := newBench(t), newFleet(t)
	web := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(web.Close)
	address := strings.TrimPrefix(b.server.Endpoint, "bolt://")
	for _, c := range []struct {
		name string
		with func(*Config)
		want error
		text string
	}{
		{"nobody listens", func(c *Config) { c.URI = "neo4j://127.0.0.1:1" }, ErrUnreachable, "neo4j://127.0.0.1:1"},
		{"a web server listens", func(c *Config) { c.URI = strings.Replace(web.URL, "http", "bolt", 1) }, nil, "open bolt://127.0.0.1"},
		{"the server speaks no TLS", func(c *Config) { c.URI = "bolt+s://" + address }, ErrUnreachable, "encrypted"},
		{"wrong password", func(c *Config) { c.Password = "wrong-and-secret" }, ErrUnauthorized, `user "neo4j"`},
		{"wrong password in the URI", func(c *Config) {
			c.URI, c.Username, c.Password = "bolt://neo4j:wrong-and-secret@"+address, "", ""
		}, ErrUnauthorized, "open bolt://" + address},
		{"wrong database", func(c *Config) { c.Database = "nowhere" }, ErrNoDatabase, `"nowhere"`},
		{"no URI", func(c *Config) { c.URI = "" }, errURI, ""},
		{"another scheme", func(c *Config) { c.URI = "postgres://u:wrong-and-secret@h/db" }, errURI, ""},
		{"not parsable", func(c *Config) { c.URI = "neo4j://u:wrong-and-secret@h:port" }, errURI, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := b.config()
			c.with(&config)
			_, err := Open(t.Context(), config, f.schema)
			require.Error(t, err)
			if c.want != nil {
				require.ErrorIs(t, err, c.want)
			}
			require.Contains(t, err.Error(), c.text)
			require.NotContains(t, err.Error(), "wrong-and-secret")
			require.NotContains(t, err.Error(), b.server.Password)
		})
	}
}

func TestCredentialsInTheURIAreUsedAndNotShown(t *testing.T) {
	b, f := newBench(t), newFleet(t)
	uri := strings.Replace(b.server.Endpoint, "bolt://", "neo4j://"+b.server.Username+":"+b.server.Password+"@", 1)
	s := b.openAs(t, Config{URI: uri}, f.schema)
	require.NotContains(t, s.config.URI, b.server.Password)
	require.Equal(t, "neo4j", s.config.Database, "the home database is asked for by name from then on")
}

func TestOpenGivesUpOnAServerThatNeverAnswers(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	c := Config{URI: "bolt://" + l.Addr().String(), Username: "neo4j", Password: "p", ConnectTimeout: 100 * time.Millisecond}

	_, err = Open(t.Context(), c, newFleet(t).schema)
	require.ErrorIs(t, err, ErrUnreachable)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = Open(ctx, c, newFleet(t).schema)
	require.ErrorIs(t, err, context.Canceled)
}

func TestOldServersAreRefused(t *testing.T) {
	for agent, want := range map[string]error{
		"Neo4j/4.4.30": ErrServerTooOld, "Neo4j/3.5.0": ErrServerTooOld, "Neo4j/5.0.0": nil, "Neo4j/5.26.30": nil,
		"Neo4j/2025.08.0": nil, "Neo4j/v5.11.0 compatible graph database server - Memgraph": nil, "": nil, "something": nil,
	} {
		err := checkVersion(agent)
		require.ErrorIs(t, err, want, agent)
	}
}
