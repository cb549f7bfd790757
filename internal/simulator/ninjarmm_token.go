package simulator

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
)

// refreshTokens are the single-use tokens of the authorization-code flow (docs/providers/ninjarmm-api.md, "Tokens"):
// each use gives the next one.
type refreshTokens struct {
	prefix string

	mu      sync.Mutex
	current int
}

// rotate uses text and returns the next token; ok is false for any token but the current one.
func (t *refreshTokens) rotate(text string) (next string, spent, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if text != fmt.Sprintf("%s-%d", t.prefix, t.current) {
		return "", strings.HasPrefix(text, t.prefix+"-"), false
	}
	t.current++
	return fmt.Sprintf("%s-%d", t.prefix, t.current), false, true
}

// token is POST /ws/oauth/token.
func (n *ninja) token(c *call) {
	c.knows()
	if c.r.Method != http.MethodPost {
		c.mistake("%s instead of POST", c.r.Method)
		n.fail(c, http.StatusMethodNotAllowed, "HTTP 405 Method Not Allowed")
		return
	}
	if !c.form() {
		c.json(http.StatusBadRequest, `{"error":"invalid_request"}`)
		return
	}
	id, secret := c.r.PostForm.Get("client_id"), c.r.PostForm.Get("client_secret")
	if user, password, ok := c.r.BasicAuth(); ok {
		id, secret = user, password
	}
	switch {
	case id != n.s.secrets.ninjaClient:
		c.json(http.StatusNotFound,
			`{"resultCode":"Client app not exist","incidentId":"WEB_MGMT_SERVICE-00000000000000000000"}`)
	case secret != n.s.secrets.ninjaSecret+trouble:
		c.json(http.StatusUnauthorized, `{"error":"invalid_client"}`)
	default:
		n.grant(c)
	}
}

// grant answers a request whose client is known.
func (n *ninja) grant(c *call) {
	switch kind := c.r.PostForm.Get("grant_type"); {
	case kind == "client_credentials" && n.s.options.RefreshToken:
		c.mistake("client_credentials for an authorization-code client")
		c.json(http.StatusBadRequest, `{"error":"unauthorized_client"}`)
	case kind == "client_credentials" && n.badScope(c):
		c.json(http.StatusBadRequest, `{"error":"invalid_scope"}`)
	case kind == "client_credentials":
		n.answerToken(c, "")
	case kind == "refresh_token" && n.s.options.RefreshToken:
		next, spent, ok := n.refresh.rotate(c.r.PostForm.Get("refresh_token"))
		if !ok {
			if spent {
				c.mistake("refresh token used twice")
			}
			c.json(http.StatusBadRequest, `{"error":"invalid_token"}`)
			return
		}
		n.answerToken(c, next)
	default:
		c.mistake("grant_type is neither client_credentials nor refresh_token")
		c.json(http.StatusBadRequest, `{"error":"unsupported_grant_type"}`)
	}
}

// badScope reports whether the request asks for what the app was not granted; it may read only.
func (n *ninja) badScope(c *call) bool {
	scopes := strings.Fields(c.r.PostForm.Get("scope"))
	if len(scopes) == 0 {
		c.mistake("no scope: gives all that the app was granted")
	}
	for _, scope := range scopes {
		switch scope {
		case "monitoring":
		case "offline_access":
			c.mistake("offline_access with client credentials")
			return true
		default:
			c.mistake("scope %s instead of monitoring", scope)
			return true
		}
	}
	return false
}

func (n *ninja) answerToken(c *call, refresh string) {
	more := ""
	if refresh != "" {
		more = fmt.Sprintf(`,"refresh_token":%q`, refresh)
	}
	c.json(http.StatusOK,
		fmt.Sprintf(`{"access_token":%q,"expires_in":%d,"scope":"monitoring","token_type":"Bearer"%s}`,
			n.tokens.issue(), int(n.tokens.lifetime.Seconds()), more))
}
