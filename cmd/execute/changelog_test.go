package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/internal/executor"
	"assetgraph/internal/report"
	"assetgraph/internal/simulator"
)

// changed returns what `changes` prints as JSON.
func changed(t *testing.T, env map[string]string, args ...string) []report.Change {
	t.Helper()
	var list []report.Change
	text := answered(t, env, append([]string{"changes", "--limit", "0", "--output", "json"}, args...)...)
	require.NoError(t, json.Unmarshal([]byte(text), &list), text)
	return list
}

// of keeps the changes of one sort and type.
func of(list []report.Change, op, typ string) []report.Change {
	return slices.DeleteFunc(slices.Clone(list), func(c report.Change) bool { return c.Op != op || c.Type != typ })
}

// TestChangesTellWhatRunsChanged: what a fleet's changes are told as, by run, machine, customer, type, instance and
// time, in each form, on both stores.
func TestChangesTellWhatRunsChanged(t *testing.T) { onBothGraphs(t, changesTellWhatRunsChanged) }

func changesTellWhatRunsChanged(t *testing.T, p place) {
	sim, env := fleet(t, simulator.Options{Machines: 40, Customers: 4})
	env = p.env(env)
	first := runJSON(t, exitDone, env)
	list := changed(t, env)
	loaded := 0
	for _, c := range list {
		require.Equal(t, report.ChangeLoad, c.Op)
		require.Equal(t, first.Run.ID, c.Run)
		require.Empty(t, c.Key)
		loaded += c.Count
	}
	require.Len(t, list, 4, "one for each instance, and one for what is derived")
	require.Equal(t, first.Totals.Created+3, loaded, "all that was created, and the entity of each instance")
	require.Contains(t, answered(t, env, "changes"), "  loaded   ninjarmm: ")

	sim.Advance(simulator.Change{Rename: 4, Add: 3, Remove: 2})
	second := runJSON(t, exitDone, env, "run", "--max-deletes", "50%")
	list = changed(t, env)
	list = list[:slices.IndexFunc(list, func(c report.Change) bool { return c.Run != second.Run.ID })]
	for name, c := range second.Entities {
		require.Len(t, of(list, "create", name), c.Created, name)
		require.Len(t, of(list, "update", name), c.Updated, name)
		require.Len(t, of(list, "delete", name), c.Deleted, name)
	}
	var renamed report.Change
	for _, c := range of(list, "update", "ninjarmm_device") {
		if slices.ContainsFunc(c.Properties, func(p graph.PropertyChange) bool { return p.Name == "hostname" }) {
			renamed = c
		}
	}
	require.NotEmpty(t, renamed.Key)
	require.NotEmpty(t, renamed.Organization)
	i := slices.IndexFunc(renamed.Properties, func(p graph.PropertyChange) bool { return p.Name == "hostname" })
	require.Equal(t, renamed.Name, renamed.Properties[i].New)
	now := answered(t, env, "query", p.question("select hostname from ninjarmm_device where _key = '"+renamed.Key+"'",
		"MATCH (n:ninjarmm_device {_key: '"+renamed.Key+"'}) RETURN n.hostname AS hostname"), "--output", "csv")
	require.Equal(t, "hostname\n"+fmt.Sprint(renamed.Properties[i].New)+"\n", now)

	deleted := of(list, "delete", "ninjarmm_device")
	require.NotEmpty(t, deleted)
	require.NotEmpty(t, deleted[0].Organization, "whose it was is known when it is gone")

	t.Run("narrowed", func(t *testing.T) { changesAreNarrowed(t, env, renamed, deleted[0], list) })
	t.Run("forms", func(t *testing.T) { changesHaveForms(t, env, renamed) })
	t.Run("mistakes", func(t *testing.T) { changesNameMistakes(t, env) })
	t.Run("one run whole", func(t *testing.T) { historyOfOneRun(t, env, first, second) })
	t.Run("off", func(t *testing.T) {
		sim.Advance(simulator.Change{Rename: 4})
		answered(t, env, "run", "--changes", "off")
		require.Empty(t, changed(t, env))
		require.Equal(t, "No changes.\n", answered(t, env, "changes"))
	})
}

