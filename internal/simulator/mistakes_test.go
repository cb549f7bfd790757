package simulator_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/simulator"
)

const everyAgent = "isDecommissioned=true,false&isUninstalled=true,false"

// A mistaken is one thing that a client does wrong: what it does, what it is answered, what is noted.
type mistaken struct {
	name   string
	does   func(c *client) answer
	status int
	body   string // part of the answer
	noted  string // part of a mistake
}

func check(t *testing.T, cases []mistaken) {
	t.Helper()
	for _, m := range cases {
		t.Run(m.name, func(t *testing.T) {
			c := start(t, simulator.Options{})
			c.t = t
			a := m.does(c)
			require.Equal(t, m.status, a.status, a.body)
			require.Contains(t, a.body, m.body)
			require.Contains(t, strings.Join(c.s.Mistakes(), "\n"), m.noted)
		})
	}
}

func edr(route string) func(*client) answer {
	return func(c *client) answer { return c.edr(route) }
}

func rmm(route string) func(*client) answer {
	return func(c *client) answer { return c.rmm(route) }
}

func deployment(route string) func(*client) answer {
	return func(c *client) answer { return c.deployment(route) }
}

func TestSentinelOneIsStrict(t *testing.T) {
	check(t, []mistaken{
		{
			"limit over 1000", edr("/agents?limit=1001&" + everyAgent), 400, `"code":4000010`,
			"limit over the maximum of 1000",
		},
		{
			"groups limit over 300", edr("/groups?limit=301"), 400, "less than or equal to 300",
			"limit over the maximum of 300",
		},
		{
			"software of two accounts at a time", edr("/application-management/inventory?accountIds=1,2"), 400,
			`"title":"Validation Error"`, "more than 1 accountIds",
		},
		{
			"vulnerabilities of everybody", edr("/application-management/risks?limit=1000"), 200, `{"data":[],`,
			"0 of accountIds, siteIds and groupIds instead of one",
		},
		{
			"threats of all years", edr("/threats?limit=1000"), 200, `"totalItems":`,
			"resolved threats of all years asked for",
		},
		{
			"threats of a status that is none", edr("/threats?incidentStatuses=open"), 400,
			"incidentStatuses: Not a valid choice", "",
		},
		{"limit no number", edr("/sites?limit=all"), 400, `"title":"Validation Error"`, ""},
		{"skip", edr("/agents?skip=10&" + everyAgent), 200, "", "skip used"},
		{"skip over 1000", edr("/agents?skip=1001&" + everyAgent), 400, "skip:", "skip over the maximum"},
		{"decommissioned not asked for", edr("/agents?isUninstalled=true,false"), 200, "", "isDecommissioned missing"},
		{
			"uninstalled not asked for", edr("/agents/count?isDecommissioned=true,false"), 200, "",
			"isUninstalled missing",
		},
		{
			"misspelt filter", edr("/agents?isInfected=true&" + everyAgent), 200, `"totalItems":`,
			"unknown query parameter isInfected",
		},
		{"bad value", edr("/agents?isUninstalled=true,false&isDecommissioned=yes"), 400, "Not a valid boolean", ""},
		{"ids on groups", edr("/groups?ids=1"), 200, "", "ids is no parameter"},
		{
			"cursor invented", edr("/agents?cursor=abcd&" + everyAgent), 400, "Invalid cursor value received",
			"invalid cursor",
		},
		{"sorted by time", edr("/agents?sortBy=updatedAt&" + everyAgent), 200, "", "order of updatedAt instead of id"},
		{"descending", edr("/agents?sortOrder=desc&" + everyAgent), 200, "", "walk in desc order"},
		{"parameter repeated", edr("/agents?limit=5&limit=6&" + everyAgent), 200, "", "limit given 2 times"},
		{"trailing question mark", edr("/accounts?"), 200, "", "ends in ?"},
		{"unknown route", edr("/agents/1"), 404, `"code":4040010`, "no such route"},
		{"no base path", func(c *client) answer {
			return c.do(http.MethodGet, c.env["SENTINELONE_URL"]+"/agents", "", "", "")
		}, 404, "404 page not found", "no such route"},
		{"written to", func(c *client) answer {
			return c.do(http.MethodPost, c.env["SENTINELONE_URL"]+"/web/api/v2.1/agents", "ApiToken "+
				c.env["SENTINELONE_API_TOKEN"], "application/json", "{}")
		}, 404, `"code":4040010`, "POST on a route that is read"},
		{"bearer", func(c *client) answer {
			return c.do(http.MethodGet, c.env["SENTINELONE_URL"]+"/web/api/v2.1/system/info", "Bearer "+
				c.env["SENTINELONE_API_TOKEN"], "", "")
		}, 401, `"code":4010010`, "another scheme than ApiToken"},
		{"no header", func(c *client) answer {
			return c.do(http.MethodGet, c.env["SENTINELONE_URL"]+"/web/api/v2.1/accounts", "", "", "")
		}, 401, "Authentication Failed", "no Authorization header"},
		{"goes on after a refused token", func(c *client) answer {
			c.env["SENTINELONE_API_TOKEN"] = "revoked"
			c.edr("/accounts")
			c.edr("/system/info")
			require.Empty(c.t, c.s.Mistakes(), "asking /system/info is how a client makes sure")
			return c.edr("/sites")
		}, 401, "4010010", "request after a refused token"},
		{"token details of another token", func(c *client) answer {
			return c.do(http.MethodPost, c.env["SENTINELONE_URL"]+"/web/api/v2.1/users/api-token-details", "ApiToken "+
				c.env["SENTINELONE_API_TOKEN"],
				"application/json", `{"apiToken":"x"}`)
		}, 400, "4000010", "does not hold the token"},
	})
}

