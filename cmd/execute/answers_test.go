package main

import (
	"encoding/json"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/neo4jserver/neo4jtest"
	"assetgraph/internal/simulator"
)

// everyReport lists the reports of rows, with what is given to them.
func everyReport() [][]string {
	return [][]string{
		{"coverage"}, {"coverage", "--by", "device"}, {"worklist"}, {"seats"}, {"seats", "--by", "device"}, {"ghosts"},
		{"posture"}, {"posture", "--by", "device"}, {"eol"}, {"eol", "--by", "device", "--within", "3650d"}, {"people"},
		{"trend"}, {"trend", "--by", "day"},
	}
}

// onFleets runs a test against three fleets of which is known what is true, each in a folder of its own.
func onFleets(t *testing.T, test func(t *testing.T, s *simulator.Simulator, env map[string]string)) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			workIn(t)
			s, env := fleet(t, simulator.Options{Seed: seed, Machines: 500, Customers: 20})
			test(t, s, env)
		})
	}
}

// pageRows are the texts of the cells of its first table.
func pageRows(t *testing.T, text string) (rows [][]string) {
	t.Helper()
	body := regexp.MustCompile(`(?s)<div class="scroll".*?<tbody>(.*?)</tbody>`).FindStringSubmatch(text)
	if body == nil {
		return nil
	}
	for _, line := range regexp.MustCompile(`(?s)<tr>(.*?)</tr>`).FindAllStringSubmatch(body[1], -1) {
		var cells []string
		for _, c := range regexp.MustCompile(`(?s)<td class="[a-z ]*">(.*?)</td>`).FindAllStringSubmatch(line[1], -1) {
			cells = append(cells, html.UnescapeString(regexp.MustCompile(`</?a[^>]*>`).ReplaceAllString(c[1], "")))
		}
		rows = append(rows, cells)
	}
	return rows
}

