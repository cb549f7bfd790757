package correlate

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/converters"
	"assetgraph/converters/immybot"
	"assetgraph/converters/ninjarmm"
	"assetgraph/converters/sentinelone"
	"assetgraph/graph"
)

// A builder makes provider elements of a few words.
type builder struct {
	fleet
	byName map[string]*graph.Type
	in     string // what follows the product's name in that of the instance
}

func newBuilder() *builder {
	b := &builder{byName: map[string]*graph.Type{}}
	for _, c := range []*converters.Converter{sentinelone.New(), ninjarmm.New(), immybot.New()} {
		for _, typ := range c.Types {
			b.byName[typ.Name] = typ
		}
	}
	return b
}

func shortType(letter byte) string {
	switch letter {
	case 'a':
		return "sentinelone_agent"
	case 'd', 'g':
		return "ninjarmm_device"
	case 'c':
		return "immybot_computer"
	case 'w':
		return "sentinelone_discovered_device"
	case 'k':
		return "sentinelone_account"
	case 's':
		return "sentinelone_site"
	case 'o':
		return "ninjarmm_organization"
	case 't':
		return "immybot_tenant"
	case 'p':
		return "immybot_person"
	case 'i':
		return "immybot_user"
	case 'n':
		return "ninjarmm_user"
	case 'u':
		return "sentinelone_user"
	}
	return ""
}

// keyOf turns "a1" into the key of the agent 1.
func keyOf(name string) graph.Key {
	typ := shortType(name[0])
	integration, _, _ := strings.Cut(typ, "_")
	return graph.EntityKey(integration, typ, name[1:])
}

// add takes "a1 serial=X mac=Y,Z name=N": a machine record or a customer. The customer of machines is number 1 unless
// "at" says another.
func (b *builder) put(t require.TestingT, text string) {
	words := strings.Split(text, " ")
	name := words[0]
	typ := b.byName[shortType(name[0])]
	e := graph.NewEntity(typ, typ.Integration+b.in, name[1:])
	customer := map[byte]string{'a': "siteId", 'w': "siteId", 'd': "organizationId", 'g': "organizationId", 'c': "tenantId"}[name[0]]
	if customer != "" {
		e.Set(customer, graph.TextOf("1"))
	}
	switch name[0] {
	case 'd':
		e.Set("nodeClass", graph.TextOf("WINDOWS_SERVER"))
		e.Set("approvalStatus", graph.TextOf("APPROVED"))
	case 'g':
		e.Set("nodeClass", graph.TextOf("VMWARE_VM_GUEST"))
		e.Set("deviceType", graph.TextOf("VMGuest"))
		e.Set("approvalStatus", graph.TextOf("APPROVED"))
	}
	for _, w := range words[1:] {
		b.set(t, e, customer, w)
	}
	b.fleet.add(t, e)
}

func (b *builder) set(t require.TestingT, e *graph.Element, customer, word string) {
	property, value, _ := strings.Cut(word, "=")
	if property != "nodeClass" {
		value = strings.NewReplacer("_", " ", "·", "_").Replace(value)
	}
	day := func() graph.Value {
		var n int
		_, err := fmt.Sscan(value, &n)
		require.NoError(t, err)
		return graph.TimeOf(time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC))
	}
	switch property {
	case "at":
		e.Set(customer, graph.TextOf(value))
	case "mac":
		e.Set("macAddresses", converters.MACs(strings.Split(value, ",")...))
	case "router":
		e.Set("gatewayMacAddresses", converters.MACs(value))
	case "name":
		e.Set("name", graph.TextOf(value))
		if e.Type.Property("hostname") != nil {
			e.Set("hostname", graph.TextOf(converters.Hostname(value)))
		}
	case "email":
		e.Set("email", graph.TextsOf(strings.Split(value, ",")...))
	case "off":
		e.Set("active", graph.BoolOf(false))
	case "dead":
		e.Set("isDecommissioned", graph.BoolOf(true))
	case "born":
		e.Set("createdOn", day())
	case "seen":
		e.Set("lastSeenOn", day())
	case "minute": // of the first day of seen
		var n int
		_, err := fmt.Sscan(value, &n)
		require.NoError(t, err)
		e.Set("lastSeenOn", graph.TimeOf(time.Date(2026, 1, 9, 0, n, 0, 0, time.UTC)))
	case "link":
		parts := append(strings.Split(value, ":"), "", "") // product, id there, connection, name there
		b.links = append(b.links, converters.Link{From: e.Key, Product: parts[0], ExternalID: parts[1], Connection: parts[2], Name: parts[3]})
	case "warrantyEndsOn", "lastBackupOn", "lastPatchedOn":
		e.Set(property, day())
	case "osPatchesMissing", "activeThreats":
		var n int64
		_, err := fmt.Sscan(value, &n)
		require.NoError(t, err)
		e.Set(property, graph.IntOf(n))
	default:
		if p := e.Type.Property(property); p != nil && p.Kind == graph.Bool {
			e.Set(property, graph.BoolOf(value == "yes"))
			return
		}
		if p := e.Type.Property(property); p != nil && p.Kind == graph.Texts {
			e.Set(property, graph.TextsOf(strings.Split(value, ",")...))
			return
		}
		e.Set(property, graph.TextOf(value))
	}
}

