package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/simulator"
)

// checkJSON runs check and returns what it found.
func checkJSON(t *testing.T, env map[string]string, args ...string) checked {
	t.Helper()
	r := execute(t, env, append([]string{"check", "--output", "json"}, args...)...)
	var got checked
	require.NoError(t, json.Unmarshal([]byte(r.stdout), &got), r.stdout+r.stderr)
	require.Equal(t, got.OK, r.code == exitDone)
	return got
}

// requireNarrow checks that a text fits a terminal of 80 columns.
func requireNarrow(t *testing.T, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		require.LessOrEqual(t, len([]rune(strings.TrimRight(line, "\n"))), 80, line)
	}
}

// A product that is refused says what to do, whatever it answers and to which request.
func TestCheckHasACureForEachRefusal(t *testing.T) {
	type refusal struct {
		path   string
		status int
		body   string
		step   string
		cure   string
	}
	const (
		html     = "<html><title>Sign in</title></html>"
		s1Token  = `{"errors":[{"code":4010010,"title":"Authentication Failed"}]}`
		s1Right  = `{"errors":[{"code":4030010,"title":"Insufficient permissions","detail":"User does not have required permissions."}]}`
		ninjaNo  = `{"resultCode":"FAILURE","errorMessage":"HTTP 403 Forbidden"}`
		noClient = `{"resultCode":"Client app not exist"}`
	)
	for name, tt := range map[string]refusal{
		"SentinelOne, every route with 401":    {"/web/api/v2.1/", 401, s1Token, "sign in", "API token is wrong"},
		"SentinelOne, address refused":         {"/web/api/v2.1/system/info", 403, s1Right, "sign in", "IP restrictions"},
		"SentinelOne, agents with 403":         {"/web/api/v2.1/agents", 403, s1Right, "agents", "Endpoints.view"},
		"SentinelOne, users with 403":          {"/web/api/v2.1/users", 403, s1Right, "users", "SENTINELONE_SKIP=users"},
		"SentinelOne, no console":              {"/web/api/v2.1/", 404, html, "sign in", "check the URL"},
		"SentinelOne, throttled":               {"/web/api/v2.1/groups", 429, "", "groups", "run again later"},
		"NinjaRMM, devices with 403":           {"/v2/devices-detailed", 403, ninjaNo, "devices", "scope monitoring"},
		"NinjaRMM, users with 403":             {"/v2/users", 403, ninjaNo, "users", "NINJARMM_SKIP=users"},
		"NinjaRMM, devices need a user":        {"/v2/devices-detailed", 403, `{"resultCode":"user_context_required"}`, "devices", "refresh token"},
		"NinjaRMM, wrong region":               {"/ws/oauth/token", 404, noClient, "sign in", "browser shows"},
		"NinjaRMM, wrong secret":               {"/ws/oauth/token", 401, `{"error":"invalid_client"}`, "sign in", "client id and client secret"},
		"NinjaRMM, page of something else":     {"/v2/organizations", 200, html, "sign in", "check the address"},
		"NinjaRMM, pending devices with 500":   {"/v2/devices", 500, "", "devices", "status page"},
		"ImmyBot, computers with 403":          {"/api/v1/computers/paged", 403, `{"title":"Forbidden","status":403}`, "computers", "role with scope Owner"},
		"ImmyBot, the app is unknown":          {"/api/v1/auth", 401, "", "sign in", "AD External ID"},
		"ImmyBot, persons as a page":           {"/api/v1/persons", 200, html, "persons", "IMMYBOT_SKIP=persons"},
		"ImmyBot, tenants fail":                {"/api/v1/tenants", 503, "", "tenants", "run again later"},
		"ImmyBot, computers are too slow, 504": {"/api/v1/computers/paged", 504, "", "computers", "slow"},
		"ImmyBot, a request nobody foresaw":    {"/api/v1/computers/paged", 418, "", "computers", "docs/providers"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, env := fleet(t, simulator.Options{Intercept: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				if !strings.HasPrefix(r.URL.Path, tt.path) || tt.path == "/v2/devices" && r.URL.Path != tt.path {
					next.ServeHTTP(w, r)
					return
				}
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(tt.status)
				_, _ = w.Write([]byte(tt.body))
			}})
			env["GRAPH_DB_ENDPOINT"] = "sqlite:none.db"
			product := map[byte]string{'S': "sentinelone", 'N': "ninjarmm", 'I': "immybot"}[name[0]]
			got := checkJSON(t, env, "--instance", product)
			require.False(t, got.OK)
			cure := ""
			for _, f := range got.Findings {
				require.Equal(t, f.Error == "", f.Cure == "", "%+v", f)
				require.NotContains(t, f.Error, f.Cure+"x")
				if f.Step == tt.step {
					cure = f.Cure
				}
			}
			require.Contains(t, cure, tt.cure)
			if tt.status >= 429 {
				return // it takes the seconds for which a request is tried again
			}
			r := execute(t, env, "check", "--instance", product)
			require.Equal(t, exitFailed, r.code)
			requireNarrow(t, r.stdout)
			require.Contains(t, r.stdout, "what to do: ")
			require.NotContains(t, r.stdout, "(check")
		})
	}
}

