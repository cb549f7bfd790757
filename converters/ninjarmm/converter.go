package ninjarmm

import (
	"strconv"
	"strings"

	provider "assetgraph/collectors/ninjarmm"
	"assetgraph/converters"
	"assetgraph/graph"
)

// New returns the converter of NinjaOne's records, with the types that it produces.
func New() *converters.Converter {
	t := newTypes()
	return &converters.Converter{
		Integration: Integration,
		Types:       t.all(),
		Identities:  t.identities(),
		Kinds: []converters.Kind{
			converters.NewKind(provider.KindOrganization, t.convertOrganization, t.organization),
			converters.NewKind(provider.KindLocation, t.convertLocation, t.location, t.organizationHasLocation),
			converters.NewKind(provider.KindDevice, t.convertDevice, t.device, t.organizationHasDevice, t.locationHasDevice, t.deviceHostsDevice),
			converters.NewKind(provider.KindUser, t.convertUser, t.user, t.organizationHasUser),
		},
	}
}

func (t *types) convertOrganization(o *provider.Organization, id string, f *converters.Fragment) {
	e := f.Entity(t.organization, id)
	e.Set("name", graph.TextOf(string(o.Name)))
	e.Set("webLink", f.WebLink(o.Console, "/#/customerDashboard/", id, "/overview"))
	e.Set("nodeApprovalMode", graph.TextOf(string(o.NodeApprovalMode)))
	e.Set("description", graph.TextOf(string(o.Description)))
}

func (t *types) convertLocation(l *provider.Location, id string, f *converters.Fragment) {
	organization := idText(l.OrganizationID.N)
	e := f.Entity(t.location, id)
	e.Set("name", graph.TextOf(string(l.Name)))
	e.Set("organizationId", graph.TextOf(organization))
	e.Set("location", graph.TextOf(string(l.Address)))
	e.Set("description", graph.TextOf(string(l.Description)))
	f.Relate(t.organizationHasLocation, organization, id)
}

func (t *types) convertUser(u *provider.User, id string, f *converters.Fragment) {
	email, first, last := string(u.Email), strings.TrimSpace(string(u.FirstName)), strings.TrimSpace(string(u.LastName))
	organization := idText(u.OrganizationID.N)
	e := f.Entity(t.user, id)
	e.Set("name", text(strings.TrimSpace(first+" "+last), email))
	e.Set("uid", graph.TextOf(string(u.UID)))
	e.Set("username", graph.TextsOf(email))
	e.Set("email", converters.Emails(email))
	e.Set("firstName", graph.TextOf(first))
	e.Set("lastName", graph.TextOf(last))
	e.Set("shortLoginId", converters.ShortLogin(email))
	e.Set("userType", graph.TextOf(string(u.UserType)))
	e.Set("isAdmin", converters.Bool(u.Administrator.B, u.Administrator.Set))
	e.Set("isMfaEnabled", converters.Bool(u.MFAConfigured.B, u.MFAConfigured.Set))
	e.Set("isActive", converters.Bool(u.Enabled.B, u.Enabled.Set))
	e.Set("organizationId", graph.TextOf(organization))
	if u.UserType == "END_USER" { // a technician works for all organizations
		f.Relate(t.organizationHasUser, organization, id)
	}
}

// idText returns a reference as text; "" for 0, which refers to nothing.
func idText(id int64) string {
	if id <= 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}

// text returns the first of the texts that is not empty.
func text[T ~string](texts ...T) graph.Value {
	for _, s := range texts {
		if v := graph.TextOf(string(s)); !v.IsAbsent() {
			return v
		}
	}
	return graph.Value{}
}
