package sentinelone

import "assetgraph/collectors/internal/rawjson"

// A Threat is something that an agent has found; see docs/providers/sentinelone-api.md, "Threats". What names a person
// is never read: paths of files, users of processes, arguments, analysts.
type Threat struct {
	ID              rawjson.Text `json:"id"`
	Info            ThreatInfo   `json:"threatInfo"`
	AgentNow        ThreatAgent  `json:"agentRealtimeInfo"`  // null when the console has forgotten the agent
	AgentAtThatTime ThreatAgent  `json:"agentDetectionInfo"` // names no agentId
}

// ThreatInfo says what the threat is and how it stands.
type ThreatInfo struct {
	ThreatName       rawjson.Text  `json:"threatName"`
	Classification   rawjson.Text  `json:"classification"`  // Malware, Trojan, PUA, …; an open list
	ConfidenceLevel  rawjson.Text  `json:"confidenceLevel"` // malicious, suspicious, n/a
	IncidentStatus   rawjson.Text  `json:"incidentStatus"`  // unresolved, in_progress, resolved
	MitigationStatus rawjson.Text  `json:"mitigationStatus"`
	AnalystVerdict   rawjson.Text  `json:"analystVerdict"`
	DetectionType    rawjson.Text  `json:"detectionType"`
	Engines          rawjson.Texts `json:"engines"`
	SHA1             rawjson.Text  `json:"sha1"`
	SHA256           rawjson.Text  `json:"sha256"`
	RebootRequired   rawjson.Bool  `json:"rebootRequired"`
	IdentifiedAt     rawjson.Time  `json:"identifiedAt"`
	CreatedAt        rawjson.Time  `json:"createdAt"`
	UpdatedAt        rawjson.Time  `json:"updatedAt"` // moves with every action
}

// ThreatAgent says which agent, and where it is or was.
type ThreatAgent struct {
	AgentID   rawjson.Text `json:"agentId"`
	SiteID    rawjson.Text `json:"siteId"`
	AccountID rawjson.Text `json:"accountId"`
}

func (t *Threat) id() string { return trimmed(t.ID) }
