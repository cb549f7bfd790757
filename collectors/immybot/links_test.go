package immybot

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
)

const (
	someLinks = `[
		{"id":7,"name":"S1 of Contoso","disabled":false,"healthStatus":2,"providerTypeId":"AAAAAAAA-0000-4000-8000-000000000007","providerTypeFormData":{"ApiToken":"s3cr3t"}},
		{"id":9,"name":"NinjaRMM","disabled":false,"healthStatus":"Healthy","providerTypeId":"aaaaaaaa-0000-4000-8000-000000000009"}]`
	someTypes = `[{"providerTypeId":"aaaaaaaa-0000-4000-8000-000000000007","displayName":"SentinelOne"}]`
)

func withLinks(t *testing.T) *instance {
	in := newInstance(t)
	in.answer("/provider-links", someLinks)
	in.answer("/provider-types", someTypes)
	in.answer("/provider-links/7/clients", `[
		{"providerLinkId":7,"externalClientId":"1234567890123456789","externalClientName":"Contoso Site","linkedToTenantId":36,"internalData":{"key":"s3cr3t"}},
		{"providerLinkId":7,"externalClientId":"555","linkedToTenantId":null}]`)
	in.answer("/provider-links/9/clients", `[{"providerLinkId":9,"externalClientId":42,"linkedToTenantId":36}]`)
	return in
}

func TestLinksCarryTheProductAndClientsTheTenant(t *testing.T) {
	in := withLinks(t)
	records, _, err := read(t, in.collector(0), "provider-links")
	require.NoError(t, err)
	require.Equal(t, []string{"7", "7/1234567890123456789", "7/555", "9", "9/42"}, ids(records))
	products := map[string]string{}
	tenants := map[string]int64{}
	for _, r := range records {
		switch v := r.Value.(type) {
		case *ProviderLink:
			products[r.ID] = v.Product
		case *ProviderClient:
			products[r.ID] = v.Product
			if v.LinkedToTenantID.Set {
				tenants[r.ID] = v.LinkedToTenantID.N
			}
		}
	}
	require.Equal(t, map[string]string{
		"7": "SentinelOne", "7/1234567890123456789": "SentinelOne", "7/555": "SentinelOne", "9": "NinjaRMM",
		"9/42": "NinjaRMM",
	}, products)
	require.Equal(t, map[string]int64{"7/1234567890123456789": 36, "9/42": 36}, tenants)
	require.Contains(t, in.asked("/api/v1/provider-links?")[0], "throwIfAgentInstallerVersionNotSet=false")
}

func TestIntegrationsThatAreNotHealthyAreNamed(t *testing.T) {
	in := withLinks(t)
	in.answer("/provider-links", `[
		{"id":7,"name":"S1","healthStatus":0,"healthStatusMessage":"token s3cr3t is wrong"},
		{"id":8,"name":"Old","healthStatus":0,"disabled":true},
		{"id":9,"name":"Ninja","healthStatus":"Degraded"},
		{"id":10,"name":"Fine","healthStatus":2},
		{"id":11,"name":"Silent","healthStatus":null}]`)
	for _, id := range []string{"8", "10", "11"} {
		in.answer("/provider-links/"+id+"/clients", `[]`)
	}
	_, m, err := read(t, in.collector(0), "provider-links")
	require.NoError(t, err)
	require.Equal(t, []string{
		`ImmyBot calls the integration "S1" unhealthy: what it tells of agents may be old`,
		`ImmyBot calls the integration "Ninja" degraded: what it tells of agents may be old`,
	}, m.Warnings())
}

func TestLinksOf2022AreReadAndGiveNoClientsWhereTheyHaveNone(t *testing.T) {
	in := newInstance(t)
	in.answer("/provider-links", fixture(t, "recorded/provider-links.json"))
	delete(in.routes, "/provider-types")
	records, m, err := read(t, in.collector(0), "provider-links")
	require.NoError(t, err)
	require.Equal(t, []string{"1"}, ids(records))
	require.Equal(t, "ImmyBot Agent", records[0].Value.(*ProviderLink).Product)
	require.Len(t, m.Warnings(), 1, "products are named after the integrations")
	require.Empty(t, in.asked("/api/v1/provider-links/1"))
}

