package ninjarmm

import (
	"context"
	"iter"
	"strconv"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/wire"
)

// Organization is an item of /v2/organizations; see docs/providers/ninjarmm-api.md, "Organizations and locations".
type Organization struct {
	ID               wire.Int  `json:"id"`
	Name             wire.Text `json:"name"`
	Description      wire.Text `json:"description"`
	NodeApprovalMode wire.Text `json:"nodeApprovalMode"`

	Console string `json:"-"` // address of the tenant's console; "" where there is none
}

// Location is an item of /v2/locations.
type Location struct {
	ID             wire.Int  `json:"id"`
	Name           wire.Text `json:"name"`
	Address        wire.Text `json:"address"`
	Description    wire.Text `json:"description"`
	OrganizationID wire.Int  `json:"organizationId"`
}

// User is an item of /v2/users: a technician or an end user.
type User struct {
	ID             wire.Int  `json:"id"`
	UID            wire.Text `json:"uid"`
	FirstName      wire.Text `json:"firstName"`
	LastName       wire.Text `json:"lastName"`
	Email          wire.Text `json:"email"`
	Enabled        wire.Bool `json:"enabled"`
	Administrator  wire.Bool `json:"administrator"`
	MFAConfigured  wire.Bool `json:"mfaConfigured"`
	UserType       wire.Text `json:"userType"` // TECHNICIAN or END_USER
	OrganizationID wire.Int  `json:"organizationId"`
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
func idText(id wire.Int) string {
	if !id.Set || id.N <= 0 {
		return ""
	}
	return strconv.FormatInt(id.N, 10)
}
