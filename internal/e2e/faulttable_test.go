package e2e

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"assetgraph/graph"
	"assetgraph/internal/executor"
	"assetgraph/internal/simulator"
)

// atOnce is how many cases run side by side: most of their time is the pacing of the collectors.
const atOnce = 16

// derivedCases says that one of so many cases derives machines, customers and persons as well; what is judged are the
// products' own records, and deriving takes most of the time.
const derivedCases = 9

// TestFaultTable lets every fault strike the first, a middle and the last page of every route that a run asks. Whatever
// happens, nothing is deleted that the provider still has, and nothing of what parts tell is emptied; a run that calls
// itself complete leaves exactly the truth; and the next healthy run does.
func TestFaultTable(t *testing.T) {
	t.Parallel()
	onBothStores(t, faultsOnEveryRoute)
}

func faultsOnEveryRoute(t *testing.T, g *ground) {
	table := newFaultTable(t, g)
	if g.server != nil {
		table.playSome(t)
	} else {
		table.playAll(t)
	}
	t.Logf("%d routes and pages × %d faults: %d cases struck, %d do not apply; statuses %v",
		len(table.targets), len(faults()), table.struck.Load(), table.inapplicable.Load(), table.statuses())
}

// playAll plays all cases side by side.
func (f *faultTable) playAll(t *testing.T) {
	number, group := 0, errgroup.Group{}
	group.SetLimit(atOnce)
	for _, target := range f.targets {
		for _, fault := range faults() {
			number++
			derived := number%derivedCases == 0
			group.Go(func() error {
				t.Run(caseName(target, fault), func(t *testing.T) { f.play(t, target, fault, derived) })
				return nil
			})
		}
	}
	require.NoError(t, group.Wait())
	require.Positive(t, f.struck.Load())
}

// playSome plays one case after another: on each page one fault, and each fault where it applies at least once.
func (f *faultTable) playSome(t *testing.T) {
	struck := map[string]bool{}
	play := func(target target, fault fault) {
		before := f.struck.Load()
		t.Run(caseName(target, fault), func(t *testing.T) { f.play(t, target, fault, true) })
		struck[fault.name] = struck[fault.name] || f.struck.Load() > before
	}
	for i, target := range f.targets {
		play(target, faults()[i%len(faults())])
	}
	for _, fault := range faults() {
		for i := 0; !struck[fault.name] && i < len(f.targets); i++ {
			if f.targets[i].page == "last page" {
				play(f.targets[i], fault)
			}
		}
	}
	require.Len(t, struck, len(faults()))
	for name, ok := range struck {
		require.True(t, ok, "%s struck nowhere", name)
	}
}

func caseName(t target, f fault) string {
	return strings.ReplaceAll(fmt.Sprintf("%s %s/%s/%s", t.product, t.route, t.page, f.name), " /", " ")
}

// A faultTable is what all cases share.
type faultTable struct {
	full, plain          *ground // graphs that hold the fleet before the change, with and without what is derived
	before, truth        holding
	known, real          postures // in the graph before the change, and after it
	targets              []target
	struck, inapplicable atomic.Int64
	ended                [4]atomic.Int64 // by statusNames
	unasked              map[string]bool // routes of steps whose records can't be asked for by id, and that have no total
}

func statusNames() []string {
	return []string{executor.StatusComplete, executor.StatusIncomplete, executor.StatusWithheld, executor.StatusFailed}
}

func (f *faultTable) statuses() map[string]int64 {
	out := map[string]int64{}
	for i, name := range statusNames() {
		out[name] = f.ended[i].Load()
	}
	return out
}

func newFaultTable(t *testing.T, g *ground) *faultTable {
	t.Helper()
	f, tr := &faultTable{full: g, plain: g}, &trace{}
	e := g.estate(t, simulator.Options{Intercept: tr.intercept})
	e.parts = true
	if g.server == nil {
		e.plain = true
		f.plain = inFile(t)
		f.plain.load(t, e)
		e.plain = false
	}
	g.load(t, e)
	s := g.fork(t).open(t)
	f.before, f.known = read(t, t.Context(), s), posturesIn(t, t.Context(), s)
	e.Advance(g.change())
	f.truth = e.truth(t, t.Context())
	tr.asked = nil
	report := e.run(t, t.Context(), s)
	require.Equal(t, executor.StatusComplete, report.Run.Status)
	requireEqual(t, f.truth, read(t, t.Context(), s), "without any fault")
	f.real = posturesIn(t, t.Context(), s)
	require.NotEmpty(t, f.real)
	require.Positive(t, report.Totals.Deleted)
	require.Positive(t, report.Totals.Created)
	f.targets = tr.targets()
	f.unasked = map[string]bool{}
	for _, in := range e.instances(t) {
		for _, step := range in.Collector.Steps() {
			f.unasked[in.Name+" "+step.Route] = step.Alive == nil && in.Name != "sentinelone" // whose lists all have totals
		}
	}
	for _, list := range []string{"sessions", "actions"} { // whose windows all have totals
		f.unasked["immybot GET /api/v1/maintenance-"+list+"/dx"] = false
	}
	return f
}

