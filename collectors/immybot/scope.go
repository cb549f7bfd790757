package immybot

import (
	"context"
	"errors"
	"fmt"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rawjson"
)

// byTenant is the list of a Filter by which people choose.
const byTenant = "tenants"

var errTenantsSkipped = errors.New("can't narrow what is read while the list of tenants is left out")

// A scope is the tenants that people have chosen, by id. nil is all.
type scope struct {
	tenants map[string]bool
	owners  map[string]bool // tenants of those who own the instance: their users are nobody's customers
	missing error           // why not all that were chosen are known; nil when all are
}

// scope returns what is chosen. It reads the list of tenants once, since people may choose by names.
func (c *Collector) scope(ctx context.Context) (*scope, error) {
	choice, narrow := c.config.Options.Filter[byTenant]
	if !narrow {
		return nil, nil
	}
	return c.chosen.Get(ctx, func(ctx context.Context) (*scope, error) {
		s := &scope{owners: make(map[string]bool)}
		var all []collectors.Customer
		for r, err := range c.wholeRecords(ctx, &collectors.Meter{}, tenantList()) {
			if err = errors.Join(err, r.Err); err != nil { // one that can't be read may be one that is chosen
				return nil, &collectors.IncompleteError{
					Reason: fmt.Sprintf("which tenants are chosen can't be told: %v", err),
				}
			}
			t := r.Value.(*Tenant)
			all = append(all, collectors.Customer{ID: r.ID, Name: string(t.Name)})
			if t.IsMSP.B || t.MSP.B {
				s.owners[r.ID] = true
			}
		}
		s.tenants, s.missing = choice.Among(KindTenant, all)
		return s, nil
	})
}

// narrowed yields what is chosen of a list. The instance is asked for all of it: its filters take one tenant or none
// (docs/providers/immybot-api.md, "Computers").
func (c *Collector) narrowed(ctx context.Context, m *collectors.Meter, list records) records {
	return func(yield func(collectors.Record, error) bool) {
		s, err := c.scope(ctx)
		switch {
		case err != nil:
			yield(collectors.Record{}, err)
		case s == nil:
			list(yield)
		case len(s.tenants) == 0:
			yield(collectors.Record{}, s.missing)
		default:
			narrowing := collectors.Narrowing{Wanted: s.wants, Missing: s.missing}
			narrowing.Records(m, whose(list))(yield)
		}
	}
}

// whose makes broken those records that don't tell whose they are since the field came in another shape.
func whose(list records) records {
	return func(yield func(collectors.Record, error) bool) {
		for r, err := range list {
			if !yield(rawjson.Require(r, "tenantId"), err) {
				return
			}
		}
	}
}

// wants reports whether a record is of what is chosen, or of no customer.
func (s *scope) wants(r collectors.Record) bool {
	switch v := r.Value.(type) {
	case *Tenant:
		return s.has(v.ID)
	case *Computer:
		return s.has(v.TenantID)
	case *Person:
		return s.has(v.TenantID)
	case *User:
		return s.has(v.TenantID) || s.owners[idText(v.TenantID)]
	}
	panic("no scope has records of kind " + r.Kind)
}

// has reports whether a tenant is chosen, or none is named.
func (s *scope) has(tenant rawjson.Int) bool {
	return s == nil || !tenant.Set || s.tenants[idText(tenant)]
}
