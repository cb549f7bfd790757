package ninjarmm

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
)

func TestSignIn(t *testing.T) {
	s := newTenant(t)
	session, err := s.collector(t).SignIn(t.Context())
	require.NoError(t, err)
	require.Equal(t, collectors.Session{Reader: testClient}, session)
	require.Equal(t, []map[string][]string{{
		"grant_type": {"client_credentials"}, "client_id": {testClient}, "client_secret": {testSecret},
		"scope": {"monitoring"},
	}}, s.forms, "id and secret in the body, scope monitoring, never offline_access")
}

func TestWrongRegionIsNamed(t *testing.T) {
	s := newTenant(t)
	c := s.config()
	c.ClientID = "client-of-another-region"
	n, err := New(c)
	require.NoError(t, err)
	_, err = n.SignIn(t.Context())
	require.ErrorContains(t, err, "404")
	require.ErrorContains(t, err, "another region, or the client id is wrong")
	require.Empty(t, s.seen("/oauth/token"), "that answer is one of the token endpoint: no other path is tried")
}

func TestOtherTokenPath(t *testing.T) {
	for name, reply := range map[string]http.HandlerFunc{
		"405": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusMethodNotAllowed) },
		"404 without an answer of the application": func(w http.ResponseWriter,
			r *http.Request) {
			http.NotFound(w, r)
		},
		"404 for an unknown path": func(w http.ResponseWriter, _ *http.Request) {
			answer(w, 404, `{"resultCode":"FAILURE","errorMessage":"HTTP 404 Not Found","incidentId":"X"}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newTenant(t)
			s.handlers["/ws/oauth/token"], s.handlers["/oauth/token"] = reply, s.serveToken
			_, err := s.collector(t).SignIn(t.Context())
			require.NoError(t, err)
		})
	}
}

func TestFailedSignInSaysWhatToDo(t *testing.T) {
	for name, x := range map[string]struct {
		path   string
		status int
		body   string
		want   string
	}{
		"secret":  {"/ws/oauth/token", 401, `{"error":"invalid_client"}`, "check client id and client secret"},
		"scope":   {"/v2/organizations", 403, `{"error":"insufficient_scope"}`, "needs the scope monitoring"},
		"address": {"/v2/organizations", 404, `{}`, "is the URL that of the NinjaOne console"},
		"outage":  {"/v2/organizations", 502, ``, "502"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newTenant(t)
			s.handlers[x.path] = func(w http.ResponseWriter, _ *http.Request) { answer(w, x.status, x.body) }
			_, err := s.collector(t).SignIn(t.Context())
			require.ErrorContains(t, err, x.want)
			require.NotContains(t, err.Error(), testSecret)
		})
	}
}

func TestSecretInAnErrorBodyIsNotRepeated(t *testing.T) {
	for _, path := range []string{"/ws/oauth/token", "/v2/organizations"} {
		s := newTenant(t)
		s.handlers[path] = func(w http.ResponseWriter, _ *http.Request) {
			answer(w, 400,
				fmt.Sprintf(`{"error":"bad","error_description":"secret %s, token access-canary-1"}`, testSecret))
		}
		_, err := s.collector(t).SignIn(t.Context())
		require.ErrorContains(t, err, "bad")
		require.NotContains(t, err.Error(), testSecret)
		if path != "/ws/oauth/token" {
			require.NotContains(t, err.Error(), "access-canary-1")
		}
	}
}

func TestSettings(t *testing.T) {
	good := Config{Instance: "n", URL: "eu.ninjarmm.com", ClientID: "id", ClientSecret: "secret"}
	for name, x := range map[string]struct {
		change  func(*Config)
		setting string
	}{
		"no address":          {func(c *Config) { c.URL = "" }, "URL"},
		"region alone":        {func(c *Config) { c.URL = "eu" }, "URL"},
		"in clear":            {func(c *Config) { c.URL = "http://eu.ninjarmm.com" }, "URL"},
		"no id":               {func(c *Config) { c.ClientID = " " }, "ClientID"},
		"no secret":           {func(c *Config) { c.ClientSecret = "" }, "ClientSecret"},
		"secret of two lines": {func(c *Config) { c.ClientSecret = "canary\ncanary" }, "ClientSecret"},
		"refresh token":       {func(c *Config) { c.RefreshToken = "canary canary" }, "RefreshToken"},
		"offline_access":      {func(c *Config) { c.Scope = "monitoring  offline_access" }, "Scope"},
	} {
		t.Run(name, func(t *testing.T) {
			c := good
			x.change(&c)
			_, err := New(c)
			var setting *collectors.SettingError
			require.ErrorAs(t, err, &setting)
			require.Equal(t, x.setting, setting.Setting)
			require.NotContains(t, err.Error(), "canary")
		})
	}
}

func TestHostAndConsole(t *testing.T) {
	for pasted, want := range map[string]struct{ host, console string }{
		"https://EU.ninjarmm.com/#/systemDashboard/overview": {"eu.ninjarmm.com", "https://eu.ninjarmm.com"},
		" customer.rmmservice.eu/ ": {
			"customer.rmmservice.eu", "https://customer.rmmservice.eu",
		},
		"https://eu-api.ninjarmm.com/v2": {"eu-api.ninjarmm.com", ""},
		"api.us2.ninjarmm.com":           {"api.us2.ninjarmm.com", ""},
	} {
		n, err := New(Config{Instance: "n", URL: pasted, ClientID: "id", ClientSecret: "secret"})
		require.NoError(t, err)
		require.Equal(t, want.host, n.Host())
		require.Equal(t, want.console, n.console())
	}
}

func TestSteps(t *testing.T) {
	n, err := New(Config{Instance: "n", URL: "eu.ninjarmm.com", ClientID: "id", ClientSecret: "secret"})
	require.NoError(t, err)
	before := map[string]bool{}
	for _, s := range n.Steps() {
		for _, need := range s.Needs {
			require.True(t, before[need], "%s needs %s, which is not read before it", s.Name, need)
		}
		before[s.Name] = true
		require.NotEmpty(t, s.Kinds)
	}
	require.Len(t, before, 10)
}

// refreshing makes a tenant and a config of the authorization-code set-up.
func refreshing(t *testing.T, stateDir string) (*tenant, Config) {
	t.Helper()
	s := newTenant(t)
	s.refreshToken = "refresh-canary-0"
	c := s.config()
	c.RefreshToken, c.Options.StateDir = "refresh-canary-0", stateDir
	return s, c
}

func TestRotatedRefreshTokenOutlivesTheRun(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	s, c := refreshing(t, dir)
	s.tokenLife = 2 // so that it rotates several times within one run
	for range 3 {
		n, err := New(c)
		require.NoError(t, err)
		session, err := n.SignIn(t.Context())
		require.NoError(t, err)
		require.Empty(t, session.Warnings)
		_, _, err = read(t, n, "devices", &collectors.Meter{})
		require.NoError(t, err)
	}
	require.Greater(t, s.issued, 3)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1, "no temporary file stays")
	info, err := entries[0].Info()
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	folder, err := os.Stat(dir)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), folder.Mode().Perm())
	kept, err := os.ReadFile(filepath.Join(dir, entries[0].Name()))
	require.NoError(t, err)
	require.Equal(t, s.refreshToken+"\n", string(kept))
	require.NotContains(t, entries[0].Name(), "canary", "the name tells no token")
	require.NotContains(t, s.forms[0], "scope", "the scope is the one that was granted with the token")
}

func TestNewlyConfiguredRefreshTokenWinsOverTheKeptOne(t *testing.T) {
	s, c := refreshing(t, t.TempDir())
	n, err := New(c)
	require.NoError(t, err)
	_, err = n.SignIn(t.Context())
	require.NoError(t, err)

	s.refreshToken = "authorized-again-canary"
	_, err = mustNew(t, c).SignIn(t.Context())
	require.ErrorContains(t, err, "authorize the client app again", "the kept one is dead")
	require.NotContains(t, err.Error(), "canary")

	c.RefreshToken = "authorized-again-canary"
	_, err = mustNew(t, c).SignIn(t.Context())
	require.NoError(t, err)
}

func TestInstancesKeepTheirTokensApart(t *testing.T) {
	require.NotEqual(t, keptName("a", "token"), keptName("b", "token"))
	require.NotEqual(t, keptName("a", "token"), keptName("a", "token2"))
	require.Equal(t, filepath.Base(keptName("../a/b", "token")), keptName("../a/b", "token"),
		"no instance name leaves the folder")
}

func TestRefreshTokenThatCannotBeKeptIsToldBeforeItIsUsed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for name, dir := range map[string]string{"no folder": "", "no folder can be made": filepath.Join(file, "state")} {
		t.Run(name, func(t *testing.T) {
			s, c := refreshing(t, dir)
			n := mustNew(t, c)
			warnings := n.refresh.prepare()
			require.NotEmpty(t, warnings)
			require.Contains(t, warnings[len(warnings)-1], "can't be kept")
			require.Empty(t, s.forms, "nothing was asked yet")

			n = mustNew(t, c)
			session, err := n.SignIn(t.Context())
			require.NoError(t, err)
			require.Equal(t, warnings, session.Warnings)
			s.token = "" // it runs out: the rotated token of this run is used
			_, _, err = read(t, n, "devices", &collectors.Meter{})
			require.NoError(t, err)
		})
	}
}

func TestKeptTokenThatIsNoneIsToldAndNotUsed(t *testing.T) {
	dir := t.TempDir()
	_, c := refreshing(t, dir)
	require.NoError(t,
		os.WriteFile(filepath.Join(dir, keptName(c.Instance, c.RefreshToken)), []byte("two words\n"), 0o600))
	session, err := mustNew(t, c).SignIn(t.Context())
	require.NoError(t, err)
	require.Len(t, session.Warnings, 1)
	require.Contains(t, session.Warnings[0], "configured one is used")
}

func TestTokenThatCannotBeWrittenIsAnErrorAndLeavesTheOldOne(t *testing.T) {
	k := keptToken{dir: t.TempDir(), name: "kept"}
	require.NoError(t, k.write("first"))
	blocked := keptToken{dir: k.dir, name: "folder"}
	require.NoError(t, os.MkdirAll(filepath.Join(k.dir, "folder", "x"), 0o700))
	require.Error(t, blocked.write("second"))
	token, err := k.read()
	require.NoError(t, err)
	require.Equal(t, "first", token)
	entries, err := os.ReadDir(k.dir)
	require.NoError(t, err)
	require.Len(t, entries, 2, "no temporary file stays")
}

func TestStepsWorkWithoutSignIn(t *testing.T) {
	_, c := refreshing(t, t.TempDir())
	_, _, err := read(t, mustNew(t, c), "organizations", &collectors.Meter{})
	require.NoError(t, err)
}

func TestExplain(t *testing.T) {
	for body, want := range map[string]string{
		`{"resultCode":"FAILURE","errorMessage":"NullPointerException","incidentId":"X"}`:           "FAILURE: NullPointerException",
		`{"resultCode":"FAILURE","errorMessage":{"code":"bad_value","params":{"secret":"canary"}}}`: "FAILURE: bad_value",
		`{"resultCode":"FAILURE","incidentId":"X"}`:                                                 "FAILURE",
		`{"resultCode":"Client app not exist","incidentId":"X"}`:                                    regionAdvice,
		`{"error":"missing_header","error_description":"Missing required header","error_code":2}`:   "missing_header: Missing required header",
		`{"error":"invalid_header","error_code":1}`:                                                 "invalid_header",
		`{"error":"invalid_token"}`:                                                                 "invalid_token",
		`{"error":"user_context_required"}`:                                                         userNeededAdvice,
		`{"errorCode":402,"message":"Trial has ended"}`:                                             "402: Trial has ended",
		`{"errorMessage":"only that"}`:                                                              "only that",
		`{"error":{"inner":1},"error_description":5}`:                                               "",
		` [] `:            "",
		`[{"error":"x"}]`: "",
		`{"access_token":"x","expires_in":3600,"scope":"monitoring","token_type":"Bearer"}`: "",
		`{"resultCode":"SUCCESS"}`:                            "",
		`{"error":null,"errorMessage":null,"errorCode":null}`: "",
		`{"id":1,"name":"Customer","message":"hello"}`:        "",
		`{}`: "", ``: "", `null`: "", `{`: "", `<html>`: "", `"text"`: "",
	} {
		require.Equal(t, want, explain([]byte(body)), body)
	}
}

func mustNew(t *testing.T, c Config) *Collector {
	t.Helper()
	n, err := New(c)
	require.NoError(t, err)
	return n
}

// dump writes everything that a value holds.
func dump(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return string(text)
}
