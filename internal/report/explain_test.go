package report_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/report"
)

// network is two customers, a shared serial number, equal host names, a person and a record that is linked to nothing.
func network(t *testing.T) *builder {
	b := newBuilder(t)
	contoso := b.entity("organization", "contoso", values{"name": text("Contoso")})
	site := b.entity("sentinelone_site", "77", values{"name": text("Contoso GmbH")})
	b.relate("sentinelone_site_is_organization", site, contoso, values{"method": text("name"), "matchedValue": text("contoso"), "confidence": text("weak")})
	device := func(id string, v values) string {
		d := b.entity("device", id, with(values{"organization": text("Contoso")}, v))
		b.relate("organization_has_device", contoso, d, nil)
		return string(d)
	}
	device("one", values{"name": text("LT-0001"), "hostname": text("LT-0001"), "serial": text("5CG0123XYZ"), "macAddresses": texts("00:50:56:ab:cd:ef"), "hasEdr": truth(true), "hasRmm": truth(true)})
	device("two", values{"name": text("lt-0001"), "hostname": text("lt-0001"), "serial": text("5CG-0123-XYZ")})
	b.entity("device", "three", values{"name": text("LT-0001"), "hostname": text("LT-0001"), "organization": text("Fabrikam")})
	device("tokyo", values{"name": text("東京サーバー"), "hostname": text("東京サーバー")})
	device("obrien", values{"name": text("O'Brien's PC"), "hostname": text("obrien-pc")})
	device("short", values{"name": text("X'"), "hostname": text("sh-1")})
	device("buero", values{"name": text("Büro-PC"), "hostname": text("Büro-PC")})
	link := values{"method": text("serial"), "matchedValue": text("5CG0123XYZ"), "confidence": text("strong")}
	agent := b.entity("sentinelone_agent", "1001", values{"name": text("OLDNAME"), "hostname": text("OLDNAME"), "serial": text("5cg0123xyz"), "uuid": text("8f3a0000aaaa"), "isDecommissioned": truth(true)})
	b.relate("sentinelone_agent_protects_device", agent, "assetgraph:device:one", link)
	ninja := b.entity("ninjarmm_device", "7", values{"name": text("LT-0001.contoso.example"), "fqdn": texts("lt-0001.contoso.example"), "serial": text("5CG0123XYZ"), "approvalStatus": text("PENDING")})
	b.relate("ninjarmm_device_is_device", ninja, "assetgraph:device:one", link)
	other := b.entity("ninjarmm_device", "8", values{"name": text("lt-0001"), "serial": text("5CG0123XYZ")})
	b.relate("ninjarmm_device_is_device", other, "assetgraph:device:two", link)
	b.entity("immybot_computer", "900", values{"name": text("stray"), "deviceId": texts("ACF05B84-3A1C-4AE2-9EED-D5FEF865B1CA"), "serial": text("5CG0123XYZ")})
	jane := b.entity("person", "jane", values{"name": text("Jane Doe"), "email": texts("jane.doe@contoso.example")})
	b.relate("person_uses_device", jane, "assetgraph:device:one", nil)
	user := b.entity("ninjarmm_user", "5", values{"name": text("Jane"), "email": texts("Jane.Doe@contoso.example")})
	b.relate("ninjarmm_user_is_person", user, jane, values{"method": text("email"), "matchedValue": text("jane.doe@contoso.example"), "confidence": text("exact")})
	return b
}

func explain(ctx context.Context, t *testing.T, s report.Source, what string) []report.Match {
	t.Helper()
	x, err := report.Explain(ctx, s, what, report.MaxExplained)
	require.NoError(t, err)
	require.Equal(t, what, x.Text)
	return x.Matches
}

