package neo4jserver

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"time"
)

// Version is the version of the server that is run.
const Version = "5.26.30"

// Username is the name of the only account of a server that Start set up.
const Username = "neo4j"

// ErrUnavailable says that no server can be run on this machine; the text around it says why, in one line.
var ErrUnavailable = errors.New("no Neo4j server can be run here")

// ErrPortTaken says that something else listens on the port that was asked for.
var ErrPortTaken = errors.New("the port is taken")

// errDied says that the server ended before it was ready.
var errDied = errors.New("the server ended while it started")

const (
	readyTime = 3 * time.Minute  // how long a start may take on a busy machine
	stopTime  = 30 * time.Second // how long a clean stop may take before the process is killed
)

// Options say which server to start.
type Options struct {
	Home      string    // folder of its data, settings and logs; created when absent, kept by Stop
	Port      int       // of Bolt on 127.0.0.1; 0 = a free one
	Password  string    // of the account Username, at least 8 characters; "" = the one Home has, else a new random one
	Heap      string    // of the Java machine, as -Xmx takes it; "" = 512m
	PageCache string    // memory for data files; "" = 64m
	Settings  []string  // further lines for neo4j.conf
	Brief     bool      // for small graphs and minutes: code is compiled lightly, and each statement planned once
	Detached  bool      // outlives the calling process; else it dies with it where the system can do that (Linux)
	Log       io.Writer // gets a line for each thing that takes time; nil = nobody wants to know
}

// A Server is a running server, or one that ran.
type Server struct {
	Endpoint string // bolt://127.0.0.1:PORT
	Username string
	Password string
	Home     string
	PID      int
}

// Available returns nil when Start can work here, else an error that is ErrUnavailable. It looks for Java, and for
// Maven unless the server's files have been fetched before; it downloads nothing. Tests that need a server ask it
// first.
func Available() error {
	if _, err := java(); err != nil {
		return err
	}
	lib, err := libFolder()
	if err != nil {
		return err
	}
	if _, err := os.Stat(lib); err == nil {
		return nil
	}
	_, err = maven()
	return err
}

// Start starts a server and returns when it answers. A server that still runs in the same home, left by a process that
// died, is stopped first. Start on a home that was used before finds its data again. The error is ErrUnavailable
// without Java or Maven and ErrPortTaken when the port asked for is in use.
func Start(ctx context.Context, o Options) (*Server, error) {
	s, err := start(ctx, &o)
	if err != nil {
		return nil, fmt.Errorf("start Neo4j: %w", err)
	}
	return s, nil
}

func start(ctx context.Context, o *Options) (*Server, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	command, err := java()
	if err != nil {
		return nil, err
	}
	unlock, err := Lock(filepath.Join(o.Home, "lock"))
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := stop(o.Home); err != nil {
		return nil, err
	}
	lib, err := artifacts(ctx, o.Log)
	if err != nil {
		return nil, err
	}
	password, err := setPassword(ctx, command, lib, o)
	if err != nil {
		return nil, err
	}
	fmt.Fprintln(o.Log, "starting Neo4j", Version, "in", o.Home)
	return launch(ctx, command, lib, password, o)
}

// launch tries again when a port that was free a moment ago has been taken by another.
func launch(ctx context.Context, command, lib, password string, o *Options) (*Server, error) {
	for attempt := 1; ; attempt++ {
		port, err := pickPort(o.Port)
		if err != nil {
			return nil, err
		}
		if err := writeSettings(o, port); err != nil {
			return nil, err
		}
		s := &Server{
			Endpoint: fmt.Sprintf("bolt://127.0.0.1:%d", port), Username: Username, Password: password, Home: o.Home,
		}
		p, err := spawn(command, lib, o)
		if err != nil {
			return nil, err
		}
		s.PID = p.pid
		if err := s.save(); err != nil {
			p.kill()
			return nil, err
		}
		err = waitReady(ctx, p, port, o.Home)
		if err == nil {
			return s, nil
		}
		p.kill()
		if o.Port != 0 || attempt == 3 || !errors.Is(err, errDied) {
			return nil, err
		}
	}
}

func (o *Options) complete() error {
	if o.Home == "" {
		return errors.New("no home folder given")
	}
	home, err := filepath.Abs(o.Home)
	if err != nil {
		return fmt.Errorf("home folder: %w", err)
	}
	o.Home = home
	if o.Heap == "" {
		o.Heap = "512m"
	}
	if o.PageCache == "" {
		o.PageCache = "64m"
	}
	if o.Log == nil {
		o.Log = io.Discard
	}
	for _, folder := range []string{"conf", "data", "logs", "run", "plugins", "import", "lib"} {
		if err := os.MkdirAll(filepath.Join(o.Home, folder), 0o700); err != nil {
			return fmt.Errorf("home folder: %w", err)
		}
	}
	return nil
}

// Stop ends the server: politely, and after half a minute by force. A server that does not run is stopped already.
func (s *Server) Stop() error { return Stop(s.Home) }

// Stop ends the server that runs in home, whoever started it, as Server.Stop does.
func Stop(home string) error {
	home, err := filepath.Abs(home)
	if err != nil {
		return fmt.Errorf("stop Neo4j: %w", err)
	}
	if err := stop(home); err != nil {
		return fmt.Errorf("stop Neo4j: %w", err)
	}
	return nil
}

// Find returns the server that runs in home, whoever started it, or nil when none does.
func Find(home string) *Server {
	home, err := filepath.Abs(home)
	if err != nil {
		return nil
	}
	s, err := load(home)
	if err != nil || s.Endpoint == "" || !runs(s.PID, home) {
		return nil
	}
	return s
}

func stop(home string) error {
	s, err := load(home)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return end(s.PID, home)
}

func pickPort(want int) (int, error) {
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", want))
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrPortTaken, err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	if err := l.Close(); err != nil {
		return 0, fmt.Errorf("release port %d: %w", port, err)
	}
	return port, nil
}

func newPassword() string { return rand.Text() }
