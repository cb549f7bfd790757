package immybot

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strings"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rawjson"
	"assetgraph/collectors/internal/rest"
	"assetgraph/internal/panics"
)

const (
	routeLinks = "/provider-links"
	routeTypes = "/provider-types"
)

// links is what is known of the integrations after the provider-links step.
type links struct {
	byID   map[int64]*ProviderLink
	byName map[string]*ProviderLink // nil where two have the name
}

func newLinks() links {
	return links{byID: map[int64]*ProviderLink{}, byName: map[string]*ProviderLink{}}
}

func (l *links) add(link *ProviderLink) {
	l.byID[link.ID.N] = link
	name := string(link.Name)
	if _, twice := l.byName[name]; twice {
		link = nil
	}
	l.byName[name] = link
}

// of returns the link of an agent: by id or, on instances that give none, by name. nil when it is not known.
func (l *links) of(a *ProviderAgent) *ProviderLink {
	if a.ProviderLinkID.Set {
		return l.byID[a.ProviderLinkID.N]
	}
	return l.byName[string(a.ProviderLinkName)]
}

// linkRecords yields every integration, then the clients of each. It leaves the integrations in found.
func (c *Collector) linkRecords(
	ctx context.Context, m *collectors.Meter, found *links,
) iter.Seq2[collectors.Record, error] {
	return func(yield func(collectors.Record, error) bool) {
		var records []collectors.Record
		var err error
		*found, records, err = c.readLinks(ctx, m)
		if err != nil {
			yield(collectors.Record{}, fmt.Errorf("read provider-links: %w", advise(err)))
			return
		}
		warnOfHealth(m, records)
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
		if err := c.allClients(ctx, m, records, yield); err != nil {
			yield(collectors.Record{}, err)
		}
	}
}

// warnOfHealth names the integrations of which the instance itself says that they do not work as they should: agents
// that they tell of may be gone, and others missing. Its message is left out, which may quote a secret.
func warnOfHealth(m *collectors.Meter, records []collectors.Record) {
	for _, r := range records {
		link, ok := r.Value.(*ProviderLink)
		if !ok || link.Disabled.B {
			continue
		}
		if health := link.Health(); health == Degraded || health == Unhealthy {
			m.Warn(fmt.Sprintf("ImmyBot calls the integration %q %s: what it tells of agents may be old", link.Name, health))
		}
	}
}

// allClients yields the clients of the links, which are read side by side. A link whose clients can't be read does not
// keep back those of the others.
func (c *Collector) allClients(
	ctx context.Context, m *collectors.Meter, records []collectors.Record, yield func(collectors.Record, error) bool,
) error {
	var failed []string
	var cause error
	for _, l := range c.clientsOf(ctx, records) {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case l.err == nil:
			m.Page()
		case l.link.Disabled.B, refused(l.err):
			m.Warn(fmt.Sprintf("the clients of the integration %q can't be read: %v", l.link.Name, l.err))
		default:
			failed, cause = append(failed, string(l.link.Name)), l.err
		}
		for _, r := range l.clients {
			if !yield(r, nil) {
				return nil
			}
		}
	}
	if cause != nil {
		return &collectors.IncompleteError{
			Reason: fmt.Sprintf("the clients of %s can't be read: %v", strings.Join(failed, ", "), cause),
		}
	}
	return nil
}

// linkClients is what came of one link's clients.
type linkClients struct {
	link    *ProviderLink
	clients []collectors.Record
	err     error
}

// clientsOf reads the clients of all links that may have some, in the order of the links.
func (c *Collector) clientsOf(ctx context.Context, records []collectors.Record) []linkClients {
	var list []linkClients
	for _, r := range records {
		if link, ok := r.Value.(*ProviderLink); ok && (!link.SupportsClients.Set || link.SupportsClients.B) {
			list = append(list, linkClients{link: link})
		}
	}
	var work panics.Group
	for worker := range min(inFlight, len(list)) {
		work.Go(func() {
			for i := worker; i < len(list) && ctx.Err() == nil; i += inFlight {
				list[i].clients, list[i].err = c.readClients(ctx, list[i].link)
			}
		})
	}
	work.Wait()
	return list
}

