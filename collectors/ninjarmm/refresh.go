package ninjarmm

import (
	"context"
	"fmt"
	"net/http"
	"sync"

	"assetgraph/collectors/internal/rest"
)

// refreshAuth authorizes with a refresh token that rotates: every use gives a new one, and the old one is dead
// (docs/providers/ninjarmm-api.md, "Tokens"). The kept token is read when it is first needed and not before, since
// another run may change it until then.
type refreshAuth struct {
	config rest.OAuth
	kept   keptToken

	mu    sync.Mutex
	oauth rest.Authorizer // nil until first needed
}

func newRefreshAuth(config rest.OAuth, kept keptToken) *refreshAuth {
	return &refreshAuth{config: config, kept: kept}
}

// Authorize implements rest.Authorizer.
func (a *refreshAuth) Authorize(ctx context.Context, r *http.Request, renew bool) error {
	return a.authorizer().Authorize(ctx, r, renew)
}

// prepare finds out, before the token is used, whether its successor can be kept, and returns what people should know.
func (a *refreshAuth) prepare() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.oauth != nil {
		return nil
	}
	return a.connect()
}

func (a *refreshAuth) authorizer() rest.Authorizer {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.oauth == nil {
		a.connect()
	}
	return a.oauth
}

// connect reads the kept token and makes the authorizer. mu is held.
func (a *refreshAuth) connect() (warnings []string) {
	token, err := a.kept.read()
	if err != nil {
		warnings = append(warnings,
			fmt.Sprintf("the kept refresh token can't be read, the configured one is used: %v", err))
	}
	if token != "" {
		a.config.RefreshToken = token
	}
	a.config.Keep = func(_ context.Context, token string) error { return a.kept.write(token) }
	if err := a.kept.writable(); err != nil {
		warnings = append(warnings, fmt.Sprintf("NinjaOne replaces the refresh token with every use, and the new one can't be kept (%v): the next run will need a new refresh token", err))
		a.config.Keep = nil
	}
	a.oauth = rest.NewOAuth(a.config)
	return warnings
}