// clusters writes the machines as "a1 c1 d1 | a2".
func (r *result) clusters() string {
	return r.groups("device", map[string]string{"sentinelone_agent": "a", "ninjarmm_device": "d", "immybot_computer": "c"})
}

func (r *result) groups(typ string, letters map[string]string) string {
	groups := map[graph.Key][]string{}
	for record, derived := range r.of {
		if derived.Scope().Type == typ {
			scope := record.Scope()
			if letters[scope.Type] == "" {
				continue
			}
			groups[derived] = append(groups[derived], letters[scope.Type]+strings.TrimPrefix(string(record), scope.Prefix()))
		}
	}
	var out []string
	for _, g := range groups {
		slices.Sort(g)
		out = append(out, strings.Join(g, " "))
	}
	slices.Sort(out)
	return strings.Join(out, " | ")
}

// customers puts one customer of the number 1 and one of the number 2 into each product, mapped to each other.
func (b *builder) customers(t require.TestingT) {
	for _, n := range []string{"1", "2", "3", "4"} {
		b.put(t, "s"+n+" name=Customer_"+n)
		b.put(t, "o"+n+" name=Customer_"+n)
		b.put(t, "t"+n+" name=Customer_"+n)
	}
}

const (
	mac1, mac2, mac3 = "3c:52:82:00:00:01", "3c:52:82:00:00:02", "3c:52:82:00:00:03"
	dock             = "70:b5:e8:00:00:09" // of a maker whose adapters are not known to move about
	uuid1            = "11111111222233334444555555555555"
	uuid2            = "aaaaaaaabbbbccccddddeeeeeeeeeeee"
)

