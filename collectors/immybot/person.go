package immybot

import "assetgraph/collectors/internal/wire"

// A Person is a row of /persons: someone of a customer, known from Entra, from a computer or by hand.
type Person struct {
	ID               wire.Int  `json:"id"`
	FirstName        wire.Text `json:"firstName"`
	LastName         wire.Text `json:"lastName"`
	FullName         wire.Text `json:"fullName"`
	EmailAddress     wire.Text `json:"emailAddress"`
	AzurePrincipalID wire.Text `json:"azurePrincipalId"`
	TenantID         wire.Int  `json:"tenantId"`
	CreatedDateUTC   Time      `json:"createdDateUTC"`
	UpdatedDateUTC   Time      `json:"updatedDateUTC"`
}

// A User is a row of /users: someone, or an app, who may sign in to the instance.
type User struct {
	ID               wire.Int  `json:"id"`
	Name             wire.Text `json:"name"`
	Email            wire.Text `json:"email"`
	TenantID         wire.Int  `json:"tenantId"`
	PersonID         wire.Int  `json:"personId"`
	AzurePrincipalID wire.Text `json:"azurePrincipalId"`
	IsAdmin          wire.Bool `json:"isAdmin"`
	IsExpired        wire.Bool `json:"isExpired"`
}
