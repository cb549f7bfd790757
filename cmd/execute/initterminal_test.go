//go:build unix

package main

import (
	"errors"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
	"github.com/stretchr/testify/require"
	"golang.org/x/term"

	"assetgraph/internal/simulator"
)

// A turn of a conversation waits until the program has written a text that it had not written before the last answer,
// and answers.
type turn struct{ until, answer string }

// converse runs the program in a terminal of its own, holds the conversation, and returns all that was on the terminal
// and the exit code. leave is called when all is said.
func converse(t *testing.T, env map[string]string, turns []turn, leave func(*os.Process), args ...string) (string, int) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), self, args...)
	cmd.Env = append(os.Environ(), childVariable+"=", "TERM=xterm-256color", "HOME="+t.TempDir(), "ACCESSIBLE=")
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	terminal, inside, err := pty.Open()
	require.NoError(t, err)
	defer terminal.Close()
	require.NoError(t, pty.Setsize(terminal, &pty.Winsize{Cols: 80, Rows: 24}))
	before, err := term.GetState(int(terminal.Fd()))
	require.NoError(t, err)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = inside, inside, inside
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	require.NoError(t, cmd.Start())
	require.NoError(t, inside.Close())
	var out strings.Builder
	seen := 0
	buf := make([]byte, 4096)
	for {
		n, err := terminal.Read(buf)
		out.Write(buf[:n])
		for len(turns) > 0 && strings.Contains(out.String()[seen:], turns[0].until) {
			seen = out.Len()
			_, err := terminal.WriteString(turns[0].answer)
			require.NoError(t, err)
			turns = turns[1:]
			if len(turns) == 0 && leave != nil {
				leave(cmd.Process)
			}
		}
		if err != nil {
			break // the program has closed the terminal
		}
	}
	after, err := term.GetState(int(terminal.Fd()))
	require.NoError(t, err)
	require.Equal(t, before, after, "the terminal is as it was")
	require.Empty(t, turns, "what was waited for did not come:\n%s", out.String())
	err = cmd.Wait()
	exit := &exec.ExitError{}
	if !errors.As(err, &exit) {
		require.NoError(t, err)
		return out.String(), 0
	}
	return out.String(), exit.ExitCode()
}

const enter, down, interruptKey = "\r", "\x1b[B", "\x03"

// formTurns answers the forms of one SentinelOne account. A form is drawn more than once: each is known by its title.
func formTurns(env map[string]string) []turn {
	return []turn{
		{"Which product?", enter},
		{"Name [", "Bad Name" + enter},
		{"begins with a letter or digit", strings.Repeat("\x7f", len("Bad Name")) + "s1" + enter},
		{"url:", env["SENTINELONE_URL"] + enter},
		{"apiToken:", "planted-token-1" + enter},
		{"More settings", enter},
		{"Change the settings", enter},
		{"url [", enter},
		{"apiToken [", env["SENTINELONE_API_TOKEN"] + enter},
		{"More settings", enter},
		{"No more", enter},
		{"SQLite file", enter},
		{"Graph [", enter},
		{"Every [", "30m" + enter},
		{"Encrypted in", down + down + enter},
		{"Key file [", enter},
		{"Write assetgraph", enter},
	}
}

// lineTurns answers the same line by line.
func lineTurns(env map[string]string) []turn {
	return []turn{
		{"between 1 and 4: ", enter},
		{"Name [sentinelone]: ", "Bad Name" + enter},
		{"Name [sentinelone]: ", "s1" + enter},
		{"url: ", env["SENTINELONE_URL"] + enter},
		{"apiToken: ", "planted-token-1" + enter},
		{"More settings? [y/N] ", enter},
		{"between 1 and 4: ", enter},
		{"url [http://", enter},
		{"apiToken [as before]: ", env["SENTINELONE_API_TOKEN"] + enter},
		{"More settings? [y/N] ", enter},
		{"between 1 and 4: ", enter},
		{"between 1 and 2: ", enter},
		{"Graph [sqlite:assetgraph.db]: ", enter},
		{"Every [1h]: ", "30m" + enter},
		{"between 1 and 3: ", "3" + enter},
		{"Key file [age.key]: ", enter},
		{"Write assetgraph.yaml? [Y/n] ", enter},
	}
}

