package metrics

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/executor"
)

// report is a made-up report of a run of the named instances.
func report(status string, instances ...string) *executor.Report {
	at := time.Unix(1_700_000_000, 0)
	r := &executor.Report{
		Run:      executor.RunInfo{Status: status, StartedAt: at, FinishedAt: at.Add(time.Minute)},
		Entities: map[string]executor.Counts{"a_device": {Created: 3, Deleted: 1}},
	}
	for _, name := range instances {
		in := executor.InstanceReport{
			Instance: name, Vendor: "Acme", Status: status,
			Requests: executor.Requests{Answers: map[int]int{200: 7, 0: 1}, Retries: 1, WaitedSeconds: 1.5},
		}
		if status == executor.StatusComplete {
			in.LastSuccessfulAt = &r.Run.FinishedAt
		}
		r.Instances = append(r.Instances, in)
		r.Steps = append(r.Steps, executor.StepReport{Instance: name, Step: "devices", Status: status, Records: 5})
	}
	return r
}

// written is what a file holds after runs, without comments.
func written(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	var b strings.Builder
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "#") {
			b.WriteString(line)
		}
	}
	return b.String()
}

func TestFileIsReplacedByWhatARunSays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "assetgraph.prom")
	both := report(executor.StatusComplete, "edr", "rmm")
	both.Coverage = &executor.Coverage{
		Complete: 4, Gaps: []executor.Gaps{{Tool: "edr", Missing: 2, Work: &executor.Work{Failing: 3, Unknown: 1}}, {Tool: "rmm"}},
		ByCustomer: []executor.CustomerCoverage{
			{Organization: `Ac"me`, Machines: 4, With: map[string]int{"edr": 3}},
			{Organization: "cut off…", Machines: 1, With: map[string]int{"edr": 1}},
			{Organization: "cut off…", Machines: 2, With: map[string]int{"edr": 1}},
			{Organization: "\xff", Machines: 1},
		},
	}
	both.Withheld = []executor.Withheld{
		{Instance: "rmm", Type: "a_device", Deletes: 4, Reason: "one"}, {Instance: "rmm", Type: "a_device", Deletes: 3},
	}
	require.NoError(t, WriteFile(path, Of(both), nil))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o644), info.Mode().Perm())
	first := written(t, path)
	for _, line := range []string{
		`assetgraph_run_status{status="complete"} 1`, `assetgraph_run_status{status="failed"} 0`,
		`assetgraph_run_end_timestamp_seconds 1.70000006e+09`,
		`assetgraph_run_changes{change="created",type="a_device"} 3`,
		`assetgraph_instance_info{provider_instance="rmm",vendor="Acme"} 1`,
		`assetgraph_instance_last_success_timestamp_seconds{provider_instance="edr"} 1.70000006e+09`,
		`assetgraph_instance_requests{provider_instance="edr",status="200"} 7`,
		`assetgraph_instance_requests{provider_instance="edr",status="none"} 1`,
		`assetgraph_instance_request_wait_seconds{provider_instance="edr",reason="retry"} 1.5`,
		`assetgraph_instance_withheld_deletes{provider_instance="rmm",type="a_device"} 7`,
		`assetgraph_step_records{provider_instance="edr",step="devices"} 5`,
		`assetgraph_step_complete{provider_instance="edr",step="devices"} 1`,
		`assetgraph_coverage_machines{customer="Ac\"me"} 4`,
		`assetgraph_coverage_machines{customer="cut off…"} 3`,
		`assetgraph_coverage_machines_with{customer="cut off…",tool="edr"} 2`,
		`assetgraph_coverage_failing_machines{tool="edr"} 3`, `assetgraph_coverage_unknown_machines{tool="edr"} 1`,
		`assetgraph_coverage_gaps{tool="edr"} 2`, `assetgraph_coverage_complete_machines 4`,
	} {
		require.Contains(t, first, line+"\n")
	}

	require.NotContains(t, first, `assetgraph_coverage_failing_machines{tool="rmm"}`, "nobody tells")

	// A run of one instance takes nothing away from the other, nor a failed one what it does not know.
	require.NoError(t, WriteFile(path, Of(report(executor.StatusFailed, "rmm")), []string{"edr", "rmm"}))
	second := written(t, path)
	for _, line := range []string{
		`assetgraph_run_status{status="complete"} 0`, `assetgraph_run_status{status="failed"} 1`,
		`assetgraph_instance_status{provider_instance="edr",status="complete"} 1`,
		`assetgraph_instance_status{provider_instance="rmm",status="failed"} 1`,
		`assetgraph_instance_last_success_timestamp_seconds{provider_instance="rmm"} 1.70000006e+09`,
		`assetgraph_step_complete{provider_instance="rmm",step="devices"} 0`,
		`assetgraph_coverage_machines{customer="Ac\"me"} 4`,
	} {
		require.Contains(t, second, line+"\n")
	}
	require.Contains(t, second, `assetgraph_instance_withheld_deletes{provider_instance="rmm",type="a_device"} 7`,
		"the failed run did not get far enough to know")

	// One that failed before it began says that alone.
	require.NoError(t, WriteFile(path, Failed(time.Unix(1_700_009_000, 0)), nil))
	third := written(t, path)
	require.Contains(t, third, "assetgraph_run_end_timestamp_seconds 1.700009e+09\n")
	require.NotContains(t, third, "assetgraph_run_changes")
	tail := func(s string) string {
		return s[:strings.Index(s, "assetgraph_run_")] + s[strings.Index(s, "assetgraph_step_"):]
	}
	require.Equal(t, tail(second), tail(third))

	// An instance that is configured no more goes.
	require.NoError(t, WriteFile(path, Of(report(executor.StatusComplete, "rmm")), []string{"rmm"}))
	require.NotContains(t, written(t, path), `"edr",`)
	require.Len(t, list(t, filepath.Dir(path)), 1, "no temporary file stays")
}

