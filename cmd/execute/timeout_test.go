package main

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/executor"
	"assetgraph/internal/simulator"
)

// A run that --timeout ends says of no step that it is complete which was not read, neither in its output nor in its
// record.
func TestRunThatTimesOutCallsNothingComplete(t *testing.T) { onBothGraphs(t, runThatTimesOut) }

func runThatTimesOut(t *testing.T, p place) {
	// A busy machine has four seconds to open the graph; what is read then needs more.
	s, err := simulator.Start(simulator.Options{Machines: 8, Customers: 2, Unlimited: true, Latency: 1500 * time.Millisecond})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	r := execute(t, p.env(s.Env()), "--timeout", "4s", "--output", "json")
	require.Equal(t, exitFailed, r.code, r.stderr)
	var printed, kept executor.Report
	require.NoError(t, json.Unmarshal([]byte(r.stdout), &printed))

	store := p.store(t)
	defer store.Close()
	runs, err := store.Runs(t.Context(), 1)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(runs[0].Report, &kept))

	for _, report := range []executor.Report{printed, kept} {
		require.Equal(t, executor.StatusFailed, report.Run.Status)
		require.Len(t, report.Steps, 8+10+8)
		for _, step := range report.Steps {
			require.NotEmpty(t, step.Instance)
			if step.LeftOut() {
				continue
			}
			if step.Status != executor.StatusComplete {
				require.Contains(t, step.Error, "not done within --timeout 4s", step.Step)
				continue
			}
			require.Positive(t, step.Records, "%s %s", step.Instance, step.Step)
		}
	}
}
