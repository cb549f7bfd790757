package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/metrics"
	"assetgraph/internal/settings"
	"assetgraph/internal/simulator"
)

const metricsFile = "assetgraph.prom"

func metricsText(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(metricsFile)
	require.NoError(t, err)
	return string(text)
}

// TestMetricsSayWhatTheReportSays compares the file of runs with their reports, and with what was asked of the products.
func TestMetricsSayWhatTheReportSays(t *testing.T) {
	workIn(t)
	var mu sync.Mutex
	asked, refuse := 0, 2
	_, env := fleet(t, simulator.Options{Intercept: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		mu.Lock()
		asked++
		refused := refuse > 0 && strings.HasSuffix(r.URL.Path, "/agents")
		if refused {
			refuse--
		}
		mu.Unlock()
		if refused {
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		next.ServeHTTP(w, r)
	}})
	env[settings.MetricsFile] = metricsFile
	report := runJSON(t, exitDone, env, "run")
	text := metricsText(t)
	has := func(format string, args ...any) {
		t.Helper()
		require.Contains(t, text, fmt.Sprintf(format, args...)+"\n")
	}
	has(`assetgraph_run_status{status="complete"} 1`)
	has(`assetgraph_run_plan 0`)
	for name, c := range report.Entities {
		has(`assetgraph_run_changes{change="created",type=%q} %d`, name, c.Created)
	}
	for _, s := range report.Steps {
		if s.LeftOut() {
			continue
		}
		has(`assetgraph_step_records{provider_instance=%q,step=%q} %d`, s.Instance, s.Step, s.Records)
		has(`assetgraph_step_complete{provider_instance=%q,step=%q} 1`, s.Instance, s.Step)
	}
	requests, retries := 0, 0
	require.Len(t, report.Instances, 3)
	for _, in := range report.Instances {
		for _, n := range in.Requests.Answers {
			requests += n
		}
		retries += in.Requests.Retries
		require.Equal(t, report.Run.FinishedAt, *in.LastSuccessfulAt)
		has(`assetgraph_instance_last_success_timestamp_seconds{provider_instance=%q} %v`, in.Instance,
			float64(report.Run.FinishedAt.UnixMilli())/1000)
	}
	mu.Lock()
	require.Equal(t, asked, requests, "every request was counted")
	mu.Unlock()
	require.Equal(t, 2, retries)
	has(`assetgraph_instance_requests{provider_instance="sentinelone",status="429"} 2`)
	has(`assetgraph_instance_request_retries{provider_instance="sentinelone"} 2`)

	// Customers, by another way: what the report on coverage counts.
	machines := 0
	for _, c := range report.Coverage.ByCustomer {
		machines += c.Machines
		has(`assetgraph_coverage_machines{customer=%q} %d`, c.Organization, c.Machines)
		for tool, n := range c.With {
			has(`assetgraph_coverage_machines_with{customer=%q,tool=%q} %d`, c.Organization, tool, n)
		}
		require.Equal(t, fmt.Sprint(c.Machines), query(t, fmt.Sprintf(
			"select count(*) from device where coalesce(organization, '') = '%s'", strings.ReplaceAll(c.Organization, "'", "''"))))
		require.Equal(t, fmt.Sprint(c.With["edr"]), query(t, fmt.Sprintf(
			"select count(*) from device where hasEdr and coalesce(organization, '') = '%s'", strings.ReplaceAll(c.Organization, "'", "''"))))
	}
	require.Equal(t, report.Coverage.Machines, machines)

	// A run that changes nothing derives nothing, and knows the customers all the same.
	again := runJSON(t, exitDone, env, "run")
	require.Equal(t, report.Coverage.ByCustomer, again.Coverage.ByCustomer)
	require.NotContains(t, execute(t, nil, "query", "select report from graph_run").stdout, "byCustomer", "run records stay small")
}

