package page_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/page"
)

func point(day int, tenths int64) page.Point {
	return page.Point{Day: time.Date(2026, 11, day, 0, 0, 0, 0, time.UTC), Tenths: tenths, Text: "9 of 10"}
}

// A line is broken where days are missing, and a day by itself is a dot: nothing leads through days of which nothing is
// known.
func TestLineCharts(t *testing.T) {
	c := &page.LineChart{Title: "Shares", Lines: []page.Line{
		{Label: "EDR", Points: []page.Point{point(1, 900), point(2, 853), point(5, 860), point(7, 870), point(8, 1000)}},
		{Label: "<RMM>", Points: []page.Point{point(2, 999), point(3, 1000)}},
	}}
	strokes := c.Strokes()
	require.Len(t, strokes, 3)
	for _, s := range strokes {
		require.Len(t, strings.Fields(s.Points), 2)
	}
	require.Equal(t, []string{"line0", "line0", "line1"}, []string{strokes[0].Class, strokes[1].Class, strokes[2].Class})
	dots := c.Dots()
	require.Len(t, dots, 3, "the day by itself, and the ends")
	require.Equal(t, "EDR 86.0 % on 2026-11-05 (9 of 10)", dots[0].Title)
	grid := c.Grid()
	require.Equal(t, []string{"80 %", "90 %", "100 %"}, []string{grid[0].Text, grid[1].Text, grid[2].Text})
	for _, d := range dots {
		require.LessOrEqual(t, d.Y, grid[0].Y)
		require.GreaterOrEqual(t, d.Y, grid[2].Y)
	}
	labels := c.Labels()
	require.Equal(t, "EDR 100.0 %", labels[0].Text)
	require.InDelta(t, 16, labels[1].Y-labels[0].Y, 0.01, "ends that are close have names that can be read")
	require.Equal(t, "EDR: 90.0 % on 2026-11-01 (9 of 10), 100.0 % on 2026-11-08 (9 of 10), at the lowest 85.3 % on 2026-11-02 (9 of 10); "+
		"<RMM>: 99.9 % on 2026-11-02 (9 of 10), 100.0 % on 2026-11-03 (9 of 10), at the lowest 99.9 % on 2026-11-02 (9 of 10).", c.Words())
	text := written(t, &page.Document{Title: "T", Sections: []page.Section{{Lines: c}}})
	require.Contains(t, text, "<title>Shares</title><desc>EDR: 90.0 % on 2026-11-01")
	require.Contains(t, text, "&lt;RMM&gt;")
	require.NotContains(t, text, "<RMM>")
}
