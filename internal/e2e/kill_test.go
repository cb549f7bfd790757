//go:build unix

package e2e

import (
	"cmp"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"assetgraph/graph"
	"assetgraph/internal/executor"
	"assetgraph/internal/simulator"
)

// A crash is a fleet, the graph that a killed run starts from, and what an uninterrupted one makes of it.
type crash struct {
	*estate
	base    *ground // nil = there is no graph yet
	truth   holding
	state   state // of base, and what its change log tells of
	told    map[string]bool
	batches int           // of an uninterrupted run
	took    time.Duration // by an uninterrupted child

	findings map[gap]graph.Finding // of an uninterrupted one
	figures  map[figureOf]graph.Figure
}

func newCrash(t *testing.T, empty bool) *crash {
	t.Helper()
	c := &crash{estate: newEstate(t, simulator.Options{}, t.Cleanup)}
	c.options.PageSize = 200
	noon := time.Until(time.Now().Truncate(day).Add(day / 2)) // runs of one day, whenever the test runs
	if c.shift = noon; !empty {
		c.shift = noon - day
		c.base = inFile(t)
		c.base.load(t, c.estate)
		c.shift = noon
		s := c.base.fork(t).open(t)
		c.state, c.told = stateOf(t, t.Context(), s), runsOf(t, t.Context(), s)
		c.Advance(change())
	}
	c.truth = c.estate.truth(t, t.Context())
	g := c.graph(t)
	whole := start(t, g.order(order{Env: c.Env(), Shift: c.shift}))
	began := time.Now()
	require.NoError(t, whole.Wait())
	c.took = time.Since(began)
	store := g.open(t)
	requireEqual(t, c.truth, read(t, t.Context(), store), "uninterrupted")
	c.findings = findingsIn(t, t.Context(), store)
	require.NotEmpty(t, c.findings)
	c.figures = figuresIn(t, t.Context(), store)
	require.NotEmpty(t, c.figures)
	requireFlows(t, c.figures)
	compared := slices.ContainsFunc(slices.Collect(maps.Values(c.figures)), func(f graph.Figure) bool { return len(f.Flows) > 0 })
	require.Equal(t, !empty, compared, "with the day before")

	counting := sabotage(c.graph(t).open(t), &order{})
	_, err := executor.Run(t.Context(), c.runOptions(t, counting.whole()))
	require.NoError(t, err)
	c.batches = int(counting.batches.Load())
	require.Greater(t, c.batches, 15)
	return c
}

// graph makes a file for one case.
func (c *crash) graph(t *testing.T) *ground {
	t.Helper()
	if c.base == nil {
		return inFile(t)
	}
	return c.base.fork(t)
}

// requireRecovery runs again after a kill.
func (c *crash) requireRecovery(t *testing.T, g *ground) {
	t.Helper()
	requireIntegrity(t, g.path)
	s := g.open(t)
	died, err := s.Runs(t.Context(), 1)
	require.NoError(t, err)
	o := c.runOptions(t, s)
	o.Wait = 5 * childLease
	report, err := executor.Run(t.Context(), o)
	require.NoError(t, err, "the lease of the dead run runs out")
	require.Equal(t, executor.StatusComplete, report.Run.Status, "%v", report.Steps)
	requireEqual(t, c.truth, read(t, t.Context(), s), "after the crash")
	if indexer, ok := s.(graph.Indexer); ok {
		lacks, err := indexer.LacksIndexes(t.Context())
		require.NoError(t, err)
		require.False(t, lacks, "indexes that the first load was to build")
	}
	requireHistory(t, s, died, report.Run.ID)
	requireFindings(t, c.findings, findingsIn(t, t.Context(), s))
	require.Equal(t, c.figures, figuresIn(t, t.Context(), s))
	log, now := logOf(t, t.Context(), s, c.told), stateOf(t, t.Context(), s)
	if c.base != nil {
		requireState(t, now, c.state.replay(t, log), "what both runs told, each of it once")
		return
	}
	created := 0
	for _, entry := range log {
		if entry.Op == graph.Create {
			created += entry.Count
		}
	}
	require.Len(t, now, created, "what both runs told, each of it once")
}

