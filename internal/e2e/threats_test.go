package e2e

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/internal/correlate"
	"assetgraph/internal/executor"
)

var activeThreats = regexp.MustCompile(`"activeThreats":(\d+)`)

// TestThreatsThatMoveAreARefresh counts more threats on every agent: agents and devices are refreshed, and nothing else is
// made anew.
func TestThreatsThatMoveAreARefresh(t *testing.T) {
	t.Parallel()
	onBothStores(t, threatsMove)
}

func threatsMove(t *testing.T, g *ground) {
	rw, e := g.rewritten(t, 0)
	rw.rewrite = func(body []byte) []byte {
		return activeThreats.ReplaceAllFunc(body, func(member []byte) []byte {
			n, err := strconv.Atoi(strings.TrimPrefix(string(member), `"activeThreats":`))
			require.NoError(t, err)
			return strconv.AppendInt([]byte(`"activeThreats":`), int64(n+2), 10)
		})
	}
	store := g.open(t)
	before, derived := openThreats(t, store), read(t, t.Context(), store, correlate.Integration)
	rw.on.Store(true)
	report := e.run(t, t.Context(), store)
	require.Equal(t, executor.StatusComplete, report.Run.Status)
	require.Positive(t, rw.count.Load())
	require.Zero(t, report.Totals.Created+report.Totals.Updated+report.Totals.Deleted, "%+v", report.Totals)

	after := openThreats(t, store)
	known := 0
	for device, n := range before {
		if n >= 0 {
			known++
			require.Positive(t, after[device]-n, "%s", device)
			require.Zero(t, (after[device]-n)%2, "two for each of its agents: %s", device)
		} else {
			require.Equal(t, int64(-1), after[device], "nobody knows: %s", device)
		}
	}
	require.Positive(t, known)
	require.Less(t, known, len(before))
	agents := 0
	for key := range read(t, t.Context(), store, "sentinelone") {
		if strings.HasPrefix(string(key), "sentinelone:sentinelone_agent:") && !strings.Contains(string(key), "|") {
			agents++
		}
	}
	require.Equal(t, agents+known, report.Totals.Refreshed, "agents, and the devices that they protect")
	for key, now := range read(t, t.Context(), store, correlate.Integration) {
		require.Equal(t, derived[key].Digest, now.Digest, "%s", key)
		if strings.Contains(string(key), "|") {
			require.Equal(t, derived[key], now, "%s", key)
		}
	}
}

// openThreats is what devices say, -1 where they say nothing.
func openThreats(t *testing.T, r graph.Reader) map[graph.Key]int64 {
	t.Helper()
	found := map[graph.Key]int64{}
	selection := graph.Selection{
		Type: schema(t).Type("device"), Instance: correlate.Integration, Properties: []string{"openThreats"},
	}
	for e, err := range r.Elements(t.Context(), selection) {
		require.NoError(t, err)
		found[e.Key] = -1
		if v := e.Get("openThreats"); !v.IsAbsent() {
			found[e.Key] = v.Int()
		}
	}
	return found
}
