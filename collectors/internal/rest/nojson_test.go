package rest_test

import (
	"net/http"
	"testing"

	"assetgraph/collectors/internal/rest"

	"github.com/stretchr/testify/require"
)

// notJSON are answers of success that hold no JSON.
func notJSON() map[string]func(w http.ResponseWriter) {
	return map[string]func(w http.ResponseWriter){
		"throttle page": func(w http.ResponseWriter) {
			typed(w, "text/html", "<html><title>Too many requests</title></html>")
		},
		"page as JSON": func(w http.ResponseWriter) { typed(w, "application/json", "<!doctype html>") },
		"nothing":      func(w http.ResponseWriter) { typed(w, "application/json", "") },
		"no content":   func(w http.ResponseWriter) { w.WriteHeader(http.StatusNoContent) },
		"null":         func(w http.ResponseWriter) { typed(w, "application/json", "null") },
		"plain text":   func(w http.ResponseWriter) { typed(w, "text/plain", "Rate limit exceeded") },
		"cut off":      func(w http.ResponseWriter) { typed(w, "application/json", page[:len(page)-1]) },
	}
}

func TestAnswerThatIsNoJSONOnce(t *testing.T) {
	for name, spoil := range notJSON() {
		for _, spoilt := range []int64{1, 2} {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request, call int64) {
				if call == spoilt {
					spoil(w)
					return
				}
				answer(w, http.StatusOK, page)
			})
			client := rest.New(s.config(t))
			for range 2 {
				body, err := client.Get(t.Context(), "/agents", nil)
				require.NoError(t, err, name)
				require.Equal(t, page, string(body))
			}
			require.EqualValues(t, 3, s.calls.Load(), name)
		}
	}
}

// A page that stays is told apart by what is known of the route.
func TestWebPageThatStays(t *testing.T) {
	for name, tc := range map[string]struct {
		before  string // route that gave JSON before
		unknown bool   // PageForUnknownRoute
		cause   error
		text    string
		few     bool // tries
	}{
		"nothing ever answered":                  {"", false, rest.ErrHTML, "unknown route or wrong URL", true},
		"the same route did":                     {"/agents/17", false, rest.ErrThrottled, "throttled", false},
		"the same route did, pages for unknowns": {"/agents/17", true, rest.ErrThrottled, "throttled", false},
		"another route did":                      {"/sites", false, rest.ErrThrottled, "throttled", false},
		"another did, pages for unknowns":        {"/sites", true, rest.ErrHTML, "unknown route, or throttled", true},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, r *http.Request, _ int64) {
				if r.URL.Path == "/api/v1"+tc.before {
					answer(w, http.StatusOK, page)
					return
				}
				typed(w, "text/html", "<html></html>")
			})
			c := s.config(t)
			c.PageForUnknownRoute, c.Options.RetryTime = tc.unknown, 1e9
			client := rest.New(c)
			if tc.before != "" {
				_, err := client.Get(t.Context(), tc.before, nil)
				require.NoError(t, err)
				s.calls.Store(0)
			}
			_, err := client.Get(t.Context(), "/agents/18", nil)
			require.ErrorIs(t, err, tc.cause)
			require.ErrorContains(t, err, tc.text)
			if tc.few {
				require.EqualValues(t, 4, s.calls.Load())
			} else {
				require.Greater(t, s.calls.Load(), int64(4), "for as long as after a 503")
			}
		})
	}
}

func TestPlainTextUnderSuccessIsTold(t *testing.T) {
	s := serve(t,
		func(w http.ResponseWriter, _ *http.Request, _ int64) { typed(w, "text/plain", "Rate limit exceeded") })
	_, err := get(t, s.config(t))
	_ = requireError(t, err, http.StatusOK, "Rate limit exceeded: the answer is not JSON but text/plain")
}
