package executor_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
	"assetgraph/converters"
	"assetgraph/differ"
	"assetgraph/graph"
	"assetgraph/graph/sqlite"
	"assetgraph/internal/executor"
)

// A partsProvider is a made-up source of machines, of which it tells in a part of its own whether their disks are
// encrypted, and of alerts, which come and go.
type partsProvider struct {
	machines  int
	encrypted map[int64]bool
	free      int64 // of each disk
	alerts    []string
	collect   collectors.Collect
	fault     map[string]error // by step: how its walk ends, before any record
	beside    collectors.Beside[bool]
}

type machineRecord struct {
	encrypted, given bool
	free             int64
}

func (p *partsProvider) SignIn(context.Context) (collectors.Session, error) {
	return collectors.Session{}, nil
}

func (p *partsProvider) Steps() []collectors.Step {
	count := func(context.Context) (int, error) { return 7, nil }
	return []collectors.Step{
		p.collect.Mark(collectors.Part{Name: "disks", Default: true}, collectors.Step{
			Name: "disks", Kinds: []string{"disk"}, Count: func(context.Context) (int, error) { return 7, p.fault["disks"] },
			Records: func(_ context.Context, m *collectors.Meter) iter.Seq2[collectors.Record, error] {
				return p.beside.Records(p.walk("disks", "disk", func(yield func(string) bool) {
					for id := range p.encrypted {
						if !yield(fmt.Sprint(id)) {
							return
						}
					}
				}), func(r collectors.Record, into *bool) {
					var id int64
					_, _ = fmt.Sscan(r.ID, &id) // ids here are numbers
					*into = p.encrypted[id]
				})
			},
		}),
		{
			Name: "machines", Kinds: []string{"machine"}, After: []string{"disks"}, Count: count,
			Records: func(context.Context, *collectors.Meter) iter.Seq2[collectors.Record, error] { return p.readMachines() },
		},
		p.collect.Mark(collectors.Part{Name: "alerts", Default: true}, collectors.Step{
			Name: "alerts", Kinds: []string{"alert"}, Count: count,
			Records: func(context.Context, *collectors.Meter) iter.Seq2[collectors.Record, error] {
				return p.walk("alerts", "alert", slices.Values(p.alerts))
			},
		}),
	}
}

func (p *partsProvider) walk(step, kind string, ids iter.Seq[string]) iter.Seq2[collectors.Record, error] {
	return func(yield func(collectors.Record, error) bool) {
		if err := p.fault[step]; err != nil {
			yield(collectors.Record{}, err)
			return
		}
		for id := range ids {
			if !yield(collectors.Record{Kind: kind, ID: id, Value: &id}, nil) {
				return
			}
		}
	}
}

func (p *partsProvider) readMachines() iter.Seq2[collectors.Record, error] {
	return func(yield func(collectors.Record, error) bool) {
		for i := range p.machines {
			r := collectors.Record{Kind: "machine", ID: fmt.Sprint(i)}
			m := machineRecord{free: p.free}
			if p.collect.Has(collectors.Part{Name: "disks", Default: true}) {
				known := false
				if m.encrypted, m.given, known = p.beside.Of(int64(i)); !known {
					r.Lacks = []string{"disks"}
					m.free = 0
				}
			}
			r.Value = &m
			if !yield(r, nil) {
				return
			}
		}
		if err := p.fault["machines"]; err != nil {
			yield(collectors.Record{}, err)
		}
	}
}

func partsConverter() *converters.Converter {
	machines := converters.Declare[machineRecord]("test_machine", "test", "made up", "Host")
	machines.Part("disks").Bool("encrypted", "", func(m *machineRecord) (bool, bool) { return m.encrypted, m.given })
	machines.Part("disks").Volatile().Int("free", "", func(m *machineRecord) (int64, bool) { return m.free, m.free > 0 })
	alerts := graph.DeclareEntity("test_alert", "test", "made up", "Alert").Transient().Type()
	return &converters.Converter{
		Integration: "test", Types: []*graph.Type{machines.Type, alerts},
		Kinds: []converters.RecordKind{
			converters.NewKind("disk", func(*string, string, *converters.Fragment) {}),
			converters.NewKind("machine", func(m *machineRecord, id string, f *converters.Fragment) { machines.Fill(f, id, m) },
				machines.Type),
			converters.NewKind("alert", func(_ *string, id string, f *converters.Fragment) { f.Entity(alerts, id) }, alerts),
		},
	}
}

type partsBench struct {
	*partsProvider
	store   *sqlite.Store
	types   []*graph.Type
	options executor.Options
}

