package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/neo4jserver"
)

const testMachines = 300

// requireFigures checks that every row is a figure with a ratio.
func requireFigures(t *testing.T, rows []row) {
	t.Helper()
	for _, r := range rows {
		require.NotEmpty(t, r.Ours, "%+v", r)
		require.Positive(t, r.ratio(), "%+v", r)
	}
}

// rowsOf names the rows by case and what they measure.
func rowsOf(rows []row) (names []string) {
	for _, r := range rows {
		names = append(names, r.Case+": "+r.What)
	}
	return names
}

func TestEveryCaseGivesFiguresOnTheEmbeddedStore(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	document, raw := filepath.Join(folder, "performance.md"), filepath.Join(folder, "raw.jsonl")
	require.NoError(t, os.WriteFile(document, []byte("before\n"+sectionBegin+"old\n"+sectionEnd+"after\n"), 0o600))
	var log bytes.Buffer
	o := &options{
		machines: 200, repeat: 1, stores: []string{sqliteStore}, programs: programs(t), document: document, raw: raw,
	}
	found, err := measure(t.Context(), o, &log)
	require.NoError(t, err, log.String())
	require.NoError(t, found.save(o))

	rows := readRows(t, raw)
	requireFigures(t, rows)
	require.Subset(t, rowsOf(rows), []string{
		"startup: execute --help", "first-sqlite: apply phase", "unchanged: whole run / fetch",
		"posture: unchanged run / without parts", "latency: whole unchanged run", "change: apply phase / first load's", "hour: whole run / unchanged run",
		"growth: first run, apply", "growth: unchanged run / fetch", "component: 400 laptops, correlate",
		"component: 400 laptops / n log n", "answers: report coverage", "answers: explain",
		"agents: whole run / fetch", "memory: hour run, peak",
	})
	for _, r := range rows {
		require.NotEqual(t, "peer", r.Case, "is asked for by name")
	}

	text, err := os.ReadFile(document)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(text), "before\n"+sectionBegin), string(text))
	require.True(t, strings.HasSuffix(string(text), sectionEnd+"after\n"), string(text))
	require.Contains(t, string(text), found.markdown())
	require.Contains(t, string(text), "elements a machine")
	require.Contains(t, string(text), "A first load into sqlite reads")
	require.NotContains(t, string(text), "old")
	require.NotContains(t, string(text), "NaN")
}

func TestCasesGiveFiguresOnNeo4j(t *testing.T) {
	t.Parallel()
	if err := neo4jserver.Available(); errors.Is(err, neo4jserver.ErrUnavailable) {
		require.NotEqual(t, "true", os.Getenv("CI"), err.Error())
		t.Skip(err)
	}
	var log bytes.Buffer
	o := &options{
		machines: 60, repeat: 1, stores: []string{neo4jStore}, programs: programs(t), brief: true,
		cases: []string{"first-neo4j", "change", "answers"},
	}
	found, err := measure(t.Context(), o, &log)
	require.NoError(t, err, log.String())
	requireFigures(t, found.Rows)
	for _, r := range found.Rows {
		require.Equal(t, neo4jStore, r.Store)
	}
	require.Equal(t, []string{
		"first-neo4j: apply phase", "first-neo4j: whole run", "change: apply phase / first load's",
		"answers: report coverage", "answers: explain",
	}, rowsOf(found.Rows))
	require.Contains(t, found.markdown(), "A first load into neo4j reads")
}

