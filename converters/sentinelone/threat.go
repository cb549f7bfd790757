package sentinelone

import (
	"strings"
	"time"

	"assetgraph/collectors/sentinelone"
	"assetgraph/converters"
	"assetgraph/graph"
)

// A threat is a record, and what follows from how sure the console is.
type threat struct {
	*sentinelone.Threat
	severity string
	score    int64
}

func threats() *converters.Table[threat] {
	t := converters.Declare[threat]("sentinelone_threat", integration,
		"GET /web/api/v2.1/threats, those that are not resolved and those that were in the last 90 days", "Finding").Transient()
	t.Name(func(t *threat) string { return string(t.Info.ThreatName) })
	t.Text("category", "malware", func(*threat) string { return "malware" })
	t.Text("severity", "high for what is malicious, medium for what is suspicious, else informational",
		func(t *threat) string { return t.severity })
	t.Int("numericSeverity", "8, 5 or 1", func(t *threat) (int64, bool) { return t.score, t.score > 0 })
	t.Bool("open", "not resolved", (*threat).open)
	t.Text("status", "unresolved, in_progress or resolved", func(t *threat) string { return string(t.Info.IncidentStatus) })
	t.Text("classification", "such as Malware, Trojan, Ransomware or PUA",
		func(t *threat) string { return string(t.Info.Classification) })
	t.Text("confidence", "malicious, suspicious or n/a", func(t *threat) string { return string(t.Info.ConfidenceLevel) })
	t.Text("mitigationStatus", "not_mitigated, mitigated or marked_as_benign",
		func(t *threat) string { return string(t.Info.MitigationStatus) })
	t.Text("analystVerdict", "undefined, true_positive, false_positive or suspicious",
		func(t *threat) string { return string(t.Info.AnalystVerdict) })
	t.Text("detectionType", "static or dynamic", func(t *threat) string { return string(t.Info.DetectionType) })
	t.Texts("engines", "that found it", func(t *threat) graph.Value { return graph.TextsOf(t.Info.Engines...) })
	t.Text("sha1", "of the file", func(t *threat) string { return string(t.Info.SHA1) })
	t.Text("sha256", "of the file", func(t *threat) string { return string(t.Info.SHA256) })
	t.Bool("rebootRequired", "to mitigate it",
		func(t *threat) (bool, bool) { return t.Info.RebootRequired.B, t.Info.RebootRequired.Set })
	t.Text("siteId", "in which the agent is, or was when it found the threat", func(t *threat) string {
		return converters.FirstText(t.AgentNow.SiteID, t.AgentAtThatTime.SiteID)
	})
	t.Text("agentId", "absent when the console knows the agent no more",
		func(t *threat) string { return string(t.AgentNow.AgentID) })
	t.Time("identifiedOn", "", func(t *threat) time.Time { return t.Info.IdentifiedAt.Time })
	t.Time("createdOn", "", func(t *threat) time.Time { return t.Info.CreatedAt.Time })
	t.Volatile().Time("updatedOn", "moves with every action", func(t *threat) time.Time { return t.Info.UpdatedAt.Time })
	return t
}

// convertThreat makes the entity, and the relationship from the agent. Threats outlive agents: one whose agent is gone
// hangs on nothing.
func (t *types) convertThreat(record *sentinelone.Threat, id string, f *converters.Fragment) {
	v := &threat{Threat: record}
	v.severity, v.score = severity(string(record.Info.ConfidenceLevel))
	t.threat.Fill(f, id, v)
	f.Relate(t.agentIdentifiedThreat, trimmed(record.AgentNow.AgentID), id)
}

// severity says how grave a threat is, as far as the console tells how sure it is.
func severity(confidence string) (name string, score int64) {
	switch strings.ToLower(strings.TrimSpace(confidence)) {
	case "":
		return "", 0
	case "malicious":
		return "high", 8
	case "suspicious":
		return "medium", 5
	}
	return "informational", 1
}

func (t *threat) open() (open, known bool) {
	status := trimmed(t.Info.IncidentStatus)
	return status != "resolved", status != ""
}
