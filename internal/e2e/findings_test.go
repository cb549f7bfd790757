package e2e

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"assetgraph/converters"
	"assetgraph/graph"
	"assetgraph/internal/correlate"
	"assetgraph/internal/executor"
	"assetgraph/internal/findings"
	"assetgraph/internal/providers"
	"assetgraph/internal/report"
	"assetgraph/internal/simulator"
)

// A gap is a kind of findings and a machine of which it is so.
type gap struct {
	kind   string
	device graph.Key
}

// gapsIn works out what is wrong with the machines of a graph: by the coverage report, and by what their records say.
func gapsIn(t tester, ctx ctx, store graph.Store, now time.Time) map[gap]bool {
	t.Helper()
	s := report.Source{Store: store, Schema: schema(t), Model: providers.All().Model()}
	c, err := report.Cover(ctx, s, report.CoverOptions{Stale: 30 * day, Fitting: true, Now: now})
	require.NoError(t, err)
	gaps := map[gap]bool{}
	for _, g := range c.Gaps {
		for word := range strings.SplitSeq(g.Missing, ";") {
			if len(strings.Split(word, "-")) == 1 {
				word = "missing-" + word
			}
			gaps[gap{word, graph.Key(g.Device)}] = true
		}
	}
	live := map[string]map[graph.Key]int{}
	for _, typ := range schema(t).Types() {
		role := s.Model.Role(typ.From)
		if role == nil || role.Machine == nil || typ.To != "device" {
			continue
		}
		live[typ.From] = map[graph.Key]int{}
		var reads []string
		for _, f := range role.Machine.Reads {
			reads = append(reads, f.Property().Name)
		}
		for l, err := range store.Links(ctx, graph.LinkSelection{Types: []*graph.Type{typ}, Properties: reads}) {
			require.NoError(t, err)
			if role.Machine.State(l.Origin) == converters.Live {
				live[typ.From][l.To]++
			}
		}
	}
	for e, err := range store.Elements(ctx, graph.Selection{Type: schema(t).Type("device")}) {
		require.NoError(t, err)
		for _, of := range live {
			if of[e.Key] > 1 {
				gaps[gap{"duplicate", e.Key}] = true
			}
		}
		if seen := e.Get("lastSeenOn"); !seen.IsAbsent() && now.Sub(seen.Time()) > 30*day {
			gaps[gap{"stale-everywhere", e.Key}] = true
		}
		if ends := e.Get("osSupportEndsOn"); !ends.IsAbsent() && !ends.Time().After(now) {
			gaps[gap{"os-past-support", e.Key}] = true
		}
	}
	return gaps
}

const day = 24 * time.Hour

// findingsIn reads what is kept, by id.
func findingsIn(t tester, ctx ctx, store graph.FindingBook) map[gap]graph.Finding {
	t.Helper()
	all := map[gap]graph.Finding{}
	for f, err := range store.Findings(ctx, graph.FindingSelection{}) {
		require.NoError(t, err)
		require.Equal(t, graph.FindingID(f.Kind, f.Device), f.ID)
		all[gap{f.Kind, f.Device}] = f
	}
	return all
}

// TestFindingsOverRandomHistories: whatever happens to a fleet, to its products' answers, to the time and to what people
// accept, a finding is opened once when it comes, closed once when it goes, and never by what was not read whole; it is
// accepted until the day of its exception is over.
func TestFindingsOverRandomHistories(t *testing.T) {
	t.Parallel()
	table := targetsByRoute(t)
	onBothStores(t, func(t *testing.T, g *ground) {
		played, most, failed := 0, 30, false // one takes a second; what failed is played on, to be made smaller
		if g.server != nil {
			most = 8
		}
		rapid.Check(t, func(r *rapid.T) {
			if played++; played > most && !failed {
				return
			}
			failed = true
			h := &findingHistory{history: newHistory(r, g.bare(t), table), ended: map[string]time.Time{}, whole: map[string]bool{}}
			h.now = time.Date(2026, 11, 1, 13, 0, 0, 0, time.UTC)
			for range rapid.IntRange(3, 6).Draw(r, "steps") {
				h.step(r)
			}
			failed = false
		})
	})
}

