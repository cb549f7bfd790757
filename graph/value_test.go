package graph_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

func TestTextOf(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain", "pc-1", "pc-1"},
		{"space around it", " \t pc 1 \r\n\u00a0", "pc 1"},
		{"space alone is absence", " \n\u2003", ""},
		{"empty is absence", "", ""},
		{"NUL goes", "\x00a\x00b\x00", "ab"},
		{"NUL and space alone are absence", " \x00 ", ""},
		{"what is no UTF-8 becomes the replacement character", "a\xff\xfeb", "a\ufffdb"},
		{"right-to-left marks stay", "\u202eevil\u202c", "\u202eevil\u202c"},
		{"the word null is text", "null", "null"},
		{"one character", "x", "x"},
		{"control characters stay inside", "a\tb\x7f", "a\tb\x7f"},
		{"space that is not ASCII goes too", "\u0085x\u3000", "x"},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			v := graph.TextOf(c.in)
			require.Equal(t, c.want, v.Text())
			require.Equal(t, c.want == "", v.IsAbsent())
		})
	}
}

func TestTimeOf(t *testing.T) {
	west, east := time.FixedZone("west", -5*3600), time.FixedZone("east", 5*3600)
	tests := []struct {
		name string
		in   time.Time
		want string // "" for absence
	}{
		{"milliseconds", time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC), "2026-01-02T03:04:05.678Z"},
		{"finer parts are cut off", time.Date(2026, 1, 2, 3, 4, 5, 678999999, time.UTC), "2026-01-02T03:04:05.678Z"},
		{"cut off downwards before 1970", time.Date(1969, 12, 31, 23, 59, 59, 999999999, time.UTC), "1969-12-31T23:59:59.999Z"},
		{"other zones become UTC", time.Date(2026, 1, 1, 0, 0, 0, 0, east), "2025-12-31T19:00:00.000Z"},
		{"the zero time is absence", time.Time{}, ""},
		{"so is what is cut off to it", time.Time{}.Add(999 * time.Microsecond), ""},
		{"the first millisecond", time.Time{}.Add(time.Millisecond), "0001-01-01T00:00:00.001Z"},
		{"the last millisecond", time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC), "9999-12-31T23:59:59.999Z"},
		{"year 10000 in UTC", time.Date(9999, 12, 31, 23, 0, 0, 0, west), ""},
		{"year 0 in UTC", time.Date(1, 1, 1, 1, 0, 0, 0, east), ""},
		{"year 1 in UTC, 0 at home", time.Date(0, 12, 31, 23, 0, 0, 0, west), "0001-01-01T04:00:00.000Z"},
		{"as far off as can be", time.Unix(1<<62, 0), ""},
		{"and before", time.Unix(-1<<62, 0), ""},
		{"year -1", time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC), ""},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			v := graph.TimeOf(c.in)
			require.Equal(t, c.want, v.String())
			require.Equal(t, c.want == "", v.IsAbsent())
			require.True(t, v.Equal(graph.TimeOf(v.Time())), "what is read back is the same value")
			require.Equal(t, v.IsAbsent(), v.Time().IsZero())
		})
	}
}

func TestTextsOf(t *testing.T) {
	require.Equal(t, []string{"a", "b", "c"}, graph.TextsOf("c", " a ", "b", "a", "", "\x00").List())
	require.True(t, graph.TextsOf().IsAbsent())
	require.True(t, graph.TextsOf("", " ").IsAbsent())
	require.Equal(t, []string{"a", "b"}, graph.TextsIn([]string{"b", "", " a ", "b"}).List())
	require.True(t, graph.TextsIn(nil).IsAbsent())
	in := []string{"b", "a"}
	graph.TextsOf(in...)
	require.Equal(t, []string{"b", "a"}, in, "the caller's list stays as it was")
	require.True(t, graph.TextsOf("a", "b").Equal(graph.TextsOf("b", "a", "b")))
	require.False(t, graph.TextsOf("a", "b").Equal(graph.TextsOf("a")))
	require.False(t, graph.TextsOf("a").Equal(graph.TextOf("a")), "a list of one is no text")
}

func TestValuesOfOneKindAreNothingElse(t *testing.T) {
	values := map[graph.Kind]graph.Value{
		graph.Absent: {}, graph.Text: graph.TextOf("x"), graph.Int: graph.IntOf(1), graph.Bool: graph.BoolOf(true),
		graph.Time: graph.TimeOf(time.UnixMilli(1)), graph.Texts: graph.TextsOf("x"),
	}
	for kind, v := range values {
		require.Equal(t, kind, v.Kind())
		require.Equal(t, kind == graph.Text, v.Text() != "")
		require.Equal(t, kind == graph.Int, v.Int() != 0)
		require.Equal(t, kind == graph.Bool, v.Bool())
		require.Equal(t, kind == graph.Time, !v.Time().IsZero())
		require.Equal(t, kind == graph.Time, v.UnixMilli() != 0)
		require.Equal(t, kind == graph.Texts, v.List() != nil)
		for other, w := range values {
			require.Equal(t, kind == other, v.Equal(w), "%s and %s", kind, other)
		}
	}
	require.False(t, graph.IntOf(0).IsAbsent())
	require.False(t, graph.BoolOf(false).IsAbsent())
}

func TestValuesForPeople(t *testing.T) {
	require.Empty(t, graph.Value{}.String())
	require.Equal(t, "-9007199254740993", graph.IntOf(-9007199254740993).String())
	require.Equal(t, "false", graph.BoolOf(false).String())
	require.Equal(t, "a, b", graph.TextsOf("b", "a").String())
	require.Equal(t, "list of string", graph.Texts.String())
}
