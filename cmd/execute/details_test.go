package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/internal/executor"
	"assetgraph/internal/simulator"
)

// --details names what changes, with old and new values, customers, and as many as can be read; a plan and the run say
// the same.
func TestDetailsNameWhatChanges(t *testing.T) {
	workIn(t)
	sim, env := fleet(t, simulator.Options{Machines: 150})
	runJSON(t, exitDone, env)
	sim.Advance(simulator.Change{Rename: 8, Add: 9, Remove: 3})

	plan := runJSON(t, exitDone, env, "plan", "--details", "--max-deletes", "50%")
	count := func(typ, op string) int {
		return len(slices.Collect(func(yield func(executor.Change) bool) {
			for _, c := range plan.Changes {
				if c.Type == typ && c.Op == op && !yield(c) {
					return
				}
			}
		}))
	}
	for _, group := range []map[string]executor.Counts{plan.Entities, plan.Relationships} {
		for name, c := range group {
			require.Equal(t, c.Created, count(name, "create"), name)
			require.Equal(t, c.Updated, count(name, "update"), name)
			require.Equal(t, c.Deleted, count(name, "delete"), name)
		}
	}
	i := slices.IndexFunc(plan.Changes, func(c executor.Change) bool { return c.Type == "ninjarmm_device" && c.Op == "update" })
	require.GreaterOrEqual(t, i, 0)
	renamed := plan.Changes[i]
	require.NotEmpty(t, renamed.Organization)
	at := slices.IndexFunc(renamed.Properties, func(p graph.PropertyChange) bool { return p.Name == "hostname" })
	require.GreaterOrEqual(t, at, 0)
	p := renamed.Properties[at]
	require.Equal(t, p.New, renamed.Name)
	require.NotEqual(t, p.Old, p.New)
	stored := answered(t, nil, "query", "select hostname from ninjarmm_device where _key = '"+renamed.Key+"'", "--output", "csv")
	require.Equal(t, "hostname\n"+p.Old.(string)+"\n", stored, "old is what the graph holds")

	text := answered(t, env, "plan", "--details", "--max-deletes", "50%")
	requireWidth(t, text, 80)
	flat := strings.Join(strings.Fields(text), " ")
	require.Contains(t, flat, "~ ninjarmm_device "+renamed.Name+" ("+strings.Join(strings.Fields(renamed.Organization), " ")+")")
	require.Contains(t, flat, "hostname: "+p.Old.(string)+" → "+p.New.(string))
	require.Regexp(t, `  \+ ninjarmm_device \S+ \([^)]+\)?`, text)
	require.Contains(t, text, "\n  - ninjarmm_device ")
	require.Contains(t, text, "  + and 4 more of ninjarmm_device\n")
	require.Less(t, strings.Count(text, "\n"), 300)

	run := execute(t, env, "run", "--details", "--max-deletes", "50%")
	require.Equal(t, exitDone, run.code)
	_, inRun, _ := strings.Cut(run.stdout, "One by one\n")
	_, inPlan, _ := strings.Cut(text, "One by one\n")
	before := func(s string) string { s, _, _ = strings.Cut(s, "\n\n"); return s }
	require.Equal(t, before(inPlan), before(inRun), "a run tells what the plan told")

	quiet := execute(t, env, "plan", "--details", "--output", "json")
	require.Contains(t, quiet.stdout, `"changes": []`, "nothing changes, and that is said")
	require.NotContains(t, execute(t, env, "plan", "--output", "json").stdout, `"changes"`)
	require.Less(t, runRecordSize(t, env), 40_000, "records do not keep details")
}

func runRecordSize(t *testing.T, env map[string]string) int {
	t.Helper()
	var docs []json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(execute(t, env, "history", "--output", "json").stdout), &docs))
	size := 0
	for _, d := range docs {
		size = max(size, len(d))
	}
	return size
}

// Every line of a run's log carries the run's id, and the last one its status.
func TestEveryLogLineCarriesTheRun(t *testing.T) {
	workIn(t)
	sim, env := fleet(t, simulator.Options{})
	runJSON(t, exitDone, env)
	sim.Advance(simulator.Change{Edit: 5})
	for _, name := range []string{executor.StatusComplete, executor.StatusIncomplete} {
		if name == executor.StatusIncomplete {
			env["SENTINELONE_API_TOKEN"] = "not-the-token-at-all"
		}
		r := execute(t, env, "run", "--output", "json", "--log-format", "json", "--log-level", "debug")
		var report executor.Report
		require.NoError(t, json.Unmarshal([]byte(r.stdout), &report))
		line := requireLines(t, r, report.Run.ID)
		require.Equal(t, "run ended", line["msg"])
		require.Equal(t, report.Run.Status, line["status"])
		require.Equal(t, name, report.Run.Status)
		require.EqualValues(t, r.code, line["exit"])
		require.Equal(t, everyInstance, line["instance"])
	}

	one := execute(t, env, "run", "--instance", "ninjarmm", "--log-format", "json", "--metrics-file", "no/such/folder.prom")
	require.Contains(t, one.stderr, "metrics were not written")
	require.Equal(t, "ninjarmm", requireLines(t, one, "")["instance"], "a run of one instance is about that one")

	for name, args := range map[string][]string{
		"usage": {"run", "--max-deletes", "some"}, "settings": {"plan", "--instance", "nobody"}, "graph": {"run", "--graph", "neo4j://127.0.0.1:1"},
	} {
		line := requireLines(t, execute(t, env, append(args, "--log-format", "json")...), "")
		require.Equal(t, executor.StatusFailed, line["status"], name)
		require.NotEmpty(t, line["error"], name)
	}
	store := place{}.store(t)
	_, err := store.Acquire(t.Context(), "ninjarmm", "somebody", time.Minute)
	require.NoError(t, err)
	require.NoError(t, store.Close())
	line := requireLines(t, execute(t, env, "run", "--log-format", "json"), "")
	require.Equal(t, "held", line["status"])
	require.EqualValues(t, exitHeld, line["exit"])
}

// requireLines checks that all that a run has logged are lines of JSON with the run's id, "" for any, and an instance, and
// that the last one says how it ended, which it returns.
func requireLines(t *testing.T, r result, run string) (line map[string]any) {
	t.Helper()
	for text := range strings.Lines(r.stderr) {
		line = map[string]any{}
		require.NoError(t, json.Unmarshal([]byte(text), &line), text)
		if run == "" {
			run, _ = line["run"].(string)
		}
		require.NotEmpty(t, run)
		require.Equal(t, run, line["run"], text)
		require.NotEmpty(t, line["instance"], text)
		require.Equal(t, 1, strings.Count(text, `"instance":`), text)
		require.Equal(t, 1, strings.Count(text, `"run":`), text)
	}
	require.Equal(t, "run ended", line["msg"])
	require.EqualValues(t, r.code, line["exit"])
	return line
}
