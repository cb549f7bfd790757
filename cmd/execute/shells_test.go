//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creack/pty"
	"github.com/stretchr/testify/require"
)

// inPath puts the program into the PATH of shells, and the completion script of a shell beside it.
func inPath(t *testing.T, shell string) (env []string, script string) {
	t.Helper()
	if _, err := exec.LookPath(shell); err != nil {
		t.Skip("there is no " + shell)
	}
	dir := workIn(t)
	self, err := os.Executable()
	require.NoError(t, err)
	text := fmt.Sprintf("#!/bin/sh\n%s=nothing exec '%s' \"$@\"\n", childVariable, self)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "execute"), []byte(text), 0o700))
	script = filepath.Join(dir, "script")
	require.NoError(t, os.WriteFile(script, []byte(execute(t, nil, "completion", shell).stdout), 0o600))
	return append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "HOME="+dir, "TERM=dumb"), script
}

// typedInto types into an interactive shell, first what makes it ready, then a line whose end Tab completes and Enter sends,
// and waits for a text on the terminal.
func typedInto(t *testing.T, shell *exec.Cmd, ready, line, want string) {
	t.Helper()
	terminal, err := pty.StartWithSize(shell, &pty.Winsize{Rows: 40, Cols: 200})
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = shell.Process.Kill()
		_ = shell.Wait()
		_ = terminal.Close()
	})
	var screen strings.Builder
	until := func(text string) {
		t.Helper()
		buffer := make([]byte, 4096)
		for !strings.Contains(screen.String(), text) {
			n, err := terminal.Read(buffer)
			require.NoError(t, err, screen.String())
			screen.Write(buffer[:n])
		}
		screen.Reset()
	}
	_, err = terminal.WriteString(ready + "; echo rea''dy\n")
	require.NoError(t, err)
	until("\nready")
	_, err = terminal.WriteString(line + "\t\n")
	require.NoError(t, err)
	until(want)
}

// The shells themselves complete a question's name, which begins with a character that ends words in some.
func TestShellsComplete(t *testing.T) {
	const line, want = "execute query @infe", "query @infected-and-offline"
	t.Run("bash", func(t *testing.T) {
		const library = "/usr/share/bash-completion/bash_completion"
		env, script := inPath(t, "bash")
		if _, err := os.Stat(library); err != nil {
			t.Skip("there is no bash-completion")
		}
		shell := exec.CommandContext(t.Context(), "bash", "--norc", "--noprofile", "-i")
		shell.Env = env
		typedInto(t, shell, "source "+library+" && source "+script, line, want)
	})
	t.Run("zsh", func(t *testing.T) {
		env, script := inPath(t, "zsh")
		shell := exec.CommandContext(t.Context(), "zsh", "-f", "-i")
		shell.Env = env
		typedInto(t, shell, "autoload -U compinit && compinit -u -D && source "+script, line, want)
	})
	t.Run("fish", func(t *testing.T) {
		env, script := inPath(t, "fish")
		shell := exec.CommandContext(t.Context(), "fish", "--no-config", "-c", "source "+script+"; complete -C 'execute query @infe'; complete -C 'execute query --output '")
		shell.Env = env
		out, err := shell.CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.Equal(t, "@infected-and-offline\tInfected and offline\ncsv\njson\ntable\n", string(out))
	})
}
