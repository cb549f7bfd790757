package immybot

import (
	"context"
	"fmt"
	"net/url"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rawjson"
	"assetgraph/collectors/internal/rest"
)

// routeComputer is where single computers are asked for; the id follows. Tenants and persons are asked for below their
// lists, users nowhere (docs/providers/immybot-api.md, "A single computer" and "Persons and users").
const routeComputer = "/computers/"

var errAnother = fmt.Errorf("%w: the answer is not the record that was asked for", collectors.ErrCannotAsk)

// aliveBelow returns the Alive of a step whose records are asked for below its list.
func (c *Collector) aliveBelow(kind, route string) func(ctx context.Context, ids, known []string) ([]string, error) {
	return func(ctx context.Context, ids, known []string) ([]string, error) {
		s, err := c.scope(ctx)
		if err != nil {
			return nil, err
		}
		return collectors.AliveByID(ctx, ids, known, inFlight, func(ctx context.Context, id string) (bool, error) {
			return c.has(ctx, s, kind, route+"/"+id, id, nil)
		})
	}
}

// aliveComputers asks for computers. Those in the recycle bin may still be shown when they are asked for by id, so the
// bin is read first, and what lies in it is gone.
func (c *Collector) aliveComputers(ctx context.Context, ids, known []string) ([]string, error) {
	s, err := c.scope(ctx)
	if err != nil {
		return nil, err
	}
	bin, err := c.readBin(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("read deleted computers: %w", advise(err))
	}
	return collectors.AliveByID(ctx, ids, known, inFlight, func(ctx context.Context, id string) (bool, error) {
		if bin[id] {
			return false, nil
		}
		return c.has(ctx, s, KindComputer, routeComputer+id, id, url.Values{
			"includeSessions": {"false"}, "includeAdditionalPersons": {"false"}, "includePrimaryPerson": {"false"},
			"includeProviderAgents": {"false"}, "includeProviderAgentsDeviceUpdateFormData": {"false"},
		})
	})
}

// readBin returns the ids of the computers of what is chosen in the recycle bin. Rows without a time of deletion are not
// among them: an instance that ignores the filter shows the others.
func (c *Collector) readBin(ctx context.Context, s *scope) (map[string]bool, error) {
	bin := make(map[string]bool)
	for r, err := range c.rows(ctx, &collectors.Meter{}, binList()) {
		if err != nil {
			return nil, err
		}
		if computer, ok := r.Value.(*Computer); ok && computer.deleted() && s.has(computer.TenantID) {
			bin[r.ID] = true
		}
	}
	return bin, nil
}

// has reports whether the instance has the record, and it is of a tenant that is read.
func (c *Collector) has(ctx context.Context, s *scope, kind, route, id string, query url.Values) (bool, error) {
	body, err := c.client.Get(ctx, route, query)
	if rest.Absent(err) {
		return false, nil
	}
	if unknownRoute(err) {
		return false, fmt.Errorf("%w: %w", collectors.ErrCannotAsk, err)
	}
	if err != nil {
		return false, fmt.Errorf("ask for a %s by id: %w", kind, advise(err))
	}
	var found rawjson.Int
	if _, err := rawjson.Get(body, &found, "id"); err != nil {
		return false, fmt.Errorf("%s: %w", route, err)
	}
	if idText(found) != id {
		return false, fmt.Errorf("%s: %w", route, errAnother)
	}
	tenant := found
	if kind != KindTenant {
		tenant = rawjson.Int{}
		if _, err := rawjson.Get(body, &tenant, "tenantId"); err != nil {
			return false, fmt.Errorf("%s: %w", route, err)
		}
	}
	return s.has(tenant), nil
}
