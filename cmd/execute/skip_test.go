package main

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/executor"
	"assetgraph/internal/simulator"
)

// A list that can never be read names the setting that leaves it out; with it the run is complete, and nothing of the
// list is lost.
func TestListThatCanNeverBeReadCanBeLeftOut(t *testing.T) { onBothGraphs(t, listThatCanNeverBeRead) }

func listThatCanNeverBeRead(t *testing.T, p place) {
	for name, tt := range map[string]struct {
		path, filter string
		status       int
		body         string
		step         string
		request      string // as the error names it
		setting      string
	}{
		"users without the permission": {
			path: "/web/api/v2.1/users", status: 403, body: `{"errors":[{"code":4030010,"detail":"User does not have required permissions.","title":"Insufficient permissions"}]}`,
			step: "users", request: "GET /users?limit=1000&sortBy=id", setting: "SENTINELONE_SKIP=users",
		},
		"users of a valid token with 401": {
			path: "/web/api/v2.1/users", status: 401, body: `{"errors":[{"code":4010010,"title":"Authentication Failed"}]}`,
			step: "users", request: "GET /users?", setting: "SENTINELONE_SKIP=users",
		},
		"pending devices with 500": {path: "/v2/devices-detailed", filter: "PENDING", status: 500, step: "devices", request: "df=status = PENDING", setting: "NINJARMM_SKIP=pending"},
		"pending devices with 204": {path: "/v2/devices-detailed", filter: "PENDING", status: 204, step: "devices", request: "df=status = PENDING", setting: "NINJARMM_SKIP=pending"},
		"persons without the right": {path: "/api/v1/persons", status: 403, body: `{"title":"Forbidden","status":403}`,
			step: "persons", request: "GET /persons", setting: "IMMYBOT_SKIP=persons"},
	} {
		t.Run(name, func(t *testing.T) {
			p := p.bare(t)
			var broken atomic.Bool
			_, env := fleet(t, simulator.Options{Intercept: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				if !broken.Load() || r.URL.Path != tt.path || !strings.Contains(r.URL.RawQuery, tt.filter) {
					next.ServeHTTP(w, r)
					return
				}
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(tt.status)
				_, _ = w.Write([]byte(tt.body))
			}})
			env = p.env(env)
			first := runJSON(t, exitDone, env)
			broken.Store(true)

			r := runJSON(t, exitIncomplete, env, "run", "--retry-time", "100ms")
			failed := stepNamed(t, r, tt.setting, tt.step)
			require.Contains(t, failed.Error, tt.request)
			require.Contains(t, failed.Error, "or leave this list out: "+tt.setting)
			require.Equal(t, 1, strings.Count(failed.Error, "leave this list out"))

			setting, value, _ := strings.Cut(tt.setting, "=")
			env[setting] = value
			for range 2 {
				r = runJSON(t, exitDone, env)
				require.Zero(t, r.Totals.Deleted+r.Totals.Withheld)
				step, about := stepNamed(t, r, tt.setting, tt.step), "left out by"
				if value != "pending" {
					require.Equal(t, executor.StatusSkipped, step.Status)
					about = tt.step + ": left out by a setting; what the graph holds of it stays as it was read on " + first.Run.FinishedAt.Format("2006-01-02")
				} else {
					require.Equal(t, executor.StatusComplete, step.Status)
				}
				require.Contains(t, strings.Join(r.Warnings, "\n"), about)
			}
			require.Zero(t, r.Totals.Created+r.Totals.Updated, "what is not read is as it was")
			require.Equal(t, first.Totals.Created, r.Totals.Unchanged)

			env[setting] = "everything"
			execute(t, env).requireFailed(t, exitUsage, setting, `"everything" can't be left out; what can be is `)
		})
	}
}

// stepNamed returns the report of a step of the product that the setting is of.
func stepNamed(t *testing.T, r executor.Report, setting, step string) executor.StepReport {
	t.Helper()
	for _, s := range r.Steps {
		if s.Step == step && strings.HasPrefix(setting, strings.ToUpper(s.Instance)+"_") {
			return s
		}
	}
	require.Fail(t, "no such step", step)
	return executor.StepReport{}
}
