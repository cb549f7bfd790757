package rest

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/time/rate"

	"assetgraph/collectors"
)

// Config says how one instance of a provider is talked to.
type Config struct {
	Instance   string     // configured name, part of every error
	BaseURL    *url.URL   // as BaseURL returned it, with the path that all routes share
	Authorizer Authorizer // nil: no authorization
	Rate       rate.Limit // requests a second, of which Options.Pace may want less; 0 = no pacing
	Burst      int        // 0 = 1
	InFlight   int        // requests to the host at the same time; 0 = 1
	MaxBody    int64      // bytes of one answer after decompression; 0 = 64 MiB
	Secrets    []string   // texts that no error or log may hold
	Options    collectors.Options
	Transport  http.RoundTripper // nil = a transport of its own with TLS verified

	// Explain returns the provider's own message in an error body, "" when there is none; nil = none. It is called for
	// bodies of status 2xx as well: a message in one makes it an error.
	Explain func(body []byte) string

	// May says of a route, before a request goes out, whether it may be asked at all; nil = all may. It is for providers
	// with routes that act when they are read.
	May func(method, route string) bool

	// PageForUnknownRoute says that the provider answers routes that it does not know with a web page under 200. Of any
	// other provider that has answered before, such a page tells that it throttles.
	PageForUnknownRoute bool
}

const (
	defaultMaxBody        = 64 << 20
	defaultRequestTimeout = 60 * time.Second
)

// A Client sends requests to one instance. It may be used from any goroutine.
type Client struct {
	config Config
	logger *slog.Logger
	http   *http.Client
	pace   pacer
	host   *host
	bodies *bodies
	routes *routes
}

// New returns a client for c.
func New(c Config) *Client {
	if c.MaxBody <= 0 {
		c.MaxBody = defaultMaxBody
	}
	c.Rate, c.Burst = c.paced()
	if c.BaseURL == nil {
		c.BaseURL = &url.URL{}
	}
	c.InFlight = max(c.InFlight, 1)
	c.Options = withDefaults(c.Options)
	return &Client{
		config: c,
		logger: c.Options.Logger,
		http:   newHTTPClient(c.Transport, c.InFlight),
		pace:   rate.NewLimiter(c.Rate, c.Burst),
		host:   c.sharedHost(),
		bodies: newBodies(),
		routes: newRoutes(),
	}
}

// withDefaults fills in what a request needs.
func withDefaults(o collectors.Options) collectors.Options {
	if o.RequestTimeout <= 0 {
		o.RequestTimeout = defaultRequestTimeout
	}
	if o.RetryTime == 0 {
		o.RetryTime = defaultRetryTime
	}
	if o.UserAgent == "" {
		o.UserAgent = "assetgraph"
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// Get reads route (appended to the base URL's path) and returns the body, which is JSON and neither empty nor null.
// It waits for its turn (Rate, InFlight), tries again after 429, 5xx (but 501), connection errors, bodies that were
// cut off and time-outs (Retry-After honoured, in seconds or as a date; exponential with jitter else) for at most
// Options.RetryTime, renews the authorization once after a 401, follows redirects within the same host only, and
// returns an *Error for everything else: another status, or an answer that is too large. A Retry-After beyond
// Options.RetryTime ends it at once, and the error says so.
//
// An answer of success that is no JSON by content type or content is tried again as well: for as long as any other
// where the route has answered with JSON before, and a few times where it never did and may not exist.
//
// JSON is told by the content type and by how the body begins and ends; what is between is for the decoder. The body is
// the caller's until it is handed back by Release.
func (c *Client) Get(ctx context.Context, route string, query url.Values) ([]byte, error) {
	return c.call(ctx, &request{method: http.MethodGet, route: route, query: query})
}

// Post is Get with a JSON body, for the few reads that a provider offers as POST.
func (c *Client) Post(ctx context.Context, route string, body any) ([]byte, error) {
	payload, err := json.Marshal(body)
	r := &request{method: http.MethodPost, route: route, payload: payload}
	if err != nil {
		return nil, c.failure(r, &Error{Err: err})
	}
	return c.call(ctx, r)
}

// call sends r until it is answered or given up.
func (c *Client) call(ctx context.Context, r *request) ([]byte, error) {
	body, err := retry(ctx, c.config.Options, func() ([]byte, error) {
		body, err := c.attempt(ctx, r)
		return body, c.failure(r, err)
	}, func(err error, wait time.Duration) {
		c.logger.LogAttrs(ctx, slog.LevelWarn, "request is tried again",
			append(c.attrs(r), slog.String("error", err.Error()), slog.Duration("wait", wait))...)
	})
	if err != nil {
		return nil, c.failure(r, err) // the context's own, when it ends between two tries
	}
	return body, nil
}

// attrs are the log attributes that tell a request; none holds a query or a secret.
func (c *Client) attrs(r *request) []slog.Attr {
	return []slog.Attr{
		slog.String("instance", c.config.Instance), slog.String("method", r.method), slog.String("route", r.name()),
	}
}
