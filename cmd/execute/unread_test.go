//go:build unix

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/simulator"
)

// program returns a command that the test binary carries out as the program: the text, for a shell, has its path as $0.
func program(t *testing.T, env map[string]string, text string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), "sh", "-c", text, self)
	cmd.Env = append(os.Environ(), childVariable+"=nothing")
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	return cmd
}

func locksOf(t *testing.T, p place) (list []lock) {
	t.Helper()
	r := execute(t, p.env(nil), "locks", "--output", "json")
	require.NoError(t, json.Unmarshal([]byte(r.stdout), &list), r.stderr)
	return list
}

// A run that stops because nobody is left to tell leaves no lock behind that would hold up the next one.
func TestRunThatNobodyReadsGivesItsLocksBack(t *testing.T) { onBothGraphs(t, runThatNobodyReads) }

func runThatNobodyReads(t *testing.T, p place) {
	// A process that was started with SIGHUP ignored, by nohup or a service, hands that on, and the program respects it. One
	// that a signal is wanted by has its default restored in its children.
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	t.Cleanup(func() { signal.Stop(hangups) })
	_, env := fleet(t, simulator.Options{Latency: 20 * time.Millisecond})
	env = p.env(env)
	for name, text := range map[string]string{
		"logs":     `"$0" run --lease 1h 2>&1 | head -1`,
		"terminal": `"$0" run --lease 1h 2>log & until grep -q step= log; do sleep 0.02; done; kill -HUP $!; wait`,
	} {
		t.Run(name, func(t *testing.T) {
			p := p.bare(t)
			out, err := program(t, env, text).CombinedOutput()
			require.NoError(t, err, "%s", out)
			runs := pastRuns(t, p)
			require.Len(t, runs, 1)
			require.Equal(t, "failed", runs[0].Status)
			require.Empty(t, locksOf(t, p))
			runJSON(t, exitDone, env)
		})
	}
}

// nohup has a run go on when its terminal is gone.
func TestNohup(t *testing.T) {
	workIn(t)
	_, env := fleet(t, simulator.Options{Latency: 20 * time.Millisecond})
	out, err := program(t, env, `nohup "$0" run >out 2>log & until grep -q step= log; do sleep 0.02; done; kill -HUP $!; wait $!`).CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Equal(t, "complete", pastRuns(t, place{})[0].Status)
}

// The lock of a run that was killed is nobody's on the same machine, however long it was to last.
func TestLockOfAKilledRunHoldsNobodyUp(t *testing.T) { onBothGraphs(t, lockOfAKilledRun) }

func lockOfAKilledRun(t *testing.T, p place) {
	if runtime.GOOS != "linux" && runtime.GOOS != "darwin" {
		t.Skip("it can't be told which machine a process is of")
	}
	_, env := fleet(t, simulator.Options{Latency: 20 * time.Millisecond})
	env = p.env(env)
	cmd := program(t, env, `exec "$0" run --lease 1h`)
	logs, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	_, err = logs.Read(make([]byte, 1))
	require.NoError(t, err)
	require.NoError(t, cmd.Process.Signal(syscall.SIGKILL))
	require.Error(t, cmd.Wait())

	require.NotEmpty(t, locksOf(t, p))
	runJSON(t, exitDone, env)
	require.Empty(t, locksOf(t, p))
}
