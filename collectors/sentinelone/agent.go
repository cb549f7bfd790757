package sentinelone

import (
	"assetgraph/collectors/internal/wire"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// An Agent is one installed agent; see docs/providers/sentinelone-api.md, "Agents". Every field but the id can be
// missing: consoles differ by version and licence. Its licenseKey is never read.
type Agent struct {
	ID                     wire.Text                `json:"id"` // new after a reinstall
	UUID                   wire.Text                `json:"uuid"`
	AccountID              wire.Text                `json:"accountId"`
	SiteID                 wire.Text                `json:"siteId"`
	GroupID                wire.Text                `json:"groupId"`
	ComputerName           wire.Text                `json:"computerName"`
	Domain                 wire.Text                `json:"domain"` // WORKGROUP and unknown too
	SerialNumber           wire.Text                `json:"serialNumber"`
	ExternalIP             wire.Text                `json:"externalIp"` // as the console sees it
	LastIPToMgmt           wire.Text                `json:"lastIpToMgmt"`
	NetworkInterfaces      []NetworkInterface       `json:"networkInterfaces"`
	OSName                 wire.Text                `json:"osName"`
	OSType                 wire.Text                `json:"osType"` // windows, linux, macos, windows_legacy
	OSRevision             wire.Text                `json:"osRevision"`
	OSArch                 wire.Text                `json:"osArch"`
	ModelName              wire.Text                `json:"modelName"` // "vendor - model", or both run together
	AgentVersion           wire.Text                `json:"agentVersion"`
	MachineType            wire.Text                `json:"machineType"`
	IsActive               wire.Bool                `json:"isActive"` // online
	Infected               wire.Bool                `json:"infected"`
	ActiveThreats          wire.Int                 `json:"activeThreats"`
	IsDecommissioned       wire.Bool                `json:"isDecommissioned"`
	IsUninstalled          wire.Bool                `json:"isUninstalled"`
	IsUpToDate             wire.Bool                `json:"isUpToDate"`
	NetworkStatus          wire.Text                `json:"networkStatus"` // of the quarantine, not online or offline
	MitigationMode         wire.Text                `json:"mitigationMode"`
	ScanStatus             wire.Text                `json:"scanStatus"`
	ScanFinishedAt         wire.Time                `json:"scanFinishedAt"`
	LastSuccessfulScanDate wire.Time                `json:"lastSuccessfulScanDate"`
	LastLoggedInUserName   wire.Text                `json:"lastLoggedInUserName"`
	Tags                   Tags                     `json:"tags"`
	CloudProviders         map[string]CloudProvider `json:"cloudProviders"` // by AWS, Azure, GCP, Kubernetes, …
	CreatedAt              wire.Time                `json:"createdAt"`
	UpdatedAt              wire.Time                `json:"updatedAt"` // moves with every check-in
	RegisteredAt           wire.Time                `json:"registeredAt"`
	LastActiveDate         wire.Time                `json:"lastActiveDate"` // last check-in
}

func (a *Agent) id() string { return text(a.ID) }

// A NetworkInterface is one of an agent's. gatewayMacAddress is the router's and is not read: as a property of the
// machine it would make all machines of an office look like one.
type NetworkInterface struct {
	Physical wire.Text  `json:"physical"` // MAC address, in any spelling
	Inet     wire.Texts `json:"inet"`
	Inet6    wire.Texts `json:"inet6"`
}

// A CloudProvider says where a cloud provider runs the machine.
type CloudProvider struct {
	CloudInstanceID wire.Text `json:"cloudInstanceId"`
}

// A Tag is an endpoint tag of an agent.
type Tag struct {
	Key   wire.Text `json:"key"`
	Value wire.Text `json:"value"`
}

// Tags are the tags of an agent, which come as {"sentinelone": [...]}, as the list alone, as null or not at all.
type Tags []Tag

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (t *Tags) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	*t = nil
	switch kind := d.PeekKind(); kind {
	case jsontext.KindNull:
		return d.SkipValue()
	case jsontext.KindBeginArray:
		return json.UnmarshalDecode(d, (*[]Tag)(t))
	case jsontext.KindBeginObject:
		var v struct {
			SentinelOne []Tag `json:"sentinelone"`
		}
		err := json.UnmarshalDecode(d, &v)
		*t = v.SentinelOne
		return err
	default:
		return wire.Unexpected(kind, "an object with tags")
	}
}
