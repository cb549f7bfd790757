//go:build unix

package neo4jserver

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

func supported() bool { return true }

// Lock waits for the exclusive lock of the file, which it creates, and returns what gives it up; the system does when
// the process ends.
func Lock(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
		if err != syscall.EINTR { //nolint:errorlint // an errno straight from the system
			break
		}
	}
	if err != nil {
		_ = f.Close() // the lock's error says more
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return func() { _ = f.Close() }, nil // closing gives the lock up whatever it returns
}

func terminate(p *os.Process) error { return p.Signal(syscall.SIGTERM) }

// runs tells whether the process is the server of home: a process id alone may belong to another by now.
func runs(pid int, home string) bool {
	if pid <= 0 {
		return false
	}
	if b, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)); err == nil {
		return slices.Contains(strings.Split(string(b), "\x00"), homeArg(home))
	}
	if _, err := os.Stat("/proc/self/cmdline"); err == nil {
		return false
	}
	out, err := exec.Command("ps", "-ww", "-p", strconv.Itoa(pid), "-o", "command=").Output()
	return err == nil && strings.Contains(string(out), homeArg(home)+" ")
}
