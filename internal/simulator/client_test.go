package simulator_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/simulator"
)

// client is what a test talks to a simulator with: it does what it is told, right or wrong.
type client struct {
	t     testing.TB
	s     *simulator.Simulator
	env   map[string]string
	ninja string // Authorization headers
	immy  string
}

func start(t testing.TB, o simulator.Options) *client {
	t.Helper()
	s, err := simulator.Start(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return &client{t: t, s: s, env: s.Env()}
}

// an answer is what came back.
type answer struct {
	status int
	kind   string
	body   string
	date   string
}

func (c *client) do(method, address, authorization, contentType, body string) answer {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, address, strings.NewReader(body))
	require.NoError(c.t, err)
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	response, err := http.DefaultClient.Do(r)
	require.NoError(c.t, err)
	defer func() { require.NoError(c.t, response.Body.Close()) }()
	text, err := io.ReadAll(response.Body)
	require.NoError(c.t, err)
	return answer{response.StatusCode, response.Header.Get("Content-Type"), string(text), response.Header.Get("Date")}
}

func (c *client) post(address string, form url.Values) answer {
	c.t.Helper()
	return c.do(http.MethodPost, address, "", "application/x-www-form-urlencoded", form.Encode())
}

// edr reads a SentinelOne route.
func (c *client) edr(route string) answer {
	c.t.Helper()
	return c.do(http.MethodGet, c.env["SENTINELONE_URL"]+"/web/api/v2.1"+route, "ApiToken "+
		c.env["SENTINELONE_API_TOKEN"], "", "")
}

// rmm reads a NinjaRMM route, signing in on the first call.
func (c *client) rmm(route string) answer {
	c.t.Helper()
	if c.ninja == "" {
		c.ninja = "Bearer " + c.token(c.env["NINJARMM_URL"]+"/ws/oauth/token", c.ninjaForm())
	}
	return c.do(http.MethodGet, c.env["NINJARMM_URL"]+route, c.ninja, "", "")
}

// deployment reads an ImmyBot route, signing in on the first call.
func (c *client) deployment(route string) answer {
	c.t.Helper()
	if c.immy == "" {
		c.immy = "Bearer " + c.token(c.entraURL(), c.entraForm())
	}
	return c.do(http.MethodGet, c.env["IMMYBOT_URL"]+route, c.immy, "", "")
}

func (c *client) ninjaForm() url.Values {
	return url.Values{
		"grant_type": {"client_credentials"}, "scope": {"monitoring"},
		"client_id": {c.env["NINJARMM_CLIENT_ID"]}, "client_secret": {c.env["NINJARMM_CLIENT_SECRET"]},
	}
}

func (c *client) entraURL() string {
	return c.env["IMMYBOT_AUTHORITY_URL"] + "/" + c.env["IMMYBOT_TENANT_ID"] + "/oauth2/v2.0/token"
}

func (c *client) entraForm() url.Values {
	return url.Values{
		"grant_type": {"client_credentials"}, "scope": {c.env["IMMYBOT_URL"] + "/.default"},
		"client_id": {c.env["IMMYBOT_CLIENT_ID"]}, "client_secret": {c.env["IMMYBOT_CLIENT_SECRET"]},
	}
}

func (c *client) token(address string, form url.Values) string {
	c.t.Helper()
	a := c.post(address, form)
	require.Equal(c.t, http.StatusOK, a.status, a.body)
	var reply struct {
		AccessToken string `json:"access_token"`
	}
	require.NoError(c.t, json.Unmarshal([]byte(a.body), &reply))
	require.NotEmpty(c.t, reply.AccessToken)
	return reply.AccessToken
}

// object is any JSON object; numbers keep their spelling.
type object = map[string]any

func decode[T any](t testing.TB, a answer) T {
	t.Helper()
	require.Equal(t, http.StatusOK, a.status, a.body)
	require.Equal(t, "application/json", a.kind)
	var v T
	d := json.NewDecoder(strings.NewReader(a.body))
	d.UseNumber()
	require.NoError(t, d.Decode(&v), a.body)
	return v
}

// edrWalk reads a SentinelOne list to its end, as the documentation says. It returns rows, pages, and the first page's
// total.
func (c *client) edrWalk(route string, limit int) (rows []object, pages, total int) {
	c.t.Helper()
	query := url.Values{"limit": {strconv.Itoa(limit)}, "sortBy": {"id"}, "sortOrder": {"asc"}}
	if route == "/agents" {
		query.Set("isDecommissioned", "true,false")
		query.Set("isUninstalled", "true,false")
	}
	for {
		page := decode[object](c.t, c.edr(route+"?"+query.Encode()))
		data := page["data"]
		if route == "/sites" {
			data = data.(object)["sites"]
		}
		for _, row := range data.([]any) {
			rows = append(rows, row.(object))
		}
		pagination := page["pagination"].(object)
		count, err := strconv.Atoi(pagination["totalItems"].(json.Number).String())
		require.NoError(c.t, err)
		if pages == 0 {
			total = count
		} else {
			require.Zero(c.t, count, "the total of a page that was asked for with a cursor")
		}
		pages++
		next, _ := pagination["nextCursor"].(string)
		if next == "" {
			return rows, pages, total
		}
		once, err := url.PathUnescape(next)
		require.NoError(c.t, err)
		query.Set("cursor", once)
	}
}

// rmmWalk reads a NinjaRMM list to the empty page.
func (c *client) rmmWalk(route string, size int, filter string) (rows []object) {
	c.t.Helper()
	after := 0
	for {
		query := url.Values{"pageSize": {strconv.Itoa(size)}}
		if after > 0 {
			query.Set("after", strconv.Itoa(after))
		}
		if filter != "" {
			query.Set("df", filter)
		}
		page := decode[[]object](c.t, c.rmm(route+"?"+strings.ReplaceAll(query.Encode(), "+", "%20")))
		if len(page) == 0 {
			return rows
		}
		for _, row := range page {
			after = max(after, number(c.t, row["id"]))
		}
		rows = append(rows, page...)
	}
}

// immyWalk reads an ImmyBot list by offset; query holds what is asked beside.
func (c *client) immyWalk(route string, take int, query string) (rows []object, count int) {
	c.t.Helper()
	for {
		page := decode[object](c.t, c.deployment(fmt.Sprintf("%s?take=%d&skip=%d&sortDesc=false&includeOffline=true&%s",
			route, take, len(rows), query)))
		count = number(c.t, page["count"])
		results := page["results"].([]any)
		if len(results) == 0 {
			return rows, count
		}
		for _, row := range results {
			rows = append(rows, row.(object))
		}
	}
}

func number(t testing.TB, v any) int {
	t.Helper()
	n, err := strconv.Atoi(v.(json.Number).String())
	require.NoError(t, err)
	return n
}

// ids collects the ids of rows as text and requires that none comes twice.
func ids(t testing.TB, rows []object) map[string]object {
	t.Helper()
	found := map[string]object{}
	for _, row := range rows {
		id := fmt.Sprint(row["id"])
		require.NotContains(t, found, id)
		found[id] = row
	}
	return found
}
