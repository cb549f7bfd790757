package sentinelone

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors/sentinelone"
	"assetgraph/converters"
	"assetgraph/converters/internal/convertertest"
	"assetgraph/graph"
)

// FuzzAgent decodes and converts whatever a console could send in place of a list of agents.
func FuzzAgent(f *testing.F) {
	for _, a := range convertertest.Archives(f) {
		if a.Kind() == sentinelone.KindAgent && len(a.Answer()) < 8<<10 {
			f.Add(a.Answer())
		}
	}
	c := New()
	f.Fuzz(func(t *testing.T, page []byte) {
		records, err := sentinelone.Decode(sentinelone.KindAgent, page)
		if err != nil {
			require.Empty(t, records)
			return
		}
		fragment := converters.NewFragment("s1")
		for _, r := range records {
			require.Equal(t, r.Err == nil, r.Value != nil)
			elements, err := convertertest.Convert(c, r, fragment)
			if err != nil {
				require.NotContains(t, err.Error(), "not declared")
				require.NotContains(t, err.Error(), "declared as")
				continue
			}
			checkAgent(t, elements)
		}
	})
}

func checkAgent(t *testing.T, elements []*graph.Element) {
	require.NotEmpty(t, elements)
	agent := elements[0]
	require.True(t, strings.HasPrefix(string(agent.Key), agent.Scope().Prefix()))
	require.False(t, agent.Get("name").IsAbsent() || agent.Get("displayName").IsAbsent())
	for _, mac := range agent.Get("macAddresses").List() {
		require.Equal(t, mac, converters.MAC(mac))
	}
	require.NotContains(t, agent.Get("uuid").Text(), "-")
	for _, e := range elements[1:] {
		require.Equal(t, agent.Key, e.To)
	}
}
