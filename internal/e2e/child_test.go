//go:build unix

package e2e

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
	"assetgraph/differ"
	"assetgraph/graph"
	"assetgraph/graph/neo4j"
	"assetgraph/graph/sqlite"
	"assetgraph/internal/executor"
	"assetgraph/internal/providers"
	"assetgraph/internal/settings"
)

// childVariable holds the order of a child: a process of the test binary that makes one run, and that is stopped or
// killed.
const childVariable = "ASSETGRAPH_PROOF_CHILD"

// An order says what a child does.
type order struct {
	Env      map[string]string
	Path     string        // of the SQLite file; "" for Neo4j
	Server   *neo4j.Config // nil for SQLite
	Signal   syscall.Signal
	Batch    int  // the child sends Signal to itself at this batch, from 1; 0 = never
	After    bool // after the batch, not before
	PageSize int
	Lease    time.Duration // 0 = childLease
	Shift    time.Duration // how far the clock is ahead
}

// order is what a child is told of the ground.
func (g *ground) order(o order) order {
	o.Path, o.Server = g.path, g.server
	return o
}

// How a child ends.
const (
	childDone      = 0
	childFailed    = 1
	childLeaseLost = 3
)

func child(text string) int {
	var o order
	err := json.Unmarshal([]byte(text), &o)
	if err == nil {
		err = o.run(context.Background())
	}
	switch {
	case errors.Is(err, graph.ErrLeaseLost):
		return childLeaseLost
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		return childFailed
	}
	return childDone
}

func (o *order) run(ctx context.Context) error {
	schema, err := providers.All().Schema()
	if err != nil {
		return err
	}
	store, err := o.open(ctx, schema)
	if err != nil {
		return err
	}
	defer store.Close()
	configured, err := providers.All().Instances(settings.Environment(o.Env))
	if err != nil {
		return err
	}
	var list []executor.Instance
	for _, in := range configured {
		one, err := opened(in, collectors.Options{PageSize: o.PageSize, Pace: -1})
		if err != nil {
			return err
		}
		list = append(list, one)
	}
	_, err = executor.Run(ctx, executor.Options{
		Instances: list, Store: sabotage(store, o).whole(), Schema: schema, Model: providers.All().Model(), Graph: "test", Version: "test",
		Lease: cmp.Or(o.Lease, childLease), Changes: keptChanges,
		Guard: differ.Guard{MaxPercent: 10, MaxCount: -1}, Now: shifted(o.Shift),
	})
	return err
}

func (o *order) open(ctx context.Context, schema *graph.Schema) (graph.Store, error) {
	if o.Server == nil {
		return sqlite.Open(ctx, o.Path, schema, sqlite.Options{})
	}
	return neo4j.Open(ctx, *o.Server, schema)
}

// A saboteur is a store whose process sends itself a signal at one of its batches. It counts them.
type saboteur struct {
	graph.Store
	order    *order
	batches  atomic.Int64
	renewing sync.Mutex
}

func sabotage(store graph.Store, o *order) *saboteur { return &saboteur{Store: store, order: o} }

// whole returns the store with what it can do beside.
func (s *saboteur) whole() graph.Store {
	if p, ok := s.Store.(graph.SoftDeleter); ok {
		return struct {
			graph.Store
			graph.SoftDeleter
		}{s, p}
	}
	if i, ok := s.Store.(graph.Indexer); ok {
		return struct {
			graph.Store
			graph.Indexer
		}{s, indexSaboteur{i, s}}
	}
	return s
}

// An indexSaboteur counts the building of indexes as one more batch.
type indexSaboteur struct {
	graph.Indexer
	*saboteur
}

func (s indexSaboteur) BuildIndexes(ctx context.Context) error {
	return s.batch(func() error { return s.Indexer.BuildIndexes(ctx) })
}

// Renew does not let the process be stopped inside of it: in SQLite a process that is suspended within a transaction
// keeps everybody else out until it goes on or is killed.
func (s *saboteur) Renew(ctx context.Context, l graph.Lease, ttl time.Duration) error {
	s.renewing.Lock()
	defer s.renewing.Unlock()
	return s.Store.Renew(ctx, l, ttl)
}

func (s *saboteur) Apply(ctx context.Context, b graph.Batch) (applied graph.Applied, err error) {
	err = s.batch(func() error {
		applied, err = s.Store.Apply(ctx, b)
		return err
	})
	return applied, err
}

// SaveFindings counts as one more batch.
func (s *saboteur) SaveFindings(
	ctx context.Context, l graph.Lease, list []graph.Finding, checks map[string]time.Time,
) error {
	return s.batch(func() error { return s.Store.SaveFindings(ctx, l, list, checks) })
}

// SaveFigures counts as one more batch.
func (s *saboteur) SaveFigures(
	ctx context.Context, l graph.Lease, day time.Time, tools []string, list []graph.Figure,
) error {
	return s.batch(func() error { return s.Store.SaveFigures(ctx, l, day, tools, list) })
}

func (s *saboteur) batch(write func() error) error {
	n := int(s.batches.Add(1))
	if n == s.order.Batch && !s.order.After {
		s.strike()
	}
	err := write()
	if n == s.order.Batch && s.order.After {
		s.strike()
	}
	return err
}

func (s *saboteur) strike() {
	if s.order.Signal == syscall.SIGSTOP {
		s.renewing.Lock()
		defer s.renewing.Unlock()
	}
	_ = syscall.Kill(os.Getpid(), s.order.Signal)
	time.Sleep(strikeTime) // the signal stops all threads a moment later: nothing may go on until then
	if s.order.Signal == syscall.SIGKILL {
		select {}
	}
}

// strikeTime is more than a signal to oneself needs to arrive.
const strikeTime = 200 * time.Millisecond

// start starts a child.
func start(t *testing.T, o order) *exec.Cmd {
	t.Helper()
	o.PageSize = cmp.Or(o.PageSize, 200)
	text, err := json.Marshal(o)
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"="+string(text))
	cmd.Stderr = t.Output()
	require.NoError(t, cmd.Start())
	return cmd
}

// requireKilled waits for a child that has killed itself.
func requireKilled(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	err := cmd.Wait()
	exit, ok := errors.AsType[*exec.ExitError](err)
	require.True(t, ok, "the child went through: %v", err)
	status, ok := exit.Sys().(syscall.WaitStatus)
	require.True(t, ok)
	require.Equal(t, syscall.SIGKILL, status.Signal(), "%v", err)
}
