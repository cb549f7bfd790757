package simulator_test

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/simulator"
)

// reportWalk reads a report to the empty page, as the documentation says.
func (c *client) reportWalk(route, query string, size int) (rows []object, pages int) {
	c.t.Helper()
	asked, name := fmt.Sprintf("%s?pageSize=%d%s", route, size, query), ""
	for {
		page := decode[object](c.t, c.rmm(asked+name))
		cursor := page["cursor"].(object)
		require.Equal(c.t, len(rows), number(c.t, cursor["offset"]))
		next := "&cursor=" + cursor["name"].(string)
		require.Contains(c.t, []string{"", next}, name, "the name stays")
		name = next
		pages++
		results := objects(page["results"])
		if len(results) == 0 {
			return rows, pages
		}
		rows = append(rows, results...)
	}
}

func installedAfter(at time.Time) string {
	return "&installedAfter=" + strconv.FormatInt(at.Unix(), 10)
}

func TestReportsTellTheTruth(t *testing.T) {
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	c := start(t, simulator.Options{Machines: 300, Customers: 5, Now: now})
	device := func(row object, member string) string { return fmt.Sprint(row[member]) }
	on, drives, last, backup, missing := map[string]bool{}, map[string]object{}, map[string]float64{}, map[string]object{}, map[string]object{}
	rows, pages := c.reportWalk("/v2/queries/antivirus-status", "", 70)
	require.Greater(t, pages, 3)
	for _, row := range rows {
		on[device(row, "deviceId")] = on[device(row, "deviceId")] || row["productState"] == "ON"
	}
	rows, _ = c.reportWalk("/v2/queries/volumes", "&include=bl", 1000)
	for _, row := range rows {
		if row["name"] == "C:" {
			drives[device(row, "deviceId")] = row["bitLockerStatus"].(object)
		}
	}
	rows, _ = c.reportWalk("/v2/queries/os-patch-installs", installedAfter(now.AddDate(0, 0, -35)), 5000)
	for _, row := range rows {
		at, err := strconv.ParseFloat(fmt.Sprint(row["installedAt"]), 64)
		require.NoError(t, err)
		require.GreaterOrEqual(t, at, float64(now.AddDate(0, 0, -35).Unix()))
		if row["status"] == "INSTALLED" {
			last[device(row, "deviceId")] = max(last[device(row, "deviceId")], at)
		}
	}
	rows, _ = c.reportWalk("/v2/queries/backup/usage", "&includeLastBackupJobTimes=true", 1000)
	for _, row := range rows {
		backup[device(row, "id")] = row["references"].(object)["backupUsage"].(object)
	}
	rows, _ = c.reportWalk("/v2/queries/device-health", "", 1000)
	for _, row := range rows {
		missing[device(row, "deviceId")] = row
	}
	checked := 0
	for m := range c.s.Truth() {
		p, id := c.s.Posture(m.Number), strconv.Itoa(m.Device)
		if m.Device == 0 || p.OSPatchesMissing < 0 || m.Traits.Has(simulator.PendingRMM) {
			continue
		}
		checked++
		if m.Kind.Windows() {
			if p.Protects != simulator.Yes { // then nobody but NinjaRMM knows
				require.Equal(t, p.MalwareProtected == simulator.Yes, on[id], "%+v", m)
			}
			safe := drives[id]["conversionStatus"] == "FULLY_ENCRYPTED" && drives[id]["protectionStatus"] == "PROTECTED"
			require.Equal(t, p.Encrypted == simulator.Yes, safe, "%+v", m)
		}
		require.Equal(t, p.LastPatchedOn.IsZero(), last[id] == 0, "%+v", m)
		require.Equal(t, p.LastBackupOn.IsZero(), fmt.Sprint(backup[id]["lastSuccessfulBackupJob"]) == "0.0", "%+v", m)
		require.Equal(t, p.OSPatchesMissing, number(t, missing[id]["pendingOSPatchesCount"]), "%+v", m)
	}
	require.Greater(t, checked, 200)
	require.Empty(t, c.s.Mistakes())
}

