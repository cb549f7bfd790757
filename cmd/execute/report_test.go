package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/neo4jserver/neo4jtest"
	"assetgraph/internal/report"
	"assetgraph/internal/settings"
	"assetgraph/internal/simulator"
)

// answered runs a command that must succeed and returns what it printed.
func answered(t *testing.T, env map[string]string, args ...string) string {
	t.Helper()
	r := execute(t, env, args...)
	require.Equal(t, exitDone, r.code, r.stderr)
	return r.stdout
}

// table reads CSV into one map for each row.
func csvTable(t *testing.T, text string) (header []string, rows []map[string]string) {
	t.Helper()
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	require.NoError(t, err)
	require.NotEmpty(t, lines)
	for _, l := range lines[1:] {
		row := map[string]string{}
		for i, name := range lines[0] {
			row[name] = l[i]
		}
		rows = append(rows, row)
	}
	return lines[0], rows
}

// The demo's fleet, in both stores: every question of the library, the reports and explanations give the same answers,
// byte by byte, and nearly every question finds something.
func TestAnswersAreTheSameOnBothStores(t *testing.T) {
	workIn(t)
	server := neo4jtest.Borrow(t)
	neo := map[string]string{"GRAPH_DB_USERNAME": server.Username, "GRAPH_DB_PASSWORD": server.Password}
	answered(t, nil, "--demo")
	answered(t, neo, "--demo", "--graph", server.Endpoint)
	both := func(args ...string) string {
		t.Helper()
		args = append(args, "--demo")
		inFile := answered(t, nil, args...)
		require.Equal(t, inFile, answered(t, neo, append(args, "--graph", server.Endpoint)...), args)
		return inFile
	}
	library, err := report.Library()
	require.NoError(t, err)
	empty := 0
	for _, q := range library {
		header, rows := csvTable(t, both("query", "@"+q.Name, "--output", "csv"))
		require.Greater(t, len(header), 3, q.Name)
		if len(rows) == 0 {
			empty++
			t.Logf("@%s finds nothing", q.Name)
		}
	}
	require.Zero(t, empty)
	for _, by := range []string{"organization", "device"} {
		both("report", "coverage", "--by", by, "--output", "csv")
		both("report", "coverage", "--by", by, "--output", "json", "--count-pending", "--fitting", "--os", "windows")
	}
	_, gaps := csvTable(t, both("report", "coverage", "--by", "device", "--output", "csv"))
	written := regexp.MustCompile(`"(keySince|lastChanged|linkedSince)": "[^"]*"`)
	for _, g := range gaps[:5] {
		args := []string{"explain", g["device"], "--output", "json", "--demo"}
		inFile := answered(t, nil, args...)
		require.Equal(t, written.ReplaceAllString(inFile, ""), written.ReplaceAllString(answered(t, neo, append(args, "--graph", server.Endpoint)...), ""))
	}
}

// The report finds what the simulator planted, machine by machine.
func TestCoverageFindsWhatWasPlanted(t *testing.T) {
	workIn(t)
	s, env := fleet(t, simulator.Options{Machines: 800, Customers: 12})
	runJSON(t, exitDone, env)
	_, gaps := csvTable(t, answered(t, nil, "report", "coverage", "--by", "device", "--output", "csv", "--stale", "0"))
	missing := map[string]string{}
	for _, g := range gaps {
		missing[g["device"]] = g["missing"]
	}
	deviceOf := map[string]string{}
	for _, link := range []string{"sentinelone_agent_protects_device", "ninjarmm_device_is_device", "immybot_computer_is_device"} {
		_, rows := csvTable(t, answered(t, nil, "query", "select _from, _to from "+link, "--output", "csv"))
		for _, r := range rows {
			deviceOf[r["_from"]] = r["_to"]
		}
	}
	checked := 0
	for m := range s.Truth() {
		device := firstOf(deviceOf, keysOf(&m))
		if device == "" {
			continue
		}
		checked++
		want := expected(&m)
		for _, word := range slices.Backward(s.Posture(m.Number).Ailments) {
			want = strings.TrimSuffix("edr-"+word+";"+want, ";")
		}
		require.Equal(t, want, missing[device], "%s: %+v", device, m)
	}
	require.Greater(t, checked, 700)
}

