package neo4jserver

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The test starts itself as the process that starts the server, kills it, and expects the server to be gone.
func TestServerDiesWithTheProcessThatStartedIt(t *testing.T) {
	const variable = "NEO4JSERVER_TEST_PARENT_OF"
	if home := os.Getenv(variable); home != "" {
		cmd := exec.Command("/bin/sh", "-c", "sleep 600 & wait", "sh", homeArg(home))
		cmd.SysProcAttr = attributes(false)
		p, err := run(cmd)
		require.NoError(t, err)
		fmt.Println("started", p.pid)
		_, err = io.Copy(io.Discard, os.Stdin)
		require.NoError(t, err)
		return
	}
	home := t.TempDir()
	parent := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	parent.Env = append(os.Environ(), variable+"="+home)
	_, err := parent.StdinPipe()
	require.NoError(t, err)
	out, err := parent.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, parent.Start())
	var pid int
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	_, err = fmt.Sscanf(line, "started %d", &pid)
	require.NoError(t, err)
	require.True(t, runs(pid, home))

	require.NoError(t, parent.Process.Kill())
	require.Error(t, parent.Wait(), "killed")

	require.Eventually(t, func() bool { return !runs(pid, home) }, 10*time.Second, 10*time.Millisecond)
}

func TestDetachedServerOutlivesItsParent(t *testing.T) {
	require.Zero(t, attributes(true).Pdeathsig)
	require.True(t, attributes(true).Setsid)
}
