package neo4j

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j/config"

	"assetgraph/graph"
)

var _ graph.Store = (*Store)(nil)

// A Store is the graph in a Neo4j database. Its methods may be called side by side.
type Store struct {
	config    Config
	schema    *graph.Schema
	driver    driver.DriverWithContext
	bookmarks driver.BookmarkManager // lets a cluster's reader see what its writer just wrote
	utc       *time.Location
	opened    bool        // Open came to its end
	filled    atomic.Bool // an entity was seen; see isEmpty

	mu       sync.Mutex
	counters Counters
	unsealed map[graph.Scope]graph.Lease // scopes whose seal this store took off, under which lease
}

// Open connects to the database, checks that it can be worked with, and lays out the graph unless it is there or the
// configuration says ReadOnly. Errors name the server without credentials and say what to check; they are
// ErrUnreachable, ErrUnauthorized, ErrNoDatabase, ErrServerTooOld, graph.ErrNewerFormat or graph.ErrNoGraph.
func Open(ctx context.Context, c Config, schema *graph.Schema) (*Store, error) {
	if err := c.complete(); err != nil {
		return nil, fmt.Errorf("neo4j: %w", err)
	}
	d, err := driver.NewDriverWithContext(c.URI, driver.BasicAuth(c.Username, c.Password, ""), func(dc *config.Config) {
		dc.MaxTransactionRetryTime = c.RetryTime
		dc.SocketConnectTimeout = c.ConnectTimeout
		dc.UserAgent = "assetgraph " + dc.UserAgent
		dc.TelemetryDisabled = true
	})
	if err != nil {
		return nil, c.failed("open", err)
	}
	s := &Store{
		config: c, schema: schema, driver: d,
		bookmarks: driver.NewBookmarkManager(driver.BookmarkManagerConfig{}),
		utc:       time.FixedZone("Offset", 0), // the name by which the driver sends a plain offset, no zone name
	}
	if err := s.prepare(ctx); err != nil {
		_ = s.Close() // the first error says more
		return nil, c.failed("open", err)
	}
	s.opened = true
	return s, nil
}

func (s *Store) prepare(ctx context.Context) error {
	if err := s.connect(ctx); err != nil {
		return err
	}
	if !s.config.ReadOnly {
		return s.layOut(ctx)
	}
	version, err := s.format(ctx)
	if err == nil && version == 0 {
		err = graph.ErrNoGraph
	}
	return err
}

// Close closes the connections. Streams that are still read fail. Before that it sees to the index that Search answers
// from, of which an error, such as a user without the right to make one, does not matter: searches then take longer.
func (s *Store) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if s.opened {
		_ = s.index(ctx)
	}
	if err := s.driver.Close(ctx); err != nil {
		return s.config.failed("close", err)
	}
	return nil
}

func (s *Store) session(ctx context.Context, mode driver.AccessMode) driver.SessionWithContext {
	return s.driver.NewSession(ctx, driver.SessionConfig{
		AccessMode:      mode,
		DatabaseName:    s.config.Database,
		BookmarkManager: s.bookmarks,
		FetchSize:       fetchRows,
	})
}

// fetchRows is how many records the server sends before it waits to be asked for more.
const fetchRows = 5_000
