package simulator

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// What NinjaRMM's reports and alerts say of the facts in posture.go.

// tells reports whether an agent of NinjaRMM on the machine tells of it. Those that watch hypervisors, phones and
// network gear from outside do not.
func (q *reportQuery) tells(slot int) bool { return q.f.deviceType(slot) == "AgentDevice" }

// health writes a row of device-health, which there is of every device. Rows of before 2026 have no vulnerabilities.
func (q *reportQuery) health(w *jsonWriter, slot, _ int) {
	f, i := q.f, slot/deviceSlots
	agent := q.tells(slot)
	missing, alerts := 0, len(f.alerts(slot))
	if agent {
		missing = f.missingPatches(i)
	}
	w.num("activeThreatsCount", 0)
	w.num("quarantinedThreatsCount", 0)
	w.num("blockedThreatsCount", 0)
	w.num("failedOSPatchesCount", digit(agent && i%16 == 3))
	w.num("pendingOSPatchesCount", missing)
	w.num("alertCount", alerts)
	w.num("activeJobCount", 0)
	w.num("failedSoftwarePatchesCount", 0)
	w.num("pendingSoftwarePatchesCount", digit(agent)*(i%4))
	w.raw("productsInstallationStatuses", "{}")
	w.flag("offline", !f.deviceOnline(slot))
	w.flag("parentOffline", false)
	w.str("healthStatus", [...]string{"HEALTHY", "NEEDS_ATTENTION", "UNHEALTHY"}[min(alerts, 2)])
	w.num("installationIssuesCount", 0)
	if agent && f.reportsReboot(i) {
		w.str("pendingRebootReason", "WINDOWS_PM")
	}
	if agent && i%2 == 0 {
		w.num("criticalVulnerabilityCount", i%3)
		w.num("highVulnerabilityCount", i%5)
		w.num("mediumVulnerabilityCount", 0)
		w.num("lowVulnerabilityCount", 0)
	}
}

// hasAntivirus: Windows alone tells; a machine with two products has two rows.
func (q *reportQuery) hasAntivirus(slot, row int) bool {
	i := slot / deviceSlots
	return q.tells(slot) && q.f.states[i].kind.Windows() && (row == 0 || q.f.twoProducts(i))
}

// antivirus writes Defender, which is off beside another product, and that one.
func (q *reportQuery) antivirus(w *jsonWriter, slot, row int) {
	f, i := q.f, slot/deviceSlots
	name, on := "Windows Defender", !f.twoProducts(i) && !f.antivirusOff(i)
	if row == 1 {
		name, on = "Example Antivirus", !f.antivirusOff(i)
	}
	w.str("productName", name)
	w.str("productState", [...]string{"OFF", "ON"}[digit(on)])
	w.str("definitionStatus", [...]string{"Up-to-Date", "Out-of-Date"}[digit(f.definitionsOld(i))])
	w.str("version", "4.18.24010.12")
	w.epoch("timestamp", f.seenAt(i, StaleRMM))
}

func (q *reportQuery) hasVolume(slot, row int) bool {
	return q.tells(slot) && row < q.f.volumeCount(slot/deviceSlots)
}

func (q *reportQuery) volume(w *jsonWriter, slot, row int) {
	q.f.volume(w, slot/deviceSlots, row, q.include)
	w.epoch("timestamp", q.f.seenAt(slot/deviceSlots, StaleRMM))
}

// backup writes a row of backup/usage: every device has one, with zeros where nothing is backed up.
func (q *reportQuery) backup(w *jsonWriter, slot, _ int) {
	f, i := q.f, slot/deviceSlots
	size := 0
	last, failed := time.Time{}, time.Time{}
	if q.tells(slot) {
		last, failed = f.lastBackup(i), f.lastFailedBackup(i)
		size = digit(!last.IsZero()) * (1 << 35)
	}
	w.str("systemName", f.hostname(i))
	w.open("references", '{')
	w.open("backupUsage", '{')
	w.num("revisionsTotalSize", size)
	w.num("revisionsCurrentSize", size/2)
	w.num("revisionsPreviousSize", size/2)
	w.num("cloudTotalSize", size)
	w.num("localTotalSize", 0)
	if q.times {
		w.epochOrZero("lastSuccessfulBackupJob", last)
		w.epochOrZero("lastFailedBackupJob", failed)
	}
	w.end('}')
	w.end('}')
}

// epochOrZero writes 0 for never.
func (w *jsonWriter) epochOrZero(k string, t time.Time) {
	if t.IsZero() {
		w.raw(k, "0.0")
		return
	}
	w.epoch(k, t)
}

// A patching is one row of the history of patches.
type patching struct {
	at     time.Time
	status string
}

// patching returns a row of the history: the newest patch, an older one, and one that failed since.
func (q *reportQuery) patching(slot, row int) (p patching, exists bool) {
	f, i := q.f, slot/deviceSlots
	if kind := f.states[i].kind; !q.tells(slot) || !kind.Windows() && kind != Mac {
		return p, false
	}
	last := f.lastPatch(i)
	return [...]patching{
		{last, "INSTALLED"}, {last.Add(-7 * 24 * time.Hour), "INSTALLED"}, {last.Add(24 * time.Hour), "FAILED"},
	}[row], row < 2 || i%16 == 3
}

