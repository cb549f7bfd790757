package main

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/simulator"
)

// TestInstanceThatIsNoLongerConfigured: what it left in the graph stays, and each run says so and how to remove it.
func TestInstanceThatIsNoLongerConfigured(t *testing.T) {
	workIn(t)
	_, env := fleet(t, simulator.Options{Machines: 8, Customers: 2})
	require.NotContains(t, unfolded(execute(t, env)), "not configured")
	before := query(t, `SELECT count(*) FROM ninjarmm_device`)
	require.NotEqual(t, "0", before)
	require.NotContains(t, unfolded(execute(t, env, "--instance", "sentinelone")), "not configured", "left out is not unconfigured")

	fewer := maps.Clone(env)
	for name := range env {
		if strings.HasPrefix(name, "NINJARMM_") {
			delete(fewer, name)
		}
	}
	for _, args := range [][]string{{"plan"}, {"run"}, {"run", "--instance", "immybot"}} {
		text := unfolded(execute(t, fewer, args...))
		require.Equal(t, 1, strings.Count(text, "not configured"), text)
		require.Contains(t, text, "elements of instance ninjarmm, which is not configured; they are left alone (`execute clear --instance ninjarmm` removes them)")
		require.Equal(t, before, query(t, `SELECT count(*) FROM ninjarmm_device`))
	}
	r := runJSON(t, exitDone, fewer, "run")
	require.Zero(t, r.Totals.Created+r.Totals.Updated+r.Totals.Deleted+r.Totals.Withheld)
	require.NotEqual(t, "0", query(t, `SELECT count(*) FROM device WHERE hasRmm`), "what is derived of it stays too")

	require.Equal(t, exitDone, execute(t, nil, "clear", "--instance", "ninjarmm", "--yes").code)
	require.NotContains(t, unfolded(execute(t, fewer)), "not configured")
	require.Equal(t, "0", query(t, `SELECT count(*) FROM device WHERE hasRmm`))
}

// TestPageSize asks for as few records at once as people say.
func TestPageSize(t *testing.T) {
	workIn(t)
	_, env := fleet(t, simulator.Options{})
	whole, parts := runJSON(t, exitDone, env, "plan"), runJSON(t, exitDone, env, "plan", "--page-size", "20")
	require.Equal(t, whole.Totals, parts.Totals)
	for n, s := range parts.Steps {
		if s.Records > 25 && slices.Contains([]string{"agents", "devices", "computers"}, s.Step) {
			require.Greater(t, s.Pages, whole.Steps[n].Pages, "%s %s", s.Instance, s.Step)
		}
	}
	require.Contains(t, execute(t, env, "plan", "--page-size", "20").stdout, "execute run --page-size 20", "the next command has it too")
}

// unfolded is what a command printed, on one line.
func unfolded(r result) string { return strings.Join(strings.Fields(r.stdout+r.stderr), " ") }

// query returns the one figure that a question gives.
func query(t *testing.T, text string) string {
	t.Helper()
	r := execute(t, nil, "query", text, "--output", "csv")
	require.Equal(t, exitDone, r.code, r.stderr)
	lines := strings.Fields(r.stdout)
	return lines[len(lines)-1]
}
