package sentinelone

import (
	"assetgraph/collectors/internal/rawjson"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// An Agent is one installed agent; see docs/providers/sentinelone-api.md, "Agents". Every field but the id can be
// missing: consoles differ by version and licence. Its licenseKey is never read.
type Agent struct {
	ID                       rawjson.Text             `json:"id"` // new after a reinstall
	UUID                     rawjson.Text             `json:"uuid"`
	AccountID                rawjson.Text             `json:"accountId"`
	AccountName              rawjson.Text             `json:"accountName"`
	SiteID                   rawjson.Text             `json:"siteId"`
	SiteName                 rawjson.Text             `json:"siteName"`
	GroupID                  rawjson.Text             `json:"groupId"`
	GroupName                rawjson.Text             `json:"groupName"`
	ComputerName             rawjson.Text             `json:"computerName"`
	Domain                   rawjson.Text             `json:"domain"` // WORKGROUP and unknown too
	ActiveDirectory          ActiveDirectory          `json:"activeDirectory"`
	SerialNumber             rawjson.Text             `json:"serialNumber"`
	ExternalIP               rawjson.Text             `json:"externalIp"` // as the console sees it
	LastIPToMgmt             rawjson.Text             `json:"lastIpToMgmt"`
	NetworkInterfaces        []NetworkInterface       `json:"networkInterfaces"`
	OSName                   rawjson.Text             `json:"osName"`
	OSType                   rawjson.Text             `json:"osType"` // windows, linux, macos, windows_legacy
	OSRevision               rawjson.Text             `json:"osRevision"`
	OSArch                   rawjson.Text             `json:"osArch"`
	ModelName                rawjson.Text             `json:"modelName"` // "vendor - model", or both run together
	CPUID                    rawjson.Text             `json:"cpuId"`     // the processor's name
	CoreCount                rawjson.Int              `json:"coreCount"`
	TotalMemory              rawjson.Int              `json:"totalMemory"` // MiB
	OSStartTime              rawjson.Time             `json:"osStartTime"`
	AgentVersion             rawjson.Text             `json:"agentVersion"`
	MachineType              rawjson.Text             `json:"machineType"`
	IsActive                 rawjson.Bool             `json:"isActive"` // online
	Infected                 rawjson.Bool             `json:"infected"`
	ActiveThreats            rawjson.Int              `json:"activeThreats"`
	IsDecommissioned         rawjson.Bool             `json:"isDecommissioned"`
	IsUninstalled            rawjson.Bool             `json:"isUninstalled"`
	IsPendingUninstall       rawjson.Bool             `json:"isPendingUninstall"`
	IsUpToDate               rawjson.Bool             `json:"isUpToDate"`
	OperationalState         rawjson.Text             `json:"operationalState"` // na = works
	DetectionState           rawjson.Text             `json:"detectionState"`
	UserActionsNeeded        rawjson.Texts            `json:"userActionsNeeded"`
	MissingPermissions       rawjson.Texts            `json:"missingPermissions"` // of macOS
	ThreatRebootRequired     rawjson.Bool             `json:"threatRebootRequired"`
	EncryptedApplications    rawjson.Bool             `json:"encryptedApplications"` // disk encryption, despite its name
	FirewallEnabled          rawjson.Bool             `json:"firewallEnabled"`
	AppsVulnerability        rawjson.Text             `json:"appsVulnerabilityStatus"`
	ConsoleMigration         rawjson.Text             `json:"consoleMigrationStatus"` // N/A for none
	NetworkStatus            rawjson.Text             `json:"networkStatus"`          // of the quarantine, not online or offline
	MitigationMode           rawjson.Text             `json:"mitigationMode"`         // of the policy in force
	MitigationModeSuspicious rawjson.Text             `json:"mitigationModeSuspicious"`
	ScanStatus               rawjson.Text             `json:"scanStatus"`
	ScanFinishedAt           rawjson.Time             `json:"scanFinishedAt"`
	LastSuccessfulScanDate   rawjson.Time             `json:"lastSuccessfulScanDate"`
	LastLoggedInUserName     rawjson.Text             `json:"lastLoggedInUserName"`
	Tags                     Tags                     `json:"tags"`
	CloudProviders           map[string]CloudProvider `json:"cloudProviders"` // by AWS, Azure, GCP, Kubernetes, …
	CreatedAt                rawjson.Time             `json:"createdAt"`
	UpdatedAt                rawjson.Time             `json:"updatedAt"` // moves with every check-in
	RegisteredAt             rawjson.Time             `json:"registeredAt"`
	LastActiveDate           rawjson.Time             `json:"lastActiveDate"` // last check-in
}

func (a *Agent) id() string { return trimmed(a.ID) }

// A NetworkInterface is one of an agent's. gatewayMacAddress is the router's and is not read: as a property of the
// machine it would make all machines of an office look like one.
type NetworkInterface struct {
	Physical rawjson.Text  `json:"physical"` // MAC address, in any spelling
	Inet     rawjson.Texts `json:"inet"`
	Inet6    rawjson.Texts `json:"inet6"`
}

// ActiveDirectory is what the directory calls the machine. What it says of the last user is not read: names and groups
// of a person that no question needs.
type ActiveDirectory struct {
	ComputerDistinguishedName rawjson.Text `json:"computerDistinguishedName"`
}

// A CloudProvider says where a cloud provider runs the machine.
type CloudProvider struct {
	CloudInstanceID rawjson.Text `json:"cloudInstanceId"`
	CloudAccount    rawjson.Text `json:"cloudAccount"`
	CloudLocation   rawjson.Text `json:"cloudLocation"` // region, or zone
}

// A Tag is an endpoint tag of an agent.
type Tag struct {
	Key   rawjson.Text `json:"key"`
	Value rawjson.Text `json:"value"`
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
		return rawjson.Unexpected(kind, "an object with tags")
	}
}