func changesAreNarrowed(t *testing.T, env map[string]string, renamed, deleted report.Change, all []report.Change) {
	for _, key := range []string{renamed.Key, strings.ToLower(renamed.Name)} {
		list := changed(t, env, "--key", key)
		require.Len(t, slices.DeleteFunc(slices.Clone(list), func(c report.Change) bool { return c.Key != renamed.Key }), 1)
		require.Less(t, len(list), len(all)/2)
		require.NotEmpty(t, of(list, "update", "device"), "a machine comes with its records, and a record with its machine")
	}
	for _, key := range []string{deleted.Key, deleted.Name} {
		list := changed(t, env, "--key", key)
		require.True(t, slices.ContainsFunc(list, func(c report.Change) bool { return c.Key == deleted.Key && c.Op == "delete" }), "what is gone is found")
	}
	list := changed(t, env, "--customer", strings.ToUpper(renamed.Organization))
	require.NotEmpty(t, list)
	require.Less(t, len(list), len(all))
	for _, c := range list {
		require.Equal(t, renamed.Organization, c.Organization)
	}
	require.True(t, slices.ContainsFunc(list, func(c report.Change) bool { return c.Key == renamed.Key }))
	for _, c := range changed(t, env, "--type", "ninjarmm_d*", "--type", "device") {
		require.Contains(t, []string{"ninjarmm_device", "ninjarmm_device_is_device", "device", ""}, c.Type)
	}
	for _, c := range changed(t, env, "--instance", "immybot") {
		require.Equal(t, "immybot", c.Instance)
	}
	require.Empty(t, changed(t, env, "--since", "2100-01-01"))
	require.Equal(t, changed(t, env), changed(t, env, "--since", "1h"))
}

func changesHaveForms(t *testing.T, env map[string]string, renamed report.Change) {
	header, rows := csvTable(t, answered(t, env, "changes", "--key", renamed.Key, "--output", "csv", "--limit", "0"))
	require.Equal(t, strings.Split("at,run,op,instance,type,key,name,organization,count,property,old,new", ","), header)
	require.True(t, slices.ContainsFunc(rows, func(r map[string]string) bool {
		return r["key"] == renamed.Key && r["property"] == "hostname" && r["new"] == renamed.Name && r["old"] != ""
	}), "a row for each property")
	text := answered(t, env, "changes", "--key", renamed.Key)
	requireWidth(t, text, 80)
	require.Contains(t, strings.Join(strings.Fields(text), " "), "updated ninjarmm_device "+renamed.Name)
	require.Contains(t, text, "hostname: ")

	few := execute(t, env, "changes", "--limit", "3", "--type", "device")
	require.Equal(t, exitDone, few.code)
	require.Contains(t, few.stdout, "There are older ones")
	require.Contains(t, few.stdout, "changes --type device --limit 0")
	var three []report.Change
	r := execute(t, env, "changes", "--limit", "3", "--output", "json")
	require.NoError(t, json.Unmarshal([]byte(r.stdout), &three))
	require.Equal(t, changed(t, env)[:3], three)
	require.Contains(t, r.stderr, "there are older changes")
}

func changesNameMistakes(t *testing.T, env map[string]string) {
	for _, m := range [][]string{
		{"--type", "ninja_device", "ninjarmm_device"}, {"--customer", "no such customer", "there is no organization"},
		{"--key", "no such machine", "there is no machine"}, {"--since", "yesterday", "2026-11-01"}, {"--limit", "-1", "--limit"},
	} {
		execute(t, env, "changes", m[0], m[1]).requireFailed(t, exitUsage, m[0], m[2])
	}
	for _, text := range []string{"90", "-1d", "never", "0"} {
		execute(t, env, "run", "--changes="+text).requireFailed(t, exitUsage, "--changes", "or 8w")
	}
	env = map[string]string{"ASSETGRAPH_CHANGES": "often"}
	execute(t, env, "--demo").requireFailed(t, exitUsage, "ASSETGRAPH_CHANGES", "often")
}

