package immybot

import "assetgraph/collectors/internal/rawjson"

// A Computer is a row of /computers/paged; see docs/providers/immybot-api.md, "Computers". Notes are not decoded.
type Computer struct {
	ID                rawjson.Int   `json:"id"`
	TenantID          rawjson.Int   `json:"tenantId"`
	TenantName        rawjson.Text  `json:"tenantName"`
	ComputerName      rawjson.Text  `json:"computerName"` // empty until inventoried
	DeviceID          rawjson.Text  `json:"deviceId"`     // SMBIOS UUID, or one that ImmyBot made up
	OnboardingStatus  rawjson.Text  `json:"onboardingStatus"`
	ChassisTypes      []rawjson.Int `json:"chassisTypes"` // Win32_SystemEnclosure.ChassisTypes
	DomainRole        rawjson.Int   `json:"domainRole"`   // Win32_ComputerSystem.DomainRole
	OperatingSystem   rawjson.Text  `json:"operatingSystem"`
	Manufacturer      rawjson.Text  `json:"manufacturer"`
	Model             rawjson.Text  `json:"model"`
	SerialNumber      rawjson.Text  `json:"serialNumber"`
	Domain            rawjson.Text  `json:"domain"` // AD domain or workgroup
	InternalIPAddress rawjson.Text  `json:"internalIpAddress"`
	ExternalIPAddress rawjson.Text  `json:"externalIpAddress"`

	IsOnline               rawjson.Bool `json:"isOnline"`
	Licensed               rawjson.Bool `json:"licensed"`
	ExcludeFromMaintenance rawjson.Bool `json:"excludeFromMaintenance"`
	HasPendingReboot       rawjson.Bool `json:"hasPendingReboot"`
	IsSandbox              rawjson.Bool `json:"isSandbox"`
	IsDevLab               rawjson.Bool `json:"isDevLab"`

	PrimaryPersonID  rawjson.Int   `json:"primaryPersonId"`
	PrimaryUserEmail rawjson.Text  `json:"primaryUserEmail"`
	LastLoggedOnUser rawjson.Text  `json:"lastLoggedOnUser"`
	ProviderLinkIDs  []rawjson.Int `json:"providerLinkIds"` // integrations that have an agent on it

	CreatedDate                   Time `json:"createdDate"`
	DeletedAt                     Time `json:"deletedAt"` // set for computers in the recycle bin only
	LastBootTimeUTC               Time `json:"lastBootTimeUtc"`
	LastProviderAgentEventDateUTC Time `json:"lastProviderAgentEventDateUtc"`

	// Console is the address of the instance's web console, whose page of the computer is /computers/<id>; the
	// collector adds it.
	Console string `json:"-"`

	// LastMaintenance is what the sessions of the last days tell; the collector adds it.
	LastMaintenance Maintenance `json:"-"`

	// Deployments is what the actions of the last days came to; the collector adds it where the part is read.
	Deployments Deployments `json:"-"`

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
