package sentinelone

import (
	"fmt"
	"strings"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/wire"
)

// The kinds of record; Record.Value holds a pointer to the type of the same name.
const (
	KindAccount = "account" // *Account
	KindSite    = "site"    // *Site
	KindGroup   = "group"   // *Group
	KindAgent   = "agent"   // *Agent
	KindUser    = "user"    // *User
)

// An Account is the widest scope of a console. Derived from a site it has an id and a name alone.
type Account struct {
	ID            wire.Text `json:"id"`
	Name          wire.Text `json:"name"`
	State         wire.Text `json:"state"` // active, expired, deleted; case differs
	AccountType   wire.Text `json:"accountType"`
	ActiveAgents  wire.Int  `json:"activeAgents"`
	NumberOfSites wire.Int  `json:"numberOfSites"`
	CreatedAt     wire.Time `json:"createdAt"`
	UpdatedAt     wire.Time `json:"updatedAt"`
	Expiration    wire.Time `json:"expiration"`
}

// A Site is one customer or branch below an account. Its registrationToken is a secret and is never read.
type Site struct {
	ID             wire.Text `json:"id"`
	Name           wire.Text `json:"name"`
	AccountID      wire.Text `json:"accountId"`
	AccountName    wire.Text `json:"accountName"`
	State          wire.Text `json:"state"` // active, expired, deleted
	SiteType       wire.Text `json:"siteType"`
	ExternalID     wire.Text `json:"externalId"`
	ActiveLicenses wire.Int  `json:"activeLicenses"`
	TotalLicenses  wire.Int  `json:"totalLicenses"`
	CreatedAt      wire.Time `json:"createdAt"`
	UpdatedAt      wire.Time `json:"updatedAt"`
	Expiration     wire.Time `json:"expiration"`
}

// A Group holds agents of one site. It names no account. Its registrationToken is never read.
type Group struct {
	ID        wire.Text `json:"id"`
	Name      wire.Text `json:"name"` // "Default Group" in every site
	SiteID    wire.Text `json:"siteId"`
	Type      wire.Text `json:"type"` // static, dynamic, pinned
	IsDefault wire.Bool `json:"isDefault"`
	Inherits  wire.Bool `json:"inherits"`
	Rank      wire.Int  `json:"rank"`     // dynamic groups only
	FilterID  wire.Text `json:"filterId"` // dynamic groups only
	CreatedAt wire.Time `json:"createdAt"`
	UpdatedAt wire.Time `json:"updatedAt"`
}

// A User may sign in to the console; those of the endpoints are others.
type User struct {
	ID           wire.Text   `json:"id"`
	FullName     wire.Text   `json:"fullName"`
	Email        wire.Text   `json:"email"`
	Source       wire.Text   `json:"source"` // mgmt, sso_saml, active_directory
	Scope        wire.Text   `json:"scope"`  // tenant, account, site
	ScopeRoles   []ScopeRole `json:"scopeRoles"`
	TwoFAEnabled wire.Bool   `json:"twoFaEnabled"`
	DateJoined   wire.Time   `json:"dateJoined"`
	LastLogin    wire.Time   `json:"lastLogin"`
}

// A ScopeRole is one scope in which a user has a role.
type ScopeRole struct {
	ID        wire.Text `json:"id"`        // of the account or the site, as User.Scope says
	AccountID wire.Text `json:"accountId"` // where a console gives it; of a site's role else added by the collector
}

// Decode reads one answer of the list of that kind into records, as the steps yield them. A record that can't be read
// has Err set. The error is one of the answer as a whole: another shape is never an empty list. Tests of what becomes of
// recorded answers use it.
func Decode(kind string, page []byte) ([]collectors.Record, error) { return decode(kind, page, nil) }

// decode is Decode, and reads beside in the same pass.
func decode(kind string, page []byte, beside *wire.Beside) ([]collectors.Record, error) {
	switch kind {
	case KindAccount:
		return wire.RecordsBeside(page, kind, "id", (*Account).id, beside, "data")
	case KindSite:
		// Next to data.allSites, which are sums.
		return wire.RecordsBeside(page, kind, "id", (*Site).id, beside, "data", "sites")
	case KindGroup:
		return wire.RecordsBeside(page, kind, "id", (*Group).id, beside, "data")
	case KindAgent:
		return wire.RecordsBeside(page, kind, "id", (*Agent).id, beside, "data")
	case KindUser:
		return wire.RecordsBeside(page, kind, "id", (*User).id, beside, "data")
	}
	return nil, fmt.Errorf("no list gives records of kind %q", kind)
}

func (a *Account) id() string { return text(a.ID) }
func (s *Site) id() string    { return text(s.ID) }
func (g *Group) id() string   { return text(g.ID) }
func (u *User) id() string    { return text(u.ID) }

func text(t wire.Text) string { return strings.TrimSpace(string(t)) }
