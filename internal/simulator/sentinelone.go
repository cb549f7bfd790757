package simulator

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
)

// sentinelOne is a management console, as docs/providers/sentinelone-api.md describes one.
type sentinelOne struct {
	s       *Simulator
	limits  map[string]*bucket
	refused atomic.Bool // a request with another token than the right one was answered with 401

	mu     sync.Mutex
	issued map[string]map[string]bool // cursor -> what the page that gave it was asked with
}

const edrBase = "/web/api/v2.1"

func newSentinelOne(s *Simulator) *sentinelOne {
	return &sentinelOne{s: s, limits: edrLimits(), issued: map[string]map[string]bool{}}
}

func (e *sentinelOne) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, ok := strings.CutPrefix(r.URL.Path, edrBase)
	if !ok {
		c := newCall(e.s, w, r, "sentinelone", "unknown route")
		c.mistake("no such route")
		c.text(http.StatusNotFound, "text/plain", "404 page not found")
		return
	}
	route := edrRoute(path)
	c := newCall(e.s, w, r, "sentinelone", route)
	if !e.admit(c, route) {
		return
	}
	if !rightMethod(c, route) {
		e.fail(c, http.StatusNotFound, 4040010, "Requested resource was not found", "")
		return
	}
	if !e.refuses(c, route) {
		e.answer(c, route, path)
	}
}

// rightMethod reports whether the request reads: by GET, and from one route by POST.
func rightMethod(c *call, route string) bool {
	if route != "/users/api-token-details" {
		return c.readOnly()
	}
	if c.r.Method != http.MethodPost {
		c.mistake("%s instead of POST", c.r.Method)
	}
	return c.r.Method == http.MethodPost
}

// edrRoute names a path; unknown ones are all one route.
func edrRoute(path string) string {
	switch path {
	case "/system/status", "/system/info", "/users/api-token-details", "/accounts", "/sites", "/groups", "/agents",
		"/agents/count", "/users", "/threats", inventoryRoute, risksRoute, rangerRoute, roguesRoute:
		return path
	}
	if route, _, _ := policyRouteOf(path); route != "" {
		return route
	}
	return "unknown route"
}

// admit checks rate and token. What it does not admit is answered.
func (e *sentinelOne) admit(c *call, route string) bool {
	if b := e.limits[route]; b != nil && !e.s.options.Unlimited && !b.take() {
		c.mistake("more than %g requests a second", b.perSecond)
		c.text(http.StatusTooManyRequests, "text/html", tooMany)
		return false
	}
	if route == "/system/status" {
		return true
	}
	header := c.r.Header.Get("Authorization")
	scheme, token, _ := strings.Cut(header, " ")
	switch {
	case header == "":
		c.mistake("no Authorization header")
	case !strings.EqualFold(scheme, "ApiToken"):
		c.mistake("Authorization header of another scheme than ApiToken")
	case token == e.s.secrets.apiToken:
		return true
	case e.refused.Swap(true) && route != "/system/info":
		c.mistake("request after a refused token")
	}
	e.fail(c, http.StatusUnauthorized, 4010010, "Authentication Failed", "")
	return false
}

// tooMany is the page of the proxy in front of the console.
const tooMany = "<html>\r\n<head><title>429 Too Many Requests</title></head>\r\n<body>\r\n" +
	"<center><h1>429 Too Many Requests</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"

// answer serves an admitted request.
func (e *sentinelOne) answer(c *call, route, path string) {
	switch route {
	case "/system/status":
		c.knows()
		c.json(http.StatusOK, `{"data":{"health":"ok"}}`)
	case "/system/info":
		c.knows()
		c.json(http.StatusOK,
			`{"data":{"build":"56","latestAgentVersion":"24.1.4.257","patch":"0","release":"Z","version":"Z-24.1.0#56"}}`)
	case "/users/api-token-details":
		e.tokenDetails(c)
	case "/accounts":
		e.listAccounts(c)
	case "/sites":
		e.listSites(c)
	case "/groups":
		e.listGroups(c)
	case "/agents":
		e.listAgents(c)
	case "/agents/count":
		e.countAgents(c)
	case "/users":
		e.listUsers(c)
	case "/threats":
		e.listThreats(c)
	case inventoryRoute, risksRoute:
		e.listApplications(c)
	case rangerRoute, roguesRoute:
		e.listDiscovered(c, route)
	case "/accounts/{id}/policy", "/sites/{id}/policy", "/groups/{id}/policy":
		_, level, id := policyRouteOf(path)
		e.showPolicy(c, level, id)
	default:
		c.mistake("no such route: %s", path)
		e.fail(c, http.StatusNotFound, 4040010, "Requested resource was not found", "")
	}
}

// tokenDetails tells when the token that is posted ends.
func (e *sentinelOne) tokenDetails(c *call) {
	c.knows()
	var body struct {
		Data struct {
			APIToken string `json:"apiToken"`
		} `json:"data"`
	}
	raw, err := io.ReadAll(io.LimitReader(c.r.Body, chunk))
	if err != nil || json.Unmarshal(raw, &body) != nil || body.Data.APIToken != e.s.secrets.apiToken {
		c.mistake("body does not hold the token at data.apiToken")
		e.fail(c, http.StatusBadRequest, 4000010, "Validation Error", "apiToken: Missing data for required field.")
		return
	}
	const layout = "2006-01-02T15:04:05Z"
	start := c.f.start
	c.json(http.StatusOK, fmt.Sprintf(`{"data":{"createdAt":%q,"expiresAt":%q}}`,
		start.AddDate(0, -1, 0).Format(layout), start.AddDate(5, 0, 0).Format(layout)))
}

// fail answers with the console's error envelope; an empty detail is null.
func (e *sentinelOne) fail(c *call, status, code int, title, detail string) {
	w := jsonWriter{}
	w.begin('{')
	w.open("errors", '[')
	w.begin('{')
	w.num("code", code)
	w.strOrNull("detail", detail)
	w.str("title", title)
	w.end('}')
	w.end(']')
	w.end('}')
	c.w.Header().Set("X-RQID", "00000000-0000-4000-8000-000000000000")
	c.json(status, string(w.b))
}
