package sqlite_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/graph/sqlite"
)

// fleet is a small schema of its own for tests that look at the file.
type fleet struct {
	schema            *graph.Schema
	site, device, has *graph.Type
}

func newFleet(t testing.TB, deviceProperties ...graph.Property) fleet {
	t.Helper()
	f := fleet{
		site: graph.NewEntityType("sentinelone_site", "sentinelone", "/sites", []string{"Organization"}),
		device: graph.NewEntityType("sentinelone_agent", "sentinelone", "/agents", []string{"HostAgent"}, append([]graph.Property{
			{Name: "hostname", Kind: graph.Text}, {Name: "memoryBytes", Kind: graph.Int}, {Name: "infected", Kind: graph.Bool},
			{Name: "createdOn", Kind: graph.Time}, {Name: "macAddresses", Kind: graph.Texts}, {Name: "lastSeenOn", Kind: graph.Time, Volatile: true},
		}, deviceProperties...)...),
		has: graph.NewRelationshipType("sentinelone", "sentinelone_site", "HAS", "sentinelone_agent"),
	}
	var err error
	f.schema, err = graph.NewSchema(f.site, f.device, f.has)
	require.NoError(t, err)
	return f
}

func (f fleet) agent(t testing.TB, id string) *graph.Element {
	t.Helper()
	return f.agentOf(t, "s1", id)
}

func (f fleet) agentOf(t testing.TB, instance, id string) *graph.Element {
	t.Helper()
	e := graph.NewEntity(f.device, instance, id)
	e.Set("hostname", graph.TextOf("pc-"+id))
	e.Set("memoryBytes", graph.IntOf(1<<53+1))
	e.Set("infected", graph.BoolOf(true))
	e.Set("createdOn", graph.TimeOf(time.Date(2025, 1, 2, 3, 4, 5, 6e6, time.UTC)))
	e.Set("macAddresses", graph.TextsOf("b", "a\"b"))
	require.NoError(t, e.Seal())
	return e
}

func (f fleet) fill(t testing.TB, s *sqlite.Store) {
	t.Helper()
	site := graph.NewEntity(f.site, "s1", "1")
	require.NoError(t, site.Seal())
	has := graph.NewRelationship(f.has, "s1", site.Key, f.agent(t, "1").Key)
	require.NoError(t, has.Seal())
	at := time.Date(2026, 3, 1, 2, 3, 4, 5e6, time.UTC)
	for _, e := range []*graph.Element{site, f.agent(t, "1"), has} {
		_, err := s.Apply(context.Background(), graph.Batch{Type: e.Type, Instance: "s1", Elements: []*graph.Element{e}, At: at})
		require.NoError(t, err)
	}
}

// folder returns the content of every file beside and including path.
func folder(t *testing.T, path string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	out := map[string]string{}
	for _, e := range entries {
		if e.IsDir() {
			out[e.Name()] = "folder"
			continue
		}
		b, err := os.ReadFile(filepath.Join(filepath.Dir(path), e.Name()))
		require.NoError(t, err)
		out[e.Name()] = string(b)
	}
	return out
}

func TestUnchangedReopenWritesNothing(t *testing.T) {
	f, path := newFleet(t), filepath.Join(t.TempDir(), "graph.db")
	s := open(t, path, f.schema, sqlite.Options{})
	f.fill(t, s)
	require.EqualValues(t, 3, s.DataWrites())
	require.NoError(t, s.Close())
	before := folder(t, path)
	require.Len(t, before, 1, "closing folds the log into the file")

	for _, readOnly := range []bool{false, true} {
		s = open(t, path, f.schema, sqlite.Options{ReadOnly: readOnly})
		pops, err := s.Counts(t.Context())
		require.NoError(t, err)
		require.Len(t, pops, 3)
		rows, err := s.Query(t.Context(), "select * from sentinelone_agent")
		require.NoError(t, err)
		for _, err := range rows.Rows {
			require.NoError(t, err)
		}
		require.Zero(t, s.DataWrites())
		require.NoError(t, s.Close())
		require.Equal(t, before, folder(t, path), "read only: %v", readOnly)
	}
}

