package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/executor"
	"assetgraph/internal/simulator"
)

// ninjaParts are NinjaRMM's parts and their routes.
func ninjaParts() map[string]string {
	return map[string]string{
		"health": "/v2/queries/device-health", "antivirus": "/v2/queries/antivirus-status", "volumes": "/v2/queries/volumes",
		"backups": "/v2/queries/backup/usage", "patches": "/v2/queries/os-patch-installs", "alerts": "/v2/alerts",
	}
}

// What NinjaRMM's reports and alerts tell of a labelled fleet is in both stores; a part that is refused, fails or is cut
// off changes nothing of it, and a part that people leave out is not there.
func TestNinjaPartsOfALabelledFleet(t *testing.T) { onBothGraphs(t, ninjaPartsOfALabelledFleet) }

func ninjaPartsOfALabelledFleet(t *testing.T, p place) {
	spoilt := &spoiler{}
	s, env := fleet(t, simulator.Options{Machines: 300, Customers: 6, Intercept: spoilt.intercept})
	env = p.env(env)
	runJSON(t, exitDone, env)
	require.Empty(t, s.Mistakes())
	want := p.toldByReports(t, env)
	checkReports(t, s, want)

	second := runJSON(t, exitDone, env)
	require.Zero(t, second.Totals.Created+second.Totals.Updated+second.Totals.Refreshed+second.Totals.Deleted, "%+v", second.Totals)

	for part, route := range ninjaParts() {
		for how, refusal := range map[string]simulator.Refusal{
			"not permitted": simulator.NotPermitted, "not there": simulator.NotThere, "no rows": simulator.NoRows,
		} {
			if part == "alerts" && refusal == simulator.NoRows {
				continue // good news
			}
			if p.server != nil && (refusal != simulator.NotPermitted || part != "volumes" && part != "alerts") {
				continue // a server meets one of a kind: what becomes of a refusal is decided before a store is asked
			}
			t.Run(part+" "+how, func(t *testing.T) {
				s.Refuse(route, refusal)
				defer s.Refuse(route, simulator.Granted)
				r := runJSON(t, exitDone, env)
				require.Equal(t, executor.StatusUnavailable, stepNamed(t, r, "NINJARMM_COLLECT", part).Status)
				require.Equal(t, executor.StatusComplete, r.Run.Status)
				require.Zero(t, r.Totals.Created+r.Totals.Updated+r.Totals.Deleted, "%+v", r.Totals)
				require.Equal(t, want, p.toldByReports(t, env))
			})
		}
		for how, spoil := range map[string]func(w http.ResponseWriter){
			"out of order": func(w http.ResponseWriter) { http.Error(w, "Bad Gateway", http.StatusBadGateway) },
			"cut":          func(w http.ResponseWriter) { _, _ = w.Write([]byte(`{"cursor":{"name":"x"},"results":[{"deviceId":1`)) },
			"refused by a gateway": func(w http.ResponseWriter) {
				w.Header().Set("Content-Type", "text/html")
				w.WriteHeader(http.StatusForbidden)
				_, _ = w.Write([]byte("<html><title>403 Forbidden</title></html>"))
			},
		} {
			if p.server != nil && (how != "cut" || part != "volumes" && part != "alerts") {
				continue
			}
			t.Run(part+" "+how, func(t *testing.T) {
				spoilt.at(route, spoil)
				defer spoilt.at("", nil)
				r := runJSON(t, exitIncomplete, env, "run", "--retry-time", "100ms")
				require.Contains(t, []string{executor.StatusFailed, executor.StatusIncomplete},
					stepNamed(t, r, "NINJARMM_COLLECT", part).Status)
				require.Zero(t, r.Totals.Created+r.Totals.Updated+r.Totals.Deleted, "%+v", r.Totals)
				require.Equal(t, want, p.toldByReports(t, env))
			})
		}
	}
	t.Run("no alerts any more", func(t *testing.T) {
		s.Refuse("/v2/alerts", simulator.NoRows)
		defer s.Refuse("/v2/alerts", simulator.Granted)
		r := runJSON(t, exitDone, env)
		require.Positive(t, r.Totals.Deleted)
		require.Empty(t, p.toldByReports(t, env).alerts)
		runJSON(t, exitDone, env)
	})
	t.Run("left out", func(t *testing.T) {
		env["NINJARMM_COLLECT"] = "health,alerts"
		defer delete(env, "NINJARMM_COLLECT")
		r := runJSON(t, exitDone, env)
		require.Equal(t, executor.StatusSkipped, stepNamed(t, r, "NINJARMM_COLLECT", "volumes").Status)
		for _, d := range p.toldByReports(t, env).devices {
			require.Empty(t, d["encrypted"]+d["malwareProtected"]+d["lastBackupOn"]+d["lastPatchedOn"])
		}
	})
}

