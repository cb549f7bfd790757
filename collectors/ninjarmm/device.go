package ninjarmm

import (
	"github.com/go-json-experiment/json/jsontext"

	"assetgraph/collectors/internal/rawjson"
)

// Device is an item of /v2/devices-detailed: one struct for all values of deviceType. What a type does not have is
// absent, which is the rule and no error (docs/providers/ninjarmm-api.md, "Devices"). The flat fields of VMHost and
// VMGuest stand beside the nested ones of AgentDevice and MdmDevice.
type Device struct {
	ID             rawjson.Int   `json:"id"`
	UID            rawjson.Text  `json:"uid"`
	ParentDeviceID rawjson.Int   `json:"parentDeviceId"` // hypervisor of a guest, or agent that monitors it
	OrganizationID rawjson.Int   `json:"organizationId"`
	LocationID     rawjson.Int   `json:"locationId"`
	NodeClass      rawjson.Text  `json:"nodeClass"`
	NodeRoleID     rawjson.Int   `json:"nodeRoleId"`
	RolePolicyID   rawjson.Int   `json:"rolePolicyId"`
	PolicyID       OptionalID    `json:"policyId"` // only when set on the device itself
	ApprovalStatus rawjson.Text  `json:"approvalStatus"`
	Offline        rawjson.Bool  `json:"offline"`
	DisplayName    rawjson.Text  `json:"displayName"` // free text by technicians
	SystemName     rawjson.Text  `json:"systemName"`  // on Windows cut to 15 characters
	DNSName        rawjson.Text  `json:"dnsName"`     // an IP address for hosts and monitored devices
	NetbiosName    rawjson.Text  `json:"netbiosName"`
	Created        rawjson.Epoch `json:"created"`
	LastContact    rawjson.Epoch `json:"lastContact"` // zero for never
	Tags           rawjson.Texts `json:"tags"`

	AssignedOwnerUID rawjson.Text `json:"assignedOwnerUid"` // of the user whose device it is
	Maintenance      Maintenance  `json:"maintenance"`      // only while it is set
	References       References   `json:"references"`       // only with expand

	DeviceType       rawjson.Text  `json:"deviceType"`
	IPAddresses      rawjson.Texts `json:"ipAddresses"`
	MACAddresses     rawjson.Texts `json:"macAddresses"`
	PublicIP         rawjson.Texts `json:"publicIP"` // of the site's router
	LastLoggedInUser rawjson.Text  `json:"lastLoggedInUser"`

	OS         OperatingSystem `json:"os"`
	System     System          `json:"system"`
	Memory     Memory          `json:"memory"`
	Processors []Processor     `json:"processors"`

	Name         rawjson.Text  `json:"name"`
	Vendor       rawjson.Text  `json:"vendor"`
	Model        rawjson.Text  `json:"model"`
	ServiceTag   rawjson.Text  `json:"serviceTag"`
	CPUModel     rawjson.Text  `json:"cpuModel"`
	CPUCores     rawjson.Int   `json:"cpuCores"`
	MemorySize   rawjson.Int   `json:"memorySize"` // bytes
	LastBootTime rawjson.Epoch `json:"lastBootTime"`
	ReleaseName  rawjson.Text  `json:"releaseName"`
	Version      rawjson.Text  `json:"version"`
	BuildNumber  rawjson.Text  `json:"buildNumber"`

	GuestOSFullName rawjson.Text `json:"guestOSFullName"`
	GuestOSFamily   rawjson.Text `json:"guestOSFamily"`

	Posture    Posture `json:"-"` // from the reports
	RoleName   string  `json:"-"` // from /v2/roles; "" where not known
	PolicyName string  `json:"-"` // of the policy in force, from /v2/policies; "" where not known
	Console    string  `json:"-"` // address of the tenant's console; "" where there is none
}

// Maintenance is the time for which a technician has a device exempted from alerts and scripts.
type Maintenance struct {
	Status rawjson.Text  `json:"status"` // PENDING, IN_MAINTENANCE or FAILED
	Start  rawjson.Epoch `json:"start"`
	End    rawjson.Epoch `json:"end"`
}

// References is what expand adds to a device.
type References struct {
	Warranty Warranty `json:"warranty"`
}

// Warranty is the maker's, as far as NinjaOne or a technician has found it out; 0 for not known.
type Warranty struct {
	StartDate rawjson.Epoch `json:"startDate"`
	EndDate   rawjson.Epoch `json:"endDate"`
}

// OperatingSystem is os of an AgentDevice.
type OperatingSystem struct {
	Name         rawjson.Text  `json:"name"`
	Architecture rawjson.Text  `json:"architecture"`
	LastBootTime rawjson.Epoch `json:"lastBootTime"`
	BuildNumber  rawjson.Text  `json:"buildNumber"`
	ReleaseID    rawjson.Text  `json:"releaseId"`
	NeedsReboot  rawjson.Bool  `json:"needsReboot"`
}

// System is system of an AgentDevice or an MdmDevice.
type System struct {
	Name                rawjson.Text `json:"name"`
	Manufacturer        rawjson.Text `json:"manufacturer"`
	Model               rawjson.Text `json:"model"`
	BIOSSerialNumber    rawjson.Text `json:"biosSerialNumber"`
	SerialNumber        rawjson.Text `json:"serialNumber"`
	Domain              rawjson.Text `json:"domain"` // a DNS domain, a NetBIOS domain or a workgroup
	TotalPhysicalMemory rawjson.Int  `json:"totalPhysicalMemory"`
	VirtualMachine      rawjson.Bool `json:"virtualMachine"`
	ChassisType         rawjson.Text `json:"chassisType"`
	Build               rawjson.Text `json:"build"` // MdmDevice: of its operating system
}

// Memory is memory of an AgentDevice or an MdmDevice.
type Memory struct {
	Capacity rawjson.Int `json:"capacity"` // bytes
}

// Processor is one of processors.
type Processor struct {
	Name     rawjson.Text `json:"name"`
	NumCores rawjson.Int  `json:"numCores"`
}

// OptionalID is an id that some servers give as an empty array when there is none.
type OptionalID struct{ rawjson.Int }

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (o *OptionalID) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	if d.PeekKind() != jsontext.KindBeginArray {
		return o.Int.UnmarshalJSONFrom(d)
	}
	o.Int = rawjson.Int{}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	if d.PeekKind() != jsontext.KindEndArray {
		return rawjson.Unexpected(jsontext.KindBeginArray, "an id")
	}
	_, err := d.ReadToken()
	return err
}
