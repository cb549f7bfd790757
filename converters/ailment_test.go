package converters

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAilments(t *testing.T) {
	require.Equal(t, []string{"disabled", "error", "permissions", "detect-only", "uninstalling", "expired"},
		AllAilments.Words(), "a contract")
	require.Empty(t, Ailments(0).Words())
	set := AilmentsOf([]Symptom{{Ailment: Expired}, {Ailment: Disabled}, {Ailment: Expired, Reason: "twice"}})
	require.Equal(t, []string{"disabled", "expired"}, set.Words())
	require.Equal(t, AllAilments, AllAilments.With(Faulty))

	edr := &Tool{Name: "edr", Works: "protects", Fails: "unprotected"}
	require.True(t, edr.Tells())
	require.False(t, (&Tool{Name: "rmm"}).Tells())
	require.Equal(t, []string{"edrProtects", "edrAilments"}, []string{edr.WorksProperty(), edr.AilmentsProperty()})
}