func historyOfOneRun(t *testing.T, env map[string]string, first, second executor.Report) {
	for _, name := range []string{"latest", second.Run.ID, second.Run.ID[:len(second.Run.ID)-2]} {
		var whole struct {
			ID, Status string
			Report     *executor.Report
		}
		require.NoError(t, json.Unmarshal([]byte(answered(t, env, "history", name, "--output", "json")), &whole))
		require.Equal(t, second.Run.ID, whole.ID)
		require.Equal(t, second.Run.Status, whole.Status)
		want := second
		coverage := *second.Coverage
		want.Coverage, coverage.ByCustomer = &coverage, nil // records do not keep it
		require.Equal(t, want, *whole.Report)
	}
	text := answered(t, env, "history", first.Run.ID)
	requireWidth(t, text, 80)
	require.Contains(t, text, "Run "+first.Run.ID)
	require.Contains(t, text, "\nRead\n")
	require.Contains(t, text, "\nChanged ")
	for _, w := range first.Warnings {
		require.Contains(t, strings.Join(strings.Fields(text), " "), strings.Join(strings.Fields(w), " "))
	}
	require.Contains(t, answered(t, env, "history"), "history "+second.Run.ID)
	execute(t, env, "history", "2026-11-26").requireFailed(t, exitUsage, "there is no run", second.Run.ID)
	execute(t, env, "history", "2").requireFailed(t, exitUsage, "beginning of 2 runs")
}

// TestRecordsThatJoinAndSplitAreTold: what people decide splits a machine and puts it together again.
func TestRecordsThatJoinAndSplitAreTold(t *testing.T) {
	workIn(t)
	_, env := fleet(t, simulator.Options{Machines: 30, Customers: 3})
	runJSON(t, exitDone, env)
	const linked = "select i._from, i._to, p._from as agent from ninjarmm_device_is_device i join sentinelone_agent_protects_device p on p._to = i._to" +
		" where i.method <> 'provider-link' limit 1"
	_, rows := csvTable(t, answered(t, env, "query", linked, "--output", "csv"))
	require.Len(t, rows, 1)
	record, agent, machine := rows[0]["_from"], rows[0]["agent"], rows[0]["_to"]
	require.NoError(t, os.WriteFile("apart.yaml", []byte("different:\n  - ["+record+", "+agent+"]\n"), 0o600))

	answered(t, env, "run", "--overrides", "apart.yaml")
	moved := func(op, typ string) report.Change {
		list := slices.DeleteFunc(changed(t, env, "--type", typ), func(c report.Change) bool { return c.Op != op })
		require.Len(t, list, 1, op)
		return list[0]
	}
	split := moved(report.ChangeSplit, "device")
	from, _, _ := strings.Cut(split.Key, "|")
	require.Contains(t, []string{record, agent}, from)
	require.Len(t, split.Properties, 1)
	other := split.Properties[0]
	require.Equal(t, "device", other.Name)
	require.Contains(t, []any{other.Old, other.New}, machine)
	require.NotEqual(t, other.Old, other.New)
	require.NotEmpty(t, split.Name)
	require.Len(t, of(changed(t, env), "create", "device"), 1, "the machine that came of it")

	answered(t, env, "run")
	join := moved(report.ChangeJoin, split.Type)
	require.Equal(t, []any{other.New, other.Old}, []any{join.Properties[0].Old, join.Properties[0].New})
	require.Empty(t, of(changed(t, env, "--type", split.Type), "create", split.Type), "a join and a split are told as such alone")
	for _, key := range []string{machine, split.Name} {
		require.NotEmpty(t, of(changed(t, env, "--key", key), report.ChangeJoin, split.Type))
	}
	text := answered(t, env, "changes", "--key", machine)
	require.Contains(t, text, "  joined   "+split.Type+" ")
	require.Contains(t, text, "  split    "+split.Type+" ")
}

// The configuration file says how long changes are kept, the variable goes before it, and the flag before both.
func TestChangesAreKeptAsLongAsTheFileSays(t *testing.T) {
	workIn(t)
	sim, env := fleet(t, simulator.Options{Machines: 10, Customers: 2})
	require.NoError(t, os.WriteFile("assetgraph.yaml", []byte("changes: off\ninstances:\n- {name: s1, provider: sentinelone, url: \""+
		env["SENTINELONE_URL"]+"\", apiToken: \""+env["SENTINELONE_API_TOKEN"]+"\"}\n"), 0o600))
	answered(t, nil, "run")
	require.Empty(t, changed(t, nil))
	sim.Advance(simulator.Change{Rename: 2})
	answered(t, map[string]string{"ASSETGRAPH_CHANGES": "8w"}, "run")
	require.NotEmpty(t, changed(t, nil))
	answered(t, map[string]string{"ASSETGRAPH_CHANGES": "8w"}, "run", "--changes", "off")
	require.Empty(t, changed(t, nil))
}
