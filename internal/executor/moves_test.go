package executor

import (
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/correlate"
)

func TestMovesAreNamed(t *testing.T) {
	got := findingWarnings(correlate.Findings{Moved: 3, Moves: []correlate.Move{
		{Type: "device", Record: "sentinelone:sentinelone_agent:1", From: "assetgraph:device:a", To: "assetgraph:device:b", Copies: true},
		{Type: "person", From: "assetgraph:person:x", To: "assetgraph:person:y"},
	}})
	require.Equal(t, []string{
		"correlation: copies of one machine share a record, which goes from the one to the other: " +
			"sentinelone:sentinelone_agent:1 from assetgraph:device:a to assetgraph:device:b; give the copy's agent an identity of its own",
		"correlation: 3 records went from one machine, customer or person of the last run to another: a record from assetgraph:person:x to assetgraph:person:y",
	}, got)
}
