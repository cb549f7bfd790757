package report

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/converters"
	"assetgraph/graph"
)

func november(n int) time.Time { return time.Date(2026, 11, n, 0, 0, 0, 0, time.UTC) }

// kept is a day's figure, compared with the day since; 0 for none.
func kept(n, covered, machines, since int, flows map[graph.Flow]int) TrendDay {
	f := graph.Figure{Day: november(n), Covered: covered, Machines: machines, Whole: true, Flows: flows}
	if since > 0 {
		f.Since = november(since)
	}
	return TrendDay{Figure: f}
}

func lineOf(days ...TrendDay) *TrendLine {
	l := &TrendLine{Organization: "Acme", Tool: &converters.Tool{Name: "edr", Title: "EDR", Product: "SentinelOne"}, Days: days}
	l.explain()
	return l
}

func TestWhyAShareFell(t *testing.T) {
	unread := kept(3, 1, 10, 0, nil)
	unread.Whole = false
	l := lineOf(
		kept(1, 10, 10, 0, nil),
		kept(2, 9, 10, 1, map[graph.Flow]int{graph.Lost: 1, graph.NewWith: 2, graph.GoneWith: 2}),
		unread,
		kept(5, 17, 20, 2, map[graph.Flow]int{graph.NewWithout: 12, graph.Lost: 3, graph.MergedWith: 2, graph.NewWith: 20}),
		kept(6, 18, 20, 5, map[graph.Flow]int{graph.Gained: 1}),
		kept(7, 1799, 2000, 6, map[graph.Flow]int{graph.MovedInWithout: 1}),
		kept(8, 0, 0, 7, nil),
		kept(9, 8, 10, 8, map[graph.Flow]int{graph.ExcludedWith: 1}),
		kept(10, 7, 10, 0, nil),
	)
	var reasons []string
	for i := range l.Days {
		reasons = append(reasons, l.Days[i].Reason)
	}
	require.Equal(t, []string{
		"", "-10.0 points: 2 that had it are gone, 1 lost it", "not all of SentinelOne was read",
		"-5.0 points since 2026-11-02: 12 new machines without it, 3 lost it, 2 that had it turned out to be other machines", "",
		"-0.1 points: 1 without it came from another customer", "",
		"-9.9 points since 2026-11-07: why is not known", "-10.0 points: why is not known",
	}, reasons)
	require.Equal(t, "2026-11-02 "+reasons[1]+"; 2026-11-09 "+reasons[7]+"; 2026-11-10 "+reasons[8]+
		"; 2 smaller falls; not all of SentinelOne was read on 1 day", l.Reasons())
	require.Equal(t, []time.Time{november(1), november(10), november(10)}, []time.Time{l.first().Day, l.last().Day, l.lowest().Day})
	require.Equal(t, []any{100.0, -30.0, nil}, []any{share(l.first()), change(l.first(), l.last()), share(&l.Days[6])})
	require.Empty(t, lineOf(unread).first())
}

// Each flow by which a share can fall has words, and no other.
func TestCausesAreFlowsByWhichSharesFall(t *testing.T) {
	var named []graph.Flow
	for _, c := range causes() {
		named = append(named, c.flow)
	}
	var want []graph.Flow
	for _, f := range graph.FigureFlows() {
		name := string(f)
		comes := false
		for _, begin := range []string{"new", "included", "movedIn", "fit"} {
			comes = comes || strings.HasPrefix(name, begin)
		}
		if f != graph.Gained && (f == graph.Lost || comes != strings.HasSuffix(name, "With")) {
			want = append(want, f)
		}
	}
	require.ElementsMatch(t, want, named)
}

func TestSparklines(t *testing.T) {
	many := make([]TrendDay, 0, 28)
	for n := 1; n <= 28; n++ {
		many = append(many, kept(n, 100-n%7, 100, 0, nil))
	}
	unread := kept(3, 0, 10, 0, nil)
	unread.Whole = false
	for want, l := range map[string]*TrendLine{
		"█":    lineOf(kept(1, 1, 2, 0, nil)),
		"██":   lineOf(kept(1, 0, 2, 0, nil), kept(2, 0, 2, 0, nil)),
		"█▁":   lineOf(kept(1, 2, 2, 0, nil), kept(2, 1, 2, 0, nil)),
		"█▆":   lineOf(kept(1, 100, 100, 0, nil), kept(2, 99, 100, 0, nil)), // a point is no abyss
		"█··▁": lineOf(kept(1, 9, 10, 0, nil), unread, kept(4, 1, 10, 0, nil)),
		"·":    lineOf(unread),
	} {
		require.Equal(t, want, l.sparkline())
	}
	all := lineOf(many...).sparkline()
	require.Len(t, []rune(all), sparkWidth)
	require.NotContains(t, all, "·")
	require.Equal(t, "█········█", lineOf(kept(1, 1, 2, 0, nil), kept(28, 1, 2, 0, nil)).sparkline(), "days on which nothing ran")
}
