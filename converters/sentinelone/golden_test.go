package sentinelone

import (
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
	"assetgraph/collectors/sentinelone"
	"assetgraph/converters/internal/convertertest"
)

func recordsOf(t testing.TB, a convertertest.Archive) []collectors.Record {
	records, err := sentinelone.Decode(a.Kind(), a.Answer())
	require.NoError(t, err)
	return records
}

func TestGolden(t *testing.T) {
	convertertest.Golden(t, New(), "s1", recordsOf)
}
