package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/simulator"
)

// lockFor lets another run hold an instance of the graph.
func (p place) lockFor(t *testing.T, instance string) {
	t.Helper()
	store := p.store(t)
	_, err := store.Acquire(t.Context(), instance, "another-run", time.Hour)
	require.NoError(t, err)
	require.NoError(t, store.Close())
}

func TestLocksAreListedAndBroken(t *testing.T) { onBothGraphs(t, locksAreListedAndBroken) }

func locksAreListedAndBroken(t *testing.T, p place) {
	_, env := fleet(t, simulator.Options{})
	env = p.env(env)
	reading := make([]string, 0, 3)
	for name, value := range p.env(nil) {
		reading = append(reading, name+"="+value)
	}
	runJSON(t, exitDone, env)
	require.Equal(t, "No run holds a lock.\n", execute(t, p.env(nil), "locks").stdout)
	require.Equal(t, "[]\n", execute(t, p.env(nil), "locks", "--output", "json").stdout)
	p.lockFor(t, "ninjarmm")
	p.lockFor(t, "immybot")

	r := execute(t, env)
	r.requireFailed(t, exitHeld, "another-run", "execute locks break --instance ")
	execute(t, env, "clear", "--all", "--yes").requireHeld(t, "locks break")
	var list []lock
	require.NoError(t, json.Unmarshal([]byte(execute(t, p.env(nil), "locks", "--output", "json").stdout), &list))
	require.Len(t, list, 2)
	require.Equal(t, []string{"immybot", "another-run"}, []string{list[0].Instance, list[0].Holder})
	require.Equal(t, time.Hour, list[0].Until.Sub(list[0].Since))
	require.Contains(t, execute(t, p.env(nil), "locks", "--instance", "ninjarmm").stdout, "another-run")

	execute(t, p.env(nil), "locks", "break").requireFailed(t, exitUsage, "--instance")
	execute(t, p.env(nil), "locks", "break", "--instance", "ninjarmm").requireFailed(t, exitUsage, "--yes")
	ask := func(answer string) (int, string) {
		var out, errs bytes.Buffer
		a := newApp([]string{"execute", "locks", "break", "--instance", "ninjarmm"}, reading, strings.NewReader(answer), &out, &errs)
		a.isTerminal = func(stream any) bool { return stream == a.stdin }
		return a.execute(t.Context()), errs.String()
	}
	code, text := ask("yes\n")
	require.Equal(t, exitFailed, code)
	require.Contains(t, text, "another-run")
	require.Contains(t, text, "no lock was broken")
	code, text = ask("ninjarmm\n")
	require.Equal(t, exitDone, code, text)
	r = execute(t, p.env(nil), "locks", "break", "--instance", "immybot", "--instance", "ninjarmm", "--yes")
	require.Equal(t, exitDone, r.code, r.stderr)
	require.Contains(t, r.stdout, "immybot")
	require.NotContains(t, r.stdout, "ninjarmm")
	r = execute(t, p.env(nil), "locks", "break", "--instance", "immybot", "--yes", "--output", "json")
	require.JSONEq(t, `{"broken": []}`, r.stdout)
	runJSON(t, exitDone, env)
}

func TestLockThatAWrongClockDatedHoldsNobodyUp(t *testing.T) {
	onBothGraphs(t, lockThatAWrongClockDated)
}

func lockThatAWrongClockDated(t *testing.T, p place) {
	_, env := fleet(t, simulator.Options{})
	env = p.env(env)
	runJSON(t, exitDone, env)
	for _, instance := range []string{"ninjarmm", "assetgraph"} {
		p.lockFor(t, instance)
	}
	p.change(t, "UPDATE graph_lease SET acquired = acquired + 365 * 86400000, expires = expires + 365 * 86400000",
		"MATCH (l:AssetgraphLease) SET l.acquired = l.acquired + 365 * 86400000, l.expires = l.expires + 365 * 86400000")
	require.Equal(t, "No run holds a lock.\n", execute(t, p.env(nil), "locks").stdout)
	runJSON(t, exitDone, env)
	p.change(t, "UPDATE graph_lease SET holder = 'another-run', expires = expires + 365 * 86400000 + unixepoch() * 1000",
		"MATCH (l:AssetgraphLease) SET l.holder = 'another-run', l.expires = l.expires + 365 * 86400000 + datetime().epochMillis")
	r := execute(t, p.env(nil), "clear", "--all", "--yes")
	require.Equal(t, exitDone, r.code, r.stderr)
	execute(t, env, "--lease", "61m").requireFailed(t, exitUsage, "--lease")
}
