package rest_test

import (
	"crypto/tls"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"assetgraph/collectors/internal/rest"

	"github.com/stretchr/testify/require"
)

// newTLSServer counts handshakes with a certificate that no client trusts.
func newTLSServer(t *testing.T, handshakes *atomic.Int64) string {
	t.Helper()
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.TLS = &tls.Config{
		MinVersion: tls.VersionTLS12,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			handshakes.Add(1)
			return nil, nil
		},
	}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL
}

func TestRedirectWithinTheHost(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request, _ int64) {
		if r.URL.Path == "/api/v1/agents" {
			http.Redirect(w, r, "/api/v2/agents?"+r.URL.RawQuery, http.StatusTemporaryRedirect)
			return
		}
		if r.Header.Get("Authorization") == "" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		answer(w, http.StatusOK, page)
	})
	body, err := get(t, s.config(t))
	require.NoError(t, err)
	require.Equal(t, page, string(body))
}

func TestRedirectToAnotherHost(t *testing.T) {
	other := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int64) { answer(w, http.StatusOK, page) })
	for name, target := range map[string]string{
		"another port":   other.URL + "/login?token=" + secret,
		"another name":   strings.Replace(other.URL, "127.0.0.1", "localhost", 1),
		"another scheme": strings.Replace(other.URL, "http://", "https://", 1),
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int64) {
				w.Header().Set("Location", target)
				w.WriteHeader(http.StatusFound)
			})
			_, err := get(t, s.config(t))
			_ = requireError(t, err, 0, "redirect refused: to another host")
			require.EqualValues(t, 1, s.calls.Load())
			require.Zero(t, other.calls.Load(), "the other host was asked")
		})
	}
}

func TestRedirectsWithoutEnd(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request, _ int64) {
		http.Redirect(w, r, r.URL.Path, http.StatusFound)
	})
	_, err := get(t, s.config(t))
	_ = requireError(t, err, 0, "redirect refused: more than")
	require.LessOrEqual(t, s.calls.Load(), int64(6))
}

func TestRedirectMustNotTurnPostIntoGet(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request, _ int64) {
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	})
	_, err := rest.New(s.config(t)).Post(t.Context(), "/details", struct{}{})
	require.ErrorContains(t, err, "main: POST /details: redirect refused: it would turn POST into GET")
	require.EqualValues(t, 1, s.calls.Load())
}

func TestRedirectToNowhere(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int64) {
		w.Header().Set("Location", "http://user:"+secret+"@[bad/?token=c0ffee")
		w.WriteHeader(http.StatusFound)
	})
	c := s.config(t)
	c.Options.RetryTime = -1
	_, err := get(t, c)
	_ = requireError(t, err, 0, "redirect refused: its target is no address")
}
