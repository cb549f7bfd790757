package ninjarmm

import (
	"cmp"
	"strings"
	"time"

	provider "assetgraph/collectors/ninjarmm"
	"assetgraph/converters"
)

func alerts() *converters.Table[provider.Alert] {
	type alert = provider.Alert
	t := converters.Declare[alert]("ninjarmm_alert", Integration, "/v2/alerts", "Alert").Transient()
	t.Name(func(a *alert) string {
		return cmp.Or(converters.FirstText(a.Condition, a.SourceName), source(a))
	})
	t.Bool("open", "always: an alert that is reset is in the list no more",
		func(*alert) (bool, bool) { return true, true })
	t.Text("severity", "critical, major, moderate, minor or none, as people set it; absent on old servers",
		func(a *alert) string { return strings.ToLower(string(a.Severity)) })
	t.Text("priority", "high, medium, low or none",
		func(a *alert) string { return strings.ToLower(string(a.Priority)) })
	t.Text("sourceType", "what triggered it: CONDITION_AGENT_DISK_FREE_SPACE, AGENT_OFFLINE, …",
		func(a *alert) string { return string(a.SourceType) })
	t.Text("conditionName", "what people call the condition", func(a *alert) string { return string(a.Condition) })
	t.Text("conditionHealthStatus", "what the condition makes of the device's health",
		func(a *alert) string { return string(a.HealthStatus) })
	t.Time("createdOn", "", func(a *alert) time.Time { return a.Created.Time })
	t.Volatile().Time("updatedOn", "", func(a *alert) time.Time { return a.Updated.Time })
	return t
}

// source says in words what triggered the alert: "Agent offline".
func source(a *provider.Alert) string {
	words := strings.ReplaceAll(strings.TrimPrefix(string(a.SourceType), "CONDITION_"), "_", " ")
	if words == "" {
		return ""
	}
	return words[:1] + strings.ToLower(words[1:])
}

func (t *types) convertAlert(a *provider.Alert, id string, f *converters.Fragment) {
	t.alert.Fill(f, id, a)
	f.Relate(t.deviceHasAlert, idText(a.DeviceID.N), id)
}
