package main

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/executor"
	"assetgraph/internal/simulator"
)

// spoilable starts a fleet whose routes can be spoilt, and returns the settings that read the named parts.
func spoilable(t *testing.T, p place, parts string) (*simulator.Simulator, map[string]string, *spoiler) {
	t.Helper()
	spoilt := &spoiler{}
	s, env := fleet(t, simulator.Options{Machines: 300, Customers: 6, Intercept: spoilt.intercept})
	env = p.env(env)
	env["SENTINELONE_COLLECT"] = parts
	return s, env, spoilt
}

func badGateway(w http.ResponseWriter) { http.Error(w, "Bad Gateway", http.StatusBadGateway) }

// A policy is in the graph where a scope has one of its own, and the one in force is told of each group. What can't be
// read is not deleted.
func TestPoliciesOfALabelledFleet(t *testing.T) { onBothGraphs(t, policiesOfALabelledFleet) }

func policiesOfALabelledFleet(t *testing.T, p place) {
	s, env, spoilt := spoilable(t, p, "policies")
	runJSON(t, exitDone, env)
	require.Empty(t, s.Mistakes())
	want := policiesIn(s)
	require.Equal(t, want, p.policies(t, env))
	require.Contains(t, slices.Collect(maps.Values(want)), "detect")
	p.requireQuiet(t, env)

	for _, how := range []simulator.Refusal{simulator.NotPermitted, simulator.NotThere} {
		for _, route := range []string{"/accounts/{id}/policy", "/sites/{id}/policy", "/groups/{id}/policy"} {
			s.Refuse(route, how)
			code, status := exitIncomplete, executor.StatusIncomplete
			if how == simulator.NotPermitted && strings.HasPrefix(route, "/accounts") {
				code, status = exitDone, executor.StatusUnavailable // the first that is asked: the role gives none
			}
			r := runJSON(t, code, env)
			s.Refuse(route, simulator.Granted)
			require.Equal(t, status, stepNamed(t, r, "SENTINELONE_COLLECT", "policies").Status, route)
			require.Zero(t, r.Totals.Deleted)
			require.Equal(t, want, p.policies(t, env), route)
		}
	}
	spoilt.at("/policy", badGateway)
	r := runJSON(t, exitIncomplete, env, "run", "--retry-time", "100ms")
	spoilt.at("", nil)
	require.Zero(t, r.Totals.Deleted)
	require.Equal(t, want, p.policies(t, env))

	env["SENTINELONE_COLLECT"] = "none"
	r = runJSON(t, exitDone, env)
	require.Zero(t, r.Totals.Deleted)
	require.Equal(t, want, p.policies(t, env), "what is not read is not deleted")
}

// policiesIn gives what the graph must hold: the mode of each policy, and the policy of each group.
func policiesIn(s *simulator.Simulator) map[string]string {
	own, inForce := s.Policies()
	want := maps.Clone(inForce)
	for _, one := range own {
		want[one.Key] = one.MitigationMode
	}
	return want
}

// policies gives the same as the graph has it.
func (p place) policies(t *testing.T, env map[string]string) map[string]string {
	t.Helper()
	got := map[string]string{}
	for _, row := range p.answer(t, env,
		`SELECT id, mitigationMode AS value FROM sentinelone_policy
			UNION ALL SELECT g.id, p.id FROM sentinelone_policy_enforces_group r JOIN sentinelone_policy p ON p._key = r._from JOIN sentinelone_group g ON g._key = r._to`,
		`MATCH (p:sentinelone_policy) RETURN p.id AS id, p.mitigationMode AS value
			UNION ALL MATCH (p:sentinelone_policy)-[:ENFORCES]->(g:sentinelone_group) RETURN g.id AS id, p.id AS value`) {
		got[row["id"]] = row["value"]
	}
	owners := p.answer(t, env,
		`SELECT _to AS id FROM sentinelone_account_has_policy UNION ALL SELECT _to FROM sentinelone_site_has_policy UNION ALL SELECT _to FROM sentinelone_group_has_policy`,
		`MATCH ()-[:HAS]->(p:sentinelone_policy) RETURN p.id AS id`)
	policies := 0
	for id := range got {
		policies += digit(strings.Contains(id, ":"))
	}
	require.Len(t, owners, policies, "each hangs on what it is of")
	return got
}

// answer asks the graph in its language.
func (p place) answer(t *testing.T, env map[string]string, sql, cypher string) []map[string]string {
	t.Helper()
	_, rows := csvTable(t, answered(t, env, "query", "--output", "csv", p.question(sql, cypher)))
	return rows
}

// requireQuiet checks that another run changes nothing.
func (p place) requireQuiet(t *testing.T, env map[string]string) {
	t.Helper()
	r := runJSON(t, exitDone, env)
	require.Zero(t, r.Totals.Created+r.Totals.Updated+r.Totals.Refreshed+r.Totals.Deleted, "%+v", r.Totals)
}

// Devices that agents have seen are in the graph with the one that another product knows, and make none. With Network
// Discovery it is said which are managed; without it there are those without an agent. None is deleted because a
// scanner slept, or because the list can't be read.
func TestDiscoveredDevicesOfALabelledFleet(t *testing.T) { onBothGraphs(t, discoveredOfALabelledFleet) }

