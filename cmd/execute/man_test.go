package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
)

// There is a page for each command that help names, of what its help says, and the same each time.
func TestManPages(t *testing.T) {
	dir := workIn(t)
	for _, name := range []string{"one", "two"} {
		r := execute(t, nil, "man", "--dir", filepath.Join(name, "man1"))
		require.Equal(t, exitDone, r.code, r.stderr)
		require.Empty(t, r.stdout)
	}
	pages, err := filepath.Glob("one/man1/*.1")
	require.NoError(t, err)
	commands := 0
	walk(newApp([]string{"execute"}, nil, nil, nil, nil).rootCommand(), func(c *cobra.Command) {
		if c.IsAvailableCommand() || !c.HasParent() {
			commands++
		}
	})
	require.Len(t, pages, commands)
	for _, page := range pages {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		again, err := os.ReadFile(filepath.Join("two/man1", filepath.Base(page)))
		require.NoError(t, err)
		require.Equal(t, string(text), string(again))
		require.Contains(t, string(text), ".SH NAME")
		require.NotContains(t, string(text), dir)
	}
	plan, err := os.ReadFile("one/man1/execute-plan.1")
	require.NoError(t, err)
	require.Contains(t, string(plan), "\n  4   done, but deletes were withheld by the guard; the output names the approval id\n", "as help has it")
	require.NoFileExists(t, "one/man1/execute-man.1")
	execute(t, nil, "man").requireFailed(t, exitUsage, "--dir")

	t.Run("mandoc", func(t *testing.T) {
		if _, err := exec.LookPath("mandoc"); err != nil {
			t.Skip("there is no mandoc")
		}
		out, err := exec.CommandContext(t.Context(), "mandoc", append([]string{"-T", "lint", "-W", "error"}, pages...)...).CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.Empty(t, string(out))
	})
}
