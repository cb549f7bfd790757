package main

import (
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/simulator"
)

// onRoute intercepts the requests whose path ends so.
func onRoute(path string, answer func(w http.ResponseWriter, r *http.Request, next http.Handler)) simulator.Options {
	return simulator.Options{Intercept: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if !strings.HasSuffix(r.URL.Path, path) {
			next.ServeHTTP(w, r)
			return
		}
		answer(w, r, next)
	}}
}

func throttlePage(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html")
	_, _ = w.Write([]byte("<!doctype html><title>Too many requests</title>"))
}

func TestThrottlePageOnceCostsNothing(t *testing.T) {
	for _, path := range []string{"/v2/devices-detailed", "/v2/users", "/ws/oauth/token", "/api/v1/persons", "/api/v1/computers/paged", "/api/v1/auth", "/web/api/v2.1/agents"} {
		workIn(t)
		var asked atomic.Int64
		_, env := fleet(t, onRoute(path, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if n := asked.Add(1); n == 2 || n == 1 && !strings.HasPrefix(path, "/v2/devices") {
				throttlePage(w)
				return
			}
			next.ServeHTTP(w, r)
		}))
		runJSON(t, exitDone, env, "run", "--retry-time", "5s")
		require.Greater(t, asked.Load(), int64(2), path)
	}
}

func TestThrottlePageThatStaysIsNamed(t *testing.T) {
	workIn(t)
	var asked atomic.Int64
	_, env := fleet(t, onRoute("/v2/devices-detailed", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if asked.Add(1) > 1 {
			throttlePage(w)
			return
		}
		next.ServeHTTP(w, r)
	}))
	r := runJSON(t, exitIncomplete, env, "run", "--retry-time", "200ms")
	require.Contains(t, stepNamed(t, r, "NINJARMM_", "devices").Error, "throttled")
}

func TestWaitBeyondTheLimitNamesItselfAndTheSetting(t *testing.T) {
	workIn(t)
	_, env := fleet(t, onRoute("/web/api/v2.1/groups", func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Retry-After", "3") // for which the other lists wait
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	r := runJSON(t, exitIncomplete, env, "run", "--retry-time", "1s")
	require.Contains(t, stepNamed(t, r, "SENTINELONE_", "groups").Error, "the provider asks to wait 3s: run again then, or let the run wait with --retry-time 1m")
}

func TestPageThatIsTooLargeForTheProviderIsAskedForInParts(t *testing.T) {
	workIn(t)
	var refused atomic.Int64
	o := onRoute("", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		for _, param := range []string{"limit", "pageSize", "take"} {
			if rows, err := strconv.Atoi(r.URL.Query().Get(param)); err == nil && rows > 30 && !strings.HasSuffix(r.URL.Path, "/dx") { // there windows of time are halved
				refused.Add(1)
				w.WriteHeader(http.StatusGatewayTimeout)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
	o.Machines, o.Customers = 200, 8
	_, env := fleet(t, o)
	first := runJSON(t, exitDone, env, "run", "--retry-time", "2s")
	require.Positive(t, refused.Load())
	require.Positive(t, first.Entities["ninjarmm_device"].Created)
	require.Zero(t, runJSON(t, exitDone, env, "run", "--retry-time", "2s").Totals.Deleted)
}
