package main

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/executor"
	"assetgraph/internal/simulator"
)

// Each fault ends as the demo says that it does, costs nothing of the graph, and is over with the next run.
func TestDemoShowsWhatFaultsDo(t *testing.T) {
	ends := map[string]struct {
		code       int
		says, logs string
	}{
		"cut-page":    {exitIncomplete, "sentinelone agents: the list ended early: expected 407 records, got 203", "status=incomplete"},
		"empty-list":  {exitWithheld, "of 486 (the scope reads as empty now)", "status=withheld"},
		"slow":        {exitDone, "Nothing to change", "request is tried again"},
		"wrong-token": {exitIncomplete, "401 Unauthorized", "status=incomplete"},
	}
	require.Len(t, ends, len(simulator.Faults()))
	for _, f := range simulator.Faults() {
		t.Run(f.Name, func(t *testing.T) {
			workIn(t)
			want := ends[f.Name]
			r := execute(t, nil, "--demo", "--break", f.Name)
			require.Equal(t, want.code, r.code, r.stderr)
			flat := strings.Join(strings.Fields(r.stdout), " ")
			for _, s := range []string{"Broken on purpose: " + f.Broken, "What to look at: " + f.Look, want.says} {
				require.Contains(t, flat, s)
			}
			require.Contains(t, r.stderr, want.logs)
			requireFits(t, 80, r.stdout)
			var runs []pastRun
			require.NoError(t, json.Unmarshal([]byte(answered(t, nil, "history", "--demo", "--output", "json")), &runs))
			require.Len(t, runs, 2)
			require.Equal(t, executor.StatusComplete, runs[1].Status)
			require.Zero(t, runs[0].Totals.Created+runs[0].Totals.Updated+runs[0].Totals.Deleted, "nothing is lost")

			again := runJSON(t, exitDone, nil, "--demo")
			require.Equal(t, executor.Counts{Unchanged: again.Totals.Unchanged}, again.Totals)
		})
	}
}

// Output for programs is one document, with --break too.
func TestFaultOfTheDemoForPrograms(t *testing.T) {
	workIn(t)
	r := execute(t, nil, "run", "--demo", "--break", "empty-list", "--output", "json")
	require.Equal(t, exitWithheld, r.code)
	var report executor.Report
	require.NoError(t, json.Unmarshal([]byte(r.stdout), &report))
	require.NotEmpty(t, report.Withheld)
	require.Contains(t, r.stderr, "Broken on purpose: ")
}

// The second day of the demo is the same each time, changes what a day changes, and needs no approval; the first comes back.
func TestDemoHasTwoDays(t *testing.T) {
	workIn(t)
	answered(t, nil, "--demo")
	first := answered(t, nil, "export", "--demo")
	plan := runJSON(t, exitDone, nil, "plan", "--demo", "--demo-day", "2", "--refresh-after", "0s")
	next := runJSON(t, exitDone, nil, "--demo", "--demo-day", "2", "--refresh-after", "0s")
	require.Equal(t, plan.Totals, next.Totals)
	for _, c := range []executor.Counts{next.Entities["device"], next.Entities["sentinelone_agent"], next.Entities["ninjarmm_device"]} {
		require.Positive(t, c.Created)
		require.Positive(t, c.Updated)
		require.Positive(t, c.Refreshed)
		require.Positive(t, c.Deleted)
	}
	edr := next.Coverage.Gaps[0]
	require.Positive(t, edr.Lost.Count)
	require.Positive(t, edr.Gained.Count)
	require.Contains(t, answered(t, nil, "changes", "--demo", "--type", "device"), "hasEdr: true → false")
	trend := strings.Join(strings.Fields(answered(t, nil, "report", "trend", "--demo", "--customer", "alder*", "--tool", "edr")), " ")
	require.Contains(t, trend, "edr 90.0 80.0 80.0 -10.0 █▁ 8 10")
	require.Contains(t, trend, "Alder Clinics, LLC, EDR: 2026-11-02 -10.0 points: 1 lost it.")
	require.Contains(t, answered(t, nil, "report", "customer", "--demo", "ember*", "--output", "html"), "<polyline")

	answered(t, nil, "--demo", "--graph", "sqlite:other.db")
	answered(t, nil, "--demo", "--demo-day", "2", "--refresh-after", "0s", "--graph", "sqlite:other.db")
	same := func(a, b string) { // what differs is too long to be printed
		t.Helper()
		require.True(t, slices.Equal(undated(t, a), undated(t, b)))
	}
	same(answered(t, nil, "export", "--demo"), answered(t, nil, "export", "--graph", "sqlite:other.db"))

	answered(t, nil, "--demo", "--refresh-after", "0s")
	same(first, answered(t, nil, "export", "--demo"))
}

// Reports know by the graph which day of the demo it holds.
func TestReportsCountFromTheDayOfTheDemo(t *testing.T) { onBothGraphs(t, reportsCountFromTheDay) }

func reportsCountFromTheDay(t *testing.T, p place) {
	env, args := map[string]string{}, []string{"--demo"}
	if p.server != nil { // which --demo takes from its flag alone
		env["GRAPH_DB_USERNAME"], env["GRAPH_DB_PASSWORD"] = p.server.Username, p.server.Password
		args = append(args, "--graph", p.server.URI)
	}
	for i, ago := range []string{"(241 days ago)", "(242 days ago)"} { // since 2026-03-05
		answered(t, env, append(args, "--demo-day", strconv.Itoa(i+1))...)
		_, gaps := csvTable(t, answered(t, env, append([]string{"report", "coverage", "--by", "device", "--stale", "0", "--output", "csv"}, args...)...))
		require.Contains(t, gaps[0]["reason"], ago)
	}
}

func TestMistakesWithTheDemo(t *testing.T) {
	dir := workIn(t)
	env, hits := watched(t)
	execute(t, env, "--break", "slow").requireFailed(t, exitUsage, "--break is for --demo")
	execute(t, env, "--demo-day", "2").requireFailed(t, exitUsage, "--demo-day is for --demo")
	execute(t, nil, "--demo", "--demo-day", "3").requireFailed(t, exitUsage, "days 1 to 2")
	execute(t, nil, "--demo", "--break", "all").requireFailed(t, exitUsage, "--break all", "cut-page, empty-list, slow, wrong-token")
	execute(t, nil, "plan", "--demo", "--break", "slow").requireFailed(t, exitUsage, "--break")
	require.Zero(t, hits.Load())
	requireUntouched(t, dir)
}
