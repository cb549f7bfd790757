package ninjarmm

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"assetgraph/collectors"
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
		Kinds: []converters.Kind{
			{Name: provider.KindOrganization, Produces: []*graph.Type{t.organization}, Convert: of(t.convertOrganization)},
			{Name: provider.KindLocation, Produces: []*graph.Type{t.location, t.organizationHasLocation}, Convert: of(t.convertLocation)},
			{Name: provider.KindDevice, Produces: []*graph.Type{t.device, t.organizationHasDevice, t.locationHasDevice, t.deviceHostsDevice}, Convert: of(t.convertDevice)},
			{Name: provider.KindUser, Produces: []*graph.Type{t.user, t.organizationHasUser}, Convert: of(t.convertUser)},
		},
	}
}

var errNoID = errors.New("there is none")

// of makes a Kind's Convert of a function that takes the wire type.
func of[T any](convert func(id string, v *T, f *converters.Fragment)) func(collectors.Record, *converters.Fragment) error {
	return func(r collectors.Record, f *converters.Fragment) error {
		if r.Err != nil {
			return r.Err
		}
		if r.ID == "" {
			return &collectors.RecordError{Kind: r.Kind, Field: "id", Err: errNoID}
		}
		v, ok := r.Value.(*T)
		if !ok || v == nil {
			return &collectors.RecordError{Kind: r.Kind, ID: r.ID, Err: fmt.Errorf("unexpected value of type %T", r.Value)}
		}
		convert(r.ID, v, f)
		return nil
	}
}

func (t *types) convertOrganization(id string, o *provider.Organization, f *converters.Fragment) {
	e := f.Entity(t.organization, id)
	e.Set("name", graph.TextOf(string(o.Name)))
	e.Set("webLink", consolePage(o.Console, "customerDashboard", id))
	e.Set("nodeApprovalMode", graph.TextOf(string(o.NodeApprovalMode)))
	e.Set("description", graph.TextOf(string(o.Description)))
}

func (t *types) convertLocation(id string, l *provider.Location, f *converters.Fragment) {
	organization := idText(l.OrganizationID.N)
	e := f.Entity(t.location, id)
	e.Set("name", graph.TextOf(string(l.Name)))
	e.Set("organizationId", graph.TextOf(organization))
	e.Set("location", graph.TextOf(string(l.Address)))
	e.Set("description", graph.TextOf(string(l.Description)))
	f.Relate(t.organizationHasLocation, organization, id)
}

func (t *types) convertUser(id string, u *provider.User, f *converters.Fragment) {
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
	e.Set("isAdmin", boolean(u.Administrator.B, u.Administrator.Set))
	e.Set("isMfaEnabled", boolean(u.MFAConfigured.B, u.MFAConfigured.Set))
	e.Set("isActive", boolean(u.Enabled.B, u.Enabled.Set))
	e.Set("organizationId", graph.TextOf(organization))
	if u.UserType == "END_USER" { // a technician works for all organizations
		f.Relate(t.organizationHasUser, organization, id)
	}
}

// consolePage returns the address of a console page about one object; absent without a console.
func consolePage(console, page, id string) graph.Value {
	return converters.WebLink(console, "/#/"+page+"/"+id+"/overview")
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

func boolean(b, set bool) graph.Value {
	if !set {
		return graph.Value{}
	}
	return graph.BoolOf(b)
}
