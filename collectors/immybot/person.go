package immybot

import "assetgraph/collectors/internal/rawjson"

// A Person is a row of /persons: someone of a customer, known from Entra, from a computer or by hand.
type Person struct {
	ID               rawjson.Int  `json:"id"`
	FirstName        rawjson.Text `json:"firstName"`
	LastName         rawjson.Text `json:"lastName"`
	FullName         rawjson.Text `json:"fullName"`
	EmailAddress     rawjson.Text `json:"emailAddress"`
	AzurePrincipalID rawjson.Text `json:"azurePrincipalId"`
	TenantID         rawjson.Int  `json:"tenantId"`
	CreatedDateUTC   Time         `json:"createdDateUTC"`
	UpdatedDateUTC   Time         `json:"updatedDateUTC"`
}

// A User is a row of /users: someone, or an app, who may sign in to the instance.
type User struct {
	ID               rawjson.Int  `json:"id"`
	Name             rawjson.Text `json:"name"`
	Email            rawjson.Text `json:"email"`
	TenantID         rawjson.Int  `json:"tenantId"`
	PersonID         rawjson.Int  `json:"personId"`
	AzurePrincipalID rawjson.Text `json:"azurePrincipalId"`
	IsAdmin          rawjson.Bool `json:"isAdmin"`
	IsExpired        rawjson.Bool `json:"isExpired"`
}
