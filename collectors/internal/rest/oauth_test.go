package rest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/rest"

	"github.com/stretchr/testify/require"
)

// oauth is the configuration of a client of the token endpoint s.
func (s *server) oauth(t *testing.T) rest.OAuth {
	t.Helper()
	return rest.OAuth{
		Instance:     "main",
		TokenURL:     s.URL + "/oauth2/token?tenant=c0ffee",
		ClientID:     "client-1",
		ClientSecret: secret,
		Scope:        "monitoring management",
		Options:      collectors.Options{RetryTime: 10 * time.Second, RequestTimeout: time.Minute},
		Transport:    transport(t),
	}
}

// authorize returns the header that a gives.
func authorize(t *testing.T, a rest.Authorizer, refused string) (string, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.example/x", http.NoBody)
	require.NoError(t, err)
	if refused != "" {
		r.Header.Set("Authorization", refused)
	}
	err = a.Authorize(t.Context(), r, refused != "")
	return r.Header.Get("Authorization"), err
}

// tokens answers each request with a token named after its number.
func tokens(more string) func(http.ResponseWriter, *http.Request, int64) {
	return func(w http.ResponseWriter, _ *http.Request, call int64) {
		answer(w, http.StatusOK, fmt.Sprintf(`{"access_token":"token-%d","token_type":"bearer"%s}`, call, more))
	}
}

func TestClientCredentials(t *testing.T) {
	forms := make(chan url.Values, 1)
	s := serve(t, func(w http.ResponseWriter, r *http.Request, _ int64) {
		_ = r.ParseForm()
		forms <- r.PostForm
		if r.Header.Get("Authorization") != "" {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		answer(w, http.StatusOK, `{"access_token":"abc","token_type":"Bearer","expires_in":3600}`)
	})
	a := rest.NewOAuth(s.oauth(t))
	require.Zero(t, s.calls.Load(), "the token is fetched before it is needed")
	header, err := authorize(t, a, "")
	require.NoError(t, err)
	require.Equal(t, "Bearer abc", header)
	require.Equal(t, url.Values{
		"grant_type":    {"client_credentials"},
		"client_id":     {"client-1"},
		"client_secret": {secret},
		"scope":         {"monitoring management"},
	}, <-forms)
}

func TestTokenIsUsedUntilItRunsOut(t *testing.T) {
	for name, more := range map[string]string{
		"an hour":           `,"expires_in":3600`,
		"an hour as text":   `,"expires_in":"3599"`,
		"no lifetime given": "",
		"null":              `,"expires_in":null`,
		"a minute and more": `,"expires_in":121`,
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, tokens(more))
			a := rest.NewOAuth(s.oauth(t))
			for range 3 {
				_, err := authorize(t, a, "")
				require.NoError(t, err)
			}
			require.EqualValues(t, 1, s.calls.Load())
		})
	}
}

func TestTokenIsRenewedBeforeItRunsOut(t *testing.T) {
	s := serve(t, tokens(`,"expires_in":1`))
	a := rest.NewOAuth(s.oauth(t))
	first, err := authorize(t, a, "")
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		next, err := authorize(t, a, "")
		return err == nil && next != first
	}, 10*time.Second, 20*time.Millisecond)
}

func TestRefusedTokenIsRenewed(t *testing.T) {
	s := serve(t, tokens(`,"expires_in":3600`))
	a := rest.NewOAuth(s.oauth(t))
	first, err := authorize(t, a, "")
	require.NoError(t, err)
	second, err := authorize(t, a, first)
	require.NoError(t, err)
	require.Equal(t, "Bearer token-2", second)
	third, err := authorize(t, a, first)
	require.NoError(t, err)
	require.Equal(t, second, third, "another request had renewed it already")
	require.EqualValues(t, 2, s.calls.Load())
}

