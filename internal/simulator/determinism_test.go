package simulator_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/simulator"
)

// snapshot reads one large answer of each kind.
func snapshot(c *client) map[string]string {
	c.t.Helper()
	texts := map[string]string{}
	for _, route := range []string{
		"/accounts?limit=1000", "/sites?limit=1000", "/groups?limit=300", "/users?limit=1000",
		"/agents?limit=1000&isDecommissioned=true,false&isUninstalled=true,false",
		"/threats?limit=1000&incidentStatuses=unresolved,in_progress",
	} {
		texts[route] = c.edr(route).body
	}
	for _, route := range []string{
		"/v2/organizations?pageSize=1000", "/v2/organizations-detailed?pageSize=1000", "/v2/locations?pageSize=1000",
		"/v2/devices-detailed?pageSize=1000", "/v2/devices-detailed?pageSize=1000&df=status%20%3D%20PENDING",
		"/v2/users", "/v2/roles", "/v2/policies",
	} {
		texts[route] = c.rmm(route).body
	}
	for _, route := range []string{
		"/api/v1/auth", "/api/v1/tenants", "/api/v1/persons", "/api/v1/users", "/api/v1/provider-types",
		"/api/v1/provider-links?includeClients=true&throwIfAgentInstallerVersionNotSet=false",
		"/api/v1/provider-links/7/clients",
		"/api/v1/computers/paged?take=10000&sort=id&sortDesc=false",
		"/api/v1/computers/paged?take=10000&sort=id&sortDesc=false&deletedOnly=true",
		"/api/v1/provider-agents/pending?take=10000&sort=dateAdded&sortDesc=false&agentFilter=1",
	} {
		texts[route] = c.deployment(route).body
	}
	for route, text := range texts {
		require.NotEmpty(c.t, text, route)
	}
	return texts
}

func TestSameSeedGivesTheSameBytes(t *testing.T) {
	one, two := start(t, simulator.Options{Seed: 9}), start(t, simulator.Options{Seed: 9})
	require.Equal(t, snapshot(one), snapshot(two))
	require.Equal(t, one.s.Secrets(), two.s.Secrets())
	other, first := start(t, simulator.Options{Seed: 10}), snapshot(one)
	for route, text := range snapshot(other) {
		switch route {
		case "/v2/roles", "/v2/policies", "/v2/locations?pageSize=1000", "/api/v1/auth", "/api/v1/provider-types": // no name in them is drawn
		default:
			require.NotEqual(t, first[route], text, route)
		}
	}
}

func TestNowMovesEveryTime(t *testing.T) {
	c := start(t, simulator.Options{Now: time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC)})
	rows, _, _ := c.edrWalk("/agents", 1000)
	latest := ""
	for _, row := range rows {
		latest = max(latest, row["lastActiveDate"].(string))
	}
	require.Contains(t, latest, "2031-02-03T04:0")
}

func TestEveryAnswerIsJSON(t *testing.T) {
	c := start(t, simulator.Options{})
	for _, text := range snapshot(c) {
		decode[any](t, answer{status: 200, kind: "application/json", body: text})
	}
	require.Empty(t, c.s.Mistakes())
}

// Recorded bodies are of these sizes.
func TestRecordsAreAsLargeAsInLife(t *testing.T) {
	c := start(t, simulator.Options{})
	want := c.s.Totals()
	texts := snapshot(c)
	require.InDelta(t, 3900,
		len(texts["/agents?limit=1000&isDecommissioned=true,false&isUninstalled=true,false"])/want.Agents, 500)
	require.InDelta(t, 2200, len(texts["/v2/devices-detailed?pageSize=1000"])/want.Devices, 500)
	require.InDelta(t, 1100, len(texts["/api/v1/computers/paged?take=10000&sort=id&sortDesc=false"])/want.Computers,
		300)
}

func TestPlantedSecretsAreInTheAnswers(t *testing.T) {
	c := start(t, simulator.Options{})
	all := ""
	for _, text := range snapshot(c) {
		all += text
	}
	for m := range c.s.Truth() {
		if m.Computer != 0 && m.LinkedAgent {
			all += c.deployment("/api/v1/computers/" + itoa(m.Computer) + "?includeProviderAgents=true").body
			break
		}
	}
	credentials := 0
	for _, secret := range c.s.Secrets() {
		require.Regexp(t, "^canary-", secret)
		if !contains(all, secret) {
			credentials++ // is in the settings or in an answer of a token endpoint
		}
	}
	require.Equal(t, 6, credentials)
	require.Contains(t, c.env["SENTINELONE_API_TOKEN"], c.s.Secrets()[0])
	require.True(t, contains(c.ninja, "canary-ninja-token") && contains(c.immy, "canary-entra-token"))
}
