package sqlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/graph/sqlite"
)

func query(t *testing.T, s *sqlite.Store, text string) (columns []string, rows [][]any) {
	t.Helper()
	answer, err := s.Query(t.Context(), text)
	require.NoError(t, err)
	for r, err := range answer.Rows {
		require.NoError(t, err)
		rows = append(rows, r)
	}
	return answer.Columns, rows
}

func TestViewsShowEveryProperty(t *testing.T) {
	f, path := newFleet(t), filepath.Join(t.TempDir(), "graph.db")
	s := open(t, path, f.schema, sqlite.Options{})
	f.fill(t, s)
	columns, rows := query(t, s, "select * from sentinelone_agent")
	require.Equal(t, []string{"_key", "_type", "_class", "_integration", "_instance", "_digest", "_createdOn", "_updatedOn",
		"name", "displayName", "id", "webLink", "hostname", "memoryBytes", "infected", "createdOn", "macAddresses", "lastSeenOn"}, columns)
	require.Equal(t, [][]any{{"s1:sentinelone_agent:1", "sentinelone_agent", `["HostAgent"]`, "sentinelone", "s1", f.agent(t, "1").Digest.String(),
		"2026-03-01T02:03:04.005Z", "2026-03-01T02:03:04.005Z", "1", "1", "1", nil, "pc-1", int64(1<<53 + 1), int64(1),
		"2025-01-02T03:04:05.006Z", `["a\"b","b"]`, nil}}, rows)

	columns, rows = query(t, s, "select * from sentinelone_site_has_agent")
	require.Equal(t, []string{"_key", "_type", "_class", "_integration", "_instance", "_from", "_to", "_digest", "_createdOn", "_updatedOn"}, columns)
	require.Len(t, rows, 1)
	require.Equal(t, []any{"s1:sentinelone_site:1|HAS|s1:sentinelone_agent:1", "sentinelone_site_has_agent", `["HAS"]`, "sentinelone", "s1",
		"s1:sentinelone_site:1", "s1:sentinelone_agent:1"}, rows[0][:7])

	_, rows = query(t, s, `select site.name, agent.hostname from sentinelone_site site
		join sentinelone_site_has_agent has on has._from = site._key join sentinelone_agent agent on agent._key = has._to
		where agent.infected and 'b' in (select value from json_each(agent.macAddresses)) and agent.createdOn < '2026'`)
	require.Equal(t, [][]any{{"1", "pc-1"}}, rows)
	_, rows = query(t, s, "values (x'00ff', 1.5, '')")
	require.Equal(t, [][]any{{"00ff", 1.5, ""}}, rows)
	require.NoError(t, s.Close())
}

func TestViewsFollowTheSchema(t *testing.T) {
	f, path := newFleet(t), filepath.Join(t.TempDir(), "graph.db")
	s := open(t, path, f.schema, sqlite.Options{})
	f.fill(t, s)
	require.NoError(t, s.Close())
	grown := newFleet(t, graph.Property{Name: "it's \"new\"", Kind: graph.Text})
	s = open(t, path, grown.schema, sqlite.Options{})
	columns, rows := query(t, s, "select * from sentinelone_agent")
	require.Equal(t, "it's \"new\"", columns[len(columns)-1])
	require.Nil(t, rows[0][len(rows[0])-1])
	agent := grown.agent(t, "1")
	agent.Set("it's \"new\"", graph.TextOf("value"))
	require.NoError(t, agent.Seal())
	_, err := s.Apply(t.Context(), graph.Batch{Op: graph.Update, Type: grown.device, Instance: "s1", Elements: []*graph.Element{agent}, At: time.UnixMilli(1)})
	require.NoError(t, err)
	_, rows = query(t, s, `select "it's ""new""" from sentinelone_agent`)
	require.Equal(t, [][]any{{"value"}}, rows)
	require.NoError(t, s.Close())

	s = open(t, path, f.schema, sqlite.Options{})
	columns, _ = query(t, s, "select * from sentinelone_agent")
	require.Equal(t, "lastSeenOn", columns[len(columns)-1])
	require.NoError(t, s.Close())
}

