package sentinelone

import "assetgraph/collectors/internal/rawjson"

// A Policy says what agents do in one account, site or group; see docs/providers/sentinelone-api.md, "Policies". Who
// changed it is never read.
type Policy struct {
	Scope PolicyScope `json:"-"`

	MitigationMode           rawjson.Text            `json:"mitigationMode"` // detect, protect
	MitigationModeSuspicious rawjson.Text            `json:"mitigationModeSuspicious"`
	Engines                  map[string]rawjson.Text `json:"engines"` // on or off, by name
	AntiTamperingOn          rawjson.Bool            `json:"antiTamperingOn"`
	SnapshotsOn              rawjson.Bool            `json:"snapshotsOn"`
	NetworkQuarantineOn      rawjson.Bool            `json:"networkQuarantineOn"`
	AutoDecommissionOn       rawjson.Bool            `json:"autoDecommissionOn"`
	AutoDecommissionDays     rawjson.Int             `json:"autoDecommissionDays"`
	AllowRemoteShell         rawjson.Bool            `json:"allowRemoteShell"`
	InheritedFrom            rawjson.Text            `json:"inheritedFrom"` // site, account, global; null for one of its own
	UpdatedAt                rawjson.Time            `json:"updatedAt"`
}

// The levels of a policy.
const (
	LevelAccount = "account"
	LevelSite    = "site"
	LevelGroup   = "group"
)

// A PolicyScope is where a policy is of its own. A policy has no id but that of its scope.
type PolicyScope struct {
	Level  string
	ID     string
	Name   string // of the account, site or group
	SiteID string // of the site, or that the group is in
}

// Key returns what stands for a policy of the scope: "site:17".
func (s PolicyScope) Key() string { return s.Level + ":" + s.ID }

// A PolicyInForce says whose policy is in force in a group.
type PolicyInForce struct {
	GroupID string
	Policy  PolicyScope
}
