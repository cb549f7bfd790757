package immybot_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	provider "assetgraph/collectors/immybot"
	"assetgraph/converters"
	"assetgraph/converters/immybot"
	"assetgraph/converters/internal/convertertest"
	"assetgraph/graph"
)

// FuzzComputer decodes and converts whatever an instance could send in place of a page of computers.
func FuzzComputer(f *testing.F) {
	for _, a := range convertertest.Archives(f) {
		if a.Kind() == provider.KindComputer {
			f.Add(a.Answer())
		}
	}
	c := immybot.New()
	f.Fuzz(func(t *testing.T, page []byte) {
		records, err := provider.Decode(provider.KindComputer, page)
		if err != nil {
			require.Empty(t, records)
			return
		}
		fragment := converters.NewFragment("immy")
		for _, r := range records {
			require.Equal(t, r.Err == nil, r.Value != nil)
			elements, err := convertertest.Convert(c, r, fragment)
			if err != nil {
				require.NotContains(t, err.Error(), "declared")
				continue
			}
			checkComputer(t, elements)
		}
	})
}

func checkComputer(t *testing.T, elements []*graph.Element) {
	t.Helper()
	require.NotEmpty(t, elements)
	computer := elements[0]
	require.True(t, strings.HasPrefix(string(computer.Key), computer.Scope().Prefix()))
	require.False(t, computer.Get("name").IsAbsent() || computer.Get("displayName").IsAbsent())
	require.Equal(t, computer.Get("hostname").Text(), converters.Hostname(computer.Get("hostname").Text()))
	for _, id := range computer.Get("deviceId").List() {
		require.Len(t, id, 36)
		require.Equal(t, strings.ToLower(id), id)
	}
	for _, e := range elements[1:] {
		require.Equal(t, computer.Key, e.To)
	}
}
