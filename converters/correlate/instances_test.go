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

// TestConnectionToAnotherTenantMeansNothing: a provider connected to a tenant that is not at hand as well gives ids that others have here.
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