func TestReadingBesideADeadRunLeavesItsLogAlone(t *testing.T) {
	f, path := newFleet(t), filepath.Join(t.TempDir(), "graph.db")
	s := open(t, path, f.schema, sqlite.Options{})
	f.fill(t, s)
	crashed := filepath.Join(t.TempDir(), "graph.db")
	for name, content := range folder(t, path) {
		if name != "graph.db-shm" {
			require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(crashed), name), []byte(content), 0o600))
		}
	}
	require.NoError(t, s.Close())
	before := folder(t, crashed)
	require.NotEmpty(t, before["graph.db-wal"])

	r := open(t, crashed, f.schema, sqlite.Options{ReadOnly: true})
	pops, err := r.Counts(t.Context())
	require.NoError(t, err)
	require.Len(t, pops, 3, "what is only in the log is read")
	require.NoError(t, r.Close())
	after := folder(t, crashed)
	delete(after, "graph.db-shm") // an index of the log, which SQLite makes anew whenever it likes
	require.Equal(t, before, after)

	w := open(t, crashed, f.schema, sqlite.Options{})
	require.NoError(t, w.Close())
	require.Len(t, folder(t, crashed), 1)
}

func TestOnlyOurOwnFilesAreOpened(t *testing.T) {
	f := newFleet(t)
	sqlFile := func(statements ...string) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			with(t, path, func(db *sql.DB) {
				for _, s := range statements {
					_, err := db.ExecContext(t.Context(), s)
					require.NoError(t, err)
				}
			})
		}
	}
	content := func(b string) func(t *testing.T, path string) {
		return func(t *testing.T, path string) { require.NoError(t, os.WriteFile(path, []byte(b), 0o600)) }
	}
	tests := []struct {
		name string
		make func(t *testing.T, path string)
		want error
	}{
		{"a text", content("GRAPH_DB_ENDPOINT=sqlite:x\n"), graph.ErrNotOurs},
		{"a long text", content(strings.Repeat("no database, though long enough to be one\n", 1000)), graph.ErrNotOurs},
		{"half a header", content("SQLite format 3\x00"), graph.ErrNotOurs},
		{"zeros", content(strings.Repeat("\x00", 8192)), graph.ErrNotOurs},
		{"another program's database", sqlFile("CREATE TABLE mine (a)"), graph.ErrNotOurs},
		{"another program's database in WAL mode", sqlFile("PRAGMA journal_mode=WAL", "CREATE TABLE mine (a)"), graph.ErrNotOurs},
		{"another program's application id", sqlFile("PRAGMA application_id=7", "PRAGMA user_version=1", "CREATE TABLE mine (a)"), graph.ErrNotOurs},
		{"another program's empty database", sqlFile("PRAGMA journal_mode=WAL"), graph.ErrNotOurs},
		{"our id without a version", sqlFile("PRAGMA application_id=1095979847", "CREATE TABLE mine (a)"), graph.ErrNotOurs},
		{"a newer version's", sqlFile("PRAGMA application_id=1095979847", "PRAGMA user_version=3", "CREATE TABLE mine (a)"), graph.ErrNewerFormat},
		{"a folder", func(t *testing.T, path string) { require.NoError(t, os.Mkdir(path, 0o700)) }, graph.ErrNotOurs},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "graph.db")
			c.make(t, path)
			before := folder(t, path)
			for _, readOnly := range []bool{false, true} {
				_, err := sqlite.Open(t.Context(), path, f.schema, sqlite.Options{ReadOnly: readOnly})
				require.ErrorIs(t, err, c.want)
				require.ErrorContains(t, err, path)
				require.Equal(t, before, folder(t, path), "untouched")
			}
		})
	}
}

func TestReadingWhatIsNotThereCreatesNothing(t *testing.T) {
	f, dir := newFleet(t), t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "empty.db"), nil, 0o600))
	for _, name := range []string{"missing.db", "empty.db", "no/such/folder.db"} {
		path := filepath.Join(dir, name)
		_, err := sqlite.Open(t.Context(), path, f.schema, sqlite.Options{ReadOnly: true})
		require.ErrorIs(t, err, graph.ErrNoGraph, name)
		require.ErrorContains(t, err, path)
	}
	require.Equal(t, map[string]string{"empty.db": ""}, folder(t, filepath.Join(dir, "x")))
	_, err := sqlite.Open(t.Context(), filepath.Join(dir, "no/such/folder.db"), f.schema, sqlite.Options{})
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestNewFilesAreTheOwnersAlone(t *testing.T) {
	f, path := newFleet(t), filepath.Join(t.TempDir(), "graph.db")
	s := open(t, path, f.schema, sqlite.Options{})
	f.fill(t, s)
	for name := range folder(t, path) {
		info, err := os.Stat(filepath.Join(filepath.Dir(path), name))
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), name)
	}
	require.Len(t, folder(t, path), 3)
	require.NoError(t, s.Close())
}

