package rest_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"testing"

	"assetgraph/collectors/internal/rest"

	"github.com/stretchr/testify/require"
)

// A counter gives another token for each renewal.
type counter struct {
	renewals int
	err      error
}

func (c *counter) Authorize(_ context.Context, r *http.Request, renew bool) error {
	if renew {
		if r.Header.Get("Authorization") != "Bearer "+strconv.Itoa(c.renewals) {
			return errors.New("the refused header is gone")
		}
		c.renewals++
	}
	r.Header.Set("Authorization", "Bearer "+strconv.Itoa(c.renewals))
	return c.err
}

func TestUnauthorizedIsRenewedOnce(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request, _ int64) {
		if r.Header.Get("Authorization") == "Bearer 1" {
			answer(w, http.StatusOK, page)
			return
		}
		answer(w, http.StatusUnauthorized, `{"error":"expired"}`)
	})
	c, a := s.config(t), &counter{}
	c.Authorizer = a
	client := rest.New(c)
	_, err := client.Get(t.Context(), "/agents", nil)
	require.NoError(t, err)
	require.EqualValues(t, 2, s.calls.Load())
	_, err = client.Get(t.Context(), "/agents", nil)
	require.NoError(t, err)
	require.EqualValues(t, 3, s.calls.Load())
	require.Equal(t, 1, a.renewals)
}

func TestUnauthorizedForGood(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int64) {
		answer(w, http.StatusUnauthorized, `{"error":"Authentication Failed"}`)
	})
	c, a := s.config(t), &counter{}
	c.Authorizer = a
	_, err := get(t, c)
	_ = requireError(t, err, http.StatusUnauthorized, "401 Unauthorized: Authentication Failed")
	require.EqualValues(t, 2, s.calls.Load())
	require.Equal(t, 1, a.renewals)
}

// The renewal counts for the whole call, also when something else went wrong in between.
func TestUnauthorizedAgainAfterARetry(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request, call int64) {
		if call == 2 {
			answer(w, http.StatusServiceUnavailable, `{}`)
			return
		}
		answer(w, http.StatusUnauthorized, `{}`)
	})
	c, a := s.config(t), &counter{}
	c.Authorizer = a
	_, err := get(t, c)
	_ = requireError(t, err, http.StatusUnauthorized, "401")
	require.EqualValues(t, 3, s.calls.Load())
	require.Equal(t, 1, a.renewals)
}

func TestFixedHeaderIsNotRenewed(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int64) {
		answer(w, http.StatusUnauthorized, `{"error":"revoked"}`)
	})
	_, err := get(t, s.config(t))
	_ = requireError(t, err, http.StatusUnauthorized, "revoked")
	require.EqualValues(t, 1, s.calls.Load())
}

func TestAuthorizerFails(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int64) { answer(w, http.StatusOK, page) })
	c := s.config(t)
	c.Authorizer = &counter{err: errors.New("vault says " + secret)}
	_, err := get(t, c)
	_ = requireError(t, err, 0, "vault says ***")
	require.Zero(t, s.calls.Load())
}

func TestCredentialsWithLineBreak(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int64) { answer(w, http.StatusOK, page) })
	c := s.config(t)
	c.Authorizer = rest.Header("Authorization", "ApiToken "+secret+"\nX-Evil: 1")
	_, err := get(t, c)
	_ = requireError(t, err, 0, "line break")
	require.Zero(t, s.calls.Load())
}

func TestNoAuthorizer(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request, _ int64) {
		if r.Header.Get("Authorization") != "" {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		answer(w, http.StatusOK, page)
	})
	c := s.config(t)
	c.Authorizer = nil
	_, err := get(t, c)
	require.NoError(t, err)
}

// A server that tells what it got must not make us tell it.
func TestSecretsAreRedacted(t *testing.T) {
	quoted, err := json.Marshal(secret)
	require.NoError(t, err)
	for name, spelled := range map[string]string{
		"as it is":         secret,
		"in a query":       url.QueryEscape(secret),
		"in a path":        url.PathEscape(secret),
		"lower case":       "s3cret%2ftoken%2bwith%3dsigns",
		"in JSON":          string(quoted[1 : len(quoted)-1]),
		"of the header":    "ApiToken " + secret,
		"twice":            secret + secret,
		"after much text":  longText() + secret,
		"across the limit": longText()[:495] + secret,
	} {
		for _, status := range []int{200, 400, 401, 403, 404} {
			t.Run(name+" under "+strconv.Itoa(status), func(t *testing.T) {
				s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int64) {
					answer(w, status, `{"error":"invalid token: `+spelled+`"}`)
				})
				_, err := get(t, s.config(t))
				_ = requireError(t, err, status, "invalid token")
				require.NotContains(t, err.Error(), "s3c", "a part is told")
				require.NotContains(t, err.Error(), "s3cret%2f")
			})
		}
	}
}

// Explain may cut what it found: no half of a secret is left at the cut.
func TestSecretsAreRedactedBeforeTheyAreCut(t *testing.T) {
	short := func(body []byte) string { return explain(body)[:20] }
	for _, status := range []int{200, 403} {
		s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int64) {
			answer(w, status, `{"error":"invalid token `+secret+` was given"}`)
		})
		c := s.config(t)
		c.Explain = short
		_, err := get(t, c)
		_ = requireError(t, err, status, "invalid token *** wa")

		o := s.oauth(t)
		o.Explain = short
		_, err = authorize(t, rest.NewOAuth(o), "")
		requireTokenError(t, err, status, "invalid token *** wa")
	}
}

// What the authorizer sends is a secret, also when the configuration does not name it.
func TestSentCredentialsAreRedacted(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int64) {
		http.Error(w, "bad header ApiToken "+secret, http.StatusForbidden)
	})
	c := s.config(t)
	c.Secrets = nil
	_, err := get(t, c)
	_ = requireError(t, err, http.StatusForbidden, "bad header ***")
}

func longText() string {
	text := ""
	for len(text) < 600 {
		text += "many words "
	}
	return text
}
