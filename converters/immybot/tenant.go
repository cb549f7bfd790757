package immybot

import (
	"strings"
	"time"

	"assetgraph/collectors/immybot"
	"assetgraph/converters"
)

type tenant = immybot.Tenant

func tenants() *converters.Table[tenant] {
	t := converters.Declare[tenant]("immybot_tenant", Integration, "GET /api/v1/tenants", "Organization")
	t.Name(func(v *tenant) string { return string(v.Name) })
	t.Text("slug", "", func(v *tenant) string { return string(v.Slug) })
	t.Bool("active", "whether the tenant is switched on",
		func(v *tenant) (bool, bool) { return v.Active.B, v.Active.Set })
	t.Bool("isMsp", "the owner of the instance",
		func(v *tenant) (bool, bool) { return v.IsMSP.B || v.MSP.B, v.IsMSP.Set || v.MSP.Set })
	t.Text("azureTenantId", "of the linked Entra tenant",
		func(v *tenant) string { return strings.ToLower(v.AzureTenantID()) })
	t.Text("emailDomain", "default domain of the linked Entra tenant",
		func(v *tenant) string { return converters.DNSDomain(v.DefaultDomain()) })
	t.Text("parentTenantId", "", parent)
	t.Time("createdOn", "", func(v *tenant) time.Time { return v.CreatedDateUTC.Time })
	t.Time("updatedOn", "", func(v *tenant) time.Time { return v.UpdatedDateUTC.Time })
	return t
}

func parent(v *tenant) string { return reference(v.ParentTenantID.N, v.ParentTenantID.Set) }

func (t *types) convertTenant(v *tenant, id string, f *converters.Fragment) {
	t.tenant.Fill(f, id, v)
	if p := parent(v); p != id {
		f.Relate(t.tenantHasTenant, p, id)
	}
}
