package e2e

import (
	"flag"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"assetgraph/graph"
	"assetgraph/internal/executor"
	"assetgraph/internal/simulator"
)

// TestRandomHistories plays random histories of the three products against one graph: machines come, go and change, and
// answers go wrong. After each complete run the graph is what the records alone say it must be, and a second run writes
// nothing; after any other run nothing is gone that a provider still has, and nothing of what was not read. What the
// change log tells of all of it leads from the first graph to the last.
func TestRandomHistories(t *testing.T) {
	t.Parallel()
	table := targetsByRoute(t)
	onBothStores(t, func(t *testing.T, g *ground) {
		if g.server != nil {
			fewerHistories(t)
		}
		rapid.Check(t, func(r *rapid.T) {
			h := newHistory(r, g.bare(t), table)
			for range rapid.IntRange(2, 4).Draw(r, "steps") {
				h.step(r)
			}
			h.replay(r)
		})
	})
}

// fewerHistories makes rapid play a fourth of its histories until the test ends.
func fewerHistories(t *testing.T) {
	t.Helper()
	const name = "rapid.checks"
	all := flag.Lookup(name).Value.String()
	n, err := strconv.Atoi(all)
	require.NoError(t, err)
	require.NoError(t, flag.Set(name, strconv.Itoa(max(1, n/4))))
	t.Cleanup(func() { require.NoError(t, flag.Set(name, all)) })
}

// targetsByRoute lists what faults may strike in histories: the lists whose records can be asked for by id or counted.
func targetsByRoute(t *testing.T) []target {
	t.Helper()
	tr := &trace{}
	e := newEstate(t, simulator.Options{Intercept: tr.intercept, Machines: historyMachines, Customers: 4}, t.Cleanup)
	e.run(t, t.Context(), inFile(t).open(t))
	list := slices.DeleteFunc(tr.targets(), func(x target) bool {
		return isExtra(x) || x.page == "middle page" || strings.HasSuffix(x.route, "/provider-agents/pending") // see mayChangeContent
	})
	require.Greater(t, len(list), 20)
	return list
}

const historyMachines = 30

// A history is one fleet, one graph, and what the graph held after the last run.
type history struct {
	*estate
	ctx     ctx
	store   graph.Store
	striker *striker
	targets []target
	held    holding
	state   state           // after the first complete run, nil before
	told    map[string]bool // runs up to that
}

func newHistory(t *rapid.T, g *ground, targets []target) *history {
	h := &history{ctx: t.Context(), striker: &striker{}, targets: targets, held: holding{}}
	h.estate = newEstate(t, simulator.Options{
		Intercept: h.striker.intercept, Machines: historyMachines, Customers: 4, Seed: rapid.Uint64Range(0, 99).Draw(t, "seed"),
	}, t.Cleanup)
	h.options.PageSize = 2 * fleetPage
	h.store = g.opened(t, h.ctx, false)
	t.Cleanup(func() { require.NoError(t, h.store.Close()) })
	return h
}

// step changes the fleet and reads it, with a fault or without.
func (h *history) step(t *rapid.T) {
	few := func(name string) int { return rapid.IntRange(0, 3).Draw(t, name) }
	h.Advance(simulator.Change{
		Add: few("add"), Remove: few("remove"), Edit: few("edit"), Rename: few("rename"), Move: few("move"), CheckIn: few("check-in"),
	})
	var truth holding
	if rapid.Bool().Draw(t, "with a fault") {
		truth = h.truth(t, h.ctx)
		target := rapid.SampledFrom(h.targets).Draw(t, "target")
		fault := rapid.SampledFrom(noticeable()).Draw(t, "fault")
		target.uri, target.anyPage = "", true
		h.striker.arm(fault, target)
		report := h.run(t, h.ctx, h.store)
		h.striker.disarm()
		h.check(t, report, truth)
	}
	truth = h.truth(t, h.ctx)
	report := h.run(t, h.ctx, h.store)
	h.check(t, report, truth)
	if report.Run.Status == executor.StatusWithheld {
		report = h.approve(t, report)
		h.check(t, report, truth)
	}
	require.Equal(t, executor.StatusComplete, report.Run.Status, "%v %v", report.Steps, report.Withheld)
	if h.state == nil {
		h.state, h.told = stateOf(t, h.ctx, h.store), runsOf(t, h.ctx, h.store)
	}
	before := writesOf(t, h.store)
	report = h.run(t, h.ctx, h.store)
	require.Equal(t, executor.Counts{Unchanged: report.Totals.Unchanged}, report.Totals, "nothing to do")
	require.LessOrEqual(t, writesOf(t, h.store)-before, 3, "nothing written but how fresh each instance is")
	h.verify(t)
}

