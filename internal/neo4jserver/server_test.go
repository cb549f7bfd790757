package neo4jserver

import (
	"bytes"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func needServer(t *testing.T) {
	t.Helper()
	if err := Available(); err != nil {
		require.NotEqual(t, "true", os.Getenv("CI"), err.Error())
		t.Skip(err)
	}
}

func TestServerStartsStopsAndStartsAgainWithItsPassword(t *testing.T) {
	needServer(t)
	home := t.TempDir()
	t.Cleanup(func() { require.NoError(t, Stop(home)) })
	var log bytes.Buffer

	first, err := Start(t.Context(), Options{Home: home, Brief: true, Log: &log})
	require.NoError(t, err)
	require.Contains(t, log.String(), "starting Neo4j "+Version)
	require.Equal(t, first, Find(home))
	require.GreaterOrEqual(t, len(first.Password), 20)
	info, err := os.Stat(stateFile(home))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	require.NoError(t, first.Stop())
	require.Nil(t, Find(home))
	require.NoError(t, first.Stop(), "stopping twice")
	out, err := os.ReadFile(consoleLog(home))
	require.NoError(t, err)
	require.Contains(t, string(out), "Stopped.", "SIGTERM lets the server close its files")

	_, err = Start(t.Context(), Options{Home: home, Password: "another-one"})
	require.ErrorContains(t, err, "another password")

	second, err := Start(t.Context(), Options{Home: home, Brief: true})
	require.NoError(t, err)
	require.Equal(t, first.Password, second.Password)
}

// startSleeper starts a process that only waits, with the given argument on its command line.
func startSleeper(t *testing.T, arg string) *process {
	t.Helper()
	p, err := run(exec.Command("/bin/sh", "-c", "sleep 600 & wait", "sh", arg))
	require.NoError(t, err)
	return p
}

func TestEndLeavesAProcessAloneThatIsNotTheServerOfTheHome(t *testing.T) {
	p := startSleeper(t, "--home-dir=/somewhere/else")
	require.NoError(t, end(p.pid, t.TempDir()))
	require.True(t, runs(p.pid, "/somewhere/else"))
	p.kill()
	require.False(t, runs(p.pid, "/somewhere/else"))
}

func TestStopEndsTheServerThatADeadProcessLeft(t *testing.T) {
	home := t.TempDir()
	p := startSleeper(t, homeArg(home))
	require.NoError(t, (&Server{Endpoint: "bolt://127.0.0.1:1", Home: home, PID: p.pid}).save())
	require.NotNil(t, Find(home))

	require.NoError(t, Stop(home))

	<-p.exited
	require.Nil(t, Find(home))
}

func TestStopWhereNoServerEverWas(t *testing.T) {
	require.NoError(t, Stop(t.TempDir()))
	require.Nil(t, Find(t.TempDir()))
}

func TestPortThatIsTakenIsNamed(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	_, err = pickPort(l.Addr().(*net.TCPAddr).Port)
	require.ErrorIs(t, err, ErrPortTaken)
}

func TestUnavailableSaysWhyInOneLine(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv("JAVA_HOME", "")
	err := Available()
	require.ErrorIs(t, err, ErrUnavailable)
	require.ErrorContains(t, err, "Java 17")
	require.NotContains(t, err.Error(), "\n")
}

func TestUnavailableWithOldJavaAndWithoutMaven(t *testing.T) {
	home := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(home, "bin"), 0o755))
	t.Setenv("JAVA_HOME", home)
	t.Setenv("PATH", "/bin")
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	fake := func(version string) {
		script := "#!/bin/sh\necho 'openjdk version \"" + version + "\"' >&2\n"
		require.NoError(t, os.WriteFile(filepath.Join(home, "bin", "java"), []byte(script), 0o755))
	}

	fake("11.0.2")
	require.ErrorContains(t, Available(), "Java 11 is installed, 17 or newer is needed")

	if _, err := os.Stat("/bin/mvn"); errors.Is(err, os.ErrNotExist) {
		fake("21.0.1")
		require.ErrorContains(t, Available(), "Maven (mvn) is not installed")
	}
}

func TestStartSaysWhatTheServerSaidWhenItEnds(t *testing.T) {
	home, lib := t.TempDir(), t.TempDir()
	o := &Options{Home: home}
	require.NoError(t, o.complete())
	_, err := launch(t.Context(), "/bin/false", lib, "secret-word", o)
	require.ErrorIs(t, err, errDied)
	require.NotContains(t, err.Error(), "secret-word")
}

func TestLockIsHeldByOneAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	unlock, err := Lock(path)
	require.NoError(t, err)
	got := make(chan struct{})
	go func() {
		defer close(got)
		second, err := Lock(path)
		if err == nil {
			second()
		}
	}()
	select {
	case <-got:
		require.Fail(t, "both hold the lock")
	case <-time.After(100 * time.Millisecond):
	}
	unlock()
	<-got
}
