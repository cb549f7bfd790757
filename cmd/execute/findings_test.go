package main

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/findings"
	"assetgraph/internal/simulator"
)

// found returns what `findings` prints as JSON.
func found(t *testing.T, env map[string]string, args ...string) []findings.Finding {
	t.Helper()
	var list []findings.Finding
	text := answered(t, env, append([]string{"findings", "--output", "json"}, args...)...)
	require.NoError(t, json.Unmarshal([]byte(text), &list), text)
	return list
}

// unseen are findings without when they were last seen.
func unseen(list []findings.Finding) []findings.Finding {
	list = slices.Clone(list)
	for i := range list {
		list[i].LastSeenOn = nil
	}
	return list
}

func byID(t *testing.T, list []findings.Finding, id string) findings.Finding {
	t.Helper()
	i := slices.IndexFunc(list, func(f findings.Finding) bool { return f.ID == id })
	require.GreaterOrEqual(t, i, 0, id)
	return list[i]
}

// A fleet of the hour, so that what is stale does not depend on when the test runs.
func fleetOfToday(t *testing.T, machines int) (*simulator.Simulator, map[string]string) {
	t.Helper()
	return fleet(t, simulator.Options{Machines: machines, Customers: 4, Now: time.Now().UTC().Truncate(time.Hour)})
}

// TestFindingsHaveALife: from the first run to the end of an exception, in each form, on both stores.
func TestFindingsHaveALife(t *testing.T) { onBothGraphs(t, findingsHaveALife) }

func findingsHaveALife(t *testing.T, p place) {
	sim, env := fleetOfToday(t, 60)
	env = p.env(env)
	require.Contains(t, execute(t, env, "findings").stderr, "no graph")
	first := runJSON(t, exitDone, env)
	open := found(t, env)
	require.NotEmpty(t, open)
	require.Equal(t, findings.Summary{Opened: len(open), Open: len(open)}, *first.Findings)
	requireLikeCoverage(t, env, open)
	for _, f := range open {
		require.Equal(t, "open", f.State)
		require.Equal(t, 1, f.Opened)
		require.Equal(t, []any{*f.FirstSeenOn, (*string)(nil)}, []any{*f.OpenedOn, f.ClosedOn})
	}
	t.Run("the same again", func(t *testing.T) {
		again := runJSON(t, exitDone, env)
		require.Equal(t, findings.Summary{Open: len(open)}, *again.Findings)
		require.Equal(t, unseen(open), unseen(found(t, env)))
		require.Greater(t, *found(t, env)[0].LastSeenOn, *open[0].LastSeenOn)
		require.Nil(t, runJSON(t, exitDone, env, "plan").Findings)
	})
	t.Run("narrowed", func(t *testing.T) { findingsAreNarrowed(t, env, open) })
	t.Run("forms", func(t *testing.T) { findingsHaveForms(t, p, env, open) })
	t.Run("mistakes", func(t *testing.T) { findingsNameMistakes(t, env) })
	t.Run("a source that could not be read closes and opens nothing", func(t *testing.T) {
		before := found(t, env, "--state", "all")
		bad := maps.Clone(env)
		bad["SENTINELONE_API_TOKEN"] = "not-the-token-at-all"
		sim.Advance(simulator.Change{Add: 6, Remove: 2})
		runJSON(t, exitIncomplete, bad, "run", "--max-deletes", "50%")
		for _, f := range found(t, env, "--state", "all", "--kind", "*-edr", "--kind", "duplicate", "--kind", "stale-everywhere") {
			require.Equal(t, byID(t, before, f.ID), f, "not touched")
		}
		text := strings.Join(strings.Fields(answered(t, env, "findings")), " ")
		require.Contains(t, text, "Note: last looked for on ")
		require.Contains(t, text, "missing-edr, stale-edr, edr-disabled, ")
		require.Contains(t, text, ", edr-expired, duplicate, stale-everywhere, os-past-support.")
		require.Contains(t, text, "Note: sentinelone: the last run was failed")
	})
	t.Run("what is gone is closed", func(t *testing.T) {
		r := runJSON(t, exitDone, env, "run", "--max-deletes", "50%")
		requireLikeCoverage(t, env, found(t, env))
		closed := found(t, env, "--state", "closed")
		require.GreaterOrEqual(t, len(closed), r.Findings.Closed)
		for _, f := range closed {
			require.LessOrEqual(t, *f.LastSeenOn, *f.ClosedOn)
			require.Equal(t, 1, f.Opened)
		}
	})
	t.Run("exceptions", func(t *testing.T) { exceptionsEnd(t, env) })
	t.Run("clear", func(t *testing.T) {
		answered(t, env, "clear", "--all", "--yes")
		require.Empty(t, found(t, env, "--state", "all"))
		text := strings.Join(strings.Fields(answered(t, env, "findings")), " ")
		require.Contains(t, text, "No findings of these. Note: ")
		require.Contains(t, text, "no run has looked for findings yet")
		r := runJSON(t, exitDone, env)
		require.Len(t, found(t, env), r.Findings.Opened, "all of it is new")
		require.NotZero(t, r.Findings.Opened)
	})
}

