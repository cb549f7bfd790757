package neo4jtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSweepRemovesTheFoldersOfDeadTestBinariesOnly(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	child := exec.Command("true")
	require.NoError(t, child.Run())
	dead := filepath.Join(temp, folderPrefix+strconv.Itoa(child.Process.Pid)+"-1")
	live := filepath.Join(temp, folderPrefix+strconv.Itoa(os.Getpid())+"-1")
	other := filepath.Join(temp, "assetgraph-spool-1")
	for _, folder := range []string{dead, live, other} {
		require.NoError(t, os.Mkdir(folder, 0o700))
	}

	sweep()

	require.NoDirExists(t, dead)
	require.DirExists(t, live)
	require.DirExists(t, other)
}

func TestNamedServerKeepsThePasswordOutOfTheEndpoint(t *testing.T) {
	t.Setenv(serverVariable, "bolt://neo4j:p%40ss@127.0.0.1:9")
	s := find(t, "")
	require.Equal(t, "bolt://127.0.0.1:9", s.Endpoint)
	require.Equal(t, "neo4j", s.Username)
	require.Equal(t, "p@ss", s.Password)
}
