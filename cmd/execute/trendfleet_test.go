package main

import (
	"bytes"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/internal/simulator"
)

// A trendFleet is a fleet that runs read day by day, and what its figures must be.
type trendFleet struct {
	*simulator.Simulator
	env       map[string]string
	place     place
	overrides []string            // flags
	earlier   map[string]seenDay  // by tool: the last day before today on which it was read whole
	latest    map[string]seenDay  // the last such day
	want      []map[string]string // rows of `report trend --by day`, and the key of the customer
	names     map[string]string   // what customers are called now, by their keys
}

// A seenDay is how machines stood with a tool on a day, by their keys.
type seenDay struct {
	day      string
	machines map[string]standing
}

// standing is how a machine stands with a tool, by what the other reports and the graph say.
type standing struct {
	customer       string // its key
	name           string
	counts, has    bool
	out            bool // it is left out
	stale, failing bool
}

// firstTrendDay is noon of the day on which the fleets of trends begin.
func firstTrendDay() time.Time { return time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC) }

func newTrendFleet(t *testing.T, p place, seed uint64) *trendFleet {
	t.Helper()
	s, env := fleet(t, simulator.Options{Seed: seed, Machines: 120, Customers: 4, Now: firstTrendDay()})
	return &trendFleet{Simulator: s, env: p.env(env), place: p, earlier: map[string]seenDay{}, latest: map[string]seenDay{}, names: map[string]string{}}
}

// at runs a command at the time that it is in the fleet.
func (f *trendFleet) at(t *testing.T, code int, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	a := newApp(append([]string{"execute"}, args...), environ(t, f.env), strings.NewReader(""), &out, &errs)
	a.now = f.Now
	require.Equal(t, code, a.execute(t.Context()), "%v: %s", args, errs.String())
	return out.String()
}

func (f *trendFleet) rows(t *testing.T, args ...string) []map[string]string {
	t.Helper()
	_, rows := csvTable(t, f.at(t, exitDone, append(args, "--output", "csv")...))
	return rows
}

// stands works out how machines stand now: which tool which one has by the graph, which lack it by report coverage, and
// which are left out because that report does not list them.
func (f *trendFleet) stands(t *testing.T) map[string]map[string]standing {
	t.Helper()
	ask := f.place.question("select d._key as device, d.hasEdr, d.hasRmm, d.hasDeployment, o._key as customer, o.name as name from device d"+
		" left join organization_has_device l on l._to = d._key left join organization o on o._key = l._from",
		"MATCH (d:device) OPTIONAL MATCH (o:organization)-[:HAS]->(d) RETURN d._key AS device, d.hasEdr AS hasEdr, d.hasRmm AS hasRmm,"+
			" d.hasDeployment AS hasDeployment, o._key AS customer, o.name AS name")
	all := map[string]map[string]standing{"edr": {}, "rmm": {}, "deployment": {}}
	for _, row := range f.rows(t, "query", ask) {
		for tool, has := range map[string]string{"edr": row["hasEdr"], "rmm": row["hasRmm"], "deployment": row["hasDeployment"]} {
			is := plain(has) == "true"
			all[tool][row["device"]] = standing{customer: row["customer"], name: row["name"], has: is, counts: is, out: true}
		}
	}
	for _, row := range f.everyMachine(t) {
		for tool := range all {
			s := all[tool][row["device"]]
			words := strings.Split(row["missing"], ";")
			s.out, s.stale = false, slices.Contains(words, "stale-"+tool)
			s.counts = s.counts || slices.Contains(words, tool)
			s.failing = slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, tool+"-") })
			all[tool][row["device"]] = s
		}
	}
	return all
}

// everyMachine returns the rows of report coverage by device, and bare ones for machines that lack nothing and are not left
// out.
func (f *trendFleet) everyMachine(t *testing.T) []map[string]string {
	t.Helper()
	rows := f.rows(t, append([]string{"report", "coverage", "--fitting", "--by", "device"}, f.overrides...)...)
	listed := map[string]bool{}
	for _, r := range rows {
		listed[r["device"]] = true
	}
	for _, r := range f.rows(t, append([]string{"report", "posture", "--by", "device"}, f.overrides...)...) {
		if !listed[r["device"]] {
			rows = append(rows, map[string]string{"device": r["device"]})
		}
	}
	return rows
}

// figure is one of `report trend`, with what came and went.
type figure struct{ machines, covered, stale, failing int }