func TestExplainFinds(t *testing.T) {
	const one, two, three = "assetgraph:device:one", "assetgraph:device:two", "assetgraph:device:three"
	tests := map[string]struct {
		text string
		want []string // keys
	}{
		"key":                         {one, []string{one}},
		"key of a record":             {"sentinelone:sentinelone_agent:1001", []string{one}},
		"host name, any case":         {"Lt-0001", []string{one, two, three}},
		"host name of a record":       {"oldname", []string{one}},
		"full host name":              {"LT-0001.Contoso.Example", []string{one}},
		"serial, other spelling":      {"5cg 0123-xyz", []string{one, two, "immybot:immybot_computer:900"}},
		"MAC with dashes":             {"00-50-56-AB-CD-EF", []string{one}},
		"MAC with dots":               {"0050.56ab.cdef", []string{one}},
		"MAC without anything":        {"005056ABCDEF", []string{one}},
		"uuid with dashes":            {"8F3A-0000-AAAA", []string{one}},
		"SMBIOS uuid, no machine":     {"acf05b843a1c4ae29eedd5fef865b1ca", []string{"immybot:immybot_computer:900"}},
		"e-mail address, any case":    {"JANE.doe@contoso.example", []string{"assetgraph:person:jane"}},
		"customer by a record's name": {"contoso gmbh", []string{"assetgraph:organization:contoso"}},
		"provider's id":               {"1001", []string{one}},
		"spaces around it":            {"  OLDNAME ", []string{one}},
		"part of a name":              {"lt-000", []string{one, two, three}},
		"part of a record's name":     {"ldnam", []string{one}},
		"part of a serial number":     {"g-0123-X", []string{one, two, "immybot:immybot_computer:900"}},
		"part of an address":          {"doe@CONTOSO", []string{"assetgraph:person:jane"}},
		"whole before part":           {"Contoso", []string{"assetgraph:organization:contoso"}},
		"too short a part":            {"lt", nil},
		"pattern":                     {"LT-*1", []string{one, two, three}},
		"pattern with letters":        {"[mno]LDNAME", []string{one}},
		"pattern of the whole only":   {"T-000?", nil},
		"pattern without letters":     {"???????", []string{one, two, three, "assetgraph:device:buero", "assetgraph:organization:contoso"}},
		"pattern of an address":       {"jane.*@*", []string{"assetgraph:person:jane"}},
		"broken pattern":              {"LT-[", nil},
		"umlaut, other case":          {"BÜRO", []string{"assetgraph:device:buero"}},
		"nothing but wide letters":    {"東京", []string{"assetgraph:device:tokyo"}},
		"an attempt at the language":  {"' OR 1=1 --", nil},
		"an escaped attempt":          {`\u0027 OR 1=1 OR e.id = \u0027`, nil},
		"an apostrophe":               {"o'brien's pc", []string{"assetgraph:device:obrien"}},
		"part with an apostrophe":     {"N'S P", []string{"assetgraph:device:obrien"}},
		"short whole value":           {"x'", []string{"assetgraph:device:short"}},
		"nothing but dashes":          {"--", nil},
	}
	network(t).onBoth(func(t *testing.T, s report.Source) {
		for name, tt := range tests {
			t.Run(name, func(t *testing.T) {
				var keys []string
				for _, m := range explain(t.Context(), t, s, tt.text) {
					keys = append(keys, m.Key)
					require.NotEmpty(t, m.MatchedBy)
					require.NotNil(t, m.Subject)
				}
				require.ElementsMatch(t, tt.want, keys)
			})
		}
	})
}

func TestExplainMachine(t *testing.T) {
	network(t).onBoth(func(t *testing.T, s report.Source) {
		m := explain(t.Context(), t, s, "00:50:56:ab:cd:ef")[0]
		require.Equal(t, []string{"macAddresses"}, m.MatchedBy)
		subject := m.Subject
		require.Contains(t, subject.Properties, report.Named{Name: "serial", Value: "5CG0123XYZ"})
		require.Equal(t, now(), subject.KeySince)
		require.Equal(t, now(), subject.LastChanged)

		require.Len(t, subject.Records, 2)
		agent, device := subject.Records[0], subject.Records[1]
		require.Equal(t, []string{"sentinelone", "sentinelone_agent", "OLDNAME", "decommissioned", "PROTECTS", "serial", "5CG0123XYZ", "strong"},
			[]string{agent.Product, agent.Type, agent.Name, agent.State, agent.Verb, agent.Method, agent.MatchedValue, agent.Confidence})
		require.Equal(t, now(), agent.LinkedSince)
		require.Contains(t, agent.Properties, report.Named{Name: "uuid", Value: "8f3a0000aaaa"})
		require.Equal(t, []string{"ninjarmm:ninjarmm_device:7", "pending", "IS"}, []string{device.Key, device.State, device.Verb})

		require.ElementsMatch(t, []report.Relation{
			{Verb: "HAS", From: "assetgraph:organization:contoso", To: m.Key, Name: "Contoso"},
			{Verb: "USES", From: "assetgraph:person:jane", To: m.Key, Name: "Jane Doe"},
		}, subject.Relations)
		require.Equal(t, []report.Conflict{
			{Identifier: "host name", Value: "lt-0001", Record: "assetgraph:device:two", Name: "lt-0001", Belongs: "assetgraph:device:two", Sharing: 1},
			{Identifier: "serial", Value: "5CG0123XYZ", Record: "immybot:immybot_computer:900", Name: "stray", Sharing: 2},
			{Identifier: "serial", Value: "5CG0123XYZ", Record: "ninjarmm:ninjarmm_device:8", Name: "lt-0001", Belongs: "assetgraph:device:two", Sharing: 2},
		}, subject.Conflicts)
	})
}

