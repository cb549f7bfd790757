package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

func TestRelationshipTypeNames(t *testing.T) {
	tests := []struct{ from, verb, to, want string }{
		{"sentinelone_group", "HAS", "sentinelone_agent", "sentinelone_group_has_agent"},
		{"immybot_person", "USES", "immybot_computer", "immybot_person_uses_computer"},
		{"ninjarmm_device", "IS", "device", "ninjarmm_device_is_device"},
		{"organization", "HAS", "device", "organization_has_device"},
	}
	for _, c := range tests {
		typ := graph.NewRelationshipType("x", c.from, c.verb, c.to)
		require.Equal(t, c.want, typ.Name)
		require.Equal(t, []string{c.verb}, typ.Classes)
		require.True(t, typ.IsRelationship())
	}
	require.False(t, deviceType().IsRelationship())
}

func TestSchemaHoldsEntitiesFirst(t *testing.T) {
	device, hosts := deviceType(), hostsType()
	site := graph.NewEntityType("site", "x", "x", nil)
	in := []*graph.Type{hosts, site, device}
	s, err := graph.NewSchema(in...)
	require.NoError(t, err)
	require.Equal(t, []*graph.Type{site, device, hosts}, s.Types())
	require.Equal(t, []*graph.Type{hosts, site, device}, in, "the caller's list stays as it was")
	require.Same(t, device, s.Type("ninjarmm_device"))
	require.Nil(t, s.Type("nope"))
	require.Equal(t, graph.Text, device.Property("hostname").Kind)
	require.Nil(t, device.Property("hostName"))
}

func TestSchemaRefuses(t *testing.T) {
	_, err := graph.NewSchema(deviceType(), deviceType())
	require.ErrorContains(t, err, "declared twice")
	_, err = graph.NewSchema(hostsType())
	require.ErrorContains(t, err, "not declared")
	require.Panics(t, func() { graph.NewEntityType("x", "x", "x", nil, graph.Property{Name: "id", Kind: graph.Text}) },
		"a property that every entity has already")
}

func TestCommonPropertiesAreNotShared(t *testing.T) {
	a := graph.NewEntityType("a", "x", "x", nil)
	b := graph.NewEntityType("b", "x", "x", nil, graph.Property{Name: "p", Kind: graph.Text})
	a.Properties[0].Doc = "changed"
	require.NotEqual(t, "changed", b.Properties[0].Doc)
	require.NotEqual(t, "changed", graph.NewEntityType("c", "x", "x", nil).Properties[0].Doc)
}

func TestOperationsAndErrorsForPeople(t *testing.T) {
	require.Equal(t, []string{"create", "update", "refresh", "delete"},
		[]string{graph.Create.String(), graph.Update.String(), graph.Refresh.String(), graph.Delete.String()})
	err := &graph.HeldError{Instance: "s1", Holder: "run-7", Age: 61e9, Expires: 59e9}
	require.Equal(t, "instance s1 is locked by run run-7 since 1m1s (expires in 59s unless renewed)", err.Error())
}
