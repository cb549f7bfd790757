package graph_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

func deviceType() *graph.Type {
	return graph.NewEntityType("ninjarmm_device", "ninjarmm", "/v2/devices-detailed", []string{"Device", "Host"},
		graph.Property{Name: "hostname", Kind: graph.Text},
		graph.Property{Name: "memoryBytes", Kind: graph.Int},
		graph.Property{Name: "isVirtual", Kind: graph.Bool},
		graph.Property{Name: "createdOn", Kind: graph.Time},
		graph.Property{Name: "macAddresses", Kind: graph.Texts},
		graph.Property{Name: "lastSeenOn", Kind: graph.Time, Volatile: true},
		graph.Property{Name: "active", Kind: graph.Bool, Volatile: true})
}

func hostsType() *graph.Type {
	return graph.NewRelationshipType("ninjarmm", "ninjarmm_device", "HOSTS", "ninjarmm_device", graph.Property{Name: "method", Kind: graph.Text})
}

func fullDevice(t *testing.T) *graph.Element {
	t.Helper()
	e := graph.NewEntity(deviceType(), "ninja", "7")
	e.Set("hostname", graph.TextOf("pc-7"))
	e.Set("memoryBytes", graph.IntOf(-1))
	e.Set("isVirtual", graph.BoolOf(false))
	e.Set("createdOn", graph.TimeOf(time.UnixMilli(-1)))
	e.Set("macAddresses", graph.TextsOf("b", "a"))
	e.Set("lastSeenOn", graph.TimeOf(time.UnixMilli(99)))
	require.NoError(t, e.Seal())
	return e
}

func TestSealNamesWhatHasNoName(t *testing.T) {
	tests := []struct{ name, set, value, wantName, wantDisplayName string }{
		{"nothing set", "", "", "7", "7"},
		{"a name", "name", "n", "n", "n"},
		{"a display name", "displayName", "d", "7", "d"},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			e := graph.NewEntity(deviceType(), "ninja", "7")
			if c.set != "" {
				e.Set(c.set, graph.TextOf(c.value))
			}
			require.NoError(t, e.Seal())
			require.Equal(t, c.wantName, e.Get("name").Text())
			require.Equal(t, c.wantDisplayName, e.Get("displayName").Text())
		})
	}
}

func TestSealReturnsTheFirstMisuse(t *testing.T) {
	e := graph.NewEntity(deviceType(), "ninja", "7")
	e.Set("hostName", graph.TextOf("x"))
	e.Set("hostname", graph.IntOf(1))
	err := e.Seal()
	require.ErrorContains(t, err, "hostName is not declared")
	require.ErrorContains(t, err, "ninjarmm_device ninja:ninjarmm_device:7")

	e.ResetEntity(e.Type, "ninja", "8")
	e.Set("memoryBytes", graph.TextOf("8 GB"))
	require.ErrorContains(t, e.Seal(), "memoryBytes is a string, declared as integer")

	e.ResetEntity(e.Type, "ninja", "9")
	e.Set("memoryBytes", graph.Value{})
	require.NoError(t, e.Seal(), "absence is of every kind, and a reset forgets former misuse")
}

func TestUnusableIDs(t *testing.T) {
	typ := deviceType()
	require.Error(t, graph.NewEntity(typ, "ninja", "").Seal())
	require.NoError(t, graph.NewEntity(typ, "ninja", strings.Repeat("x", graph.MaxKeyID)).Seal())
	require.Error(t, graph.NewEntity(typ, "ninja", strings.Repeat("x", graph.MaxKeyID+1)).Seal())
	require.Error(t, graph.NewEntity(typ, "ninja", strings.Repeat("ü", graph.MaxKeyID/6+1)).Seal(), "the length after escaping counts")
}

func TestResetLeavesNothingBehind(t *testing.T) {
	e := fullDevice(t)
	e.ResetEntity(e.Type, "other", "8")
	require.NoError(t, e.Seal())
	fresh := graph.NewEntity(e.Type, "other", "8")
	require.NoError(t, fresh.Seal())
	require.Equal(t, fresh.Header(), e.Header())
	require.Empty(t, e.Changed(fresh))

	hosts := hostsType()
	e.ResetRelationship(hosts, "ninja", "a", "b")
	require.NoError(t, e.Seal())
	require.Equal(t, graph.Key("a|HOSTS|b"), e.Key)
	require.Equal(t, []graph.Key{"a", "b"}, []graph.Key{e.From, e.To})
	require.True(t, e.Get("id").IsAbsent(), "relationships have no name, no id")
	e.ResetEntity(deviceType(), "ninja", "1")
	require.Empty(t, e.From+e.To)
}

func TestResetBetweenMakesTheKeys(t *testing.T) {
	hosts := hostsType()
	for _, ids := range [][2]string{{"1", "2"}, {"a|b", "c:d"}, {"ü", "-"}, {"", ""}} {
		from, to := graph.EntityKey("ninja", hosts.From, ids[0]), graph.EntityKey("ninja", hosts.To, ids[1])
		want, got := graph.NewRelationship(hosts, "ninja", from, to), fullDevice(t)
		got.ResetBetween(hosts, "ninja", ids[0], ids[1])
		same(t, want, got)
		require.NoError(t, got.Seal())
	}
}

func TestValuesIterateInDeclaredOrder(t *testing.T) {
	e := fullDevice(t)
	var names []string
	for p, v := range e.Values() {
		require.False(t, v.IsAbsent())
		names = append(names, p.Name)
	}
	require.Equal(t, []string{"name", "displayName", "id", "hostname", "memoryBytes", "isVirtual", "createdOn", "macAddresses", "lastSeenOn"}, names)
	for p := range e.Values() {
		require.Equal(t, "name", p.Name)
		break
	}
}

func TestChanged(t *testing.T) {
	a, b := fullDevice(t), fullDevice(t)
	b.Type = a.Type
	require.Empty(t, a.Changed(b))
	b.Set("active", graph.BoolOf(false))
	b.Set("hostname", graph.Value{})
	var names []string
	for _, i := range a.Changed(b) {
		names = append(names, a.Type.Properties[i].Name)
	}
	require.Equal(t, []string{"hostname", "active"}, names)
}

func TestScopeOfAnElement(t *testing.T) {
	e := fullDevice(t)
	require.Equal(t, graph.Scope{Instance: "ninja", Type: "ninjarmm_device"}, e.Scope())
	require.Equal(t, "ninja/ninjarmm_device", e.Scope().String())
	require.True(t, strings.HasPrefix(string(e.Key), e.Scope().Prefix()))
	require.True(t, e.Get("no such property").IsAbsent())
	require.Equal(t, "7", e.Value(2).Text())
}
