package rest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	"go.opentelemetry.io/otel/attribute"

	"assetgraph/internal/span"
)

var (
	errAddress = errors.New("the address can't be built")
	errMayNot  = errors.New("the program never asks this")
	errControl = errors.New("the credentials hold a line break or another control character")
)

// A request is one call with what its attempts tell each other.
type request struct {
	method  string
	route   string
	query   url.Values
	payload []byte
	refused http.Header // credentials that were answered with a 401; nil before that
	renewed bool        // fresh ones were asked for
	sent    http.Header // credentials of the last attempt
	status  int         // of the last answer, 0 for none
	date    time.Time   // of the last answer, by the provider's clock; zero where it does not say
}

// name is the route for people: without anything that looks like a query.
func (r *request) name() string {
	route, _, _ := strings.Cut(r.route, "?")
	return "/" + strings.TrimLeft(route, "/")
}

// attempt sends r once, or twice when the credentials of the first time were refused and could be renewed.
func (c *Client) attempt(ctx context.Context, r *request) ([]byte, error) {
	body, err := c.send(ctx, r)
	if err == nil || r.renewed || Status(err) != http.StatusUnauthorized || r.sent == nil {
		return body, err
	}
	r.renewed, r.refused = true, r.sent
	again, renewal := c.send(ctx, r)
	if errors.Is(renewal, errFixed) {
		return nil, err
	}
	return again, renewal
}

// send waits for its turn, sends r once and reads the answer.
func (c *Client) send(ctx context.Context, r *request) (body []byte, err error) {
	came := time.Now()
	ctx, mark := span.Start(ctx, r.method+" "+r.name(), attribute.String("http.request.method", r.method),
		attribute.String("url.path", c.config.BaseURL.Path+r.name()))
	defer func() {
		span.End(mark, err != nil, attribute.Int("http.response.status_code", r.status),
			attribute.Int("http.response.body.size", len(body)))
	}()
	select {
	case c.host.slots <- struct{}{}:
		defer func() { <-c.host.slots }()
	case <-ctx.Done():
		return nil, &Error{Err: ctx.Err()}
	}
	if err := c.host.wait(ctx); err != nil {
		return nil, &Error{Err: ended(ctx)}
	}
	if err := c.pace.Wait(ctx); err != nil {
		return nil, &Error{Err: ended(ctx)}
	}
	waited := time.Since(came)
	c.config.Options.Traffic.Paced(waited)
	mark.SetAttributes(attribute.Float64("assetgraph.paced_seconds", waited.Seconds()))
	r.status = 0
	h, err := c.prepare(ctx, r)
	if err != nil {
		return nil, err
	}
	limited, cancel := withLimit(ctx, c.config.Options.RequestTimeout)
	defer cancel()
	return c.exchange(limited, r, h.WithContext(limited))
}

// ended is the error of a context that is done or would be before its turn comes.
func ended(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return context.DeadlineExceeded
}

// prepare builds the HTTP request with its credentials.
func (c *Client) prepare(ctx context.Context, r *request) (*http.Request, error) {
	if c.config.May != nil && !c.config.May(r.method, r.route) {
		return nil, &Error{Err: errMayNot}
	}
	target := c.config.BaseURL.JoinPath(r.route)
	target.RawQuery = r.query.Encode()
	var payload io.Reader = http.NoBody
	if r.payload != nil {
		payload = bytes.NewReader(r.payload)
	}
	h, err := http.NewRequestWithContext(ctx, r.method, target.String(), payload)
	if err != nil {
		return nil, &Error{Err: errAddress}
	}
	if err := c.authorize(ctx, r, h); err != nil {
		return nil, err
	}
	h.Header.Set("Accept", "application/json")
	h.Header.Set("User-Agent", c.config.Options.UserAgent)
	if r.payload != nil {
		h.Header.Set("Content-Type", "application/json")
	}
	return h, nil
}

// authorize puts the credentials on h and remembers them for redaction and renewal.
func (c *Client) authorize(ctx context.Context, r *request, h *http.Request) error {
	if c.config.Authorizer == nil {
		return nil
	}
	refused := r.refused
	if refused != nil {
		h.Header = refused.Clone()
	}
	r.sent = nil
	if err := c.config.Authorizer.Authorize(ctx, h, refused != nil); err != nil {
		return err
	}
	r.refused, r.sent = nil, h.Header.Clone()
	for _, value := range credentials(r.sent) {
		if strings.ContainsFunc(value, unicode.IsControl) {
			return &Error{Err: errControl}
		}
	}
	return nil
}

// exchange sends h and reads and checks the answer.
func (c *Client) exchange(ctx context.Context, r *request, h *http.Request) ([]byte, error) {
	start := time.Now()
	status, body, err := c.roundTrip(ctx, r, h)
	r.status = status
	c.config.Options.Traffic.Answered(status)
	c.logger.LogAttrs(ctx, slog.LevelDebug, "request", append(c.attrs(r),
		slog.Int("status", status),
		slog.Int64("ms", time.Since(start).Milliseconds()),
		slog.Int("bytes", len(body)))...)
	if e, ok := errors.AsType[*Error](err); ok && e.RetryAfter > 0 {
		c.host.hold(e.RetryAfter)
	}
	if err != nil {
		return nil, err
	}
	return body, nil
}

// roundTrip returns status and body also when one of them is at fault.
func (c *Client) roundTrip(ctx context.Context, r *request, h *http.Request) (int, []byte, error) {
	response, err := c.http.Do(h)
	if err != nil {
		return 0, nil, transportError(ctx, err)
	}
	defer response.Body.Close()
	r.date, _ = http.ParseTime(response.Header.Get("Date")) // zero for what is no date
	body, err := c.read(ctx, r, response)
	if err == nil {
		err = c.check(r, response, body)
	}
	return response.StatusCode, body, err
}