func TestEmptyFileBecomesAGraph(t *testing.T) {
	f, path := newFleet(t), filepath.Join(t.TempDir(), "graph.db")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	s := open(t, path, f.schema, sqlite.Options{})
	f.fill(t, s)
	require.NoError(t, s.Close())
}

func TestManyOpenANewGraphAtOnce(t *testing.T) {
	f, path := newFleet(t), filepath.Join(t.TempDir(), "graph.db")
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			s, err := sqlite.Open(t.Context(), path, f.schema, sqlite.Options{})
			if err != nil {
				t.Errorf("open: %v", err)
				return
			}
			if err := s.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		})
	}
	wg.Wait()
	s := open(t, path, f.schema, sqlite.Options{})
	f.fill(t, s)
	require.NoError(t, s.Close())
}

// A run that was killed while it created its graph leaves a file of which a part was written, and beside it SQLite's
// journal of what was there before: nothing.
func TestCreationThatWasCutOffIsUndone(t *testing.T) {
	dir := t.TempDir()
	db, err := sql.Open("sqlite", filepath.Join(dir, "creating.db"))
	require.NoError(t, err)
	db.SetMaxOpenConns(1)
	for _, text := range []string{"PRAGMA page_size=8192", "PRAGMA cache_size=1", "BEGIN IMMEDIATE", "CREATE TABLE t (x TEXT)", "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 2000) INSERT INTO t SELECT hex(randomblob(100)) FROM n"} {
		_, err := db.Exec(text)
		require.NoError(t, err, text)
	}
	path := filepath.Join(dir, "graph.db")
	for from, to := range map[string]string{"creating.db": path, "creating.db-journal": path + "-journal"} {
		data, err := os.ReadFile(filepath.Join(dir, from))
		require.NoError(t, err)
		require.NotEmpty(t, data, from)
		require.NoError(t, os.WriteFile(to, data, 0o600))
	}
	require.NoError(t, db.Close())

	f := newFleet(t)
	s := open(t, path, f.schema, sqlite.Options{})
	f.fill(t, s)
	require.NoError(t, s.Close())
}

func TestGraphInMemory(t *testing.T) {
	f := newFleet(t)
	s := open(t, sqlite.Memory, f.schema, sqlite.Options{})
	f.fill(t, s)
	for st, err := range s.Elements(t.Context(), graph.Selection{Type: f.device}) {
		require.NoError(t, err)
		for h, err := range s.Headers(t.Context(), f.device, "s1") { // a stream within a stream, on one connection
			require.NoError(t, err)
			require.Equal(t, st.Key, h.Key)
		}
		rows, err := s.Query(t.Context(), "select hostname from sentinelone_agent")
		require.NoError(t, err)
		for r, err := range rows.Rows {
			require.NoError(t, err)
			require.Equal(t, []any{"pc-1"}, r)
		}
	}
	rows, err := s.Query(t.Context(), "with x as (select 1) delete from graph_entity")
	require.NoError(t, err)
	for _, err := range rows.Rows {
		require.ErrorContains(t, err, "readonly", "refused when it runs")
	}
	f.fill(t, s)
	require.NoError(t, s.Close())

	empty := open(t, sqlite.Memory, f.schema, sqlite.Options{ReadOnly: true})
	pops, err := empty.Counts(t.Context())
	require.NoError(t, err)
	require.Empty(t, pops)
	_, err = empty.Apply(t.Context(), graph.Batch{Type: f.device, Instance: "s1", Elements: []*graph.Element{f.agent(t, "1")}})
	require.ErrorIs(t, err, graph.ErrReadOnly)
	require.NoError(t, empty.Close())
	require.NoFileExists(t, sqlite.Memory)
}

func TestReservedTypeNames(t *testing.T) {
	for _, name := range []string{"graph_entity", "Graph_x", "sqlite_x"} {
		schema, err := graph.NewSchema(graph.NewEntityType(name, "x", "x", []string{"Record"}))
		require.NoError(t, err)
		_, err = sqlite.Open(t.Context(), sqlite.Memory, schema, sqlite.Options{})
		require.ErrorContains(t, err, name)
	}
}

func TestClosedStore(t *testing.T) {
	f := newFleet(t)
	for _, path := range []string{sqlite.Memory, filepath.Join(t.TempDir(), "graph.db")} {
		s := open(t, path, f.schema, sqlite.Options{})
		require.NoError(t, s.Close())
		require.NoError(t, s.Close())
		_, err := s.Counts(t.Context())
		require.Error(t, err)
		require.Error(t, s.SaveRun(t.Context(), graph.Run{ID: "1"}))
	}
}