func list(t *testing.T, dir string) []os.DirEntry {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	return entries
}

func TestFileThatIsNone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "assetgraph.prom")
	for _, text := range []string{"no metrics at all\n", "\x00\xff", "assetgraph_run_status{other=\"x\"} 1\nassetgraph_instance_info 1\n"} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		require.NoError(t, WriteFile(path, Failed(time.Now()), nil))
		require.NotContains(t, written(t, path), "other")
	}
	require.Error(t, WriteFile(filepath.Join(path, "below"), Failed(time.Now()), nil))
}

// Gauges alone: names follow Prometheus' rules, and every one is documented.
func TestNamesFollowTheRules(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Families() {
		require.Regexp(t, `^assetgraph_(run|instance|step|coverage)_[a-z_]+$`, f.Name)
		require.NotRegexp(t, `_(total|count|sum|bucket|info_.*)$`, f.Name, "a gauge is no counter")
		require.NotContains(t, f.Labels, "instance")
		require.NotContains(t, f.Labels, "job")
		require.NotEmpty(t, f.Help)
		require.False(t, seen[f.Name])
		seen[f.Name] = true
	}
}

func TestAddressesOfGateways(t *testing.T) {
	for address, want := range map[string][2]string{
		"http://gw:9091":                       {"http://gw:9091", "assetgraph"},
		"https://me:hunter2@gw/base/":          {"https://gw/base", "assetgraph"},
		"http://gw:9091/metrics":               {"http://gw:9091", "assetgraph"},
		"http://gw:9091/metrics/job/second":    {"http://gw:9091", "second"},
		"http://gw:9091/x/metrics/job/second/": {"http://gw:9091/x", "second"},
	} {
		g, err := ParseGateway(address)
		require.NoError(t, err, address)
		require.Equal(t, want, [2]string{g.address, g.job})
		require.Equal(t, strings.Contains(address, "@"), g.password == "hunter2")
	}
	for _, address := range []string{
		"gw:9091", "ftp://gw", "http://", "http://me:hunter2@exa mple", "http://gw?x=hunter2", "http://gw/metrics/job/a/instance/b", "http://gw/metrics/job/",
	} {
		_, err := ParseGateway(address)
		require.Error(t, err, address)
		require.NotContains(t, err.Error(), "hunter2")
	}
}
