package sentinelone

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
	"assetgraph/collectors/sentinelone"
	"assetgraph/converters/internal/convertertest"
)

func recordsOf(t testing.TB, a convertertest.Archive) []collectors.Record {
	switch a.Kind() {
	case sentinelone.KindPolicy:
		var scope sentinelone.PolicyScope
		require.NoError(t, json.Unmarshal(a.File("scope.json"), &scope))
		policy, err := sentinelone.DecodePolicy(scope, a.Answer())
		require.NoError(t, err)
		if policy == nil {
			return nil
		}
		return []collectors.Record{{Kind: a.Kind(), ID: scope.Key(), Value: policy}}
	case sentinelone.KindPolicyInForce:
		var force sentinelone.PolicyInForce
		require.NoError(t, json.Unmarshal(a.Answer(), &force))
		return []collectors.Record{{Kind: a.Kind(), ID: force.GroupID, Value: &force}}
	}
	records, err := sentinelone.Decode(a.Kind(), a.Answer())
	require.NoError(t, err)
	for _, r := range records {
		if d, ok := r.Value.(*sentinelone.DiscoveredDevice); ok { // the collector knows for which site it asked
			d.SiteID = strings.TrimSpace(string(a.File("site")))
		}
	}
	return records
}

func TestGolden(t *testing.T) {
	convertertest.Golden(t, New(), "s1", recordsOf)
}
