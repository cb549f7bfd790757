package e2e

import (
	"strings"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"assetgraph/graph"
	"assetgraph/internal/providers"
	"assetgraph/internal/report"
)

// A figureOf is what a figure is of.
type figureOf struct {
	day      time.Time
	tool     string
	customer graph.Key
}

// figuresIn reads all figures that are kept.
func figuresIn(t tester, ctx ctx, store graph.FigureBook) map[figureOf]graph.Figure {
	t.Helper()
	all := map[figureOf]graph.Figure{}
	for f, err := range store.Figures(ctx, graph.FigureSelection{}) {
		require.NoError(t, err)
		all[figureOf{f.Day, f.Tool, f.Customer}] = f
	}
	return all
}

// requireFlows checks that what came and went is the difference between two days.
func requireFlows(t tester, all map[figureOf]graph.Figure) {
	t.Helper()
	for of, f := range all {
		if f.Since.IsZero() {
			require.Empty(t, f.Flows)
			continue
		}
		require.True(t, f.Whole)
		before := all[figureOf{f.Since, of.tool, of.customer}]
		machines, covered := before.Machines, before.Covered
		for flow, n := range f.Flows {
			require.Positive(t, n)
			m, c := effectOf(flow)
			machines, covered = machines+n*m, covered+n*c
		}
		require.Equal(t, []int{f.Machines, f.Covered}, []int{machines, covered}, "%v: %+v, before %+v", of, f, before)
	}
}

// effectOf is what one machine in a flow changes in the two figures.
func effectOf(f graph.Flow) (machines, covered int) {
	if f == graph.Gained || f == graph.Lost {
		return 0, count(f == graph.Gained) - count(f == graph.Lost)
	}
	machines = -1
	for _, begin := range []string{"new", "included", "movedIn", "fit"} {
		if strings.HasPrefix(string(f), begin) {
			machines = 1
		}
	}
	return machines, machines * count(strings.HasSuffix(string(f), "With"))
}

// requireFigures compares the figures of the day with those of the coverage report after the first run of the day.
func (h *findingHistory) requireFigures(t *rapid.T) {
	today := h.now.Truncate(day)
	first := !h.figured.Equal(today)
	h.figured = today
	c, err := report.Cover(h.ctx, report.Source{Store: h.store, Schema: schema(t), Model: providers.All().Model()},
		report.CoverOptions{Stale: 30 * day, Fitting: true, Now: h.now})
	require.NoError(t, err)
	want, have := map[string]int{}, map[string]int{}
	for _, o := range c.Organizations {
		for _, tool := range o.Tools {
			want[tool.Tool] += tool.Machines
		}
	}
	for of, f := range figuresIn(t, h.ctx, h.store) {
		if !of.day.Equal(today) {
			continue
		}
		have[of.tool] += f.Covered
		if first {
			require.Equal(t, h.looked("missing-"+of.tool), f.Whole, "%v", of)
		}
	}
	for tool, n := range want {
		if n > 0 && first {
			require.Equal(t, n, have[tool], "%s on %s", tool, today)
		}
	}
}