func discoveredOfALabelledFleet(t *testing.T, p place) {
	s, env, spoilt := spoilable(t, p, "none")
	runJSON(t, exitDone, env)
	devices := p.answer(t, env, `SELECT count(*) AS n FROM device`, `MATCH (d:device) RETURN count(d) AS n`)

	env["SENTINELONE_COLLECT"] = "discovered"
	runJSON(t, exitDone, env)
	require.Empty(t, s.Mistakes())
	want := p.discoveredIn(t, env, s, true)
	require.Equal(t, want, p.discovered(t, env))
	require.Equal(t, devices, p.answer(t, env, `SELECT count(*) AS n FROM device`, `MATCH (d:device) RETURN count(d) AS n`),
		"what was seen makes no device")
	p.requireQuiet(t, env)

	ranger, rogues := "/ranger/table-view", "/rogues/table-view"
	refuse := func(how simulator.Refusal) {
		s.Refuse(ranger, how)
		s.Refuse(rogues, how)
	}
	for _, how := range []simulator.Refusal{simulator.NotPermitted, simulator.NotThere, simulator.NoRows} {
		refuse(how)
		r := runJSON(t, exitDone, env)
		require.Equal(t, executor.StatusUnavailable, stepNamed(t, r, "SENTINELONE_COLLECT", "discovered").Status)
		require.Zero(t, r.Totals.Deleted)
		require.Equal(t, want, p.discovered(t, env), "a licence that ends empties nothing")
	}
	refuse(simulator.Granted)
	spoilt.at(ranger, badGateway)
	r := runJSON(t, exitIncomplete, env, "run", "--retry-time", "100ms")
	spoilt.at("", nil)
	require.Zero(t, r.Totals.Deleted)
	require.Equal(t, want, p.discovered(t, env))

	s.Advance(simulator.Change{Clock: 24 * time.Hour})
	p.requireQuiet(t, env)

	fresh := p.bare(t)
	for _, how := range []simulator.Refusal{simulator.NotPermitted, simulator.NotThere, simulator.NoRows} {
		t.Run("without Network Discovery", func(t *testing.T) {
			p := fresh.bare(t)
			s.Refuse(ranger, how)
			defer s.Refuse(ranger, simulator.Granted)
			runJSON(t, exitDone, env)
			require.Equal(t, p.discoveredIn(t, env, s, false), p.discovered(t, env))
		})
	}
}

// discoveredIn gives what the graph must hold: whether it is managed, its site, and the device that it is.
func (p place) discoveredIn(
	t *testing.T, env map[string]string, s *simulator.Simulator, licensed bool,
) map[string]string {
	t.Helper()
	owners := map[string][]string{} // devices by address
	for _, row := range p.answer(t, env, `SELECT d._key AS device, m.value AS mac FROM device d, json_each(d.macAddresses) m`,
		`MATCH (d:device) UNWIND d.macAddresses AS mac RETURN d._key AS device, mac`) {
		owners[row["mac"]] = append(owners[row["mac"]], row["device"])
	}
	moved, deviceOf := map[int]bool{}, map[int]string{}
	links := map[string]string{}
	for _, row := range p.answer(t, env,
		`SELECT _from, _to FROM sentinelone_agent_protects_device UNION ALL SELECT _from, _to FROM ninjarmm_device_is_device UNION ALL SELECT _from, _to FROM immybot_computer_is_device`,
		`MATCH (a)-[:PROTECTS|IS]->(d:device) WHERE NOT a:sentinelone_discovered_device RETURN a._key AS _from, d._key AS _to`) {
		links[row["_from"]] = row["_to"]
	}
	for m := range s.Truth() {
		moved[m.Number] = m.Traits.Has(simulator.Moved) && m.Agent == ""
		deviceOf[m.Number] = firstOf(links, keysOf(&m))
	}
	want, linked, others := map[string]string{}, 0, 0
	for _, one := range s.Discovered() {
		managed, days := licensed && one.Licensed, 30
		if managed {
			days = 7
		}
		if one.LastSeen.Before(s.Now().AddDate(0, 0, -days)) || one.Managed && !managed {
			continue
		}
		device := ""
		if own := owners[one.MAC]; one.Machine >= 0 && len(own) == 1 && !moved[one.Machine] && !strings.HasPrefix(one.MAC, "00:15:5d") {
			device = own[0]
			require.Equal(t, deviceOf[one.Machine], device, "%+v", one)
		}
		linked, others = linked+digit(device != ""), others+digit(device == "")
		want[one.ID] = map[bool]string{true: "managed ", false: "unmanaged "}[one.Managed] + one.Site + " " + device
	}
	require.Greater(t, linked, 10)
	require.Greater(t, others, 10)
	return want
}

// discovered gives the same as the graph has it.
func (p place) discovered(t *testing.T, env map[string]string) map[string]string {
	t.Helper()
	got := map[string]string{}
	for _, row := range p.answer(t, env,
		`SELECT w.id, w.managedState AS state, s.id AS site, i._to AS device FROM sentinelone_discovered_device w
			JOIN sentinelone_site_has_discovered_device h ON h._to = w._key JOIN sentinelone_site s ON s._key = h._from
			LEFT JOIN sentinelone_discovered_device_is_device i ON i._from = w._key`,
		`MATCH (s:sentinelone_site)-[:HAS]->(w:sentinelone_discovered_device) OPTIONAL MATCH (w)-[:IS]->(d:device)
			RETURN w.id AS id, w.managedState AS state, s.id AS site, d._key AS device`) {
		got[row["id"]] = row["state"] + " " + row["site"] + " " + row["device"]
	}
	return got
}
