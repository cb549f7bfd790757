package executor

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A lease is taken from a process only when it is known to have ended.
func TestWhoIsGone(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("elsewhere less can be told")
	}
	m := machine()
	require.NotEmpty(t, m)
	me := holderName("20260301T000000Z-00000000")
	require.Regexp(t, `^20260301T000000Z-00000000 on .+ \(process \d+ of [0-9a-f]{8}, begun \d+\)$`, me)
	begun, ok := begunAt(os.Getpid())
	require.True(t, ok)

	over := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^$")
	require.NoError(t, over.Run())
	dead := over.Process.Pid

	const another = "00000000"
	for holder, want := range map[string]bool{
		me: false,
		fmt.Sprintf("r on h (process %d of %s)", os.Getpid(), m):                       false, // as earlier versions write it
		fmt.Sprintf("r on h (process %d)", dead):                                       false,
		fmt.Sprintf("r on h (process %d of %s)", dead, m):                              true,
		fmt.Sprintf("r on h (process %d of %s, begun 7)", dead, m):                     true,
		fmt.Sprintf("r on h (process %d of %s)", dead, another):                        false,
		fmt.Sprintf("r on h (process %d of %s, begun 7)", dead, another):               false,
		fmt.Sprintf("r on h (process %d of %s, begun 1%s)", os.Getpid(), m, begun):     true, // the number is used again
		fmt.Sprintf("r on h (process %d of %s, begun then)", os.Getpid(), m):           false,
		fmt.Sprintf("r on h (process %d of %s, begun %s) or so", os.Getpid(), m, "17"): false,
		"another-run": false,
		"":            false,
	} {
		require.Equal(t, want, IsGone(holder), holder)
	}
}

// A process that has ended keeps its number until its parent asks how.
func TestProcessThatNobodyAskedAboutIsGone(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("elsewhere it can't be told")
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^$")
	end, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	_, err = end.Read(make([]byte, 1<<16)) // it says PASS at its end
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		begun, ok := begunAt(cmd.Process.Pid)
		return ok && begun == ended
	}, 10*time.Second, 10*time.Millisecond)
	require.True(t, IsGone(fmt.Sprintf("r on h (process %d of %s, begun 7)", cmd.Process.Pid, machine())))
	require.NoError(t, cmd.Wait())
}
