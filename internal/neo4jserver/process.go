package neo4jserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// A process is a server that this process started.
type process struct {
	pid    int
	handle *os.Process
	exited chan struct{} // closed when it has ended and was reaped
}

func consoleLog(home string) string { return filepath.Join(home, "logs", "console.log") }

// spawn starts the server in its home. Its output goes to consoleLog, which it begins anew.
func spawn(java, lib string, o *Options) (*process, error) {
	out, err := os.Create(consoleLog(o.Home))
	if err != nil {
		return nil, fmt.Errorf("console log: %w", err)
	}
	args := []string{"-Xms" + o.Heap, "-Xmx" + o.Heap, "-Dlog4j2.disable.jmx=true",
		"-Dio.netty.tryReflectionSetAccessible=true"}
	if o.Brief {
		args = append(args, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
	} else {
		args = append(args, "-XX:+UseG1GC")
	}
	for _, pkg := range []string{"java.nio", "java.io", "sun.nio.ch", "java.util.concurrent"} {
		args = append(args, "--add-opens=java.base/"+pkg+"=ALL-UNNAMED")
	}
	classes := filepath.Join(o.Home, "plugins", "*") + string(os.PathListSeparator) + filepath.Join(lib, "*")
	cmd := exec.Command(java, append(args, "-cp", classes, "org.neo4j.server.CommunityEntryPoint",
		homeArg(o.Home), "--config-dir="+filepath.Join(o.Home, "conf"), "--console-mode")...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = o.Home, out, out
	cmd.SysProcAttr = attributes(o.Detached)
	p, err := run(cmd)
	if closing := out.Close(); err == nil && closing != nil {
		p.kill()
		err = closing
	}
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", java, err)
	}
	return p, nil
}

func homeArg(home string) string { return "--home-dir=" + home }

// run starts the command on a thread of its own that lives as long as the child: Linux delivers the parent-death signal
// when the thread that forked ends, not when the process does.
func run(cmd *exec.Cmd) (*process, error) {
	p := &process{exited: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		if err == nil {
			p.handle, p.pid = cmd.Process, cmd.Process.Pid
		}
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended is in its log
		}
		close(p.exited)
	}()
	return p, <-started
}

func (p *process) kill() {
	_ = p.handle.Kill() // fails only when it has ended
	<-p.exited
}

// waitReady waits until the server says that it has started and its port speaks Bolt.
func waitReady(ctx context.Context, p *process, port int, home string) error {
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-p.exited:
			return fmt.Errorf("%w: %s", errDied, tail(home))
		case <-ctx.Done():
			return fmt.Errorf("not ready: %w: %s", ctx.Err(), tail(home))
		case <-tick.C:
		}
		if b, err := os.ReadFile(consoleLog(home)); err == nil && strings.Contains(string(b), "Started.") &&
			speaksBolt(port) {
			return nil
		}
	}
}

func tail(home string) string {
	b, err := os.ReadFile(consoleLog(home))
	if err != nil {
		return err.Error()
	}
	return lastLines(string(b), 5)
}

// speaksBolt offers Bolt 5.0 to 5.4 and tells whether the other side agrees to a version: the first exchange of every
// Bolt connection (neo4j.com/docs/bolt/current/bolt/handshake).
func speaksBolt(port int) bool {
	c, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), time.Second)
	if err != nil {
		return false
	}
	defer func() { _ = c.Close() }() // nothing was promised to the other side
	if c.SetDeadline(time.Now().Add(time.Second)) != nil {
		return false
	}
	if _, err := c.Write([]byte{0x60, 0x60, 0xB0, 0x17, 0, 4, 4, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}); err != nil {
		return false
	}
	var answer [4]byte
	if _, err := io.ReadFull(c, answer[:]); err != nil {
		return false
	}
	return answer[3] == 5
}

// end stops the process if it is the server of home.
func end(pid int, home string) error {
	if !runs(pid, home) {
		return nil
	}
	p, err := os.FindProcess(pid)
	if err != nil {
		return fmt.Errorf("process %d: %w", pid, err)
	}
	if err := terminate(p); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("process %d: %w", pid, err)
	}
	if gone(pid, home, stopTime) {
		return nil
	}
	if err := p.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("process %d: %w", pid, err)
	}
	if !gone(pid, home, stopTime) {
		return fmt.Errorf("process %d does not end", pid)
	}
	return nil
}

func gone(pid int, home string, within time.Duration) bool {
	for deadline := time.Now().Add(within); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if !runs(pid, home) {
			return true
		}
	}
	return false
}
