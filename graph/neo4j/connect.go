package neo4j

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"
)

// Errors of Open, to be tested with errors.Is.
var (
	ErrUnreachable  = errors.New("the server can't be reached")
	ErrUnauthorized = errors.New("the server refused the user name or the password")
	ErrNoDatabase   = errors.New("the server has no such database")
	ErrServerTooOld = errors.New("the server is too old")
)

// minServer is the oldest major version whose Cypher has what the statements use (EXISTS subqueries as expressions,
// SHOW CONSTRAINTS with YIELD).
const minServer = 5

// connect signs in within the connect timeout, checks the server's version and fixes the database: asking for the home
// database by name saves looking it up in each session.
func (s *Store) connect(ctx context.Context) error {
	timed, cancel := context.WithTimeout(ctx, s.config.ConnectTimeout)
	defer cancel()
	summary, err := s.greet(timed)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return s.explain(err)
	}
	if err := checkVersion(summary.Server().Agent()); err != nil {
		return err
	}
	s.config.Database = summary.Database().Name()
	return nil
}

// greet uses a transaction that the driver doesn't try again, so that the first error is the one to show.
func (s *Store) greet(ctx context.Context) (driver.ResultSummary, error) {
	session := s.session(ctx, driver.AccessModeRead)
	defer func() { _ = session.Close(context.WithoutCancel(ctx)) }() // nothing hangs on it
	result, err := session.Run(ctx, "RETURN 1", nil)
	if err != nil {
		return nil, err
	}
	return result.Consume(ctx)
}

func (s *Store) explain(err error) error {
	if e, ok := errors.AsType[*driver.Neo4jError](err); ok {
		switch {
		case e.Code == "Neo.ClientError.Security.Unauthorized",
			e.Code == "Neo.ClientError.Security.AuthenticationRateLimit":
			return fmt.Errorf("%w: user %q; %w", ErrUnauthorized, s.config.Username, err)
		case strings.HasPrefix(e.Code, "Neo.ClientError.Database."):
			return fmt.Errorf("%w: %q; %w", ErrNoDatabase, s.config.Database, err)
		}
		return err
	}
	if driver.IsConnectivityError(err) || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%w: check that it runs, host and port, and whether it wants an encrypted connection (neo4j+s://): %w",
			ErrUnreachable, err)
	}
	return err
}

// checkVersion reads what the server calls itself: "Neo4j/5.26.30", "Neo4j/2025.08.0".
func checkVersion(agent string) error {
	_, version, _ := strings.Cut(agent, "/")
	number, _, _ := strings.Cut(strings.TrimPrefix(version, "v"), ".")
	major, err := strconv.Atoi(number)
	if err != nil || major >= minServer {
		return nil // one that hides its version gets the benefit of the doubt
	}
	return fmt.Errorf("%w: it is %s, Neo4j %d or newer is needed", ErrServerTooOld, agent, minServer)
}
