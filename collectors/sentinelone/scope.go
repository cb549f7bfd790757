package sentinelone

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/url"
	"slices"
	"strings"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rawjson"
)

// The lists of a Filter by which people choose.
const (
	byAccount = "accounts"
	bySite    = "sites"
)

var errAccountsSkipped = errors.New("can't narrow what is read while the list of accounts is left out")

// A scope is the accounts and sites that people have chosen, by id. nil is everything.
type scope struct {
	accounts, sites map[string]bool // with sites chosen: their accounts; without: all sites of the accounts
	bySite          bool            // single sites are chosen
	missing         error           // why not all that was chosen is known; nil when all is
}

type records = iter.Seq2[collectors.Record, error]

// scope returns what is chosen. It reads the accounts and sites that the token sees, once, since people may choose by
// names, and since groups name their site alone.
func (c *Collector) scope(ctx context.Context) (*scope, error) {
	if len(c.config.Options.Filter) == 0 {
		return nil, nil
	}
	return c.chosen.Get(ctx, func(ctx context.Context) (*scope, error) {
		s, err := c.findScope(ctx)
		if err != nil {
			return nil, &collectors.IncompleteError{
				Reason: "which accounts and sites are chosen can't be told: " + err.Error(),
			}
		}
		return s, nil
	})
}

func (c *Collector) findScope(ctx context.Context) (*scope, error) {
	s := &scope{accounts: make(map[string]bool), sites: make(map[string]bool)}
	byAccounts, narrow := c.config.Options.Filter[byAccount]
	if narrow {
		accounts, err := customers(c.readAccounts(ctx, &collectors.Meter{}, nil),
			func(a *Account) collectors.Customer { return collectors.Customer{ID: a.id(), Name: string(a.Name)} })
		if err != nil {
			return nil, err
		}
		s.accounts, s.missing = byAccounts.Among(KindAccount, accounts)
	}
	accountOf := make(map[string]string)
	sites, err := customers(c.read(ctx, &collectors.Meter{}, c.siteList()), func(site *Site) collectors.Customer {
		accountOf[site.id()] = trimmed(site.AccountID)
		return collectors.Customer{ID: site.id(), Name: string(site.Name)}
	})
	if err != nil {
		return nil, err
	}
	noun := KindSite
	if narrow {
		noun = "site in " + byAccounts.Setting + " with the name or id"
		sites = slices.DeleteFunc(sites, func(one collectors.Customer) bool { return !s.accounts[accountOf[one.ID]] })
	}
	if bySites, ok := c.config.Options.Filter[bySite]; ok {
		var missing error
		s.bySite = true
		s.sites, missing = bySites.Among(noun, sites)
		if s.missing == nil {
			s.missing = missing
		} else if missing != nil {
			s.missing = fmt.Errorf("%w; %w", s.missing, missing)
		}
	} else {
		for _, one := range sites {
			s.sites[one.ID] = true
		}
	}
	for id := range s.sites {
		if account := accountOf[id]; account != "" {
			s.accounts[account] = true
		}
	}
	return s, nil
}

// customers reads a list by which people choose. A record that can't be read may be one that is chosen.
func customers[T any](list records, of func(*T) collectors.Customer) (all []collectors.Customer, _ error) {
	for r, err := range list {
		if err = errors.Join(err, r.Err); err != nil {
			return nil, err
		}
		all = append(all, of(r.Value.(*T)))
	}
	return all, nil
}

// narrowed returns the Records of a step that reads what is chosen of a list.
func (c *Collector) narrowed(
	kind string, read func(ctx context.Context, m *collectors.Meter, s *scope) records,
) func(ctx context.Context, m *collectors.Meter) records {
	return func(ctx context.Context, m *collectors.Meter) records {
		return func(yield func(collectors.Record, error) bool) {
			s, err := c.scope(ctx)
			switch {
			case err == nil && s.empty():
				err = s.missing
				fallthrough
			case err != nil:
				yield(collectors.Record{}, err)
			case s == nil:
				read(ctx, m, nil)(yield)
			default:
				n := collectors.Narrowing{Wanted: s.wants, Missing: s.missing, Asked: s.ask(kind) != nil}
				n.Records(m, whose(read(ctx, m, s)))(yield)
			}
		}
	}
}

// whole returns the records of a part that asks for what others have read: with the reason in the end why these are not
// all that is chosen.
func (c *Collector) whole(ctx context.Context, list records) records {
	return func(yield func(collectors.Record, error) bool) {
		s, err := c.scope(ctx)
		if err == nil && !s.empty() {
			for r, err := range list {
				if !yield(r, err) || err != nil {
					return
				}
			}
		}
		if err == nil && s != nil {
			err = s.missing
		}
		if err != nil {
			yield(collectors.Record{}, err)
		}
	}
}