func TestCases(t *testing.T) {
	for _, c := range []struct {
		name    string
		records []string
		want    string
	}{
		{"a record alone is its own machine", []string{"a1 serial=ABC1234 name=pc"}, "a1"},
		{"records without any identifier are machines of their own", []string{"a1", "d1", "c1"}, "a1 | c1 | d1"},
		{"a provider link joins what shares nothing else", []string{"c1 link=sentinelone:" + uuid1, "a1 uuid=" + uuid1}, "a1 c1"},
		{"a provider link names the device id", []string{"c1 link=ninjarmm:1", "d1", "d2"}, "c1 d1 | d2"},
		{"a provider link yields to two that differ", []string{"c1 link=ninjarmm:1 serial=AAA1111 name=one", "d1 serial=BBB2222 name=two"}, "c1 | d1"},
		{"a provider link outweighs one that differs", []string{"c1 link=ninjarmm:1 serial=AAA1111 name=one", "d1 serial=BBB2222 name=one"}, "c1 d1"},
		{"a link to two agents goes to the one that agrees", []string{
			"c1 link=sentinelone:" + uuid1 + " serial=ABC1234 name=one", "a1 uuid=" + uuid1 + " serial=ABC1234 name=one mac=" + mac1,
			"a2 uuid=" + uuid1 + " serial=ABC1234 name=two mac=" + mac2}, "a1 c1 | a2"},
		{"a link to two agents that nothing tells apart goes nowhere", []string{
			"c1 link=sentinelone:" + uuid1, "a1 uuid=" + uuid1 + " mac=" + mac1, "a2 uuid=" + uuid1 + " mac=" + mac2}, "a1 | a2 | c1"},
		{"one serial number in other spellings", []string{"a1 serial=VMware-42_1f_aa_bb", "d1 serial=vmware-421faabb"}, "a1 d1"},
		{"the BIOS serial number counts", []string{"a1 serial=ABC1234", "d1 serial=None biosSerial=ABC1234"}, "a1 d1"},
		{"placeholders are no serial numbers", []string{"a1 serial=To_be_filled_by_O.E.M.", "d1 serial=To_be_filled_by_O.E.M.", "c1 serial=0"}, "a1 | c1 | d1"},
		{"one character over and over is no serial number", []string{"a1 serial=0000000", "d1 serial=0000000"}, "a1 | d1"},
		{"counting is no serial number", []string{"a1 serial=123456789", "d1 serial=123456789"}, "a1 | d1"},
		{"a short text is no serial number", []string{"a1 serial=AB1", "d1 serial=AB1"}, "a1 | d1"},
		{"a serial number of several customers is none", []string{
			"a1 serial=SHARED9 at=1 name=u", "a2 serial=SHARED9 at=2 name=v", "a3 serial=SHARED9 at=3 name=w", "d1 serial=SHARED9 at=4 name=x"}, "a1 | a2 | a3 | d1"},
		{"an ambiguous serial number is decided by the name", []string{
			"a1 serial=ABC1234 name=one", "a2 serial=ABC1234 name=two", "d1 serial=ABC1234 name=one"}, "a1 d1 | a2"},
		{"an ambiguous serial number decides nothing alone", []string{"a1 serial=ABC1234 name=one", "a2 serial=ABC1234 name=two", "d1 serial=ABC1234 name=new"}, "a1 | a2 | d1"},
		{"a serial number against address and name", []string{"a1 serial=ABC1234 name=one mac=" + mac1, "d1 serial=ABC1234 name=two mac=" + mac2}, "a1 | d1"},
		{"one address", []string{"a1 mac=" + mac1 + " name=old", "d1 mac=" + mac1 + " name=new"}, "a1 d1"},
		{"an address yields to serial numbers", []string{"a1 mac=" + mac1 + " serial=ABC1234", "d1 mac=" + mac1 + " serial=XYZ9876"}, "a1 | d1"},
		{"a dock on two machines of each product", []string{
			"a1 name=one mac=" + mac1 + "," + dock, "a2 name=two mac=" + mac2 + "," + dock, "d1 name=one mac=" + mac1 + "," + dock, "d2 name=two mac=" + mac2 + "," + dock}, "a1 d1 | a2 d2"},
		{"a dock on one machine of each product", []string{"a1 name=one mac=" + mac1 + "," + dock, "d1 name=two mac=" + mac2 + "," + dock}, "a1 | d1"},
		{"a locally administered address says nothing alone", []string{"a1 mac=02:42:ac:11:00:02 name=one", "d1 mac=02:42:ac:11:00:02 name=two"}, "a1 | d1"},
		{"a known adapter of docks says nothing alone", []string{"a1 mac=00:e0:4c:11:00:02 name=one", "d1 mac=00:e0:4c:11:00:02 name=two"}, "a1 | d1"},
		{"zero and broadcast are no addresses", []string{"a1 mac=00:00:00:00:00:00 name=one", "d1 mac=ff:ff:ff:ff:ff:ff name=two"}, "a1 | d1"},
		{"a name within one customer", []string{"a1 name=PC-7.corp.example", "d1 name=pc-7"}, "a1 d1"},
		{"a name cut by NetBIOS", []string{"a1 name=RECEPTION-FRONTDESK", "d1 name=RECEPTION-FRONT"}, "a1 d1"},
		{"a cut name that fits two", []string{"a1 name=RECEPTION-FRONTDESK", "a2 name=RECEPTION-FRONTDOOR", "d1 name=RECEPTION-FRONT"}, "a1 | a2 | d1"},
		{"one name at two customers", []string{"a1 name=dc01 at=1", "d1 name=dc01 at=2"}, "a1 | d1"},
		{"a name that is not unique", []string{"a1 name=dc01 mac=" + mac1, "a2 name=dc01 mac=" + mac2, "d1 name=dc01"}, "a1 | a2 | d1"},
		{"a name yields to a serial number", []string{"a1 name=pc-7 serial=ABC1234", "d1 name=pc-7 serial=XYZ9876"}, "a1 | d1"},
		{"a name yields to an address", []string{"a1 name=pc-7 mac=" + mac1, "d1 name=pc-7 mac=" + mac2}, "a1 | d1"},
		{"a name that nobody gave", []string{"a1 name=localhost", "d1 name=localhost"}, "a1 | d1"},
		{"an agent that was installed again", []string{
			"a1 serial=ABC1234 mac=" + mac1 + " name=old dead born=1", "a2 serial=ABC1234 mac=" + mac1 + " name=new born=5", "d1 serial=ABC1234"}, "a1 a2 d1"},
		{"an agent that was installed again and not decommissioned", []string{
			"a1 serial=ABC1234 name=old mac=" + mac1 + " born=1 seen=4", "a2 serial=ABC1234 name=new mac=" + mac1 + " born=5 seen=9"}, "a1 a2"},
		{"a computer that was set up again with another adapter", []string{
			"a1 serial=ABC1234 name=pc-7 mac=" + mac1 + " born=1 seen=4", "a2 serial=ABC1234 name=pc-7 mac=" + mac2 + " born=5 seen=9"}, "a1 a2"},
		{"a clone whose origin was switched off before", []string{"c1 serial=ABC1234 name=one born=1 seen=4", "c2 serial=ABC1234 name=two born=5 seen=9"}, "c1 | c2"},
		{"two live agents with one serial number alone", []string{"a1 serial=ABC1234 name=one born=1 seen=9", "a2 serial=ABC1234 name=two born=5 seen=9"}, "a1 | a2"},
		{"double records of one product", []string{"d1 serial=ABC1234 mac=" + mac1 + " born=1 seen=9", "d2 serial=ABC1234 mac=" + mac1 + " born=5 seen=9"}, "d1 d2"},
		{"a clone stays a machine of its own", []string{
			"a1 serial=ABC1234 uuid=" + uuid1 + " mac=" + mac1 + " name=one", "a2 serial=ABC1234 uuid=" + uuid1 + " mac=" + mac2 + " name=two",
			"d1 serial=ABC1234 mac=" + mac1 + " name=one", "d2 serial=ABC1234 mac=" + mac2 + " name=two"}, "a1 d1 | a2 d2"},
		{"a clone of which one product shows no serial number", []string{
			"a1 serial=ABC1234 name=one mac=" + mac1, "c1 serial=ABC1234 name=one", "a2 name=two mac=" + mac2, "d2 serial=ABC1234 name=two mac=" + mac2}, "a1 c1 | a2 d2"},
		{"two live records of one product, whatever links them", []string{
			"c1 link=sentinelone:" + uuid1 + " link=sentinelone:" + uuid2, "a1 uuid=" + uuid1 + " serial=ABC1234 name=one", "a2 uuid=" + uuid2 + " serial=XYZ9876 name=two"}, "a1 | a2 | c1"},
		{"two live records of one product, one of which agrees more", []string{
			"c1 name=two link=sentinelone:" + uuid1 + " link=sentinelone:" + uuid2, "a1 uuid=" + uuid1 + " serial=ABC1234 name=one", "a2 uuid=" + uuid2 + " serial=XYZ9876 name=two"}, "a1 | a2 c1"},
		{"a device whose two serial numbers are those of two agents", []string{"a1 serial=ABC1234", "a2 serial=XYZ9876", "d1 serial=ABC1234 biosSerial=XYZ9876"}, "a1 | a2 | d1"},
		{"a chain is split at its weakest link", []string{
			"a1 serial=ABC1234 name=one", "c1 serial=ABC1234 name=two", "d1 name=two mac=" + mac3, "a2 serial=XYZ9876 mac=" + mac3}, "a1 c1 | a2 d1"},
		{"a guest that its hypervisor shows too", []string{
			"d1 serial=ABC1234 mac=" + mac1 + " name=vm", "g2 mac=" + mac1 + " name=vm", "a1 serial=ABC1234 mac=" + mac1}, "a1 d1 d2"},
		{"a record decommissioned alone is a machine", []string{"a1 serial=ABC1234 dead"}, "a1"},
		{"network gear, monitors and pods are no machines", []string{
			"d1 nodeClass=NMS_SWITCH", "d2 nodeClass=CLOUD_MONITOR_TARGET", "a1 machineType=kubernetes_pod", "a2 machineType=ecs_task", "d3 nodeClass=NMS_SERVER"}, "d3"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBuilder()
			b.customers(t)
			for _, r := range c.records {
				b.put(t, r)
			}
			r := b.run(t, nil, nil)
			require.Equal(t, c.want, r.clusters())
		})
	}
}