// TestStaleSuccessIsSeen has runs fail in each way, and looks at what an alert would see.
func TestStaleSuccessIsSeen(t *testing.T) {
	workIn(t)
	_, env := fleet(t, simulator.Options{Machines: 20, Customers: 2})
	env[settings.MetricsFile] = metricsFile
	first := runJSON(t, exitDone, env, "run")
	success := float64(first.Run.FinishedAt.UnixMilli()) / 1000
	lastSuccess := fmt.Sprintf(`assetgraph_instance_last_success_timestamp_seconds{provider_instance="ninjarmm"} %v`+"\n", success)
	require.Contains(t, metricsText(t), lastSuccess)

	with := func(name, value string) map[string]string {
		e := maps.Clone(env)
		e[name] = value
		return e
	}
	for name, tt := range map[string]struct {
		env  map[string]string
		args []string
		code int
	}{
		"a setting":              {with("NINJARMM_CLIENT_SECRET", ""), nil, exitUsage},
		"a flag's value":         {env, []string{"--max-deletes", "some"}, exitUsage},
		"a settings file":        {env, []string{"--env-file", "nowhere.env"}, exitUsage},
		"the graph":              {with("GRAPH_DB_ENDPOINT", "neo4j://127.0.0.1:1"), nil, exitFailed},
		"the address of gateway": {with(settings.MetricsPush, "nowhere"), nil, exitUsage},
	} {
		t.Run(name, func(t *testing.T) {
			before := metricsText(t)
			r := execute(t, tt.env, append([]string{"run"}, tt.args...)...)
			require.Equal(t, tt.code, r.code, r.stderr)
			after := metricsText(t)
			require.NotEqual(t, before, after)
			require.Contains(t, after, "assetgraph_run_status{status=\"failed\"} 1\n")
			require.Contains(t, after, lastSuccess)
			runJSON(t, exitDone, env, "plan", "--metrics-file", metricsFile)
			require.Contains(t, metricsText(t), "assetgraph_run_plan 1\n")
			require.Contains(t, metricsText(t), lastSuccess, "a plan is no success")
		})
	}

	// Credentials that are refused: the run is incomplete, one instance has failed, and its success gets older.
	r := runJSON(t, exitIncomplete, with("NINJARMM_CLIENT_SECRET", "another-secret"), "run")
	require.Contains(t, metricsText(t), lastSuccess)
	require.Contains(t, metricsText(t), `assetgraph_instance_status{provider_instance="ninjarmm",status="failed"} 1`)
	require.Contains(t, metricsText(t), fmt.Sprintf(`assetgraph_instance_last_success_timestamp_seconds{provider_instance="immybot"} %v`,
		float64(r.Run.FinishedAt.UnixMilli())/1000))

	// Another place for the file knows it too: it is the graph that remembers.
	require.NoError(t, os.Remove(metricsFile))
	runJSON(t, exitIncomplete, with("NINJARMM_CLIENT_SECRET", "another-secret"), "run")
	require.Contains(t, metricsText(t), lastSuccess)

	// A plan publishes where its own flags say so alone, and a run that can't write its file is a run all the same.
	before := metricsText(t)
	require.Equal(t, exitDone, execute(t, env, "plan").code)
	require.Equal(t, before, metricsText(t))
	refused := execute(t, with(settings.MetricsFile, filepath.Join("no", "such", "folder.prom")), "run")
	require.Equal(t, exitDone, refused.code, refused.stderr)
	require.Contains(t, refused.stderr, "metrics were not written")
}

// TestGatewayThatFailsCostsARunNothing pushes to gateways that refuse, hang up, and are not there.
func TestGatewayThatFailsCostsARunNothing(t *testing.T) {
	workIn(t)
	_, env := fleet(t, simulator.Options{Machines: 10, Customers: 2})
	var credentials []string
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		credentials = append(credentials, r.Header.Get("Authorization"))
		http.Error(w, "no, "+r.Header.Get("Authorization"), http.StatusBadRequest)
	}))
	t.Cleanup(refusing.Close)
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	t.Cleanup(silent.Close)
	signedIn := strings.Replace(refusing.URL, "http://", "http://me:hunter2hunter2@", 1)
	for _, address := range []string{signedIn, silent.URL, "http://127.0.0.1:1"} {
		for _, args := range [][]string{nil, {"--metrics-push", address}} {
			e := maps.Clone(env)
			if args == nil {
				e[settings.MetricsPush] = address
			}
			r := execute(t, e, append([]string{"run", "--log-level", "debug"}, args...)...)
			require.Equal(t, exitDone, r.code, r.stderr)
			require.Equal(t, 1, strings.Count(r.stderr, "metrics were not pushed"), r.stderr)
			require.NotContains(t, r.stdout+r.stderr, "hunter2")
		}
	}
	require.Contains(t, credentials, "Basic "+base64.StdEncoding.EncodeToString([]byte("me:hunter2hunter2")))
}