// The same rows are in all forms of a report, and the same answers come from both stores.
func TestReportsAreTheSameInEveryFormAndStore(t *testing.T) {
	workIn(t)
	server := neo4jtest.Borrow(t)
	neo := map[string]string{"GRAPH_DB_USERNAME": server.Username, "GRAPH_DB_PASSWORD": server.Password}
	answered(t, nil, "--demo")
	answered(t, neo, "--demo", "--graph", server.Endpoint)
	read := regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d UTC| --graph \S+`) // when the two runs were, and where
	for _, args := range append(everyReport(), []string{"customer", "Kestrel Timber, AG"}) {
		forms := map[string]string{}
		for _, form := range []string{"table", "csv", "json", "html"} {
			args := append(append([]string{"report"}, args...), "--demo", "--output", form)
			forms[form] = answered(t, nil, args...)
			require.Equal(t, read.ReplaceAllString(forms[form], ""), read.ReplaceAllString(answered(t, neo, append(args, "--graph", server.Endpoint)...), ""), args)
		}
		requireFits(t, 80, forms["table"])
		requireSelfContained(t, forms["html"])
		header, rows := csvTable(t, forms["csv"])
		require.NotEmpty(t, rows, args)
		var objects []map[string]any
		require.NoError(t, json.Unmarshal([]byte(forms["json"]), &objects))
		require.Len(t, objects, len(rows), args)
		for i, row := range rows {
			delete(objects[i], "days") // which JSON has besides
			require.Len(t, objects[i], len(header))
			for name, cell := range row {
				require.Equal(t, strings.TrimPrefix(cell, "'"), csvOf(objects[i][name]), "%s of row %d of %v", name, i, args)
			}
		}
		if args[0] == "customer" {
			continue
		}
		shown := pageRows(t, forms["html"])
		require.Len(t, shown, len(rows), args)
		for i, row := range rows {
			for _, name := range []string{"organization", "hostname", "reason", "product"} {
				if cell := row[name]; cell != "" && !strings.Contains(cell, ";") {
					require.Contains(t, shown[i], strings.TrimPrefix(cell, "'"), "%s of row %d of %v", name, i, args)
				}
			}
		}
	}
}

// csvOf is a value of JSON as CSV has it.
func csvOf(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

// requireSelfContained fails for a page that loads anything, runs anything, or has something that data made of it.
func requireSelfContained(t *testing.T, text string) {
	t.Helper()
	require.Contains(t, text, `content="default-src 'none'; style-src 'unsafe-inline'"`)
	lower := strings.ToLower(text)
	for _, part := range []string{"<script", "<link", "<img", "<iframe", "src=", "@import", "url(", " onerror", "javascript:"} {
		require.NotContains(t, regexp.MustCompile(`(?s)<style>.*?</style>`).ReplaceAllString(strings.ReplaceAll(lower, "&#34;", ""), ""), part)
	}
	require.Equal(t, 1, strings.Count(lower, "<style>"))
	require.NotContains(t, lower[strings.Index(lower, "<style>"):strings.Index(lower, "</style>")], "http")
	require.Equal(t, strings.Count(lower, "<table"), strings.Count(lower, "</table>"))
}

// Seats are those of the machines that a labelled fleet has, machine by machine, and the console's figures are those of
// the console.
func TestSeatsOfLabelledFleets(t *testing.T) { onFleets(t, seatsOfALabelledFleet) }

func seatsOfALabelledFleet(t *testing.T, s *simulator.Simulator, env map[string]string) {
	runJSON(t, exitDone, env)
	ask := func(text string) []map[string]string {
		_, rows := csvTable(t, answered(t, nil, "query", text, "--output", "csv"))
		return rows
	}
	deviceOf := map[string]string{}
	for _, link := range []string{"sentinelone_agent_protects_device", "ninjarmm_device_is_device", "immybot_computer_is_device"} {
		for _, r := range ask("select _from, _to from " + link) {
			deviceOf[r["_from"]] = r["_to"]
		}
	}
	want, known := map[string]bool{}, map[string]bool{}
	for m := range s.Truth() {
		device := firstOf(deviceOf, keysOf(&m))
		if device == "" {
			continue
		}
		known[device] = true
		lacks := expected(&m)
		for tool, product := range map[string]string{"edr": "SentinelOne", "rmm": "NinjaRMM", "deployment": "ImmyBot"} {
			if !slices.Contains(strings.Split(lacks, ";"), tool) {
				want[device+" "+product] = true
			}
		}
	}
	require.Greater(t, len(known), 430)
	_, byDevice := csvTable(t, answered(t, nil, "report", "seats", "--by", "device", "--output", "csv"))
	got, sums := map[string]bool{}, map[string][2]int{}
	for _, r := range byDevice {
		if r["seats"] == "1" && known[r["device"]] {
			require.False(t, got[r["device"]+" "+r["product"]], "one seat of a product for each machine")
			got[r["device"]+" "+r["product"]] = true
		}
		key := r["organization"] + "|" + r["product"]
		sums[key] = [2]int{sums[key][0] + number(t, r["seats"]), sums[key][1] + number(t, r["console"])}
	}
	require.Equal(t, want, got)

	console := map[string]string{}
	for _, r := range ask(`select o.name, sum(s.activeLicenses) as used from sentinelone_site s
		join sentinelone_site_is_organization i on i._from = s._key join organization o on o._key = i._to group by o.name`) {
		console[r["name"]] = r["used"]
	}
	require.Greater(t, len(console), 5)
	_, byCustomer := csvTable(t, answered(t, nil, "report", "seats", "--output", "csv"))
	for _, r := range byCustomer {
		sum := sums[r["organization"]+"|"+r["product"]]
		require.Equal(t, strconv.Itoa(sum[0]), r["machines"], "%v", r)
		switch r["product"] {
		case "SentinelOne":
			require.Equal(t, console[r["organization"]], r["console"], "%v", r)
			require.Equal(t, strconv.Itoa(sum[1]), r["console"], "%v", r)
			require.Equal(t, strconv.Itoa(number(t, r["console"])-number(t, r["machines"])), r["variance"])
		case "ImmyBot":
			require.Equal(t, strconv.Itoa(sum[1]), r["console"], "%v", r)
		default:
			require.Empty(t, r["console"], "what a product does not tell is no figure")
		}
	}
}

func number(t *testing.T, text string) int {
	t.Helper()
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err)
	return n
}

func TestBilledSeats(t *testing.T) {
	workIn(t)
	answered(t, nil, "--demo")
	require.NoError(t, os.WriteFile("bill.csv", []byte("customer,product,seats\nKestrel Timber AG,SentinelOne,25\n\"Kestrel Timber, AG\",rmm,20\n"), 0o600))
	_, rows := csvTable(t, answered(t, nil, "report", "seats", "--demo", "--billed", "bill.csv", "--customer", "kestrel*", "--output", "csv"))
	for i, want := range []string{"25", "20", "0"} {
		require.Equal(t, want, rows[i]["billed"])
		require.Equal(t, strconv.Itoa(number(t, want)-number(t, rows[i]["machines"])), rows[i]["variance"])
	}
	require.NoError(t, os.WriteFile("bad.csv", []byte("customer,product,seats\nA,rmm,many\n"), 0o600))
	execute(t, nil, "report", "seats", "--demo", "--billed", "bad.csv").requireFailed(t, exitUsage, "--billed bad.csv:2: seats:", "many")
	execute(t, nil, "report", "seats", "--demo", "--billed", "none.csv").requireFailed(t, exitUsage, "--billed", "none.csv")
}

// What the people report says of a labelled fleet: the console's users as the simulator has them.
func TestPeopleOfLabelledFleets(t *testing.T) { onFleets(t, peopleOfALabelledFleet) }

func peopleOfALabelledFleet(t *testing.T, s *simulator.Simulator, env map[string]string) {
	runJSON(t, exitDone, env)
	_, rows := csvTable(t, answered(t, nil, "report", "people", "--output", "csv"))
	got := map[string][]string{}
	for _, r := range rows {
		got[r["kind"]] = append(got[r["kind"]], r["account"])
	}
	want, off := map[string][]string{}, map[string]bool{}
	for a := range s.Accounts() {
		off[a.Email] = off[a.Email] || !a.On && a.Email != ""
	}
	for a := range s.Accounts() {
		key := fmt.Sprintf("%s:%s_user:%s", a.Product, a.Product, a.ID)
		if !a.Console || !a.On {
			continue
		}
		if a.MFA == simulator.No {
			want["without-mfa"] = append(want["without-mfa"], key)
		}
		if a.SignedIn == simulator.No {
			want["dormant"] = append(want["dormant"], key)
		}
		if off[a.Email] {
			want["left-with-console"] = append(want["left-with-console"], key)
		}
	}
	require.Len(t, want, 3)
	for kind, keys := range want {
		require.NotEmpty(t, keys)
		require.ElementsMatch(t, keys, got[kind], kind)
	}
}

// A customer's figures are those that the other reports have of it.
func TestCustomerAgreesWithTheOtherReports(t *testing.T) {
	workIn(t)
	answered(t, nil, "--demo")
	rowsOf := func(args ...string) []map[string]string {
		_, rows := csvTable(t, answered(t, nil, append(append([]string{"report"}, args...), "--demo", "--output", "csv")...))
		return rows
	}
	reports := map[string][]map[string]string{}
	for _, name := range []string{"coverage", "seats", "posture", "eol", "ghosts", "people"} {
		reports[name] = rowsOf(name)
	}
	for _, c := range reports["coverage"] {
		name := c["organization"]
		figures := map[string]string{}
		for _, r := range rowsOf("customer", name) {
			require.Equal(t, name, r["organization"])
			figures[r["report"]+"."+r["figure"]] = r["value"]
		}
		for _, column := range []string{"devices", "edr", "rmm", "deployment", "complete"} {
			require.Equal(t, c[column], figures["coverage."+column], "%s of %s", column, name)
		}
		counted := map[string]int{}
		for _, r := range reports["seats"] {
			if r["organization"] == name {
				tool := map[string]string{"SentinelOne": "edr", "NinjaRMM": "rmm", "ImmyBot": "deployment"}[r["product"]]
				require.Equal(t, r["machines"], figures["seats."+tool+".machines"], name)
				require.Equal(t, r["console"], figures["seats."+tool+".console"], name)
				counted["seats"]++
			}
		}
		require.Positive(t, counted["seats"], name)
		for _, r := range reports["posture"] {
			if r["organization"] == name {
				for _, answer := range []string{"yes", "no", "unknown"} {
					require.Equal(t, r[answer], figures["posture."+r["check"]+"."+answer], name)
				}
			}
		}
		for _, r := range reports["eol"] {
			if r["organization"] == name {
				for _, state := range []string{"devices", "past", "soon", "supported", "unknown"} {
					require.Equal(t, r[state], figures["eol."+state], name)
				}
			}
		}
		for _, kinds := range []string{"ghosts", "people"} {
			for _, r := range reports[kinds] {
				if r["organization"] == name {
					counted[kinds+"."+r["kind"]]++
				}
			}
		}
		for _, kind := range []string{"ghosts.stale-everywhere", "ghosts.decommissioned", "ghosts.duplicate", "ghosts.no-machine", "people.left-with-console", "people.without-mfa", "people.dormant", "people.user-gone"} {
			require.Equal(t, strconv.Itoa(counted[kind]), figures[kind], "%s of %s", kind, name)
		}
		page := answered(t, nil, "report", "customer", name, "--demo", "--output", "html")
		require.Contains(t, page, "<strong>"+c["devices"]+"</strong> <span>machines</span>")
	}
}

// Pages of all customers go into a folder, and no file of somebody else is overwritten.
func TestPagesOfAllCustomers(t *testing.T) {
	dir := workIn(t)
	answered(t, nil, "--demo")
	require.Equal(t, "Wrote 21 pages to out\n", answered(t, nil, "report", "customer", "--all", "out", "--demo"))
	names, err := filepath.Glob(filepath.Join(dir, "out", "*"))
	require.NoError(t, err)
	require.Len(t, names, 21)
	safe := regexp.MustCompile(`^customer-[a-z0-9-]{1,80}\.html$`)
	for _, name := range names {
		require.Regexp(t, safe, filepath.Base(name))
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		requireSelfContained(t, string(text))
		require.NotContains(t, string(text), "href")
	}
	require.Contains(t, names, filepath.Join(dir, "out", "customer-hofer-timber-llc.html"))
	answered(t, nil, "report", "customer", "--all", "out", "--demo") // its own files it renews

	mine := filepath.Join(dir, "out", "customer-kestrel-timber-ag.html")
	require.NoError(t, os.WriteFile(mine, []byte("mine"), 0o600))
	other, err := os.ReadFile(names[0])
	require.NoError(t, err)
	require.NoError(t, os.Remove(names[0]))
	execute(t, nil, "report", "customer", "--all", "out", "--demo").requireFailed(t, exitUsage, "customer-kestrel-timber-ag.html", "no report of this program")
	kept, err := os.ReadFile(mine)
	require.NoError(t, err)
	require.Equal(t, "mine", string(kept))
	require.NoFileExists(t, names[0], "nothing was written, to other names neither")
	require.NoError(t, os.Remove(mine))
	target := filepath.Join(dir, "target")
	require.NoError(t, os.WriteFile(target, other, 0o600))
	require.NoError(t, os.Symlink(target, mine))
	execute(t, nil, "report", "customer", "--all", "out", "--demo").requireFailed(t, exitUsage, "customer-kestrel-timber-ag.html", "no file")

	execute(t, nil, "report", "customer", "m*", "--demo").requireFailed(t, exitUsage, "m* fits 2 customers", "--all")
	execute(t, nil, "report", "customer", "Kestrell", "--demo").requireFailed(t, exitUsage, "did you mean Kestrel Timber, AG")
	execute(t, nil, "report", "customer", "--demo").requireFailed(t, exitUsage, "the name of the customer")
	execute(t, nil, "report", "customer", "--all", "o", "--output", "csv", "--demo").requireFailed(t, exitUsage, "--all writes HTML")
}

// Whatever products call things stays text on pages, and no name leads out of a folder.
func TestHostileNamesOnPages(t *testing.T) {
	dir := workIn(t)
	evil := `</title></td><script>alert(1)</script><img src=x onerror=alert(1)>{{.}}../../x`
	raw, err := json.Marshal(evil)
	require.NoError(t, err)
	_, env := rewriting(t, simulator.Options{Machines: 80, Customers: 6}, `"(name|siteName|computerName|systemName|displayName|fullName|tenantName)":\s*"`,
		func(found string) string { return found + strings.Trim(string(raw), `"`) + " " })
	env["NINJARMM_COLLECT"] = "none" // the cursors of its reports have names too
	runJSON(t, exitDone, env)
	for _, args := range everyReport() {
		text := answered(t, nil, append(append([]string{"report"}, args...), "--output", "html")...)
		require.NotContains(t, text, "<script")
		require.NotContains(t, text, "<img")
		require.Equal(t, 1, strings.Count(text, "</title>"))
	}
	require.Contains(t, answered(t, nil, "report", "coverage", "--output", "html"), "&lt;script&gt;alert(1)&lt;/script&gt;")
	answered(t, nil, "report", "customer", "--all", "out")
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		require.Contains(t, []string{"out", "assetgraph.db"}, e.Name())
	}
	pages, err := filepath.Glob(filepath.Join(dir, "out", "customer-*.html"))
	require.NoError(t, err)
	require.Greater(t, len(pages), 5, "customers of names that begin alike have pages of their own")
	for _, name := range pages {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		require.NotContains(t, string(text), "<script")
		require.Equal(t, strings.Count(string(text), "<title>"), strings.Count(string(text), "</title>"))
	}
}

