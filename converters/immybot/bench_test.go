package immybot_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
	provider "assetgraph/collectors/immybot"
	"assetgraph/converters/immybot"
	"assetgraph/converters/internal/convertertest"
)

// BenchmarkComputers decodes and converts pages of computers.
func BenchmarkComputers(b *testing.B) {
	const computers = 500
	var answer struct{ Results []json.RawMessage }
	require.NoError(b, json.Unmarshal(convertertest.Open(b, "testdata/computers-synthetic-page1.txtar").Answer(), &answer))
	page := convertertest.Page(b, `{"count":500,"results":[`, answer.Results[0], 101, computers, "]}")
	convertertest.Bench(b, immybot.New(), page, computers, func(page []byte) ([]collectors.Record, error) {
		return provider.Decode(provider.KindComputer, page)
	})
}
