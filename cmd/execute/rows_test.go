package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/internal/providers"
	"assetgraph/internal/report"
)

// answer is a querier with one fixed answer, for the forms of output; what stores answer is theirs to test.
type answer struct {
	report.Store
	columns []string
	rows    [][]any
	err     error
}

func (q answer) Query(context.Context, string) (*graph.Rows, error) {
	var rows iter.Seq2[[]any, error] = func(yield func([]any, error) bool) {
		for _, r := range q.rows {
			if !yield(r, nil) {
				return
			}
		}
		if q.err != nil {
			yield(nil, q.err)
		}
	}
	return &graph.Rows{Columns: q.columns, Rows: rows}, nil
}

func (q answer) source(t *testing.T) report.Source {
	t.Helper()
	schema, err := providers.All().Schema()
	require.NoError(t, err)
	return report.Source{Store: q, Schema: schema}
}

func print(t *testing.T, q answer, form string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	a := newApp([]string{"execute"}, nil, nil, &out, &out)
	a.flags.output = form
	err := a.query(t.Context(), q.source(t), "question")
	return out.String(), err
}

func values() answer {
	return answer{columns: []string{"a", "b", "a"}, rows: [][]any{
		{nil, true, int64(7)},
		{1.5, "x, \"y\"\n\x1b[31m", time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)},
		{[]any{"p", "q"}, map[string]any{"k": int64(1)}, math.NaN()},
	}}
}

func TestQueryForms(t *testing.T) {
	got, err := print(t, values(), "csv")
	require.NoError(t, err)
	require.Equal(t, "a,b,a\n,true,7\n1.5,\"x, \"\"y\"\"\n\x1b[31m\",2026-01-02T03:04:05.000Z\n\"[\"\"p\"\",\"\"q\"\"]\",\"{\"\"k\"\":1}\",NaN\n", got)

	got, err = print(t, values(), "json")
	require.NoError(t, err)
	require.Equal(t, []string{
		"[",
		`{"a":null,"b":true,"a_2":7},`,
		`{"a":1.5,"b":"x, \"y\"\n\u001b[31m","a_2":"2026-01-02T03:04:05.000Z"},`,
		`{"a":["p","q"],"b":{"k":1},"a_2":"NaN"}`,
		"]", "",
	}, strings.Split(got, "\n"), "members come in the order of the columns")

	got, err = print(t, values(), "table")
	require.NoError(t, err)
	require.Contains(t, got, "x, \"y\" \uFFFD[31m")
	require.NotContains(t, got, "\x1b")
	require.Contains(t, got, "(3 rows)")
}

func TestQueryWithoutRows(t *testing.T) {
	for form, want := range map[string]string{"json": "[]\n", "csv": "a\n", "table": "a\n─\n(0 rows)\n"} {
		got, err := print(t, answer{columns: []string{"a"}}, form)
		require.NoError(t, err)
		require.Equal(t, want, strings.ReplaceAll(strings.ReplaceAll(got, "──", "─"), "──", "─"), form)
	}
}

func TestQueryThatBreaksOffFails(t *testing.T) {
	for _, form := range []string{"json", "csv", "table"} {
		_, err := print(t, answer{columns: []string{"a"}, rows: [][]any{{int64(1)}}, err: errors.New("broke off")}, form)
		require.ErrorContains(t, err, "broke off", form)
		require.Equal(t, exitFailed, exitCode(err))
	}
}

// A table is printed in chunks that need no more memory than one of them.
func TestLongTableIsOneTable(t *testing.T) {
	q := answer{columns: []string{"n"}}
	for i := range 2*chunkRows + 1 {
		q.rows = append(q.rows, []any{int64(i)})
	}
	got, err := print(t, q, "table")
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(got), "\n")
	require.Len(t, lines, 2+len(q.rows)+1, "header, rule, rows, count")
	require.Equal(t, 1, strings.Count(got, "─\n"))
}

func TestTableFitsTheTerminal(t *testing.T) {
	var out bytes.Buffer
	a := newApp([]string{"execute"}, nil, nil, &out, &out)
	a.isTerminal = func(any) bool { return true }
	a.flags.output = "table"
	long := strings.Repeat("long ", 40)
	require.NoError(t, a.query(t.Context(), answer{columns: []string{"a", "b", "c"}, rows: [][]any{{"short", long, long}}}.source(t), "question"))
	for line := range strings.Lines(out.String()) {
		require.LessOrEqual(t, len([]rune(strings.TrimSpace(line))), 80)
	}
	require.Contains(t, out.String(), "…")
	require.Contains(t, out.String(), "short")
}

func TestColumnsThatDoNotFitStandUpright(t *testing.T) {
	var out bytes.Buffer
	a := newApp([]string{"execute"}, nil, nil, &out, &out)
	a.isTerminal = func(any) bool { return true }
	a.flags.output = "table"
	q := answer{rows: [][]any{nil, nil}}
	for i := range 30 {
		q.columns = append(q.columns, fmt.Sprintf("column%d", i))
		for j := range q.rows {
			q.rows[j] = append(q.rows[j], strings.Repeat(fmt.Sprint(i), 100))
		}
	}
	q.rows[1][4] = nil
	require.NoError(t, a.query(t.Context(), q.source(t), "question"))
	require.Contains(t, out.String(), "── row 2\ncolumn0   0000")
	require.Equal(t, 1, strings.Count(out.String(), "\ncolumn4 "), "what has no value is left out")
	require.Contains(t, out.String(), "(2 rows)")
	for line := range strings.Lines(out.String()) {
		require.LessOrEqual(t, len([]rune(strings.TrimSpace(line))), 80)
	}
}
