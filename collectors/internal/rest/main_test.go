package rest_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rest"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	secret = "s3cret/token+with=signs"
	page   = `{"data":[{"id":"1"}]}`
)

// A server answers on loopback and counts the requests.
type server struct {
	*httptest.Server
	calls atomic.Int64
}

// serve starts a server whose handler is told which request it is, the first being 1.
func serve(t *testing.T, handle func(w http.ResponseWriter, r *http.Request, call int64)) *server {
	t.Helper()
	s := &server{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handle(w, r, s.calls.Add(1))
	}))
	t.Cleanup(s.Close)
	return s
}

// config is that of a client of s; its requests go through a transport that the test closes.
func (s *server) config(t *testing.T) rest.Config {
	t.Helper()
	base, err := rest.BaseURL(s.URL, "/api/v1")
	require.NoError(t, err)
	return rest.Config{
		Instance:   "main",
		BaseURL:    base,
		Authorizer: rest.Header("Authorization", "ApiToken "+secret),
		Secrets:    []string{secret},
		Explain:    explain,
		Options:    collectors.Options{RetryTime: 10 * time.Second, RequestTimeout: time.Minute},
		Transport:  transport(t),
	}
}

func transport(t *testing.T) *http.Transport {
	t.Helper()
	tr := &http.Transport{}
	t.Cleanup(tr.CloseIdleConnections)
	return tr
}

// explain reads {"error": "..."}.
func explain(body []byte) string {
	const before = `{"error":"`
	if len(body) < len(before) || string(body[:len(before)]) != before {
		return ""
	}
	return string(body[len(before) : len(body)-len(`"}`)])
}

func answer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// get sends one request with a query that no message may show.
func get(t *testing.T, c rest.Config) ([]byte, error) {
	t.Helper()
	return rest.New(c).Get(t.Context(), "/agents", url.Values{"cursor": {"c0ffee"}})
}

// requireError checks what every error of a request has to be.
func requireError(t *testing.T, err error, status int, text string) *rest.Error {
	t.Helper()
	require.Error(t, err)
	e, ok := errors.AsType[*rest.Error](err)
	require.True(t, ok, "%T", err)
	require.Equal(t, status, e.Status)
	require.Equal(t, status, rest.Status(err))
	require.ErrorContains(t, err, "main: GET /agents")
	require.ErrorContains(t, err, text)
	requireNoSecret(t, err.Error())
	return e
}

func requireNoSecret(t *testing.T, text string) {
	t.Helper()
	for _, form := range []string{secret, "c0ffee", url.QueryEscape(secret), url.PathEscape(secret), "s3cret"} {
		require.NotContains(t, text, form)
	}
}

// A logBook keeps what was logged.
type logBook struct{ records chan slog.Record }

func newLogBook() *logBook { return &logBook{records: make(chan slog.Record, 100)} }

func (l *logBook) Enabled(context.Context, slog.Level) bool { return true }
func (l *logBook) WithAttrs([]slog.Attr) slog.Handler       { return l }
func (l *logBook) WithGroup(string) slog.Handler            { return l }
func (l *logBook) Handle(_ context.Context, r slog.Record) error {
	l.records <- r.Clone()
	return nil
}

// texts returns "LEVEL message key=value …" of everything logged so far.
func (l *logBook) texts() []string {
	close(l.records)
	var texts []string
	for r := range l.records {
		text := r.Level.String() + " " + r.Message
		r.Attrs(func(a slog.Attr) bool {
			text += " " + a.String()
			return true
		})
		texts = append(texts, text)
	}
	return texts
}
