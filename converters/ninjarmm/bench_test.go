package ninjarmm_test

import (
	"os"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
	provider "assetgraph/collectors/ninjarmm"
	"assetgraph/converters/internal/convertertest"
	"assetgraph/converters/ninjarmm"
)

// BenchmarkDevices decodes and converts pages of a recorded device.
func BenchmarkDevices(b *testing.B) {
	const devices = 1000
	raw, err := os.ReadFile("testdata/device-windows-server-recorded.json")
	require.NoError(b, err)
	page := convertertest.Page(b, "[", raw, 5948, devices, "]")
	convertertest.Bench(b, ninjarmm.New(), page, devices, func(page []byte) ([]collectors.Record, error) {
		var list []*provider.Device
		err := json.Unmarshal(page, &list)
		records := make([]collectors.Record, len(list))
		for i, d := range list {
			records[i] = collectors.Record{Kind: provider.KindDevice, ID: "5948", Value: d}
		}
		return records, err
	})
}
