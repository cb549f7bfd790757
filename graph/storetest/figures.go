package storetest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

func figureTests() []test {
	return []test{
		{"a figure comes back as it was written", figuresComeBack},
		{"the figures of a day and a tool are replaced as a whole", figuresAreReplaced},
		{"figures come by day, tool and customer, between two days", figuresAreSelected},
		{"hostile names are kept as they are", figuresHoldAnyName},
		{"under a lease that was lost nothing is written", figuresUnderALease},
		{"days of long ago are forgotten, and all of them when that is asked for", figuresAreForgotten},
		{"figures are no part of the data", figuresAreNoData},
	}
}

// day returns the beginning of the nth day.
func day(n int) time.Time { return time.Date(2026, 11, n, 0, 0, 0, 0, time.UTC) }

func figure(n int, tool, customer string) graph.Figure {
	return graph.Figure{
		Day: day(n), Tool: tool, Customer: graph.EntityKey("fleet", "fleetmgr_org", customer), Organization: customer,
		Machines: 12, Covered: 9, Stale: 2, Failing: 3, Unknown: 1, Whole: true,
	}
}

// keep writes the figures of one day of the tools that they are of.
func (e *env) keep(store graph.FigureBook, list ...graph.Figure) {
	e.Helper()
	var tools []string
	for _, f := range list {
		if !slices.Contains(tools, f.Tool) {
			tools = append(tools, f.Tool)
		}
	}
	require.NoError(e, store.SaveFigures(e.Context(), graph.Lease{}, list[0].Day, tools, list))
}

func (e *env) figures(store graph.FigureBook, s graph.FigureSelection) []graph.Figure {
	e.Helper()
	list := []graph.Figure{}
	for f, err := range store.Figures(e.Context(), s) {
		require.NoError(e, err)
		list = append(list, f)
	}
	return list
}

func figuresComeBack(e *env) {
	store := e.open()
	require.Empty(e, e.figures(store, graph.FigureSelection{}))
	f := figure(2, "edr", "a")
	for i, step := range []func(){
		func() {},
		func() { f.Since = day(1) },
		func() {
			f.Flows = map[graph.Flow]int{}
			for n, flow := range graph.FigureFlows() {
				f.Flows[flow] = n + 1
			}
		},
		func() { f.Whole, f.Since, f.Flows = false, time.Time{}, nil },
		func() { f.Customer, f.Organization = "", "" },
		func() { f.Machines, f.Covered, f.Stale, f.Failing, f.Unknown = 0, 0, 0, 0, 0 },
	} {
		step()
		for range 2 {
			e.keep(store, f)
			require.Equal(e, []graph.Figure{f}, e.figures(store, graph.FigureSelection{}), i)
			require.Equal(e, []graph.Figure{f}, e.figures(e.openAs(e.schema, true), graph.FigureSelection{}))
		}
	}
}

func figuresAreReplaced(e *env) {
	store := e.open()
	a, b, other, before := figure(2, "edr", "a"), figure(2, "edr", "b"), figure(2, "rmm", "a"), figure(1, "edr", "a")
	e.keep(store, before)
	e.keep(store, a, b, other)
	b.Covered = 1
	e.keep(store, b)
	require.Equal(e, []graph.Figure{before, b, other}, e.figures(store, graph.FigureSelection{}), "a is no customer now")
	require.NoError(e, store.SaveFigures(e.Context(), graph.Lease{}, day(2), []string{"rmm", "deployment"}, nil))
	require.Equal(e, []graph.Figure{before, b}, e.figures(store, graph.FigureSelection{}))
}

func figuresAreSelected(e *env) {
	store := e.open()
	const days, customers = 4, 1301 // more of a day than a page, or than a statement takes
	var all []graph.Figure
	for n := 1; n <= days; n++ {
		var list []graph.Figure
		for c := range customers {
			for _, tool := range []string{"rmm", "edr"} {
				list = append(list, figure(n, tool, fmt.Sprint(c)))
			}
		}
		e.keep(store, list...)
		all = append(all, list...)
	}
	slices.SortFunc(all, func(a, b graph.Figure) int {
		return cmp.Or(a.Day.Compare(b.Day), cmp.Compare(a.Tool, b.Tool), cmp.Compare(a.Customer, b.Customer))
	})
	require.Equal(e, all, e.figures(store, graph.FigureSelection{}))
	const one = 2 * customers
	require.Equal(e, all[one:], e.figures(store, graph.FigureSelection{From: day(2)}))
	require.Equal(e, all[:one], e.figures(store, graph.FigureSelection{To: day(1)}))
	require.Equal(e, all[one:3*one], e.figures(store, graph.FigureSelection{From: day(2), To: day(3)}))
	require.Empty(e, e.figures(store, graph.FigureSelection{From: day(days + 1)}))
	for f, err := range store.Figures(e.Context(), graph.FigureSelection{From: day(3)}) {
		require.NoError(e, err)
		require.Equal(e, all[2*one], f)
		break
	}
	for _, err := range store.Figures(cancelled(e), graph.FigureSelection{}) {
		require.ErrorIs(e, err, context.Canceled)
	}
}

func figuresHoldAnyName(e *env) {
	store := e.open()
	f := figure(2, "edr", `it's "ü" {null} '; --`+"\t\u2028")
	e.keep(store, f)
	require.Equal(e, []graph.Figure{f}, e.figures(store, graph.FigureSelection{}))
}

func figuresUnderALease(e *env) {
	store := e.open()
	former := e.acquire(store, "fleet", "run-1", shortTTL)
	now := e.takeOver(store, "fleet", "run-2")
	f := figure(2, "edr", "a")
	save := func(ctx context.Context, store graph.Store, l graph.Lease) error {
		return store.SaveFigures(ctx, l, f.Day, []string{f.Tool}, []graph.Figure{f})
	}
	require.ErrorIs(e, save(e.Context(), store, former), graph.ErrLeaseLost)
	require.ErrorIs(e, save(cancelled(e), store, now), context.Canceled)
	require.Empty(e, e.figures(store, graph.FigureSelection{}))
	require.NoError(e, save(e.Context(), store, now))
	require.Len(e, e.figures(store, graph.FigureSelection{}), 1)
	reading := e.openAs(e.schema, true)
	require.ErrorIs(e, save(e.Context(), reading, graph.Lease{}), graph.ErrReadOnly)
	require.ErrorIs(e, reading.ForgetFigures(e.Context(), day(9)), graph.ErrReadOnly)
}

func figuresAreForgotten(e *env) {
	store := e.open()
	for n := 1; n <= 4; n++ {
		e.keep(store, figure(n, "edr", "a"), figure(n, "rmm", "a"))
	}
	left := func(before time.Time) (days []int) {
		require.NoError(e, store.ForgetFigures(e.Context(), before))
		for _, f := range e.figures(store, graph.FigureSelection{}) {
			days = append(days, f.Day.Day())
		}
		return slices.Compact(days)
	}
	require.Equal(e, []int{1, 2, 3, 4}, left(day(1)))
	require.Equal(e, []int{3, 4}, left(day(3)))
	require.Empty(e, left(time.Time{}))
	require.Empty(e, left(time.Time{}))
}

func figuresAreNoData(e *env) {
	store := e.open()
	e.link(store)
	counts, dump := e.populations(store), e.dump(store)
	e.keep(store, figure(2, "edr", "a"))
	require.Equal(e, counts, e.populations(store))
	require.Equal(e, dump, e.dump(store))
}
