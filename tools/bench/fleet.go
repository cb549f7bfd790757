package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A fleetSize says what fleet is made up.
type fleetSize struct {
	machines  int
	customers int // 0 for one for each 250 machines
	docked    int // laptops on top that share docks
}

// A fleet is a simulator in a process of its own, and the graphs that were loaded from it. It always listens on the
// same ports, since links to the consoles are part of the graph.
type fleet struct {
	fleetSize
	session  *session
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
func (s *session) fleet(size fleetSize) (*fleet, error) {
	if f := s.fleets[size]; f != nil {
		return f, nil
	}
	f := &fleet{session: s, fleetSize: size, graphs: map[string]*target{}}
	var err error
	for range 5 { // the ports beside a free one may be taken
		if f.port, err = freePort(); err != nil {
			return nil, err
		}
		if err = f.start(0); err == nil {
			s.fleets[size] = f
			return f, nil
		}
	}
	return nil, err
}

func (s *session) mainFleet() (*fleet, error) { return s.fleet(fleetSize{machines: s.machines}) }

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

// start serves the fleet in its first state, each answer after the given time, until stop.
func (f *fleet) start(latency time.Duration) error {
	customers := cmp.Or(f.customers, max(20, f.machines/250))
	cmd := exec.Command(f.session.simulate, "-machines", fmt.Sprint(f.machines), "-customers", fmt.Sprint(customers),
		"-docked", fmt.Sprint(f.docked), "-port", fmt.Sprint(f.port), "-unlimited", "-control", "-latency", latency.String())
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
	if f.session.brief {
		maps.DeleteFunc(f.env, func(name, _ string) bool { return !strings.HasPrefix(name, "SENTINELONE_") })
	}
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

// advance lets time pass and so many machines meet a change, by the simulator's name of it. That none are left to meet
// it is an error.
func (f *fleet) advance(ctx context.Context, clock time.Duration, changes map[string]int) error {
	f.recorded = nil // of a fleet that is no more
	query := url.Values{"clock": {clock.String()}}
	for name, machines := range changes {
		query.Set(name, strconv.Itoa(machines))
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, f.control+"/advance?"+query.Encode(), nil)
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
	for name, machines := range changes {
		if met[name] != machines {
			return fmt.Errorf("change the fleet: %s met %d of %d machines", name, met[name], machines)
		}
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
