package metrics

import (
	"os"
	"os/exec"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	alerts    = "../../deploy/prometheus/alerts.yaml"
	dashboard = "../../deploy/grafana/assetgraph.json"
)

// A rule or a panel that asks for a metric which does not exist is silent for ever.
func TestRulesAndDashboardAskForMetricsThatExist(t *testing.T) {
	declared := map[string]bool{}
	for _, f := range Families() {
		declared[f.Name] = true
	}
	for _, file := range []string{alerts, "../../deploy/prometheus/alerts_test.yaml", dashboard} {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		names := regexp.MustCompile(`\bassetgraph_[a-z_]+`).FindAllString(string(text), -1)
		require.Greater(t, len(names), 10, file)
		for _, name := range names {
			require.True(t, declared[name], "%s asks for %s, which does not exist", file, name)
		}
	}
	text, err := os.ReadFile(dashboard)
	require.NoError(t, err)
	for _, f := range Families() {
		if f.Name != "assetgraph_run_plan" && f.Name != "assetgraph_run_start_timestamp_seconds" && f.Name != "assetgraph_run_warnings" &&
			f.Name != "assetgraph_instance_info" && f.Name != "assetgraph_instance_incomplete_steps" {
			require.Contains(t, string(text), f.Name, "the dashboard shows it")
		}
	}
}

// TestAlertsByPromtool has promtool check the rules and run their unit tests.
func TestAlertsByPromtool(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is not on PATH: it comes with Prometheus (on Debian apt-get install prometheus)")
	}
	for _, args := range [][]string{{"check", "rules", alerts}, {"test", "rules", "../../deploy/prometheus/alerts_test.yaml"}} {
		out, err := exec.CommandContext(t.Context(), promtool, args...).CombinedOutput()
		require.NoError(t, err, string(out))
		require.Contains(t, string(out), "SUCCESS")
	}
	tests, err := os.ReadFile("../../deploy/prometheus/alerts_test.yaml")
	require.NoError(t, err)
	rules, err := os.ReadFile(alerts)
	require.NoError(t, err)
	for _, m := range regexp.MustCompile(`(?m)- alert: (\w+)`).FindAllSubmatch(rules, -1) {
		require.Regexp(t, `alertname: `+string(m[1])+`\n +exp_alerts`, string(tests), "a test has it fire")
	}
}
