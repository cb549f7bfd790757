package ninjarmm

import (
	"github.com/go-json-experiment/json/jsontext"

	"assetgraph/collectors/internal/wire"
)

// Device is an item of /v2/devices-detailed: one struct for all values of deviceType. What a type does not have is
// absent, which is the rule and no error (docs/providers/ninjarmm-api.md, "Devices"). The flat fields of VMHost and
// VMGuest stand beside the nested ones of AgentDevice and MdmDevice.
type Device struct {
	ID             wire.Int   `json:"id"`
	UID            wire.Text  `json:"uid"`
	ParentDeviceID wire.Int   `json:"parentDeviceId"` // hypervisor of a guest, or agent that monitors it
	OrganizationID wire.Int   `json:"organizationId"`
	LocationID     wire.Int   `json:"locationId"`
	NodeClass      wire.Text  `json:"nodeClass"`
	NodeRoleID     wire.Int   `json:"nodeRoleId"`
	RolePolicyID   wire.Int   `json:"rolePolicyId"`
	PolicyID       OptionalID `json:"policyId"` // only when set on the device itself
	ApprovalStatus wire.Text  `json:"approvalStatus"`
	Offline        wire.Bool  `json:"offline"`
	DisplayName    wire.Text  `json:"displayName"` // free text by technicians
	SystemName     wire.Text  `json:"systemName"`  // on Windows cut to 15 characters
	DNSName        wire.Text  `json:"dnsName"`     // an IP address for hosts and monitored devices
	NetbiosName    wire.Text  `json:"netbiosName"`
	Created        wire.Epoch `json:"created"`
	LastContact    wire.Epoch `json:"lastContact"` // zero for never
	Tags           wire.Texts `json:"tags"`

	DeviceType       wire.Text  `json:"deviceType"`
	IPAddresses      wire.Texts `json:"ipAddresses"`
	MACAddresses     wire.Texts `json:"macAddresses"`
	PublicIP         wire.Texts `json:"publicIP"` // of the site's router
	LastLoggedInUser wire.Text  `json:"lastLoggedInUser"`

	OS         OperatingSystem `json:"os"`
	System     System          `json:"system"`
	Memory     Memory          `json:"memory"`
	Processors []Processor     `json:"processors"`

	Name         wire.Text  `json:"name"`
	Vendor       wire.Text  `json:"vendor"`
	Model        wire.Text  `json:"model"`
	ServiceTag   wire.Text  `json:"serviceTag"`
	CPUModel     wire.Text  `json:"cpuModel"`
	CPUCores     wire.Int   `json:"cpuCores"`
	MemorySize   wire.Int   `json:"memorySize"` // bytes
	LastBootTime wire.Epoch `json:"lastBootTime"`
	ReleaseName  wire.Text  `json:"releaseName"`
	Version      wire.Text  `json:"version"`
	BuildNumber  wire.Text  `json:"buildNumber"`

	GuestOSFullName wire.Text `json:"guestOSFullName"`
	GuestOSFamily   wire.Text `json:"guestOSFamily"`

	RoleName   string `json:"-"` // from /v2/roles; "" where not known
	PolicyName string `json:"-"` // of the policy in force, from /v2/policies; "" where not known
	Console    string `json:"-"` // address of the tenant's console; "" where there is none
}

// OperatingSystem is os of an AgentDevice.
type OperatingSystem struct {
	Name         wire.Text  `json:"name"`
	Architecture wire.Text  `json:"architecture"`
	LastBootTime wire.Epoch `json:"lastBootTime"`
	BuildNumber  wire.Text  `json:"buildNumber"`
	ReleaseID    wire.Text  `json:"releaseId"`
	NeedsReboot  wire.Bool  `json:"needsReboot"`
}

// System is system of an AgentDevice or an MdmDevice.
type System struct {
	Name                wire.Text `json:"name"`
	Manufacturer        wire.Text `json:"manufacturer"`
	Model               wire.Text `json:"model"`
	BIOSSerialNumber    wire.Text `json:"biosSerialNumber"`
	SerialNumber        wire.Text `json:"serialNumber"`
	Domain              wire.Text `json:"domain"` // a DNS domain, a NetBIOS domain or a workgroup
	TotalPhysicalMemory wire.Int  `json:"totalPhysicalMemory"`
	VirtualMachine      wire.Bool `json:"virtualMachine"`
	ChassisType         wire.Text `json:"chassisType"`
	Build               wire.Text `json:"build"` // MdmDevice: of its operating system
}

// Memory is memory of an AgentDevice or an MdmDevice.
type Memory struct {
	Capacity wire.Int `json:"capacity"` // bytes
}

// Processor is one of processors.
type Processor struct {
	Name     wire.Text `json:"name"`
	NumCores wire.Int  `json:"numCores"`
}

// OptionalID is an id that some servers give as an empty array when there is none.
type OptionalID struct{ wire.Int }

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (o *OptionalID) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	if d.PeekKind() != jsontext.KindBeginArray {
		return o.Int.UnmarshalJSONFrom(d)
	}
	o.Int = wire.Int{}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	if d.PeekKind() != jsontext.KindEndArray {
		return wire.Unexpected(jsontext.KindBeginArray, "an id")
	}
	_, err := d.ReadToken()
	return err
}
