package rest

import (
	"context"
	"net/http"
	"time"

	"golang.org/x/oauth2"

	"assetgraph/collectors"
)

// OAuth says how access tokens are got from a token endpoint (RFC 6749).
type OAuth struct {
	Instance     string // configured name, part of every error
	TokenURL     string // absolute; https unless the host is loopback. It may be on another host than the API
	ClientID     string
	ClientSecret string
	Scope        string // "" = none is sent. The refresh token grant sends none: it keeps the scope that was granted
	RefreshToken string // "" = client credentials grant, else refresh token grant

	// Keep is told a refresh token that the server gave in place of the last one, before the access token that came
	// with it is used. Its error is the error of the request, and the next request tells it again. nil = rotated tokens
	// live as long as the Authorizer.
	Keep func(ctx context.Context, refreshToken string) error

	FallbackTokenURL string              // asked after a 405, or a 404 of no token endpoint; "" = none
	Explain          func([]byte) string // as in Config; nil = error_description, else error, of RFC 6749 §5.2
	Options          collectors.Options
	Transport        http.RoundTripper // nil = a transport of its own with TLS verified
}

const (
	// renewBefore is how long before its end a token is taken for run out.
	renewBefore = time.Minute
	// unknownLifetime is that of a token whose answer does not tell.
	unknownLifetime = time.Hour
)

// NewOAuth returns an Authorizer that puts a bearer token on requests. The token is fetched when it is first needed,
// again about a minute before it runs out and when renew is asked for; callers that ask at the same time share one
// fetch. Errors are *Error without secrets.
func NewOAuth(c OAuth) Authorizer {
	c.Options = withDefaults(c.Options)
	return &oauth{
		endpoint: newTokenEndpoint(c),
		keep:     c.Keep,
		turn:     make(chan struct{}, 1),
		refresh:  c.RefreshToken,
	}
}

// An oauth holds the token of one instance. The goroutine that holds turn may use the fields below it.
type oauth struct {
	endpoint *tokenEndpoint
	keep     func(context.Context, string) error

	turn    chan struct{}
	token   *oauth2.Token // nil until one was fetched
	renewAt time.Time
	refresh string // the refresh token that is valid now; "" for client credentials
	owed    string // a rotated refresh token that was not kept yet
}

// Authorize implements Authorizer.
func (o *oauth) Authorize(ctx context.Context, r *http.Request, renew bool) error {
	select {
	case o.turn <- struct{}{}:
		defer func() { <-o.turn }()
	case <-ctx.Done():
		return &Error{Err: ctx.Err()}
	}
	if o.stale(r, renew) {
		if err := o.fetch(ctx); err != nil {
			return err
		}
	}
	if err := o.settle(ctx); err != nil {
		return err
	}
	o.token.SetAuthHeader(r)
	return nil
}

// stale reports whether a token must be fetched: not when another caller has replaced the refused one already.
func (o *oauth) stale(r *http.Request, renew bool) bool {
	if o.token == nil || !time.Now().Before(o.renewAt) {
		return true
	}
	refused := r.Header.Get("Authorization")
	return renew && (refused == "" || refused == o.token.Type()+" "+o.token.AccessToken)
}

// fetch gets a token and notes a refresh token that was rotated.
func (o *oauth) fetch(ctx context.Context) error {
	start := time.Now()
	token, err := o.endpoint.fetch(ctx, o.refresh)
	if err != nil {
		return err
	}
	if token.Expiry.IsZero() {
		token.Expiry = start.Add(unknownLifetime)
	}
	lifetime := token.Expiry.Sub(start)
	o.token, o.renewAt = token, token.Expiry.Add(-min(renewBefore, lifetime/2))
	if o.refresh != "" && token.RefreshToken != o.refresh {
		o.refresh, o.owed = token.RefreshToken, token.RefreshToken
	}
	return nil
}

// settle gives a refresh token that the server has replaced to Keep.
func (o *oauth) settle(ctx context.Context) error {
	if o.owed == "" || o.keep == nil {
		return nil
	}
	if err := o.keep(ctx, o.owed); err != nil {
		return o.endpoint.failure(o.refresh, &Error{Err: err})
	}
	o.owed = ""
	return nil
}
