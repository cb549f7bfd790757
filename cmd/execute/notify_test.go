package main

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/executor"
	"assetgraph/internal/notify"
	"assetgraph/internal/settings"
	"assetgraph/internal/simulator"
)

const (
	hookPath   = "/services/T0/very-secret-path-of-a-webhook"
	hookSecret = "very-secret-key-of-messages"
)

// A webhook takes messages, and checks that each is signed.
type webhook struct {
	*httptest.Server
	mu       sync.Mutex
	refuse   bool
	came     func() // before an answer; nil for nothing
	messages []webhookMessage
}

type webhookMessage struct {
	ID       string
	About    struct{ Run, Status, Graph string }
	Findings []struct {
		Event, ID, Kind, Title, Command string
		Details                         []string
	}
}

func newWebhook(t *testing.T) *webhook {
	t.Helper()
	h := &webhook{}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		h.mu.Lock()
		defer h.mu.Unlock()
		var m webhookMessage
		if err != nil || r.URL.Path != hookPath || r.Header.Get(notify.SignatureHeader) != notify.Sign(hookSecret, body) ||
			json.Unmarshal(body, &m) != nil || r.Header.Get(notify.DeliveryHeader) != m.ID {
			t.Errorf("no message of ours: %s %s", r.URL, body)
		}
		if h.came != nil {
			h.came()
		}
		if h.refuse {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		h.messages = append(h.messages, m)
	}))
	t.Cleanup(h.Close)
	return h
}

// env adds to settings those that lead to the webhook.
func (h *webhook) env(t *testing.T, env map[string]string) map[string]string {
	t.Helper()
	all := maps.Clone(env)
	all[settings.NotifyURL], all[settings.NotifySecret] = h.URL+hookPath, hookSecret
	all[settings.StateDirName] = t.TempDir()
	return all
}

// took returns the messages since the last call.
func (h *webhook) took() []webhookMessage {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := h.messages
	h.messages = nil
	return all
}

// events are the events of messages, as "opened failed:x".
func events(messages []webhookMessage) (list []string) {
	for _, m := range messages {
		for _, f := range m.Findings {
			list = append(list, f.Event+" "+f.ID)
		}
	}
	return list
}

// TestWithheldIsToldOnce has the same deletes withheld in 30 runs: one message says so, with the customers and the
// command that lets them go; that command is run, and one more message says that it is over.
func TestWithheldIsToldOnce(t *testing.T) { onBothGraphs(t, withheldIsToldOnce) }

func withheldIsToldOnce(t *testing.T, p place) {
	hook := newWebhook(t)
	sim, env := fleet(t, simulator.Options{Machines: 40, Customers: 3})
	env = p.env(hook.env(t, env))
	env[settings.NotifyOn] = "failed, incomplete, withheld, recovered" // the coverage of customers falls as well
	runJSON(t, exitDone, env, "run")
	require.Empty(t, hook.took())
	sim.Advance(simulator.Change{Remove: 20})
	var logs strings.Builder
	var report executor.Report
	for range 30 {
		r := execute(t, env, "run", "--instance", "ninjarmm", "--output", "json", "--log-level", "debug")
		require.Equal(t, exitWithheld, r.code, r.stderr)
		logs.WriteString(r.stdout + r.stderr)
		require.NoError(t, json.Unmarshal([]byte(r.stdout), &report))
	}
	messages := hook.took()
	require.Equal(t, []string{"opened withheld:ninjarmm"}, events(messages))
	require.Equal(t, executor.StatusWithheld, messages[0].About.Status)
	f := messages[0].Findings[0]
	for _, w := range report.Withheld {
		require.Contains(t, f.Command, w.Approval)
		if w.Type == "ninjarmm_device" {
			require.NotEmpty(t, w.Customers)
			total := 0
			for _, c := range w.Customers {
				total += c.Machines
				require.Contains(t, strings.Join(f.Details, "\n"), c.Organization)
			}
			require.Equal(t, w.Deletes, total, "every one is somebody's")
		}
	}
	args := strings.Fields(f.Command)[1:] // behind the name of the program
	r := execute(t, env, args...)
	require.Equal(t, exitDone, r.code, r.stdout+r.stderr)
	logs.WriteString(r.stdout + r.stderr)
	require.Equal(t, []string{"closed withheld:ninjarmm"}, events(hook.took()))
	execute(t, env, "run", "--instance", "ninjarmm")
	require.Empty(t, hook.took())
	for _, secret := range []string{hookPath, hookSecret} {
		require.NotContains(t, logs.String(), secret)
	}
}