func TestOneFetchForAll(t *testing.T) {
	s := serve(t, tokens(`,"expires_in":3600`))
	a := rest.NewOAuth(s.oauth(t))
	for _, refused := range []string{"", "Bearer token-1"} {
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.example/x", http.NoBody)
				r.Header.Set("Authorization", refused)
				_ = a.Authorize(t.Context(), r, refused != "")
			})
		}
		all.Wait()
	}
	require.EqualValues(t, 2, s.calls.Load())
}

func TestWaitingForTheTokenOfAnother(t *testing.T) {
	started := make(chan struct{})
	s := serve(t, func(_ http.ResponseWriter, r *http.Request, _ int64) {
		_ = r.ParseForm()
		close(started)
		<-r.Context().Done()
	})
	a := rest.NewOAuth(s.oauth(t))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.example/x", http.NoBody)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	var first sync.WaitGroup
	first.Go(func() { _ = a.Authorize(ctx, r.Clone(ctx), false) })
	<-started
	impatient, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	require.ErrorIs(t, a.Authorize(impatient, r, false), context.DeadlineExceeded)
	cancel()
	first.Wait()
}

func TestTokenEndpointIsTriedAgain(t *testing.T) {
	for name, fault := range map[string]func(w http.ResponseWriter){
		"503":              func(w http.ResponseWriter) { w.WriteHeader(http.StatusServiceUnavailable) },
		"429":              func(w http.ResponseWriter) { w.WriteHeader(http.StatusTooManyRequests) },
		"connection reset": func(w http.ResponseWriter) { reset(w, "") },
		"page under 200":   func(w http.ResponseWriter) { _, _ = w.Write([]byte("<html>too many requests</html>")) },
		"nothing":          func(w http.ResponseWriter) { w.WriteHeader(http.StatusNoContent) },
		"cut off": func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "500")
			answer(w, http.StatusOK, `{"access_token":"abc`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, r *http.Request, call int64) {
				if call == 1 {
					fault(w)
					return
				}
				tokens("")(w, r, call)
			})
			header, err := authorize(t, rest.NewOAuth(s.oauth(t)), "")
			require.NoError(t, err)
			require.Equal(t, "Bearer token-2", header)
		})
	}
}

func TestTokenIsRefused(t *testing.T) {
	for name, tc := range map[string]struct {
		status int
		body   string
		want   int
		text   string
	}{
		"description": {
			401, `{"error":"invalid_client","error_description":"AADSTS7000215: wrong secret"}`, 401,
			"401 Unauthorized: AADSTS7000215: wrong secret",
		},
		"code alone": {400, `{"error":"invalid_scope"}`, 400, "400 Bad Request: invalid_scope"},
		"secret told": {
			400, `{"error_description":"secret ` + secret + ` of client is wrong"}`, 400,
			"secret *** of client is wrong",
		},
		"secret escaped":           {400, `{"error_description":"` + url.QueryEscape(secret) + `"}`, 400, "***"},
		"error under 200":          {200, `{"error":"invalid_grant","error_description":"gone"}`, 200, "gone"},
		"HTML under 200":           {200, `<html>` + secret + `</html>`, 200, "wrong token URL"},
		"no token":                 {200, `{"expires_in":12}`, 200, "wrong token URL"},
		"nothing":                  {200, ``, 200, "wrong token URL"},
		"HTML error":               {403, `<html>` + secret + `</html>`, 403, "403 Forbidden"},
		"token of the wrong shape": {200, `{"access_token":{"a":"` + secret + `"}}`, 200, "wrong token URL"},
		"unknown client":           {404, `{"resultCode":"Client app not exist"}`, 404, "404 Not Found"},
		"much too much":            {200, `{"access_token":"` + strings.Repeat("x", 2<<20) + `"}`, 200, "too large"},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int64) { answer(w, tc.status, tc.body) })
			_, err := authorize(t, rest.NewOAuth(s.oauth(t)), "")
			tries := 1
			if tc.status == 200 && (tc.body == "" || tc.body[0] == '<') {
				tries = 4 // a page of a gateway may be gone the next time
			}
			require.EqualValues(t, tries, s.calls.Load())
			requireTokenError(t, err, tc.want, tc.text)
		})
	}
}