// cursorOf gives the cursor of the first page as it is in the answer.
func cursorOf(c *client) string {
	c.t.Helper()
	page := decode[object](c.t, c.edr("/agents?limit=7&"+everyAgent))
	next := page["pagination"].(object)["nextCursor"].(string)
	require.True(c.t, strings.HasSuffix(next, "%3D%3D"), next)
	return next
}

func TestSentinelOneCursors(t *testing.T) {
	check(t, []mistaken{
		{"encoded twice", func(c *client) answer {
			return c.edr("/agents?limit=7&" + everyAgent + "&cursor=" + url.QueryEscape(cursorOf(c)))
		}, 200, `"totalItems":0`, "cursor encoded twice"},
		{"two of them", func(c *client) answer {
			next := cursorOf(c)
			return c.edr("/agents?limit=7&" + everyAgent + "&cursor=" + next + "&cursor=" + next)
		}, 200, "", "cursor given 2 times"},
		{"limit changed",
			func(c *client) answer { return c.edr("/agents?limit=8&" + everyAgent + "&cursor=" + cursorOf(c)) }, 200,
			"",
			"limit, filters or order changed under a cursor"},
		{"filter changed", func(c *client) answer {
			return c.edr("/agents?limit=7&isDecommissioned=true,false&isUninstalled=false&cursor=" + cursorOf(c))
		}, 200, "", "limit, filters or order changed under a cursor"},
		{
			"of another route", func(c *client) answer { return c.edr("/sites?cursor=" + cursorOf(c)) }, 400,
			"Invalid cursor", "invalid cursor",
		},
	})
}

func TestNinjaIsStrict(t *testing.T) {
	get := func(c *client, authorization string) answer {
		return c.do(http.MethodGet, c.env["NINJARMM_URL"]+"/v2/roles", authorization, "", "")
	}
	check(t, []mistaken{
		{"pageSize over 1000", rmm("/v2/devices?pageSize=1001"), 200, "[", "pageSize over 1000"},
		{"no pageSize", rmm("/v2/organizations"), 200, "[", "pageSize missing"},
		{"after taken from the last row", func(c *client) answer {
			page := decode[[]object](c.t, c.rmm("/v2/devices?pageSize=10"))
			return c.rmm("/v2/devices?pageSize=10&after=" + itoa(number(c.t, page[9]["id"])))
		}, 200, "[", "after is not the largest id"},
		{"after no number", rmm("/v2/devices?pageSize=10&after=x"), 400, `"resultCode":"FAILURE"`, ""},
		{
			"unknown parameter", rmm("/v2/devices?pageSize=10&olderThan=5"), 200, "[",
			"unknown query parameter olderThan",
		},
		{
			"df not honoured", rmm("/v2/devices?pageSize=10&df=status%20in%20(PENDING)"), 200, `"APPROVED"`,
			"clause of df that is not honoured",
		},
		{"unknown route", rmm("/v2/machines"), 404, "HTTP 404 Not Found", "no such route"},
		{"needs a user", rmm("/v2/contacts"), 403, "user_context_required", ""},
		{"no header", func(c *client) answer { return get(c, "") }, 400, `"error_code":2`, "no Authorization header"},
		{
			"other scheme", func(c *client) answer { return get(c, "ApiToken x") }, 400, `"error_code":1`,
			"another scheme than Bearer",
		},
		{"goes on after a refused token", func(c *client) answer {
			require.Equal(c.t, 401, get(c, "Bearer old").status)
			require.Empty(c.t, c.s.Mistakes())
			return get(c, "Bearer old")
		}, 401, `"error_code":10`, "request after a refused token"},
		{"written to", func(c *client) answer {
			c.rmm("/v2/roles")
			return c.do(http.MethodDelete, c.env["NINJARMM_URL"]+"/v2/device/10", c.ninja, "", "")
		}, 405, "405", "DELETE on a route that is read"},
	})
}