// planned are questions of people and of the store itself, by what they ask for.
func planned() map[string]string {
	return map[string]string{
		"by key":                  "select hostname from sentinelone_agent where _key = 'x'",
		"a type":                  "select hostname from sentinelone_agent where infected",
		"count":                   "select count(*) from sentinelone_agent",
		"relationships of a type": "select _from, _to from sentinelone_site_has_agent",
		"relationship by key":     "select _from from sentinelone_site_has_agent where _key = 'x'",
		"from one":                "select _to from sentinelone_site_has_agent where _from = 'x'",
		"to one":                  "select _from from sentinelone_site_has_agent where _to = 'x'",
		"join": `select s.name, a.hostname from sentinelone_site s join sentinelone_site_has_agent r on r._from = s._key
			join sentinelone_agent a on a._key = r._to`,
		"join from one": `select a.hostname from sentinelone_site s join sentinelone_site_has_agent r on r._from = s._key
			join sentinelone_agent a on a._key = r._to where s._key = 'x'`,
		"anti-join": `select a.hostname from sentinelone_agent a where not exists (select 1 from sentinelone_site_has_agent r where r._to = a._key)`,
		"kept":      "select 1 from graph_relationship where from_id = 1 union all select 1 from graph_relationship where to_id = 1",
	}
}

// TestPlansUseIndexes looks at how SQLite means to answer what people ask and what the store itself asks: no table of
// elements may be read from end to end where a key or a type is given.
func TestPlansUseIndexes(t *testing.T) {
	f, path := newFleet(t), filepath.Join(t.TempDir(), "graph.db")
	s := open(t, path, f.schema, sqlite.Options{})
	f.fill(t, s)
	require.NoError(t, s.BuildIndexes(t.Context()))
	endToEnd := regexp.MustCompile(`SCAN (e|f|t|graph_entity|graph_relationship)\b`)
	for name, text := range planned() {
		t.Run(name, func(t *testing.T) {
			_, rows := query(t, s, "explain query plan "+text)
			var plan []string
			for _, r := range rows {
				plan = append(plan, fmt.Sprint(r[3]))
			}
			require.NotRegexp(t, endToEnd, strings.Join(plan, "\n"))
			require.NotContains(t, strings.Join(plan, "\n"), "AUTOMATIC")
			for _, end := range []string{"from", "to"} {
				if strings.Contains(text, "_"+end+" = 'x'") || strings.Contains(text, "r._"+end+" = a._key") {
					require.Contains(t, strings.Join(plan, "\n"), "graph_relationship_"+end+" ")
				}
			}
			t.Log("\n" + strings.Join(plan, "\n"))
		})
	}
	require.NoError(t, s.Close())
}

func TestHeadersNeverTouchRows(t *testing.T) {
	f, path := newFleet(t), filepath.Join(t.TempDir(), "graph.db")
	s := open(t, path, f.schema, sqlite.Options{})
	for _, text := range sqlite.HeaderQueries(f.device, f.has) {
		_, rows := query(t, s, "explain query plan "+text)
		require.Len(t, rows, 1)
		require.Contains(t, rows[0][3], "COVERING INDEX")
	}
	require.NoError(t, s.Close())
}

func TestDamagedRowIsAnError(t *testing.T) {
	f, path := newFleet(t), filepath.Join(t.TempDir(), "graph.db")
	s := open(t, path, f.schema, sqlite.Options{})
	f.fill(t, s)
	with(t, path, func(db *sql.DB) {
		_, err := db.ExecContext(context.Background(), "UPDATE graph_entity SET properties = '{\"id\":', digest = 'x'")
		require.NoError(t, err)
	})
	var last error
	for _, err := range s.Elements(t.Context(), graph.Selection{Type: f.device}) {
		last = err
	}
	require.ErrorContains(t, last, "s1:sentinelone_agent:1")
	for h, err := range s.Headers(t.Context(), f.device, "s1") {
		require.NoError(t, err)
		require.Zero(t, h.Digest, "a digest that can't be read equals none")
	}
	require.NoError(t, s.Close())
}