// told is what the graph holds of what reports and alerts tell.
type told struct {
	devices map[string]map[string]string // properties by id
	alerts  []map[string]string
}

func (p place) toldByReports(t *testing.T, env map[string]string) told {
	t.Helper()
	devices := "id healthStatus pendingRebootReason pendingReboot osPatchesMissing alertCount criticalVulnerabilities malwareProtected " +
		"antivirusProducts antivirusUpToDate encrypted encryptionSuspended encryptionMethod unencryptedVolumes systemDriveBytes " +
		"systemDriveFreeBytes backedUp lastBackupOn lastFailedBackupOn lastPatchedOn"
	rows := p.ask(t, env, "ninjarmm_device", strings.Fields(devices))
	found := told{devices: map[string]map[string]string{}}
	for _, row := range rows {
		found.devices[row["id"]] = row
	}
	alerts := `SELECT a.id, a.name, a.open, a.severity, a.sourceType, a.createdOn, h._from AS device FROM ninjarmm_alert a
		LEFT JOIN ninjarmm_device_has_alert h ON h._to = a._key ORDER BY a.id`
	if p.server != nil {
		alerts = `MATCH (a:ninjarmm_alert) OPTIONAL MATCH (d:ninjarmm_device)-[:HAS]->(a) RETURN a.id AS id, a.name AS name, a.open AS open,
			a.severity AS severity, a.sourceType AS sourceType, a.createdOn AS createdOn, d._key AS device ORDER BY a.id`
	}
	_, found.alerts = csvTable(t, answered(t, env, "query", alerts, "--output", "csv"))
	return found
}

// ask reads properties of all entities of a type.
func (p place) ask(t *testing.T, env map[string]string, typ string, properties []string) []map[string]string {
	t.Helper()
	text := "SELECT " + strings.Join(properties, ", ") + " FROM " + typ + " ORDER BY _key"
	if p.server != nil {
		var list []string
		for _, name := range properties {
			list = append(list, "e."+name+" AS "+name)
		}
		text = "MATCH (e:" + typ + ") RETURN " + strings.Join(list, ", ") + " ORDER BY e._key"
	}
	_, rows := csvTable(t, answered(t, env, "query", text, "--output", "csv"))
	return rows
}

// checkReports compares what the graph holds with what is true.
func checkReports(t *testing.T, s *simulator.Simulator, got told) {
	t.Helper()
	var labels []simulator.AlertLabel
	devices := map[string]bool{}
	for id := range got.devices {
		devices[id] = true
	}
	labels = s.Alerts()
	require.Len(t, got.alerts, len(labels))
	loose := 0
	for _, l := range labels {
		for _, row := range got.alerts {
			if row["id"] != l.UID {
				continue
			}
			require.Equal(t, "true", plain(row["open"]))
			require.Equal(t, l.Source, row["sourceType"])
			device := ""
			if devices[l.Device] {
				device = "ninjarmm:ninjarmm_device:" + l.Device
			} else {
				loose++
			}
			require.Equal(t, device, row["device"])
		}
	}
	require.Equal(t, 1, loose, "one of a device that is gone")
	suspended := 0
	for _, d := range got.devices {
		if plain(d["encryptionSuspended"]) == "true" {
			suspended++
			require.Equal(t, "false", plain(d["encrypted"]))
			require.Contains(t, d["unencryptedVolumes"], "C:")
		}
	}
	require.Positive(t, suspended)
}
