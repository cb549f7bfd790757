package check

import (
	"os"
	"testing"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/stretchr/testify/require"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"sigs.k8s.io/yaml"
)

// A PrometheusRule has the rules of deploy/prometheus, word for word and in the shape that the operator knows.
func TestAlertRulesAreThoseOfPrometheus(t *testing.T) {
	text, err := os.ReadFile("../prometheus/alerts.yaml")
	require.NoError(t, err)
	var want monitoring.PrometheusRuleSpec
	require.NoError(t, yaml.UnmarshalStrict(text, &want))
	require.NotEmpty(t, want.Groups)

	on := map[string]any{}
	require.NoError(t, yaml.Unmarshal([]byte(`prometheusRule: {enabled: true, labels: {release: prometheus}}`), &on))
	var rule monitoring.PrometheusRule
	for _, file := range render(t, loader.MergeMaps(example(t, "minimal"), on)) {
		if file.name == "prometheusrule.yaml" {
			require.NoError(t, yaml.UnmarshalStrict([]byte(file.text), &rule))
		}
	}
	require.Equal(t, "PrometheusRule", rule.Kind)
	require.Equal(t, "prometheus", rule.Labels["release"])
	require.Equal(t, want, rule.Spec)
	for _, group := range rule.Spec.Groups {
		require.NotEmpty(t, group.Name)
		for _, r := range group.Rules {
			require.NotEmpty(t, r.Alert+r.Record)
			require.NotEmpty(t, r.Expr.String())
		}
	}
}
