package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/executor"
	"assetgraph/internal/simulator"
)

// benchMachines is registered when the test binary starts, since flags are parsed before any benchmark runs.
var benchMachines = flag.Int("machines", 2000, "machines of the fleet that BenchmarkRun reads")

// BenchmarkRun measures whole runs against the simulator in the same process, on the embedded store: a first load into
// a new file, and runs over unchanged data. `tools/simulate` serves the fleet from a process of its own, for figures
// without the simulator's share:
//
//	go test -run xxx -bench Run -benchtime 3x ./cmd/execute -machines 100000
func BenchmarkRun(b *testing.B) {
	s, err := simulator.Start(simulator.Options{Machines: *benchMachines, Customers: max(20, *benchMachines/250), Unlimited: true})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, s.Close()) })
	env := []string{"PATH=/"}
	for name := range maps.Keys(s.Env()) {
		env = append(env, name+"="+s.Env()[name])
	}
	once := func(b *testing.B, file string) executor.Report {
		var out, errs bytes.Buffer
		code := run(b.Context(), []string{"execute", "--output", "json", "--log-level", "error", "--graph", "sqlite:" + file}, env, nil, &out, &errs)
		require.Zero(b, code, errs.String())
		var report executor.Report
		require.NoError(b, json.Unmarshal(out.Bytes(), &report))
		return report
	}
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			require.NotZero(b, once(b, filepath.Join(b.TempDir(), "graph.db")).Totals.Created)
		}
		b.ReportMetric(float64(*benchMachines)*float64(b.N)/b.Elapsed().Seconds(), "machines/s")
	})
	b.Run("unchanged", func(b *testing.B) {
		file := filepath.Join(b.TempDir(), "graph.db")
		once(b, file)
		for b.Loop() {
			totals := once(b, file).Totals
			require.Zero(b, totals.Created+totals.Updated+totals.Refreshed+totals.Deleted)
		}
		b.ReportMetric(float64(*benchMachines)*float64(b.N)/b.Elapsed().Seconds(), "machines/s")
	})
}
