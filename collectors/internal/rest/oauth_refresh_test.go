package rest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"

	"assetgraph/collectors/internal/rest"

	"github.com/stretchr/testify/require"
)

func TestFallbackTokenURL(t *testing.T) {
	for name, tc := range map[string]struct {
		status   int
		body     string
		fallback bool
	}{
		"no such method":      {405, ``, true},
		"no such page":        {404, `404 page not found`, true},
		"no such route":       {404, `{"error":"HTTP 404 Not Found"}`, true},
		"no such client":      {404, `{"error":"Client app not exist"}`, false},
		"not with this grant": {400, `{"error":"unsupported_grant_type"}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			var second atomic.Int64
			s := serve(t, func(w http.ResponseWriter, r *http.Request, call int64) {
				if r.URL.Path == "/oauth/token" {
					second.Add(1)
					tokens(`,"expires_in":3600`)(w, r, call)
					return
				}
				answer(w, tc.status, tc.body)
			})
			c := s.oauth(t)
			c.FallbackTokenURL = s.URL + "/oauth/token"
			a := rest.NewOAuth(c)
			header, err := authorize(t, a, "")
			if !tc.fallback {
				requireTokenError(t, err, tc.status, "")
				require.Zero(t, second.Load())
				return
			}
			require.NoError(t, err)
			_, err = authorize(t, a, header)
			require.NoError(t, err)
			require.EqualValues(t, 2, second.Load())
			require.EqualValues(t, 3, s.calls.Load(), "the first URL is asked again")
		})
	}
}

func TestFallbackThatIsNoTokenEndpointEither(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request, _ int64) {
		if r.URL.Path == "/oauth/token" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.WriteHeader(http.StatusMethodNotAllowed)
	})
	c := s.oauth(t)
	c.FallbackTokenURL = s.URL + "/oauth/token"
	_, err := authorize(t, rest.NewOAuth(c), "")
	requireTokenError(t, err, 405, "405 Method Not Allowed")
	require.EqualValues(t, 2, s.calls.Load())
}

func TestRefreshTokenIsKeptBeforeItsAccessTokenIsUsed(t *testing.T) {
	used := make(chan string, 10)
	s := serve(t, func(w http.ResponseWriter, r *http.Request, call int64) {
		_ = r.ParseForm()
		if r.PostForm.Get("grant_type") != "refresh_token" || r.PostForm.Get("client_secret") != secret {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		used <- r.PostForm.Get("refresh_token")
		tokens(fmt.Sprintf(`,"expires_in":3600,"refresh_token":"refresh-%d"`, call))(w, r, call)
	})
	var kept []string
	var keepError error
	c := s.oauth(t)
	c.RefreshToken = "refresh-0"
	c.Keep = func(_ context.Context, token string) error {
		kept = append(kept, token)
		return keepError
	}
	a := rest.NewOAuth(c)

	header, err := authorize(t, a, "")
	require.NoError(t, err)
	require.Equal(t, "Bearer token-1", header)
	require.Equal(t, []string{"refresh-1"}, kept)

	keepError = errors.New("disk full, can't write refresh-2")
	_, err = authorize(t, a, header)
	requireTokenError(t, err, 0, "disk full, can't write ***")
	require.ErrorIs(t, err, keepError)

	keepError = nil
	header, err = authorize(t, a, "")
	require.NoError(t, err)
	require.Equal(t, "Bearer token-2", header, "the token that came with it is used once it is kept")
	require.Equal(t, []string{"refresh-1", "refresh-2", "refresh-2"}, kept)
	require.EqualValues(t, 2, s.calls.Load())

	_, err = authorize(t, a, "")
	require.NoError(t, err)
	require.Len(t, kept, 3, "it is kept once")

	_, err = authorize(t, a, header)
	require.NoError(t, err)
	require.Equal(t, []string{"refresh-0", "refresh-1", "refresh-2"}, []string{<-used, <-used, <-used})
}

func TestRefreshTokenThatStays(t *testing.T) {
	for name, more := range map[string]string{
		"not given again": `,"expires_in":3600`,
		"given again":     `,"expires_in":3600,"refresh_token":"refresh-0"`,
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, tokens(more))
			c := s.oauth(t)
			c.RefreshToken = "refresh-0"
			c.Keep = func(context.Context, string) error { return errors.New("kept for nothing") }
			_, err := authorize(t, rest.NewOAuth(c), "")
			require.NoError(t, err)
		})
	}
}

func TestRefreshTokenIsRedacted(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int64) {
		answer(w, 400, `{"error":"invalid_token","error_description":"refresh-0 of `+secret+` is used up"}`)
	})
	c := s.oauth(t)
	c.RefreshToken = "refresh-0"
	_, err := authorize(t, rest.NewOAuth(c), "")
	requireTokenError(t, err, 400, "*** of *** is used up")
}
