package main

import (
	"maps"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/neo4jserver/neo4jtest"
	"assetgraph/internal/simulator"
)

func TestQueryFromElsewhere(t *testing.T) {
	workIn(t)
	answered(t, nil, "--demo")
	const text = "-- how many\nselect count(*) as n from device;\n"
	require.NoError(t, os.WriteFile("q.sql", []byte("\ufeff"+text), 0o600))
	want := answered(t, nil, "query", "--demo", "--output", "csv", "select count(*) as n from device")
	require.Equal(t, want, answered(t, nil, "query", "--demo", "--output", "csv", "--file", "q.sql"))
	for _, args := range [][]string{{"-"}, {}, {"--file", "-"}} {
		r := executeWith(t, text, nil, append([]string{"query", "--demo", "--output", "csv"}, args...)...)
		require.Equal(t, exitDone, r.code, r.stderr)
		require.Equal(t, want, r.stdout)
	}
	r := executeWith(t, "@without-edr\n", nil, "query", "--demo", "--output", "csv")
	require.Equal(t, answered(t, nil, "query", "--demo", "@without-edr", "--output", "csv"), r.stdout)

	execute(t, nil, "query", "--demo", "--file", "gone.sql").requireFailed(t, exitUsage, "--file", "gone.sql")
	execute(t, nil, "query", "--demo", "--file", "q.sql", "select 1").requireFailed(t, exitUsage, "not in both")
	executeWith(t, "  \n", nil, "query", "--demo", "-").requireFailed(t, exitUsage, "the text of the query is missing", "standard input")
	executeWith(t, strings.Repeat("select 1 ", 1<<18), nil, "query", "--demo").requireFailed(t, exitUsage, "1 MB")
	execute(t, nil, "query", "--demo", "--vertical", "--output", "json", "select 1").requireFailed(t, exitUsage, "--vertical")
}

func TestQueryErrorsSayWhatWasMeant(t *testing.T) {
	workIn(t)
	answered(t, nil, "--demo")
	for text, want := range map[string][]string{
		"select * from devices":                                        {"no such table: devices", "did you mean device"},
		"select * from agents":                                         {"did you mean", "sentinelone_agent"},
		"select hostnam from device":                                   {"no such column: hostnam", "did you mean hostname"},
		"select d.lastseen from device d":                              {"did you mean lastSeenOn"},
		"select key from sentinelone_agent":                            {"did you mean _key"},
		"select frm from sentinelone_agent_protects_device":            {"did you mean _from"},
		"match (d:device) return d":                                    {"the text is Cypher, but this graph is asked in SQL", "--graph"},
		"// all\nMATCH (d) RETURN d":                                   {"the text is Cypher"},
		"WITH 1 AS x RETURN x":                                         {"the text is Cypher"},
		"call db.labels()":                                             {"the text is Cypher"},
		"select 1 from device where match(d)":                          {"query: "},
		"with a as (select 1) select * from b":                         {"no such table: b"},
		"select hostname frm device":                                   {"syntax error"},
		"delete from device":                                           {"only reading is allowed"},
		"select case when 1 then \"return\" end, nocolumn from device": {"no such column: nocolumn"},
	} {
		execute(t, nil, "query", "--demo", text).requireFailed(t, exitFailed, append(want, "hint: ")...)
	}
}

// Labels and properties that nothing has are no error in Cypher.
func TestQueryOnNeo4jSaysWhatWasMeant(t *testing.T) {
	workIn(t)
	server := neo4jtest.Borrow(t)
	env := map[string]string{"GRAPH_DB_USERNAME": server.Username, "GRAPH_DB_PASSWORD": server.Password, "GRAPH_DB_ENDPOINT": server.Endpoint}
	_, settings := fleet(t, simulator.Options{})
	maps.Copy(env, settings)
	runJSON(t, exitDone, env)
	for text, want := range map[string]string{
		"MATCH (d:devices) RETURN d.name":                 "note: of assetgraph there is no label devices; did you mean device?\n",
		"MATCH (d:device) RETURN d.name, d.hostnam":       "note: of assetgraph there is no property hostnam; did you mean hostname?\n",
		"MATCH (d:device)<-[:OWNS]-() RETURN 'a:bc d.xy'": "note: of assetgraph there is no label OWNS; did you mean HAS?\n",
		"MATCH (d:device) RETURN toLower(d.name) LIMIT 1": "",
		"MATCH (d:device {name: 'x:y'}) RETURN d.name":    "",
	} {
		r := execute(t, env, "query", text)
		require.Equal(t, exitDone, r.code, r.stderr)
		require.Equal(t, want, r.stderr, text)
	}
	execute(t, env, "query", "select name from device").requireFailed(t, exitFailed, "the text is SQL, but this graph is asked in Cypher", "hint: ")
	execute(t, env, "query", "with a as (select 1) select * from a").requireFailed(t, exitFailed, "the text is SQL")
	execute(t, env, "query", "MATCH (d:device) RETURN x").requireFailed(t, exitFailed, "Variable `x` not defined")
}

// Whoever looks around after the demo without --demo is told how to go on, with the command as it was given.
func TestTheGraphOfTheDemoIsNamed(t *testing.T) {
	workIn(t)
	answered(t, nil, "--demo")
	for _, args := range [][]string{
		{"query", "@without-edr"}, {"query", "select count(*) from device where name <> 'x'"}, {"report", "coverage", "--organization", "a*"}, {"explain", "no one"}, {"history"}, {"export"},
	} {
		r := execute(t, nil, args...)
		quoted := make([]string, len(args))
		for i, s := range args {
			quoted[i] = shellQuote(s)
		}
		command := "execute " + strings.Join(quoted, " ") + " --demo"
		r.requireFailed(t, exitFailed, "sqlite:assetgraph.db: there is no graph yet, but there is demo.db, the graph of --demo", "hint: to ask that one: "+command+"\n")
	}
	execute(t, nil, "query", "select 1", "--graph", "sqlite:other.db").requireFailed(t, exitFailed, "make one first")
	execute(t, map[string]string{"GRAPH_DB_ENDPOINT": "sqlite:other.db"}, "query", "select 1").requireFailed(t, exitFailed, "make one first")
}

func TestShellQuote(t *testing.T) {
	for text, want := range map[string]string{"": "''", "a-b_c.d/e:f=g@h%i+j,k": "a-b_c.d/e:f=g@h%i+j,k", "a b": "'a b'", "it's": `'it'\''s'`, "a*": "'a*'", "#x": "'#x'", "~": "'~'", "ü": "'ü'", "a\nb": "'a\nb'", "!": "'!'"} {
		require.Equal(t, want, shellQuote(text))
	}
}