// How the machines of a labelled fleet do, and until when their systems are supported, is told machine by machine, and
// what nobody knows is no answer.
func TestPostureAndSupportOfLabelledFleets(t *testing.T) { onFleets(t, postureOfALabelledFleet) }

func postureOfALabelledFleet(t *testing.T, s *simulator.Simulator, env map[string]string) {
	runJSON(t, exitDone, env)
	by := func(args ...string) map[string]map[string]string {
		_, rows := csvTable(t, answered(t, nil, append(args, "--by", "device", "--output", "csv")...))
		out := map[string]map[string]string{}
		for _, r := range rows {
			out[r["device"]] = r
		}
		return out
	}
	posture, support := by("report", "posture"), by("report", "eol", "--within", "183d")
	deviceOf := map[string]string{}
	for _, link := range []string{"sentinelone_agent_protects_device", "ninjarmm_device_is_device", "immybot_computer_is_device"} {
		_, rows := csvTable(t, answered(t, nil, "query", "select _from, _to from "+link, "--output", "csv"))
		for _, r := range rows {
			deviceOf[r["_from"]] = r["_to"]
		}
	}
	checked, states := 0, map[string]int{}
	for m := range s.Truth() {
		device := firstOf(deviceOf, keysOf(&m))
		if device == "" {
			continue
		}
		checked++
		p, row := s.Posture(m.Number), posture[device]
		for check, want := range map[string]string{
			"encrypted": written(p.Encrypted), "malwareProtected": written(p.MalwareProtected),
			"firewallEnabled": written(p.FirewallEnabled), "pendingReboot": written(p.PendingReboot),
		} {
			require.Equal(t, want, row[check], "%s of %s", check, device)
			require.Equal(t, want == "", slices.Contains(strings.Split(row["unknown"], ";"), check), "%s of %s", check, device)
			bad := want == "false" && check != "pendingReboot" || want == "true" && check == "pendingReboot"
			require.Equal(t, bad, slices.Contains(strings.Split(row["attention"], ";"), check), "%s of %s", check, device)
		}
		switch {
		case p.OSPatchesMissing < 0:
			require.Empty(t, row["patched"], device)
		default:
			require.Equal(t, strconv.FormatBool(p.OSPatchesMissing == 0), row["patched"], device)
		}
		if p.LastBackupOn.IsZero() {
			require.NotEqual(t, "true", row["backedUp"], device)
		} else {
			require.Equal(t, strconv.FormatBool(time.Since(p.LastBackupOn) <= 7*24*time.Hour), row["backedUp"], device)
		}
		want := ""
		switch until := time.Until(p.SupportEndsOn); {
		case p.SupportEndsOn.IsZero():
		case until <= 0:
			want = "past"
		case until <= 183*24*time.Hour:
			want = "soon"
		}
		states[want]++
		require.Equal(t, want, support[device]["state"], "%s: %s", device, p.SupportEndsOn)
	}
	require.Greater(t, checked, 430)
	require.Positive(t, states["past"])
}

