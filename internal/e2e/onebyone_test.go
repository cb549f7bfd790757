package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/internal/correlate"
	"assetgraph/internal/executor"
	"assetgraph/internal/providers"
	"assetgraph/internal/simulator"
)

// TestRunsOfOneProductEachComeToTheSame reads the products one after another, in every order. What ImmyBot says of its
// computers' and tenants' counterparts counts until it is read again, so that the result is that of one run of all.
func TestRunsOfOneProductEachComeToTheSame(t *testing.T) {
	t.Parallel()
	e := newEstate(t, simulator.Options{Machines: 300, Customers: 9}, t.Cleanup)
	e.options.PageSize = 0
	together := openMemory(t, t.Context(), t.Cleanup)
	require.Equal(t, executor.StatusComplete, e.run(t, t.Context(), together).Run.Status)
	want := partition(t, together)
	for _, order := range [][]string{
		{"immybot", "sentinelone", "ninjarmm"}, {"immybot", "ninjarmm", "sentinelone"}, {"sentinelone", "immybot", "ninjarmm"},
		{"ninjarmm", "sentinelone", "immybot"}, {"immybot", "sentinelone", "immybot", "ninjarmm", "sentinelone"},
	} {
		t.Run(strings.Join(order, " "), func(t *testing.T) {
			store := openMemory(t, t.Context(), t.Cleanup)
			for _, product := range order {
				require.Equal(t, executor.StatusComplete, e.run(t, t.Context(), store, product).Run.Status)
			}
			require.Equal(t, want, partition(t, store))
			report := e.run(t, t.Context(), store)
			require.Equal(t, executor.Counts{Unchanged: report.Totals.Unchanged}, report.Totals, "nothing to do for one of all")
		})
	}
}

// partition says which records are one: for each derived entity its records, sorted.
func partition(t *testing.T, store graph.Store) []string {
	t.Helper()
	records := map[graph.Key][]string{}
	for _, typ := range providers.All().Model().Types() {
		if typ.Verb != "IS" && typ.Verb != "PROTECTS" {
			continue
		}
		for h, err := range store.Headers(t.Context(), typ, correlate.Integration) {
			require.NoError(t, err)
			from, to := h.Key.Ends()
			records[to] = append(records[to], string(from))
		}
	}
	var sets []string
	for _, list := range records {
		slices.Sort(list)
		sets = append(sets, strings.Join(list, " "))
	}
	slices.Sort(sets)
	return sets
}
