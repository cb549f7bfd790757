package ninjarmm

import (
	provider "assetgraph/collectors/ninjarmm"
	"assetgraph/converters"
	"assetgraph/graph"
)

// An organization is a record, and its page of the console.
type organization struct {
	*provider.Organization
	webLink graph.Value
}

func organizations() *converters.Table[organization] {
	t := converters.Declare[organization]("ninjarmm_organization", Integration, "/v2/organizations", "Organization")
	t.Name(func(o *organization) string { return string(o.Name) })
	t.WebLink(func(o *organization) graph.Value { return o.webLink })
	t.Text("nodeApprovalMode", "what happens to new agents: AUTOMATIC, MANUAL or REJECT",
		func(o *organization) string { return string(o.NodeApprovalMode) })
	t.Text("description", "", func(o *organization) string { return string(o.Description) })
	return t
}

func (t *types) convertOrganization(o *provider.Organization, id string, f *converters.Fragment) {
	t.organization.Fill(f, id, &organization{
		Organization: o,
		webLink:      f.WebLink(o.Console, "/#/customerDashboard/", id, "/overview"),
	})
}

func locations() *converters.Table[provider.Location] {
	type location = provider.Location
	t := converters.Declare[location]("ninjarmm_location", Integration, "/v2/locations", "Site")
	t.Name(func(l *location) string { return string(l.Name) })
	t.Text("organizationId", "", func(l *location) string { return idText(l.OrganizationID.N) })
	t.Text("location", "postal address, free text", func(l *location) string { return string(l.Address) })
	t.Text("description", "", func(l *location) string { return string(l.Description) })
	return t
}

func (t *types) convertLocation(l *provider.Location, id string, f *converters.Fragment) {
	t.location.Fill(f, id, l)
	f.Relate(t.organizationHasLocation, idText(l.OrganizationID.N), id)
}