// Ghosts are those that queries find, and machines that the EDR alone has given up.
func TestGhostsOfLabelledFleets(t *testing.T) { onFleets(t, ghostsOfALabelledFleet) }

func ghostsOfALabelledFleet(t *testing.T, s *simulator.Simulator, env map[string]string) {
	runJSON(t, exitDone, env)
	ask := func(args ...string) []map[string]string {
		_, rows := csvTable(t, answered(t, nil, append(args, "--output", "csv")...))
		return rows
	}
	got := map[string][]string{}
	for _, r := range ask("report", "ghosts") {
		switch r["kind"] {
		case "no-machine":
			got[r["kind"]] = append(got[r["kind"]], r["record"])
		case "stale-everywhere":
			got[r["kind"]] = append(got[r["kind"]], r["hostname"]+" "+r["serial"])
			got["stale"] = append(got["stale"], r["device"])
		default:
			got[r["kind"]] = append(got[r["kind"]], r["device"])
		}
	}
	var loose, stale, given []string
	for _, r := range ask("query", "@records-of-no-machine") {
		loose = append(loose, r["record"])
	}
	for _, r := range ask("query", "select name, serial from device where lastSeenOn < strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-30 days')") {
		stale = append(stale, r["name"]+" "+r["serial"])
	}
	deviceOf := map[string]string{}
	for _, link := range []string{"sentinelone_agent_protects_device", "ninjarmm_device_is_device", "immybot_computer_is_device"} {
		for _, r := range ask("query", "select _from, _to from "+link) {
			deviceOf[r["_from"]] = r["_to"]
		}
	}
	known := map[string]bool{}
	for m := range s.Truth() {
		device := firstOf(deviceOf, keysOf(&m))
		known[device] = true
		lacks := strings.Split(expected(&m), ";")
		others := !slices.Contains(lacks, "rmm") || !slices.Contains(lacks, "deployment")
		if device != "" && m.Agent != "" && slices.Contains(lacks, "edr") && others && !slices.Contains(got["stale"], device) {
			given = append(given, device)
		}
	}
	require.NotEmpty(t, stale)
	require.NotEmpty(t, given)
	require.ElementsMatch(t, loose, got["no-machine"])
	require.ElementsMatch(t, stale, got["stale-everywhere"])
	require.ElementsMatch(t, given, slices.DeleteFunc(got["decommissioned"], func(d string) bool { return !known[d] }))
}