// whose makes broken those records that don't tell whose they are since the field came in another shape.
func whose(list records) records {
	return func(yield func(collectors.Record, error) bool) {
		for r, err := range list {
			if !yield(rawjson.Require(r, "accountId", "siteId", "scope", "scopeRoles", "scopeRoles[]"), err) {
				return
			}
		}
	}
}

// countChosen is how many records a list has of what is chosen, -1 where only reading them all would tell.
func (c *Collector) countChosen(
	ctx context.Context, l list, count func(context.Context, list) (int, error),
) (int, error) {
	s, err := c.scope(ctx)
	switch {
	case err != nil:
		return -1, err
	case s == nil:
		return count(ctx, l)
	case s.missing != nil:
		return -1, s.missing
	}
	n, err := count(ctx, s.of(l))
	if err == nil && s.ask(l.kind) == nil {
		n = -1
	}
	return n, err
}

// mostAsked is how many accounts or sites the console is asked for: their ids stand in the address of each request. For
// more, everything is read and looked through here.
const mostAsked = 100

// empty reports whether nothing of what was chosen is there.
func (s *scope) empty() bool {
	return s != nil && (len(s.accounts) == 0 || s.bySite && len(s.sites) == 0)
}

// of returns the list of what is chosen, as far as the console can be asked for just that.
func (s *scope) of(l list) list {
	if s == nil {
		return l
	}
	l.filters = maps.Clone(l.filters)
	maps.Copy(l.filters, s.ask(l.kind))
	return l
}

// ask returns the filters that a list has for what is chosen (docs/providers/sentinelone-api.md, "Page sizes and
// filters"). Users are not asked for by account or site: nothing says whether those of the whole console, or of the
// account of a site, come then.
func (s *scope) ask(kind string) url.Values {
	name, ids := "accountIds", s.accounts
	switch {
	case kind == KindUser:
		return nil
	case kind == KindAccount:
		name = "ids"
	case s.bySite:
		name, ids = "siteIds", s.sites
	}
	if len(ids) > mostAsked {
		return nil
	}
	return url.Values{name: {strings.Join(slices.Sorted(maps.Keys(ids)), ",")}}
}

// wants reports whether a record is of what is chosen, or belongs to no account at all. Of a user it leaves out the
// roles elsewhere.
func (s *scope) wants(r collectors.Record) bool {
	if s == nil {
		return true
	}
	switch v := r.Value.(type) {
	case *Account:
		return s.accounts[v.id()]
	case *Site:
		return s.has(trimmed(v.AccountID), v.id())
	case *Group:
		return s.has("", trimmed(v.SiteID))
	case *Agent:
		return s.has(trimmed(v.AccountID), trimmed(v.SiteID))
	case *User:
		return s.hasUser(v)
	case *Threat:
		return s.hasPlace(v.AgentNow) || s.hasPlace(v.AgentAtThatTime)
	}
	panic(fmt.Sprintf("no scope has records of kind %q", r.Kind))
}

// has reports whether something is chosen that names its account and its site, "" where it names none. Where accounts
// are chosen they decide: sites can come while they are read.
func (s *scope) has(account, site string) bool {
	switch {
	case account != "" && (!s.bySite || site == ""):
		return s.accounts[account]
	case site != "":
		return s.sites[site]
	}
	return true
}

// hasPlace reports whether an agent is, or was, in what is chosen: which of the two the console filters by is not known.
func (s *scope) hasPlace(a ThreatAgent) bool {
	account, site := trimmed(a.AccountID), trimmed(a.SiteID)
	return account+site != "" && s.has(account, site)
}

// hasUser reports whether a user has a role in what is chosen, or in no account or site, and leaves out the others.
func (s *scope) hasUser(u *User) bool {
	elsewhere := func(role ScopeRole) bool { return !s.sites[trimmed(role.ID)] }
	switch strings.ToLower(trimmed(u.Scope)) {
	case "account":
		elsewhere = func(role ScopeRole) bool {
			return !s.accounts[trimmed(role.ID)] && !s.accounts[trimmed(role.AccountID)]
		}
	case "site":
	default:
		return true
	}
	roles := slices.DeleteFunc(slices.Clone(u.ScopeRoles), elsewhere)
	if len(u.ScopeRoles) > 0 && len(roles) == 0 {
		return false
	}
	u.ScopeRoles = roles
	return true
}
