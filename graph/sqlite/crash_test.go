package sqlite_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/graph/sqlite"
)

const crashVariable = "ASSETGRAPH_TEST_CRASH_FILE"

// TestKilledWriter kills a process that writes batch after batch, and expects whole batches and a graph that works.
func TestKilledWriter(t *testing.T) {
	if path := os.Getenv(crashVariable); path != "" {
		writeUntilKilled(t, path)
	}
	f, path := newFleet(t), filepath.Join(t.TempDir(), "graph.db")
	for round := range 3 {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilledWriter$")
		cmd.Env = append(os.Environ(), crashVariable+"="+path)
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		lines := bufio.NewScanner(out)
		for n := 0; n < 3+4*round && lines.Scan(); n++ { // let it finish some batches
			require.Contains(t, lines.Text(), "batch")
		}
		beside := open(t, path, f.schema, sqlite.Options{}) // two processes write to one file
		f.fill(t, beside)
		require.NoError(t, cmd.Process.Kill())
		require.Error(t, cmd.Wait())
		f.fill(t, beside)
		require.NoError(t, beside.Close())

		s := open(t, path, f.schema, sqlite.Options{})
		n := 0
		for _, err := range s.Headers(t.Context(), f.device, "killed") {
			require.NoError(t, err)
			n++
		}
		require.Positive(t, n)
		require.Zero(t, n%crashBatch, "half a batch")
		require.NoError(t, s.Close())
		with(t, path, func(db *sql.DB) {
			var word string
			require.NoError(t, db.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&word))
			require.Equal(t, "ok", word)
		})
	}
}

const crashBatch = 100

func writeUntilKilled(t *testing.T, path string) {
	t.Helper()
	f := newFleet(t)
	s := open(t, path, f.schema, sqlite.Options{})
	for n := 0; ; n++ {
		batch := graph.Batch{Op: graph.Create, Type: f.device, Instance: "killed", At: time.UnixMilli(int64(n))}
		for i := range crashBatch {
			batch.Elements = append(batch.Elements, f.agentOf(t, "killed", fmt.Sprintf("%d-%d-%d", os.Getpid(), n, i)))
		}
		_, err := s.Apply(context.Background(), batch)
		require.NoError(t, err)
		fmt.Println("batch", n)
	}
}
