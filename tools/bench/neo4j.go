package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"time"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"assetgraph/graph"
	"assetgraph/graph/neo4j"
	"assetgraph/graph/sqlite"
	"assetgraph/internal/neo4jserver"
)

// freshServer starts a server without data. One that was started before is gone with its data: there is one at a time,
// so that none takes processor time or memory from another.
func (s *session) freshServer(ctx context.Context) (*target, error) {
	if s.brief && s.server != nil {
		return s.target(), s.empty(ctx)
	}
	if err := s.stopServer(); err != nil {
		return nil, err
	}
	server, err := neo4jserver.Start(ctx, neo4jserver.Options{
		Home: filepath.Join(s.folder, "neo4j"), Heap: "1g", PageCache: "512m", Brief: s.brief,
	})
	if err != nil {
		return nil, err
	}
	s.server = server
	return s.target(), nil
}

func (s *session) target() *target {
	return &target{store: neo4jStore, url: s.server.Endpoint, env: map[string]string{
		"GRAPH_DB_USERNAME": s.server.Username, "GRAPH_DB_PASSWORD": s.server.Password,
	}}
}

// empty deletes the little that a test has put into the server.
func (s *session) empty(ctx context.Context) error {
	for _, f := range s.fleets {
		delete(f.graphs, neo4jStore)
	}
	d, err := s.bolt().driver()
	if err != nil {
		return err
	}
	defer func() { _ = d.Close(ctx) }() // all is committed
	_, err = driver.ExecuteQuery(ctx, d, "MATCH (n) DETACH DELETE n", nil, driver.EagerResultTransformer)
	return err
}

// settle waits until the server has filled the indexes that a load left it, which takes it half a minute for 100,000
// machines: what is measured meanwhile, in whichever store, would share the processors with it.
func (s *session) settle(ctx context.Context) error {
	d, err := s.bolt().driver()
	if err != nil {
		return err
	}
	defer func() { _ = d.Close(ctx) }() // nothing was written
	_, err = driver.ExecuteQuery(ctx, d, "CALL db.awaitIndexes(600)", nil, driver.EagerResultTransformer)
	return err
}

// stopServer ends the server and forgets what it held.
func (s *session) stopServer() error {
	if s.server == nil {
		return nil
	}
	home := s.server.Home
	err := s.server.Stop()
	s.server = nil
	for _, f := range s.fleets {
		delete(f.graphs, neo4jStore)
	}
	if err != nil {
		return err
	}
	return os.RemoveAll(home)
}

// bolt is how the server is reached.
func (s *session) bolt() bolt {
	return bolt{Endpoint: s.server.Endpoint, Username: s.server.Username, Password: s.server.Password}
}

// discard removes the files of an embedded graph.
func (s *session) discard(g *target) {
	if g.file == "" {
		return
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		_ = os.Remove(g.file + suffix) // the folder goes in the end anyway
	}
}

// A queried graph is closed by who opened it.
type queried interface {
	graph.Querier
	io.Closer
}

// open opens a graph to be asked.
func (s *session) open(ctx context.Context, g *target) (queried, error) {
	if g.store == sqliteStore {
		return sqlite.Open(ctx, g.file, s.schema, sqlite.Options{ReadOnly: true})
	}
	return neo4j.Open(ctx,
		neo4j.Config{URI: g.url, Username: s.server.Username, Password: s.server.Password, ReadOnly: true}, s.schema)
}

// changedSince counts the elements in a graph that were created or updated since then, as the store itself says.
func (s *session) changedSince(ctx context.Context, g *target, since time.Time) (int, error) {
	store, err := s.open(ctx, g)
	if err != nil {
		return 0, err
	}
	defer func() { _ = store.Close() }() // it was only read
	total := 0
	for _, text := range changedStatements(g.store, since) {
		n, err := count(ctx, store, text)
		if err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}
