package sentinelone

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
)

const (
	siteUsers  = `{"errors":[{"code":4030010,"detail":"Action is not allowed to site users"}]}`
	multiScope = `{"errors":[{"code":4030010,"detail":"This page doesn't support multi-scopes users yet","title":"Insufficient permissions"}]}`
	noDetail   = `{"errors":[{"code":4030010,"detail":null,"title":"Insufficient permissions"}]}`
	noRight    = `{"errors":[{"code":4030010,"detail":"User does not have required permissions.","title":"Insufficient permissions"}]}`
)

func TestAccountsOfANarrowScopeAreDerivedFromSites(t *testing.T) {
	for name, refusal := range map[string]string{
		"site token": siteUsers, "token over several accounts": multiScope, "no detail": noDetail,
	} {
		t.Run(name, func(t *testing.T) {
			c := newConsole(t)
			c.answer["/accounts"] = answer(403, refusal)
			c.records["/sites"] = []string{
				`{"id":"11","accountId":"1","accountName":"One"}`,
				`{"id":"12","accountId":"1","accountName":"One"}`,
				`{"id":"21","accountId":"2","accountName":"Two"}`,
			}
			s := c.collector(collectors.Options{PageSize: 1})
			got := readStep(t, s, "accounts")
			require.NoError(t, got.err)
			require.Equal(t, []string{"1", "2"}, got.ids())
			require.Equal(t, &Account{ID: "2", Name: "Two"}, got.records[1].Value)
			require.Equal(t, 3, got.meter.Pages())
			require.Zero(t, got.meter.Expected(), "three sites are no expectation of accounts")
			require.Contains(t, got.warnings(), "derived from the sites")
			n, err := stepOf(t, s, "accounts").Count(t.Context())
			require.NoError(t, err)
			require.Equal(t, -1, n)
		})
	}
}

func TestDerivedAccountsAreIncompleteWhenTheSitesAre(t *testing.T) {
	c := newConsole(t)
	c.answer["/accounts"] = answer(403, siteUsers)
	c.answer["/sites"] = answer(200,
		`{"data":{"sites":[{"id":"11","accountId":"1"}]},"pagination":{"nextCursor":null,"totalItems":2}}`)
	got := readStep(t, c.collector(collectors.Options{}), "accounts")
	var incomplete *collectors.IncompleteError
	require.ErrorAs(t, got.err, &incomplete)
	require.Equal(t, []string{"1"}, got.ids())
}

func TestSiteWithoutAccountMakesDerivedAccountsIncomplete(t *testing.T) {
	c := newConsole(t)
	c.answer["/accounts"] = answer(403, siteUsers)
	c.answer["/sites"] = answer(200, `{"data":{"sites":[{"id":"11"},{"name":"no id"},{"id":"12","accountId":"1"}]},"pagination":{"nextCursor":null}}`)
	got := readStep(t, c.collector(collectors.Options{}), "accounts")
	require.NoError(t, got.err)
	require.Len(t, got.records, 3)
	require.EqualError(t, got.records[0].Err, "site 11: field accountId: the site names no account to derive")
	require.ErrorContains(t, got.records[1].Err, "site without id: field id")
	require.Equal(t, "1", got.records[2].ID)
}

func TestForbiddenNamesThePermission(t *testing.T) {
	for name, permission := range map[string]string{
		"accounts": "Accounts.view", "sites": "Sites.view", "groups": "Groups.view", "agents": "Endpoints.view",
		"users": "Users.view",
	} {
		t.Run(name, func(t *testing.T) {
			c := newConsole(t)
			c.answer["/"+name] = answer(403, noRight)
			c.answer["/agents/count"] = answer(403, noRight)
			s := c.collector(collectors.Options{})
			got := readStep(t, s, name)
			require.ErrorContains(t, got.err, "required permissions")
			require.ErrorContains(t, got.err, permission)
			require.Empty(t, got.records)
			_, err := stepOf(t, s, name).Count(t.Context())
			require.ErrorContains(t, err, permission)
		})
	}
}

func TestForbiddenWithAnotherCodeIsNoScope(t *testing.T) {
	c := newConsole(t)
	c.answer["/accounts"] = answer(403, `{"errors":[{"code":4030020,"title":"IP not allowed"}]}`)
	c.records["/sites"] = []string{`{"id":"11","accountId":"1"}`}
	got := readStep(t, c.collector(collectors.Options{}), "accounts")
	require.ErrorContains(t, got.err, "4030020 IP not allowed")
	require.Empty(t, got.records)
}

func TestNarrowScopeWithoutSitesNamesTheSitePermission(t *testing.T) {
	c := newConsole(t)
	c.answer["/accounts"] = answer(403, siteUsers)
	c.answer["/sites"] = answer(403, noRight)
	s := c.collector(collectors.Options{})
	require.ErrorContains(t, readStep(t, s, "accounts").err, "Sites.view")
	_, err := stepOf(t, s, "accounts").Count(t.Context())
	require.ErrorContains(t, err, "Sites.view")
}