func TestNinjaTokenEndpointIsStrict(t *testing.T) {
	ask := func(change func(url.Values)) func(*client) answer {
		return func(c *client) answer {
			form := c.ninjaForm()
			change(form)
			return c.post(c.env["NINJARMM_URL"]+"/ws/oauth/token", form)
		}
	}
	check(t, []mistaken{
		{
			"client of another region", ask(func(f url.Values) { f.Set("client_id", "x") }), 404,
			"Client app not exist", "",
		},
		{"wrong secret", ask(func(f url.Values) { f.Set("client_secret", "x") }), 401, "invalid_client", ""},
		{
			"offline_access", ask(func(f url.Values) { f.Set("scope", "monitoring offline_access") }), 400,
			"invalid_scope", "offline_access with client credentials",
		},
		{
			"more than reading", ask(func(f url.Values) { f.Set("scope", "monitoring management") }), 400,
			"invalid_scope", "scope management",
		},
		{"no scope", ask(func(f url.Values) { f.Del("scope") }), 200, `"access_token"`, "no scope"},
		{
			"other grant", ask(func(f url.Values) { f.Set("grant_type", "password") }), 400, "unsupported_grant_type",
			"grant_type",
		},
		{"JSON", func(c *client) answer {
			return c.do(http.MethodPost, c.env["NINJARMM_URL"]+"/ws/oauth/token", "", "application/json", "{}")
		}, 400, "invalid_request", "instead of a form"},
		{"GET", func(c *client) answer {
			return c.do(http.MethodGet, c.env["NINJARMM_URL"]+"/ws/oauth/token", "", "", "")
		}, 405, "405", "GET instead of POST"},
	})
}

func TestRefreshTokenWorksOnce(t *testing.T) {
	c := start(t, simulator.Options{RefreshToken: true})
	form := c.ninjaForm()
	form.Set("grant_type", "refresh_token")
	form.Set("refresh_token", c.env["NINJARMM_REFRESH_TOKEN"])
	first := decode[object](t, c.post(c.env["NINJARMM_URL"]+"/ws/oauth/token", form))
	again := c.post(c.env["NINJARMM_URL"]+"/ws/oauth/token", form)
	require.Equal(t, 400, again.status)
	require.JSONEq(t, `{"error":"invalid_token"}`, again.body)
	require.Contains(t, strings.Join(c.s.Mistakes(), ""), "refresh token used twice")
	form.Set("refresh_token", first["refresh_token"].(string))
	second := decode[object](t, c.post(c.env["NINJARMM_URL"]+"/ws/oauth/token", form))
	require.NotEqual(t, first["refresh_token"], second["refresh_token"])
}

