package immybot

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors/internal/rawjson"
)

func intOf(n int64) rawjson.Int { return rawjson.Int{N: n, Set: true} }

func TestIndexGivesBackWhatItWasGiven(t *testing.T) {
	agents := []ProviderAgent{
		{
			ID: intOf(3), ComputerID: intOf(2), ProviderLinkID: intOf(7), ProviderLinkName: "S1",
			Product: "SentinelOne", ExternalAgentID: "uuid-3", Serial: "X", ExternalClientName: "Site",
		},
		{
			ID: intOf(1), ComputerID: intOf(2), ProviderLinkName: "NinjaRMM", Product: "NinjaRMM",
			ExternalAgentID: "3187",
		},
		{
			ID: intOf(2), ComputerID: intOf(1), ProviderLinkID: intOf(7), ProviderLinkName: "S1",
			Product: "SentinelOne", ExternalAgentID: "ü",
		},
		{ID: intOf(4), ComputerID: intOf(2), ExternalAgentID: ""},
	}
	x := newAgentIndex()
	for i := range agents {
		x.add(&agents[i])
	}
	require.Equal(t, []ProviderAgent{agents[1], agents[0], agents[3]}, x.of(2))
	require.Equal(t, []ProviderAgent{agents[2]}, x.of(1))
	require.Nil(t, x.of(3))
	require.Nil(t, (*agentIndex)(nil).of(1))
}

func TestIndexKeepsNoAbsurdID(t *testing.T) {
	x := newAgentIndex()
	x.add(&ProviderAgent{
		ID: intOf(1), ComputerID: intOf(1), ExternalAgentID: ExternalID(strings.Repeat("x", 1<<17)), Serial: "S",
	})
	require.Equal(t, ExternalID(""), x.of(1)[0].ExternalAgentID)
	require.Equal(t, rawjson.Text("S"), x.of(1)[0].Serial)
}
