package sentinelone

import (
	"fmt"
	"strings"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rawjson"
)

// The kinds of record; Record.Value holds a pointer to the type of the same name.
const (
	KindAccount = "account" // *Account
	KindSite    = "site"    // *Site
	KindGroup   = "group"   // *Group
	KindAgent   = "agent"   // *Agent
	KindUser    = "user"    // *User
	KindThreat  = "threat"  // *Threat
	KindPolicy  = "policy"  // *Policy

	KindPolicyInForce = "policy in force" // *PolicyInForce

	KindDiscoveredDevice = "discovered device" // *DiscoveredDevice
)

// An Account is the widest scope of a console. Derived from a site it has an id and a name alone.
type Account struct {
	ID            rawjson.Text `json:"id"`
	Name          rawjson.Text `json:"name"`
	State         rawjson.Text `json:"state"` // active, expired, deleted; case differs
	AccountType   rawjson.Text `json:"accountType"`
	ActiveAgents  rawjson.Int  `json:"activeAgents"`
	NumberOfSites rawjson.Int  `json:"numberOfSites"`
	CreatedAt     rawjson.Time `json:"createdAt"`
	UpdatedAt     rawjson.Time `json:"updatedAt"`
	Expiration    rawjson.Time `json:"expiration"`
}

// A Site is one customer or branch below an account. Its registrationToken is a secret and is never read.
type Site struct {
	ID             rawjson.Text `json:"id"`
	Name           rawjson.Text `json:"name"`
	AccountID      rawjson.Text `json:"accountId"`
	AccountName    rawjson.Text `json:"accountName"`
	State          rawjson.Text `json:"state"` // active, expired, deleted
	SiteType       rawjson.Text `json:"siteType"`
	ExternalID     rawjson.Text `json:"externalId"`
	ActiveLicenses rawjson.Int  `json:"activeLicenses"`
	TotalLicenses  rawjson.Int  `json:"totalLicenses"`
	CreatedAt      rawjson.Time `json:"createdAt"`
	UpdatedAt      rawjson.Time `json:"updatedAt"`
	Expiration     rawjson.Time `json:"expiration"`
}

// A Group holds agents of one site. It names no account. Its registrationToken is never read.
type Group struct {
	ID        rawjson.Text `json:"id"`
	Name      rawjson.Text `json:"name"` // "Default Group" in every site
	SiteID    rawjson.Text `json:"siteId"`
	Type      rawjson.Text `json:"type"` // static, dynamic, pinned
	IsDefault rawjson.Bool `json:"isDefault"`
	Inherits  rawjson.Bool `json:"inherits"`
	Rank      rawjson.Int  `json:"rank"`     // dynamic groups only
	FilterID  rawjson.Text `json:"filterId"` // dynamic groups only
	CreatedAt rawjson.Time `json:"createdAt"`
	UpdatedAt rawjson.Time `json:"updatedAt"`
}

// A User may sign in to the console; those of the endpoints are others.
type User struct {
	ID           rawjson.Text `json:"id"`
	FullName     rawjson.Text `json:"fullName"`
	Email        rawjson.Text `json:"email"`
	Source       rawjson.Text `json:"source"` // mgmt, sso_saml, active_directory
	Scope        rawjson.Text `json:"scope"`  // tenant, account, site
	ScopeRoles   []ScopeRole  `json:"scopeRoles"`
	TwoFAEnabled rawjson.Bool `json:"twoFaEnabled"`
	DateJoined   rawjson.Time `json:"dateJoined"`
	LastLogin    rawjson.Time `json:"lastLogin"`
}

// A ScopeRole is one scope in which a user has a role.
type ScopeRole struct {
	ID        rawjson.Text `json:"id"`        // of the account or the site, as User.Scope says
	AccountID rawjson.Text `json:"accountId"` // where a console gives it; of a site's role else added by the collector
}

// Decode reads one answer of the list of that kind into records, as the steps yield them. A record that can't be read
// has Err set. The error is one of the answer as a whole: another shape is never an empty list. Tests of what becomes
// of recorded answers use it.
func Decode(kind string, page []byte) ([]collectors.Record, error) { return decode(kind, page, nil) }

// decode is Decode, and reads beside in the same pass.
func decode(kind string, page []byte, beside *rawjson.Beside) ([]collectors.Record, error) {
	switch kind {
	case KindAccount:
		return rawjson.RecordsBeside(page, kind, "id", (*Account).id, beside, "data")
	case KindSite:
		// Next to data.allSites, which are sums.
		return rawjson.RecordsBeside(page, kind, "id", (*Site).id, beside, "data", "sites")
	case KindGroup:
		return rawjson.RecordsBeside(page, kind, "id", (*Group).id, beside, "data")
	case KindAgent:
		return rawjson.RecordsBeside(page, kind, "id", (*Agent).id, beside, "data")
	case KindUser:
		return rawjson.RecordsBeside(page, kind, "id", (*User).id, beside, "data")
	case KindDiscoveredDevice:
		return rawjson.RecordsBeside(page, kind, "id", (*DiscoveredDevice).id, beside, "data")
	case KindThreat:
		return rawjson.RecordsBeside(page, kind, "id", (*Threat).id, beside, "data")
	}
	return nil, fmt.Errorf("no list gives records of kind %q", kind)
}

func (a *Account) id() string { return trimmed(a.ID) }
func (s *Site) id() string    { return trimmed(s.ID) }
func (g *Group) id() string   { return trimmed(g.ID) }
func (u *User) id() string    { return trimmed(u.ID) }

func trimmed(t rawjson.Text) string { return strings.TrimSpace(string(t)) }
