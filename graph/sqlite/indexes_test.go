package sqlite_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/graph/sqlite"
)

// indexNames returns the indexes that the file lists.
func indexNames(t *testing.T, path string) (names []string) {
	t.Helper()
	with(t, path, func(db *sql.DB) {
		rows, err := db.QueryContext(t.Context(), "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name")
		require.NoError(t, err)
		for rows.Next() {
			var name string
			require.NoError(t, rows.Scan(&name))
			names = append(names, name)
		}
		require.NoError(t, rows.Err())
	})
	return names
}

func earlyIndexes() []string {
	return []string{"graph_change_at", "graph_entity_key", "graph_relationship_key"}
}

func allIndexes() []string {
	return []string{
		"graph_change_at", "graph_entity_key", "graph_relationship_from", "graph_relationship_key", "graph_relationship_to",
	}
}

func requireLacks(t *testing.T, s *sqlite.Store, want bool) {
	t.Helper()
	lacks, err := s.LacksIndexes(t.Context())
	require.NoError(t, err)
	require.Equal(t, want, lacks)
}

func TestIndexesAreBuiltAtTheEnd(t *testing.T) {
	f, path := newFleet(t), filepath.Join(t.TempDir(), "graph.db")
	s := open(t, path, f.schema, sqlite.Options{})
	requireLacks(t, s, false) // there is nothing to be found by them
	f.fill(t, s)
	require.Equal(t, earlyIndexes(), indexNames(t, path))
	requireLacks(t, s, true)

	beside := open(t, path, f.schema, sqlite.Options{ReadOnly: true})
	requireLacks(t, beside, true)
	require.ErrorIs(t, beside.BuildIndexes(t.Context()), graph.ErrReadOnly)
	before := answers(t, beside)
	require.NoError(t, s.BuildIndexes(t.Context()))
	require.Equal(t, allIndexes(), indexNames(t, path))
	requireLacks(t, s, false)
	requireLacks(t, beside, false)
	require.Equal(t, before, answers(t, beside))
	require.NoError(t, beside.Close())
	require.NoError(t, s.Close())

	image := folder(t, path)
	s = open(t, path, f.schema, sqlite.Options{Check: sqlite.Whole})
	require.NoError(t, s.BuildIndexes(t.Context()))
	require.NoError(t, s.Close())
	require.Equal(t, image, folder(t, path), "none lacks, none is written")
}

// answers asks what a graph must answer alike with and without indexes.
func answers(t *testing.T, s *sqlite.Store) (all [][][]any) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(planned())) {
		_, rows := query(t, s, strings.ReplaceAll(planned()[name], "'x'", "'s1:sentinelone_agent:1'"))
		all = append(all, rows)
	}
	return all
}

// A first load that died is followed by a run that may delete before it has created anything.
func TestDeletingBuildsIndexesFirst(t *testing.T) {
	f, path := newFleet(t), filepath.Join(t.TempDir(), "graph.db")
	s := open(t, path, f.schema, sqlite.Options{})
	f.fill(t, s)
	agent := f.agent(t, "1")
	batch := graph.Batch{Op: graph.Delete, Type: f.device, Instance: "s1", Elements: []*graph.Element{agent}, At: time.UnixMilli(1)}
	applied, err := s.Apply(t.Context(), batch)
	require.NoError(t, err)
	require.Equal(t, graph.Applied{Kept: []graph.Key{agent.Key}}, applied, "a relationship hangs on it")
	require.Equal(t, allIndexes(), indexNames(t, path))
	require.NoError(t, s.Close())
}

const (
	loadVariable = "ASSETGRAPH_TEST_LOAD_FILE"
	loadParts    = 4
	loadPart     = 500
	loadSteps    = 1 + 2*loadParts + 1 // site, agents, relationships, indexes
)

