package jupiterone

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

func computer() *graph.Type {
	var properties []graph.Property
	for _, r := range append(machineRules(), hostAgentRules()[0]) {
		properties = append(properties, graph.Property{Name: r.name, Kind: kindsOf(r.form)[0]})
	}
	properties = append(properties, graph.Property{Name: "cores", Kind: graph.Int}, graph.Property{Name: "active", Kind: graph.Bool})
	return graph.NewEntityType("x_computer", "x", "test", []string{"Device", "Host", "HostAgent"}, properties...)
}

func stored(t *testing.T, e *graph.Element) graph.Stored {
	t.Helper()
	require.NoError(t, e.Seal())
	return graph.Stored{Element: e, CreatedOn: time.UnixMilli(1700000000123), UpdatedOn: time.UnixMilli(1700000000456)}
}

func decode(t *testing.T, line []byte) map[string]any {
	t.Helper()
	var doc map[string]any
	require.NoError(t, json.Unmarshal(line, &doc))
	return doc
}

func TestEntityWithNothingButAnIDIsValid(t *testing.T) {
	types := []*graph.Type{
		computer(),
		graph.NewEntityType("x_user", "x", "test", []string{"User"}),
		graph.NewEntityType("x_person", "x", "test", []string{"Person"}),
		graph.NewEntityType("x_account", "x", "test", []string{"Account"}),
		graph.NewEntityType("x_site", "x", "test", []string{"Site"}),
		graph.NewEntityType("x_group", "x", "test", []string{"Group"}),
		graph.NewEntityType("x_org", "x", "test", []string{"Organization"}),
		graph.NewEntityType("x_alert", "x", "test", []string{"Alert"}),
		graph.NewEntityType("x_finding", "x", "test", []string{"Finding"}),
		graph.NewEntityType("x_policy", "x", "test", []string{"ControlPolicy"}),
	}
	for _, typ := range types {
		line := NewEncoder(typ).Append(nil, stored(t, graph.NewEntity(typ, "x-main", "17")))
		require.NoError(t, Validate(line), typ.Name)
	}
}

func TestEntityLine(t *testing.T) {
	typ := graph.NewEntityType("x_person", "x", "test", []string{"Person"},
		graph.Property{Name: "firstName", Kind: graph.Text}, graph.Property{Name: "lastName", Kind: graph.Text},
		graph.Property{Name: "email", Kind: graph.Texts}, graph.Property{Name: "createdOn", Kind: graph.Time},
		graph.Property{Name: "rank", Kind: graph.Int}, graph.Property{Name: "isAdmin", Kind: graph.Bool}, graph.Property{Name: "title", Kind: graph.Text})
	e := graph.NewEntity(typ, "x-main", "17")
	e.Set("firstName", graph.TextOf(`Zoë "Z" </script>`))
	e.Set("createdOn", graph.TimeOf(time.UnixMilli(1600000000789)))
	e.Set("rank", graph.IntOf(0))
	e.Set("isAdmin", graph.BoolOf(false))
	doc := decode(t, NewEncoder(typ).Append(nil, stored(t, e)))
	digest := doc["_digest"]
	require.Len(t, digest, 32)
	delete(doc, "_digest")
	require.Equal(t, map[string]any{
		"_key": "x-main:x_person:17", "_type": "x_person", "_class": []any{"Person"}, "_integration": "x", "_instance": "x-main",
		"_createdOn": 1700000000123.0, "_updatedOn": 1700000000456.0,
		"name": "17", "displayName": "17", "id": "17",
		"firstName": `Zoë "Z" </script>`, "lastName": "", "email": []any{},
		"createdOn": 1600000000789.0, "rank": 0.0, "isAdmin": false,
	}, doc, "title is optional and left out; lastName and email are required and may not be null")
}

func TestRelationshipLine(t *testing.T) {
	typ := graph.NewRelationshipType("x", "x_site", "HAS", "x_group", graph.Property{Name: "method", Kind: graph.Text})
	e := graph.NewRelationship(typ, "x-main", "x-main:x_site:1", "x-main:x_group:2")
	e.Set("method", graph.TextOf("serial"))
	doc := decode(t, NewEncoder(typ).Append(nil, stored(t, e)))
	delete(doc, "_digest")
	require.Equal(t, map[string]any{
		"_key": "x-main:x_site:1|HAS|x-main:x_group:2", "_type": "x_site_has_group", "_class": "HAS", "displayName": "HAS",
		"_fromEntityKey": "x-main:x_site:1", "_toEntityKey": "x-main:x_group:2", "_integration": "x", "_instance": "x-main",
		"_createdOn": 1700000000123.0, "_updatedOn": 1700000000456.0, "method": "serial",
	}, doc)
}

