package main

import (
	"encoding/json"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/internal/simulator"
)

func TestVersion(t *testing.T) {
	dir := workIn(t)
	require.NoError(t, os.WriteFile(".env", []byte("no setting\n"), 0o600)) // which other commands complain of
	r := execute(t, nil, "--version")
	require.Equal(t, exitDone, r.code)
	require.Regexp(t, `^assetgraph \S+ go1\.`, r.stdout)

	r = execute(t, nil, "version")
	require.Equal(t, exitDone, r.code, r.stderr)
	require.Regexp(t, `(?s)^assetgraph \S+\n  commit +\S.*\n  Go +go1\..*\n  SQLite +3\.\d+\.\d+\n  graph format +\d+\n$`, r.stdout)

	var b build
	r = execute(t, nil, "version", "--output", "json")
	require.Equal(t, exitDone, r.code, r.stderr)
	require.NoError(t, json.Unmarshal([]byte(r.stdout), &b))
	require.Equal(t, runtime.Version(), b.Go)
	require.Equal(t, runtime.GOOS+"/"+runtime.GOARCH, b.Platform)
	require.Equal(t, graph.FormatVersion, b.GraphFormat)
	for _, name := range []string{"version", "commit", "date", "modified", "go", "platform", "sqlite", "graphFormat"} {
		require.Contains(t, r.stdout, `"`+name+`": `)
	}
	execute(t, nil, "version", "--output", "csv").requireFailed(t, exitUsage, "--output csv", "text, json")
	requireUntouched(t, dir, ".env")
}

// The version that is printed is that of the library that runs.
func TestVersionOfSQLite(t *testing.T) {
	workIn(t)
	_, env := fleet(t, simulator.Options{Machines: 5, Customers: 1})
	runJSON(t, exitDone, env)
	require.Equal(t, "v\n"+thisBuild().SQLite+"\n", execute(t, nil, "query", "select sqlite_version() as v", "--output", "csv").stdout)
}

func TestBuildInOneLine(t *testing.T) {
	at := time.Now()
	b := build{Version: "v1.2.3", Commit: "abc", Date: &at, Modified: true, Go: "go1.26"}
	require.Equal(t, "assetgraph v1.2.3 go1.26 abc (modified)", b.String())
	require.Equal(t, "assetgraph (devel) go1.26", build{Version: "(devel)", Go: "go1.26"}.String())
}