func TestAlertsAreOfDevices(t *testing.T) {
	c := start(t, simulator.Options{Machines: 300, Customers: 5})
	devices := ids(t, append(c.rmmWalk("/v2/devices", 1000, ""), c.rmmWalk("/v2/devices", 1000, "status = PENDING")...))
	rows := decode[[]object](t, c.rmm("/v2/alerts"))
	uids, orphans := map[string]bool{}, 0
	for _, row := range rows {
		uids[row["uid"].(string)] = true
		if devices[fmt.Sprint(row["deviceId"])] == nil {
			orphans++
		}
	}
	require.Len(t, uids, len(rows))
	require.Equal(t, 1, orphans, "one of a device that is gone")
	require.Greater(t, len(rows), 20)

	some := decode[[]object](t, c.rmm("/v2/alerts?df="+url.PathEscape("org in (2, 5)")))
	require.NotEmpty(t, some)
	require.Less(t, len(some), len(rows))
	require.Empty(t, c.s.Mistakes())
}

func TestReportsThatATenantDoesNotHave(t *testing.T) {
	c := start(t, simulator.Options{BareReports: true})
	c.s.Refuse("/v2/queries/backup/usage", simulator.NotPermitted)
	c.s.Refuse("/v2/queries/device-health", simulator.NoRows)
	c.s.Refuse("/v2/alerts", simulator.NotThere)
	require.Equal(t, 403, c.rmm("/v2/queries/backup/usage?pageSize=10").status)
	require.Equal(t, 404, c.rmm("/v2/alerts").status)
	require.Empty(t, decode[object](t, c.rmm("/v2/queries/device-health?pageSize=10"))["results"])
	require.NotEmpty(t, decode[[]object](t, c.rmm("/v2/queries/antivirus-status?pageSize=10")), "an array without envelope")
}

func TestReportsAreStrict(t *testing.T) {
	first := func(c *client, query string) string {
		page := decode[object](c.t, c.rmm("/v2/queries/volumes?"+query))
		return "&cursor=" + page["cursor"].(object)["name"].(string)
	}
	check(t, []mistaken{
		{"no bounds", rmm("/v2/queries/os-patch-installs?pageSize=10"), 200, "installedAt", "the history has no bounds"},
		{"no date", rmm("/v2/queries/os-patch-installs?pageSize=10&installedAfter=yesterday"), 400, "FAILURE", "no number"},
		{"unknown parameter", rmm("/v2/queries/device-health?pageSize=10&after=5"), 200, "results", "unknown query parameter after"},
		{"backups by organization", rmm("/v2/queries/backup/usage?pageSize=10&df=org%20%3D%202"), 200, "results", "unknown query parameter df"},
		{"class", rmm("/v2/queries/device-health?pageSize=10&df=class%20%3D%20MAC"), 200, "WINDOWS_PM", "clause of df that reports do not honour"},
		{"no pageSize", rmm("/v2/queries/device-health"), 400, "FAILURE", "missing"},
		{"too many", rmm("/v2/queries/device-health?pageSize=5000"), 200, "results", "pageSize over 1000"},
		{"cursor of nobody", rmm("/v2/queries/volumes?pageSize=10&cursor=x"), 400, "FAILURE", "cursor that is not known"},
		{"other filters", func(c *client) answer {
			return c.rmm("/v2/queries/volumes?pageSize=10" + first(c, "pageSize=10&include=bl"))
		}, 200, "results", "route or filters changed under a cursor"},
		{"alerts by page", rmm("/v2/alerts?pageSize=10"), 200, "uid", "unknown query parameter pageSize"},
	})
}

// The server's clock is the fleet's.
func TestAnswersTellTheTime(t *testing.T) {
	c := start(t, simulator.Options{Now: time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC)})
	require.Equal(t, "Mon, 03 Feb 2031 04:05:06 GMT", c.rmm("/v2/roles").date)
}

// Rows of one device do not follow each other.
func TestRowsOfADeviceAreApart(t *testing.T) {
	c := start(t, simulator.Options{})
	rows, _ := c.reportWalk("/v2/queries/volumes", "&include=bl", 1000)
	var ids []string
	for _, row := range rows {
		ids = append(ids, fmt.Sprint(row["deviceId"]))
	}
	twice := map[string]int{}
	for _, id := range ids {
		twice[id]++
	}
	require.NotContains(t, strings.Join(ids, ","), strings.Join([]string{ids[0], ids[0]}, ","))
	require.Greater(t, len(ids), len(twice))
}