func TestMissingValuesOfAMachineAreNull(t *testing.T) {
	typ := computer()
	doc := decode(t, NewEncoder(typ).Append(nil, stored(t, graph.NewEntity(typ, "x-main", "17"))))
	for _, r := range machineRules() {
		value, there := doc[r.name]
		require.Nil(t, value, r.name)
		require.Equal(t, r.blank != "", there, r.name)
	}
	require.Equal(t, []any{}, doc["function"])
}

func TestValidateRefuses(t *testing.T) {
	typ := computer()
	valid := NewEncoder(typ).Append(nil, stored(t, graph.NewEntity(typ, "x-main", "17")))
	tests := map[string]struct {
		name  string
		value any
		want  string
	}{
		"short key":                 {"_key", "x:y:1", "_key"},
		"no type":                   {"_type", nil, "_type"},
		"class as text":             {"_class", "Device", "_class"},
		"unknown class":             {"_class", []any{"Gadget"}, "Gadget"},
		"underscore inside a name":  {"host_name", "x", "host_name"},
		"null in an optional one":   {"active", nil, "null is not allowed"},
		"text in place of a flag":   {"active", "yes", "not a boolean"},
		"number in place of a text": {"serial", 5, "not a text"},
		"text in place of a list":   {"fqdn", "a.example.com", "not a list"},
		"text in place of a time":   {"lastSeenOn", "2026-01-01T00:00:00Z", "not a number"},
		"time before 1970":          {"lastSeenOn", -1, "no time"},
		"list with a double":        {"deviceId", []any{"a", "a"}, "twice"},
		"host name with a dot":      {"hostname", "a.b", "form"},
		"host name with a hyphen":   {"hostname", "-ab", "form"},
		"host name of one letter":   {"hostname", "a", "form"},
		"fqdn without a dot":        {"fqdn", []any{"host"}, "form"},
		"fqdn with digits at end":   {"fqdn", []any{"a.b1"}, "form"},
		"fqdn with underscore":      {"fqdn", []any{"a_b.example.com"}, "form"},
		"IPv6 among IPv4":           {"ipv4Addresses", []any{"::1"}, "form"},
		"IPv6 with zone":            {"ipv6Addresses", []any{"fe80::1%eth0"}, "form"},
		"address with prefix":       {"publicIpAddresses", []any{"10.0.0.1/8"}, "form"},
		"MAC in capitals":           {"macAddresses", []any{"AA:BB:CC:DD:EE:FF"}, "form"},
		"MAC with hyphens":          {"macAddresses", []any{"aa-bb-cc-dd-ee-ff"}, "form"},
		"another system":            {"osType", "macos", "form"},
		"another status":            {"status", "healthy", "form"},
		"another function":          {"function", []any{"antivirus"}, "form"},
		"link without scheme":       {"webLink", "example.com/x", "form"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			doc := decode(t, valid)
			doc[tt.name] = tt.value
			line, err := json.Marshal(doc)
			require.NoError(t, err)
			require.ErrorContains(t, Validate(line), tt.want)
		})
	}
	for _, r := range machineRules() {
		doc := decode(t, valid)
		delete(doc, r.name)
		line, err := json.Marshal(doc)
		require.NoError(t, err)
		if r.blank == "" {
			require.NoError(t, Validate(line))
		} else {
			require.ErrorContains(t, Validate(line), r.name+": required")
		}
	}
	require.ErrorContains(t, Validate([]byte(`[]`)), "JSON object")
}

func TestMailAddresses(t *testing.T) {
	for _, s := range []string{"a@b.co", "first.last+tag@sub.example.com", "x_y@example.com"} {
		require.True(t, isEmail(s), s)
	}
	for _, s := range []string{"a", "a@b", "a b@c.de", "a@b_c.de", ".a@b.de", "a@b.de "} {
		require.False(t, isEmail(s), s)
	}
}

func TestCheckType(t *testing.T) {
	require.NoError(t, CheckType(computer()))
	require.NoError(t, CheckType(graph.NewRelationshipType("x", "a", "HAS", "b")))
	require.ErrorContains(t, CheckType(graph.NewEntityType("x", "x", "test", []string{"Gadget"})), "Gadget")
	require.ErrorContains(t, CheckType(graph.NewEntityType("x", "x", "test", []string{"Account"})), "vendor")
	require.ErrorContains(t, CheckType(graph.NewEntityType("x", "x", "test", []string{"Site"}, graph.Property{Name: "category", Kind: graph.Text})), "category")
}