// requireFindings says in what findings differ, but for their times.
func requireFindings(t *testing.T, want, have map[gap]graph.Finding) {
	t.Helper()
	timeless := func(all map[gap]graph.Finding) map[gap]graph.Finding {
		out := map[gap]graph.Finding{}
		for g, f := range all {
			f.FirstSeenOn, f.OpenedOn, f.LastSeenOn, f.ClosedOn = time.Time{}, time.Time{}, time.Time{}, time.Time{}
			out[g] = f
		}
		return out
	}
	require.Equal(t, timeless(want), timeless(have))
}

// requireHistory checks that a run that died can be told from one that ended.
func requireHistory(t *testing.T, s graph.Store, died []graph.Run, next string) {
	t.Helper()
	runs, err := s.Runs(t.Context(), 0)
	require.NoError(t, err)
	require.Equal(t, next, runs[0].ID)
	require.False(t, runs[0].FinishedAt.IsZero())
	require.NotEmpty(t, runs[0].Report)
	if len(died) == 0 {
		return // killed before its first write
	}
	require.Equal(t, died[0].ID, runs[1].ID)
	require.Equal(t, died[0].FinishedAt, runs[1].FinishedAt)
}

func requireIntegrity(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	var word string
	require.NoError(t, db.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&word))
	require.Equal(t, "ok", word)
	require.NoError(t, db.Close())
}

// TestKilledAtEveryBatch kills a run before each of its batches and after the last, from nothing and from a graph that
// changes.
func TestKilledAtEveryBatch(t *testing.T) {
	t.Parallel()
	t.Run("neo4j", killedOnNeo4j)
	kills := 0
	for name, empty := range map[string]bool{"sqlite, from nothing": true, "sqlite, in between": false} {
		t.Run(name, func(t *testing.T) {
			c := newCrash(t, empty)
			kills += c.batches + 1
			inParallel(t, c.batches+1, func(t *testing.T, n int) {
				g := c.graph(t)
				o := order{
					Env: c.Env(), Signal: syscall.SIGKILL, Batch: min(n+1, c.batches), After: n == c.batches, Shift: c.shift,
				}
				requireKilled(t, start(t, g.order(o)))
				requireDied(t, g, o.After) // its record is written with the last batch
				c.requireNotedLast(t, g)
				c.requireRecovery(t, g)
			})
		})
	}
	t.Logf("%d kills at batches", kills)
}

// requireDied checks that the graph tells of a run that began and did not end, or did.
func requireDied(t *testing.T, g *ground, ended bool) {
	t.Helper()
	s := g.open(t)
	runs, err := s.Runs(t.Context(), 1)
	require.NoError(t, err)
	require.Len(t, runs, 1)
	require.Equal(t, !ended, runs[0].FinishedAt.IsZero(), "died")
	require.Equal(t, !ended, runs[0].Status == "")
}

// requireNotedLast checks that a correlation by which workers count is one of which everything is in the graph.
func (c *crash) requireNotedLast(t *testing.T, g *ground) {
	t.Helper()
	s := g.open(t)
	runs, err := s.Runs(t.Context(), 1)
	require.NoError(t, err)
	progress, err := executor.ReadProgress(t.Context(), s)
	require.NoError(t, err)
	if progress.Correlated.Truncate(time.Millisecond).Equal(runs[0].StartedAt.Truncate(time.Millisecond)) {
		requireFindings(t, c.findings, findingsIn(t, t.Context(), s))
	}
}

// TestKilledRunSaysOneThing kills runs of one instance before each of their batches and after the last: what the instance
// says of when it was read, by which workers choose, is what the run record says.
func TestKilledRunSaysOneThing(t *testing.T) {
	t.Parallel()
	onBothStores(t, saysOneThing)
}