// TestFindingsTurnByTimeAlone: what nobody sees for 30 days is found by the next run, whether that has nothing to do or
// looks at what has changed alone.
func TestFindingsTurnByTimeAlone(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, g *ground) {
		e := g.bare(t).estate(t, simulator.Options{})
		store := g.open(t)
		run := func(now time.Time) {
			o := e.runOptions(t, store)
			o.Now = func() time.Time { return now }
			report, err := executor.Run(t.Context(), o)
			require.NoError(t, err)
			require.Equal(t, executor.StatusComplete, report.Run.Status)
			open := map[gap]bool{}
			for g, f := range findingsIn(t, t.Context(), store) {
				if f.State != graph.FindingClosed {
					open[g] = true
				}
			}
			require.Equal(t, gapsIn(t, t.Context(), store, now), open)
		}
		run(time.Date(2026, 11, 1, 13, 0, 0, 0, time.UTC))
		var last []time.Time // when each machine was last seen
		for e, err := range store.Elements(t.Context(), graph.Selection{Type: schema(t).Type("device")}) {
			require.NoError(t, err)
			last = append(last, e.Get("lastSeenOn").Time())
		}
		slices.SortFunc(last, time.Time.Compare)
		for i, changes := range []bool{false, true} {
			turns := last[len(last)/10+3*i].Add(30 * day) // of few, so that not all are looked at
			run(turns.Add(-time.Minute))
			before := gapsIn(t, t.Context(), store, turns.Add(-time.Minute))
			require.NotEqual(t, before, gapsIn(t, t.Context(), store, turns.Add(time.Minute)))
			if changes {
				e.Advance(simulator.Change{Edit: 1})
			}
			run(turns.Add(time.Minute))
		}
	})
}

// TestFindingsOfMachinesSeenAgain: of many machines that were not seen for 30 days a few come back. The run that reads so,
// or the first that keeps findings after it, ends what was found of these, though nothing but times has moved.
func TestFindingsOfMachinesSeenAgain(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, g *ground) {
		e := g.bare(t).estate(t, simulator.Options{})
		store := g.open(t)
		now := e.Now().Add(40 * day)
		run := func(later bool, names ...string) map[gap]bool {
			o := e.runOptions(t, store, names...)
			o.Now, o.Later = func() time.Time { return now }, later
			report, err := executor.Run(t.Context(), o)
			require.NoError(t, err)
			require.Equal(t, executor.StatusComplete, report.Run.Status)
			open := map[gap]bool{}
			for g, f := range findingsIn(t, t.Context(), store) {
				if f.State != graph.FindingClosed {
					open[g] = true
				}
			}
			return open
		}
		before := run(false)
		run(false) // finds nothing to do
		for _, worker := range []bool{false, true} {
			e.Advance(simulator.Change{Clock: 39 * day, CheckIn: 4})
			if worker {
				for _, name := range allProducts() {
					require.Equal(t, before, run(true, name), "a worker leaves findings to others")
				}
			}
			open := run(false)
			require.Equal(t, gapsIn(t, t.Context(), store, now), open)
			require.NotEqual(t, before, open)
			require.Less(t, len(before)-len(open), len(before)/4, "few come back")
			before = open
		}
	})
}

// A findingHistory is a history with a clock, what people accept, and what was kept after the last run.
type findingHistory struct {
	*history
	now        time.Time
	exceptions []correlate.Exception
	ended      map[string]time.Time // last run of each instance
	whole      map[string]bool      // whether it read all machines
	told       map[string]bool      // instances of which it is known what product they are of, by this run or by the graph
	kept       map[gap]graph.Finding
	figured    time.Time            // the last day that had figures
	serials    map[graph.Key]string // of the machines that the graph holds
}

