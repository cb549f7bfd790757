package rest

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/time/rate"

	"assetgraph/collectors"
)

// Config says how one instance of a provider is talked to.
type Config struct {
	Instance   string              // configured name, part of every error
	BaseURL    *url.URL            // as BaseURL returned it, with the path that all routes share
	Authorizer Authorizer          // nil: no authorization
	Rate       rate.Limit          // requests a second; 0 = no pacing
	Burst      int                 // 0 = 1
	InFlight   int                 // requests at the same time; 0 = 1
	MaxBody    int64               // bytes of one answer after decompression; 0 = 64 MiB
	Secrets    []string            // texts that no error or log may hold
	Explain    func([]byte) string // the provider's own message in an error body, "" when there is none; nil = none. Called for bodies of status 2xx as well: a non-empty result makes those an error
	Options    collectors.Options
	Transport  http.RoundTripper // nil = a transport of its own with TLS verified
}

// A Client sends requests to one instance. It may be used from any goroutine.
type Client struct {
	config Config
	logger *slog.Logger
}

// New returns a client for c.
func New(c Config) *Client { panic("stub") }

// Get reads route (appended to the base URL's path) and returns the body, which is JSON and neither empty nor null.
// It waits for its turn (Rate, InFlight), tries again after 429, 5xx and connection errors (Retry-After honoured, in
// seconds or as a date; exponential with jitter else) for at most Options.RetryTime, renews the authorization once
// after a 401, follows redirects within the same host only, and returns an *Error for everything else:
// another status, an answer that is not JSON by content type or content, is cut off, too large or too slow.
func (c *Client) Get(ctx context.Context, route string, query url.Values) ([]byte, error) {
	panic("stub")
}

// Post is Get with a JSON body, for the few reads that a provider offers as POST.
func (c *Client) Post(ctx context.Context, route string, body any) ([]byte, error) { panic("stub") }

// An Error says which request failed and why. Its text holds no secret.
type Error struct {
	Instance   string
	Method     string
	Route      string        // path without query
	Status     int           // 0 when there was no answer
	Message    string        // the provider's own, shortened and redacted; "" when it gave none
	RetryAfter time.Duration // what a 429 or 503 asked for; 0 for nothing
	Err        error         // cause when Status is 0 or the body was at fault
}

// Error gives "instance: METHOD route: status: message".
func (e *Error) Error() string { panic("stub") }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Status returns the HTTP status of the *Error in err's chain, or 0.
func Status(err error) int { panic("stub") }

// An Authorizer puts the credentials on a request. It may be called from any goroutine.
type Authorizer interface {
	// Authorize sets the header. renew means that the credentials of the last call were refused with a 401:
	// fresh ones are to be fetched, or an error returned when there are none.
	Authorize(ctx context.Context, r *http.Request, renew bool) error
}

// Header returns an Authorizer that sets one header to a fixed value and has nothing to renew.
func Header(name, value string) Authorizer { panic("stub") }

// BaseURL normalises what people type for a provider's address: surrounding space, a missing scheme (https is taken),
// a pasted console path, query or fragment (cut), a trailing slash. The result has the given path and no user, query or
// fragment. It refuses, with a reason that never repeats a user name or password: an empty host, a scheme other than https
// (http is allowed for a loopback host), a host with spaces or without a dot that is not loopback.
func BaseURL(raw, path string) (*url.URL, error) { panic("stub") }
