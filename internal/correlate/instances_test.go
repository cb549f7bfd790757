package correlate

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/converters"
	"assetgraph/graph"
)

// tenants puts two instances of each product that give the same ids to other machines.
func tenants(t *testing.T) *builder {
	b := newBuilder()
	for n, suffix := range []string{"", "-2"} {
		for i := range 5 {
			b.in = suffix
			serial, name := fmt.Sprintf("SER%d%04d", n, i), fmt.Sprintf("host-%d-%d", n, i)
			b.put(t, fmt.Sprintf("o%d name=Customer_%d%d", i+1, n, i))
			b.put(t, fmt.Sprintf("t%d name=Customer_%d%d link=ninjarmm:%d", i+1, n, i, i+1))
			b.put(t, fmt.Sprintf("d%d at=%d serial=%s name=%s", i+1, i+1, serial, name))
			b.put(t, fmt.Sprintf("c%d at=%d name=%s serial=%s link=ninjarmm:%d", i+1, i+1, name, serial, i+1))
			b.put(t, fmt.Sprintf("a%d name=%s serial=%s uuid=%032d", i+1, name, serial, 10*n+i))
		}
	}
	b.in = ""
	return b
}

func TestInstancesOfOneProductShareIdsAndNothingElse(t *testing.T) {
	r := tenants(t).run(t, nil, nil)
	for n, suffix := range []string{"", "-2"} {
		for i := range 5 {
			id := fmt.Sprint(i + 1)
			d := r.of[graph.EntityKey("ninjarmm"+suffix, "ninjarmm_device", id)]
			require.NotEmpty(t, d, "%d %d", n, i)
			require.Equal(t, d, r.of[graph.EntityKey("immybot"+suffix, "immybot_computer", id)])
			require.Equal(t, d, r.of[graph.EntityKey("sentinelone"+suffix, "sentinelone_agent", id)])
			o := r.of[graph.EntityKey("ninjarmm"+suffix, "ninjarmm_organization", id)]
			require.Equal(t, o, r.of[graph.EntityKey("immybot"+suffix, "immybot_tenant", id)])
		}
	}
	require.NotEqual(t, r.of["ninjarmm:ninjarmm_device:1"], r.of["ninjarmm-2:ninjarmm_device:1"])
	require.NotEqual(t, r.of["ninjarmm:ninjarmm_organization:1"], r.of["ninjarmm-2:ninjarmm_organization:1"])
	require.Equal(t, "provider-link", r.why["ninjarmm-2:ninjarmm_device:1"][0])
	require.Equal(t, "ninjarmm-2 1", r.why["immybot-2:immybot_computer:1"][1])

	again := tenants(t).run(t, r, nil)
	require.Equal(t, r.texts(t), again.texts(t), "keys and evidence stay")
}

// TestConnectionToAnotherTenantMeansNothing: a provider connected to a tenant that is not at hand as well gives ids
// that others have here.
func TestConnectionToAnotherTenantMeansNothing(t *testing.T) {
	build := func(off bool) *result {
		b := newBuilder()
		for _, r := range []string{
			"o1 name=Cedar_Law", "o2 name=Birch_Foods", "o3 name=Oak_Motors",
			"t1 name=Cedar_Law link=ninjarmm:1:7:Cedar_Law", "t2 name=Birch_Foods link=ninjarmm:2:7:Birch_Foods link=ninjarmm:1:8:Someone_Else",
			"d1 at=1 name=cedar-1 serial=AAA1111", "d2 at=2 name=birch-1 serial=BBB2222",
			"c1 at=1 name=cedar-1 serial=AAA1111 link=ninjarmm:1:7", "c2 at=2 name=birch-1 serial=BBB2222 link=ninjarmm:2:7 link=ninjarmm:1:8",
		} {
			b.put(t, r)
		}
		if off {
			b.connections = append(b.connections, converters.Connection{Instance: "immybot", ID: "8", Off: true})
		}
		return b.run(t, nil, nil)
	}
	for _, off := range []bool{false, true} {
		r := build(off)
		require.Equal(t, "o1 t1 | o2 t2 | o3", r.customersOf())
		require.Equal(t, r.of[keyOf("d1")], r.of[keyOf("c1")])
		require.Equal(t, r.of[keyOf("d2")], r.of[keyOf("c2")])
		require.NotEqual(t, r.of[keyOf("d1")], r.of[keyOf("d2")])
	}
}

// TestConnectionThatIsOffMeansNothingByItself: what nobody can check is not believed of what is switched off.
func TestConnectionThatIsOffMeansNothingByItself(t *testing.T) {
	for _, off := range []bool{false, true} {
		b := newBuilder()
		b.put(t, "d1")
		b.put(t, "c1 link=ninjarmm:1:7")
		b.connections = []converters.Connection{{Instance: "immybot", ID: "7", Off: off}}
		r := b.run(t, nil, nil)
		require.Equal(t, !off, r.of[keyOf("d1")] == r.of[keyOf("c1")])
	}
}