func TestCheckGivesUpSoon(t *testing.T) {
	workIn(t)
	var asked atomic.Int64
	_, env := fleet(t, simulator.Options{Intercept: func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		asked.Add(1)
		w.WriteHeader(http.StatusInternalServerError)
	}})
	got := checkJSON(t, env)
	require.False(t, got.OK)
	require.Len(t, got.Findings, 3, "nothing is looked at where nobody can sign in")
	require.Less(t, asked.Load(), int64(50), "two minutes would be three times as many")
	for i, name := range []string{"sentinelone", "ninjarmm", "immybot"} {
		require.Equal(t, name, got.Findings[i].Instance, "in their order")
		require.Contains(t, got.Findings[i].Cure, "status page")
	}
}

func TestCheckNamesWhatItReadAndWhatIsNotConfigured(t *testing.T) {
	dir := workIn(t)
	_, env := fleet(t, simulator.Options{})
	text := ""
	for name, value := range env {
		if !strings.HasPrefix(name, "IMMYBOT") {
			text += name + "='" + value + "'\r\n"
		}
	}
	text += "set IMMYBOT_URL=https://hunter2.immy.bot\r\nNINJARMM_SKIP=users\n"
	require.NoError(t, os.WriteFile(".env", []byte("\xef\xbb\xbf"+text), 0o644))
	file, err := filepath.EvalSymlinks(dir)
	require.NoError(t, err)
	env = map[string]string{"SENTINELONE_2_URL": "https://hunter2.sentinelone.net", "NINJA_STATUS": "x"}

	got := checkJSON(t, env)
	require.True(t, got.OK)
	require.Equal(t, filepath.Join(file, ".env"), got.Settings.File)
	require.Equal(t, []string{"ImmyBot"}, got.Settings.NotConfigured)
	require.Len(t, got.Settings.Warnings, 2)

	r := execute(t, env, "check")
	require.Equal(t, exitDone, r.code)
	requireNarrow(t, r.stdout)
	for _, s := range []string{"not configured: ImmyBot", "SENTINELONE_2_URL is not read", `"set IMMYBOT_URL" is not read`, "left out"} {
		require.Contains(t, r.stdout, s)
	}
	require.Contains(t, r.stderr, ".env holds secrets, and every user of this machine may read it: chmod 600 .env")
	require.NotContains(t, r.stdout+r.stderr, "hunter2")

	r = execute(t, env, "plan")
	require.Equal(t, exitDone, r.code)
	for _, s := range []string{"SENTINELONE_2_URL is not read", "IMMYBOT_URL=…", "chmod 600 .env"} {
		require.Contains(t, r.stderr, s)
	}
	require.NotContains(t, r.stdout+r.stderr, "hunter2")

	require.Empty(t, checkJSON(t, nil, "--demo").Settings.Warnings)
}

func TestLookAlikesAreNamedWhereNothingIsConfigured(t *testing.T) {
	workIn(t)
	for _, args := range [][]string{{"check"}, {"run"}} {
		r := execute(t, map[string]string{"NINJA_CLIENT_ID": "hunter2", "S1_TOKEN": "hunter2"}, args...)
		r.requireFailed(t, exitUsage, "no provider is configured", "did you mean NINJARMM_CLIENT_ID?", "did you mean SENTINELONE_API_TOKEN?")
		require.NotContains(t, r.stderr, "hunter2")
	}
}