// keysOf returns the keys of a machine's records.
func keysOf(m *simulator.Machine) (keys []string) {
	add := func(prefix, id string) {
		if id != "" && id != "0" {
			keys = append(keys, prefix+id)
		}
	}
	add("sentinelone:sentinelone_agent:", m.Agent)
	add("ninjarmm:ninjarmm_device:", strconv.Itoa(m.Device))
	add("immybot:immybot_computer:", strconv.Itoa(m.Computer))
	return keys
}

func firstOf(index map[string]string, keys []string) string {
	for _, k := range keys {
		if v := index[k]; v != "" {
			return v
		}
	}
	return ""
}

// expected is what a machine lacks by what is true of it.
func expected(m *simulator.Machine) string {
	var list []string
	if m.Agent == "" || m.Traits.Has(simulator.Decommissioned|simulator.Uninstalled) {
		list = append(list, "edr")
	}
	if m.Device == 0 || m.Traits.Has(simulator.PendingRMM) {
		list = append(list, "rmm")
	}
	if m.Computer == 0 {
		list = append(list, "deployment")
	}
	return strings.Join(list, ";")
}

func TestCoverageForms(t *testing.T) {
	workIn(t)
	answered(t, nil, "--demo")
	header, rows := csvTable(t, answered(t, nil, "report", "coverage", "--demo", "--output", "csv"))
	require.Equal(t, "organization,devices,edr,rmm,deployment,complete,edrUnprotected,edrUnknown", strings.Join(header, ","))
	var list []report.OrganizationCoverage
	require.NoError(t, json.Unmarshal([]byte(answered(t, nil, "report", "coverage", "--demo", "--output", "json")), &list))
	require.Len(t, list, len(rows))
	devices, complete := 0, 0
	for i, o := range list {
		require.Equal(t, o.Organization, rows[i]["organization"])
		require.Equal(t, strconv.Itoa(o.Complete), rows[i]["complete"])
		devices += o.Devices
		complete += o.Complete
	}
	text := answered(t, nil, "report", "coverage", "--demo")
	require.Contains(t, text, fmt.Sprintf("%d machines of %d customers: %d (", devices, len(list), complete))
	require.Contains(t, text, "Missing: EDR on ")
	require.Contains(t, text, "execute report coverage --demo --by device")
	require.Equal(t, text, answered(t, nil, "report", "coverage", "--demo"), "the same graph gives the same report")

	header, rows = csvTable(t, answered(t, nil, "report", "coverage", "--demo", "--by", "device", "--output", "csv"))
	require.Equal(t, "organization,device,hostname,serial,missing,reason,lastSeenOn,sources,since", strings.Join(header, ","))
	opened := map[string]string{} // by kind and device
	for _, f := range found(t, nil, "--demo") {
		opened[f.Kind+" "+f.Device] = *f.OpenedOn
	}
	aged := 0
	for _, r := range rows {
		var since []string // of each word
		for word := range strings.SplitSeq(r["missing"], ";") {
			kind := word
			if !strings.Contains(word, "-") {
				kind = "missing-" + word
			}
			at := opened[kind+" "+r["device"]]
			since = append(since, at)
			if at != "" {
				aged++
			}
			require.Contains(t, []string{
				"edr", "rmm", "deployment", "stale-edr", "stale-rmm", "stale-deployment",
				"edr-disabled", "edr-error", "edr-permissions", "edr-detect-only", "edr-uninstalling", "edr-expired",
			}, word)
			require.Contains(t, r["reason"], word+": ")
		}
		_, err := time.Parse(time.RFC3339, r["lastSeenOn"])
		require.NoError(t, err)
		require.Equal(t, strings.Trim(strings.Join(since, ";"), ";"), strings.Trim(r["since"], ";"))
	}
	require.Greater(t, aged, len(rows)/2)
	var gaps []map[string]any
	require.NoError(t, json.Unmarshal([]byte(answered(t, nil, "report", "coverage", "--demo", "--by", "device", "--output", "json")), &gaps))
	require.Len(t, gaps, len(rows))
	require.Equal(t, rows[0]["missing"], gaps[0]["missing"])
	require.Equal(t, "[]\n", answered(t, nil, "report", "coverage", "--demo", "--by", "device", "--output", "json", "--exclude", "*"))
}

