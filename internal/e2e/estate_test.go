package e2e

import (
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
	"assetgraph/converters"
	"assetgraph/differ"
	"assetgraph/graph"
	"assetgraph/internal/executor"
	"assetgraph/internal/providers"
	"assetgraph/internal/settings"
	"assetgraph/internal/simulator"
)

// A tester is what *testing.T and *rapid.T have in common.
type tester interface {
	require.TestingT
	Helper()
}

// An estate is a simulated fleet and the settings to read it with.
type estate struct {
	*simulator.Simulator
	options collectors.Options
	plain   bool              // nothing is derived from what the products give
	suffix  string            // of the names of its instances
	filters map[string]string // settings beside those of Env
	parts   bool              // all parts of SentinelOne are read, not only those that are by default
	shift   time.Duration     // how far the clock of its runs is ahead

	keep func(collectors.Record) bool // what of the records the truth is made of; nil = all
}

// A fleet small enough for a run in a moment, with several pages in every paged list.
const (
	fleetMachines  = 72
	fleetCustomers = 8
	fleetPage      = 10
)

// newEstate starts a fleet. Fleets of the same seed hold the same records.
func newEstate(t tester, o simulator.Options, cleanup func(func())) *estate {
	t.Helper()
	o.Unlimited = true
	if o.Machines == 0 {
		o.Machines, o.Customers = fleetMachines, fleetCustomers
	}
	sim, err := simulator.Start(o)
	require.NoError(t, err)
	cleanup(func() { require.NoError(t, sim.Close()) })
	return &estate{Simulator: sim, options: collectors.Options{
		PageSize: fleetPage, Pace: -1, RetryTime: 20 * time.Millisecond, RequestTimeout: time.Minute,
	}}
}

// change is what happens to a fleet between the first load and the run with a fault.
func change() simulator.Change {
	return simulator.Change{Add: 2, Remove: 2, Edit: 3, Rename: 3, Move: 3, CheckIn: 10}
}

func allProducts() []string { return []string{"sentinelone", "ninjarmm", "immybot"} }

// opened makes the collector of an instance.
func opened(in providers.Instance, o collectors.Options) (executor.Instance, error) {
	c, err := in.Collector(o)
	if err != nil {
		return executor.Instance{}, err
	}
	return executor.Instance{
		Name: in.Name, Vendor: in.Provider.Title, Host: c.Host(), Collector: c, Converter: in.Provider.Converter(),
	}, nil
}

// Env returns the settings by which the estate is read, in this process and in others.
func (e *estate) Env() map[string]string {
	env := e.Simulator.Env()
	env["IMMYBOT_COLLECT"] = "all"
	maps.Copy(env, e.filters)
	if e.parts {
		env["SENTINELONE_COLLECT"] = "all"
	}
	return env
}

// instances makes fresh collectors of the named products, of all when none is named. Instances are named as the
// products are, with the estate's suffix.
func (e *estate) instances(t tester, names ...string) []executor.Instance {
	t.Helper()
	if len(names) == 0 {
		names = allProducts()
	}
	configured, err := providers.All().Instances(settings.Environment(e.Env()))
	require.NoError(t, err)
	var list []executor.Instance
	for _, in := range configured {
		if !slices.Contains(names, in.Provider.Name) {
			continue
		}
		in.Name += e.suffix
		one, err := opened(in, e.options)
		require.NoError(t, err)
		list = append(list, one)
	}
	return list
}

// run is one run over the named products.
func (e *estate) run(t tester, ctx ctx, store graph.Store, names ...string) *executor.Report {
	t.Helper()
	report, err := executor.Run(ctx, e.runOptions(t, store, names...))
	require.NoError(t, err)
	return report
}

// keptChanges is how long runs keep what they change.
const keptChanges = 30 * 24 * time.Hour

func (e *estate) runOptions(t tester, store graph.Store, names ...string) executor.Options {
	t.Helper()
	o := executor.Options{
		Instances: e.instances(t, names...), Store: store, Graph: "test", Version: "test",
		Guard: differ.Guard{MaxPercent: 10, MaxCount: -1}, Changes: keptChanges, Now: shifted(e.shift),
	}
	if !e.plain {
		o.Schema, o.Model = schema(t), providers.All().Model()
	}
	return o
}

// shifted is a clock that is ahead.
func shifted(by time.Duration) func() time.Time {
	return func() time.Time { return time.Now().Add(by) }
}

