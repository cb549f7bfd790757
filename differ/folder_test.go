package differ_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/differ"
	"assetgraph/graph"
)

// folders lists what lies in dir.
func folders(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	names := []string{}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestSpoolsOfLivingRunsStay(t *testing.T) {
	dir := t.TempDir()
	first, err := differ.NewSpool(dir)
	require.NoError(t, err)
	second, err := differ.NewSpool(dir)
	require.NoError(t, err)
	require.Len(t, folders(t, dir), 2)
	f := newFleet()
	_, err = first.Add(f.newSite(t, "1"))
	require.NoError(t, err)
	require.NoError(t, first.Close())
	require.NoError(t, second.Close())
	require.Empty(t, folders(t, dir))
}

func TestSpoolsOfDeadRunsAreRemoved(t *testing.T) {
	dir := t.TempDir()
	leave := func(name string, age time.Duration, files ...string) {
		path := filepath.Join(dir, name)
		require.NoError(t, os.Mkdir(path, 0o700))
		for _, file := range files {
			require.NoError(t, os.WriteFile(filepath.Join(path, file), nil, 0o600))
		}
		at := time.Now().Add(-age)
		require.NoError(t, os.Chtimes(path, at, at))
	}
	leave("assetgraph-1", 0, "lock", "0.data", "0.index", "0.ops")
	leave("assetgraph-2", 48*time.Hour, "0.data", "0.index")
	leave("assetgraph-3", time.Minute, "0.data")             // it may be about to make its lock
	leave("assetgraph-4", 48*time.Hour, "0.data", "letters") // nobody's spool
	leave("assetgraph-neo4j-5", 48*time.Hour, "lock")
	leave("other-6", 48*time.Hour, "lock")
	elsewhere := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(elsewhere, "lock"), nil, 0o600))
	require.NoError(t, os.Symlink(elsewhere, filepath.Join(dir, "assetgraph-7")))
	spool, err := differ.NewSpool(dir)
	require.NoError(t, err)
	require.NoError(t, spool.Close())
	require.Equal(t, []string{"assetgraph-3", "assetgraph-4", "assetgraph-7", "assetgraph-neo4j-5", "other-6"},
		folders(t, dir))
	require.FileExists(t, filepath.Join(elsewhere, "lock"))
}

func TestSpoolIsReadableForItsOwnerAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no modes")
	}
	c := comparing{fleet: newFleet(), guard: lenient()}
	dir := t.TempDir()
	c.dir = dir
	var agents []*graph.Element
	for i := range 2_000 { // fewer need no file
		agents = append(agents, c.newAgent(t, strconv.Itoa(i), "a", 1))
	}
	c.compare(t, memory{}, agents...)
	seen := 0
	require.NoError(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		require.NoError(t, err)
		if path == dir {
			return nil
		}
		info, err := d.Info()
		require.NoError(t, err)
		require.Zero(t, info.Mode().Perm()&0o077, path)
		seen++
		return nil
	}))
	require.Equal(t, 4, seen, "folder, lock, elements and their index")
}
