//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/simulator"
)

// child is the program, in which something happens that nothing can catch.
func child(order string) {
	go func() {
		for limit := (syscall.Rlimit{Cur: 1}); limit.Cur != 0; _ = syscall.Getrlimit(syscall.RLIMIT_CORE, &limit) {
			time.Sleep(time.Millisecond) // main has not begun
		}
		time.Sleep(100 * time.Millisecond)
		switch order {
		case "out of memory":
			size := 1 << 42 // not known to the compiler
			_ = fmt.Sprint(len(make([]byte, size)))
		case "concurrent map writes":
			shared := map[int]int{}
			for range 4 {
				go func() {
					for i := 0; ; i++ {
						shared[i%8]++
					}
				}()
			}
		case "panic of a stranger":
			panic("in a goroutine that nobody of us started")
		}
	}()
	main()
}

// What can't be caught ends the process by another code than 2, which says that nothing was contacted.
func TestWhatCannotBeCaughtAborts(t *testing.T) {
	for order, says := range map[string]string{
		"out of memory": "fatal error: out of memory", "concurrent map writes": "fatal error: concurrent map",
		"panic of a stranger": "panic: in a goroutine that nobody of us started",
	} {
		t.Run(order, func(t *testing.T) {
			if order == "out of memory" && raceDetector {
				t.Skip("the race detector itself needs more room than the test leaves the process")
			}
			dir := workIn(t)
			_, env := fleet(t, simulator.Options{Machines: 200, Latency: 1e9})
			self, err := os.Executable()
			require.NoError(t, err)
			// Where core files are wanted the program does not leave one all the same.
			cmd := exec.CommandContext(t.Context(), "sh", "-c", `ulimit -c unlimited 2>/dev/null; ulimit -v 4000000; exec "$0" run`, self)
			cmd.Env = append(os.Environ(), childVariable+"="+order)
			for name, value := range env {
				cmd.Env = append(cmd.Env, name+"="+value)
			}
			out, err := cmd.CombinedOutput()
			require.Error(t, err)
			require.Equal(t, -1, cmd.ProcessState.ExitCode(), "ended by a signal, %v: %.2000s", err, out)
			require.Contains(t, err.Error(), "abort")
			require.Contains(t, string(out), says)
			for name, value := range env {
				if strings.Contains(name, "TOKEN") || strings.Contains(name, "SECRET") {
					require.NotContains(t, string(out), value)
				}
			}
			left, err := os.ReadDir(dir)
			require.NoError(t, err)
			for _, f := range left {
				require.NotContains(t, f.Name(), "core")
			}
		})
	}
}