// A report does not hide that one of its sources is not complete; as CSV the table stays clean.
func TestCoverageSaysThatASourceFailed(t *testing.T) {
	workIn(t)
	_, env := fleet(t, simulator.Options{})
	runJSON(t, exitDone, env)
	before := answered(t, nil, "report", "coverage", "--output", "csv")
	env["SENTINELONE_API_TOKEN"] = "not-the-token-at-all"
	runJSON(t, exitIncomplete, env)
	r := execute(t, nil, "report", "coverage", "--output", "csv")
	require.Equal(t, exitDone, r.code)
	require.Equal(t, before, r.stdout, "a source that could not be read turns no machine into an unprotected one")
	require.Contains(t, r.stderr, "note: sentinelone: the last run was failed; last read completely ")
	require.Contains(t, answered(t, nil, "report", "coverage"), "Note: sentinelone: the last run was failed")
}

// Deletes of which one product's were approved and another's were not make gaps of machines that are gone: the report
// says so.
func TestCoverageSaysThatDeletesAreWithheld(t *testing.T) {
	workIn(t)
	s, env := fleet(t, simulator.Options{})
	runJSON(t, exitDone, env)
	require.NotContains(t, answered(t, nil, "report", "coverage"), "Note: ")
	s.Advance(simulator.Change{Remove: 30})
	plan := runJSON(t, exitWithheld, env)
	args := []string{"run"}
	for _, w := range plan.Withheld {
		if w.Type == "sentinelone_agent" {
			args = append(args, "--approve", w.Approval)
		}
	}
	require.Len(t, args, 3)
	runJSON(t, exitWithheld, env, args...)
	text := strings.Join(strings.Fields(answered(t, nil, "report", "coverage")), " ")
	require.Contains(t, text, "Note: ninjarmm: deletes are withheld since the run of ")
	require.Contains(t, text, " ninjarmm_device")
	require.NotContains(t, text, "Note: sentinelone")
	r := execute(t, nil, "report", "coverage", "--output", "json")
	require.Equal(t, exitDone, r.code)
	require.Contains(t, r.stderr, "note: immybot: deletes are withheld")
}

func TestFailOver(t *testing.T) {
	workIn(t)
	answered(t, nil, "--demo")
	_, customers := csvTable(t, answered(t, nil, "report", "coverage", "--demo", "--output", "csv"))
	devices, complete := 0, 0
	for _, r := range customers {
		n, err := strconv.Atoi(r["devices"])
		require.NoError(t, err)
		whole, err := strconv.Atoi(r["complete"])
		require.NoError(t, err)
		devices, complete = devices+n, complete+whole
	}
	share := float64(devices-complete) * 100 / float64(devices)
	for _, form := range []string{"table", "csv", "json"} {
		for _, by := range []string{"organization", "device"} {
			args := []string{"report", "coverage", "--demo", "--by", by, "--output", form}
			plain := answered(t, nil, args...)
			r := execute(t, nil, append(args, "--fail-over", fmt.Sprintf("%.3f%%", share-0.01))...)
			require.Equal(t, exitOver, r.code)
			require.Contains(t, r.stderr, fmt.Sprintf("over: %d of %d machines (%.1f %%) lack something, more than --fail-over", devices-complete, devices, share))
			if form != "table" {
				require.Equal(t, plain, r.stdout)
			}
			require.Equal(t, exitDone, execute(t, nil, append(args, "--fail-over", fmt.Sprintf("%.3f", share+0.01))...).code)
		}
	}
	require.Equal(t, exitOver, execute(t, nil, "report", "coverage", "--demo", "--missing", "edr", "--fail-over", "0%").code)
	require.Equal(t, exitDone, execute(t, nil, "report", "coverage", "--demo", "--missing", "edr", "--fail-over", "30%").code)
	require.Equal(t, exitDone, execute(t, nil, "report", "coverage", "--demo", "--exclude", "*", "--fail-over", "0").code)
}

