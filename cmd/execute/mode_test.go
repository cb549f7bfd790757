//go:build unix

package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/internal/providers"
	"assetgraph/internal/settings"
	"assetgraph/internal/simulator"
)

func TestGraphThatEverybodyMayReadIsSaid(t *testing.T) {
	workIn(t)
	_, env := fleet(t, simulator.Options{Machines: 10, Customers: 2})
	for mode, want := range map[os.FileMode]string{0o666: "may change x.db (mode 0666)", 0o644: "may read x.db (mode 0644)", 0o600: "", 0o640: ""} {
		require.NoError(t, os.RemoveAll("x.db"))
		require.NoError(t, os.WriteFile("x.db", nil, 0o600))
		require.NoError(t, os.Chmod("x.db", mode)) // past the umask
		r := execute(t, env, "run", "--graph", "sqlite:x.db")
		require.Equal(t, exitDone, r.code, r.stderr)
		if want == "" {
			require.NotContains(t, r.stderr, "chmod")
			continue
		}
		require.Contains(t, r.stderr, want)
		require.Contains(t, r.stderr, "chmod 600 x.db")
	}
}

// What the program makes is for its owner alone, the files beside the graph while it is open included.
func TestNewGraphIsForItsOwnerAlone(t *testing.T) {
	dir := workIn(t)
	schema, err := providers.All().Schema()
	require.NoError(t, err)
	a := newApp([]string{"execute"}, nil, nil, nil, nil)
	store, err := a.open(t.Context(), settings.Endpoint{File: "x.db"}, schema, write)
	require.NoError(t, err)
	require.NoError(t, store.SaveRun(t.Context(), graph.Run{ID: "1"}))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 3)
	for _, e := range entries {
		info, err := e.Info()
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), e.Name())
	}
	require.NoError(t, store.Close())
}
