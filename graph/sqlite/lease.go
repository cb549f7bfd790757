package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"
	"time"

	"assetgraph/graph"
)

// now is SQLite's clock in epoch milliseconds. It stands still within one statement.
const now = "CAST(unixepoch('subsec') * 1000 AS INTEGER)"

// Acquire implements graph.Leaser.
func (s *Store) Acquire(ctx context.Context, instance, holder string, ttl time.Duration) (graph.Lease, error) {
	lease := graph.Lease{Instance: instance, Holder: holder}
	err := s.book(ctx, func(c *conn) error {
		if err := checkFree(ctx, c, instance, holder); err != nil {
			return err
		}
		row := func(columns []driver.Value) error { lease.Epoch = integerOf(columns[0]); return nil }
		return c.query(ctx, row, `INSERT INTO graph_lease (instance, holder, epoch, acquired, expires)
			VALUES (?, ?, 1, `+now+`, `+now+` + ?) ON CONFLICT (instance) DO UPDATE SET
			holder = excluded.holder, epoch = epoch + 1, acquired = excluded.acquired, expires = excluded.expires RETURNING epoch`,
			instance, holder, ttl.Milliseconds())
	})
	if err != nil {
		return graph.Lease{}, s.failed("take the run lock", err)
	}
	return lease, nil
}

// checkFree returns a *graph.HeldError while another holder has the instance.
func checkFree(ctx context.Context, c *conn, instance, holder string) error {
	var held *graph.HeldError
	err := c.query(ctx, func(columns []driver.Value) error {
		held = &graph.HeldError{Instance: instance, Holder: textOf(columns[0]),
			Age: time.Duration(integerOf(columns[1])) * time.Millisecond, Expires: time.Duration(integerOf(columns[2])) * time.Millisecond}
		return nil
	}, "SELECT holder, max(0, "+now+" - acquired), expires - "+now+" FROM graph_lease"+
		" WHERE instance = ? AND holder NOT IN ('', ?) AND expires > "+now, instance, holder)
	if err != nil || held == nil {
		return err
	}
	return held
}

// Renew implements graph.Leaser.
func (s *Store) Renew(ctx context.Context, l graph.Lease, ttl time.Duration) error {
	err := s.book(ctx, func(c *conn) error {
		n, err := c.exec(ctx, "UPDATE graph_lease SET expires = "+now+" + ? WHERE instance = ? AND holder = ? AND epoch = ?",
			ttl.Milliseconds(), l.Instance, l.Holder, l.Epoch)
		if err == nil && n == 0 {
			err = fmt.Errorf("instance %s: %w", l.Instance, graph.ErrLeaseLost)
		}
		return err
	})
	if err != nil {
		return s.failed("renew the run lock", err)
	}
	return nil
}

// Release implements graph.Leaser. The row stays, so that the next epoch is greater.
func (s *Store) Release(ctx context.Context, l graph.Lease) error {
	err := s.book(ctx, func(c *conn) error {
		_, err := c.exec(ctx, "UPDATE graph_lease SET holder = '', expires = 0 WHERE instance = ? AND holder = ? AND epoch = ?",
			l.Instance, l.Holder, l.Epoch)
		return err
	})
	if err != nil {
		return s.failed("release the run lock", err)
	}
	return nil
}

// checkLease refuses a batch whose lease is no longer its run's.
func (w *writer) checkLease(ctx context.Context) error {
	l := w.batch.Lease
	if l == (graph.Lease{}) {
		return nil
	}
	n, err := w.integer(ctx, "SELECT count(*) FROM graph_lease WHERE instance = ? AND holder = ? AND epoch = ? AND expires > "+now,
		l.Instance, l.Holder, l.Epoch)
	if err == nil && n == 0 {
		err = fmt.Errorf("instance %s: %w", l.Instance, graph.ErrLeaseLost)
	}
	return err
}

// book writes to the program's own bookkeeping in one transaction.
func (s *Store) book(ctx context.Context, f func(*conn) error) error {
	if s.readOnly {
		return graph.ErrReadOnly
	}
	return s.pool.write(ctx, func(c *conn) error {
		return c.transaction(ctx, func() error { return f(c) })
	})
}
