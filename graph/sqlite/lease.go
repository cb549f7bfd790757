package sqlite

import (
	"context"
	"fmt"
	"time"

	"assetgraph/graph"
)

// now is SQLite's clock in epoch milliseconds. It stands still within one statement.
const now = "CAST(unixepoch('subsec') * 1000 AS INTEGER)"

// Acquire implements graph.Leaser.
func (s *Store) Acquire(ctx context.Context, instance, holder string, ttl time.Duration) (graph.Lease, error) {
	lease := graph.Lease{Instance: instance, Holder: holder}
	if ttl > graph.MaxLease {
		return graph.Lease{}, s.failed("take the run lock", graph.ErrLeaseLong)
	}
	err := s.book(ctx, func(c *conn) error {
		if err := checkFree(ctx, c, instance, holder); err != nil {
			return err
		}
		row := func(columns []any) error { lease.Epoch = integerOf(columns[0]); return nil }
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
	return eachLease(ctx, c, func(h graph.Held, age, left time.Duration) error {
		if h.Instance != instance || h.Holder == holder {
			return nil
		}
		return &graph.HeldError{Instance: instance, Holder: h.Holder, Age: age, Expires: left}
	})
}

// eachLease calls f for each lease that is in force, with how long it was held and how long it has left.
func eachLease(ctx context.Context, c *conn, f func(h graph.Held, age, left time.Duration) error) error {
	return c.query(ctx, func(columns []any) error {
		since, until, clock := integerOf(columns[2]), integerOf(columns[3]), integerOf(columns[4])
		left := time.Duration(until-clock) * time.Millisecond
		if !graph.InForce(left) {
			return nil
		}
		h := graph.Held{
			Instance: textOf(columns[0]), Holder: textOf(columns[1]), Since: time.UnixMilli(since).UTC(),
			Until: time.UnixMilli(until).UTC(),
		}
		return f(h, time.Duration(max(0, clock-since))*time.Millisecond, left)
	}, "SELECT instance, holder, acquired, expires, "+now+" FROM graph_lease WHERE holder <> '' ORDER BY instance")
}

// Held implements graph.Leaser.
func (s *Store) Held(ctx context.Context) ([]graph.Held, error) {
	list := []graph.Held{}
	err := s.pool.read(ctx, func(c *conn) error {
		return eachLease(ctx, c, func(h graph.Held, _, _ time.Duration) error { list = append(list, h); return nil })
	})
	if err != nil {
		return nil, s.failed("read the run locks", err)
	}
	return list, nil
}

// Break implements graph.Leaser.
func (s *Store) Break(ctx context.Context, instance, holder string) (broken bool, err error) {
	err = s.book(ctx, func(c *conn) error {
		n, err := c.exec(ctx, "UPDATE graph_lease SET holder = '', expires = 0, epoch = epoch + 1 WHERE instance = ? AND holder = ? AND holder <> ''", instance, holder)
		broken = n > 0
		return err
	})
	if err != nil {
		return false, s.failed("break the run lock", err)
	}
	return broken, nil
}

// Renew implements graph.Leaser.
func (s *Store) Renew(ctx context.Context, l graph.Lease, ttl time.Duration) error {
	if ttl > graph.MaxLease {
		return s.failed("renew the run lock", graph.ErrLeaseLong)
	}
	err := s.book(ctx, func(c *conn) error {
		n, err := c.exec(ctx, "UPDATE graph_lease SET expires = "+now+
			" + ? WHERE instance = ? AND holder = ? AND epoch = ?",
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
		_, err := c.exec(ctx,
			"UPDATE graph_lease SET holder = '', expires = 0 WHERE instance = ? AND holder = ? AND epoch = ?",
			l.Instance, l.Holder, l.Epoch)
		return err
	})
	if err != nil {
		return s.failed("release the run lock", err)
	}
	return nil
}

// checkLease refuses what is written under a lease that is no longer its run's.
func checkLease(ctx context.Context, c *conn, l graph.Lease) error {
	if l == (graph.Lease{}) {
		return nil
	}
	n, err := c.integer(ctx,
		"SELECT count(*) FROM graph_lease WHERE instance = ? AND holder = ? AND epoch = ? AND expires > "+now,
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
