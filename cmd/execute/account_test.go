package main

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/executor"
	"assetgraph/internal/simulator"
)

// account is the settings of a made-up account of its own, on the host that all of them have.
func account(t *testing.T, seed uint64) map[string]string {
	t.Helper()
	s, err := simulator.Start(simulator.Options{Machines: 8, Customers: 2, Seed: seed, Unlimited: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s.Env()
}

func TestAnotherAccountIsRefused(t *testing.T) { onBothGraphs(t, anotherAccountIsRefused) }

func anotherAccountIsRefused(t *testing.T, p place) {
	ours, theirs := p.env(account(t, 1)), p.env(account(t, 2))
	require.Zero(t, execute(t, ours).code)
	before := execute(t, p.env(nil), "export").stdout
	for _, command := range []string{"run", "plan"} {
		r := execute(t, theirs, command, "--instance", "ninjarmm", "--output", "json")
		require.Equal(t, exitUsage, r.code, r.stderr)
		var report executor.Report
		require.NoError(t, json.Unmarshal([]byte(r.stdout), &report))
		require.Equal(t, executor.StatusFailed, report.Run.Status)
		require.Len(t, report.Refused, 1)

		r = execute(t, theirs, command, "--instance", "ninjarmm")
		require.Equal(t, exitUsage, r.code)
		require.Contains(t, r.stdout, "clear --instance ninjarmm")
	}
	require.Equal(t, withoutIntegrations(before), withoutIntegrations(execute(t, p.env(nil), "export").stdout))
	require.Contains(t, strings.Join(strings.Fields(execute(t, p.env(nil), "history").stdout), " "), "pointed at the account with ninjarmm_organization")

	mixed := maps.Clone(ours)
	for _, name := range []string{"NINJARMM_URL", "NINJARMM_CLIENT_ID", "NINJARMM_CLIENT_SECRET"} {
		mixed[name] = theirs[name]
	}
	require.Equal(t, exitUsage, execute(t, mixed).code, "the others go on")
	mixed["SENTINELONE_API_TOKEN"] = "wrong"
	require.Equal(t, exitFailed, execute(t, mixed).code, "another failure wins")

	require.Zero(t, execute(t, p.env(nil), "clear", "--instance", "ninjarmm", "--yes").code)
	require.Zero(t, execute(t, theirs, "--instance", "ninjarmm").code)
}
