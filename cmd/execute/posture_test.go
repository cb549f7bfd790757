package main

import (
	"maps"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/neo4jserver/neo4jtest"
	"assetgraph/internal/simulator"
)

const (
	postureSQL = `SELECT d._key AS device, d.encrypted, d.firewallEnabled, d.pendingReboot, d.warrantyEndsOn, d.malwareProtected,
		d.lastBackupOn, d.lastPatchedOn, d.osPatchesMissing, d.openThreats, (SELECT json_extract(p.email, '$[0]') FROM person_uses_device u JOIN person p ON p._key = u._from WHERE u._to = d._key) AS owner
		FROM device d ORDER BY d._key`
	postureCypher = `MATCH (d:device) OPTIONAL MATCH (p:person)-[:USES]->(d)
		RETURN d._key AS device, d.encrypted AS encrypted, d.firewallEnabled AS firewallEnabled, d.pendingReboot AS pendingReboot,
		d.warrantyEndsOn AS warrantyEndsOn, d.malwareProtected AS malwareProtected, d.lastBackupOn AS lastBackupOn,
		d.lastPatchedOn AS lastPatchedOn, d.osPatchesMissing AS osPatchesMissing, d.openThreats AS openThreats, p.email[0] AS owner ORDER BY d._key`
)

// The posture of a labelled fleet is exact in both stores: what the records tell, and nothing where they tell nothing.
// To read it costs no request, and an unchanged run writes nothing.
func TestPostureOfALabelledFleet(t *testing.T) {
	workIn(t)
	s, env := fleet(t, simulator.Options{Machines: 400, Customers: 6})
	server := neo4jtest.Borrow(t)
	for name, store := range map[string]struct {
		env   map[string]string
		args  []string
		query string
		is    string
	}{
		"SQLite": {query: postureSQL, is: "select _from, _to from %s"},
		"Neo4j": {
			env:  map[string]string{"GRAPH_DB_USERNAME": server.Username, "GRAPH_DB_PASSWORD": server.Password},
			args: []string{"--graph", server.Endpoint}, query: postureCypher,
			is: "MATCH (a)-[r]->(b:device) WHERE r._type = '%s' RETURN a._key AS _from, b._key AS _to",
		},
	} {
		t.Run(name, func(t *testing.T) {
			all := maps.Clone(env)
			maps.Copy(all, store.env)
			s.Forget()
			runJSON(t, exitDone, all, store.args...)
			require.Empty(t, s.Mistakes())
			ask := func(text string) []map[string]string {
				_, rows := csvTable(t, answered(t, store.env, append([]string{"query", text, "--output", "csv"}, store.args...)...))
				return rows
			}
			got := map[string]map[string]string{}
			for _, row := range ask(store.query) {
				got[row["device"]] = row
			}
			deviceOf := map[string]string{}
			for _, link := range []string{"sentinelone_agent_protects_device", "ninjarmm_device_is_device", "immybot_computer_is_device"} {
				for _, r := range ask(strings.ReplaceAll(store.is, "%s", link)) {
					deviceOf[r["_from"]] = r["_to"]
				}
			}
			checkPosture(t, s, deviceOf, got)

			second := runJSON(t, exitDone, all, store.args...)
			require.Zero(t, second.Totals.Created+second.Totals.Updated+second.Totals.Deleted, "%+v", second.Totals)
		})
	}
}

// checkPosture compares what devices say with what is true, and counts what is unknown.
func checkPosture(t *testing.T, s *simulator.Simulator, deviceOf map[string]string, got map[string]map[string]string) {
	t.Helper()
	checked, unknown := 0, map[string]int{}
	for m := range s.Truth() {
		device := firstOf(deviceOf, keysOf(&m))
		if device == "" {
			continue
		}
		checked++
		p := s.Posture(m.Number)
		for name, want := range map[string]string{
			"encrypted": written(p.Encrypted), "firewallEnabled": written(p.FirewallEnabled),
			"pendingReboot": written(p.PendingReboot), "owner": p.Owner, "malwareProtected": written(p.MalwareProtected),
		} {
			require.Equal(t, want, plain(got[device][name]), "%s of %s: %+v", name, device, m)
			unknown[name] += digit(want == "")
		}
		for name, want := range map[string]time.Time{
			"warrantyEndsOn": p.WarrantyEndsOn, "lastBackupOn": p.LastBackupOn, "lastPatchedOn": p.LastPatchedOn,
		} {
			text := got[device][name]
			unknown[name] += digit(text == "")
			require.Equal(t, want.IsZero(), text == "", "%s of %s: %+v", name, device, m)
			if text != "" {
				at, err := time.Parse(time.RFC3339, text)
				require.NoError(t, err)
				require.True(t, at.Equal(want), "%s, not %s", text, want)
			}
		}
		for name, want := range map[string]int{"osPatchesMissing": p.OSPatchesMissing, "openThreats": p.OpenThreats} {
			number := got[device][name]
			unknown[name] += digit(number == "")
			require.Equal(t, want < 0, number == "", "%s of %s: %+v", name, device, m)
			if number != "" {
				require.Equal(t, strconv.Itoa(want), number, "%s of %s: %+v", name, device, m)
			}
		}
	}
	t.Logf("%d machines, unknown: %v", checked, unknown)
	require.Greater(t, checked, 330)
	require.Len(t, unknown, 10)
	for name, n := range unknown {
		require.Positive(t, n, name)
		require.Less(t, n, checked, name)
	}
}

func written(a simulator.Answer) string { return [...]string{"", "false", "true"}[a] }

// plain writes SQLite's truth values as Neo4j's.
func plain(value string) string {
	switch value {
	case "0":
		return "false"
	case "1":
		return "true"
	}
	return value
}

func digit(b bool) int {
	if b {
		return 1
	}
	return 0
}