func (h *findingHistory) step(t *rapid.T) {
	few := func(name string) int { return rapid.IntRange(0, 3).Draw(t, name) }
	h.Advance(simulator.Change{
		Clock: time.Hour, Add: few("add"), Remove: few("remove"), Edit: few("edit"), Rename: few("rename"), Move: few("move"), CheckIn: few("check-in"),
	})
	h.now = h.now.Add(time.Duration(rapid.SampledFrom([]int{1, 1, 30, 24 * 9}).Draw(t, "hours")) * time.Hour)
	h.decide(t)
	names := allProducts()
	if rapid.IntRange(0, 2).Draw(t, "which") == 0 {
		names = []string{rapid.SampledFrom(names).Draw(t, "product")}
	}
	faulty := rapid.Bool().Draw(t, "with a fault")
	if faulty {
		target := rapid.SampledFrom(h.targets).Draw(t, "target")
		target.uri, target.anyPage = "", true
		h.striker.arm(rapid.SampledFrom(noticeable()).Draw(t, "fault"), target)
	}
	o := h.runOptions(t, h.store, names...)
	o.Now, o.Guard.MaxPercent = func() time.Time { return h.now }, 100
	o.Configured = allProducts()
	o.Overrides = &correlate.Overrides{Exceptions: h.exceptions}
	report, err := executor.Run(h.ctx, o)
	h.striker.disarm()
	require.NoError(t, err)
	unread := h.unread(t, report)
	h.told = map[string]bool{}
	counts, err := h.store.Counts(h.ctx)
	require.NoError(t, err)
	for _, c := range counts {
		h.told[c.Instance] = h.told[c.Instance] || c.Type != converters.IntegrationType().Name
	}
	for _, in := range report.Instances {
		h.ended[in.Instance], h.told[in.Instance] = h.now, true
		h.whole[in.Instance] = in.Status != executor.StatusFailed && !slices.ContainsFunc(h.machineTypes(t, in.Instance), func(typ string) bool { return unread[typ] })
	}
	h.requireKept(t, report)
}

// machineTypes are the types of an instance's machines, and of what is read before them.
func (h *findingHistory) machineTypes(t tester, instance string) (types []string) {
	for _, in := range h.instances(t, instance) {
		for _, step := range in.Collector.Steps() {
			for _, kind := range step.Kinds {
				k := in.Converter.Kind(kind)
				for _, typ := range k.Produces {
					if role := providers.All().Model().Role(typ.Name); role != nil && role.Machine != nil {
						types = append(types, typ.Name)
						for _, need := range step.Needs {
							types = append(types, h.produces(in, need)...)
						}
					}
				}
			}
		}
	}
	return types
}

func (h *findingHistory) produces(in executor.Instance, step string) (types []string) {
	for _, s := range in.Collector.Steps() {
		for _, kind := range s.Kinds {
			for _, typ := range in.Converter.Kind(kind).Produces {
				if s.Name == step {
					types = append(types, typ.Name)
				}
			}
		}
	}
	return types
}

// decide has people accept something, or nothing.
func (h *findingHistory) decide(t *rapid.T) {
	h.exceptions = nil
	if rapid.Bool().Draw(t, "with exceptions") {
		h.exceptions = []correlate.Exception{{
			Kinds: []string{rapid.SampledFrom([]string{"missing-*", "*", "stale-edr"}).Draw(t, "kinds")}, Reason: "spare",
			Machines: []string{rapid.SampledFrom([]string{"*", "*0*", "*-lt-*"}).Draw(t, "machines")}, Owner: "it",
			Until: h.now.Truncate(day).Add(time.Duration(rapid.IntRange(0, 2).Draw(t, "days")) * day),
		}}
	}
}

// known reports whether all is known of an instance.
func (h *findingHistory) known(instance string) bool {
	return h.whole[instance] && h.now.Sub(h.ended[instance]) <= 48*time.Hour
}

// looked reports whether a kind can be looked for.
func (h *findingHistory) looked(kind string) bool {
	products := map[string]string{"edr": "sentinelone", "rmm": "ninjarmm", "deployment": "immybot"}
	unknown := slices.ContainsFunc(allProducts(), func(p string) bool { return !h.known(p) && !h.told[p] })
	for tool, product := range products {
		if slices.Contains(strings.Split(kind, "-"), tool) {
			return h.known(product) && !unknown
		}
	}
	return !slices.ContainsFunc(allProducts(), func(p string) bool { return !h.known(p) })
}