// deviceOf returns the device of one record.
func (r *result) deviceOf(t require.TestingT, name string) *graph.Element {
	return r.get(t, r.of[keyOf(name)])
}

func TestWhatADeviceHas(t *testing.T) {
	b := newBuilder()
	b.customers(t)
	b.put(t, "d1 serial=0 name=RECEPTION-FRONT mac="+mac1+" osName=Windows_11_Professional osVersion=24H2 model=X at=2 born=3 seen=4")
	b.put(t, "a1 serial=ABC1234 name=RECEPTION-FRONTDESK mac="+mac1+","+dock+" osName=Windows_11_Pro osVersion=26100 born=2 seen=9")
	b.put(t, "c1 serial=abc-1234 name=RECEPTION-FRONTDESK make=Dell model=Y")
	r := b.run(t, nil, nil)
	require.Equal(t, "a1 c1 d1", r.clusters())
	d := r.deviceOf(t, "d1")
	require.Equal(t, "assetgraph:device:serial-ABC1234", string(d.Key), "strongest identity of the oldest record")
	require.Equal(t, "abc-1234", d.Get("serial").Text(), "never a placeholder")
	require.Equal(t, "RECEPTION-FRONTDESK", d.Get("hostname").Text(), "never cut")
	require.Equal(t, "X", d.Get("model").Text())
	require.Equal(t, "Dell", d.Get("make").Text())
	require.Equal(t, "Windows_11_Professional 24H2", strings.ReplaceAll(d.Get("osName").Text(), " ", "_")+" "+d.Get("osVersion").Text(), "of one record")
	require.Equal(t, []string{mac1, dock}, d.Get("macAddresses").List())
	require.Equal(t, []string{"immybot", "ninjarmm", "sentinelone"}, d.Get("sources").List())
	require.EqualValues(t, 3, d.Get("sourceCount").Int())
	require.Equal(t, "Customer 2", d.Get("organization").Text(), "the RMM is believed")
	require.Equal(t, 9, d.Get("lastSeenOn").Time().Day())
	require.True(t, d.Get("hasEdr").Bool() && d.Get("hasRmm").Bool() && d.Get("hasDeployment").Bool())
	require.Equal(t, 1, r.findings.Disagreements)
	require.Equal(t, []string{"Customer 1", "Customer 2"}, r.findings.Disagreeing[0].Organizations)
	require.Equal(t, [3]string{"serial", "ABC1234", "exact"}, r.why[keyOf("a1")])
	require.Equal(t, [3]string{"mac", mac1, "strong"}, r.why[keyOf("d1")])
	require.True(t, r.other[r.of[keyOf("o2")]+"|HAS|"+d.Key])
	require.EqualValues(t, 1, r.get(t, r.of[keyOf("o2")]).Get("deviceCount").Int())
}