func saysOneThing(t *testing.T, g *ground) {
	e := newEstate(t, simulator.Options{Machines: 12, Customers: 2}, t.Cleanup)
	env := e.Env()
	maps.DeleteFunc(env, func(name, _ string) bool { return !strings.HasPrefix(name, "NINJARMM_") })
	run := func(o order) (ended bool) {
		s := g.bare(t)
		o.Env, o.Signal = env, syscall.SIGKILL
		requireKilled(t, start(t, s.order(o)))
		store := s.open(t)
		runs, err := store.Runs(t.Context(), 1)
		require.NoError(t, err)
		require.Len(t, runs, 1)
		progress, err := executor.ReadProgress(t.Context(), store)
		require.NoError(t, err)
		ended = !runs[0].FinishedAt.IsZero()
		noted := progress.Started["ninjarmm"].Equal(runs[0].StartedAt.Truncate(time.Millisecond))
		require.Equal(t, ended, noted, "%+v, killed at %d", progress, o.Batch)
		return ended
	}
	counting := sabotage(g.bare(t).open(t), &order{})
	_, err := executor.Run(t.Context(), e.runOptions(t, counting.whole(), "ninjarmm"))
	require.NoError(t, err)
	batches := int(counting.batches.Load())
	for _, n := range few(g, numbersTo(batches), batches-1, 0) {
		require.False(t, run(order{Batch: n}))
	}
	require.True(t, run(order{Batch: batches, After: true}))
}

func numbersTo(n int) (list []int) {
	for i := range n {
		list = append(list, i+1)
	}
	return list
}

// randomKills is how many kills at random instants ASSETGRAPH_PROOF_KILLS asks for.
func randomKills(t *testing.T) int {
	t.Helper()
	text := cmp.Or(os.Getenv("ASSETGRAPH_PROOF_KILLS"), "24")
	n, err := strconv.Atoi(text)
	require.NoError(t, err)
	return n
}

// TestKilledAtAnyInstant kills runs from outside, without regard to what they do.
func TestKilledAtAnyInstant(t *testing.T) {
	t.Parallel()
	for name, empty := range map[string]bool{"from nothing": true, "in between": false} {
		t.Run(name, func(t *testing.T) {
			c := newCrash(t, empty)
			inParallel(t, randomKills(t)/2, func(t *testing.T, _ int) { c.killAtAnyInstant(t) })
		})
	}
	t.Logf("%d kills at random instants", randomKills(t))
}

func (c *crash) killAtAnyInstant(t *testing.T) {
	t.Helper()
	g := c.graph(t)
	cmd := start(t, g.order(order{Env: c.Env(), Shift: c.shift}))
	time.Sleep(rand.N(c.took * 3 / 2)) // side by side they take longer
	require.NoError(t, cmd.Process.Kill())
	err := cmd.Wait()
	if _, died := errors.AsType[*exec.ExitError](err); !died {
		require.NoError(t, err, "it was done already")
	}
	c.requireRecovery(t, g)
}

// inParallel runs n cases, a few side by side.
func inParallel(t *testing.T, n int, test func(t *testing.T, i int)) {
	t.Helper()
	group := errgroup.Group{}
	group.SetLimit(atOnce)
	for i := range n {
		group.Go(func() error {
			t.Run(fmt.Sprint(i), func(t *testing.T) { test(t, i) })
			return nil
		})
	}
	require.NoError(t, group.Wait())
}

// killedOnNeo4j kills runs before and after some of their batches, one after another on the same graph, while the fleet
// changes.
func killedOnNeo4j(t *testing.T) {
	config := server(t)
	e := newEstate(t, simulator.Options{}, t.Cleanup)
	e.options.PageSize = 200
	store := openServer(t, config)
	for i, batch := range []int{1, 4, 7, 10} {
		requireKilled(t, start(t, order{Env: e.Env(), Server: &config, Signal: syscall.SIGKILL, Batch: batch, After: i%2 == 1}))
		died, err := store.Runs(t.Context(), 1)
		require.NoError(t, err)
		require.Len(t, died, 1)
		require.True(t, died[0].FinishedAt.IsZero())
		o := e.runOptions(t, store)
		o.Wait = 10 * childLease
		report, err := executor.Run(t.Context(), o)
		require.NoError(t, err)
		require.Equal(t, executor.StatusComplete, report.Run.Status, "%v", report.Steps)
		requireEqual(t, e.truth(t, t.Context()), read(t, t.Context(), store), "after the crash")
		requireHistory(t, store, died, report.Run.ID)
		e.Advance(change())
	}
	t.Log("4 kills on Neo4j")
}