// TestWhatPeopleHaveToKnow goes through all kinds of findings.
func TestWhatPeopleHaveToKnow(t *testing.T) {
	workIn(t)
	hook := newWebhook(t)
	var mu sync.Mutex
	sites, hidden := map[string]int{}, "" // agents of each site, and the site whose agents are gone
	_, plain := fleet(t, simulator.Options{Machines: 40, Customers: 3, Intercept: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case strings.HasSuffix(r.URL.Path, "/agents"):
		case strings.HasSuffix(r.URL.Path, "/agents/count") && hidden != "":
			w.WriteHeader(http.StatusNotFound) // the console does not say
			return
		default:
			next.ServeHTTP(w, r)
			return
		}
		withoutAgents(w, r, next, hidden, sites)
	}})
	env := hook.env(t, plain)
	env["SENTINELONE_COLLECT"] = "none" // threats would hold back the agents that go
	with := func(name, value string) map[string]string {
		e := maps.Clone(env)
		e[name] = value
		return e
	}
	check := func(code int, env map[string]string, args []string, want ...string) result {
		t.Helper()
		r := execute(t, env, append([]string{"run"}, args...)...)
		require.Equal(t, code, r.code, r.stdout+r.stderr)
		require.NotContains(t, r.stdout+r.stderr, "very-secret")
		require.Equal(t, want, events(hook.took()))
		return r
	}
	check(exitDone, env, nil)

	// Runs that can't begin: told once, though there is no graph that could remember it.
	unreachable := []string{"--graph", "neo4j://127.0.0.1:1"}
	lost := with("IMMYBOT_TENANT_ID", "")
	check(exitUsage, lost, nil, "opened failed:run")
	check(exitUsage, lost, nil)
	check(exitDone, env, nil, "closed failed:run")
	check(exitFailed, env, unreachable, "opened failed:run")
	check(exitFailed, env, unreachable)
	check(exitDone, env, nil) // of another graph

	// An instance that fails, and a plan, which tells nobody.
	wrong := with("NINJARMM_CLIENT_SECRET", "another-secret")
	require.Equal(t, exitIncomplete, execute(t, wrong, "plan").code)
	check(exitIncomplete, wrong, nil, "opened failed:ninjarmm")
	check(exitIncomplete, wrong, nil)

	// What is refused is told after the next run, and costs the run nothing.
	hook.refuse = true
	r := check(exitDone, env, nil)
	require.Contains(t, r.stderr, "not all could be told")
	hook.refuse = false
	check(exitDone, env, nil, "closed failed:ninjarmm")

	// The coverage of a customer falls, and comes back.
	mu.Lock()
	hidden = slices.MaxFunc(slices.Sorted(maps.Keys(sites)), func(a, b string) int { return sites[a] - sites[b] })
	mu.Unlock()
	r = execute(t, env, "run", "--max-deletes", "100%")
	require.Equal(t, exitDone, r.code, r.stdout)
	fell := events(hook.took())
	require.Len(t, fell, 1)
	require.Regexp(t, "^opened coverage:edr:.", fell[0])
	check(exitDone, env, nil)
	mu.Lock()
	hidden = ""
	mu.Unlock()
	check(exitDone, env, nil, strings.Replace(fell[0], "opened", "closed", 1))

	// A mistake in the settings of the webhook itself is one in settings.
	execute(t, with(settings.NotifyFormat, "mail"), "run").requireFailed(t, exitUsage, settings.NotifyURL, `"mail"`)
	execute(t, with(settings.NotifyOn, "all"), "run").requireFailed(t, exitUsage, settings.NotifyURL, `"all"`)
	require.Equal(t, exitDone, execute(t, env, "run", "--demo").code)
	require.Empty(t, hook.took(), "a demo is nobody's alarm")
}

// withoutAgents answers as if the agents of a site were gone, and counts those of each that it shows.
func withoutAgents(w http.ResponseWriter, r *http.Request, next http.Handler, hidden string, sites map[string]int) {
	answer := httptest.NewRecorder()
	next.ServeHTTP(answer, r)
	var page struct {
		Data       []map[string]any `json:"data"`
		Pagination map[string]any   `json:"pagination"`
	}
	if answer.Code == http.StatusOK && json.Unmarshal(answer.Body.Bytes(), &page) == nil {
		kept := []map[string]any{}
		for _, agent := range page.Data {
			if site, _ := agent["siteName"].(string); site != hidden {
				sites[site]++
				kept = append(kept, agent)
			}
		}
		page.Data = kept
		page.Pagination["totalItems"] = len(kept)
		text, _ := json.Marshal(page)
		_, _ = w.Write(text)
		return
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

// TestMessageOfAKilledRunIsRepeated kills a run between its message and its note of it.
func TestMessageOfAKilledRunIsRepeated(t *testing.T) {
	workIn(t)
	hook := newWebhook(t)
	_, env := fleet(t, simulator.Options{Machines: 10, Customers: 2})
	env = hook.env(t, env)
	env["NINJARMM_CLIENT_SECRET"] = "another-secret"
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), self, "run")
	cmd.Env = append(environ(t, env), childVariable+"=nothing but the program")
	require.NoError(t, cmd.Start())
	hook.mu.Lock()
	hook.came = func() { _ = cmd.Process.Kill(); _, _ = cmd.Process.Wait() }
	hook.mu.Unlock()
	_ = cmd.Wait()
	hook.mu.Lock()
	hook.came = nil
	hook.mu.Unlock()
	first := hook.took()
	require.Equal(t, []string{"opened failed:ninjarmm"}, events(first))
	require.Equal(t, exitIncomplete, execute(t, env, "run", "--lease", "1s", "--wait", "1m").code)
	second := hook.took()
	require.Equal(t, []string{"opened failed:ninjarmm"}, events(second))
	require.Equal(t, exitIncomplete, execute(t, env, "run").code)
	require.Empty(t, hook.took())
}