// expect adds to what is wanted what a day's figures are: counted from how machines stand, and compared with how they stood
// on the last day before it on which the tool was read whole. unread is a tool that was not. joined are machines that turned
// out to be others.
func (f *trendFleet) expect(t *testing.T, unread string, joined ...string) {
	t.Helper()
	now, day := f.stands(t), f.Now().Format(time.DateOnly)
	for _, r := range f.rows(t, "query", f.place.question("select _key as k, name from organization", "MATCH (o:organization) RETURN o._key AS k, o.name AS name")) {
		f.names[r["k"]] = r["name"]
	}
	for _, tool := range []string{"edr", "rmm", "deployment"} {
		if tool != unread && f.latest[tool].day < day {
			f.earlier[tool] = f.latest[tool]
		}
		f.want = slices.DeleteFunc(f.want, func(r map[string]string) bool { return r["day"] == day && r["tool"] == tool })
		figures, flows := map[string]*figure{}, map[string]map[string]int{}
		of := func(s standing) *figure {
			if f.names[s.customer] == "" {
				f.names[s.customer] = s.name
			}
			if figures[s.customer] == nil {
				figures[s.customer], flows[s.customer] = &figure{}, map[string]int{}
			}
			return figures[s.customer]
		}
		for _, s := range now[tool] {
			if s.counts && !s.out {
				n := of(s)
				n.machines++
				n.covered += count01(s.has)
				n.stale += count01(s.stale)
				n.failing += count01(s.failing)
			}
		}
		if before := f.earlier[tool].machines; before != nil && tool != unread {
			for key := range union(before, now[tool]) {
				for _, flow := range flowsBetween(before, now[tool], key, slices.Contains(joined, key)) {
					of(flow.at)
					flows[flow.at.customer][flow.name]++
				}
			}
		}
		for customer, n := range figures {
			row := map[string]string{
				"customer": customer, "day": day, "tool": tool, "machines": strconv.Itoa(n.machines), "covered": strconv.Itoa(n.covered),
				"stale": strconv.Itoa(n.stale), "failing": strconv.Itoa(n.failing), "whole": strconv.FormatBool(tool != unread), "since": "",
			}
			if tool != unread {
				row["since"] = f.earlier[tool].day
			}
			for _, flow := range graph.FigureFlows() {
				row[string(flow)] = ""
				if c := flows[customer][string(flow)]; c > 0 {
					row[string(flow)] = strconv.Itoa(c)
				}
			}
			f.want = append(f.want, row)
		}
		if tool != unread {
			f.latest[tool] = seenDay{day, now[tool]}
		}
	}
}

// A told flow is one machine in a flow of a customer.
type toldFlow struct {
	name string
	at   standing
}

// flowsBetween says what became of a machine between two days.
func flowsBetween(before, now map[string]standing, key string, joined bool) []toldFlow {
	was, known := before[key]
	is, there := now[key]
	with := func(name string, s standing) toldFlow {
		if s.has {
			return toldFlow{name + "With", s}
		}
		return toldFlow{name + "Without", s}
	}
	counted, counts := known && was.counts && !was.out, there && is.counts && !is.out
	switch {
	case counted && counts && was.customer != is.customer:
		return []toldFlow{with("movedOut", was), with("movedIn", is)}
	case counted && counts && was.has && !is.has:
		return []toldFlow{{"lost", is}}
	case counted && counts && is.has && !was.has:
		return []toldFlow{{"gained", is}}
	case counted && !there && joined:
		return []toldFlow{with("merged", was)}
	case counted && !there:
		return []toldFlow{with("gone", was)}
	case counted && is.out && there:
		return []toldFlow{with("excluded", was)}
	case counted && !counts:
		return []toldFlow{with("unfit", was)}
	case counts && !known:
		return []toldFlow{with("new", is)}
	case counts && !counted && was.out:
		return []toldFlow{with("included", is)}
	case counts && !counted:
		return []toldFlow{with("fit", is)}
	}
	return nil
}

