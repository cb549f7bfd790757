package sentinelone

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
	"assetgraph/collectors/sentinelone"
	"assetgraph/converters/internal/convertertest"
)

// BenchmarkAgents decodes and converts full pages of a recorded agent.
func BenchmarkAgents(b *testing.B) {
	const agents = 1000
	var answer struct{ Data []json.RawMessage }
	require.NoError(b, json.Unmarshal(convertertest.Open(b, "testdata/agents-kibana-2023-linux-qemu.txtar").Answer(), &answer))
	page := convertertest.Page(b, `{"data":[`, answer.Data[0], 1845174760470303882, agents, `],"pagination":{"nextCursor":null,"totalItems":1000}}`)
	convertertest.Bench(b, New(), page, agents, func(page []byte) ([]collectors.Record, error) {
		return sentinelone.Decode(sentinelone.KindAgent, page)
	})
}
