// Package neo4jtest gives tests a real Neo4j server: one for each test binary, started when the first test asks for it
// and stopped by Main, or one for all of them. It imports neo4jserver, and the driver to empty the graph between tests.
//
//	func TestMain(m *testing.M) { os.Exit(neo4jtest.Main(m)) }
//
//	func TestGraph(t *testing.T) {
//		server := neo4jtest.Borrow(t)
//		…
//	}
package neo4jtest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"assetgraph/internal/neo4jserver"
)

const (
	// homeVariable tells the tests of this process where their server lives: what Main and Borrow share is the
	// environment of the process, since a test can be handed nothing else.
	homeVariable = "ASSETGRAPH_TEST_NEO4J_HOME"

	// sharedVariable names a home for the server of all test binaries that it is given to: a server plans a statement
	// for the first time some hundred times as slowly as later. Whoever sets it stops the server and removes the folder
	// after the last of them.
	sharedVariable = "ASSETGRAPH_TEST_NEO4J_SHARED"

	// serverVariable names a server that is there already, as bolt://USER:PASSWORD@HOST:PORT. The tests delete
	// everything in it.
	serverVariable = "ASSETGRAPH_TEST_NEO4J"

	folderPrefix = "assetgraph-neo4j-"
)

// Main runs the tests of a binary, stops the server that they started, unless it is shared, and returns the exit code.
// To be called from TestMain.
func Main(m *testing.M) int {
	if home := os.Getenv(sharedVariable); home != "" {
		return runIn(home, m)
	}
	sweep()
	home, err := os.MkdirTemp("", fmt.Sprintf("%s%d-", folderPrefix, os.Getpid()))
	if err != nil {
		fmt.Fprintln(os.Stderr, "neo4jtest:", err)
		return 1
	}
	defer discard(home)
	return runIn(home, m)
}

func runIn(home string, m *testing.M) int {
	if err := os.Setenv(homeVariable, home); err != nil {
		fmt.Fprintln(os.Stderr, "neo4jtest:", err)
		return 1
	}
	return m.Run()
}

func discard(home string) {
	if err := errors.Join(neo4jserver.Stop(home), os.RemoveAll(home)); err != nil {
		fmt.Fprintln(os.Stderr, "neo4jtest:", err)
	}
}

// sweep removes what test binaries left that were killed: their folders and, where the system does not do it, their
// servers.
func sweep() {
	homes, err := filepath.Glob(filepath.Join(os.TempDir(), folderPrefix+"*"))
	if err != nil {
		return
	}
	for _, home := range homes {
		owner, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(home), folderPrefix), "-")
		if pid, err := strconv.Atoi(owner); err == nil && !alive(pid) {
			discard(home)
		}
	}
}

func alive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	err = p.Signal(syscall.Signal(0))
	return err == nil || errors.Is(err, os.ErrPermission)
}

// Borrow returns the server, emptied, for this test alone until it ends: tests that run side by side, in one test binary
// or in several that share a home, take turns. A test borrows once. Where no server can be run the test is skipped with
// the reason; with CI=true it fails. A server named by ASSETGRAPH_TEST_NEO4J (bolt://USER:PASSWORD@HOST:PORT) is used
// instead; Home and PID are then empty.
func Borrow(t testing.TB) *neo4jserver.Server {
	t.Helper()
	home := os.Getenv(homeVariable)
	if home == "" {
		t.Fatal("neo4jtest.Main was not called from TestMain")
	}
	giveBack, err := neo4jserver.Lock(filepath.Join(home, "turn"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(giveBack)
	s := find(t, home)
	Empty(t, s)
	return s
}

// find returns the server of the home and starts it for the first test that asks.
func find(t testing.TB, home string) *neo4jserver.Server {
	t.Helper()
	if text := os.Getenv(serverVariable); text != "" {
		return named(t, text)
	}
	if s := neo4jserver.Find(home); s != nil {
		return s
	}
	_, measuring := t.(*testing.B)
	return start(t, neo4jserver.Options{Home: home, Brief: !measuring, Detached: os.Getenv(sharedVariable) != ""})
}

// StartOwn starts a server for one test, which may stop it and start it again in the same home. It is skipped and fails
// like Borrow.
func StartOwn(t testing.TB, o neo4jserver.Options) *neo4jserver.Server {
	t.Helper()
	home := t.TempDir()
	t.Cleanup(func() {
		if err := neo4jserver.Stop(home); err != nil {
			t.Error(err)
		}
	})
	o.Home, o.Brief = home, true
	return start(t, o)
}

func start(t testing.TB, o neo4jserver.Options) *neo4jserver.Server {
	t.Helper()
	o.Log = t.Output()
	s, err := neo4jserver.Start(t.Context(), o)
	switch {
	case errors.Is(err, neo4jserver.ErrUnavailable) && os.Getenv("CI") != "true":
		t.Skip(err)
	case err != nil:
		t.Fatal(err)
	}
	return s
}

func named(t testing.TB, text string) *neo4jserver.Server {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil || u.User == nil {
		t.Fatal(serverVariable + " is not of the form bolt://USER:PASSWORD@HOST:PORT")
	}
	s := &neo4jserver.Server{Username: u.User.Username()}
	s.Password, _ = u.User.Password()
	u.User = nil
	s.Endpoint = u.String()
	return s
}

// Empty deletes every node and relationship of the server. Constraints stay: making them anew would let the server plan
// every statement again.
func Empty(t testing.TB, s *neo4jserver.Server) {
	t.Helper()
	ctx := t.Context()
	driver, err := neo4j.NewDriverWithContext(s.Endpoint, neo4j.BasicAuth(s.Username, s.Password, ""))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := driver.Close(ctx); err != nil {
			t.Error(err)
		}
	}()
	session := driver.NewSession(ctx, neo4j.SessionConfig{})
	run := func(text string) []*neo4j.Record {
		t.Helper()
		records, err := collect(ctx, session, text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		return records
	}
	run("MATCH ()-[r]->() CALL (r) { DELETE r } IN TRANSACTIONS OF 10000 ROWS")
	run("MATCH (n) CALL (n) { DELETE n } IN TRANSACTIONS OF 10000 ROWS")
	if err := session.Close(ctx); err != nil {
		t.Error(err)
	}
}

func collect(ctx context.Context, session neo4j.SessionWithContext, text string) ([]*neo4j.Record, error) {
	result, err := session.Run(ctx, text, nil)
	return neo4j.CollectWithContext(ctx, result, err)
}
