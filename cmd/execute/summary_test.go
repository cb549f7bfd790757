package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/stretchr/testify/require"

	"assetgraph/internal/executor"
	"assetgraph/internal/providers"
	"assetgraph/internal/simulator"
)

func runReport() *executor.Report {
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
	schema, err := providers.All().Schema()
	require.NoError(t, err)
	var out strings.Builder
	a := newApp(append([]string{"execute"}, args...), nil, nil, &out, &out)
	return summary{app: a, report: r, schema: schema}.text()
}

func TestSummarySaysEverythingThatMatters(t *testing.T) {
	got := summaryOf(t, runReport())
	require.Contains(t, strings.Join(strings.Fields(got), " "), "503: the service is not available")
	for _, s := range []string{
		"sqlite:assetgraph.db: incomplete", "4.2 s in all",
		"devices 400 of 520 (incomplete)", "agents 99,999",
		"Not read completely", "all relationships",
		"In all: 1,234 created, 5 updated, 1 deleted, 120 withheld, 98,765 unchanged.",
		"ninjarmm_device 120 of 520 (more than 10% of the scope): a, b and 118 more", "\n    execute run --approve 3f2a91c07d5be846\n",
		"What others' relationships hang on goes with the first run after them", "execute query '", `MATCH (e:Entity {_key: "immybot:immybot_computer:7"})-[r]-(o)`,
		"expires in 9 days", "Next\n  execute report coverage\n  execute query --list\n",
	} {
		require.Contains(t, got, s)
	}
	require.NotContains(t, got, "\x1b", "a provider's text does not steer the terminal")
	require.NotContains(t, got, "immybot_tenant", "types to which nothing happened are left out")
	require.NotContains(t, got, "is_organization", "one line for all relationships")
	inOrder(t, got, "incomplete", "Not read completely", "Withheld", "\nRead", "sentinelone_agent", "zzz_unknown", "Warnings", "Next")
	requireWidth(t, got, 80)
}

// inOrder checks that texts come one after the other.
func inOrder(t *testing.T, text string, parts ...string) {
	t.Helper()
	at := 0
	for _, p := range parts {
		i := strings.Index(text[at:], p)
		require.GreaterOrEqual(t, i, 0, "%q comes where it belongs in\n%s", p, text)
		at += i
	}
}

func requireWidth(t *testing.T, s string, width int) {
	t.Helper()
	for line := range strings.Lines(s) {
		if !strings.Contains(line, " --approve ") { // a command is one line, to be copied
			require.LessOrEqual(t, text.StringWidthWithoutEscSequences(strings.TrimRight(line, "\n")), width, line)
		}
	}
}

// The summary of the demo fits a screen and leads with the gaps; those are the figures of the report.
func TestSummaryOfTheDemoFitsAScreen(t *testing.T) {
	workIn(t)
	first := answered(t, nil, "--demo")
	require.LessOrEqual(t, strings.Count(first, "\n"), 37, first)
	requireWidth(t, first, 80)
	inOrder(t, first, "complete\n", "machines of ", "lack nothing", "without EDR: ", "without RMM: ", "without deployment: ", "\nRead\n", "\nChanged ", "\nNext\n")

	c := runJSON(t, exitDone, nil, "--demo").Coverage
	require.NotNil(t, c)
	var rows []map[string]any
	require.NoError(t, json.Unmarshal([]byte(answered(t, nil, "report", "coverage", "--demo", "--by", "device", "--stale", "0", "--output", "json")), &rows))
	require.Len(t, rows, c.Machines-c.Complete)
	for _, g := range c.Gaps {
		n := 0
		for _, r := range rows {
			if slices.Contains(strings.Split(r["missing"].(string), ";"), g.Tool) {
				n++
			}
		}
		require.Equal(t, n, g.Missing, g.Tool)
		require.Equal(t, g.Missing, *g.Before, "nothing has changed")
		require.Contains(t, first, "without "+title(g.Tool)+": "+comma(n)+";")
	}
}

// title is how sentences write a tool.
func title(tool string) string {
	return map[string]string{"edr": "EDR", "rmm": "RMM", "deployment": "deployment"}[tool]
}

