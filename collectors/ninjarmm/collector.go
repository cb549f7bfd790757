// Package ninjarmm reads one NinjaOne (formerly NinjaRMM) tenant: organizations, locations, devices with what reports
// tell of them, alerts and users.
//
// The API tells no totals, so nothing can be compared after a walk: a list has ended when the server answers with an
// empty page, and with nothing else. Notes, userData, custom fields and the settings of organizations may hold secrets
// and are never decoded. What is known of the API, where it is known from and how sure it is, is in
// docs/providers/ninjarmm-api.md.
package ninjarmm

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rest"
)

// The kinds of record that the steps yield, with the wire type of Record.Value.
const (
	KindOrganization = "organization" // *Organization
	KindLocation     = "location"     // *Location
	KindDevice       = "device"       // *Device
	KindUser         = "user"         // *User
	KindAlert        = "alert"        // *Alert
)

// Routes below /v2 and those of the token endpoint.
const (
	apiPath       = "/v2"
	tokenPath     = "/ws/oauth/token"
	tokenFallback = "/oauth/token"

	organizationsRoute = "/organizations"
	locationsRoute     = "/locations"
	devicesRoute       = "/devices-detailed"
	plainDevicesRoute  = "/devices"
	usersRoute         = "/users"
	rolesRoute         = "/roles"
	policiesRoute      = "/policies"
	alertsRoute        = "/alerts"
)

// devicesStep is the step that reads devices.
const devicesStep = "devices"

// Pacing. NinjaOne publishes no limit for /v2 and advises nothing; clients in production stay at two to four requests
// in flight (docs/providers/ninjarmm-api.md, "Rate limits"). Each list is a chain of requests of which each waits for
// the answer before, and inFlight of these are read side by side, so that a server which takes 20 ms or more for a page
// is never asked faster than it answers.
const (
	inFlight          = 4
	requestsPerSecond = 50 * inFlight
	burst             = 50
)

// maxPageSize is the largest page that clients are known to ask for (docs/providers/ninjarmm-api.md, "Paging"). A
// server may cut down more, or less, without a word.
const maxPageSize = 1000

// Collector reads one tenant. It is made by New, and is used for one run.
type Collector struct {
	config  Config
	host    *url.URL // scheme and host alone
	client  *rest.Client
	steps   []collectors.Step
	refresh *refreshAuth // nil with client credentials
	waiting sync.Map     // ids of devices that wait for approval, found while these are left out
	filter  collectors.Once[*scope]
	chosen  map[string]bool // parts
	now     time.Time       // of the sign-in, by the provider's clock; zero where it does not say
	reports reports
	words   collectors.Words // of the reports
	shown   shownDevices
}

var _ collectors.Collector = (*Collector)(nil)

// New returns the collector of one tenant. Nothing is contacted. Its error is a *collectors.SettingError that names the
// field of Config.
func New(c Config) (*Collector, error) {
	host, err := c.normalize()
	if err != nil {
		return nil, err
	}
	if err := c.Options.Skip.Check("users", pendingPart); err != nil {
		return nil, err
	}
	if err := c.Options.Collect.Check(Parts()); err != nil {
		return nil, err
	}
	n := &Collector{config: c, host: host, chosen: map[string]bool{}}
	for _, p := range Parts() {
		n.chosen[p.Name] = c.Options.Collect.Has(p)
	}
	n.client = n.newClient(0)
	n.steps = n.newSteps()
	return n, nil
}

// newClient returns the client of the tenant, which takes answers of so many bytes; 0 for the usual limit.
func (n *Collector) newClient(largest int64) *rest.Client {
	return rest.New(rest.Config{
		Instance:   n.config.Instance,
		BaseURL:    n.host.JoinPath(apiPath),
		Authorizer: spaces{n.authorizer()},
		Rate:       requestsPerSecond,
		Burst:      burst,
		InFlight:   inFlight,
		MaxBody:    largest,
		Secrets:    []string{n.config.ClientSecret, n.config.RefreshToken},
		Explain:    explain,
		Options:    n.config.Options,
	})
}

func (n *Collector) authorizer() rest.Authorizer {
	o := rest.OAuth{
		Instance:         n.config.Instance,
		TokenURL:         n.host.JoinPath(tokenPath).String(),
		FallbackTokenURL: n.host.JoinPath(tokenFallback).String(),
		ClientID:         n.config.ClientID,
		ClientSecret:     n.config.ClientSecret,
		Scope:            n.config.Scope,
		RefreshToken:     n.config.RefreshToken,
		Explain:          explain,
		Options:          n.config.Options,
	}
	if o.RefreshToken == "" {
		return rest.NewOAuth(o)
	}
	n.refresh = newRefreshAuth(o, keptToken{
		dir:  n.config.Options.StateDir,
		name: keptName(n.config.Instance, n.config.RefreshToken),
	})
	return n.refresh
}

// spaces is an Authorizer that also writes the spaces of a query as %20, where url.Values writes "+"
// (docs/providers/ninjarmm-api.md, "Device filter").
type spaces struct{ rest.Authorizer }

// Authorize implements rest.Authorizer.
func (s spaces) Authorize(ctx context.Context, r *http.Request, renew bool) error {
	r.URL.RawQuery = strings.ReplaceAll(r.URL.RawQuery, "+", "%20") // a plus sign itself is %2B by now
	return s.Authorizer.Authorize(ctx, r, renew)
}