func (q *reportQuery) hasPatch(slot, row int) bool {
	p, exists := q.patching(slot, row)
	return exists && !p.at.Before(q.since)
}

func (q *reportQuery) patch(w *jsonWriter, slot, row int) {
	p, exists := q.patching(slot, row)
	if !exists { // of the device that is gone
		p = patching{q.f.start, "INSTALLED"}
	}
	w.str("id", q.f.guid(-40_000-slot%50-row, topicDetail)) // of the patch: all devices share it
	w.str("name", "Cumulative Update for Windows 11 (KB5098888)")
	w.str("severity", "CRITICAL")
	w.str("type", "SECURITY_UPDATES")
	w.epoch("timestamp", q.f.seenAt(slot/deviceSlots, StaleRMM))
	w.str("kbNumber", "KB5098888")
	w.str("status", p.status)
	w.epoch("installedAt", p.at)
}

const alertsRoute = "/v2/alerts"

// alertsPerDevice is how many alerts a device has at most.
const alertsPerDevice = 2

// An alert is a condition that is triggered.
type alert struct {
	source, condition, severity, priority, health string
	since                                         time.Time
}

// alerts are those of a device, which no guest has. Old servers give neither severity nor priority nor the name of the
// condition.
func (f *fleet) alerts(slot int) (all []alert) {
	i := slot / deviceSlots
	if slot%deviceSlots != 0 {
		return nil
	}
	day := 24 * time.Hour
	if i%14 == 6 {
		all = append(all, alert{
			"CONDITION_AGENT_DISK_FREE_SPACE", "Disk almost full", "MAJOR", "HIGH", "UNHEALTHY",
			f.start.Add(-time.Duration(i%70) * day),
		})
	}
	if i%10 == 4 {
		all = append(all, alert{source: "AGENT_OFFLINE", since: f.start.Add(-time.Duration(i%45)*day - time.Hour)})
	}
	return all
}

// alertList is GET /v2/alerts: all that are triggered, in one array.
func (n *ninja) alertList(c *call) {
	c.knows("sourceType", "df", "lang", "tz")
	if n.refuses(c, alertsRoute) {
		return
	}
	q := &reportQuery{f: c.f, key: c.route + c.query.Get("df"), of: c.reportFilter()}
	if source := c.query.Get("sourceType"); source != "" {
		c.mistake("sourceType is not played")
	}
	rows := q.rows(alertRows())
	c.stream("[", rows, n.renderAlert, "]")
}

// alertRows are those of alerts, as if they were a report.
func alertRows() report {
	return report{perDevice: alertsPerDevice, has: func(q *reportQuery, slot, row int) bool {
		return row < len(q.f.alerts(slot))
	}}
}

// renderAlert writes an alert. What people are told may hold what no graph should.
func (n *ninja) renderAlert(w *jsonWriter, number int) {
	f := n.s.fleet
	a, id, updated := alert{source: "AGENT_OFFLINE", since: f.start}, orphanID, f.start
	if uint32(number) != orphan {
		slot := number / alertsPerDevice
		a, id = f.alerts(slot)[number%alertsPerDevice], f.deviceID(slot)
		updated = a.since.Add(time.Duration(f.states[slot/deviceSlots].seen) * time.Minute)
	}
	w.begin('{')
	w.str("uid", f.alertUID(number))
	w.num("deviceId", id)
	w.str("message", "Ask Kim; local administrator: "+n.s.secrets.note)
	w.epoch("createTime", a.since)
	w.epoch("updateTime", updated)
	w.str("sourceType", a.source)
	w.str("sourceConfigUid", f.guid(-60_000-len(a.source), topicDetail))
	w.str("sourceName", "")
	w.str("subject", n.s.secrets.note)
	if a.condition != "" {
		w.str("severity", a.severity)
		w.str("priority", a.priority)
		w.str("conditionName", a.condition)
		w.str("conditionHealthStatus", a.health)
	}
	w.nulls("psaTicketId")
	w.raw("data", fmt.Sprintf(`{"message":{"code":%q,"params":{"note":%q}}}`,
		strings.ToLower(cmp.Or(a.condition, a.source)), n.s.secrets.note))
	w.end('}')
}

func (f *fleet) alertUID(number int) string { return f.guid(-1_000_000-number, topicID) }

// An AlertLabel says which alert there is, and of which device.
type AlertLabel struct{ UID, Device, Source string }

// Alerts lists the alerts that are triggered, one of a device that is gone among them.
func (s *Simulator) Alerts() []AlertLabel {
	f := s.fleet
	q := &reportQuery{f: f, key: "alerts"}
	rows := q.rows(alertRows())
	f.mu.RLock()
	defer f.mu.RUnlock()
	var labels []AlertLabel
	for _, number := range rows {
		l := AlertLabel{f.alertUID(int(number)), strconv.Itoa(orphanID), "AGENT_OFFLINE"}
		if number != orphan {
			slot := int(number) / alertsPerDevice
			l.Device, l.Source = strconv.Itoa(f.deviceID(slot)), f.alerts(slot)[int(number)%alertsPerDevice].source
		}
		labels = append(labels, l)
	}
	return labels
}