// replay does what the change log says to the graph of the first complete run.
func (h *history) replay(t *rapid.T) {
	log := logOf(t, h.ctx, h.store, h.told)
	requireState(t, stateOf(t, h.ctx, h.store), h.state.replay(t, log), "replayed")
}

// verify reads everything back and correlates all of it anew: what runs have left that read back and decided only what
// was another than before is, element by element, what comes out.
func (h *history) verify(t *rapid.T) {
	o := h.runOptions(t, h.store)
	o.Plan, o.Verify = true, true
	report, err := executor.Run(h.ctx, o)
	require.NoError(t, err)
	require.True(t, report.Run.Verified)
	require.Equal(t, executor.Counts{Unchanged: report.Totals.Unchanged}, report.Totals, "%v", report.Entities)
	for _, w := range report.Warnings {
		require.NotContains(t, w, "others have changed")
	}
}

// approve lets the deletes go that the guard kept back.
func (h *history) approve(t *rapid.T, report *executor.Report) *executor.Report {
	o := h.runOptions(t, h.store)
	o.Guard.Approve = approvals(t, report)
	report, err := executor.Run(h.ctx, o)
	require.NoError(t, err)
	return report
}

// approvals are the ids that let everything go that was withheld.
func approvals(t tester, report *executor.Report) (ids []string) {
	t.Helper()
	for _, w := range report.Withheld {
		require.NotEmpty(t, w.Approval, "%v", w)
		ids = append(ids, w.Approval)
	}
	return ids
}

// check compares the graph with the truth as far as the run says that it was read.
func (h *history) check(t *rapid.T, report *executor.Report, truth holding) {
	after := read(t, h.ctx, h.store)
	requireNothingLost(t, h.held, truth, after)
	unread := h.unread(t, report)
	for _, key := range h.held.without(after) {
		require.NotContains(t, unread, typeOf(t, key), "%s is of a list that was not read", key)
	}
	refused := slices.ContainsFunc(report.Steps,
		func(s executor.StepReport) bool { return s.Status == executor.StatusUnavailable })
	if report.Run.Status == executor.StatusComplete && !refused { // else what a part told is as the last run knew it
		requireEqual(t, truth, after, "after a complete run")
	}
	h.held = after
}

// unread names the types that come of steps which were not complete.
func (h *history) unread(t *rapid.T, report *executor.Report) map[string]bool {
	unread := map[string]bool{}
	for _, in := range h.instances(t) {
		for _, step := range in.Collector.Steps() {
			complete := slices.ContainsFunc(report.Steps, func(s executor.StepReport) bool {
				return s.Instance == in.Name && s.Step == step.Name && s.Status == executor.StatusComplete
			})
			for _, kind := range step.Kinds {
				if k := in.Converter.Kind(kind); k != nil && !complete {
					for _, typ := range k.Produces {
						unread[typ.Name] = true
					}
				}
			}
		}
	}
	return unread
}

// typeOf returns the type of a key.
func typeOf(t tester, key graph.Key) string {
	from, to := key.Ends()
	if from == "" {
		return key.Scope().Type
	}
	for _, typ := range schema(t).Types() {
		if typ.IsRelationship() && typ.From == from.Scope().Type && typ.To == to.Scope().Type {
			return typ.Name
		}
	}
	require.Fail(t, "no type", key)
	return ""
}

// noticeable are the faults that no answer can be confused with, and that take no time.
func noticeable() []fault {
	return slices.DeleteFunc(faults(), func(f fault) bool {
		return f.skips || f.name == "no answer" || f.name == "a byte at a time"
	})
}