func TestWhatProtectsAndManages(t *testing.T) {
	for name, c := range map[string]struct {
		records  []string
		edr, rmm bool
	}{
		"live agent, approved device":   {[]string{"a1 serial=ABC1234", "d1 serial=ABC1234"}, true, true},
		"decommissioned agent":          {[]string{"a1 serial=ABC1234 dead"}, false, false},
		"pending device":                {[]string{"a1 serial=ABC1234", "d1 serial=ABC1234 approvalStatus=PENDING"}, true, false},
		"seen by its hypervisor alone":  {[]string{"g1 mac=" + mac1, "a1 serial=ABC1234 mac=" + mac1}, true, false},
		"old agent gone, new one lives": {[]string{"a1 serial=ABC1234 dead", "a2 serial=ABC1234"}, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBuilder()
			b.customers(t)
			for _, r := range c.records {
				b.put(t, r)
			}
			d := b.run(t, nil, nil).deviceOf(t, "a1")
			if c.records[0][0] == 'g' {
				require.Len(t, d.Get("sources").List(), 2)
			}
			require.Equal(t, c.edr, d.Get("hasEdr").Bool())
			require.Equal(t, c.rmm, d.Get("hasRmm").Bool())
			require.False(t, d.Get("hasDeployment").IsAbsent())
		})
	}
}

// testModel is the model of the three products.
func testModel() *Model { return NewModel(sentinelone.New(), ninjarmm.New(), immybot.New()) }