// Each gap of the worklist is one of coverage, and the ids that it names are those of the machine's records.
func TestWorklistNamesWhereToAct(t *testing.T) {
	workIn(t)
	answered(t, nil, "--demo")
	ask := func(args ...string) []map[string]string {
		_, rows := csvTable(t, answered(t, nil, append(args, "--demo", "--output", "csv")...))
		return rows
	}
	var want, got []string
	for _, r := range ask("report", "coverage", "--by", "device") {
		for word := range strings.SplitSeq(r["missing"], ";") {
			want = append(want, r["device"]+" "+word)
			require.Contains(t, r["reason"], word+": ")
		}
	}
	ids := map[string][]string{}
	for column, link := range map[string]string{"edrId": "sentinelone_agent_protects_device", "rmmId": "ninjarmm_device_is_device", "deploymentId": "immybot_computer_is_device"} {
		for _, r := range ask("query", "select _from, _to from "+link) {
			key := column + " " + r["_to"]
			ids[key] = append(ids[key], r["_from"][strings.LastIndex(r["_from"], ":")+1:])
		}
	}
	targets := map[string][]string{}
	for _, r := range ask("query", "select o.name, s.id from sentinelone_site s join sentinelone_site_is_organization i on i._from = s._key join organization o on o._key = i._to") {
		targets[r["name"]] = append(targets[r["name"]], r["id"])
	}
	for _, r := range ask("report", "worklist") {
		got = append(got, r["device"]+" "+r["gap"])
		for _, column := range []string{"edrId", "rmmId", "deploymentId"} {
			if of := ids[column+" "+r["device"]]; len(of) == 0 {
				require.Empty(t, r[column])
			} else {
				require.Contains(t, of, r[column], "%s of %v", column, r)
			}
		}
		if strings.Contains(r["gap"], "edr") {
			require.ElementsMatch(t, targets[r["organization"]], strings.FieldsFunc(r["targetId"], func(c rune) bool { return c == ';' }), "%v", r)
		}
		require.NotEmpty(t, r["reason"], "%v", r)
	}
	require.ElementsMatch(t, want, got)
}
