package immybot_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
	provider "assetgraph/collectors/immybot"
	"assetgraph/converters"
	"assetgraph/converters/immybot"
	"assetgraph/converters/internal/convertertest"
)

func TestComputerLinksItsAgents(t *testing.T) {
	records, err := provider.Decode(provider.KindComputer, []byte(`{"count":1,"results":[{"id":7,"tenantId":36}]}`))
	require.NoError(t, err)
	records[0].Value.(*provider.Computer).Agents = []provider.ProviderAgent{
		{Product: "SentinelOne", ExternalAgentID: "FF819E70-AF13-BE38-1993-075EB0CE5F2F"},
		{Product: "NinjaRMM", ExternalAgentID: " 3187 "},
		{Product: "NinjaOne", ExternalAgentID: "3188"},
		{Product: "Ninja RMM", ExternalAgentID: "3189"},
		{Product: "ImmyBot Agent", ExternalAgentID: "a"},
		{Product: "SentinelOne", ExternalAgentID: ""},
		{Product: "", ExternalAgentID: "b"},
	}
	f := converters.NewFragment("immy")
	_, err = convertertest.Convert(immybot.New(), records[0], f)
	require.NoError(t, err)
	require.Equal(t, []converters.Link{
		{From: "immy:immybot_computer:7", Product: "SentinelOne", ExternalID: "FF819E70-AF13-BE38-1993-075EB0CE5F2F"},
		{From: "immy:immybot_computer:7", Product: "NinjaRMM", ExternalID: "3187"},
		{From: "immy:immybot_computer:7", Product: "NinjaOne", ExternalID: "3188"},
		{From: "immy:immybot_computer:7", Product: "Ninja RMM", ExternalID: "3189"},
		{From: "immy:immybot_computer:7", Product: "ImmyBot Agent", ExternalID: "a"},
	}, f.Links())
}

func TestClientLinksItsTenant(t *testing.T) {
	records, err := provider.Decode(provider.KindProviderClient, []byte(`[
		{"providerLinkId": 7, "externalClientId": "1234567890123456789", "linkedToTenantId": 36},
		{"providerLinkId": 9, "externalClientId": "95", "linkedToTenantId": 36},
		{"providerLinkId": 9, "externalClientId": "96", "linkedToTenantId": null},
		{"providerLinkId": 1, "externalClientId": "36", "linkedToTenantId": 36}]`))
	require.NoError(t, err)
	products := []string{"SentinelOne", "Ninja", "Ninja", "ImmyBot Agent"}
	var got []converters.Link
	f := converters.NewFragment("immy")
	for i, r := range records {
		r.Value.(*provider.ProviderClient).Product = products[i]
		elements, err := convertertest.Convert(immybot.New(), collectors.Record{Kind: r.Kind, ID: r.ID, Value: r.Value}, f)
		require.NoError(t, err)
		require.Empty(t, elements)
		got = append(got, f.Links()...)
	}
	require.Equal(t, []converters.Link{
		{From: "immy:immybot_tenant:36", Product: "SentinelOne", ExternalID: "1234567890123456789", Connection: "7"},
		{From: "immy:immybot_tenant:36", Product: "Ninja", ExternalID: "95", Connection: "9"},
		{From: "immy:immybot_tenant:36", Product: "ImmyBot Agent", ExternalID: "36", Connection: "1"},
	}, got)
}
