package e2e

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/internal/executor"
	"assetgraph/internal/simulator"
)

// A state is what a graph holds, by key and property: what is not volatile, as the change log has it.
type state map[graph.Key]map[string]any

func stateOf(t tester, ctx ctx, r graph.Reader) state {
	t.Helper()
	all := state{}
	for _, typ := range schema(t).Types() {
		for e, err := range r.Elements(ctx, graph.Selection{Type: typ}) {
			require.NoError(t, err)
			values := map[string]any{}
			for p, v := range e.Values() {
				if !p.Volatile {
					values[p.Name] = plain(v)
				}
			}
			all[e.Key] = values
		}
	}
	return all
}

func plain(v graph.Value) any {
	switch v.Kind() {
	case graph.Int:
		return v.Int()
	case graph.Bool:
		return v.Bool()
	case graph.Texts:
		return slices.Clone(v.List())
	case graph.Text, graph.Time, graph.Absent:
	}
	return v.String()
}

// logOf reads the change log but for the runs that are known, the oldest entries first.
func logOf(t tester, ctx ctx, log graph.ChangeLog, known map[string]bool) []graph.Change {
	t.Helper()
	var list []graph.Change
	for c, err := range log.Changes(ctx, graph.ChangeSelection{}) {
		require.NoError(t, err)
		if !known[c.Run] {
			list = append(list, c)
		}
	}
	slices.Reverse(list)
	return list
}

// runsOf returns the runs of which the change log tells.
func runsOf(t tester, ctx ctx, log graph.ChangeLog) map[string]bool {
	t.Helper()
	runs := map[string]bool{}
	for _, c := range logOf(t, ctx, log, nil) {
		runs[c.Run] = true
	}
	return runs
}

// replay does to the state what the log says. What it says has to fit: an update and a delete say what was there
// before.
func (s state) replay(t tester, log []graph.Change) state {
	t.Helper()
	out := maps.Clone(s)
	for _, c := range log {
		require.NotEmpty(t, c.Key, "told one by one: %+v", c)
		values, there := out[c.Key]
		require.Equal(t, c.Op != graph.Create, there, "%s %s in %s", c.Op, c.Key, c.Run)
		values = maps.Clone(values)
		if values == nil {
			values = map[string]any{}
		}
		require.True(t, len(c.Properties) > 0 || c.Op != graph.Update, "an update changes something: %s", c.Key)
		for _, p := range c.Properties {
			require.Equal(t, values[p.Name], p.Old, "%s %s %s", c.Op, c.Key, p.Name)
			require.NotEqual(t, p.Old, p.New, "%s %s %s", c.Op, c.Key, p.Name)
			if values[p.Name] = p.New; p.New == nil {
				delete(values, p.Name)
			}
		}
		if out[c.Key] = values; c.Op == graph.Delete {
			require.Empty(t, values, "a delete says all that there was of %s", c.Key)
			delete(out, c.Key)
		}
	}
	return out
}

// requireState says in what two states differ.
func requireState(t tester, want, have state, why string) {
	t.Helper()
	for key, values := range want {
		require.Equal(t, values, have[key], "%s: %s", why, key)
	}
	for key := range have {
		require.Contains(t, want, key, why)
	}
}

