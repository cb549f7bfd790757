package main

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/internal/simulator"
)

// formatOne is a graph that a version of before format 2 wrote; its folder says how.
//
//go:embed testdata/format1.db.gz
var formatOne []byte

// becomeFormatOne makes the graph one of format 1: the recorded one, or on a server what this version wrote, without
// what format 1 does not have.
func (p place) becomeFormatOne(t *testing.T, env map[string]string) {
	t.Helper()
	if p.server == nil {
		r, err := gzip.NewReader(bytes.NewReader(formatOne))
		require.NoError(t, err)
		data, err := io.ReadAll(r)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile("assetgraph.db", data, 0o600))
		return
	}
	runJSON(t, exitDone, env)
	for _, text := range []string{
		"MATCH (n) WHERE n:AssetgraphScope OR n:AssetgraphMemory OR n:AssetgraphChange DETACH DELETE n",
		"MATCH (n:Entity) SET n._volatileDigest = left(n._volatileDigest, 32)",
		"MATCH (m:AssetgraphMeta) SET m.version = 1",
	} {
		p.change(t, "", text)
	}
}

func (p place) format(t *testing.T) int {
	t.Helper()
	if p.server == nil {
		return atoi(t, execute(t, nil, "query", "select user_version as n from pragma_user_version", "--output", "csv").stdout)
	}
	return atoi(t, execute(t, p.env(nil), "query", "MATCH (m:AssetgraphMeta) RETURN m.version AS n", "--output", "csv").stdout)
}

func exportedKeys(t *testing.T, export string) (keys []string) {
	t.Helper()
	for line := range strings.Lines(withoutIntegrations(export)) {
		var doc struct {
			Key string `json:"_key"`
		}
		require.NoError(t, json.Unmarshal([]byte(line), &doc))
		keys = append(keys, doc.Key)
	}
	return keys
}

// A graph of an earlier format is read as it is, and carried over by the first run: nothing in it is created or deleted
// for that.
func TestGraphOfAnEarlierFormatIsCarriedOver(t *testing.T) { onBothGraphs(t, graphOfAnEarlierFormat) }

func graphOfAnEarlierFormat(t *testing.T, p place) {
	s, env := fleet(t, simulator.Options{Machines: 30, Customers: 3}) // its consoles have other ports: links to them change
	env = p.env(env)
	for _, product := range []string{"SENTINELONE", "NINJARMM", "IMMYBOT"} {
		env[product+"_COLLECT"] = "none" // there were no parts
	}
	p.becomeFormatOne(t, env)
	s.Advance(simulator.Change{Edit: 3})
	require.Equal(t, 1, p.format(t))
	before := execute(t, p.env(nil), "export")
	require.Equal(t, exitDone, before.code, before.stderr)
	require.Len(t, exportedKeys(t, before.stdout), 530)
	runs := len(pastRuns(t, p))

	require.Empty(t, changed(t, p.env(nil)), "it has no change log")
	plan := runJSON(t, exitDone, env, "plan").Totals
	require.Zero(t, plan.Created+plan.Deleted+plan.Withheld)
	require.Equal(t, 1, p.format(t), "who only reads leaves it as it is")

	run := runJSON(t, exitDone, env).Totals
	require.Equal(t, plan, run)
	require.Equal(t, graph.FormatVersion, p.format(t))
	require.Equal(t, exportedKeys(t, before.stdout), exportedKeys(t, execute(t, p.env(nil), "export").stdout))
	require.Len(t, pastRuns(t, p), runs+1, "its history goes on")
	require.NotEmpty(t, changed(t, p.env(nil)), "and its change log begins")
	again := runJSON(t, exitDone, env).Totals
	require.Zero(t, again.Created+again.Updated+again.Refreshed+again.Deleted)
}

// A graph of a later format is refused before anything is contacted or written, by whatever would read or write it.
func TestGraphOfALaterFormatIsRefused(t *testing.T) { onBothGraphs(t, graphOfALaterFormat) }

func graphOfALaterFormat(t *testing.T, p place) {
	_, env := fleet(t, simulator.Options{Machines: 5, Customers: 1})
	runJSON(t, exitDone, p.env(env))
	later := graph.FormatVersion + 1
	p.change(t, fmt.Sprintf("PRAGMA user_version = %d", later), fmt.Sprintf("MATCH (m:AssetgraphMeta) SET m.version = %d", later))
	env, hits := watched(t)
	for _, args := range [][]string{
		{"run"}, {"plan"}, {"check"}, {"query", p.question("select 1", "RETURN 1")}, {"report", "coverage"}, {"explain", "x"},
		{"history"}, {"export"}, {"locks"}, {"clear", "--all", "--yes"}, {"locks", "break", "--instance", "x", "--yes"},
	} {
		r := execute(t, p.env(env), args...)
		require.Equal(t, exitFailed, r.code, "%v: %s", args, r.stderr)
		require.Contains(t, r.stderr, "was written by a newer version of assetgraph: it has format "+fmt.Sprint(later)+
			", this program knows "+fmt.Sprint(graph.FormatVersion)+"\nhint: use that version, or name another graph", "%v", args)
	}
	require.Zero(t, hits.Load())
	require.Empty(t, completed(t, p.env(nil), "explain", ""))
}
