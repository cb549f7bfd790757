package storetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

func journalTests() []test {
	return []test{
		{"a run record comes back, first under way and then finished", runRecords},
		{"records come newest first and at most as many as asked for", newestFirst},
		{"only the last records are kept", keepsLast},
		{"run records are no part of the data", runsAreNoData},
		{"a run record is saved with the element of its batch, or neither is", runWithBatch},
		{"a memory comes back whole and is replaced", memories},
	}
}

func (e *env) runs(store graph.Journal, limit int) []graph.Run {
	e.Helper()
	runs, err := store.Runs(e.Context(), limit)
	require.NoError(e, err)
	for i := range runs {
		runs[i].StartedAt, runs[i].FinishedAt = runs[i].StartedAt.UTC(), runs[i].FinishedAt.UTC()
	}
	return runs
}

func runRecords(e *env) {
	store := e.open()
	run := graph.Run{ID: "20260301-1", StartedAt: at(1), Version: "v1.2.3"}
	require.NoError(e, store.SaveRun(e.Context(), run))
	got := e.runs(store, 0)
	require.Equal(e, []graph.Run{run}, got)
	require.True(e, got[0].FinishedAt.IsZero())
	require.Nil(e, got[0].Report)

	run.FinishedAt, run.Status, run.Report = at(2), "incomplete", []byte(`{"warnings":["it's \"ü\" \\u0060 null"]}`)
	require.NoError(e, store.SaveRun(e.Context(), run))
	require.Equal(e, []graph.Run{run}, e.runs(store, 0))
	require.NoError(e, store.SaveRun(e.Context(), run))
	require.Equal(e, []graph.Run{run}, e.runs(e.open(), 0))
}

func runWithBatch(e *env) {
	store := e.open()
	lease := e.acquire(store, "fleet", "run-1", longTTL)
	device := e.devices("fleet", 1)[0]
	run := graph.Run{ID: "20260301-1", StartedAt: at(1), FinishedAt: at(2), Status: "complete", Report: []byte(`{}`)}
	for _, op := range []graph.Op{graph.Create, graph.Update, graph.Refresh} {
		run.Status = op.String()
		b := batch(op, at(2), device)
		b.Run, b.Lease = &run, lease
		applied, err := store.Apply(e.Context(), b)
		require.NoError(e, err)
		require.Equal(e, 1, applied.Written)
		require.Equal(e, []graph.Run{run}, e.runs(store, 0), "%s", op)
	}
	before := e.dump(store)
	other := e.devices("fleet", 2)[1]
	b := batch(graph.Create, at(3), other)
	b.Run, b.Lease = &graph.Run{ID: "20260301-2", StartedAt: at(3)}, lease
	b.Lease.Epoch--
	_, err := store.Apply(e.Context(), b)
	require.ErrorIs(e, err, graph.ErrLeaseLost)
	require.Equal(e, []graph.Run{run}, e.runs(store, 0))
	require.Equal(e, before, e.dump(store))
}

func newestFirst(e *env) {
	store := e.open()
	for _, n := range []int{3, 1, 5, 2, 4} {
		require.NoError(e, store.SaveRun(e.Context(), graph.Run{ID: fmt.Sprint("run-", 9-n), StartedAt: at(n)}))
	}
	ids := func(limit int) (out []string) {
		for _, r := range e.runs(store, limit) {
			out = append(out, r.ID)
		}
		return out
	}
	require.Equal(e, []string{"run-4", "run-5", "run-6", "run-7", "run-8"}, ids(0))
	require.Equal(e, []string{"run-4", "run-5"}, ids(2))
	require.Len(e, ids(100), 5)
}

func keepsLast(e *env) {
	store := e.open()
	var want []string
	for n := range graph.MaxRuns + 5 {
		id := fmt.Sprintf("run-%03d", n)
		require.NoError(e,
			store.SaveRun(e.Context(), graph.Run{ID: id, StartedAt: at(0).Add(time.Duration(n) * time.Minute)}))
		want = append(want, id)
	}
	slices.Reverse(want)
	var got []string
	for _, r := range e.runs(store, 0) {
		got = append(got, r.ID)
	}
	require.Equal(e, want[:graph.MaxRuns], got)
}

func runsAreNoData(e *env) {
	store := e.open()
	require.NoError(e, store.SaveRun(e.Context(), graph.Run{ID: "1", StartedAt: at(1)}))
	require.Empty(e, e.populations(store))
	require.Empty(e, e.dump(store))
}

func memories(e *env) {
	store := e.open()
	recalled := func(name string) []byte {
		data, err := e.open().Memory(e.Context(), name)
		require.NoError(e, err)
		return data
	}
	require.Nil(e, recalled("one"))
	large := make([]byte, 3<<20+7)
	for i := range large {
		large[i] = byte(i * i >> 8)
	}
	require.NoError(e, store.SaveMemory(e.Context(), "one", large))
	require.NoError(e, store.SaveMemory(e.Context(), "two", []byte("\x00 2")))
	require.Equal(e, large, recalled("one"))
	require.Equal(e, []byte("\x00 2"), recalled("two"))
	require.NoError(e, store.SaveMemory(e.Context(), "one", large[:5]))
	require.Equal(e, large[:5], recalled("one"))
	require.Empty(e, e.populations(store))
	require.Empty(e, e.dump(store))
}