// play is one case.
func (f *faultTable) play(t *testing.T, target target, fault fault, derived bool) {
	s := &striker{}
	e := f.full.estate(t, simulator.Options{Intercept: s.intercept})
	if fault.name == "no answer" || fault.name == "a byte at a time" {
		e.options.RequestTimeout = tooLong
	}
	e.plain, e.parts = !derived, target.ofPart()
	e.Advance(f.full.change())
	judged := func(h holding) holding { return h.of(target.product).readBy(e) }
	before, truth := judged(f.before), judged(f.truth)
	g := f.full
	if e.plain {
		g = f.plain
	}
	store := g.fork(t).open(t)
	s.arm(fault, target)
	report := e.run(t, t.Context(), store, target.product)
	if s.disarm() == 0 {
		f.inapplicable.Add(1)
		return
	}
	f.struck.Add(1)
	f.ended[slices.Index(statusNames(), report.Run.Status)].Add(1)
	after := judged(read(t, t.Context(), store, target.product))
	f.judge(t, target, fault, report, before, truth, after)
	if !f.unnoticeable(target, fault) {
		posturesIn(t, t.Context(), store, target.product).requireKept(t, f.known, f.real)
	}

	e.options.RequestTimeout = 0
	report = e.run(t, t.Context(), store, target.product)
	require.Equal(t, executor.StatusComplete, report.Run.Status, "%v", report.Steps)
	requireEqual(t, truth, judged(read(t, t.Context(), store, target.product)), "after a healthy run")
}

// judge checks what a run with a fault did.
func (f *faultTable) judge(t *testing.T, target target, fault fault, report *executor.Report, before, truth, after holding) {
	t.Helper()
	if f.unnoticeable(target, fault) {
		return
	}
	requireNothingLost(t, before, truth, after)
	if report.Run.Status == executor.StatusComplete && !fault.skips {
		require.Empty(t, truth.without(after), "a run that calls itself complete left something out")
		require.Empty(t, after.without(truth), "a run that calls itself complete left something behind")
		if !mayChangeContent(target, fault) {
			require.Empty(t, truth.changed(after), "a run that calls itself complete")
		}
	}
	if isExtra(target) || mayHeal(target, fault) {
		return
	}
	require.NotEqual(t, executor.StatusComplete, report.Run.Status, "%v", report.Steps)
	require.Contains(t, []int{1, 3, 4}, exitCode(report.Run.Status))
}

// exitCode is what the program's help promises for a status.
func exitCode(status string) int {
	return map[string]int{executor.StatusComplete: 0, executor.StatusFailed: 1, executor.StatusIncomplete: 3, executor.StatusWithheld: 4}[status]
}

// of returns what belongs to an instance.
func (h holding) of(instance string) holding {
	out := holding{}
	for key, header := range h {
		if strings.HasPrefix(string(key), instance+":") {
			out[key] = header
		}
	}
	return out
}

// ofPart reports whether a route is asked for a part that is not read by default: it takes many requests, so that only its
// own cases read it.
func (t target) ofPart() bool {
	return strings.HasSuffix(t.route, "/policy") || strings.HasSuffix(t.route, "/table-view")
}

// readBy returns what the runs of an estate read.
func (h holding) readBy(e *estate) holding {
	if e.parts {
		return h
	}
	out := maps.Clone(h)
	maps.DeleteFunc(out, func(key graph.Key, _ graph.Header) bool {
		return strings.Contains(string(key), ":sentinelone_policy:") || strings.Contains(string(key), ":sentinelone_discovered_device:")
	})
	return out
}

// isExtra reports whether a route gives something beside the lists: a second opinion on a number, names that are not
// vital, a warning, or an answer about a single record. A run may be complete without it.
func isExtra(t target) bool {
	switch t.route {
	case "POST /web/api/v2.1/users/api-token-details", "GET /web/api/v2.1/agents/count", "GET /v2/roles", "GET /v2/policies",
		"GET /api/v1/provider-types", "GET /api/v1/provider-links/{id}/clients", "GET /api/v1/tenants/computer-counts",
		"GET /api/v1/computers/paged deleted":
		return true
	}
	return strings.Contains(t.route, "{id}") && !t.ofPart() || strings.HasSuffix(t.route, " by id")
}

// mayChangeContent reports whether the fault may change properties in a run that is complete: names of roles and
// policies that may not be read are left out with a warning, and an instance without a list of agents is asked computer
// by computer.
func mayChangeContent(t target, f fault) bool {
	switch t.route {
	case "GET /v2/roles", "GET /v2/policies":
		return true
	case "GET /api/v1/provider-agents/pending":
		return t.page == "first page" && (f.name == "404" || f.name == "web page under 200")
	case "GET /api/v1/maintenance-sessions/dx", "GET /api/v1/maintenance-actions/dx": // a part that is refused stays as it is
		return t.page == "first page" && (f.name == "403" || f.name == "404" || f.name == "web page under 200")
	}
	return false
}

// mayHeal reports whether a run may be complete in spite of the fault, as long as what it leaves is the truth.
func mayHeal(t target, f fault) bool {
	switch {
	case t.signsIn():
		return true // proves the credentials, and nothing is read from it
	case strings.HasSuffix(t.route, "/paged"), strings.HasSuffix(t.route, "/pending"):
		return f.skips || mayChangeContent(t, f) // the list is read again, in other pages
	case strings.HasSuffix(t.route, "/dx"):
		return true // a window that can't be read is asked for again, as two; the first page tells the time alone
	case t.route == "GET /v2/alerts":
		return true // is asked for in parts
	case strings.HasSuffix(t.route, "/threats") && t.page == "last page":
		return f.skips // of the third list, of what may be in the first one as well
	case t.product == "sentinelone":
		return false
	}
	return f.skips
}

func (t target) signsIn() bool {
	switch t.route {
	case "GET /web/api/v2.1/system/info", "GET /v2/organizations sign-in", "GET /api/v1/auth":
		return true
	}
	return false
}

// unnoticeable reports whether nobody could tell the answer from a healthy one: a row is missing from a list that has
// no total and whose records can't be asked for by id.
func (f *faultTable) unnoticeable(t target, fault fault) bool {
	if fault.name == "page before repeated" && strings.HasSuffix(t.route, "/dx") {
		return true // the answer of an empty window can't be told from that of another empty one
	}
	return fault.skips && f.unasked[t.product+" "+t.route]
}
