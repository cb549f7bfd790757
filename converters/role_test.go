package converters

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

func TestCalledBy(t *testing.T) {
	for name, want := range map[string]bool{
		"NinjaRMM": true, "Ninja One": true, "n-i-n-j-a": true, "Ninj": false, "My Ninja": false, "": false, " - ": false, "Sentinel One": false,
	} {
		require.Equal(t, want, CalledBy(name, []string{"ninja"}), name)
	}
	require.True(t, CalledBy("Sentinel-One (EU)", []string{"ninja", "sentinelone"}))
	require.False(t, CalledBy("Sentinel", []string{"sentinelone"}))
}

// FuzzCalledBy compares it with what takes blanks and hyphens away first.
func FuzzCalledBy(f *testing.F) {
	for _, s := range []string{"", "Ninja", "n i-nja x", "ninjä"} {
		f.Add(s)
	}
	stripped := strings.NewReplacer(" ", "", "-", "")
	f.Fuzz(func(t *testing.T, s string) {
		require.Equal(t, strings.HasPrefix(strings.ToLower(stripped.Replace(s)), "ninja"), CalledBy(s, []string{"ninja"}))
	})
}

func TestTool(t *testing.T) {
	edr := &Tool{Name: "edr", Systems: []string{"windows"}}
	require.Equal(t, "hasEdr", edr.Property())
	require.True(t, edr.Fits("windows"))
	require.True(t, edr.Fits(""), "one that is not known")
	require.False(t, edr.Fits("linux"))
	require.True(t, (&Tool{}).Fits("ios"))
	other := &Tool{Name: "edr"}
	require.Equal(t, []*Tool{edr}, Tools([]Role{{Machine: &Machine{Tool: edr}}, {Customer: &Customer{}}, {Machine: &Machine{Tool: other}}}))
}

// A role that says nothing of its own of a record has it by its state.
func TestRemarks(t *testing.T) {
	for state, want := range map[State]string{
		Live: "", Observed: "", NoMachine: "", Waiting: "pending", Gone: "decommissioned",
	} {
		m := &Machine{State: func(*graph.Element) State { return state }}
		require.Equal(t, want, m.RemarkOn(nil))
		m.Remark = func(*graph.Element) string { return "uninstalled" }
		require.Equal(t, "uninstalled", m.RemarkOn(nil))
	}
}
