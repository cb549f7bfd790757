package main

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/stretchr/testify/require"

	"assetgraph/internal/executor"
	"assetgraph/internal/providers"
)

func report() *executor.Report {
	start := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	return &executor.Report{
		Run:    executor.RunInfo{ID: "20261101T120000Z-ab12", StartedAt: start, FinishedAt: start.Add(4200 * time.Millisecond), Status: executor.StatusIncomplete, Graph: "sqlite:assetgraph.db"},
		Totals: executor.Counts{Created: 1234, Updated: 5, Deleted: 1, Unchanged: 98765, Withheld: 120},
		Entities: map[string]executor.Counts{
			"sentinelone_agent": {Created: 1234, Unchanged: 98765}, "ninjarmm_device": {Updated: 5, Withheld: 120}, "immybot_tenant": {Unchanged: 3}, "zzz_unknown": {Deleted: 1},
		},
		Relationships: map[string]executor.Counts{"ninjarmm_organization_is_organization": {Created: 7}},
		Steps: []executor.StepReport{
			{Instance: "sentinelone", Step: "agents", Status: executor.StatusComplete, Records: 99999, Pages: 100, Expected: 99999, Seconds: 3.25},
			{Instance: "ninjarmm", Step: "devices", Status: executor.StatusIncomplete, Records: 400, Pages: 1, Expected: 520, Error: "GET /v2/devices-detailed: 503: the service is\nnot available\x1b[31m " + strings.Repeat("word ", 30), Seconds: 61},
		},
		Withheld: []executor.Withheld{{Instance: "ninjarmm", Type: "ninjarmm_device", Population: 520, Deletes: 120, Reason: "more than 10% of the scope", Approval: "3f2a91c07d5be846", Examples: []string{"a", "b"}},
			{Instance: "immybot", Type: "immybot_computer", Population: 4, Deletes: 1, Reason: executor.Pinned, Examples: []string{"immybot:immybot_computer:7"}}},
		Warnings: []string{"sentinelone: the token expires in 9 days"},
	}
}

func summaryOf(t *testing.T, r *executor.Report, args ...string) string {
	t.Helper()
	schema, err := providers.Schema()
	require.NoError(t, err)
	var out strings.Builder
	a := newApp(append([]string{"execute"}, args...), nil, nil, &out, &out)
	return summary{app: a, report: r, schema: schema}.text()
}

func TestSummarySaysEverythingThatMatters(t *testing.T) {
	got := summaryOf(t, report())
	for _, s := range []string{
		"sqlite:assetgraph.db: incomplete", "4.2 s in all",
		"400 of 520", "1m1s", "99,999",
		"Not read completely", "503: the service is not available",
		"1,234 created, 5 updated, 0 refreshed, 1 deleted, 120 withheld, 98,765 unchanged",
		"120 of 520, more than 10% of the scope", "execute run --approve 3f2a91c07d5be846", "for example a, b",
		"execute query '\n      MATCH (e:Entity {_key: \"immybot:immybot_computer:7\"})",
		"expires in 9 days", "Next\n  execute report coverage\n  execute query --list\n",
	} {
		require.Contains(t, got, s)
	}
	require.NotContains(t, got, "\x1b", "a provider's text does not steer the terminal")
	require.NotContains(t, got, "immybot_tenant", "types to which nothing happened are left out")
	require.Less(t, strings.Index(got, "sentinelone_agent"), strings.Index(got, "ninjarmm_device"), "types come in the order of the schema")
	require.Less(t, strings.Index(got, "ninjarmm_device"), strings.Index(got, "zzz_unknown"))
	for line := range strings.Lines(got) {
		require.LessOrEqual(t, text.StringWidthWithoutEscSequences(strings.TrimRight(line, "\n")), 100, line)
	}
}

func TestSummaryOfNothing(t *testing.T) {
	r := &executor.Report{Run: executor.RunInfo{Status: executor.StatusComplete}, Totals: executor.Counts{Unchanged: 42}}
	got := summaryOf(t, r)
	require.Contains(t, got, "Nothing to change: 42 elements are as the graph has them.")
	require.NotContains(t, got, "Changed")
	require.NotContains(t, got, "Warnings")
}

func TestSummaryOfPlan(t *testing.T) {
	r := report()
	r.Run.Plan = true
	got := summaryOf(t, r)
	require.Contains(t, got, "Plan ")
	require.Contains(t, got, "nothing was written")
	require.Contains(t, got, "To be changed")
}

func TestNextCommandsLeadToTheSameGraph(t *testing.T) {
	a := newApp([]string{"/home/me/.cache/go-build/ab/execute"}, nil, nil, nil, nil)
	a.flags.demo, a.flags.graph = true, "sqlite:my graph.db"
	require.Equal(t, "go run ./cmd/execute query --demo --graph 'sqlite:my graph.db' x", a.again("query", "x"))
}

func TestReportAsJSONHasNoNulls(t *testing.T) {
	raw, err := json.Marshal(complete(&executor.Report{}))
	require.NoError(t, err)
	require.NotContains(t, string(raw), "null")
	var doc map[string]any
	require.NoError(t, json.Unmarshal(raw, &doc))
	require.ElementsMatch(t, []string{"run", "totals", "entities", "relationships", "steps", "withheld", "phases", "warnings"}, slices.Collect(maps.Keys(doc)))
	require.ElementsMatch(t, []string{"id", "startedAt", "finishedAt", "status", "graph", "plan"}, slices.Collect(maps.Keys(doc["run"].(map[string]any))))
	require.ElementsMatch(t, []string{"collect", "compare", "apply", "correlate"}, slices.Collect(maps.Keys(doc["phases"].(map[string]any))))
}

func TestOutcomeOfAReport(t *testing.T) {
	for status, want := range map[string]int{
		executor.StatusComplete: exitDone, executor.StatusIncomplete: exitIncomplete, executor.StatusWithheld: exitWithheld, executor.StatusFailed: exitFailed,
	} {
		r := report()
		r.Run.Status = status
		require.Equal(t, want, exitCode(outcomeOf(r)), status)
	}
}
