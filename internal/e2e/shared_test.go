package e2e

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/internal/correlate"
	"assetgraph/internal/executor"
	"assetgraph/internal/simulator"
)

// TestSerialNumberOfAllMachinesIsNamed: an assembler, or an update of its firmware, writes one serial number into all
// machines, in a spelling that no list has. It joins nothing, and the run says which one it is.
func TestSerialNumberOfAllMachinesIsNamed(t *testing.T) {
	t.Parallel()
	g := inFile(t)
	serial := regexp.MustCompile(`"serialNumber":\s*"[^"]*"`)
	rw := &rewriter{rewrite: func(body []byte) []byte {
		return serial.ReplaceAll(body, []byte(`"serialNumber":"To be set by Acme"`))
	}}
	e := g.estate(t, simulator.Options{Machines: 200, Intercept: rw.intercept})
	store := g.open(t)
	rw.on.Store(true)
	report := e.run(t, t.Context(), store)
	require.Equal(t, executor.StatusComplete, report.Run.Status, "%v", report.Steps)
	require.Positive(t, rw.count.Load())
	require.True(t, slices.ContainsFunc(report.Warnings, func(w string) bool {
		return strings.Contains(w, "serial TOBESETBYACME on ") && strings.Contains(w, "under junkSerials or junkMacs")
	}), "%v", report.Warnings)
	agents := map[graph.Key]int{} // by device
	for key := range read(t, t.Context(), store, correlate.Integration) {
		if from, to := key.Ends(); from.Scope().Type == "sentinelone_agent" && to.Scope().Type == "device" {
			agents[to]++
		}
	}
	require.Greater(t, len(agents), 100)
	for device, n := range agents {
		require.LessOrEqual(t, n, 2, "%s: an agent and the one before it", device)
	}
}