func TestMissingAndSort(t *testing.T) {
	workIn(t)
	answered(t, nil, "--demo")
	gaps := func(args ...string) []map[string]string {
		_, rows := csvTable(t, answered(t, nil, append([]string{"report", "coverage", "--demo", "--by", "device", "--output", "csv"}, args...)...))
		return rows
	}
	lacks := func(row map[string]string, words ...string) bool {
		return slices.ContainsFunc(strings.Split(row["missing"], ";"), func(w string) bool { return slices.Contains(words, w) })
	}
	for _, args := range [][]string{{"--missing", "edr,stale-rmm"}, {"--missing", "EDR", "--missing", "stale-rmm"}} {
		want := slices.DeleteFunc(gaps(), func(r map[string]string) bool { return !lacks(r, "edr", "stale-rmm") })
		require.Equal(t, want, gaps(args...))
	}
	byTime := gaps("--sort", "-lastSeen")
	require.True(t, slices.IsSortedFunc(byTime, func(a, b map[string]string) int { return strings.Compare(b["lastSeenOn"], a["lastSeenOn"]) }))

	text := answered(t, nil, "report", "coverage", "--demo", "--organization", "*e*", "--missing", "edr", "--os", "windows,linux", "--exclude", "lab *", "--stale", "60d", "--count-pending", "--sort", "-organization")
	require.Contains(t, text, "execute report coverage --demo --count-pending --exclude 'lab *' --missing edr --organization '*e*' --os windows --os linux --stale 60d --sort -organization --by device\n")
	_, command, _ := strings.Cut(text, "\nWhich machines, and why\n  execute ")
	require.NotEmpty(t, command)
	require.Contains(t, answered(t, nil, strings.Fields(strings.ReplaceAll(strings.ReplaceAll(command, "'lab *'", "lab*"), "'", ""))...), "hostname")
}

func TestOverridesFile(t *testing.T) {
	workIn(t)
	answered(t, nil, "--demo")
	require.NoError(t, os.WriteFile("mine.yaml", []byte("exclude: ['*-LT-*']\njunkSerials: [NOBODY-HAS-THIS-1]\n"), 0o600))
	_, all := csvTable(t, answered(t, nil, "report", "coverage", "--demo", "--by", "device", "--output", "csv"))
	laptop := func(r map[string]string) bool { return strings.Contains(strings.ToUpper(r["hostname"]), "-LT-") }
	require.True(t, slices.ContainsFunc(all, laptop))
	byFlag := answered(t, nil, "report", "coverage", "--demo", "--by", "device", "--output", "csv", "--overrides", "mine.yaml")
	_, rows := csvTable(t, byFlag)
	require.False(t, slices.ContainsFunc(rows, laptop))
	require.Less(t, len(rows), len(all))
	env := map[string]string{"CORRELATION_OVERRIDES": "mine.yaml"}
	require.Equal(t, byFlag, answered(t, env, "report", "coverage", "--demo", "--by", "device", "--output", "csv"))

	plan := runJSON(t, exitDone, env, "plan", "--demo")
	require.Contains(t, strings.Join(plan.Warnings, "\n"), "NOBODYHASTHIS1", "an entry that names nothing is a warning")

	require.NoError(t, os.WriteFile("bad.yaml", []byte("same:\n  - [sentinelone_agent/1]\n"), 0o600))
	execute(t, nil, "--demo", "--overrides", "bad.yaml").requireFailed(t, exitUsage, "--overrides bad.yaml", "line 2")
	execute(t, map[string]string{"CORRELATION_OVERRIDES": "gone.yaml"}, "plan", "--demo").requireFailed(t, exitUsage, "CORRELATION_OVERRIDES", "gone.yaml")
}

