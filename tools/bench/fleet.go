package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// A fleet is a simulator in a process of its own, and the graphs that were loaded from it. It always listens on the
// same ports, since links to the consoles are part of the graph.
type fleet struct {
	session  *session
	machines int
	port     int
	env      map[string]string // settings under which execute finds it
	control  string            // URL of its control server
	process  *exec.Cmd
	graphs   map[string]*target // loaded ones, by store
	recorded recording          // nil until somebody asks
	spool    int64              // most bytes that the recorded run kept in temporary files
}

const controlVariable = "SIMULATE_CONTROL_URL"

// fleet returns the fleet of that size and starts it when it is the first to be asked for.
func (s *session) fleet(machines int) (*fleet, error) {
	if f := s.fleets[machines]; f != nil {
		return f, nil
	}
	f := &fleet{session: s, machines: machines, graphs: map[string]*target{}}
	var err error
	for range 5 { // the ports beside a free one may be taken
		if f.port, err = freePort(); err != nil {
			return nil, err
		}
		if err = f.start(0); err == nil {
			s.fleets[machines] = f
			return f, nil
		}
	}
	return nil, err
}

func (s *session) mainFleet() (*fleet, error) { return s.fleet(s.machines) }

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

// start serves the fleet in its first state, each answer after the given time, until stop.
func (f *fleet) start(latency time.Duration) error {
	cmd := exec.Command(f.session.simulate, "-machines", fmt.Sprint(f.machines), "-customers",
		fmt.Sprint(max(20, f.machines/250)),
		"-port", fmt.Sprint(f.port), "-unlimited", "-control", "-latency", latency.String())
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the simulator: %w", err)
	}
	f.process = cmd
	if f.env, err = readEnv(out); err != nil {
		return errors.Join(fmt.Errorf("start the simulator: %w", err), f.stop())
	}
	f.control = f.env[controlVariable]
	delete(f.env, controlVariable)
	return nil
}

// readEnv reads the lines NAME='value' that the simulator prints when it serves, up to that of the control server.
func readEnv(r io.Reader) (map[string]string, error) {
	env := map[string]string{}
	for lines := bufio.NewScanner(r); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), "=")
		env[name] = strings.ReplaceAll(strings.Trim(value, "'"), `'\''`, "'")
		if _, listens := env["SENTINELONE_URL"]; listens && env[controlVariable] != "" {
			return env, nil
		}
	}
	return nil, errors.New("it ended at once")
}

func (f *fleet) stop() error {
	if f.process == nil {
		return nil
	}
	_ = f.process.Process.Signal(syscall.SIGTERM) // fails only when it has ended
	err := f.process.Wait()
	f.process = nil
	return err
}

// edit upgrades so many machines.
func (f *fleet) edit(ctx context.Context, machines int) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost,
		fmt.Sprintf("%s/advance?edit=%d", f.control, machines), nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }() // it was read
	var met map[string]int
	if err := json.NewDecoder(answer.Body).Decode(&met); err != nil {
		return fmt.Errorf("change the fleet: %w", err)
	}
	if met["edit"] != machines {
		return fmt.Errorf("change the fleet: %d of %d machines changed", met["edit"], machines)
	}
	return nil
}

// environment returns the environment of a process that reads the fleet: the settings, and of ours only what every
// program needs.
func (f *fleet) environment(more map[string]string) []string {
	all := map[string]string{"HOME": f.session.folder, "PATH": os.Getenv("PATH"), "TMPDIR": f.session.folder}
	maps.Copy(all, f.env)
	maps.Copy(all, more)
	var list []string
	for name, value := range all {
		list = append(list, name+"="+value)
	}
	return list
}