func TestUnauthorizedRouteOfAValidTokenIsNoDeadToken(t *testing.T) {
	c := newConsole(t)
	c.answer["/users"] = answer(401, unauthorized)
	got := readStep(t, c.collector(collectors.Options{}), "users")
	require.ErrorContains(t, got.err, "token itself is valid")
	require.ErrorContains(t, got.err, "Users.view")
	require.Len(t, c.queries("/system/info"), 1)
}

func TestTokenRevokedDuringTheRun(t *testing.T) {
	c := newConsole(t)
	c.answer["/agents"] = answer(401, unauthorized)
	c.answer["/system/info"] = answer(401, unauthorized)
	got := readStep(t, c.collector(collectors.Options{}), "agents")
	require.ErrorContains(t, got.err, "revoked or expired")
	require.NotContains(t, got.err.Error(), testToken)
}

func TestSignIn(t *testing.T) {
	c := newConsole(t)
	session, err := c.collector(collectors.Options{}).SignIn(t.Context())
	require.NoError(t, err)
	require.NotEmpty(t, session.Reader)
	require.Equal(t, collectors.Session{Reader: session.Reader}, session)
	require.Len(t, c.queries("/system/info"), 1)
	require.Empty(t, c.queries("/system/status"), "health is asked for only when sign-in fails")
}

func TestSignInWarnsOfAnExpiringToken(t *testing.T) {
	for name, c := range map[string]struct {
		left time.Duration
		want string
	}{
		"in five days": {5*24*time.Hour + time.Hour, "in 5 days"},
		"today":        {time.Hour, "in 0 days"},
		"expired":      {-time.Hour, "in 0 days"},
		"in 15 days":   {15 * 24 * time.Hour, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newConsole(t)
			expires := time.Now().Add(c.left)
			s.answer["/users/api-token-details"] = func(w http.ResponseWriter,
				r *http.Request) {
				s.tokenDetails(w, r, expires)
			}
			session, err := s.collector(collectors.Options{}).SignIn(t.Context())
			require.NoError(t, err)
			if c.want == "" {
				require.Empty(t, session.Warnings)
				return
			}
			require.Len(t, session.Warnings, 1)
			require.Contains(t, session.Warnings[0], c.want)
			require.Contains(t, session.Warnings[0], expires.UTC().Format(time.DateOnly))
		})
	}
}

func TestSignInIgnoresUnknownExpiry(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"refused":     answer(403, noRight),
		"not there":   answer(404, ``),
		"null":        answer(200, `{"data":null}`),
		"no time":     answer(200, `{"data":{"expiresAt":0}}`),
		"other shape": answer(200, `[1]`),
	} {
		t.Run(name, func(t *testing.T) {
			c := newConsole(t)
			c.answer["/users/api-token-details"] = handler
			session, err := c.collector(collectors.Options{}).SignIn(t.Context())
			require.NoError(t, err)
			require.Empty(t, session.Warnings)
		})
	}
}

func TestSignInTellsWrongHostFromWrongToken(t *testing.T) {
	notFound := func(w http.ResponseWriter,
		_ *http.Request) {
		http.Error(w, "404 page not found", http.StatusNotFound)
	}
	for name, c := range map[string]struct {
		info, status http.HandlerFunc
		want         string
	}{
		"wrong token":               {answer(401, unauthorized), nil, "revoked or expired"},
		"401 of something else":     {answer(401, `{"error":"no"}`), notFound, "check the URL"},
		"no console":                {notFound, notFound, "check the URL"},
		"health of something else":  {notFound, answer(200, `{"status":"up"}`), "check the URL"},
		"console without the route": {notFound, nil, "not as expected"},
		"refused by address": {
			answer(403, `{"errors":[{"code":4030010,"title":"IP"}]}`), nil, "IP restrictions",
		},
		"console down is neither of these": {
			answer(503, `{"errors":[{"code":5030010,"title":"Service Unavailable"}]}`), nil,
			"5030010 Service Unavailable",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newConsole(t)
			s.answer["/system/info"], s.answer["/system/status"], s.answer["/sites"] = c.info, c.status, notFound
			_, err := s.collector(collectors.Options{}).SignIn(t.Context())
			require.ErrorContains(t, err, c.want)
			require.NotContains(t, err.Error(), testToken)
		})
	}
}

func TestSignInWhereOnlyTheInfoRouteIsMissing(t *testing.T) {
	c := newConsole(t)
	c.answer["/system/info"] = answer(404, `{"errors":[{"code":4040010,"title":"Not found"}]}`)
	_, err := c.collector(collectors.Options{}).SignIn(t.Context())
	require.NoError(t, err, "the sites can be read")
}

func TestSignInToNobody(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	s, err := New(Config{
		Instance: "s1", URL: server.URL, APIToken: testToken, Options: collectors.Options{RetryTime: -1},
	})
	require.NoError(t, err)
	_, err = s.SignIn(t.Context())
	require.ErrorContains(t, err, "check the URL")
}