func requireTokenError(t *testing.T, err error, status int, text string) {
	t.Helper()
	e, ok := errors.AsType[*rest.Error](err)
	require.True(t, ok, "%T", err)
	require.Equal(t, status, e.Status)
	require.ErrorContains(t, err, "main: POST http://127.0.0.1")
	require.ErrorContains(t, err, "/oauth2/token")
	require.ErrorContains(t, err, text)
	requireNoSecret(t, err.Error())
}

func TestTokenIsExplainedByTheProvider(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int64) { answer(w, 401, `{"error":"no `+secret+`"}`) })
	c := s.oauth(t)
	c.Explain = explain
	_, err := authorize(t, rest.NewOAuth(c), "")
	requireTokenError(t, err, 401, "401 Unauthorized: no ***")
}

func TestTokenURL(t *testing.T) {
	for address, text := range map[string]string{
		"http://login.example.com/token": "use https",
		"ftp://login.example.com/token":  "scheme is not https",
		"/oauth/token":                   "no absolute address",
		"":                               "no absolute address",
		"https://[x/token":               "no absolute address",
	} {
		a := rest.NewOAuth(rest.OAuth{Instance: "main", TokenURL: address, ClientSecret: secret})
		_, err := authorize(t, a, "")
		require.ErrorContains(t, err, text, address)
	}
}

func TestTokenEndpointMustNotRedirectElsewhere(t *testing.T) {
	other := serve(t, tokens(""))
	s := serve(t, func(w http.ResponseWriter, r *http.Request, _ int64) {
		http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
	})
	_, err := authorize(t, rest.NewOAuth(s.oauth(t)), "")
	requireTokenError(t, err, 0, "redirect refused")
	require.Zero(t, other.calls.Load())
}

func TestTokenTimeout(t *testing.T) {
	s := serve(t, func(_ http.ResponseWriter, r *http.Request, _ int64) {
		_ = r.ParseForm()
		<-r.Context().Done()
	})
	c := s.oauth(t)
	c.Options.RequestTimeout, c.Options.RetryTime = 50*time.Millisecond, -1
	_, err := authorize(t, rest.NewOAuth(c), "")
	requireTokenError(t, err, 0, "no complete answer within 50ms")
}

// Through the client: a token that runs out on the server's side is replaced in the middle of a call.
func TestClientWithOAuth(t *testing.T) {
	endpoint := serve(t, tokens(`,"expires_in":3600`))
	api := serve(t, func(w http.ResponseWriter, r *http.Request, _ int64) {
		if r.Header.Get("Authorization") != "Bearer token-2" {
			answer(w, http.StatusUnauthorized, `{}`)
			return
		}
		answer(w, http.StatusOK, page)
	})
	c := api.config(t)
	c.Authorizer = rest.NewOAuth(endpoint.oauth(t))
	client := rest.New(c)
	for range 2 {
		_, err := client.Get(t.Context(), "/agents", nil)
		require.NoError(t, err)
	}
	require.EqualValues(t, 3, api.calls.Load())
	require.EqualValues(t, 2, endpoint.calls.Load())
}

// The error of the token request stays what it is: the API was not asked.
func TestClientWithoutAToken(t *testing.T) {
	endpoint := serve(t,
		func(w http.ResponseWriter, _ *http.Request, _ int64) { answer(w, 401, `{"error":"invalid_client"}`) })
	api := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int64) { answer(w, http.StatusOK, page) })
	c := api.config(t)
	c.Authorizer = rest.NewOAuth(endpoint.oauth(t))
	_, err := get(t, c)
	requireTokenError(t, err, 401, "invalid_client")
	require.Zero(t, api.calls.Load())
	require.EqualValues(t, 1, endpoint.calls.Load())
}
