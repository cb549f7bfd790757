package main

import (
	"database/sql"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/executor"
	"assetgraph/internal/simulator"
)

const stands = "correlation stands"

// corrupt changes the graph behind the program's back.
func corrupt(t *testing.T, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", "assetgraph.db")
	require.NoError(t, err)
	defer db.Close()
	for _, text := range statements {
		r, err := db.Exec(text)
		require.NoError(t, err)
		n, err := r.RowsAffected()
		require.NoError(t, err)
		require.NotZero(t, n, text)
	}
}

// requireSameLines names the lines that differ, and no others.
func requireSameLines(t *testing.T, want, got string) {
	t.Helper()
	lines := strings.Split(got, "\n")
	for i, line := range strings.Split(want, "\n") {
		require.Less(t, i, len(lines))
		require.Equal(t, line, lines[i])
	}
	require.Len(t, lines, strings.Count(want, "\n")+1)
}

func requireNothingWritten(t *testing.T, r executor.Report) {
	t.Helper()
	require.Zero(t, r.Totals.Created+r.Totals.Updated+r.Totals.Refreshed+r.Totals.Deleted)
}

// TestCorrelationIsMadeAgainOnlyWhenItMustBe runs over the same fleet again and again: what is derived is left alone
// while nothing that it follows from has changed, and comes back whatever befell it.
func TestCorrelationIsMadeAgainOnlyWhenItMustBe(t *testing.T) {
	workIn(t)
	sim, env := fleet(t, simulator.Options{Machines: 200})
	written := regexp.MustCompile(`"_(created|updated)On":\d+,`)
	export := func() string {
		return written.ReplaceAllString(withoutIntegrations(execute(t, env, "export").stdout), "")
	}
	require.NotContains(t, execute(t, env).stderr, stands, "nothing was known")
	want := export()
	before := runJSON(t, exitDone, env)

	again := execute(t, env)
	require.Contains(t, again.stderr, stands)
	quiet := runJSON(t, exitDone, env)
	requireNothingWritten(t, quiet)
	require.Equal(t, before.Totals, quiet.Totals, "counts what it leaves alone")
	require.Equal(t, before.Entities, quiet.Entities)
	require.Equal(t, before.Relationships, quiet.Relationships)
	require.Equal(t, before.Warnings, quiet.Warnings, "what was found still stands")
	require.Contains(t, execute(t, env, "plan").stderr, stands)

	corrupt(t, `DELETE FROM graph_relationship WHERE id = (SELECT max(r.id) FROM graph_relationship r JOIN graph_scope s ON s.id = r.scope WHERE s.type = 'ninjarmm_device_is_device')`)
	r := execute(t, env)
	require.Equal(t, exitDone, r.code, r.stderr)
	require.NotContains(t, r.stderr, stands, "something derived is missing")
	requireSameLines(t, want, export())

	corrupt(t, `UPDATE graph_entity SET digest = zeroblob(16) WHERE id = (SELECT max(e.id) FROM graph_entity e JOIN graph_scope s ON s.id = e.scope WHERE s.type = 'device')`)
	require.Contains(t, execute(t, env).stderr, stands, "no number shows it")
	require.NotContains(t, execute(t, env, "--verify").stderr, stands, "something derived is another")
	require.Contains(t, execute(t, env).stderr, stands)

	require.NoError(t, os.WriteFile("overrides.yaml", []byte("junkSerials: [NOT-A-SERIAL-OF-THE-FLEET]\n"), 0o600))
	require.NotContains(t, execute(t, env, "--overrides", "overrides.yaml").stderr, stands, "people decided something")
	require.NotContains(t, execute(t, env).stderr, stands, "and took it back")

	sim.Advance(simulator.Change{CheckIn: 1})
	require.Contains(t, execute(t, env).stderr, stands, "a time that moved a little is not written")
	require.NotContains(t, execute(t, env, "--refresh-after", "0s").stderr, stands, "a record is another")
	require.Contains(t, execute(t, env).stderr, stands)
	require.Contains(t, execute(t, env, "--instance", "ninjarmm").stderr, stands, "links of other instances are kept")
}
