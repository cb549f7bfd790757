package immybot

import (
	"strings"

	"assetgraph/collectors/immybot"
	"assetgraph/converters"
	"assetgraph/graph"
)

// New returns the converter of all kinds of record that the collector yields. Integrations, their clients and their agents
// become no elements: what they tell is which records of other products are the same machine or customer, and that are links.
func New() *converters.Converter {
	t := newTypes()
	return &converters.Converter{
		Integration: Integration,
		Types:       t.all(),
		Identities:  t.identities(),
		Kinds: []converters.Kind{
			converters.NewKind(immybot.KindTenant, t.convertTenant, t.tenant, t.tenantHasTenant),
			linking(t.computer, converters.NewKind(immybot.KindComputer, t.convertComputer, t.computer, t.tenantHasComputer, t.personUsesComputer)),
			converters.NewKind(immybot.KindPerson, t.convertPerson, t.person, t.tenantHasPerson),
			converters.NewKind(immybot.KindUser, t.convertUser, t.user),
			converters.NewKind(immybot.KindProviderLink, nothing[immybot.ProviderLink]),
			linking(t.tenant, converters.NewKind(immybot.KindProviderClient, t.linkClient)),
			converters.NewKind(immybot.KindProviderAgent, nothing[immybot.ProviderAgent]),
		},
	}
}

// linking says that records of a kind tell the links of the entities of a type.
func linking(t *graph.Type, k converters.Kind) converters.Kind {
	k.Links = t
	return k
}

func nothing[T any](*T, string, *converters.Fragment) {}

func (t *types) convertTenant(v *immybot.Tenant, id string, f *converters.Fragment) {
	e := f.Entity(t.tenant, id)
	parent := reference(v.ParentTenantID.N, v.ParentTenantID.Set)
	e.Set("name", text(v.Name))
	e.Set("slug", text(v.Slug))
	e.Set("active", converters.Bool(v.Active.B, v.Active.Set))
	e.Set("isMsp", converters.Bool(v.IsMSP.B || v.MSP.B, v.IsMSP.Set || v.MSP.Set))
	e.Set("azureTenantId", graph.TextOf(strings.ToLower(v.AzureTenantID())))
	e.Set("emailDomain", graph.TextOf(converters.DNSDomain(v.DefaultDomain())))
	e.Set("parentTenantId", graph.TextOf(parent))
	e.Set("createdOn", graph.TimeOf(v.CreatedDateUTC.Time))
	e.Set("updatedOn", graph.TimeOf(v.UpdatedDateUTC.Time))
	if parent != id {
		f.Relate(t.tenantHasTenant, parent, id)
	}
}

func (t *types) convertPerson(v *immybot.Person, id string, f *converters.Fragment) {
	e := f.Entity(t.person, id)
	tenant := reference(v.TenantID.N, v.TenantID.Set)
	e.Set("name", first(text(v.FullName), graph.TextOf(string(v.FirstName)+" "+string(v.LastName)), text(v.EmailAddress)))
	e.Set("firstName", text(v.FirstName))
	e.Set("lastName", text(v.LastName))
	e.Set("email", converters.Emails(string(v.EmailAddress)))
	e.Set("tenantId", graph.TextOf(tenant))
	e.Set("azurePrincipalId", text(v.AzurePrincipalID))
	e.Set("createdOn", graph.TimeOf(v.CreatedDateUTC.Time))
	e.Set("updatedOn", graph.TimeOf(v.UpdatedDateUTC.Time))
	f.Relate(t.tenantHasPerson, tenant, id)
}

func (t *types) convertUser(v *immybot.User, id string, f *converters.Fragment) {
	e := f.Entity(t.user, id)
	email := converters.Emails(string(v.Email))
	e.Set("name", first(text(v.Name), text(v.Email)))
	e.Set("username", graph.TextsOf(first(text(v.Email), text(v.Name)).Text()))
	e.Set("email", email)
	if !email.IsAbsent() {
		given, family := personName(string(v.Name))
		e.Set("firstName", graph.TextOf(given))
		e.Set("lastName", graph.TextOf(family))
	}
	e.Set("shortLoginId", converters.ShortLogin(string(v.Email)))
	e.Set("isAdmin", converters.Bool(v.IsAdmin.B, v.IsAdmin.Set))
	e.Set("isActive", converters.Bool(!v.IsExpired.B, v.IsExpired.Set))
}
