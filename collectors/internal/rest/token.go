package rest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"assetgraph/collectors"
	"assetgraph/internal/span"
)

// A tokenEndpoint asks one token URL, or the one that stands in for it. It is used by one caller at a time.
type tokenEndpoint struct {
	config   OAuth
	url      string // the one that is asked
	fallback string // "" when there is none or it is asked already
	http     *http.Client
}

func newTokenEndpoint(c OAuth) *tokenEndpoint {
	client := newHTTPClient(c.Transport, 1)
	client.Transport = wholeBody{next: client.Transport, traffic: c.Options.Traffic}
	return &tokenEndpoint{config: c, url: c.TokenURL, fallback: c.FallbackTokenURL, http: client}
}

// fetch gets a token: by refresh, or by the client credentials when that is "".
func (t *tokenEndpoint) fetch(ctx context.Context, refresh string) (*oauth2.Token, error) {
	token, err := t.tryAgain(ctx, refresh)
	if err == nil || t.fallback == "" || !elsewhere(err) {
		return token, err
	}
	first := t.url
	t.url = t.fallback
	token, second := t.tryAgain(ctx, refresh)
	if second == nil {
		t.fallback = ""
		return token, nil
	}
	t.url = first
	if elsewhere(second) {
		return nil, err
	}
	return nil, second
}

// elsewhere reports whether an answer says that this URL is no token endpoint: a 405, or a 404 without a message of
// its own.
func elsewhere(err error) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return false
	}
	return e.Status == http.StatusMethodNotAllowed ||
		e.Status == http.StatusNotFound && (e.Message == "" || strings.Contains(e.Message, "404 Not Found"))
}

func (t *tokenEndpoint) tryAgain(ctx context.Context, refresh string) (*oauth2.Token, error) {
	if err := t.checkURL(); err != nil {
		return nil, t.failure(refresh, err)
	}
	token, err := retry(ctx, t.config.Options, func() (*oauth2.Token, error) {
		limited, cancel := withLimit(ctx, t.config.Options.RequestTimeout)
		defer cancel()
		token, err := t.exchange(limited, refresh)
		if err != nil {
			return nil, t.failure(refresh, t.explain(limited, refresh, err))
		}
		return token, nil
	}, func(err error, wait time.Duration) {
		t.config.Options.Logger.LogAttrs(ctx, slog.LevelWarn, "token request is tried again",
			slog.String("instance", t.config.Instance), slog.String("error", err.Error()), slog.Duration("wait", wait))
	})
	if err != nil {
		return nil, t.failure(refresh, err)
	}
	return token, nil
}

// checkURL refuses to send credentials in clear.
func (t *tokenEndpoint) checkURL() error {
	u, err := url.Parse(t.url)
	if err != nil || u.Host == "" {
		return errors.New("the token URL is no absolute address")
	}
	return checkScheme(u.Scheme, u.Hostname())
}

// exchange asks once.
func (t *tokenEndpoint) exchange(ctx context.Context, refresh string) (token *oauth2.Token, err error) {
	ctx, mark := span.Start(ctx, "token")
	defer func() { span.End(mark, err != nil) }()
	ctx = context.WithValue(ctx, oauth2.HTTPClient, t.http)
	if refresh != "" {
		c := oauth2.Config{
			ClientID:     t.config.ClientID,
			ClientSecret: t.config.ClientSecret,
			Endpoint:     oauth2.Endpoint{TokenURL: t.url, AuthStyle: oauth2.AuthStyleInParams},
		}
		return c.TokenSource(ctx, &oauth2.Token{RefreshToken: refresh}).Token()
	}
	c := clientcredentials.Config{
		ClientID:     t.config.ClientID,
		ClientSecret: t.config.ClientSecret,
		TokenURL:     t.url,
		Scopes:       strings.Fields(t.config.Scope),
		AuthStyle:    oauth2.AuthStyleInParams,
	}
	return c.Token(ctx)
}

// explain turns what oauth2 says into an *Error. Its own texts quote the answer.
func (t *tokenEndpoint) explain(ctx context.Context, refresh string, err error) error {
	redactor := t.redactor(refresh)
	if e, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		status := e.Response.StatusCode
		return &Error{
			Status:     status,
			Message:    t.message(redactor, e),
			RetryAfter: retryAfter(e.Response.Header),
			prospect:   prospectOf(status),
		}
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	if _, ok := errors.AsType[*url.Error](err); ok {
		return transportError(ctx, err)
	}
	return &Error{Status: http.StatusOK, Err: errors.New("the answer holds no access token: wrong token URL")}
}

// message returns what the server says. The body is redacted before Explain may cut a secret in two.
func (t *tokenEndpoint) message(redactor *strings.Replacer, e *oauth2.RetrieveError) string {
	if t.config.Explain != nil {
		if message := t.config.Explain([]byte(redactor.Replace(string(e.Body)))); message != "" {
			return message
		}
	}
	return cmp.Or(e.ErrorDescription, e.ErrorCode)
}

func (t *tokenEndpoint) redactor(refresh string) *strings.Replacer {
	return newRedactor(t.config.ClientSecret, t.config.RefreshToken, refresh)
}

// failure completes err as an error of the token request.
func (t *tokenEndpoint) failure(refresh string, err error) error {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		e = &Error{Err: err}
	}
	if e.Method != "" {
		return e
	}
	redactor := t.redactor(refresh)
	full := *e
	full.Instance, full.Method, full.Route = t.config.Instance, http.MethodPost, withoutQuery(t.url)
	full.Message, full.Err = shorten(redactor.Replace(e.Message)), redactError(redactor, e.Err)
	return &full
}

func withoutQuery(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "token"
	}
	return u.Scheme + "://" + u.Host + u.Path
}

// maxTokenBody is how much of an answer of a token endpoint is read.
const maxTokenBody = 1 << 20

// A wholeBody transport reads answers to their end, so that one that is cut off is an error of the transport and is
// tried again. Where an answer is JSON by its looks but not by its content type, it sets that type: oauth2 relies on
// it.
type wholeBody struct {
	next    http.RoundTripper
	traffic *collectors.Traffic
}

// RoundTrip implements http.RoundTripper.
func (w wholeBody) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := w.next.RoundTrip(r)
	if err != nil {
		w.traffic.Answered(0)
		return nil, err
	}
	w.traffic.Answered(response.StatusCode)
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxTokenBody+1))
	if err != nil {
		return nil, err
	}
	if len(body) > maxTokenBody {
		return nil, &Error{
			Status: response.StatusCode, Err: fmt.Errorf("%w: more than %d bytes", errLarge, maxTokenBody),
		}
	}
	switch {
	case json.Valid(body):
		response.Header.Set("Content-Type", "application/json")
	case response.StatusCode/100 == 2 && len(bytes.TrimSpace(body)) == 0:
		return nil, &Error{
			Status: response.StatusCode, Err: fmt.Errorf("%w: wrong token URL", errEmpty), prospect: doubtful,
		}
	case response.StatusCode/100 == 2 && isHTML(response.Header.Get("Content-Type"), body):
		return nil, &Error{
			Status: response.StatusCode, Err: fmt.Errorf("%w: wrong token URL, or throttled", ErrHTML),
			prospect: doubtful,
		}
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}
