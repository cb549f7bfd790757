package immybot_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
	provider "assetgraph/collectors/immybot"
	"assetgraph/converters"
	"assetgraph/converters/immybot"
	"assetgraph/converters/internal/convertertest"
	"assetgraph/graph"
)

func TestTypesAreThoseOfTheModel(t *testing.T) {
	c := immybot.New()
	require.Equal(t, "immybot", c.Integration)
	var got [][]string
	for _, typ := range c.Types {
		require.Equal(t, "immybot", typ.Integration)
		got = append(got, append([]string{typ.Name}, typ.Classes...))
	}
	require.Equal(t, [][]string{
		{"immybot_tenant", "Organization"},
		{"immybot_computer", "Device", "Host"},
		{"immybot_person", "Person"},
		{"immybot_user", "User"},
		{"immybot_tenant_has_computer", "HAS"},
		{"immybot_tenant_has_person", "HAS"},
		{"immybot_tenant_has_tenant", "HAS"},
		{"immybot_person_uses_computer", "USES"},
	}, got)
	_, err := graph.NewSchema(c.Types...)
	require.NoError(t, err)
}

// Every kind of the collector has a converter, and every type a step that reads it.
func TestKindsAreThoseOfTheCollector(t *testing.T) {
	s, err := provider.New(provider.Config{
		Instance: "immy", URL: "https://acme.immy.bot", TenantID: "contoso.example", ClientID: "app", ClientSecret: "x",
	})
	require.NoError(t, err)
	c := immybot.New()
	produced, kinds := map[*graph.Type]bool{}, map[string]bool{}
	for _, step := range s.Steps() {
		for _, name := range step.Kinds {
			kinds[name] = true
			require.NotNil(t, c.Kind(name), name)
			for _, typ := range c.Kind(name).Produces {
				produced[typ] = true
			}
		}
	}
	require.Len(t, kinds, len(c.Kinds))
	for _, typ := range c.Types {
		require.True(t, produced[typ], typ.Name)
	}
}

// What is declared comes from some record of testdata, and nothing else does: an undeclared name would fail Seal.
func TestEveryDeclaredPropertyIsEmitted(t *testing.T) {
	c := immybot.New()
	var records []collectors.Record
	for _, a := range convertertest.Archives(t) {
		records = append(records, recordsOf(t, a)...)
	}
	emitted := convertertest.Emitted(t, c, records)
	never := map[string]string{
		"immybot_tenant.webLink":        "the console's page is not known",
		"immybot_person.webLink":        "the console's page is not known",
		"immybot_user.webLink":          "the console's page is not known",
		"immybot_computer.osDetails":    "the list gives the system's name alone",
		"immybot_computer.macAddresses": "only the inventory of each computer has them",
	}
	for _, typ := range c.Types {
		require.True(t, emitted[typ.Name], typ.Name)
		for _, p := range typ.Properties {
			name := typ.Name + "." + p.Name
			require.Equal(t, never[name] == "", emitted[name], name)
		}
	}
}

func TestRecordWithoutIDOrOfAnotherTypeIsARecordError(t *testing.T) {
	c := immybot.New()
	f := converters.NewFragment("immy")
	for _, kind := range c.Kinds {
		for _, r := range []collectors.Record{
			{Kind: kind.Name, ID: "1", Value: nil},
			{Kind: kind.Name, ID: "1", Value: "text"},
			{Kind: kind.Name, ID: "1", Value: (*provider.Tenant)(nil)},
		} {
			var re *collectors.RecordError
			require.ErrorAs(t, kind.Convert(r, f), &re)
			require.Equal(t, kind.Name, re.Kind)
			require.Equal(t, "1", re.ID)
		}
	}
	var re *collectors.RecordError
	require.ErrorAs(t, c.Kind(provider.KindComputer).Convert(collectors.Record{Kind: provider.KindComputer, ID: " ", Value: &provider.Computer{}}, f), &re)
	require.Equal(t, "id", re.Field)
	require.Empty(t, f.Elements())
}

// Neither the order in which a list comes nor a reading changes the digest.
func TestReadingsAreOutsideTheDigest(t *testing.T) {
	c := immybot.New()
	digests := func(body string) (graph.Digest, graph.Digest) {
		records, err := provider.Decode(provider.KindComputer, []byte(`{"count":1,"results":[`+body+`]}`))
		require.NoError(t, err)
		elements, err := convertertest.Convert(c, records[0], converters.NewFragment("immy"))
		require.NoError(t, err)
		return elements[0].Digest, elements[0].Volatile
	}
	d1, v1 := digests(`{"id":1,"isOnline":true,"lastLoggedOnUser":"a","lastProviderAgentEventDateUtc":"2026-01-20T09:11:02Z"}`)
	d2, v2 := digests(`{"id":1,"isOnline":false,"lastLoggedOnUser":"b","lastProviderAgentEventDateUtc":"2026-01-20T09:12:02Z"}`)
	require.Equal(t, d1, d2)
	require.NotEqual(t, v1, v2)
	d3, _ := digests(`{"id":1,"computerName":"renamed"}`)
	require.NotEqual(t, d1, d3)
}

func TestAgentsAloneDoNotChangeTheComputer(t *testing.T) {
	c := immybot.New()
	computer := &provider.Computer{SerialNumber: "8KX1234"}
	f := converters.NewFragment("immy")
	r := collectors.Record{Kind: provider.KindComputer, ID: "1", Value: computer}
	before, err := convertertest.Convert(c, r, f)
	require.NoError(t, err)
	digest := before[0].Digest
	computer.Agents = []provider.ProviderAgent{{ExternalAgentID: "u", Serial: "OTHER"}}
	after, err := convertertest.Convert(c, r, f)
	require.NoError(t, err)
	require.Equal(t, digest, after[0].Digest)
}

func TestSerialIsTheFirstThatIsNoPlaceholder(t *testing.T) {
	for want, computer := range map[string]*provider.Computer{
		"PF3K1234": {Agents: []provider.ProviderAgent{{Serial: "00000000"}, {Serial: "PF3K1234"}, {Serial: "PF3K9999"}}},
		"7HX0001":  {SerialNumber: "To be filled by O.E.M.", Agents: []provider.ProviderAgent{{Serial: "None"}, {Serial: "7HX0001"}}},
		"5CG1234":  {SerialNumber: "5CG1234", Agents: []provider.ProviderAgent{{Serial: "7HX0001"}}},
		"":         {SerialNumber: "Default string", Agents: []provider.ProviderAgent{{Serial: "123456789"}, {}}},
	} {
		r := collectors.Record{Kind: provider.KindComputer, ID: "1", Value: computer}
		elements, err := convertertest.Convert(immybot.New(), r, converters.NewFragment("immy"))
		require.NoError(t, err)
		require.Equal(t, want, elements[0].Get("serial").Text())
	}
}
