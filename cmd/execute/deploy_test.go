package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// What the chart starts is what the program understands: the configuration of each of its examples has no mistake, and
// the arguments are those of a command. deploy/check has what the chart makes of the examples.
func TestChartStartsWhatTheProgramUnderstands(t *testing.T) {
	files, err := filepath.Glob("../../deploy/check/testdata/*.yaml")
	require.NoError(t, err)
	require.Len(t, files, 3)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			workIn(t)
			args := 0
			for document := range strings.SplitSeq(string(text), "\n---\n") {
				var object struct {
					Kind string
					Data map[string]string
					Spec struct {
						JobTemplate struct {
							Spec struct {
								Template struct {
									Spec struct{ Containers []struct{ Args []string } }
								}
							}
						} `yaml:"jobTemplate"`
					}
				}
				require.NoError(t, yaml.Unmarshal([]byte(document), &object))
				switch object.Kind {
				case "ConfigMap":
					require.NoError(t, os.WriteFile("assetgraph.yaml", withSecrets(t, object.Data["assetgraph.yaml"]), 0o600))
					r := execute(t, nil, "config", "check")
					require.Zero(t, r.code, r.stdout+r.stderr)
				case "CronJob":
					list := object.Spec.JobTemplate.Spec.Template.Spec.Containers[0].Args
					requireUnderstood(t, list...)
					args += len(list)
				}
			}
			require.Positive(t, args)
		})
	}
}

// withSecrets makes a file for each secret that a configuration looks for below /run/secrets, and has it look there.
func withSecrets(t *testing.T, configuration string) []byte {
	t.Helper()
	folder := t.TempDir()
	return regexp.MustCompile("/run/secrets/[a-z0-9-]+").ReplaceAllFunc([]byte(configuration), func(name []byte) []byte {
		file := filepath.Join(folder, filepath.Base(string(name)))
		require.NoError(t, os.WriteFile(file, []byte("a-made-up-secret"), 0o600))
		return []byte(file)
	})
}

// requireUnderstood checks that the arguments are a command with flags that it has, without carrying it out.
func requireUnderstood(t *testing.T, args ...string) {
	t.Helper()
	var out strings.Builder
	root := newApp([]string{"execute"}, nil, strings.NewReader(""), &out, &out).rootCommand()
	command, rest, err := root.Find(args)
	require.NoError(t, err, "%q", args)
	require.NoError(t, command.ParseFlags(rest), "%q", args)
	require.Empty(t, command.Flags().Args(), "%q", args)
}