// A run says which machines lost and gained a tool; its record keeps the figures for the next.
func TestSummarySaysWhatChangedInTheGaps(t *testing.T) {
	workIn(t)
	sim, env := fleet(t, simulator.Options{Machines: 100})
	first := runJSON(t, exitDone, env)
	require.Nil(t, first.Coverage.Gaps[0].Before)
	require.Zero(t, first.Coverage.Gaps[0].Lost.Count, "all is new")
	sim.Advance(simulator.Change{Add: 40})
	r := execute(t, env, "run", "--log-level", "warn")
	require.Equal(t, exitDone, r.code)
	second := runJSON(t, exitDone, env)
	lost := 0
	for i, g := range second.Coverage.Gaps {
		require.Zero(t, g.Lost.Count, "that was in the run before")
		if more := g.Missing - first.Coverage.Gaps[i].Missing; more > 0 {
			lost++
			require.Contains(t, r.stdout, fmt.Sprintf("without %s: %d (+%d)", title(g.Tool), g.Missing, more))
			require.Contains(t, r.stdout, "now without "+title(g.Tool)+": ")
		}
	}
	require.Positive(t, lost)
}

func TestSummaryOfNothing(t *testing.T) {
	r := &executor.Report{Run: executor.RunInfo{Status: executor.StatusComplete}, Totals: executor.Counts{Unchanged: 42}}
	got := summaryOf(t, r)
	require.Contains(t, got, "Nothing to change: 42 elements are as the graph has them.")
	require.NotContains(t, got, "Changed")
	require.NotContains(t, got, "Warnings")
}

func TestSummaryOfPlan(t *testing.T) {
	r := runReport()
	r.Run.Plan = true
	got := summaryOf(t, r)
	require.Contains(t, got, "Plan ")
	require.Contains(t, got, "nothing was written")
	require.Contains(t, got, "To be changed")
}

// Commands that are printed carry the flags that were given, quoted for a shell.
func TestNextCommandsRepeatFlags(t *testing.T) {
	workIn(t)
	require.NoError(t, os.WriteFile("my own.env", nil, 0o600))
	out := answered(t, nil, "plan", "--demo", "--graph", "sqlite:it's mine.db", "--env-file", "my own.env", "--instance", "ninjarmm", "--max-deletes", "25", "--retry-time", "1s", "--log-level", "error")
	const same = ` --demo --env-file 'my own.env' --graph 'sqlite:it'\''s mine.db' --instance ninjarmm --max-deletes 25 --retry-time 1s`
	require.Contains(t, out, "Next\n  execute run"+same+"\n  execute plan"+same+" --details\n")
	out = answered(t, nil, "--demo", "--graph", "sqlite:a$b.db", "--instance", "ninjarmm", "--max-deletes", "25")
	require.Contains(t, out, "Next\n  execute report coverage --demo --graph 'sqlite:a$b.db'\n", "a report knows no --max-deletes, and no instance")
	out = answered(t, nil, "report", "coverage", "--demo", "--graph", "sqlite:a$b.db", "--os", "windows", "--exclude", "lab *", "--exclude", "x")
	require.Contains(t, out, "\n  execute report coverage --demo --graph 'sqlite:a$b.db' --exclude 'lab *' --exclude x --os windows --by device\n")
}

func TestProgramName(t *testing.T) {
	for path, want := range map[string]string{
		"/tmp/go-build3057/b001/exe/execute": "go run ./cmd/execute",
		"/data/my cache/7c/7c0b7a3f5d1e0c33bb80a42a6cbbd6ccb7a3f5d1e0c33bb80a42a6cbbd6cc00-d/execute": "go run ./cmd/execute",
		"./execute": "./execute", "execute": "execute", "/opt/a b/execute": "'/opt/a b/execute'", `C:\tools\execute.exe`: `C:\tools\execute.exe`,
	} {
		require.Equal(t, want, programName(path))
	}
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
	require.ElementsMatch(t, []string{"run", "totals", "entities", "relationships", "steps", "instances", "withheld", "phases", "warnings"}, slices.Collect(maps.Keys(doc)))
	require.ElementsMatch(t, []string{"id", "startedAt", "finishedAt", "status", "graph", "plan", "verified"}, slices.Collect(maps.Keys(doc["run"].(map[string]any))))
	require.ElementsMatch(t, []string{"collect", "compare", "apply", "correlate", "findings"}, slices.Collect(maps.Keys(doc["phases"].(map[string]any))))
}

func TestOutcomeOfAReport(t *testing.T) {
	for status, want := range map[string]int{
		executor.StatusComplete: exitDone, executor.StatusIncomplete: exitIncomplete, executor.StatusWithheld: exitWithheld, executor.StatusFailed: exitFailed,
	} {
		r := runReport()
		r.Run.Status = status
		require.Equal(t, want, exitCode((&app{}).outcomeOf(r)), status)
	}
}
