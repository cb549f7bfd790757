package ninjarmm

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/go-json-experiment/json/jsontext"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rawjson"
	"assetgraph/collectors/internal/rest"
)

// Routes of single records; the id follows. Locations and users have none
// (docs/providers/ninjarmm-api.md, "Lists without pages").
const (
	organizationRoute = "/organization/"
	deviceRoute       = "/device/"
)

// head is what is read of a single record.
type head struct {
	ID             rawjson.Int  `json:"id"`
	OrganizationID rawjson.Int  `json:"organizationId"` // devices only
	ApprovalStatus rawjson.Text `json:"approvalStatus"` // devices only
}

var errAnother = fmt.Errorf("%w: the answer is not the record that was asked for", collectors.ErrCannotAsk)

// alive returns the Alive of a step whose records are asked for at route.
func (n *Collector) alive(kind, route string) func(ctx context.Context, ids, known []string) ([]string, error) {
	return func(ctx context.Context, ids, known []string) ([]string, error) {
		s, err := n.scope(ctx)
		if err != nil {
			return nil, err
		}
		return collectors.AliveByID(ctx, ids, known, inFlight, func(ctx context.Context, id string) (bool, error) {
			return n.has(ctx, s, kind, route, id)
		})
	}
}

// has reports whether the tenant has the record, of an organization that is read and in a state in which the list shows
// it.
func (n *Collector) has(ctx context.Context, s *scope, kind, route, id string) (bool, error) {
	body, err := n.client.Get(ctx, route+id, nil)
	if rest.Absent(err) {
		return false, nil
	}
	if errors.Is(err, rest.ErrHTML) || rest.Status(err) == http.StatusMethodNotAllowed {
		return false, fmt.Errorf("%w: %w", collectors.ErrCannotAsk, err)
	}
	if err != nil {
		return false, err
	}
	h, err := rawjson.Decode[head](jsontext.Value(body), kind, "id")
	if err == nil && idText(h.ID) != id {
		err = errAnother
	}
	if err != nil {
		return false, fmt.Errorf("%s: GET %s%s%s: %w", n.config.Instance, apiPath, route, id, err)
	}
	if h.ApprovalStatus == pending && n.config.Options.Skip.Has(pendingPart) {
		n.waiting.Store(id, true)
	}
	if kind == KindOrganization {
		return s.has(h.ID), nil
	}
	return s.has(h.OrganizationID) && isDevice(h.ApprovalStatus), nil
}

// isWaiting reports whether has found that the device waits for approval, while people leave these out.
func (n *Collector) isWaiting(id string) bool {
	_, waiting := n.waiting.Load(id)
	return waiting
}
