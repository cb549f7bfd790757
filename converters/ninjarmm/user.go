package ninjarmm

import (
	"strings"

	provider "assetgraph/collectors/ninjarmm"
	"assetgraph/converters"
	"assetgraph/graph"
)

type user = provider.User

func users() *converters.Table[user] {
	t := converters.Declare[user]("ninjarmm_user", Integration, "/v2/users", "User")
	t.Name(fullName)
	t.Text("uid", "", func(u *user) string { return string(u.UID) })
	t.Texts("username", "the e-mail address, with which users sign in",
		func(u *user) graph.Value { return graph.TextsOf(string(u.Email)) })
	t.Texts("email", "", func(u *user) graph.Value { return converters.Emails(string(u.Email)) })
	t.Text("firstName", "", func(u *user) string { return string(u.FirstName) })
	t.Text("lastName", "", func(u *user) string { return string(u.LastName) })
	t.Texts("shortLoginId", "", func(u *user) graph.Value { return converters.ShortLogin(string(u.Email)) })
	t.Text("userType", "TECHNICIAN or END_USER", func(u *user) string { return string(u.UserType) })
	t.Bool("isAdmin", "", func(u *user) (bool, bool) { return u.Administrator.B, u.Administrator.Set })
	t.Bool("isMfaEnabled", "", func(u *user) (bool, bool) { return u.MFAConfigured.B, u.MFAConfigured.Set })
	t.Bool("isActive", "", func(u *user) (bool, bool) { return u.Enabled.B, u.Enabled.Set })
	t.Text("organizationId", "end users only", func(u *user) string { return idText(u.OrganizationID.N) })
	return t
}

// fullName returns the name of a person, else the address.
func fullName(u *user) string {
	first, last := strings.TrimSpace(string(u.FirstName)), strings.TrimSpace(string(u.LastName))
	return converters.FirstText(strings.TrimSpace(first+" "+last), string(u.Email))
}

func (t *types) convertUser(u *user, id string, f *converters.Fragment) {
	t.user.Fill(f, id, u)
	if u.UserType == "END_USER" { // a technician works for all organizations
		f.Relate(t.organizationHasUser, idText(u.OrganizationID.N), id)
	}
}