// TestKilledFirstLoad kills a process before each step of a first load, and somewhere in it. Whatever it left, the same
// load afterwards ends in the graph of one that nobody disturbed.
func TestKilledFirstLoad(t *testing.T) {
	if path := os.Getenv(loadVariable); path != "" {
		loadUntilKilled(t, path)
	}
	undisturbed := filepath.Join(t.TempDir(), "graph.db")
	loadWhole(t, undisturbed, func() {})
	want := content(t, undisturbed)
	require.Len(t, want, 1+2*loadParts*loadPart)
	lacking := 0
	for step := range loadSteps {
		for _, within := range []bool{false, true} {
			path := filepath.Join(t.TempDir(), "graph.db")
			killLoad(t, path, step, within)
			if lacks := requireAnswers(t, path); lacks && !within {
				lacking++
			}
			loadWhole(t, path, func() {})
			require.Equal(t, allIndexes(), indexNames(t, path))
			require.Equal(t, want, content(t, path), "killed at step %d, within: %v", step, within)
			require.NoError(t, open(t, path, newFleet(t).schema, sqlite.Options{Check: sqlite.Whole}).Close())
		}
	}
	require.Equal(t, loadParts, lacking, "each part of the relationships left them without indexes")
}

// loadUntilKilled says each step before it takes it, and waits for the word to go on.
func loadUntilKilled(t *testing.T, path string) {
	t.Helper()
	in := bufio.NewReader(os.Stdin)
	loadWhole(t, path, func() {
		fmt.Println("step")
		_, err := in.ReadString('\n')
		require.NoError(t, err)
	})
	select {}
}

// killLoad has a process load until it is before a step, or within it or just after.
func killLoad(t *testing.T, path string, step int, within bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilledFirstLoad$")
	cmd.Env = append(os.Environ(), loadVariable+"="+path)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewScanner(out)
	for n := range step + 1 {
		require.True(t, lines.Scan())
		if n < step || within {
			_, err := fmt.Fprintln(in)
			require.NoError(t, err)
		}
	}
	require.NoError(t, cmd.Process.Kill())
	require.Error(t, cmd.Wait())
}

// requireAnswers asks who only reads about relationships, and reports whether they lack indexes.
func requireAnswers(t *testing.T, path string) bool {
	t.Helper()
	s := open(t, path, newFleet(t).schema, sqlite.Options{ReadOnly: true})
	_, held := query(t, s, "SELECT count(*) FROM sentinelone_site_has_agent")
	_, found := query(t, s, `SELECT count(*) FROM sentinelone_agent a
		WHERE EXISTS (SELECT 1 FROM sentinelone_site_has_agent r WHERE r._to = a._key)`)
	require.Equal(t, held, found)
	lacks, err := s.LacksIndexes(t.Context())
	require.NoError(t, err)
	require.NoError(t, s.Close())
	return lacks
}

// loadWhole loads agents of one site as a run does, up to the closed file, and calls before in front of each step.
func loadWhole(t *testing.T, path string, before func()) {
	t.Helper()
	f := newFleet(t)
	s := open(t, path, f.schema, sqlite.Options{Check: sqlite.Whole})
	site := graph.NewEntity(f.site, "s1", "1")
	var agents, has []*graph.Element
	for i := range loadParts * loadPart {
		a := f.agent(t, fmt.Sprintf("%06d", i))
		agents, has = append(agents, a), append(has, graph.NewRelationship(f.has, "s1", site.Key, a.Key))
	}
	for _, elements := range [][]*graph.Element{{site}, agents, has} {
		for part := range slices.Chunk(elements, loadPart) {
			for _, e := range part {
				require.NoError(t, e.Seal())
			}
			before()
			_, err := s.Apply(context.Background(), graph.Batch{Type: part[0].Type, Instance: "s1", Elements: part, At: time.UnixMilli(1)})
			require.NoError(t, err)
		}
	}
	before()
	require.NoError(t, s.BuildIndexes(context.Background()))
	require.NoError(t, s.Close())
}

// content returns what the file holds of each element, ends by their keys.
func content(t *testing.T, path string) (lines []string) {
	t.Helper()
	with(t, path, func(db *sql.DB) {
		rows, err := db.QueryContext(t.Context(), `SELECT printf('%s %s %d %d %s', key, hex(digest || volatile), created, updated, properties) FROM graph_entity
			UNION ALL SELECT printf('%s %s %s %s %d %d %s', r.key, f.key, t.key, hex(r.digest || r.volatile), r.created, r.updated, r.properties)
			FROM graph_relationship r JOIN graph_entity f ON f.id = r.from_id JOIN graph_entity t ON t.id = r.to_id ORDER BY 1`)
		require.NoError(t, err)
		for rows.Next() {
			var line string
			require.NoError(t, rows.Scan(&line))
			lines = append(lines, line)
		}
		require.NoError(t, rows.Err())
	})
	return lines
}
