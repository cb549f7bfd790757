package main

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/executor"
	"assetgraph/internal/neo4jserver/neo4jtest"
	"assetgraph/internal/simulator"
)

// Which machines their agents do not protect, and why, is exact in both stores, however it is asked; so is of how many
// nobody knows. An agent that is disabled changes its device and no other.
func TestInstalledIsNotProtecting(t *testing.T) {
	workIn(t)
	server := neo4jtest.Borrow(t)
	for name, store := range map[string]struct {
		env  map[string]string
		args []string
		is   string
	}{
		"SQLite": {is: "select _from, _to from sentinelone_agent_protects_device"},
		"Neo4j": {
			env:  map[string]string{"GRAPH_DB_USERNAME": server.Username, "GRAPH_DB_PASSWORD": server.Password},
			args: []string{"--graph", server.Endpoint},
			is:   "MATCH (a)-[r:PROTECTS]->(b:device) RETURN a._key AS _from, b._key AS _to",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, all := fleet(t, simulator.Options{Machines: 400, Customers: 14}) // of which the site of one has ended
			maps.Copy(all, store.env)
			ask := func(args ...string) string { return answered(t, store.env, append(args, store.args...)...) }
			check := func(r *executor.Report) {
				_, links := csvTable(t, ask("query", store.is, "--output", "csv"))
				requireProtection(t, s, links, ask, gapOf(r, "edr").Work)
			}
			first := runJSON(t, exitDone, all, store.args...)
			require.Empty(t, s.Mistakes())
			check(&first)
			work := gapOf(&first, "edr").Work
			require.Zero(t, work.Stopped.Count, "where all is new nothing is news")
			require.Nil(t, work.Before)

			second := runJSON(t, exitDone, all, store.args...)
			require.Zero(t, second.Totals.Created+second.Totals.Updated+second.Totals.Deleted, "%+v", second.Totals)
			check(&second)

			disabled := s.Advance(simulator.Change{Disable: 1}).Disabled
			require.Len(t, disabled, 1)
			third := runJSON(t, exitDone, all, store.args...)
			require.Equal(t, executor.Counts{Updated: 1}, steady(third.Entities["sentinelone_agent"]))
			require.Equal(t, executor.Counts{Updated: 1}, steady(third.Entities["device"]))
			require.Equal(t, 2, third.Totals.Created+third.Totals.Updated+third.Totals.Deleted, "%+v", third.Totals)
			check(&third)
			work = gapOf(&third, "edr").Work
			require.Equal(t, 1, work.Failing-*work.Before)
			require.Equal(t, 1, work.Stopped.Count)
			hostname := ""
			for m := range s.Truth() {
				if m.Number == disabled[0] {
					hostname = m.Hostname
					text := ask("explain", "sentinelone:sentinelone_agent:"+m.Agent)
					require.Contains(t, text, "edrProtects        false\n")
					require.Contains(t, text, "does not protect   disabled: the agent is disabled (fully_disabled)\n")
				}
			}
			require.Contains(t, work.Stopped.Names[0], hostname)
			stays := runJSON(t, exitDone, all, store.args...)
			require.Zero(t, stays.Totals.Updated)
			require.Zero(t, gapOf(&stays, "edr").Work.Stopped.Count, "it is no news twice")
		})
	}
}

func gapOf(r *executor.Report, tool string) *executor.Gaps {
	i := slices.IndexFunc(r.Coverage.Gaps, func(g executor.Gaps) bool { return g.Tool == tool })
	return &r.Coverage.Gaps[i]
}

// steady leaves out what did not change and of what only times moved.
func steady(c executor.Counts) executor.Counts {
	return executor.Counts{Created: c.Created, Updated: c.Updated, Deleted: c.Deleted}
}

// requireProtection compares what reports, the run and the question say with what is true.
func requireProtection(t *testing.T, s *simulator.Simulator, links []map[string]string, ask func(...string) string, ran *executor.Work) {
	t.Helper()
	deviceOf := map[string]string{}
	for _, l := range links {
		deviceOf[l["_from"]] = l["_to"]
	}
	want, unknown := map[string]string{}, 0
	for m := range s.Truth() {
		p := s.Posture(m.Number)
		device := deviceOf["sentinelone:sentinelone_agent:"+m.Agent]
		switch {
		case len(p.Ailments) > 0:
			want[device] = "edr-" + strings.Join(p.Ailments, ";edr-")
		case p.Protects == simulator.Unknown && m.Agent != "" && !m.Traits.Has(simulator.Decommissioned|simulator.Uninstalled):
			unknown++
		}
	}
	require.Greater(t, len(want), 20)
	require.Positive(t, unknown)
	require.Equal(t, []int{len(want), unknown}, []int{ran.Failing, ran.Unknown})

	got := map[string]string{}
	_, gaps := csvTable(t, ask("report", "coverage", "--by", "device", "--missing", "edr-unprotected", "--stale", "0", "--output", "csv"))
	seen := map[string]bool{}
	for _, g := range gaps {
		words := slices.DeleteFunc(strings.Split(g["missing"], ";"), func(w string) bool { return !strings.HasPrefix(w, "edr-") })
		got[g["device"]] = strings.Join(words, ";")
		require.NotContains(t, g["reason"], "no record says why")
		for _, w := range words {
			seen[w] = true
			require.Contains(t, g["reason"], w+": ")
		}
	}
	require.Equal(t, want, got)
	require.Len(t, seen, 6, "every ailment is there: %v", seen)

	var customers []map[string]any
	require.NoError(t, json.Unmarshal([]byte(ask("report", "coverage", "--output", "json")), &customers))
	failing, notKnown := 0, 0
	for _, c := range customers {
		failing += int(c["edrUnprotected"].(float64))
		notKnown += int(c["edrUnknown"].(float64))
	}
	require.Equal(t, []int{len(want), unknown}, []int{failing, notKnown})
	require.Contains(t, strings.Join(strings.Fields(ask("report", "coverage")), " "),
		"EDR does not protect "+strconv.Itoa(len(want))+" machines that have it (")

	_, rows := csvTable(t, ask("query", "@unprotected-though-installed", "--output", "csv"))
	require.GreaterOrEqual(t, len(rows), len(want))
	for _, r := range rows {
		require.NotEmpty(t, r["ailments"])
		require.NotEmpty(t, r["reason"], r)
	}
}