func TestExplainForms(t *testing.T) {
	workIn(t)
	answered(t, nil, "--demo")
	_, rows := csvTable(t, answered(t, nil, "query", "--demo", "--output", "csv", `select d.name, d.serial, d._key, json_extract(d.macAddresses, '$[0]') as mac, p.name as person
		from device d join person_uses_device u on u._to = d._key join person p on p._key = u._from
		where d.sourceCount = 3 and d.serial is not null and d.macAddresses is not null and json_array_length(d.macAddresses) = 1
		and (select count(*) from device o where o.serial = d.serial or o.hostname = d.hostname) = 1 order by d._key limit 1`))
	require.Len(t, rows, 1)
	m := rows[0]
	byKey := answered(t, nil, "explain", "--demo", m["_key"])
	for _, s := range []string{"device " + m["name"], m["serial"], m["mac"], "used by " + m["person"], "Records", "sentinelone_agent", "ninjarmm_device", "immybot_computer", "why it protects", "(exact)"} {
		require.Contains(t, byKey, s)
	}
	for _, text := range []string{strings.ToUpper(m["name"]), strings.ToLower(m["serial"]), strings.ToUpper(strings.ReplaceAll(m["mac"], ":", "-"))} {
		require.Equal(t, byKey, answered(t, nil, "explain", "--demo", text), text)
	}
	var x report.Explanation
	require.NoError(t, json.Unmarshal([]byte(answered(t, nil, "explain", "--demo", "dc01", "--output", "json")), &x))
	require.Greater(t, len(x.Matches), 2)
	text := answered(t, nil, "explain", "--demo", "dc01")
	require.Contains(t, text, fmt.Sprintf("dc01 names %d things", len(x.Matches)))
	require.Contains(t, text, x.Matches[1].Key)
	require.Equal(t, byKey, answered(t, nil, "explain", "--demo", m["serial"][:len(m["serial"])-1]), "a part of it that nothing else has")
	prefix, _, _ := strings.Cut(m["name"], "-")
	text = answered(t, nil, "explain", "--demo", prefix+"-*")
	require.Contains(t, text, m["_key"])
	requireFits(t, 80, text)
	execute(t, nil, "explain", "--demo", m["name"]+"X").requireFailed(t, exitFailed, m["name"]+`X"; did you mean `, m["name"])
	execute(t, nil, "explain", "--demo", "no such thing").requireFailed(t, exitFailed, `"no such thing"`, "hint: ")
	execute(t, nil, "explain", "--demo", " ").requireFailed(t, exitUsage, "empty")
}

func TestQuestionLibrary(t *testing.T) {
	workIn(t)
	text := answered(t, nil, "query", "--list")
	require.Contains(t, text, "@without-edr")
	_, rows := csvTable(t, answered(t, nil, "query", "--list", "--output", "csv"))
	require.GreaterOrEqual(t, len(rows), 9)
	require.Equal(t, "@agents-out-of-date", rows[0]["name"])
	execute(t, nil, "query", "--demo", "@without-erd").requireFailed(t, exitUsage, "there is no question @without-erd", "@without-edr", "query --demo --list")
	execute(t, nil, "query", "--list", "select 1").requireFailed(t, exitUsage, "select 1")
}

// The commands that a run and a plan name do what they say.
func TestNextCommandsWork(t *testing.T) {
	workIn(t)
	for _, first := range [][]string{{"plan", "--demo"}, {"--demo"}} {
		_, next, found := strings.Cut(answered(t, nil, first...), "\nNext\n")
		require.True(t, found)
		commands := strings.Split(strings.TrimSpace(next), "\n")
		require.Len(t, commands, 2)
		for _, c := range commands {
			args := strings.Fields(c)
			require.Equal(t, "execute", args[0])
			if args[1] != "run" {
				require.NotEmpty(t, answered(t, nil, args[1:]...))
			}
		}
	}
}

func TestParseTime(t *testing.T) {
	const day = 24 * time.Hour
	for text, want := range map[string]time.Duration{"30d": 30 * day, "8w": 56 * day, "12h": 12 * time.Hour, "90m": 90 * time.Minute, "0": 0, " 1d ": day} {
		got, err := settings.ParseDuration(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "30", "d", "-3d", "-1h", "1.5d", "30 days", "99999999d", "3dd"} {
		_, err := settings.ParseDuration(text)
		require.Error(t, err, "%q", text)
	}
}
