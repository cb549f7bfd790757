package main

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"assetgraph/internal/neo4jserver"
)

// inWorkspace makes an empty working copy the current folder, and docker a script.
func inWorkspace(t *testing.T, docker string) string {
	t.Helper()
	root := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(root, "docker-compose.yml"), nil, 0o600))
	bin := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(bin, "docker"), []byte("#!/bin/sh\n"+docker), 0o700))
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	deep := filepath.Join(root, "some", "where")
	require.NoError(t, os.MkdirAll(deep, 0o700))
	t.Chdir(deep)
	return root
}

func invoke(t *testing.T, args ...string) (code int, out, log string) {
	t.Helper()
	var o, l bytes.Buffer
	code = run(t.Context(), args, &o, &l)
	return code, o.String(), l.String()
}

func TestProcessStartsOnceStopsTwiceAndKeepsItsPassword(t *testing.T) {
	if err := neo4jserver.Available(); err != nil {
		require.NotEqual(t, "true", os.Getenv("CI"), err.Error())
		t.Skip(err)
	}
	root := inWorkspace(t, "exit 1\n")
	t.Cleanup(func() { require.NoError(t, neo4jserver.Stop(filepath.Join(root, ".assetgraph", "neo4j"))) })

	code, _, log := invoke(t, "status")
	require.Equal(t, exitNotRunning, code, log)
	code, first, log := invoke(t, "start")
	require.Zero(t, code, log)
	require.Contains(t, log, "no container engine answers")
	lines := strings.Split(strings.TrimSpace(first), "\n")
	require.Len(t, lines, 3)
	require.True(t, strings.HasPrefix(lines[0], "GRAPH_DB_ENDPOINT=bolt://127.0.0.1:"), lines[0])
	require.Equal(t, "GRAPH_DB_USERNAME=neo4j", lines[1])
	password := strings.TrimPrefix(lines[2], "GRAPH_DB_PASSWORD=")
	require.GreaterOrEqual(t, len(password), 20)
	require.NotContains(t, log, password)
	info, err := os.Stat(filepath.Join(root, ".assetgraph", "neo4j-password"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	for _, again := range []string{"start", "status"} {
		code, out, log := invoke(t, again)
		require.Zero(t, code, log)
		require.Equal(t, first, out)
	}
	for range 2 {
		code, out, log := invoke(t, "stop")
		require.Zero(t, code, log)
		require.Empty(t, out)
	}
	code, _, _ = invoke(t, "status")
	require.Equal(t, exitNotRunning, code)
}

// A docker that remembers whether the container is up, and what it was told.
const fakeDocker = `
echo "$NEO4J_AUTH|$*" >> "$DOCKER_STATE.log"
case "$*" in
*" up "*) touch "$DOCKER_STATE" ;;
*" down"*) rm -f "$DOCKER_STATE" ;;
*" ps "*) test -e "$DOCKER_STATE" && echo 0123abcd ;;
*" port "*) echo 127.0.0.1:7699 ;;
esac
exit 0
`

func TestContainerIsPreferredWhereAnEngineAnswers(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state")
	t.Setenv("DOCKER_STATE", state)
	root := inWorkspace(t, fakeDocker)
	code, first, log := invoke(t, "start")
	require.Zero(t, code, log)
	require.Contains(t, first, "GRAPH_DB_ENDPOINT=bolt://127.0.0.1:7699\n")
	code, again, log := invoke(t, "start")
	require.Zero(t, code, log)
	require.Equal(t, first, again)
	for range 2 {
		code, _, log = invoke(t, "stop")
		require.Zero(t, code, log)
	}
	code, _, _ = invoke(t, "status")
	require.Equal(t, exitNotRunning, code)

	said, err := os.ReadFile(state + ".log")
	require.NoError(t, err)
	password := strings.TrimSpace(first[strings.LastIndex(first, "=")+1:])
	require.Contains(t, string(said), "neo4j/"+password+"|compose --file "+filepath.Join(root, "docker-compose.yml")+" up --detach --wait")
	require.Equal(t, 1, strings.Count(string(said), " up "), "started once")
	require.NoDirExists(t, filepath.Join(root, ".assetgraph", "neo4j"), "no process beside it")
}

func TestEngineThatCannotStartTheContainerFails(t *testing.T) {
	inWorkspace(t, "case \"$*\" in *' up '*) echo 'no space left' >&2; exit 17;; esac\nexit 0\n")
	code, out, log := invoke(t, "start")
	require.Equal(t, exitFailed, code)
	require.Empty(t, out)
	require.Contains(t, log, "no space left")
	require.Contains(t, log, "docker compose up")
}

func TestUsageIsTaught(t *testing.T) {
	inWorkspace(t, "exit 1\n")
	for _, args := range [][]string{{"bogus"}, {"start", "extra"}, {"--bogus"}} {
		code, _, log := invoke(t, args...)
		require.Equal(t, exitUsage, code, "%v", args)
		require.Contains(t, log, "--help")
	}
	code, out, _ := invoke(t, "--help")
	require.Zero(t, code)
	for _, word := range []string{"start", "stop", "status", "GRAPH", "Java 17", "Exit codes"} {
		require.Contains(t, strings.ReplaceAll(out, "graph", "GRAPH graph"), word)
	}
	t.Chdir("/")
	code, _, log := invoke(t, "start")
	require.Equal(t, exitFailed, code)
	require.Contains(t, log, "inside the project")
}

func TestTakenPortsArePassedOver(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	taken := l.Addr().(*net.TCPAddr).Port
	port, err := freePort(taken, taken+20)
	require.NoError(t, err)
	require.Greater(t, port, taken)
	_, err = freePort(taken, taken)
	require.ErrorContains(t, err, "is taken")
}

func TestComposeFileOpensNothingToTheNetwork(t *testing.T) {
	b, err := os.ReadFile("../../docker-compose.yml")
	require.NoError(t, err)
	var file struct {
		Services map[string]struct {
			Image       string
			Ports       []string
			Environment map[string]string
			Healthcheck struct{ Test []string }
		}
	}
	require.NoError(t, yaml.Unmarshal(b, &file))
	s := file.Services["neo4j"]
	require.Equal(t, "neo4j:5.26-community", s.Image)
	require.Len(t, s.Ports, 2)
	for _, port := range s.Ports {
		require.True(t, strings.HasPrefix(port, "127.0.0.1:"), port)
	}
	require.NotEmpty(t, s.Healthcheck.Test)
	require.Contains(t, s.Environment["NEO4J_AUTH"], "${NEO4J_AUTH:-")
}
