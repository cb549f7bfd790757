package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/joho/godotenv"
	"github.com/stretchr/testify/require"

	"assetgraph/internal/providers"
	"assetgraph/internal/settings"
)

const root = "../.."

func TestGeneratedFilesAreUpToDate(t *testing.T) {
	require.NoError(t, run(root, true))
}

func TestCheckFailsOnDrift(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "docs"), 0o755))
	require.ErrorContains(t, run(dir, true), "out of date", "files that are missing")
	require.NoError(t, run(dir, false))
	require.NoError(t, run(dir, true))
	path := filepath.Join(dir, "docs", "configuration.md")
	require.NoError(t, os.WriteFile(path, []byte("edited"), 0o644))
	require.ErrorContains(t, run(dir, true), "docs/configuration.md")
}

func TestExampleFileIsReadableAndConfiguresNothing(t *testing.T) {
	values, err := godotenv.Unmarshal(envExample())
	require.NoError(t, err)
	for _, p := range providers.All() {
		ok, err := p.Enabled(settings.Environment(values))
		require.NoError(t, err)
		require.False(t, ok)
	}
}

func TestGuidesAreLinkedAndThere(t *testing.T) {
	for _, p := range providers.All() {
		guide := "providers/" + p.Name + ".md"
		require.FileExists(t, filepath.Join(root, "docs", guide))
		require.Contains(t, configuration(), "]("+guide+")")
		require.Contains(t, envExample(), "docs/"+guide)
		text, err := os.ReadFile(filepath.Join(root, "docs", guide))
		require.NoError(t, err)
		for _, s := range p.Settings {
			require.Contains(t, string(text), s.Env, "the guide knows every setting")
		}
	}
}

func TestExampleFileNamesEverySetting(t *testing.T) {
	text := envExample()
	list := append(settings.Graph(), settings.Program()...)
	for _, p := range providers.All() {
		list = append(list, p.Settings...)
	}
	for _, s := range list {
		require.Contains(t, text, s.Env+"=")
		require.NotContains(t, strings.ToLower(s.Example), "secret", "examples hold no value that looks like a secret")
	}
}

// Outputs are renewed between their marks, and nothing else is touched.
func TestOutputsAreRenewed(t *testing.T) {
	before := "a\n<!-- output of: go run ./cmd/execute --version -->\n```text\nold\nolder\n```\n<!-- end of output -->\nb\n```text\nkept\n```\n"
	after, err := renewOutputs(t.Context(), root, before)
	require.NoError(t, err)
	require.Regexp(t, "^a\n<!-- output of: go run ./cmd/execute --version -->\n```text\nassetgraph .*\n```\n"+
		"<!-- end of output -->\nb\n```text\nkept\n```\n$", after[0])
	silent := "<!-- run: go run ./cmd/execute --version -->\nc\n"
	after, err = renewOutputs(t.Context(), root, silent)
	require.NoError(t, err)
	require.Equal(t, silent, after[0], "a command that shows nothing")
	_, err = renewOutputs(t.Context(), root, strings.ReplaceAll(before, "--version", "nonsense"))
	require.ErrorContains(t, err, "go run ./cmd/execute nonsense")
}

// What documents show is what the commands print, but for the run's id, when it was and how long it took.
func TestDocumentsShowWhatCommandsPrint(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the program")
	}
	shown, err := readAll(root, withOutputs())
	require.NoError(t, err)
	printed, err := renewOutputs(t.Context(), root, shown...)
	require.NoError(t, err)
	changing := regexp.MustCompile(`(?m)^Run \S+ on|\b\d+\.\d s\b|^\S+ \S+ UTC, run \S+$|^Sources: .*$`)
	for i, name := range withOutputs() {
		require.Equal(t, changing.ReplaceAllString(printed[i], "…"), changing.ReplaceAllString(shown[i], "…"),
			"%s: run go run ./tools/docs --outputs", name)
		require.Contains(t, shown[i], "<!-- output of: ")
	}
	require.LessOrEqual(t, strings.Count(shown[0], "\n"), 120, "README.md is a page that people read whole")
}
