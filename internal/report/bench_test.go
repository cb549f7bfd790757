package report_test

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/report"
)

// BenchmarkReport measures reports and an explanation on a fleet in either store:
//
//	go test -run xxx -bench Report -benchtime 3x ./internal/report -machines 100000
func BenchmarkReport(b *testing.B) {
	f := flag.Lookup("machines")
	require.NotNil(b, f)
	machines := map[string]planted{}
	for i := range f.Value.(flag.Getter).Get().(int) {
		m := whole()
		m.device["serial"], m.agents[0]["serial"] = text(fmt.Sprintf("SER%07d", i)), text(fmt.Sprintf("SER%07d", i))
		machines[fmt.Sprintf("pc-%07d", i)] = m
	}
	g := newBuilder(b)
	g.plant("Contoso", machines)
	g.eachStore(func(name string, s report.Source) {
		b.Run(name+"/coverage", func(b *testing.B) {
			for b.Loop() {
				c, err := report.Cover(b.Context(), s, report.CoverOptions{Now: now(), Stale: time.Hour})
				require.NoError(b, err)
				require.Len(b, c.Gaps, len(machines))
			}
		})
		b.Run(name+"/seats", func(b *testing.B) {
			for b.Loop() {
				r, err := report.Seats(b.Context(), s, report.SeatOptions{Options: report.Options{Now: now()}})
				require.NoError(b, err)
				require.Len(b, r.Rows, 3)
			}
		})
		b.Run(name+"/customer", func(b *testing.B) {
			for b.Loop() {
				list, err := report.Customers(b.Context(), s, report.CustomerOptions{Options: report.Options{Now: now()}})
				require.NoError(b, err)
				require.Len(b, list, 1)
			}
		})
		b.Run(name+"/explain", func(b *testing.B) {
			for b.Loop() {
				x, err := report.Explain(b.Context(), s, "ser0000001", 1)
				require.NoError(b, err)
				require.Len(b, x.Matches, 1)
			}
		})
	})
}