// TestConfigurationFileNamesWhomToTell has a file with two targets, and an instance that fails.
func TestConfigurationFileNamesWhomToTell(t *testing.T) {
	workIn(t)
	_, _, env := twoConsoles(t)
	env[settings.StateDirName] = t.TempDir()
	hook := newWebhook(t)
	var mu sync.Mutex
	var pings []string
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		pings = append(pings, r.URL.Path)
	}))
	t.Cleanup(other.Close)
	withToken(t, "key", hookSecret)
	notified := "\nmetricsFile: assetgraph.prom\nnotify:\n  - {url: \"" + hook.URL + "${HOOK_PATH}\", secret: {file: key}, on: [failed, recovered]}\n" +
		"  - {url: \"" + other.URL + "/uuid\", format: ping}\n"
	text, err := os.ReadFile("assetgraph.yaml")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile("assetgraph.yaml", append(text, notified...), 0o600))
	execute(t, env, "run").requireFailed(t, exitUsage, "HOOK_PATH")
	env["HOOK_PATH"] = hookPath
	r := execute(t, env, "run", "--log-level", "debug")
	require.Equal(t, exitDone, r.code, r.stderr)
	require.Contains(t, metricsText(t), `assetgraph_instance_info{provider_instance="s1-us",vendor="SentinelOne"} 1`)
	withToken(t, "token-emea", "not-the-token-at-all")
	r = execute(t, env, "run", "--log-level", "debug")
	require.Equal(t, exitIncomplete, r.code, r.stderr)
	require.Equal(t, []string{"opened failed:s1-emea"}, events(hook.took()))
	require.Equal(t, []string{"/uuid/start", "/uuid", "/uuid/start", "/uuid/fail"}, pings)
	require.NotContains(t, r.stdout+r.stderr, "very-secret")
}

// TestWorkersTellOfEachInstance has workers do instances one by one, again and again, of which one fails and the secret of
// another can't be had: each is told of once.
func TestWorkersTellOfEachInstance(t *testing.T) {
	workIn(t)
	_, _, env := twoConsoles(t)
	env[settings.StateDirName] = t.TempDir()
	hook := newWebhook(t)
	env["HOOK"] = hook.URL + hookPath
	withToken(t, "key", hookSecret)
	text, err := os.ReadFile("assetgraph.yaml")
	require.NoError(t, err)
	notified := append(text, "metricsFile: assetgraph.prom\nnotify: {url: \"${HOOK}\", secret: {file: key}}\n"...)
	require.NoError(t, os.WriteFile("assetgraph.yaml", notified, 0o600))
	work := func(later time.Duration, args ...string) []string {
		t.Helper()
		var out, errs bytes.Buffer
		args = append([]string{"execute", "work", "--parallel", "4", "--log-format", "json", "--log-level", "debug"}, args...)
		a := newApp(args, environ(t, env), strings.NewReader(""), &out, &errs)
		a.now = func() time.Time { return time.Now().Add(later) }
		a.execute(t.Context())
		require.NotContains(t, out.String()+errs.String(), "very-secret")
		last := ""
		for last = range strings.Lines(errs.String()) {
			require.Equal(t, 1, strings.Count(last, `"run":`), last)
			require.Equal(t, 1, strings.Count(last, `"instance":`), last)
		}
		require.Contains(t, last, `"msg":"run ended"`)
		return events(hook.took())
	}
	require.Empty(t, work(0))
	require.Contains(t, metricsText(t), "assetgraph_coverage_complete_machines")
	require.Empty(t, work(0), "nothing is due")
	withToken(t, "token-emea", "not-the-token-at-all")
	t.Setenv("NINJA_SECRET", "")
	var told []string
	for range 3 {
		told = append(told, work(2*time.Hour, "--for", "1s")...)
	}
	require.ElementsMatch(t, []string{"opened failed:s1-emea", "opened failed:ninja"}, told)
	for name, status := range map[string]string{"s1-emea": "failed", "ninja": "failed", "s1-us": "complete"} {
		require.Contains(t, metricsText(t), `assetgraph_instance_status{provider_instance="`+name+`",status="`+status+`"} 1`)
		require.Contains(t, metricsText(t), `assetgraph_instance_last_success_timestamp_seconds{provider_instance="`+name+`"}`)
	}
	require.Contains(t, metricsText(t), "assetgraph_coverage_complete_machines")
}
