package immybot

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rawjson"
	"assetgraph/collectors/internal/rest"

	"github.com/go-json-experiment/json/jsontext"
)

const routeAuth = "/auth"

// identity is the answer of /auth; see docs/providers/immybot-api.md, "Sign-in".
type identity struct {
	UserID                  rawjson.Int  `json:"userId"`
	TenantID                rawjson.Int  `json:"tenantId"`
	DisplayName             rawjson.Text `json:"displayName"`
	Email                   rawjson.Text `json:"email"`
	IsAdmin                 rawjson.Bool `json:"isAdmin"`
	IsMSP                   rawjson.Bool `json:"isMSP"`
	IsInstanceUpdating      rawjson.Bool `json:"isInstanceUpdating"`
	IsInstanceRestarting    rawjson.Bool `json:"isInstanceRestarting"`
	InstanceUpdateHasFailed rawjson.Bool `json:"instanceUpdateHasFailed"`
}

// SignIn asks the instance who we are. Session.Account is the id of our own tenant there. It fails while the instance
// updates or restarts itself, since lists are cut short then.
func (c *Collector) SignIn(ctx context.Context) (collectors.Session, error) {
	body, err := c.client.Get(ctx, routeAuth, nil)
	if unknownRoute(err) && c.readsTenants(ctx) {
		return collectors.Session{
			Reader: c.config.reader(), Filter: c.config.Options.Filter,
			Warnings: []string{"the instance does not say who we are: " + err.Error()},
		}, nil
	}
	if err != nil {
		return collectors.Session{}, fmt.Errorf("sign in: %w", advise(err))
	}
	me, err := rawjson.Decode[identity](jsontext.Value(body), "session", "userId")
	if err != nil {
		return collectors.Session{}, fmt.Errorf("sign in: %w", err)
	}
	switch {
	case !me.TenantID.Set && !c.readsTenants(ctx):
		return collectors.Session{},
			errors.New("sign in: the answer names no tenant: is the URL that of an ImmyBot instance?")
	case me.IsInstanceUpdating.B:
		return collectors.Session{}, errors.New("sign in: the instance is updating itself: run again in some minutes")
	case me.IsInstanceRestarting.B:
		return collectors.Session{}, errors.New("sign in: the instance is restarting: run again in some minutes")
	}
	return collectors.Session{
		Account: idText(me.TenantID), Reader: c.config.reader(), User: me.name(), Warnings: me.warnings(),
		Filter: c.config.Options.Filter,
	}, nil
}

// readsTenants reports whether the instance answers at least the list of tenants as an ImmyBot instance does.
func (c *Collector) readsTenants(ctx context.Context) bool {
	body, err := c.client.Get(ctx, routeTenants, nil)
	if err != nil {
		return false
	}
	for _, err := range rawjson.Elements(body) {
		return err == nil
	}
	return true
}

func (i *identity) name() string {
	switch {
	case i.DisplayName != "":
		return string(i.DisplayName)
	case i.Email != "":
		return string(i.Email)
	case i.UserID.Set:
		return "user " + idText(i.UserID)
	}
	return ""
}

func (i *identity) warnings() []string {
	var out []string
	if !i.IsMSP.B && !i.IsAdmin.B {
		out = append(out, "the user is neither MSP nor administrator: the provider may show it one tenant only; assign its role with scope Owner or MSP to read all")
	}
	if i.InstanceUpdateHasFailed.B {
		out = append(out, "the instance's last update of itself has failed")
	}
	return out
}

// advise adds to the error of a request what to do about it.
func advise(err error) error {
	e, ok := errors.AsType[*rest.Error](err)
	if !ok || e.Method != http.MethodGet {
		return err // of the token endpoint, which explains itself
	}
	switch {
	case unknownRoute(err):
		return collectors.Advise(err, "the instance does not know this route: is the URL that of an ImmyBot instance?")
	case e.Status == http.StatusUnauthorized:
		return collectors.Advise(err, "the instance does not know the app: in ImmyBot, the AD External ID of a Person must be the object id of the Enterprise Application (not of the app registration), and a User must be made of that Person")
	case e.Status == http.StatusForbidden:
		return collectors.Advise(err, "the app is known but may not read this: in ImmyBot, make a User of its Person and assign a role with scope Owner or MSP")
	}
	return err
}

// unknownRoute reports whether the instance has no such route: it says so, knows it for other methods only, or answers
// with the page of its web console, under 200 (docs/providers/immybot-api.md, "Errors").
func unknownRoute(err error) bool {
	e, ok := errors.AsType[*rest.Error](err)
	if !ok || e.Method != http.MethodGet {
		return false
	}
	return e.Status == http.StatusNotFound || e.Status == http.StatusMethodNotAllowed || errors.Is(err, rest.ErrHTML)
}
