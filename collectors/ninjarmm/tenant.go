package ninjarmm

import (
	"context"
	"iter"
	"strconv"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rawjson"
)

// Organization is an item of /v2/organizations; see docs/providers/ninjarmm-api.md, "Organizations and locations".
type Organization struct {
	ID               rawjson.Int  `json:"id"`
	Name             rawjson.Text `json:"name"`
	Description      rawjson.Text `json:"description"`
	NodeApprovalMode rawjson.Text `json:"nodeApprovalMode"`

	Console string `json:"-"` // address of the tenant's console; "" where there is none
}

// Location is an item of /v2/locations.
type Location struct {
	ID             rawjson.Int  `json:"id"`
	Name           rawjson.Text `json:"name"`
	Address        rawjson.Text `json:"address"`
	Description    rawjson.Text `json:"description"`
	OrganizationID rawjson.Int  `json:"organizationId"`
}

// User is an item of /v2/users: a technician or an end user.
type User struct {
	ID             rawjson.Int  `json:"id"`
	UID            rawjson.Text `json:"uid"`
	FirstName      rawjson.Text `json:"firstName"`
	LastName       rawjson.Text `json:"lastName"`
	Email          rawjson.Text `json:"email"`
	Enabled        rawjson.Bool `json:"enabled"`
	Administrator  rawjson.Bool `json:"administrator"`
	MFAConfigured  rawjson.Bool `json:"mfaConfigured"`
	UserType       rawjson.Text `json:"userType"` // TECHNICIAN or END_USER
	OrganizationID rawjson.Int  `json:"organizationId"`
}

func (n *Collector) organizations(ctx context.Context, m *collectors.Meter) iter.Seq2[collectors.Record, error] {
	return walk(ctx, n, m, list[Organization]{
		route: organizationsRoute, kind: KindOrganization,
		id:   func(o *Organization) string { return idText(o.ID) },
		each: func(o *Organization) { o.Console = n.console() },
	})
}

func (n *Collector) locations(ctx context.Context, m *collectors.Meter) iter.Seq2[collectors.Record, error] {
	return walk(ctx, n, m, list[Location]{
		route: locationsRoute, kind: KindLocation,
		id: func(l *Location) string { return idText(l.ID) },
	})
}

func (n *Collector) users(ctx context.Context, m *collectors.Meter) iter.Seq2[collectors.Record, error] {
	return all(ctx, n, m, list[User]{
		route: usersRoute, kind: KindUser,
		id: func(u *User) string { return idText(u.ID) },
	})
}

// idText returns an id as text, "" for none. Ids are positive.
func idText(id rawjson.Int) string {
	if !id.Set || id.N <= 0 {
		return ""
	}
	return strconv.FormatInt(id.N, 10)
}