func newPartsBench(t *testing.T) *partsBench {
	t.Helper()
	p := &partsProvider{machines: 2500, encrypted: map[int64]bool{}, free: 5, fault: map[string]error{}}
	for i := range int64(2000) {
		p.encrypted[i] = i%2 == 0
	}
	for i := range 40 {
		p.alerts = append(p.alerts, fmt.Sprint("a", i))
	}
	c := partsConverter()
	schema, err := graph.NewSchema(append(c.Types, converters.IntegrationType())...)
	require.NoError(t, err)
	store, err := sqlite.Open(t.Context(), t.TempDir()+"/graph.db", schema, sqlite.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	return &partsBench{partsProvider: p, store: store, types: c.Types, options: executor.Options{
		Instances: []executor.Instance{{Name: "a", Vendor: "Test", Host: "test.example", Collector: p, Converter: c}},
		Store:     store, Graph: "sqlite:graph.db", Guard: differ.Guard{MaxPercent: 10, MaxCount: -1},
	}}
}

func (b *partsBench) run(t *testing.T) *executor.Report {
	t.Helper()
	r, err := executor.Run(t.Context(), b.options)
	require.NoError(t, err)
	return r
}

// posture counts the machines by what the graph says of their disks.
func (b *partsBench) posture(t *testing.T) map[string]int {
	t.Helper()
	found := map[string]int{}
	for e, err := range b.store.Elements(t.Context(), graph.Selection{Type: b.types[0]}) {
		require.NoError(t, err)
		word := "unknown"
		if v := e.Get("encrypted"); !v.IsAbsent() {
			word = fmt.Sprint(v.Bool())
		}
		found[fmt.Sprintf("%s, %d free", word, e.Get("free").Int())]++
	}
	return found
}

func (b *partsBench) alertsHeld(t *testing.T) (n int) {
	t.Helper()
	for _, err := range b.store.Elements(t.Context(), graph.Selection{Type: b.types[1]}) {
		require.NoError(t, err)
		n++
	}
	return n
}

func stepOf(t *testing.T, r *executor.Report, name string) executor.StepReport {
	t.Helper()
	i := slices.IndexFunc(r.Steps, func(s executor.StepReport) bool { return s.Step == name })
	require.GreaterOrEqual(t, i, 0)
	return r.Steps[i]
}

var asRead = map[string]int{"true, 5 free": 1000, "false, 5 free": 1000, "unknown, 5 free": 500}

func TestPartThatCanNotBeReadLeavesWhatTheGraphHolds(t *testing.T) {
	for name, tt := range map[string]struct {
		err    error
		status string // of the step
		run    string
	}{
		"fails":         {errors.New("500 Internal Server Error"), executor.StatusFailed, executor.StatusIncomplete},
		"not available": {collectors.Unavailable(errors.New("403 Forbidden")), executor.StatusUnavailable, executor.StatusComplete},
	} {
		t.Run(name, func(t *testing.T) {
			b := newPartsBench(t)
			require.Equal(t, executor.StatusComplete, b.run(t).Run.Status)
			require.Equal(t, asRead, b.posture(t))

			b.fault["disks"], b.fault["alerts"] = tt.err, tt.err
			b.encrypted, b.free, b.alerts = map[int64]bool{}, 9, nil
			r := b.run(t)
			require.Equal(t, tt.run, r.Run.Status)
			require.Equal(t, tt.status, stepOf(t, r, "disks").Status)
			require.Equal(t, asRead, b.posture(t), "neither emptied nor made up")
			require.Equal(t, 40, b.alertsHeld(t))
			require.Zero(t, r.Totals.Updated+r.Totals.Deleted+r.Totals.Refreshed)
			said := len(r.Warnings)
			require.Equal(t, tt.run == executor.StatusComplete, said == 2, r.Warnings)
			require.Empty(t, b.run(t).Warnings, "said once")

			delete(b.fault, "disks")
			delete(b.fault, "alerts")
			r = b.run(t)
			require.Equal(t, executor.StatusComplete, r.Run.Status)
			require.Equal(t, map[string]int{"unknown, 9 free": 2500}, b.posture(t))
			require.Zero(t, b.alertsHeld(t), "alerts come and go: no cap, and none is good news")
		})
	}
}

func TestPartThatPeopleLeaveOutIsAbsent(t *testing.T) {
	b := newPartsBench(t)
	b.run(t)
	b.collect, b.free = collectors.ParseCollect("TEST_COLLECT", "none"), 0
	r := b.run(t)
	require.Equal(t, executor.StatusComplete, r.Run.Status)
	require.Equal(t, map[string]int{"unknown, 0 free": 2500}, b.posture(t), "nobody knows any more")
	require.Equal(t, 40, b.alertsHeld(t), "what is not read is not deleted")
	require.Len(t, r.Warnings, 2)

	never := newPartsBench(t)
	never.collect = b.collect
	require.Empty(t, never.run(t).Warnings, "nothing was there before")
}

func TestTransientListThatWasCutDeletesNothing(t *testing.T) {
	b := newPartsBench(t)
	b.run(t)
	all := b.alerts
	b.alerts = all[:1]
	b.fault["machines"] = errors.New("502 Bad Gateway") // of another list
	b.run(t)
	require.Equal(t, 1, b.alertsHeld(t))
}

func TestCheckTellsOfParts(t *testing.T) {
	b := newPartsBench(t)
	b.collect = collectors.ParseCollect("TEST_COLLECT", "alerts")
	findings := map[string]executor.Finding{}
	check := func() {
		t.Helper()
		require.NoError(t, executor.Check(t.Context(), b.options.Instances, func(f executor.Finding) { findings[f.Step] = f }))
	}
	check()
	require.Equal(t, executor.Finding{
		Instance: "a", Step: "disks", Records: 7, Skipped: true, Note: "not chosen; to read it: TEST_COLLECT=alerts,disks",
	}, findings["disks"])
	b.fault["disks"] = errors.New("502 Bad Gateway")
	check()
	require.Equal(t, "not chosen, and refused: 502 Bad Gateway", findings["disks"].Note)
	require.NoError(t, findings["disks"].Err)
	b.collect, b.fault["disks"] = collectors.Collect{}, collectors.Unavailable(errors.New("403 Forbidden"))
	check()
	require.True(t, findings["disks"].Unavailable)
	require.NoError(t, findings["disks"].Err)
	require.Equal(t, "not available: 403 Forbidden", findings["disks"].Note)
}
