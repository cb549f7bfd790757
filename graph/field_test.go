package graph

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFieldReadsAndWritesItsProperty(t *testing.T) {
	typ := NewEntityType("x_machine", "x", "made up", []string{"Device"}, Property{Name: "serial", Kind: Text}, Property{Name: "cores", Kind: Int})
	other := NewEntityType("x_other", "x", "made up", []string{"Device"}, Property{Name: "serial", Kind: Text})
	serial := typ.Field("serial")
	e := NewEntity(typ, "x", "1")
	serial.Set(e, TextOf("S-1"))
	require.Equal(t, "S-1", serial.Get(e).Text())
	require.Equal(t, "S-1", e.Get("serial").Text())
	require.Equal(t, "serial", serial.Property().Name)
	require.NoError(t, e.Seal())

	require.True(t, serial.Get(NewEntity(other, "x", "1")).IsAbsent())
	require.True(t, Field{}.IsZero())
	require.True(t, Field{}.Get(e).IsAbsent())
	require.Nil(t, Field{}.Property())
	require.Panics(t, func() { typ.Field("seriall") })
}

func TestFieldRefusesWhatIsNotItsOwn(t *testing.T) {
	typ := NewEntityType("x_machine", "x", "made up", []string{"Device"}, Property{Name: "cores", Kind: Int})
	other := NewEntityType("x_other", "x", "made up", []string{"Device"}, Property{Name: "cores", Kind: Int})
	e := NewEntity(typ, "x", "1")
	typ.Field("cores").Set(e, TextOf("four"))
	require.ErrorContains(t, e.Seal(), "property cores is a string, declared as integer")
	e = NewEntity(other, "x", "1")
	typ.Field("cores").Set(e, IntOf(4))
	require.Error(t, e.Seal())
}