// TestCustomersOfTwoInstancesOfOneProduct: one name in two tenants is one customer, as it is in two products, where the
// name is the customer's own.
func TestCustomersOfTwoInstancesOfOneProduct(t *testing.T) {
	for _, c := range []struct {
		name          string
		first, second []string
		want          string
	}{
		{"organizations of one name", []string{"o1 name=Acme_Ltd"}, []string{"o11 name=ACME"}, "o1 o11"},
		{"organizations of two legal forms", []string{"o1 name=Acme_Ltd"}, []string{"o11 name=Acme_Inc"}, "o1 | o11"},
		{"what one product gives by itself", []string{"o1 name=Default_Organization"}, []string{"o11 name=Default_Organization"}, "o1 | o11"},
		{"sites of places, of accounts that are two customers", []string{"k7 name=Acme_Ltd", "s1 name=Berlin accountId=7"},
			[]string{"k7 name=Zeta", "s11 name=Berlin accountId=7"}, "s1 | s11"},
		{"so with other products that know the accounts", []string{"k7 name=Acme_Ltd", "s1 name=Berlin accountId=7", "o1 name=Acme", "o2 name=Zeta"},
			[]string{"k7 name=Zeta", "s11 name=Berlin accountId=7"}, "o1 s1 | o2 s11"},
		{"sites of places of one customer", []string{"k7 name=Acme_Ltd", "s1 name=Berlin accountId=7", "o1 name=Acme"},
			[]string{"k8 name=ACME", "s11 name=Berlin accountId=8", "s12 name=Paris accountId=8"}, "o1 s1 s11 s12"},
		{"sites of customers, of two accounts of the service provider", []string{"k7 name=Services_EU", "s1 name=Acme accountId=7", "o1 name=Acme"},
			[]string{"k7 name=Services_US", "s11 name=Acme accountId=7"}, "o1 s1 s11"},
		{"sites of customers, of one account of the service provider", []string{"k7 name=Services", "s1 name=Acme accountId=7"},
			[]string{"k7 name=Services", "s11 name=Acme accountId=7"}, "s1 s11"},
		{"a site without an account that may be read", []string{"s1 name=Acme accountId=7"}, []string{"s11 name=Acme accountId=8"}, "s1 s11"},
		{"two tenants of one name in one of them", []string{"t1 name=Acme", "t2 name=Acme"}, []string{"t11 name=Acme"}, "t1 | t11 | t2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBuilder()
			b.fill(t, c.first)
			b.in = "-2"
			b.fill(t, c.second)
			require.Equal(t, c.want, b.run(t, nil, nil).customersOf())
		})
	}
}

// TestTenantsOfTwoInstancesMapOneClient: each instance has one tenant for the client, which is not to be mapped to
// several.
func TestTenantsOfTwoInstancesMapOneClient(t *testing.T) {
	for _, names := range [][2]string{{"Acme", "Acme"}, {"Acme", "Beta"}, {"Beta", "Gamma"}} {
		b := newBuilder()
		b.fill(t, []string{"o1 name=Acme", "o2 name=Zeta", "t1 name=" + names[0] + " link=ninjarmm:1"})
		b.in = "-2"
		b.fill(t, []string{"t11 name=" + names[1] + " link=ninjarmm:1"})
		require.Equal(t, "o1 t1 t11 | o2", b.run(t, nil, nil).customersOf(), names)
	}
}

// TestNameWithoutInstanceThatSeveralHave: type and id name a record where one instance has it. Where several do, nobody
// knows which is meant: nothing is decided by it, and people are told.
func TestNameWithoutInstanceThatSeveralHave(t *testing.T) {
	o := Overrides{
		Same:      [][]string{{"ninjarmm_device/1", "immybot_computer/1"}, {"sentinelone_agent/7", "immybot_computer/8"}},
		Different: [][]string{{"ninjarmm_device/2", "ninjarmm_device/3"}},
	}
	for _, order := range [][]string{{"", "-2"}, {"-2", ""}} {
		b := newBuilder()
		for _, suffix := range order {
			b.in = suffix
			b.fill(t, []string{"d1 serial=AAA111" + suffix, "d2 serial=BBB222" + suffix})
		}
		b.in = ""
		b.fill(t, []string{"c1 serial=CCC333", "d3 serial=BBB222", "a7 serial=DDD444", "c8 serial=EEE555"})
		c := New(Options{Model: testModel(), Overrides: &o})
		r := b.runWith(t, c, nil, nil)
		require.NotEqual(t, r.of["ninjarmm:ninjarmm_device:1"], r.of["ninjarmm-2:ninjarmm_device:1"], "two machines")
		require.NotEqual(t, r.of["ninjarmm:ninjarmm_device:1"], r.of["immybot:immybot_computer:1"])
		require.Equal(t, r.of["sentinelone:sentinelone_agent:7"], r.of["immybot:immybot_computer:8"], "the one list that is clear holds")
		require.Equal(t, []string{"ninjarmm_device/1", "ninjarmm_device/2"}, r.findings.Ambiguous)
		require.Empty(t, r.findings.Unmatched, "they are there")
	}
	full := Overrides{Same: [][]string{{"ninjarmm-2:ninjarmm_device:1", "immybot_computer/1"}}}
	b := newBuilder()
	for _, suffix := range []string{"", "-2"} {
		b.in = suffix
		b.put(t, "d1 serial=AAA111"+suffix)
	}
	b.in = ""
	b.put(t, "c1 serial=CCC333")
	r := b.runWith(t, New(Options{Model: testModel(), Overrides: &full}), nil, nil)
	require.Equal(t, r.of["ninjarmm-2:ninjarmm_device:1"], r.of["immybot:immybot_computer:1"], "the key says which")
	require.NotEqual(t, r.of["ninjarmm:ninjarmm_device:1"], r.of["immybot:immybot_computer:1"])
	require.Empty(t, r.findings.Ambiguous)
}