func TestExplainPersonAndCustomer(t *testing.T) {
	network(t).onBoth(func(t *testing.T, s report.Source) {
		jane := explain(t.Context(), t, s, "jane.doe@contoso.example")[0]
		require.Equal(t, []string{"email", "email of ninjarmm:ninjarmm_user:5"}, jane.MatchedBy)
		require.Equal(t, []report.Relation{{Verb: "USES", From: jane.Key, To: "assetgraph:device:one", Name: "LT-0001"}}, jane.Subject.Relations)
		require.Equal(t, "email", jane.Subject.Records[0].Method)
		require.Empty(t, jane.Subject.Conflicts)

		contoso := explain(t.Context(), t, s, "Contoso")[0]
		require.Equal(t, "organization", contoso.Type)
		require.Equal(t, "weak", contoso.Subject.Records[0].Confidence)
		require.Len(t, contoso.Subject.Relations, 6)
	})
}

// What very many share is listed by a few examples; of very many matches the first are explained.
func TestExplainStaysShort(t *testing.T) {
	b := newBuilder(t)
	machines := map[string]planted{}
	for i := range 30 {
		machines[fmt.Sprintf("pc-%02d", i)] = planted{device: values{"hostname": text("same")}, agents: []values{{"serial": text("Default string")}}}
	}
	b.plant("Contoso", machines)
	b.onBoth(func(t *testing.T, s report.Source) {
		list := explain(t.Context(), t, s, "same")
		require.Len(t, list, 30)
		require.NotNil(t, list[report.MaxExplained-1].Subject)
		require.Nil(t, list[report.MaxExplained].Subject)
		conflicts := list[0].Subject.Conflicts
		require.Len(t, conflicts, 10, "five of each identifier")
		require.Equal(t, 29, conflicts[0].Sharing)
	})
}

func TestExplainNamesWhatIsLikeIt(t *testing.T) {
	network(t).onBoth(func(t *testing.T, s report.Source) {
		for text, want := range map[string][]string{"LT-0O01": {"LT-0001", "lt-0001"}, "jane do": nil, "Cantoso": {"Contoso"}, "nothing like it at all": nil} {
			x, err := report.Explain(t.Context(), s, text, 1)
			require.NoError(t, err)
			if want == nil {
				require.Empty(t, x.Near, text)
			} else {
				require.Empty(t, x.Matches, text)
				require.Equal(t, want, x.Near, text)
			}
		}
	})
}

// Of several matches only so many are explained; each names its customer all the same.
func TestExplainOfSeveral(t *testing.T) {
	network(t).onBoth(func(t *testing.T, s report.Source) {
		x, err := report.Explain(t.Context(), s, "lt-0001", 0)
		require.NoError(t, err)
		require.Len(t, x.Matches, 3)
		for _, m := range x.Matches {
			require.Nil(t, m.Subject)
			require.NotEmpty(t, m.Organization)
		}
		x, err = report.Explain(t.Context(), s, "oldname", 0)
		require.NoError(t, err)
		require.NotNil(t, x.Matches[0].Subject)
		require.Equal(t, "Contoso", x.Matches[0].Organization)
	})
}