// TestChangeLogIsWhatRunsChanged: what the log tells of a fleet that changes, done to the graph of before, gives the
// graph of after; it tells of each machine that was changed, by its name; a run that has nothing to do adds nothing, and
// neither does a plan.
func TestChangeLogIsWhatRunsChanged(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, g *ground) {
		e := g.bare(t).estate(t, simulator.Options{})
		store := g.open(t)
		e.run(t, t.Context(), store)
		for _, c := range logOf(t, t.Context(), store, nil) {
			require.True(t, c.Load && c.Key == "" && c.Op == graph.Create, "%+v", c)
		}
		total := 0
		for _, c := range logOf(t, t.Context(), store, nil) {
			total += c.Count
		}
		before := stateOf(t, t.Context(), store)
		require.Len(t, before, total, "a first load is told by numbers, all of it")
		known := runsOf(t, t.Context(), store)

		for round := range 3 {
			done := e.Advance(g.change())
			report := e.run(t, t.Context(), store)
			require.Equal(t, executor.StatusComplete, report.Run.Status, "%v", report.Withheld)
			log := logOf(t, t.Context(), store, known)
			require.NotEmpty(t, log)
			after := stateOf(t, t.Context(), store)
			requireState(t, after, before.replay(t, log), fmt.Sprint("round ", round))
			counts := map[graph.Op]int{}
			for _, c := range log {
				require.Equal(t, report.Run.ID, c.Run)
				require.WithinRange(t, c.At, report.Run.StartedAt.Add(-time.Second), report.Run.FinishedAt.Add(time.Second))
				counts[c.Op]++
			}
			require.Equal(t, report.Totals.Created, counts[graph.Create])
			require.Equal(t, report.Totals.Deleted, counts[graph.Delete])
			require.Equal(t, report.Totals.Updated, counts[graph.Update])
			requireRenames(t, log, len(done.Renamed))

			o := e.runOptions(t, store)
			o.Plan = true
			_, err := executor.Run(t.Context(), o)
			require.NoError(t, err)
			e.run(t, t.Context(), store)
			require.Equal(t, log, logOf(t, t.Context(), store, known), "nothing to do, nothing told")
			known, before = runsOf(t, t.Context(), store), after
		}
	})
}

// requireRenames expects at least as many hosts of the products to have got another name.
func requireRenames(t *testing.T, log []graph.Change, least int) {
	t.Helper()
	n := 0
	for _, c := range log {
		if c.Type == "device" && c.Op == graph.Update &&
			slices.ContainsFunc(c.Properties, func(p graph.PropertyChange) bool { return p.Name == "hostname" && p.Old != nil && p.New != nil }) {
			n++
		}
	}
	require.GreaterOrEqual(t, n, least)
}

// TestChangeLogIsBounded: what is older than it is to be kept goes at the end of the next run, and all of it when it is
// off.
func TestChangeLogIsBounded(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, g *ground) {
		e := g.bare(t).estate(t, simulator.Options{Machines: 12, Customers: 2})
		store := g.open(t)
		now := time.Now()
		run := func(keep time.Duration) {
			o := e.runOptions(t, store)
			o.Changes, o.Now = keep, func() time.Time { return now }
			_, err := executor.Run(t.Context(), o)
			require.NoError(t, err)
		}
		const day = 24 * time.Hour
		run(30 * day)
		first := logOf(t, t.Context(), store, nil)
		require.NotEmpty(t, first)
		now = now.Add(20 * day)
		e.Advance(simulator.Change{Rename: 3})
		run(30 * day)
		both := logOf(t, t.Context(), store, nil)
		require.Equal(t, first, both[:len(first)])
		require.Greater(t, len(both), len(first))
		now = now.Add(11 * day)
		run(30 * day)
		require.Equal(t, both[len(first):], logOf(t, t.Context(), store, nil), "the first load is too long ago")
		e.Advance(simulator.Change{Rename: 3})
		run(0)
		require.Empty(t, logOf(t, t.Context(), store, nil))
	})
}

// TestClearedInstanceLeavesTheChangeLog: what the log has of an instance goes with it, and its end is told by numbers.
func TestClearedInstanceLeavesTheChangeLog(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, g *ground) {
		e := g.bare(t).estate(t, simulator.Options{Machines: 12, Customers: 2})
		store := g.open(t)
		e.run(t, t.Context(), store)
		e.Advance(simulator.Change{Rename: 3, Edit: 3})
		e.run(t, t.Context(), store)
		held := len(read(t, t.Context(), store, "ninjarmm"))
		c, err := executor.FindClearance(t.Context(), store, schema(t), "ninjarmm")
		require.NoError(t, err)
		c.Run = "clear"
		_, _, err = c.Carry(t.Context())
		require.NoError(t, err)
		gone := 0
		for _, c := range logOf(t, t.Context(), store, nil) {
			if c.Instance == "ninjarmm" {
				require.Equal(t, "clear", c.Run)
				require.Equal(t, graph.Delete, c.Op)
				require.Empty(t, c.Key)
				gone += c.Count
			}
		}
		require.Equal(t, held+1, gone, "and the entity of the instance itself")
		c, err = executor.FindClearance(t.Context(), store, schema(t))
		require.NoError(t, err)
		_, _, err = c.Carry(t.Context())
		require.NoError(t, err)
		require.Empty(t, logOf(t, t.Context(), store, nil))
	})
}