// schema is that of the program.
func schema(t tester) *graph.Schema {
	t.Helper()
	s, err := providers.All().Schema()
	require.NoError(t, err)
	return s
}

// duplicate copies a graph file that nobody has open.
func duplicate(t *testing.T, path string) string {
	t.Helper()
	from, err := os.Open(path)
	require.NoError(t, err)
	defer from.Close()
	copied := filepath.Join(t.TempDir(), "graph.db")
	to, err := os.OpenFile(copied, os.O_CREATE|os.O_WRONLY, 0o600)
	require.NoError(t, err)
	_, err = io.Copy(to, from)
	require.NoError(t, err)
	require.NoError(t, to.Close())
	return copied
}

// A holding is what a graph holds: the header of each element by its key.
type holding map[graph.Key]graph.Header

// read returns what a graph holds of the named instances, of all products when none is named. The program's own
// bookkeeping is left out. It fails when a key is held twice or keys are out of order.
func read(t tester, ctx ctx, r graph.Reader, names ...string) holding {
	t.Helper()
	if len(names) == 0 {
		names = allProducts()
	}
	populations, err := r.Counts(ctx)
	require.NoError(t, err)
	s, h := schema(t), holding{}
	for _, p := range populations {
		if !slices.Contains(names, p.Instance) || p.Type == converters.IntegrationType().Name {
			continue
		}
		n, last := 0, graph.Key("")
		for header, err := range r.Headers(ctx, s.Type(p.Type), p.Instance) {
			require.NoError(t, err)
			require.Greater(t, header.Key, last, "one element a key")
			h[header.Key], last = header, header.Key
			n++
		}
		require.Equal(t, p.Count, n, p.Scope)
	}
	return h
}

// truth is what a graph must hold of the named products after a complete run. It is worked out from the records alone:
// no spool, no comparison, no store.
func (e *estate) truth(t tester, ctx ctx, names ...string) holding {
	t.Helper()
	h, large := holding{}, *e
	large.options.PageSize, large.filters = 0, maps.Clone(e.filters)
	maps.DeleteFunc(large.filters, func(name, _ string) bool { return !strings.HasSuffix(name, "_COLLECT") }) // keep knows whose
	for _, in := range large.instances(t, names...) {
		_, err := in.Collector.SignIn(ctx)
		require.NoError(t, err)
		for _, s := range in.Collector.Steps() {
			if s.Skipped {
				continue
			}
			for r, err := range s.Records(ctx, &collectors.Meter{}) {
				if collectors.IsUnavailable(err) {
					break
				}
				require.NoError(t, err)
				require.NoError(t, r.Err)
				if e.keep == nil || e.keep(r) {
					h.add(t, in, r)
				}
			}
		}
	}
	for key := range h {
		if from, to := key.Ends(); from != "" && (h[from].Key == "" || h[to].Key == "") {
			delete(h, key)
		}
	}
	return h
}

// add converts one record.
func (h holding) add(t tester, in executor.Instance, r collectors.Record) {
	t.Helper()
	f := converters.NewFragment(in.Name)
	require.NoError(t, in.Converter.Kind(r.Kind).Convert(r, f))
	for _, e := range f.Elements() {
		require.NoError(t, e.Seal())
		h[e.Key] = e.Header()
	}
}

// without returns the keys of h that other lacks, sorted.
func (h holding) without(other holding) []graph.Key {
	var keys []graph.Key
	for key := range h {
		if _, ok := other[key]; !ok {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// changed returns the keys of which h and other hold different content, sorted.
func (h holding) changed(other holding) []graph.Key {
	var keys []graph.Key
	for key, header := range h {
		if o, ok := other[key]; ok && o != header {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// requireEqual says in what two holdings differ.
func requireEqual(t tester, want, have holding, why string) {
	t.Helper()
	require.Empty(t, want.without(have), "%s: missing in the graph", why)
	require.Empty(t, have.without(want), "%s: too much in the graph", why)
	require.Empty(t, want.changed(have), "%s: other content", why)
}

// requireNothingLost checks that of what the graph held everything that the provider still has is held.
func requireNothingLost(t tester, before, truth, after holding) {
	t.Helper()
	for _, key := range before.without(after) {
		require.NotContains(t, truth, key, "deleted, but the provider still has it")
	}
}
