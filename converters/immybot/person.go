package immybot

import (
	"time"

	"assetgraph/collectors/immybot"
	"assetgraph/converters"
	"assetgraph/graph"
)

type person = immybot.Person

func persons() *converters.Table[person] {
	t := converters.Declare[person]("immybot_person", Integration, "GET /api/v1/persons", "Person")
	t.Name(func(p *person) string {
		return converters.FirstText(string(p.FullName), string(p.FirstName)+" "+string(p.LastName),
			string(p.EmailAddress))
	})
	t.Text("firstName", "", func(p *person) string { return string(p.FirstName) })
	t.Text("lastName", "", func(p *person) string { return string(p.LastName) })
	t.Texts("email", "", func(p *person) graph.Value { return converters.Emails(string(p.EmailAddress)) })
	t.Text("tenantId", "", func(p *person) string { return reference(p.TenantID.N, p.TenantID.Set) })
	t.Text("azurePrincipalId", "object id in Entra, of a user or of an app",
		func(p *person) string { return string(p.AzurePrincipalID) })
	t.Time("createdOn", "", func(p *person) time.Time { return p.CreatedDateUTC.Time })
	t.Time("updatedOn", "", func(p *person) time.Time { return p.UpdatedDateUTC.Time })
	return t
}

func (t *types) convertPerson(p *person, id string, f *converters.Fragment) {
	t.person.Fill(f, id, p)
	f.Relate(t.tenantHasPerson, reference(p.TenantID.N, p.TenantID.Set), id)
}

// A user is a record, with its address and the parts of its name.
type user struct {
	*immybot.User
	email               graph.Value
	firstName, lastName string
}

func users() *converters.Table[user] {
	t := converters.Declare[user]("immybot_user", Integration, "GET /api/v1/users", "User")
	t.Name(func(u *user) string { return converters.FirstText(u.Name, u.Email) })
	t.Texts("username", "e-mail address, else the name",
		func(u *user) graph.Value { return graph.TextsOf(converters.FirstText(u.Email, u.Name)) })
	t.Texts("email", "", func(u *user) graph.Value { return u.email })
	t.Text("firstName", "from the full name of a user with an e-mail address",
		func(u *user) string { return u.firstName })
	t.Text("lastName", "likewise", func(u *user) string { return u.lastName })
	t.Texts("shortLoginId", "", func(u *user) graph.Value { return converters.ShortLogin(string(u.Email)) })
	t.Text("personId", "whose account it is", func(u *user) string { return reference(u.PersonID.N, u.PersonID.Set) })
	t.Text("azurePrincipalId", "object id in Entra, of a user or of an app",
		func(u *user) string { return string(u.AzurePrincipalID) })
	t.Bool("isAdmin", "", func(u *user) (bool, bool) { return u.IsAdmin.B, u.IsAdmin.Set })
	t.Bool("isActive", "access has not expired", func(u *user) (bool, bool) { return !u.IsExpired.B, u.IsExpired.Set })
	return t
}

func (t *types) convertUser(record *immybot.User, id string, f *converters.Fragment) {
	u := &user{User: record, email: converters.Emails(string(record.Email))}
	if !u.email.IsAbsent() { // an app has a name, too
		u.firstName, u.lastName = converters.PersonName(string(u.Name))
	}
	t.user.Fill(f, id, u)
}