// requireKept compares what is kept with what must have become of what was kept before.
func (h *findingHistory) requireKept(t *rapid.T, r *executor.Report) {
	gaps, kept := gapsIn(t, h.ctx, h.store, h.now), findingsIn(t, h.ctx, h.store)
	if h.kept == nil {
		h.kept = map[gap]graph.Finding{}
	}
	all := maps.Clone(h.kept)
	for g := range kept {
		all[g] = kept[g]
	}
	for g := range gaps {
		all[g] = kept[g]
	}
	h.serials = map[graph.Key]string{}
	for e, err := range h.store.Elements(h.ctx, graph.Selection{Type: schema(t).Type("device"), Properties: []string{"serial"}}) {
		require.NoError(t, err)
		h.serials[e.Key] = e.Get("serial").Text()
	}
	var summary findings.Summary
	for g := range all {
		was, is := h.kept[g], kept[g]
		there := gaps[g]
		if !h.looked(g.kind) {
			there = was.State != "" && was.State != graph.FindingClosed
		}
		want, opened := h.expected(was, is, there)
		if there && !h.looked(g.kind) && !h.holds(g.device) && was.At(h.now).State == graph.FindingAccepted {
			want, opened = graph.FindingAccepted, 0 // whether what is not known accepts a machine that is gone
		}
		require.Equal(t, want, is.State, "%v: was %v, looked for: %v, there: %v", g, was, h.looked(g.kind), gaps[g])
		require.Equal(t, was.Opened+opened, is.Opened, "%v", g)
		h.requireTimes(t, g, was, is, opened)
		summary.Open += count(is.State == graph.FindingOpen || is.State == graph.FindingReopened)
		summary.Accepted += count(is.State == graph.FindingAccepted)
		summary.Opened += count(is.State == graph.FindingOpen && was.State == "")
		summary.Reopened += count(is.State == graph.FindingReopened && was.State != is.State)
		summary.Closed += count(is.State == graph.FindingClosed && was.State != is.State)
	}
	require.NotNil(t, r.Findings)
	require.Equal(t, summary, *r.Findings)
	h.kept = kept
	requireFlows(t, figuresIn(t, h.ctx, h.store))
	h.requireFigures(t)
}

// expected returns the state of a finding that was one, and how often it was opened by that.
func (h *findingHistory) expected(was, is graph.Finding, there bool) (graph.FindingState, int) {
	gone := was.State == "" || was.State == graph.FindingClosed
	switch {
	case !there && gone:
		return was.State, 0
	case !there:
		return graph.FindingClosed, 0
	case h.accepts(is):
		return graph.FindingAccepted, count(gone)
	case was.State == "":
		return graph.FindingOpen, 1
	case gone || was.State == graph.FindingAccepted:
		return graph.FindingReopened, 1
	}
	return was.State, 0
}

func (h *findingHistory) accepts(f graph.Finding) bool {
	if h.exceptions == nil || !h.now.Before(h.exceptions[0].Until) {
		return false
	}
	x := h.exceptions[0]
	return report.Fits(x.Kinds[0], f.Kind) && (report.Fits(x.Machines[0], f.Name) ||
		report.Fits(x.Machines[0], string(f.Device)) || report.Fits(x.Machines[0], h.serials[f.Device]))
}

// holds reports whether the graph has the machine.
func (h *findingHistory) holds(device graph.Key) bool {
	_, ok := h.serials[device]
	return ok
}

func (h *findingHistory) requireTimes(t *rapid.T, g gap, was, is graph.Finding, opened int) {
	if is.State == "" {
		return
	}
	first := was.FirstSeenOn
	if was.State == "" {
		first = h.now
	}
	require.Equal(t, first, is.FirstSeenOn, "%v", g)
	require.Equal(t, is.State == graph.FindingClosed, !is.ClosedOn.IsZero(), "%v", g)
	if opened > 0 {
		require.Equal(t, h.now, is.OpenedOn, "%v", g)
	} else {
		require.Equal(t, was.OpenedOn, is.OpenedOn, "%v", g)
	}
	switch {
	case is.State == graph.FindingClosed && was.State != is.State:
		require.Equal(t, h.now, is.ClosedOn)
		require.Equal(t, was.LastSeenOn, is.LastSeenOn, "%v was last seen before it was gone", g)
	case is.State != graph.FindingClosed && h.looked(g.kind):
		require.Equal(t, h.now, is.LastSeenOn, "%v", g)
	case was.State != "" && opened == 0:
		require.Equal(t, was.LastSeenOn, is.LastSeenOn, "%v was not looked for", g)
	}
}
