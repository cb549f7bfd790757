package immybot

import "assetgraph/collectors/internal/wire"

// A Computer is a row of /computers/paged; see docs/providers/immybot-api.md, "Computers". Notes are not decoded.
type Computer struct {
	ID                wire.Int   `json:"id"`
	TenantID          wire.Int   `json:"tenantId"`
	TenantName        wire.Text  `json:"tenantName"`
	ComputerName      wire.Text  `json:"computerName"` // empty until inventoried
	DeviceID          wire.Text  `json:"deviceId"`     // SMBIOS UUID, or one that ImmyBot made up
	OnboardingStatus  wire.Text  `json:"onboardingStatus"`
	ChassisTypes      []wire.Int `json:"chassisTypes"` // Win32_SystemEnclosure.ChassisTypes
	DomainRole        wire.Int   `json:"domainRole"`   // Win32_ComputerSystem.DomainRole
	OperatingSystem   wire.Text  `json:"operatingSystem"`
	Manufacturer      wire.Text  `json:"manufacturer"`
	Model             wire.Text  `json:"model"`
	SerialNumber      wire.Text  `json:"serialNumber"`
	Domain            wire.Text  `json:"domain"` // AD domain or workgroup
	InternalIPAddress wire.Text  `json:"internalIpAddress"`
	ExternalIPAddress wire.Text  `json:"externalIpAddress"`

	IsOnline               wire.Bool `json:"isOnline"`
	Licensed               wire.Bool `json:"licensed"`
	ExcludeFromMaintenance wire.Bool `json:"excludeFromMaintenance"`
	HasPendingReboot       wire.Bool `json:"hasPendingReboot"`

	PrimaryPersonID  wire.Int   `json:"primaryPersonId"`
	PrimaryUserEmail wire.Text  `json:"primaryUserEmail"`
	LastLoggedOnUser wire.Text  `json:"lastLoggedOnUser"`
	ProviderLinkIDs  []wire.Int `json:"providerLinkIds"` // integrations that have an agent on it

	CreatedDate                   Time `json:"createdDate"`
	DeletedAt                     Time `json:"deletedAt"` // set for computers in the recycle bin only
	LastBootTimeUTC               Time `json:"lastBootTimeUtc"`
	LastProviderAgentEventDateUTC Time `json:"lastProviderAgentEventDateUtc"`

	// Console is the address of the instance's web console, whose page of the computer is /computers/<id>; the
	// collector adds it.
	Console string `json:"-"`

	// Agents are the agents of other products on this computer, by their provider agent id; the collector adds them.
	Agents []ProviderAgent `json:"-"`
}

// Onboarding returns the onboarding status by its name: NeedsOnboarding, Onboarding or Onboarded. The provider writes
// it as a number or as the name; a value that is not known is returned as it came.
func (c *Computer) Onboarding() string {
	switch c.OnboardingStatus {
	case "0":
		return "NeedsOnboarding"
	case "1":
		return "Onboarding"
	case "2":
		return "Onboarded"
	}
	return string(c.OnboardingStatus)
}

// deleted reports whether the computer lies in the recycle bin.
func (c *Computer) deleted() bool { return !c.DeletedAt.IsZero() }
