//go:build unix

package e2e

import (
	"errors"
	"os/exec"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/internal/executor"
	"assetgraph/internal/simulator"
)

// TestSuspendedRunCannotWriteAfterItsLease stops a run before one of its batches until another run has gone through,
// and lets it go on.
func TestSuspendedRunCannotWriteAfterItsLease(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, g *ground) {
		inParallel(t, len(few(g, []int{1, 2, 3}, 3, 0)), func(t *testing.T, n int) {
			e := newEstate(t, simulator.Options{}, t.Cleanup)
			e.options.PageSize = 200
			g := g.bare(t)
			store := g.loaded(t, e)
			e.Advance(change())
			e.outlive(t, g.order(order{Env: e.Env(), Batch: 1 + 5*n}), store)
		})
	})
}

// TestLockOfAProcessThatIsGoneIsGivenUpAtOnce kills a run whose lock would last for long: the next run on the same
// machine does not wait. One that is suspended keeps its lock.
func TestLockOfAProcessThatIsGoneIsGivenUpAtOnce(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("elsewhere it can't be told which machine a process is of")
	}
	onBothStores(t, lockOfAProcessThatIsGone)
}

func lockOfAProcessThatIsGone(t *testing.T, g *ground) {
	e := newEstate(t, simulator.Options{}, t.Cleanup)
	e.options.PageSize = 200
	requireKilled(t, start(t, g.order(order{Env: e.Env(), Signal: syscall.SIGKILL, Batch: 2, Lease: graph.MaxLease})))
	store := g.open(t)
	held, err := store.Held(t.Context())
	require.NoError(t, err)
	require.Len(t, held, 4, "three instances and what is derived")
	report := e.run(t, t.Context(), store)
	require.Equal(t, executor.StatusComplete, report.Run.Status, "%v", report.Steps)
	held, err = store.Held(t.Context())
	require.NoError(t, err)
	require.Empty(t, held)

	e.Advance(change())
	suspended := start(t, g.order(order{Env: e.Env(), Signal: syscall.SIGSTOP, Batch: 1, Lease: graph.MaxLease}))
	requireStopped(t, suspended)
	_, err = executor.Run(t.Context(), e.runOptions(t, store))
	_, ok := errors.AsType[*graph.HeldError](err)
	require.True(t, ok, "%v", err)
	require.NoError(t, suspended.Process.Signal(syscall.SIGKILL))
	require.Error(t, suspended.Wait())
	e.run(t, t.Context(), store)
}

// outlive is the story of a run that is suspended while the fleet changes and another run goes through.
func (e *estate) outlive(t *testing.T, o order, store graph.Store) {
	t.Helper()
	o.Signal = syscall.SIGSTOP
	first := start(t, o)
	requireStopped(t, first)

	held := e.runOptions(t, store)
	_, err := executor.Run(t.Context(), held)
	holder, ok := errors.AsType[*graph.HeldError](err)
	require.True(t, ok, "the lease is held: %v", err)
	require.Contains(t, holder.Holder, "process")

	e.Advance(simulator.Change{Edit: 5, Rename: 5, CheckIn: 10})
	second := e.runOptions(t, store)
	second.Wait = 10 * childLease
	report, err := executor.Run(t.Context(), second)
	require.NoError(t, err)
	require.Equal(t, executor.StatusComplete, report.Run.Status, "%v", report.Steps)
	want := read(t, t.Context(), store)
	requireEqual(t, e.truth(t, t.Context()), want, "the second run")

	require.NoError(t, first.Process.Signal(syscall.SIGCONT))
	exit, ok := errors.AsType[*exec.ExitError](first.Wait())
	require.True(t, ok, "the first run went through")
	require.Equal(t, childLeaseLost, exit.ExitCode())
	requireEqual(t, want, read(t, t.Context(), store), "after the first run went on")
}

// requireStopped waits until a child has stopped itself.
func requireStopped(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(cmd.Process.Pid, &status, syscall.WUNTRACED|syscall.WNOHANG, nil)
		require.NoError(t, err)
		if pid == cmd.Process.Pid {
			require.True(t, status.Stopped(), "%v", status)
			return
		}
		require.True(t, time.Now().Before(deadline), "the child did not stop")
		time.Sleep(5 * time.Millisecond)
	}
}
