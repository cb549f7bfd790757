package simulator

import (
	"fmt"
	"net/http"
	"strings"
)

// entra is the token endpoint of Microsoft Entra for the client-credentials flow
// (docs/providers/immybot-api.md, "Sign-in").
type entra struct{ s *Simulator }

func newEntra(s *Simulator) *entra { return &entra{s: s} }

func (e *entra) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	tenant, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if rest != "oauth2/v2.0/token" {
		c := newCall(e.s, w, r, "entra", "unknown route")
		c.mistake("no such route")
		c.text(http.StatusNotFound, "text/html", "<html><body>Not Found</body></html>")
		return
	}
	c := newCall(e.s, w, r, "entra", "/{tenant}/oauth2/v2.0/token")
	c.knows()
	if r.Method != http.MethodPost {
		c.mistake("%s instead of POST", r.Method)
		e.refuse(c, http.StatusBadRequest, "invalid_request", 900561, "The endpoint only accepts POST requests.")
		return
	}
	e.token(c, tenant)
}

// token checks the request field by field.
func (e *entra) token(c *call, tenant string) {
	if !c.form() {
		e.refuse(c, http.StatusBadRequest, "invalid_request", 900144,
			"The request body must contain the parameter 'grant_type'.")
		return
	}
	scope := c.r.PostForm.Get("scope")
	switch {
	case tenant != e.s.secrets.entraTenant:
		c.mistake("unknown tenant")
		e.refuse(c, http.StatusBadRequest, "invalid_request", 90002, "Tenant not found.")
	case c.r.PostForm.Get("grant_type") != "client_credentials":
		c.mistake("grant_type is not client_credentials")
		e.refuse(c, http.StatusBadRequest, "unsupported_grant_type", 70003, "The grant type is not supported.")
	case strings.Contains(scope, "offline_access"):
		c.mistake("offline_access with client credentials")
		e.refuse(c, http.StatusBadRequest, "invalid_scope", 70011,
			"The provided value for the input parameter 'scope' is not valid.")
	case scope != e.s.hosts[immyHost].url()+"/.default":
		c.mistake("scope is not that of the instance")
		e.refuse(c, http.StatusBadRequest, "invalid_scope", 70011,
			"The provided value for the input parameter 'scope' is not valid.")
	case c.r.PostForm.Get("client_id") != e.s.secrets.entraClient:
		e.refuse(c, http.StatusBadRequest, "unauthorized_client", 700016, "Application was not found in the directory.")
	case c.r.PostForm.Get("client_secret") != e.s.secrets.entraSecret+trouble:
		e.refuse(c, http.StatusUnauthorized, "invalid_client", 7000215, "Invalid client secret provided.")
	default:
		seconds := int(e.s.tokens.lifetime.Seconds()) - 1
		c.json(http.StatusOK,
			fmt.Sprintf(`{"token_type":"Bearer","expires_in":%d,"ext_expires_in":%d,"access_token":%q}`,
				seconds, seconds, e.s.tokens.issue()))
	}
}

func (e *entra) refuse(c *call, status int, code string, number int, text string) {
	c.json(status, fmt.Sprintf(`{"error":%q,"error_description":"AADSTS%d: %s","error_codes":[%d],"error_uri":"https://login.microsoftonline.com/error?code=%d"}`,
		code, number, text, number, number))
}

// form reads a body of form fields; anything else is a mistake.
func (c *call) form() bool {
	if kind := c.r.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/x-www-form-urlencoded") {
		c.mistake("body of type %q instead of a form", kind)
		return false
	}
	c.r.Body = http.MaxBytesReader(c.w, c.r.Body, chunk)
	if err := c.r.ParseForm(); err != nil {
		c.mistake("form can't be parsed")
		return false
	}
	return true
}