// startServer starts a program of Debian's on a port of its own and waits until it answers.
func startServer(t *testing.T, ready, name string, args ...string) (address string) {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not on PATH: on Debian, apt-get install %s", name, name)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address = l.Addr().String()
	require.NoError(t, l.Close())
	cmd := exec.CommandContext(t.Context(), path, append(args, "--web.listen-address="+address)...)
	cmd.Dir = t.TempDir()
	cmd.Stdout, cmd.Stderr = t.Output(), t.Output()
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	require.Eventually(t, func() bool {
		response, err := http.Get("http://" + address + ready)
		if err != nil {
			return false
		}
		defer response.Body.Close()
		return response.StatusCode == http.StatusOK
	}, time.Minute, 50*time.Millisecond, "%s answers", name)
	return address
}

// TestRealPrometheus has a real Pushgateway and a real node_exporter take the metrics of runs, and a real Prometheus
// scrape both and know every metric.
func TestRealPrometheus(t *testing.T) {
	rules, err := filepath.Abs("../../deploy/prometheus/alerts.yaml")
	require.NoError(t, err)
	dir := workIn(t)
	gateway := startServer(t, "/-/ready", "prometheus-pushgateway")
	exporter := startServer(t, "/", "prometheus-node-exporter", "--collector.disable-defaults", "--collector.textfile",
		"--collector.textfile.directory="+dir)
	config := filepath.Join(t.TempDir(), "prometheus.yml")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, `
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [%q]
scrape_configs:
  - {job_name: gateway, honor_labels: true, static_configs: [{targets: [%q]}]}
  - {job_name: node, static_configs: [{targets: [%q]}]}
`, rules, gateway, exporter), 0o600))
	prometheus := startServer(t, "/-/ready", "prometheus", "--config.file="+config, "--storage.tsdb.path="+t.TempDir())

	sim, env := fleet(t, simulator.Options{})
	env[settings.MetricsFile], env[settings.MetricsPush] = metricsFile, "http://"+gateway
	runJSON(t, exitDone, env, "run")
	sim.Advance(simulator.Change{Remove: 40})
	report := runJSON(t, exitWithheld, env, "run")
	runJSON(t, exitWithheld, env, "run", "--instance", "immybot")
	env["IMMYBOT_CLIENT_ID"] = ""
	execute(t, env, "run").requireFailed(t, exitUsage, "IMMYBOT_CLIENT_ID")

	ask := func(text string) (values []string) {
		response, err := http.Get("http://" + prometheus + "/api/v1/query?query=" + url.QueryEscape(text))
		if err != nil {
			return nil
		}
		defer response.Body.Close()
		var answer struct {
			Data struct{ Result []struct{ Value [2]any } }
		}
		if json.NewDecoder(response.Body).Decode(&answer) != nil {
			return nil
		}
		for _, r := range answer.Data.Result {
			values = append(values, fmt.Sprint(r.Value[1]))
		}
		return values
	}
	for _, job := range []string{"assetgraph", "node"} {
		eventually := func(text string, want ...string) {
			t.Helper()
			require.Eventually(t, func() bool { return strings.Join(ask(text), " ") == strings.Join(want, " ") }, time.Minute,
				200*time.Millisecond, "%s is %v, has to be %v", text, ask(text), want)
		}
		eventually(fmt.Sprintf(`assetgraph_run_status{job=%q,status="failed"}`, job), "1")
		eventually(fmt.Sprintf(`count(assetgraph_instance_info{job=%q})`, job), "3")
		eventually(fmt.Sprintf(`assetgraph_instance_status{job=%q,provider_instance="sentinelone",status="withheld"}`, job), "1")
		for _, in := range report.Instances {
			if in.Instance != "immybot" {
				eventually(fmt.Sprintf(`assetgraph_instance_last_success_timestamp_seconds{job=%q,provider_instance=%q}`, job, in.Instance),
					strconv.FormatFloat(float64(in.LastSuccessfulAt.UnixMilli())/1000, 'f', -1, 64))
			}
		}
		eventually(fmt.Sprintf(`sum(assetgraph_coverage_machines{job=%q})`, job), fmt.Sprint(report.Coverage.Machines))
		for _, f := range metrics.Families() {
			if f.Name != "assetgraph_run_changes" { // the last run did not begin
				require.NotEmpty(t, ask(fmt.Sprintf(`%s{job=%q}`, f.Name, job)), f.Name)
			}
		}
	}
	require.Eventually(t, func() bool {
		return len(ask(`ALERTS{alertname="AssetgraphDeletesWithheld"}`)) > 0 && len(ask(`ALERTS{alertname="AssetgraphRunFailed"}`)) > 0
	}, time.Minute, 200*time.Millisecond, "the rules see it")
}
