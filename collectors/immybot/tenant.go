package immybot

import "assetgraph/collectors/internal/wire"

// A Tenant is a row of /tenants: a customer of the instance's owner, or the owner itself.
type Tenant struct {
	ID              wire.Int         `json:"id"`
	Name            wire.Text        `json:"name"`
	Slug            wire.Text        `json:"slug"`
	ParentTenantID  wire.Int         `json:"parentTenantId"`
	OwnerTenantID   wire.Int         `json:"ownerTenantId"`
	Active          wire.Bool        `json:"active"`
	IsMSP           wire.Bool        `json:"isMsp"`
	MSP             wire.Bool        `json:"msp"`         // what IsMSP was called until 2022
	PrincipalID     wire.Text        `json:"principalId"` // what AzureTenantLink replaced
	AzureTenantLink *AzureTenantLink `json:"azureTenantLink"`
	CreatedDateUTC  Time             `json:"createdDateUTC"`
	UpdatedDateUTC  Time             `json:"updatedDateUTC"`
}

// An AzureTenantLink names the Entra tenant of a customer; nil when none is linked.
type AzureTenantLink struct {
	AzTenantID  wire.Text    `json:"azTenantId"`
	AzureTenant *AzureTenant `json:"azureTenant"`
}

// An AzureTenant is an Entra tenant as the provider knows it.
type AzureTenant struct {
	PrincipalID         wire.Text        `json:"principalId"`
	InfoSyncedFromAzure *AzureTenantInfo `json:"infoSyncedFromAzure"`
}

// An AzureTenantInfo is what the provider last read of an Entra tenant.
type AzureTenantInfo struct {
	TenantName        wire.Text  `json:"tenantName"`
	DefaultDomainName wire.Text  `json:"defaultDomainName"`
	DomainNames       wire.Texts `json:"domainNames"`
}

// AzureTenantID returns the id of the linked Entra tenant, "" for none.
func (t *Tenant) AzureTenantID() string {
	if l := t.AzureTenantLink; l != nil {
		if l.AzTenantID != "" {
			return string(l.AzTenantID)
		}
		if l.AzureTenant != nil && l.AzureTenant.PrincipalID != "" {
			return string(l.AzureTenant.PrincipalID)
		}
	}
	return string(t.PrincipalID)
}

// DefaultDomain returns the default domain of the linked Entra tenant, "" where it is not known.
func (t *Tenant) DefaultDomain() string {
	l := t.AzureTenantLink
	if l == nil || l.AzureTenant == nil || l.AzureTenant.InfoSyncedFromAzure == nil {
		return ""
	}
	return string(l.AzureTenant.InfoSyncedFromAzure.DefaultDomainName)
}