// requireLikeCoverage expects what lacks now to be what the report says.
func requireLikeCoverage(t *testing.T, env map[string]string, open []findings.Finding) {
	t.Helper()
	var want, have []string
	_, rows := csvTable(t, answered(t, env, "report", "coverage", "--fitting", "--by", "device", "--output", "csv"))
	for _, r := range rows {
		for word := range strings.SplitSeq(r["missing"], ";") {
			if !strings.Contains(word, "-") { // else it is stale, or does not do its work
				word = "missing-" + word
			}
			want = append(want, strings.Join([]string{word, r["device"], r["hostname"], r["organization"]}, " "))
		}
	}
	for _, f := range open {
		if !slices.Contains([]string{"duplicate", "stale-everywhere", "os-past-support"}, f.Kind) {
			have = append(have, strings.Join([]string{f.Kind, f.Device, f.Name, f.Organization}, " "))
		}
	}
	require.ElementsMatch(t, want, have)
}

func findingsAreNarrowed(t *testing.T, env map[string]string, open []findings.Finding) {
	one := open[0]
	keep := func(fits func(findings.Finding) bool) []findings.Finding {
		return slices.DeleteFunc(unseen(open), func(f findings.Finding) bool { return !fits(f) })
	}
	require.Equal(t, keep(func(f findings.Finding) bool { return strings.HasPrefix(f.Kind, "missing-") }), unseen(found(t, env, "--kind", "MISSING-*")))
	require.Equal(t, keep(func(f findings.Finding) bool { return f.Organization == one.Organization }),
		unseen(found(t, env, "--customer", strings.ToUpper(one.Organization))))
	for _, machine := range []string{one.Name, one.Device} {
		require.Contains(t, unseen(found(t, env, "--machine", machine)), keep(func(f findings.Finding) bool { return f.ID == one.ID })[0])
	}
	require.Empty(t, found(t, env, "--older-than", "1h"))
	require.Empty(t, found(t, env, "--state", "closed,accepted"))
	require.Equal(t, unseen(open), unseen(found(t, env, "--state", "all", "--older-than", "0")))
}

func findingsHaveForms(t *testing.T, p place, env map[string]string, open []findings.Finding) {
	header, rows := csvTable(t, answered(t, env, "findings", "--output", "csv"))
	require.Equal(t, strings.Split("id,kind,state,device,name,organization,reason,firstSeenOn,openedOn,lastSeenOn,closedOn,opened,exception,owner,until", ","), header)
	require.Len(t, rows, len(open))
	for i, f := range found(t, env) {
		require.Equal(t, []string{f.ID, f.Kind, f.Reason, *f.LastSeenOn, ""}, []string{rows[i]["id"], rows[i]["kind"], rows[i]["reason"], rows[i]["lastSeenOn"], rows[i]["closedOn"]})
	}
	text := answered(t, env, "findings")
	requireWidth(t, text, 80)
	require.Contains(t, text, "explain "+open[0].Device)
	for _, args := range [][]string{{"--state", "all"}, {"--accepted"}} {
		requireWidth(t, answered(t, env, append([]string{"findings"}, args...)...), 80)
	}
	// People ask the view, or the nodes.
	const columns = "id, kind, state, device, name, reason, opened"
	_, asked := csvTable(t, answered(t, env, "query", p.question("select "+columns+" from findings where state = 'open' order by id",
		"MATCH (f:AssetgraphFinding {state: 'open'}) RETURN f.id AS id, f.kind AS kind, f.state AS state, f.device AS device, f.name AS name, f.reason AS reason, f.opened AS opened ORDER BY id"),
		"--output", "csv"))
	require.Len(t, asked, len(open))
	for _, r := range asked {
		f := byID(t, open, r["id"])
		require.Equal(t, []string{f.Kind, f.Device, f.Name, f.Reason, "1"}, []string{r["kind"], r["device"], r["name"], r["reason"], r["opened"]})
	}
	if p.server == nil {
		_, asked = csvTable(t, answered(t, env, "query", "select * from findings", "--output", "csv"))
		for _, r := range asked {
			f := byID(t, found(t, env), r["id"])
			require.Equal(t, []string{*f.FirstSeenOn, *f.OpenedOn, *f.LastSeenOn, f.Organization}, []string{r["firstSeenOn"], r["openedOn"], r["lastSeenOn"], r["organization"]})
		}
	}
}

