package rest_test

import (
	"errors"
	"net/http"
	"testing"

	"assetgraph/collectors/internal/rest"

	"github.com/stretchr/testify/require"
)

func TestAbsent(t *testing.T) {
	for name, tc := range map[string]struct {
		status            int
		contentType, body string
		want              bool
	}{
		"the provider's own 404":           {404, "application/json", `{"error":"no such record"}`, true},
		"404 without a body":               {404, "-", "", true},
		"404 as text":                      {404, "text/plain", "not found", true},
		"page of a web server":             {404, "text/html; charset=utf-8", "<html><title>404</title></html>", false},
		"page without a type":              {404, "-", "\n<!doctype html>", false},
		"page that calls itself JSON":      {404, "application/json", "<html></html>", false},
		"page of the console under 200":    {200, "text/html", "<html></html>", false},
		"empty answer of success":          {200, "application/json", "", false},
		"not permitted":                    {403, "application/json", `{"error":"no such record"}`, false},
		"gone for good, says some gateway": {410, "application/json", `{}`, false},
		"a record":                         {200, "application/json", page, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int64) {
				w.Header().Set("Content-Type", tc.contentType)
				if tc.contentType == "-" {
					w.Header()["Content-Type"] = nil
				}
				w.WriteHeader(tc.status)
				_, _ = w.Write([]byte(tc.body))
			})
			_, err := get(t, s.config(t))
			require.Equal(t, tc.want, rest.Absent(err), "%v", err)
		})
	}
	require.False(t, rest.Absent(nil))
	require.False(t, rest.Absent(errors.New("404 Not Found")))
}

func TestTokenEndpointThatIsNotThereSaysNothingOfTheRecord(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int64) {
		answer(w, http.StatusNotFound, `{"error":"Client app not exist"}`)
	})
	c := s.config(t)
	c.Authorizer = rest.NewOAuth(s.oauth(t))
	_, err := get(t, c)
	require.Equal(t, http.StatusNotFound, rest.Status(err))
	require.False(t, rest.Absent(err))
}
