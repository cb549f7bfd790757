package sentinelone

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"strings"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rest"
)

// readAccounts walks /accounts. A token whose scope is a site, or several accounts, may not read that route; then the
// accounts are those that its sites name, with id and name alone, and they are complete when the sites are
// (docs/providers/sentinelone-api.md, "Scope of a token").
func (c *Collector) readAccounts(
	ctx context.Context, m *collectors.Meter, s *scope,
) iter.Seq2[collectors.Record, error] {
	return func(yield func(collectors.Record, error) bool) {
		for record, err := range c.read(ctx, m, s.of(c.accountList())) {
			if err != nil && deniedByScope(err) {
				c.narrow.Store(true)
				m.Warn("the token's scope does not allow reading accounts; they are derived from the sites, with id and name alone")
				c.accountsOfSites(ctx, m, s, yield)
				return
			}
			if !yield(record, err) || err != nil {
				return
			}
		}
	}
}

// countAccounts proves in the case of a narrow scope that the sites can be read; how many accounts they name is not
// known without reading them.
func (c *Collector) countAccounts(ctx context.Context) (int, error) {
	n, err := c.countChosen(ctx, c.accountList(), c.count)
	if err == nil || !deniedByScope(err) {
		return n, err
	}
	_, err = c.countChosen(ctx, c.siteList(), c.count)
	return -1, err
}

var errNoAccount = errors.New("the site names no account to derive")

// accountsOfSites yields each account that a site names, once, as the first site of it spells it. A site that can't be
// read, or names no account, is an error of one record: the account that it belongs to may be missing.
func (c *Collector) accountsOfSites(
	ctx context.Context, m *collectors.Meter, s *scope, yield func(collectors.Record, error) bool,
) {
	sites := &collectors.Meter{} // its expectation is one of sites
	defer func() {
		for range sites.Pages() {
			m.Page()
		}
	}()
	seen := make(map[string]bool)
	for record, err := range c.read(ctx, sites, s.of(c.siteList())) {
		if err != nil {
			yield(collectors.Record{}, fmt.Errorf("accounts derived from sites: %w", err))
			return
		}
		if record.Err == nil {
			record = accountOfSite(record)
			if seen[record.ID] && record.Err == nil {
				continue
			}
			seen[record.ID] = true
		}
		if !yield(record, nil) {
			return
		}
	}
}

func accountOfSite(record collectors.Record) collectors.Record {
	site, ok := record.Value.(*Site)
	if !ok || trimmed(site.AccountID) == "" {
		err := &collectors.RecordError{Kind: KindSite, ID: record.ID, Field: "accountId", Err: errNoAccount}
		return collectors.Record{Kind: KindAccount, Err: err}
	}
	account := &Account{ID: site.AccountID, Name: site.AccountName}
	return collectors.Record{Kind: KindAccount, ID: account.id(), Value: account}
}

// Codes of every 403 of the API, whatever it stands for, of a 404, and of a value that the API does not take.
const (
	codeForbidden = "4030010"
	codeInvalid   = "4000010"
	codeNotFound  = "4040010"
)

// deniedByScope reports whether err is the refusal of a list to a scope that is too narrow or spans accounts. The same
// code says that the role lacks the permission; only the detail tells them apart, and some consoles leave it out.
func deniedByScope(err error) bool {
	e, _ := errors.AsType[*rest.Error](err)
	return refusedBy(err, http.StatusForbidden, codeForbidden) && !strings.Contains(strings.ToLower(e.Message), "required permission")
}