func TestClientsComeFromTheLinksPageWhereTheyHaveNoRoute(t *testing.T) {
	in := withLinks(t)
	delete(in.routes, "/provider-links/7/clients")
	delete(in.routes, "/provider-links/9/clients")
	in.answer("/provider-links/9",
		`{"id":9,"providerClients":[{"providerLinkId":9,"externalClientId":42,"linkedToTenantId":36}]}`)
	in.answer("/provider-links/7", `{"id":7,"includeClientsFailedMessage":null,"providerClients":[{"providerLinkId":7,"externalClientId":"1","linkedToTenantId":36}]}`)
	records, _, err := read(t, in.collector(0), "provider-links")
	require.NoError(t, err)
	require.Contains(t, ids(records), "7/1")
}

func TestProductThatTheInstanceCanNotReachMakesItsClientsIncomplete(t *testing.T) {
	in := withLinks(t)
	delete(in.routes, "/provider-links/7/clients")
	delete(in.routes, "/provider-links/9/clients")
	in.answer("/provider-links/9",
		`{"id":9,"providerClients":[{"providerLinkId":9,"externalClientId":42,"linkedToTenantId":36}]}`)
	in.answer("/provider-links/7",
		`{"id":7,"includeClientsFailedMessage":"token s3cr3t refused","providerClients":null}`)
	records, _, err := read(t, in.collector(0), "provider-links")
	var incomplete *collectors.IncompleteError
	require.ErrorAs(t, err, &incomplete)
	require.Contains(t, incomplete.Reason, "S1 of Contoso")
	require.NotContains(t, err.Error(), "s3cr3t", "the message may quote settings")
	require.Contains(t, ids(records), "9/42", "those of other integrations come")
}

func TestLinkWithoutClientsToGiveIsAWarning(t *testing.T) {
	for name, status := range map[string]int{"bad request": 400, "not found": 404, "wrong method": 405} {
		t.Run(name, func(t *testing.T) {
			in := withLinks(t)
			in.status("/provider-links/7/clients", status, `{}`)
			in.status("/provider-links/7", status, `{}`)
			records, m, err := read(t, in.collector(0), "provider-links")
			require.NoError(t, err)
			require.Equal(t, []string{"7", "9", "9/42"}, ids(records))
			require.Len(t, m.Warnings(), 1)
		})
	}
}

func TestClientsThatFailOrAreForbiddenAreIncomplete(t *testing.T) {
	for _, status := range []int{http.StatusInternalServerError, http.StatusForbidden} {
		in := withLinks(t)
		in.status("/provider-links/7/clients", status, `{}`)
		_, _, err := read(t, in.collector(0), "provider-links")
		var incomplete *collectors.IncompleteError
		require.ErrorAs(t, err, &incomplete)
	}
}

// What makes a mapping is not left out: the record is, and is named.
func TestMappingThatCanNotBeReadIsBroken(t *testing.T) {
	in := withLinks(t)
	in.answer("/provider-links",
		`[{"id":7,"name":"S1","providerTypeId":{}},{"id":9,"name":"Ninja","providerTypeId":"x","healthStatus":[]}]`)
	in.answer("/provider-links/9/clients", `[{"providerLinkId":9,"externalClientId":42,"linkedToTenantId":{"id":36}},
		{"providerLinkId":[],"externalClientId":43,"linkedToTenantId":36},{"providerLinkId":9,"externalClientId":44,"externalClientName":{}}]`)
	records, _, err := read(t, in.collector(0), "provider-links")
	require.NoError(t, err)
	said := map[string]string{}
	for _, r := range records {
		said[r.ID] = fmt.Sprint(r.Err, r.Unread)
	}
	require.Equal(t, map[string]string{
		"7":    "provider-link 7: field providerTypeId: an object where a text was expected []",
		"9":    "<nil> [{healthStatus an array where a text was expected}]",
		"9/42": "provider-client 9/42: field linkedToTenantId: an object where a whole number was expected []",
		"":     "provider-client without id: field externalClientId: no id []",
		"9/44": "<nil> [{externalClientName an object where a text was expected}]",
	}, said)
}

func TestDisabledLinkThatFailsIsAWarning(t *testing.T) {
	in := withLinks(t)
	in.answer("/provider-links", `[{"id":7,"name":"old","disabled":true,"providerTypeId":null}]`)
	in.status("/provider-links/7/clients", http.StatusInternalServerError, `{}`)
	_, m, err := read(t, in.collector(0), "provider-links")
	require.NoError(t, err)
	require.Len(t, m.Warnings(), 1)
}

func TestCountOfLinksIsNotKnownWithoutReadingTheirClients(t *testing.T) {
	n, err := count(t, withLinks(t).collector(0), "provider-links")
	require.NoError(t, err)
	require.Equal(t, -1, n)
}
