package neo4j

import (
	"context"
	"errors"
	"fmt"
	"time"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"assetgraph/graph"
)

const (
	// writeTime is how long one write transaction may last on the server. It bounds how long a suspended process can
	// keep its locks, for which Acquire waits; a batch takes well under a second.
	writeTime = 2 * time.Minute

	// maxSends is how often a transaction is sent of which it is not known whether it was committed.
	maxSends = 4
)

// read runs one statement in a transaction for reading and returns all its records.
func (s *Store) read(ctx context.Context, text string, params map[string]any) ([]*driver.Record, error) {
	session := s.session(ctx, driver.AccessModeRead)
	defer func() { _ = session.Close(context.WithoutCancel(ctx)) }() // the transaction has ended either way
	found, err := driver.ExecuteRead(ctx, session, func(tx driver.ManagedTransaction) ([]*driver.Record, error) {
		return rows(ctx, tx, text, params)
	})
	return found, ended(ctx, err)
}

// write runs work, which must be idempotent, in a transaction.
func (s *Store) write(ctx context.Context, work driver.ManagedTransactionWork) (any, error) {
	return s.send(ctx, func() driver.ManagedTransactionWork { return work })
}

// send runs the work that it gets in a transaction. The driver repeats it after transient errors and lost connections,
// but not when the answer to the COMMIT was lost; then it is sent again here, with work made anew.
func (s *Store) send(ctx context.Context, work func() driver.ManagedTransactionWork) (any, error) {
	for sent := 1; ; sent++ {
		v, err := s.writeOnce(ctx, work())
		lost := driver.IsConnectivityError(err) && !driver.IsRetryable(err)
		if !lost || sent == maxSends || ctx.Err() != nil {
			return v, ended(ctx, err)
		}
	}
}

func (s *Store) writeOnce(ctx context.Context, work driver.ManagedTransactionWork) (any, error) {
	session := s.session(ctx, driver.AccessModeWrite)
	defer func() { _ = session.Close(context.WithoutCancel(ctx)) }() // the transaction has ended either way
	return session.ExecuteWrite(ctx, work, driver.WithTxTimeout(writeTime))
}

func (s *Store) writable() error {
	if s.config.ReadOnly {
		return graph.ErrReadOnly
	}
	return nil
}

// ended makes sure that the end of a context can be told from an error of the server: the driver hides it in errors of
// its own.
func ended(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil || errors.Is(err, ctx.Err()) {
		return err
	}
	return fmt.Errorf("%w (%w)", ctx.Err(), err)
}

func rows(
	ctx context.Context, tx driver.ManagedTransaction, text string, params map[string]any,
) ([]*driver.Record, error) {
	result, err := tx.Run(ctx, text, params)
	if err != nil {
		return nil, err
	}
	return result.Collect(ctx)
}

// forget deletes the nodes n that a text matches, so many in one transaction. It begins one that writes only when there
// is something to delete. what names them in errors.
func (s *Store) forget(ctx context.Context, what, match string, params map[string]any, most int) error {
	params["limit"] = most
	for {
		found, err := s.read(ctx, match+"RETURN 1 LIMIT 1", params)
		if err == nil && len(found) > 0 {
			_, err = s.write(ctx, func(tx driver.ManagedTransaction) (any, error) {
				return rows(ctx, tx, match+"WITH n LIMIT $limit DELETE n", params)
			})
		}
		if err != nil {
			return fmt.Errorf("neo4j: forget %s: %w", what, err)
		}
		if len(found) == 0 {
			return nil
		}
	}
}