func TestInitOnATerminal(t *testing.T) {
	for name, tt := range map[string]struct {
		turns func(map[string]string) []turn
		env   map[string]string
		args  []string
		lines bool
	}{
		"forms":              {turns: formTurns, args: []string{"init"}},
		"--accessible":       {turns: lineTurns, args: []string{"init", "--accessible"}, lines: true},
		"ACCESSIBLE":         {turns: lineTurns, args: []string{"init"}, env: map[string]string{"ACCESSIBLE": "1"}, lines: true},
		"on a dumb terminal": {turns: lineTurns, args: []string{"init"}, env: map[string]string{"TERM": "dumb"}, lines: true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := workIn(t)
			s, env := fleet(t, simulator.Options{})
			out, code := converse(t, tt.env, tt.turns(env), nil, append(tt.args, "--log-level", "debug")...)
			require.Equal(t, exitDone, code, out)
			require.NotContains(t, out, "planted-")
			requireHidden(t, out, s)
			if tt.lines {
				require.NotContains(t, out, "\x1b", "nothing moves the cursor")
				require.Contains(t, out, "Settings → Users → Service Users → Actions", "click by click")
			} else {
				plain := regexp.MustCompile(`\x1b[\[\]][^A-Za-z\\]*[A-Za-z\\]`).ReplaceAllString(out, "")
				require.Contains(t, plain, "  apiToken: ***\r\n", "what was answered stays")
			}
			requireUntouched(t, dir, "assetgraph.yaml", "age.key")
			requirePrivate(t, "assetgraph.yaml", "age.key")
			r := execute(t, nil, "config", "check")
			require.Equal(t, exitDone, r.code, r.stdout+r.stderr)
			r = execute(t, nil, "check")
			require.Equal(t, exitDone, r.code, r.stdout+r.stderr)
			r = execute(t, nil, "config", "show")
			require.Contains(t, r.stdout, "every: 30m")
		})
	}
}

// An interrupt leaves nothing behind, says so, and leaves the terminal as it was.
func TestInitInterrupted(t *testing.T) {
	signal := func(s os.Signal) func(*os.Process) {
		return func(p *os.Process) { _ = p.Signal(s) } // it is there: it waits for an answer
	}
	for name, tt := range map[string]struct {
		turns func(map[string]string) []turn
		at    []int
		key   string
		leave func(*os.Process)
		args  []string
	}{
		"forms, by a key":        {turns: formTurns, at: []int{0, 1, 4, 6, 14, 16}, key: interruptKey, args: []string{"init"}},
		"forms, by a signal":     {turns: formTurns, at: []int{0, 4, 16}, leave: signal(syscall.SIGTERM), args: []string{"init"}},
		"by lines, by a key":     {turns: lineTurns, at: []int{4, 8}, key: interruptKey, args: []string{"init", "--accessible"}}, // where the terminal is ours: else it makes a signal of it, and throws away what is on its way
		"by lines, by a signal":  {turns: lineTurns, at: []int{0, 4, 16}, leave: signal(os.Interrupt), args: []string{"init", "--accessible"}},
		"by lines, end of input": {turns: lineTurns, at: []int{3, 16}, key: "\x04", args: []string{"init", "--accessible"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := workIn(t)
			_, env := fleet(t, simulator.Options{})
			for _, n := range tt.at {
				turns := tt.turns(env)[:n+1]
				turns[n].answer = tt.key
				out, code := converse(t, nil, turns, tt.leave, tt.args...)
				require.Contains(t, []int{exitFailed, exitUsage}, code, out)
				require.Contains(t, out, "hint: nothing was written")
				requireUntouched(t, dir)
			}
		})
	}
}