// refused reports whether the provider says that it has no clients to give for an integration: not every kind of
// integration has them. A role that may not read them is another matter.
func refused(err error) bool {
	switch status := rest.Status(err); status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusRequestTimeout, http.StatusTooManyRequests:
		return false
	default:
		return status >= 400 && status < 500 || unknownRoute(err)
	}
}

// readLinks reads the integrations and names their products.
func (c *Collector) readLinks(ctx context.Context, m *collectors.Meter) (links, []collectors.Record, error) {
	found := newLinks()
	body, err := c.client.Get(ctx, routeLinks, url.Values{
		"includeClients":                     {"false"},
		"throwIfAgentInstallerVersionNotSet": {"false"}, // its default, true, fails the whole list
	})
	if err != nil {
		return found, nil, err
	}
	records, err := linkPage(body)
	if err != nil {
		return found, nil, err
	}
	m.Page()
	products, err := c.readProducts(ctx, m)
	if err != nil {
		return found, nil, err
	}
	for _, r := range records {
		if link, ok := r.Value.(*ProviderLink); ok {
			link.Product = orDefault(products[strings.ToLower(string(link.ProviderTypeID))], string(link.Name))
			found.add(link)
		}
	}
	return found, records, nil
}

// readProducts returns the display name of each provider type by its id; nothing, with a warning, where the instance
// has no such route.
func (c *Collector) readProducts(ctx context.Context, m *collectors.Meter) (map[string]string, error) {
	body, err := c.client.Get(ctx, routeTypes, url.Values{"includeLinkFormSchemas": {"false"}})
	if unknownRoute(err) {
		m.Warn("the instance has no list of provider types: products are named after the integrations")
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	products := map[string]string{}
	for raw, err := range rawjson.Elements(body) {
		if err != nil {
			return nil, fmt.Errorf("%s: %w", routeTypes, err)
		}
		t, err := rawjson.Decode[providerType](raw, "provider-type", "providerTypeId")
		if err != nil {
			m.Warn(err.Error())
			continue
		}
		products[strings.ToLower(string(t.ID))] = strings.TrimSpace(string(t.DisplayName))
	}
	return products, nil
}

// providerType is a kind of integration.
type providerType struct {
	ID          rawjson.Text `json:"providerTypeId"`
	DisplayName rawjson.Text `json:"displayName"`
}

// readClients reads the clients of one link: from their own route or, on instances without it, from the link's page.
func (c *Collector) readClients(ctx context.Context, link *ProviderLink) ([]collectors.Record, error) {
	route := routeLinks + "/" + idText(link.ID)
	body, err := c.client.Get(ctx, route+"/clients", nil)
	var records []collectors.Record
	if unknownRoute(err) {
		records, err = c.clientsOfPage(ctx, route)
	} else if err == nil {
		records, err = clientRecords(body)
	}
	for _, r := range records {
		if client, ok := r.Value.(*ProviderClient); ok {
			client.Product = link.Product
		}
	}
	return records, err
}

// errUnreachable stands for includeClientsFailedMessage, which may quote the settings of the integration.
var errUnreachable = errors.New("the instance could not reach the other product: see the integration's page in ImmyBot")

func (c *Collector) clientsOfPage(ctx context.Context, route string) ([]collectors.Record, error) {
	body, err := c.client.Get(ctx, route, url.Values{
		"includeClients": {"true"}, "includeProvidersLinkedFromThisProvider": {"false"},
	})
	if err != nil {
		return nil, err
	}
	var failed rawjson.Text
	if _, err := rawjson.Get(body, &failed, "includeClientsFailedMessage"); err != nil {
		return nil, err
	}
	if failed != "" {
		return nil, errUnreachable
	}
	return clientRecords(body, "providerClients")
}

// countLinks proves that the integrations may be read. How many clients they have takes reading them all.
func (c *Collector) countLinks(ctx context.Context) (int, error) {
	if _, _, err := c.readLinks(ctx, &collectors.Meter{}); err != nil {
		return 0, fmt.Errorf("count provider-links: %w", advise(err))
	}
	return -1, nil
}
