package immybot

import "assetgraph/collectors/internal/rawjson"

// A Tenant is a row of /tenants: a customer of the instance's owner, or the owner itself.
type Tenant struct {
	ID              rawjson.Int      `json:"id"`
	Name            rawjson.Text     `json:"name"`
	Slug            rawjson.Text     `json:"slug"`
	ParentTenantID  rawjson.Int      `json:"parentTenantId"`
	OwnerTenantID   rawjson.Int      `json:"ownerTenantId"`
	Active          rawjson.Bool     `json:"active"`
	IsMSP           rawjson.Bool     `json:"isMsp"`
	MSP             rawjson.Bool     `json:"msp"`         // what IsMSP was called until 2022
	PrincipalID     rawjson.Text     `json:"principalId"` // what AzureTenantLink replaced
	AzureTenantLink *AzureTenantLink `json:"azureTenantLink"`
	CreatedDateUTC  Time             `json:"createdDateUTC"`
	UpdatedDateUTC  Time             `json:"updatedDateUTC"`
}

// An AzureTenantLink names the Entra tenant of a customer; nil when none is linked.
type AzureTenantLink struct {
	AzTenantID  rawjson.Text `json:"azTenantId"`
	AzureTenant *AzureTenant `json:"azureTenant"`
}

// An AzureTenant is an Entra tenant as the provider knows it.
type AzureTenant struct {
	PrincipalID         rawjson.Text     `json:"principalId"`
	InfoSyncedFromAzure *AzureTenantInfo `json:"infoSyncedFromAzure"`
}

// An AzureTenantInfo is what the provider last read of an Entra tenant.
type AzureTenantInfo struct {
	TenantName        rawjson.Text  `json:"tenantName"`
	DefaultDomainName rawjson.Text  `json:"defaultDomainName"`
	DomainNames       rawjson.Texts `json:"domainNames"`
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