// TestPeerIsSkippedWhereItCannotBe: a machine without Python says so, and the bench goes on.
func TestPeerIsSkippedWhereItCannotBe(t *testing.T) {
	folder := programs(t) // before the compiler loses its cache
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	bin := t.TempDir()
	for _, name := range []string{"go", "git"} {
		path, err := exec.LookPath(name)
		require.NoError(t, err)
		require.NoError(t, os.Symlink(path, filepath.Join(bin, name)))
	}
	t.Setenv("PATH", bin)
	for _, tt := range []struct{ store, says string }{
		{neo4jStore, "skipped: no Cartography here: python3"}, {sqliteStore, "skipped: Cartography writes to Neo4j alone"},
	} {
		var log bytes.Buffer
		o := &options{machines: 60, repeat: 1, stores: []string{tt.store}, cases: []string{"peer"}, programs: folder}
		found, err := measure(t.Context(), o, &log)
		require.NoError(t, err, log.String())
		require.Len(t, found.Rows, 1)
		require.Contains(t, found.Rows[0].Note, tt.says)
		require.Contains(t, found.markdown(), "not measured")
	}
}

func readRows(t *testing.T, path string) []row {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	var rows []row
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line struct {
			Row *row `json:"row"`
		}
		require.NoError(t, json.Unmarshal(lines.Bytes(), &line))
		if line.Row != nil {
			rows = append(rows, *line.Row)
		}
	}
	require.NoError(t, lines.Err())
	return rows
}

// testSession is a session with a fleet that serves.
func testSession(t *testing.T) (*session, *fleet) {
	t.Helper()
	var log bytes.Buffer
	s, err := newSession(t.Context(), &options{
		machines: testMachines, repeat: 1, stores: []string{sqliteStore}, programs: programs(t),
	}, &log)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.close()) })
	require.NoError(t, s.build(t.Context()))
	f, err := s.mainFleet()
	require.NoError(t, err, log.String())
	return s, f
}

func TestFloorFetchesWhatExecuteFetches(t *testing.T) {
	s, f := testSession(t)
	recorded, err := f.recording(t.Context())
	require.NoError(t, err)
	require.Len(t, recorded, 3, "providers")
	require.Greater(t, recorded.bytes(), int64(testMachines*1000))

	floor, err := f.fetchAll(t.Context())
	require.NoError(t, err)
	requests := 0
	for _, list := range recorded {
		requests += len(list)
		for _, one := range list {
			require.Equal(t, 200, one.Status, one.URL)
		}
	}
	require.Equal(t, requests, floor.Floor.Requests)
	require.Equal(t, recorded.bytes(), floor.Floor.Bytes)

	recorded["ninjarmm"][1].Status = 418
	_, err = f.fetchAll(t.Context())
	require.ErrorContains(t, err, "status 200 instead of 418")
	require.Len(t, s.found(floorFetch, "", testMachines), 1)
}

func TestRunThatWritesIsNoUnchangedRun(t *testing.T) {
	s, f := testSession(t)
	_, err := f.loaded(t.Context(), sqliteStore)
	require.NoError(t, err)
	require.NoError(t, f.advance(t.Context(), time.Minute, map[string]int{"edit": 5}))
	_, err = f.unchanged(t.Context(), "unchanged", sqliteStore)
	require.ErrorContains(t, err, "unchanged run wrote")

	require.NoError(t, f.advance(t.Context(), time.Minute, map[string]int{"edit": 5}))
	one, written, err := f.changed(t.Context(), sqliteStore)
	require.NoError(t, err)
	require.GreaterOrEqual(t, written, 5)
	_, _, err = f.changed(t.Context(), sqliteStore)
	require.ErrorContains(t, err, "the graph has 0 changed elements")
	more, err := s.changedSince(t.Context(), f.graphs[sqliteStore], one.Report.Run.StartedAt.AddDate(-1, 0, 0))
	require.NoError(t, err)
	require.Greater(t, more, written, "all that the first load wrote")
}

// What the client gave up, since it was too large, is no part of the floor.
func TestRequestsThatWereAnsweredAloneAreRecorded(t *testing.T) {
	whole := &request{URL: "/v2/devices", Status: http.StatusOK, Bytes: 7}
	r := recording{"ninjarmm": {{URL: "/v2/alerts"}, whole}}.answered()
	require.Equal(t, recording{"ninjarmm": {whole}}, r)
	require.EqualValues(t, 7, r.bytes())
}
