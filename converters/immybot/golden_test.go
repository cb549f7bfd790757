package immybot_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
	provider "assetgraph/collectors/immybot"
	"assetgraph/converters/immybot"
	"assetgraph/converters/internal/convertertest"
)

// recordsOf decodes the answer of an archive and does what the collector does besides.
func recordsOf(t testing.TB, a convertertest.Archive) []collectors.Record {
	t.Helper()
	records, err := provider.Decode(a.Kind(), a.Answer())
	require.NoError(t, err)
	agents, maintained := agentsOf(t, a), maintainedIn(t, a)
	deployments := map[string]provider.Deployments{} // as the collector counts them
	if counts := a.File("deployments.json"); counts != nil {
		require.NoError(t, json.Unmarshal(counts, &deployments))
	}
	for _, r := range records {
		if computer, ok := r.Value.(*provider.Computer); ok {
			computer.Console = "https://acme.immy.bot"
			computer.Agents = agents[computer.ID.N]
			computer.LastMaintenance = maintained[r.ID]
			computer.Deployments = deployments[r.ID]
		}
	}
	return records
}

// maintainedIn returns how the one session of each computer went that the archive has.
func maintainedIn(t testing.TB, a convertertest.Archive) map[string]provider.Maintenance {
	t.Helper()
	maintained := map[string]provider.Maintenance{}
	if answer := a.File("sessions.json"); answer != nil {
		records, err := provider.Decode(provider.KindMaintenanceSession, answer)
		require.NoError(t, err)
		for _, r := range records {
			how, ended := r.Value.(*provider.MaintenanceSession).Outcome()
			require.True(t, ended)
			maintained[r.ID] = how
		}
	}
	return maintained
}

func agentsOf(t testing.TB, a convertertest.Archive) map[int64][]provider.ProviderAgent {
	t.Helper()
	agents := map[int64][]provider.ProviderAgent{}
	if answer := a.File("agents.json"); answer != nil {
		records, err := provider.Decode(provider.KindProviderAgent, answer)
		require.NoError(t, err)
		for _, r := range records {
			agent := r.Value.(*provider.ProviderAgent)
			agents[agent.ComputerID.N] = append(agents[agent.ComputerID.N], *agent)
		}
	}
	return agents
}

func TestGolden(t *testing.T) {
	convertertest.Golden(t, immybot.New(), "immy", recordsOf)
}