// Host returns the host name of the tenant, with the port where one was given.
func (n *Collector) Host() string { return n.host.Host }

// SignIn gets a token and reads one organization. The session has no account, since the API tells none to a client (the
// host and the ids stand for it), and no user.
func (n *Collector) SignIn(ctx context.Context) (collectors.Session, error) {
	s := collectors.Session{Reader: n.config.reader(), Filter: n.config.Options.Filter}
	if n.refresh != nil {
		s.Warnings = n.refresh.prepare()
	}
	err := n.client.Page(ctx, rest.Page{
		Route: organizationsRoute, Query: url.Values{"pageSize": {"1"}},
		Decode: func([]byte, int) error { return nil },
		Date:   func(now time.Time) { n.now = now },
	})
	if err != nil {
		return s, n.advise(fmt.Errorf("sign in to %s: %w", n.host.Host, err))
	}
	return s, nil
}

// advise adds to the error of a request what people can do about it, unless the error says it itself.
func (n *Collector) advise(err error) error {
	e, ok := errors.AsType[*rest.Error](err)
	if !ok || collectors.IsUnavailable(err) || e.Status == 0 || e.Message == regionAdvice {
		return err
	}
	token := strings.HasSuffix(e.Route, tokenFallback)
	switch {
	case token && n.refresh != nil && e.Status < http.StatusInternalServerError:
		return collectors.Advise(err,
			"the refresh token is no longer good: authorize the client app again and set the new one")
	case token && e.Status < http.StatusInternalServerError:
		return collectors.Advise(err, "check client id and client secret, and that the client app allows the grant type client credentials and the scope monitoring")
	case e.Message == userNeededAdvice:
		return collectors.Advise(err, "configure a client that acts for a user, with a refresh token")
	case e.Status == http.StatusForbidden && n.refresh != nil:
		return collectors.Advise(err,
			"the client app needs the scope monitoring, and the technician who authorized it the right to see this")
	case e.Status == http.StatusForbidden:
		return collectors.Advise(err, "the client app needs the scope monitoring (Administration > Apps > API)")
	case e.Status == http.StatusNotFound:
		return collectors.Advise(err, "is the URL that of the NinjaOne console, such as https://app.ninjarmm.com?")
	}
	return err
}

// Steps implements collectors.Collector.
func (n *Collector) Steps() []collectors.Step { return n.steps }

// newSteps returns organizations, locations, the reports, devices, alerts and users. Devices come after the reports, of
// which each device has its own; all others are read side by side.
func (n *Collector) newSteps() []collectors.Step {
	reports := n.reportSteps()
	var names []string
	for _, s := range reports {
		names = append(names, s.Name)
	}
	steps := slices.Concat([]collectors.Step{
		{
			Name: "organizations", Route: "GET /v2/organizations", Kinds: []string{KindOrganization},
			Records: n.narrowed(n.organizations), Count: counter(n.narrowed(n.organizations)),
			Alive: n.alive(KindOrganization, organizationRoute),
		},
		{
			Name: "locations", Route: "GET /v2/locations", Kinds: []string{KindLocation},
			Needs:   []string{"organizations"},
			Records: n.narrowed(n.locations), Count: counter(n.narrowed(n.locations)),
		},
	}, reports, []collectors.Step{
		{
			Name: devicesStep, Route: "GET /v2/devices-detailed", Kinds: []string{KindDevice},
			Needs: []string{"organizations", "locations"}, After: names,
			Records: n.devices, Count: n.countDevices, Alive: n.alive(KindDevice, deviceRoute), LeftOut: n.isWaiting,
		},
		n.alertStep(),
		{
			Name: "users", Route: "GET /v2/users", Kinds: []string{KindUser},
			Needs:   []string{"organizations"},
			Records: n.narrowed(n.users), Count: counter(n.narrowed(n.users)),
		},
	})
	for i := range steps {
		steps[i] = n.advised(steps[i])
	}
	users := &steps[len(steps)-1] // devices and their customers can't be left out
	*users = n.config.Options.Skip.Mark(*users)
	return steps
}

// advised returns a step whose errors say what people can do about them.
func (n *Collector) advised(s collectors.Step) collectors.Step {
	records, count := s.Records, s.Count
	s.Records = func(ctx context.Context, m *collectors.Meter) iter.Seq2[collectors.Record, error] {
		return func(yield func(collectors.Record, error) bool) {
			for r, err := range records(ctx, m) {
				if !yield(r, n.advise(err)) {
					return
				}
			}
		}
	}
	s.Count = func(ctx context.Context) (int, error) {
		total, err := count(ctx)
		return total, n.advise(err)
	}
	return s
}

// pageSize returns how many records a page asks for.
func (n *Collector) pageSize() int { return n.atMost(maxPageSize) }

// atMost returns how many rows a page asks for where the server gives that many.
func (n *Collector) atMost(rows int) int {
	if size := n.config.Options.PageSize; size > 0 {
		return min(size, rows)
	}
	return rows
}

// console returns the address of the tenant's console, "" where the configured host serves the API alone, as
// api.ninjarmm.com and eu-api.ninjarmm.com do (docs/providers/ninjarmm-api.md, "Hosts").
func (n *Collector) console() string {
	if label, _, _ := strings.Cut(n.host.Host, "."); label == "api" || strings.HasSuffix(label, "-api") {
		return ""
	}
	return n.host.String()
}