func union(a, b map[string]standing) map[string]standing {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

func count01(is bool) int {
	if is {
		return 1
	}
	return 0
}

// requireFigures compares what the report says of all days with what is wanted.
func (f *trendFleet) requireFigures(t *testing.T) {
	t.Helper()
	texts := func(rows []map[string]string) (list []string) {
		for _, row := range rows {
			var parts []string
			for _, name := range append(slices.Sorted(maps.Keys(f.want[0])), "organization") {
				if name != "customer" && row[name] != "" {
					parts = append(parts, name+"="+strings.TrimPrefix(row[name], "'"))
				}
			}
			list = append(list, strings.Join(parts, " "))
		}
		slices.Sort(list)
		return list
	}
	for _, row := range f.want {
		row["organization"] = f.names[row["customer"]]
	}
	require.Equal(t, texts(f.want), texts(f.days(t)))
}

// days returns the rows of all days.
func (f *trendFleet) days(t *testing.T) []map[string]string {
	t.Helper()
	return f.rows(t, "report", "trend", "--by", "day", "--since", "3000d")
}

// requireLikeCoverage expects the figures of today to be those of the other report.
func (f *trendFleet) requireLikeCoverage(t *testing.T) {
	t.Helper()
	want, have := map[string]int{}, map[string]int{}
	for _, r := range f.rows(t, append([]string{"report", "coverage"}, f.overrides...)...) {
		for _, tool := range []string{"edr", "rmm", "deployment"} {
			want[r["organization"]+" "+tool] += number(t, r[tool])
		}
		want[r["organization"]+" edr fails"] += number(t, r["edrUnprotected"])
		want[r["organization"]+" edr unknown"] += number(t, r["edrUnknown"])
	}
	for _, r := range f.days(t) {
		if r["day"] == f.Now().Format(time.DateOnly) {
			have[r["organization"]+" "+r["tool"]] += number(t, r["covered"])
			have[r["organization"]+" "+r["tool"]+" fails"] += number(t, r["failing"])
			have[r["organization"]+" "+r["tool"]+" unknown"] += number(t, r["unknown"])
		}
	}
	for _, all := range []map[string]int{want, have} {
		maps.DeleteFunc(all, func(_ string, n int) bool { return n == 0 })
	}
	require.Equal(t, want, have)
}

// total adds up a flow of a tool on the last day.
func (f *trendFleet) total(t *testing.T, tool string, flows ...graph.Flow) (n int) {
	t.Helper()
	for _, r := range f.days(t) {
		if r["day"] == f.Now().Format(time.DateOnly) && r["tool"] == tool {
			for _, flow := range flows {
				n += number(t, r[string(flow)])
			}
		}
	}
	return n
}

// run reads the fleet.
func (f *trendFleet) run(t *testing.T, code int, args ...string) {
	t.Helper()
	f.at(t, code, slices.Concat([]string{"run", "--max-deletes", "60%", "--refresh-after", "0s"}, f.overrides, args)...)
}

// pass lets days go by, at whose end something has changed.
func (f *trendFleet) pass(days int, c simulator.Change) simulator.Changed {
	c.Clock, c.Seen = time.Duration(days)*24*time.Hour, 90
	return f.Advance(c)
}

// overrule writes what people have decided, nothing for "".
func (f *trendFleet) overrule(t *testing.T, text string) {
	t.Helper()
	const name = "overrides.yaml"
	require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	if f.overrides = []string{"--overrides", name}; text == "" {
		f.overrides = nil
	}
}

// hostnames are those of some machines with EDR and of some without.
func (f *trendFleet) hostnames(t *testing.T) (list []string) {
	t.Helper()
	for _, having := range []string{"", "not "} {
		rows := f.rows(t, "query", f.place.question("select hostname from device where osType = 'windows' and "+having+"hasEdr order by _key",
			"MATCH (d:device) WHERE d.osType = 'windows' AND "+having+"d.hasEdr RETURN d.hostname AS hostname ORDER BY d._key"))
		rows = slices.DeleteFunc(rows, func(r map[string]string) bool { return strings.ContainsAny(r["hostname"], "'[]*?\\ ") })
		for _, r := range rows[:5] {
			list = append(list, r["hostname"])
		}
	}
	return list
}

// sameMachinesAndCustomers says that two machines of a customer are one, and two customers.
func (f *trendFleet) sameMachinesAndCustomers(t *testing.T) string {
	t.Helper()
	two := f.rows(t, "query", f.place.question("select min(d._key) as a, max(d._key) as b from device d join organization_has_device h on h._to = d._key"+
		" where d.hasEdr and d.hasRmm and d.hasDeployment group by h._from having count(*) > 8 order by count(*), h._from limit 1",
		"MATCH (d:device)<-[:HAS]-(o:organization) WHERE d.hasEdr AND d.hasRmm AND d.hasDeployment WITH o._key AS o, min(d._key) AS a,"+
			" max(d._key) AS b, count(*) AS n WHERE n > 8 RETURN a, b ORDER BY n, o LIMIT 1"))[0]
	within := "('" + two["a"] + "', '" + two["b"] + "')"
	var records []string
	for _, r := range f.rows(t, "query", f.place.question("select _from as r from sentinelone_agent_protects_device where _to in "+within+
		" union select _from from ninjarmm_device_is_device where _to in "+within+" union select _from from immybot_computer_is_device where _to in "+within,
		"MATCH (r:sentinelone_agent|ninjarmm_device|immybot_computer)-[:IS|PROTECTS]->(d:device) WHERE d._key IN ['"+two["a"]+"', '"+two["b"]+"'] RETURN r._key AS r")) {
		records = append(records, r["r"])
	}
	customers := f.rows(t, "query", f.place.question("select min(_key) as a, max(_key) as b from ninjarmm_organization",
		"MATCH (o:ninjarmm_organization) RETURN min(o._key) AS a, max(o._key) AS b"))[0]
	return "same:\n- ['" + strings.Join(records, "', '") + "']\n- ['" + customers["a"] + "', '" + customers["b"] + "']\n"
}

// joined reports whether the records of a machine that is gone belong to another one now, by the log of changes.
func (f *trendFleet) joined(t *testing.T, key string) bool {
	t.Helper()
	for _, r := range f.rows(t, "changes", "--limit", "0") {
		if r["op"] == "join" && r["old"] == key {
			return true
		}
	}
	return false
}
