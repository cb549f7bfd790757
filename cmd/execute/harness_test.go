package main

import (
	"bytes"
	"database/sql"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// result is what one command left behind.
type result struct {
	code           int
	stdout, stderr string
}

// execute runs one command in process, in the working directory, with the given environment alone.
func execute(t *testing.T, env map[string]string, args ...string) result {
	t.Helper()
	return executeWith(t, "", env, args...)
}

func executeWith(t *testing.T, stdin string, env map[string]string, args ...string) result {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(t.Context(), append([]string{"execute"}, args...), environ(t, env), strings.NewReader(stdin), &out, &errs)
	return result{code: code, stdout: out.String(), stderr: errs.String()}
}

// environ is an environment with a home of its own, as os.Environ gives one. The simulators of tests have no limits, and
// are asked at no pace.
func environ(t *testing.T, env map[string]string) []string {
	t.Helper()
	list := []string{"HOME=" + t.TempDir(), "ASSETGRAPH_PACE=off"}
	for name, value := range env {
		list = append(list, name+"="+value)
	}
	return list
}

// requireFailed checks what every failure has in common: one readable error on stderr, nothing of the program's inside,
// no usage.
func (r result) requireFailed(t *testing.T, code int, texts ...string) {
	t.Helper()
	require.Equal(t, code, r.code, "stdout: %s\nstderr: %s", r.stdout, r.stderr)
	require.Equal(t, 1, strings.Count("\n"+r.stderr, "\nerror: "), r.stderr)
	for _, s := range texts {
		require.Contains(t, r.stderr, s)
	}
	require.NotContains(t, r.stderr, "goroutine ")
	require.NotContains(t, r.stderr, "Usage:")
	require.Empty(t, r.stdout)
}

// requireHeld checks that a command ended because another run holds a lock.
func (r result) requireHeld(t *testing.T, texts ...string) {
	t.Helper()
	require.Equal(t, exitHeld, r.code, r.stderr)
	for _, s := range texts {
		require.Contains(t, r.stderr, s)
	}
}

// inFile changes the graph in the working directory as another SQLite tool would.
func inFile(t *testing.T, text string) {
	t.Helper()
	db, err := sql.Open("sqlite", "assetgraph.db")
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), text)
	require.NoError(t, err)
	require.NoError(t, db.Close())
}

// workIn makes an empty folder the working directory.
func workIn(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	t.Chdir(dir)
	return dir
}

// requireUntouched checks that a folder holds only the named files.
func requireUntouched(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	have := []string{}
	for _, e := range entries {
		have = append(have, e.Name())
	}
	require.ElementsMatch(t, names, have)
}

// watched is the address of a server, and configured for all three providers, that counts what is asked of it.
func watched(t *testing.T) (env map[string]string, hits *atomic.Int64) {
	t.Helper()
	hits = &atomic.Int64{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		hits.Add(1)
		w.WriteHeader(http.StatusTeapot)
	}))
	t.Cleanup(s.Close)
	return map[string]string{
		"SENTINELONE_URL": s.URL, "SENTINELONE_API_TOKEN": "very-secret-token-1",
		"NINJARMM_URL": s.URL, "NINJARMM_CLIENT_ID": "client-2", "NINJARMM_CLIENT_SECRET": "very-secret-value-2",
		"IMMYBOT_URL": s.URL, "IMMYBOT_AUTHORITY_URL": s.URL, "IMMYBOT_TENANT_ID": "00000000-0000-0000-0000-000000000003",
		"IMMYBOT_CLIENT_ID": "00000000-0000-0000-0000-000000000004", "IMMYBOT_CLIENT_SECRET": "very-secret-value-3",
	}, hits
}
