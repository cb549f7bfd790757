package check

import (
	"flag"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/v2/lint"
	"helm.sh/helm/v4/pkg/chart/v2/lint/support"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/engine"
	"sigs.k8s.io/yaml"
)

const chartFolder = "../helm/assetgraph"

var update = flag.Bool("update", false, "renew golden files and the plain manifests")

// examples are the values under ci, by name.
func examples() []string { return []string{"minimal", "embedded", "neo4j-workers"} }

func TestChartHasNothingToLint(t *testing.T) {
	for _, name := range append(examples(), "") {
		t.Run("values "+name, func(t *testing.T) {
			values := map[string]any{}
			if name != "" {
				values = example(t, name)
			}
			result := lint.RunAll(chartFolder, values, "assetgraph")
			for _, m := range result.Messages {
				if m.Severity > support.InfoSev {
					t.Error(m)
				}
			}
		})
	}
}

func TestChartRendersAsBefore(t *testing.T) {
	for _, name := range examples() {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			for _, file := range render(t, example(t, name)) {
				b.WriteString("---\n# " + file.name + "\n" + file.text)
			}
			compare(t, filepath.Join("testdata", name+".yaml"), b.String())
		})
	}
}

// Those without Helm get what the chart makes of the least that must be said.
func TestPlainManifestsAreTheChartsOwn(t *testing.T) {
	const head = "# Made from deploy/helm/assetgraph and its ci/minimal-values.yaml: copy it, then edit the copy.\n"
	names := map[string]bool{}
	for _, file := range render(t, example(t, "minimal")) {
		names[file.name] = true
		compare(t, filepath.Join("../kubernetes", file.name), head+withoutHelm(file.text))
	}
	entries, err := os.ReadDir("../kubernetes")
	require.NoError(t, err)
	for _, e := range entries {
		require.True(t, names[e.Name()], "the chart makes no %s", e.Name())
	}
}

// withoutHelm leaves out what says that Helm keeps an object.
func withoutHelm(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		if strings.Contains(line, "helm.sh/") || strings.Contains(line, "app.kubernetes.io/managed-by: Helm") {
			continue
		}
		lines = append(lines, line)
	}
	return strings.ReplaceAll(strings.Join(lines, ""), "  annotations:\nspec:", "spec:")
}

// What can't work, or would put a secret where everybody reads it, is refused before anything is installed.
func TestChartRefusesWhatCannotWork(t *testing.T) {
	for name, tt := range map[string]struct {
		base, values, want string
	}{
		"several pods on one file": {"minimal", `workers: {count: 2}`, "workers.count must be 1 with an embedded graph"},
		"a file that is gone with the pod": {
			"minimal", `persistence: {enabled: false}`, "persistence.enabled must be true with an embedded graph",
		},
		"a file beside the volume": {"minimal", `config: {graph: "sqlite:/tmp/a.db"}`, "config.graph must lie on the volume"},
		"no graph":                 {"minimal", `config: {graph: null}`, "config.graph is missing"},
		"several pods on a volume of one": {
			"neo4j-workers", `persistence: {enabled: true}`, "need persistence.accessModes [ReadWriteMany]",
		},
		"a literal secret": {
			"minimal", `config: {instances: [{name: a, provider: sentinelone, apiToken: abc}]}`,
			"/config/instances/0/apiToken",
		},
		"a literal secret in a list": {
			"minimal", `config: {instances: [{name: a, provider: immybot, clientSecret: [abc]}]}`,
			"/config/instances/0/clientSecret",
		},
		"a literal password": {
			"minimal", `config: {graph: {url: "neo4j://h:7687", password: abc}}`, "/config/graph/password",
		},
		"a literal secret by default": {
			"minimal", `config: {defaults: {ninjarmm: {clientSecret: abc}}}`, "/config/defaults/ninjarmm/clientSecret",
		},
		"an unknown key":     {"minimal", `worker: {count: 2}`, "additional properties 'worker' not allowed"},
		"an unknown outcome": {"minimal", `workers: {softExit: [failed]}`, "/workers/softExit/0"},
		"no time":            {"minimal", `schedule: {cron: hourly}`, "/schedule/cron"},
		"no duration":        {"minimal", `workers: {for: 50}`, "/workers/for"},
	} {
		t.Run(name, func(t *testing.T) {
			over := map[string]any{}
			require.NoError(t, yaml.Unmarshal([]byte(tt.values), &over))
			values := loader.MergeMaps(example(t, tt.base), over)
			_, err := try(values)
			require.ErrorContains(t, err, tt.want)
		})
	}
}

// rendered is one file of the chart's output.
type rendered struct{ name, text string }

// render returns what the chart makes of the values, by name of the template, without those that make nothing.
func render(t *testing.T, values map[string]any) []rendered {
	t.Helper()
	files, err := try(values)
	require.NoError(t, err)
	return files
}

func try(values map[string]any) ([]rendered, error) {
	chart, err := loader.Load(chartFolder)
	if err != nil {
		return nil, err
	}
	release := common.ReleaseOptions{Name: "assetgraph", Namespace: "assetgraph", Revision: 1, IsInstall: true}
	all, err := util.ToRenderValues(chart, values, release, common.DefaultCapabilities)
	if err != nil {
		return nil, err
	}
	texts, err := engine.Render(chart, all)
	if err != nil {
		return nil, err
	}
	var files []rendered
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		text := strings.TrimLeft(texts[name], "\n")
		if path.Ext(name) == ".yaml" && text != "" {
			files = append(files, rendered{path.Base(name), text})
		}
	}
	return files, nil
}

func example(t *testing.T, name string) map[string]any {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(chartFolder, "ci", name+"-values.yaml"))
	require.NoError(t, err)
	values := map[string]any{}
	require.NoError(t, yaml.UnmarshalStrict(text, &values))
	return values
}

// compare holds a text against a file, or renews the file with -update.
func compare(t *testing.T, file, text string) {
	t.Helper()
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), text, "%s: go -C deploy/check test ./... -update", file)
}
