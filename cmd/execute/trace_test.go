package main

import (
	"encoding/base64"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"assetgraph/internal/executor"
	"assetgraph/internal/settings"
	"assetgraph/internal/simulator"
)

// An otlpServer stands in for an OpenTelemetry collector.
type otlpServer struct {
	*httptest.Server
	mu     sync.Mutex
	raw    strings.Builder // all that came, as it came
	header string
	spans  map[string]*trace.Span // by id
}

func newOTLPServer(t *testing.T) *otlpServer {
	t.Helper()
	s := &otlpServer{spans: map[string]*trace.Span{}}
	s.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var export collector.ExportTraceServiceRequest
		if err != nil || r.URL.Path != "/v1/traces" || proto.Unmarshal(body, &export) != nil {
			t.Errorf("no traces: %s", r.URL)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.raw.Write(body)
		s.header = r.Header.Get("Authorization")
		for _, resource := range export.ResourceSpans {
			for _, scope := range resource.ScopeSpans {
				for _, span := range scope.Spans {
					s.spans[hex.EncodeToString(span.SpanId)] = span
				}
			}
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// path names a span with all above it.
func (s *otlpServer) path(span *trace.Span) string {
	if above := s.spans[hex.EncodeToString(span.ParentSpanId)]; above != nil {
		return s.path(above) + " > " + span.Name
	}
	return span.Name
}

// attributesOf returns the texts and numbers that a span holds.
func attributesOf(span *trace.Span) map[string]any {
	all := map[string]any{}
	for _, a := range span.Attributes {
		switch v := a.Value.Value.(type) {
		case *common.AnyValue_StringValue:
			all[a.Key] = v.StringValue
		case *common.AnyValue_IntValue:
			all[a.Key] = v.IntValue
		}
	}
	return all
}

// TestTraceOfADemo has a stand-in for a collector receive the trace of a demo: one tree, from the run to each request.
func TestTraceOfADemo(t *testing.T) {
	workIn(t)
	server := newOTLPServer(t)
	report := runJSON(t, exitDone, map[string]string{settings.OTLPEndpoint: server.URL}, "run", "--demo")
	paths, requests := map[string]int{}, map[string]int{}
	for _, span := range server.spans {
		path := server.path(span)
		paths[path]++
		require.True(t, strings.HasPrefix(path, "run"), path)
		require.Less(t, span.StartTimeUnixNano, span.EndTimeUnixNano)
		require.NotContains(t, span.Name, "?")
		if above := server.spans[hex.EncodeToString(span.ParentSpanId)]; above != nil {
			require.LessOrEqual(t, above.StartTimeUnixNano, span.StartTimeUnixNano)
		}
		if strings.Contains(span.Name, " /") {
			requests[strings.Split(path, " > ")[1]]++
			// The demo's console has no licence for that list, and another one is read; a scope without a policy has none.
			if !strings.HasSuffix(path, "/ranger/table-view") && !strings.HasSuffix(path, "/policy") {
				require.EqualValues(t, 200, attributesOf(span)["http.response.status_code"], path)
			}
		}
	}
	require.Equal(t, 1, paths["run"])
	require.Equal(t, 1, paths["run > correlate"])
	require.Equal(t, 1, paths["run > apply"])
	for _, s := range report.Steps {
		path := "run > instance " + s.Instance + " > step " + s.Step
		require.Equal(t, 1, paths[path], path)
		for _, span := range server.spans {
			if server.path(span) == path {
				require.Equal(t, s.Status, attributesOf(span)["assetgraph.status"])
				require.EqualValues(t, s.Records, attributesOf(span)["assetgraph.records"])
			}
		}
	}
	for _, in := range report.Instances {
		all := 0
		for _, n := range in.Requests.Answers {
			all += n
		}
		tokens := 0
		for path, n := range paths {
			if strings.HasPrefix(path, "run > instance "+in.Instance) && strings.HasSuffix(path, " > token") {
				tokens += n
			}
		}
		require.Equal(t, all, requests["instance "+in.Instance]+tokens, "each request has a span")
	}
	for _, span := range server.spans {
		if span.Name == "run" {
			require.Equal(t, report.Run.ID, attributesOf(span)["assetgraph.run"])
			require.Equal(t, executor.StatusComplete, attributesOf(span)["assetgraph.status"])
		}
	}
}

// TestTracesHoldNoSecretsAndNobodysNames looks for what is planted in the fleet in what a collector gets, of runs that go
// well and of some that do not.
func TestTracesHoldNoSecretsAndNobodysNames(t *testing.T) {
	workIn(t)
	server := newOTLPServer(t)
	sim, env := fleet(t, simulator.Options{RefreshToken: true})
	env[settings.OTLPEndpoint] = server.URL + "/"
	env[settings.OTLPHeaders] = "authorization=Basic%20" + base64.StdEncoding.EncodeToString([]byte("me:planted-password"))
	env[settings.StateDirName] = t.TempDir()
	report := runJSON(t, exitDone, env, "run")
	wrong := map[string]string{"SENTINELONE_API_TOKEN": "another-planted-secret"}
	for name, value := range env {
		if wrong[name] == "" {
			wrong[name] = value
		}
	}
	sim.Advance(simulator.Change{Remove: 30})
	require.NotEqual(t, exitDone, execute(t, wrong, "run").code)
	require.Equal(t, exitWithheld, execute(t, env, "plan").code)
	require.Equal(t, "Basic bWU6cGxhbnRlZC1wYXNzd29yZA==", server.header)
	failed := 0
	for _, span := range server.spans {
		if span.Status.GetCode() == trace.Status_STATUS_CODE_ERROR {
			failed++
			require.Empty(t, span.Status.Message)
		}
		require.Empty(t, span.Events)
	}
	require.Positive(t, failed)
	secrets := append(sim.Secrets(), "another-planted-secret", "planted-password", env["SENTINELONE_API_TOKEN"], env["NINJARMM_CLIENT_ID"])
	for _, c := range report.Coverage.ByCustomer {
		secrets = append(secrets, c.Organization)
	}
	secrets = append(secrets, strings.Fields(execute(t, nil, "query", "select hostname from device where hostname is not null limit 40", "--output", "csv").stdout)[1:]...)
	for _, secret := range secrets {
		if secret != "" {
			require.NotContains(t, server.raw.String(), secret)
		}
	}
}

// TestCollectorThatFailsCostsARunNothing sends traces to what refuses them, and to nobody.
func TestCollectorThatFailsCostsARunNothing(t *testing.T) {
	workIn(t)
	_, env := fleet(t, simulator.Options{Machines: 10, Customers: 2})
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	t.Cleanup(refusing.Close)
	env[settings.OTLPHeaders] = "x-token=very-secret-header"
	for _, address := range []string{refusing.URL, "http://127.0.0.1:1"} {
		env[settings.OTLPEndpoint] = address
		r := execute(t, env, "run")
		require.Equal(t, exitDone, r.code, r.stderr)
		require.Contains(t, r.stderr, "the trace was not sent")
		require.NotContains(t, r.stderr, "very-secret-header")
	}
	env[settings.OTLPTraces] = "nowhere"
	execute(t, env, "run").requireFailed(t, exitUsage, settings.OTLPTraces)
	env[settings.OTLPTraces], env[settings.OTLPHeaders] = "", "very-secret-header"
	r := execute(t, env, "run")
	r.requireFailed(t, exitUsage, settings.OTLPHeaders, "NAME=VALUE")
	require.NotContains(t, r.stderr, "very-secret-header")
}
