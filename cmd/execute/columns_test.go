package main

import (
	"bytes"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/width"

	"assetgraph/internal/simulator"
)

// placesOf is how many places of a terminal a line takes, counted apart from how the program counts.
func placesOf(line string) (n int) {
	for _, r := range line {
		switch k := width.LookupRune(r).Kind(); {
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		case k == width.EastAsianWide || k == width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}

func requireFits(t *testing.T, places int, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		require.LessOrEqual(t, placesOf(strings.TrimRight(line, "\n")), places, line)
	}
}

func TestTablesFitBySeenWidth(t *testing.T) {
	rows := [][]string{
		{"東京本社サーバー" + strings.Repeat("東", 40), "e\u0301" + strings.Repeat("o\u0308", 70), "x"},
		{"LT-0001", strings.Repeat("word ", 50), strings.Repeat("9", 300)},
	}
	for _, places := range []int{40, 80, 120} {
		for _, wrap := range []bool{true, false} {
			columns := append(columnsOf("a", "b"), figures("c")...)
			for i := range columns {
				columns[i].wrap = wrap
			}
			l := layOut(columns, rows, places)
			text := l.render(rows, true)
			requireFits(t, places, text)
			require.Equal(t, !wrap, l.cut)
			require.Equal(t, !wrap, strings.Contains(text, "…"))
			if wrap {
				require.Equal(t, 70, strings.Count(text, "o\u0308"), "no mark is parted from its letter")
			}
		}
	}
}

func TestOptionalColumnsGoFirst(t *testing.T) {
	columns := []tableColumn{{name: "name"}, {name: "why", wrap: true, least: 10, room: 20}, {name: "one", optional: true}, {name: "two", optional: true}}
	rows := [][]string{{"0123456789", strings.Repeat("word ", 8), "1234567890", "1234567890"}}
	for places, want := range map[int]string{80: "name why one two", 50: "name why one", 40: "name why", 24: "name why"} {
		l := layOut(columns, rows, places)
		got := strings.Join(strings.Fields(strings.Split(l.render(rows, true), "\n")[0]), " ")
		require.Equal(t, want, got, places)
		require.Len(t, l.leftOut(columns), 4-len(strings.Fields(want)))
	}
}

// Every table, also where it is not a terminal that reads it, fits 80 columns, and no host name of a report is cut.
func TestTablesFitEightyColumns(t *testing.T) {
	workIn(t)
	_, env := fleet(t, simulator.Options{Machines: 60, Customers: 5})
	runJSON(t, exitDone, env)
	_, gaps := csvTable(t, answered(t, nil, "report", "coverage", "--by", "device", "--output", "csv"))
	for _, args := range [][]string{
		{"report", "coverage"}, {"report", "coverage", "--by", "device"}, {"query", "select * from device"}, {"query", "select name, hostname, _key, organization from device"},
		{"query", "@without-edr"}, {"query", "--list"}, {"history"}, {"schema"}, {"explain", gaps[0]["hostname"]}, {"explain", "dc01"},
	} {
		text := answered(t, nil, args...)
		if args[0] != "explain" {
			requireFits(t, 80, text)
		}
		if args[0] == "report" {
			require.NotContains(t, text, "…")
		}
	}
	text := answered(t, map[string]string{"COLUMNS": "80"}, "report", "coverage", "--by", "device")
	require.Equal(t, []string{"hostname", "missing", "reason", "organization", "since"}, strings.Fields(strings.SplitN(text, "\n", 2)[0]))
	for _, g := range gaps {
		require.Contains(t, text, g["hostname"])
	}
}

func TestVertical(t *testing.T) {
	var out bytes.Buffer
	a := newApp([]string{"execute"}, nil, nil, &out, &out)
	a.flags.output, a.flags.vertical = "table", true
	require.NoError(t, a.query(t.Context(), answer{columns: []string{"a", "name"}, rows: [][]any{{nil, strings.Repeat("long ", 30)}, {int64(1), "x"}}}.source(t), "question"))
	long := strings.TrimSpace(strings.Repeat("long ", 15))
	require.Equal(t, "── row 1\na\nname  "+long+"\n      "+long+"\n── row 2\na     1\nname  x\n(2 rows)\n", strings.ReplaceAll(out.String(), "a     \n", "a\n"))
}
