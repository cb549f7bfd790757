package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRowHoldsMediansAgainstTheLimit(t *testing.T) {
	tests := map[string]struct {
		row   row
		ratio float64
		met   bool
	}{
		"ratio of medians, not of means": {row{Ours: []float64{1, 2, 90}, Floor: []float64{1, 1, 50}, Limit: 2}, 2, true},
		"just above":                     {row{Ours: []float64{2.01}, Floor: []float64{1}, Limit: 2}, 2.01, false},
		"even number of samples":         {row{Ours: []float64{4, 1, 2, 3}, Floor: []float64{1}, Limit: 3}, 2.5, true},
		"limit of the figure itself":     {row{Ours: []float64{300}, Limit: 250}, 1.2, false},
		"below the limit of the figure":  {row{Ours: []float64{125}, Limit: 250}, 0.5, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.InDelta(t, tt.ratio, tt.row.ratio(), 1e-9)
			require.Equal(t, tt.met, tt.row.met())
			require.Equal(t, !tt.met, strings.Contains(tt.row.markdown(), "**missed**"))
		})
	}
}

func TestRowWithoutFiguresSaysWhy(t *testing.T) {
	require.Contains(t, row{Case: "x", Note: "no Java | here"}.markdown(), `not measured** | no Java \| here |`)
}

func TestEveryRowHasTheColumnsOfTheTable(t *testing.T) {
	r := results{Rows: []row{{Ours: []float64{1}, Floor: []float64{1}}, {Ours: []float64{1}, Limit: 1}, {Note: "nothing"}}}
	_, table, _ := strings.Cut(r.markdown(), "| case |")
	for line := range strings.SplitSeq(strings.TrimSpace("| case |"+table), "\n") {
		require.Equal(t, 13, strings.Count(line, "|"), line)
	}
}

func TestDocumentWithoutMarksStaysAsItIs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.md")
	require.NoError(t, os.WriteFile(path, []byte("text"), 0o600))
	require.ErrorIs(t, writeSection(path, "table"), errNoSection)
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "text", string(b))
}

func TestLongestChainIsThatOfCursors(t *testing.T) {
	get := func(path string) *request { return &request{Method: "GET", URL: "http://127.0.0.1:1" + path} }
	r := recording{
		"a": {{Method: "POST", URL: "http://127.0.0.1:1/token"}, get("/list?limit=5"), get("/list?cursor=x&limit=5"), get("/other?limit=5")},
		"b": {get("/offset?skip=0"), get("/offset?skip=0"), get("/offset?skip=0")},
	}
	chain, pages, err := r.longestChain()
	require.NoError(t, err)
	require.Equal(t, 2, pages)
	require.Len(t, chain, 3, "with the sign-in")
	require.Equal(t, "POST", chain[0].Method)
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{{"--case", "none"}, {"--graph", "oracle"}, {"--machines", "1"}, {"extra"}} {
		var log strings.Builder
		require.Equal(t, exitUsage, run(t.Context(), args, &strings.Builder{}, &log), log.String())
		require.Contains(t, log.String(), "bench: ")
	}
	var log strings.Builder
	require.Zero(t, run(t.Context(), []string{"--help"}, &strings.Builder{}, &log))
	for _, c := range cases() {
		require.Contains(t, log.String(), "  "+c.name)
	}
}

func TestSizesAreThoseOfTheLargestMoment(t *testing.T) {
	folder := t.TempDir()
	largest := watchSize(folder)
	path := filepath.Join(folder, "spool")
	require.NoError(t, os.WriteFile(path, make([]byte, 1000), 0o600))
	require.Eventually(t, func() bool { return folderSize(folder) == 1000 }, time.Second, time.Millisecond)
	time.Sleep(100 * time.Millisecond)
	require.NoError(t, os.Remove(path))
	require.Equal(t, int64(1000), largest())
}