func findingsNameMistakes(t *testing.T, env map[string]string) {
	for _, m := range [][]string{
		{"--kind", "missing-antivirus", "missing-edr"}, {"--customer", "no such customer", "there is no organization"},
		{"--state", "gone", "known are open, reopened"}, {"--older-than", "long", "--older-than"},
	} {
		execute(t, env, "findings", m[0], m[1]).requireFailed(t, exitUsage, m[0], m[2])
	}
	execute(t, env, "findings", "--accepted", "--state", "open").requireFailed(t, exitUsage, "--accepted")
	require.NoError(t, os.WriteFile("bad.yaml", []byte("exceptions:\n- {kinds: [missing-edr], reason: a, until: forever}\n"+
		"- {kinds: [missing-antivirus], reason: a, until: forever}\n"), 0o600))
	execute(t, env, "run", "--overrides", "bad.yaml").requireFailed(t, exitUsage, "--overrides bad.yaml", "line 3", "missing-edr")
	require.NoError(t, os.WriteFile("bad.yaml", []byte("exceptions:\n- machines: [a]\n  reason: a\n"), 0o600))
	execute(t, env, "plan", "--overrides", "bad.yaml").requireFailed(t, exitUsage, "bad.yaml", "line 2", "until")
}

func exceptionsEnd(t *testing.T, env map[string]string) {
	one := found(t, env, "--kind", "missing-*")[0]
	day := func(n int) string { return time.Now().UTC().AddDate(0, 0, n).Format(time.DateOnly) }
	run := func(until string) findings.Summary {
		require.NoError(t, os.WriteFile("accepted.yaml", []byte("exceptions:\n- kinds: [missing-*]\n  machines: ['"+one.Device+"']\n"+
			"  reason: a spare in the cellar\n  owner: it@example.com\n  until: "+until+"\n"), 0o600))
		return *runJSON(t, exitDone, env, "run", "--overrides", "accepted.yaml").Findings
	}
	for _, until := range []string{day(1), "forever"} {
		run(until)
		accepted := found(t, env, "--accepted")
		require.NotEmpty(t, accepted)
		f := byID(t, accepted, one.ID)
		require.Equal(t, []string{"accepted", "a spare in the cellar", "it@example.com"}, []string{f.State, f.Exception, f.Owner})
		require.Equal(t, 1, f.Opened)
		if until == "forever" {
			require.Nil(t, f.Until)
		} else {
			require.Equal(t, until, *f.Until)
		}
		text := answered(t, env, "findings", "--accepted")
		requireWidth(t, text, 80)
		require.Contains(t, strings.Join(strings.Fields(text), " "), "a spare in the")
		require.NotContains(t, answered(t, env, "findings", "--output", "csv"), one.ID)
	}
	require.Positive(t, run(day(-1)).Reopened, "yesterday is over")
	f := byID(t, found(t, env, "--state", "reopened"), one.ID)
	require.Equal(t, 2, f.Opened)
	require.Greater(t, *f.OpenedOn, *f.FirstSeenOn)
	require.Empty(t, f.Exception)
	require.Empty(t, found(t, env, "--accepted"))
	require.Zero(t, run(day(-1)).Reopened)
}

// TestWorkersKeepFindings: who reads instances one by one comes to what one run of all does.
func TestWorkersKeepFindings(t *testing.T) {
	workIn(t)
	_, env := fleetOfToday(t, 40)
	r := execute(t, env, "work", "--output", "json")
	require.Equal(t, exitDone, r.code, r.stderr)
	require.Contains(t, r.stdout, `"findings": {`)
	worked := found(t, env)
	require.NotEmpty(t, worked)
	runJSON(t, exitDone, env, "run", "--graph", "sqlite:other.db")
	all := found(t, env, "--graph", "sqlite:other.db")
	require.Len(t, worked, len(all))
	for i := range all {
		require.Equal(t, all[i].ID, worked[i].ID)
	}
}