func TestReadOnlyFolder(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("nothing is read-only to the administrator")
	}
	f, path := newFleet(t), filepath.Join(t.TempDir(), "graph.db")
	s := open(t, path, f.schema, sqlite.Options{})
	f.fill(t, s)
	require.NoError(t, s.Close())
	require.NoError(t, os.Chmod(path, 0o400))
	require.NoError(t, os.Chmod(filepath.Dir(path), 0o500))
	t.Cleanup(func() { _ = os.Chmod(filepath.Dir(path), 0o700) })
	before := folder(t, path)

	s = open(t, path, f.schema, sqlite.Options{ReadOnly: true})
	pops, err := s.Counts(t.Context())
	require.NoError(t, err)
	require.Len(t, pops, 3)
	rows, err := s.Query(t.Context(), "select hostname from sentinelone_agent")
	require.NoError(t, err)
	for r, err := range rows.Rows {
		require.NoError(t, err)
		require.Equal(t, []any{"pc-1"}, r)
	}
	require.NoError(t, s.Close())
	require.Equal(t, before, folder(t, path))
	_, err = sqlite.Open(t.Context(), path, f.schema, sqlite.Options{})
	require.Error(t, err, "a graph that can't be written is not opened for writing")
}

func TestQueryThatNeverEndsIsCancelled(t *testing.T) {
	f, path := newFleet(t), filepath.Join(t.TempDir(), "graph.db")
	s := open(t, path, f.schema, sqlite.Options{})
	for _, what := range []string{"i", "count(*)"} {
		ctx, cancel := context.WithCancel(t.Context())
		rows, err := s.Query(ctx, "with recursive n(i) as (select 1 union all select i + 1 from n) select "+what+" from n")
		require.NoError(t, err)
		time.AfterFunc(50*time.Millisecond, cancel)
		var last error
		for _, err := range rows.Rows {
			last = err
		}
		require.ErrorIs(t, last, context.Canceled, what)
	}
	require.NoError(t, s.Close())
}

// A graph of format 1 has no seals, no clocks and no memories. Opened for reading it stays as it is; opened for writing
// it gets what it lacks, and keeps what it holds.
func TestGraphOfFormat1IsCarriedOver(t *testing.T) {
	f, path := newFleet(t), filepath.Join(t.TempDir(), "graph.db")
	s := open(t, path, f.schema, sqlite.Options{})
	f.fill(t, s)
	counts, err := s.Counts(t.Context())
	require.NoError(t, err)
	require.NoError(t, s.Close())
	with(t, path, func(db *sql.DB) {
		for _, text := range []string{
			"ALTER TABLE graph_scope DROP COLUMN sum", "ALTER TABLE graph_scope DROP COLUMN count", "DROP TABLE graph_memory",
			"UPDATE graph_entity SET volatile = substr(volatile, 1, 16)", "PRAGMA user_version=1",
		} {
			_, err := db.ExecContext(t.Context(), text)
			require.NoError(t, err, text)
		}
	})
	same := func(s *sqlite.Store) {
		got, err := s.Counts(t.Context())
		require.NoError(t, err)
		require.Equal(t, counts, got)
		data, err := s.Memory(t.Context(), "one")
		require.NoError(t, err)
		require.Nil(t, data)
		for h, err := range s.Headers(t.Context(), f.device, "s1") {
			require.NoError(t, err)
			require.NotZero(t, h.Volatile)
			require.Empty(t, h.Clock)
		}
	}
	before := folder(t, path)
	reading := open(t, path, f.schema, sqlite.Options{ReadOnly: true})
	same(reading)
	require.NoError(t, reading.Close())
	require.Equal(t, before, folder(t, path))

	writing := open(t, path, f.schema, sqlite.Options{})
	same(writing)
	require.NoError(t, writing.SaveMemory(t.Context(), "one", []byte("1")))
	require.NoError(t, writing.SealScopes(t.Context(), graph.Lease{}, []graph.ScopeSeal{{
		Scope: counts[0].Scope, Seal: graph.Seal{Count: counts[0].Count},
	}}))
	require.NoError(t, writing.Close())
	again := open(t, path, f.schema, sqlite.Options{})
	got, err := again.Counts(t.Context())
	require.NoError(t, err)
	require.Equal(t, &graph.Seal{Count: counts[0].Count}, got[0].Seal)
	require.NoError(t, again.Close())
}