func TestImmyBotIsStrict(t *testing.T) {
	check(t, []mistaken{
		{"short list", deployment("/api/v1/computers?pageSize=3"), 200, `"online"`, "cut off silently"},
		{"no order", deployment("/api/v1/computers/paged?take=10"), 200, `"count"`, "walk without a stable order"},
		{
			"descending by default", deployment("/api/v1/computers/paged?take=10&sort=id"), 200, `"count"`,
			"descending order",
		},
		{
			"no agentFilter", deployment("/api/v1/provider-agents/pending?take=10&sort=dateAdded&sortDesc=false"), 200,
			`"computerId":null`, "agentFilter missing",
		},
		{
			"agentFilter by name", deployment("/api/v1/provider-agents/pending?agentFilter=All"), 400, "400",
			"agentFilter is no number",
		},
		{
			"throws for installer versions", deployment("/api/v1/provider-links?includeClients=true"), 500, "500",
			"throwIfAgentInstallerVersionNotSet",
		},
		{
			"unknown parameter", deployment("/api/v1/computers/paged?sortField=id"), 200, "",
			"unknown query parameter sortField",
		},
		{"page zero", deployment("/api/v1/tenants?Page=0"), 400, "validation", ""},
		{"empty filter", deployment("/api/v1/users?Filters=isAdmin=="), 500, "", "Filters without a value"},
		{
			"sessions of all years", deployment("/api/v1/maintenance-sessions/dx?sessionType=2&take=10&requireTotalCount=true"),
			504, "stream timeout", "a window of more than a day",
		},
		{
			"sessions of clouds", deployment("/api/v1/maintenance-sessions/dx?take=10"), 200, `"data"`,
			"sessions of more than computers",
		},
		{
			"sessions by a name", deployment(`/api/v1/maintenance-sessions/dx?sessionType=2&take=1&filter=[["tenantName","=","x"]]`),
			500, "500", "condition that is not simulated",
		},
		{
			"actions that did nothing",
			deployment("/api/v1/maintenance-actions/dx?take=10&sort=" + url.QueryEscape(`[{"selector":"id","desc":false}]`) + "&filter=" +
				url.QueryEscape(`[["createdDateUTC",">=","10/31/2026 00:00:00"],"and",["createdDateUTC","<","11/01/2026 00:00:00"]]`)),
			200, `"assignmentId":61`, "actions that did nothing asked for as well",
		},
		{
			"a session that is cancelled", deployment("/api/v1/maintenance-sessions/200001/cancel"), 204, "",
			"a route that acts",
		},
		{"unknown route", deployment("/api/v1/persons/paged"), 200, "<!doctype html>", "no such route"},
		{"trailing question mark", deployment("/api/v1/tenants?"), 404, "", "ends in ?"},
		{"written to", func(c *client) answer {
			c.deployment("/api/v1/auth")
			return c.do(http.MethodPut, c.env["IMMYBOT_URL"]+"/api/v1/tenants", c.immy, "application/json", "{}")
		}, 405, "", "PUT on a route that is read"},
		{"other scheme", func(c *client) answer {
			return c.do(http.MethodGet, c.env["IMMYBOT_URL"]+"/api/v1/auth", "Basic x", "", "")
		}, 401, "", "another scheme than Bearer"},
	})
}

func TestEntraIsStrict(t *testing.T) {
	ask := func(change func(url.Values)) func(*client) answer {
		return func(c *client) answer {
			form := c.entraForm()
			change(form)
			return c.post(c.entraURL(), form)
		}
	}
	check(t, []mistaken{
		{
			"scope of the caller's own app", ask(func(f url.Values) { f.Set("scope", "api://x/.default") }), 400,
			"AADSTS70011", "scope is not that of the instance",
		},
		{
			"no scope", ask(func(f url.Values) { f.Del("scope") }), 400, "invalid_scope",
			"scope is not that of the instance",
		},
		{
			"offline_access", ask(func(f url.Values) { f.Set("scope", f.Get("scope")+" offline_access") }), 400,
			"invalid_scope", "offline_access",
		},
		{"wrong secret", ask(func(f url.Values) { f.Set("client_secret", "x") }), 401, "AADSTS7000215", ""},
		{"wrong app", ask(func(f url.Values) { f.Set("client_id", "x") }), 400, "AADSTS700016", ""},
		{
			"wrong grant", ask(func(f url.Values) { f.Set("grant_type", "password") }), 400, "unsupported_grant_type",
			"grant_type",
		},
		{"wrong tenant", func(c *client) answer {
			return c.post(c.env["IMMYBOT_AUTHORITY_URL"]+"/other/oauth2/v2.0/token", c.entraForm())
		}, 400, "AADSTS90002", "unknown tenant"},
		{"version 1 endpoint", func(c *client) answer {
			return c.post(c.env["IMMYBOT_AUTHORITY_URL"]+"/x/oauth2/token", c.entraForm())
		}, 404, "", "no such route"},
	})
}
