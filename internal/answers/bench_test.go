package answers_test

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/answers"
)

// BenchmarkAnswers measures the report and an explanation on a fleet in either store:
//
//	go test -run xxx -bench Answers -benchtime 3x ./internal/answers -machines 100000
func BenchmarkAnswers(b *testing.B) {
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
	g.eachStore(func(name string, s answers.Source) {
		b.Run(name+"/coverage", func(b *testing.B) {
			for b.Loop() {
				c, err := answers.Cover(b.Context(), s, answers.CoverOptions{Now: now(), Stale: time.Hour})
				require.NoError(b, err)
				require.Len(b, c.Gaps, len(machines))
			}
		})
		b.Run(name+"/explain", func(b *testing.B) {
			for b.Loop() {
				x, err := answers.Explain(b.Context(), s, "ser0000001")
				require.NoError(b, err)
				require.Len(b, x.Matches, 1)
			}
		})
	})
}
