package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph/sqlite"
	"assetgraph/internal/providers"
	"assetgraph/internal/simulator"
)

// lockFor lets another run hold an instance of the graph in the working directory.
func lockFor(t *testing.T, instance string) {
	t.Helper()
	schema, err := providers.All().Schema()
	require.NoError(t, err)
	store, err := sqlite.Open(t.Context(), "assetgraph.db", schema, sqlite.Options{})
	require.NoError(t, err)
	_, err = store.Acquire(t.Context(), instance, "another-run", time.Hour)
	require.NoError(t, err)
	require.NoError(t, store.Close())
}

func TestLocksAreListedAndBroken(t *testing.T) {
	workIn(t)
	_, env := fleet(t, simulator.Options{})
	runJSON(t, exitDone, env)
	require.Equal(t, "No run holds a lock.\n", execute(t, nil, "locks").stdout)
	require.Equal(t, "[]\n", execute(t, nil, "locks", "--output", "json").stdout)
	lockFor(t, "ninjarmm")
	lockFor(t, "immybot")

	r := execute(t, env)
	r.requireFailed(t, exitHeld, "another-run", "execute locks break --instance ")
	execute(t, env, "clear", "--all", "--yes").requireHeld(t, "locks break")
	var list []lock
	require.NoError(t, json.Unmarshal([]byte(execute(t, nil, "locks", "--output", "json").stdout), &list))
	require.Len(t, list, 2)
	require.Equal(t, []string{"immybot", "another-run"}, []string{list[0].Instance, list[0].Holder})
	require.Equal(t, time.Hour, list[0].Until.Sub(list[0].Since))
	require.Contains(t, execute(t, nil, "locks", "--instance", "ninjarmm").stdout, "another-run")

	execute(t, nil, "locks", "break").requireFailed(t, exitUsage, "--instance")
	execute(t, nil, "locks", "break", "--instance", "ninjarmm").requireFailed(t, exitUsage, "--yes")
	ask := func(answer string) (int, string) {
		var out, errs bytes.Buffer
		a := newApp([]string{"execute", "locks", "break", "--instance", "ninjarmm"}, nil, strings.NewReader(answer), &out, &errs)
		a.isTerminal = func(stream any) bool { return stream == a.stdin }
		return a.execute(t.Context()), errs.String()
	}
	code, text := ask("yes\n")
	require.Equal(t, exitFailed, code)
	require.Contains(t, text, "another-run")
	require.Contains(t, text, "no lock was broken")
	code, text = ask("ninjarmm\n")
	require.Equal(t, exitDone, code, text)
	r = execute(t, nil, "locks", "break", "--instance", "immybot", "--instance", "ninjarmm", "--yes")
	require.Equal(t, exitDone, r.code, r.stderr)
	require.Contains(t, r.stdout, "immybot")
	require.NotContains(t, r.stdout, "ninjarmm")
	r = execute(t, nil, "locks", "break", "--instance", "immybot", "--yes", "--output", "json")
	require.JSONEq(t, `{"broken": []}`, r.stdout)
	runJSON(t, exitDone, env)
}

func TestLockThatAWrongClockDatedHoldsNobodyUp(t *testing.T) {
	workIn(t)
	_, env := fleet(t, simulator.Options{})
	runJSON(t, exitDone, env)
	for _, instance := range []string{"ninjarmm", "assetgraph"} {
		lockFor(t, instance)
	}
	inFile(t, "UPDATE graph_lease SET acquired = acquired + 365 * 86400000, expires = expires + 365 * 86400000")
	require.Equal(t, "No run holds a lock.\n", execute(t, nil, "locks").stdout)
	runJSON(t, exitDone, env)
	inFile(t, "UPDATE graph_lease SET holder = 'another-run', expires = expires + 365 * 86400000 + unixepoch() * 1000")
	r := execute(t, nil, "clear", "--all", "--yes")
	require.Equal(t, exitDone, r.code, r.stderr)
	execute(t, env, "--lease", "61m").requireFailed(t, exitUsage, "--lease")
}
