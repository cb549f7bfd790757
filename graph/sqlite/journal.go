package sqlite

import (
	"context"
	"math"
	"time"

	"assetgraph/graph"
)

// SaveRun implements graph.Journal. Times are kept to the millisecond.
func (s *Store) SaveRun(ctx context.Context, r graph.Run) error {
	if err := s.book(ctx, func(c *conn) error { return c.saveRun(ctx, &r) }); err != nil {
		return s.failed("save the run record", err)
	}
	return nil
}

// saveRun saves a run record within a transaction.
func (c *conn) saveRun(ctx context.Context, r *graph.Run) error {
	var finished, report any
	if !r.FinishedAt.IsZero() {
		finished = r.FinishedAt.UnixMilli()
	}
	if r.Report != nil {
		report = string(r.Report)
	}
	_, err := c.exec(ctx,
		`INSERT INTO graph_run (id, started, finished, status, version, report) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET started = excluded.started, finished = excluded.finished, status = excluded.status,
		version = excluded.version, report = excluded.report`,
		r.ID, r.StartedAt.UnixMilli(), finished, r.Status, r.Version, report)
	if err != nil {
		return err
	}
	_, err = c.exec(ctx, "DELETE FROM graph_run WHERE id NOT IN (SELECT id FROM graph_run ORDER BY started DESC, id DESC LIMIT ?)", int64(graph.MaxRuns))
	return err
}

// Runs implements graph.Journal.
func (s *Store) Runs(ctx context.Context, limit int) ([]graph.Run, error) {
	if limit <= 0 {
		limit = math.MaxInt32
	}
	var out []graph.Run
	row := func(columns []any) error {
		r := graph.Run{StartedAt: time.UnixMilli(integerOf(columns[1])).UTC()}
		r.ID = textOf(columns[0])
		if finished, ok := columns[2].(int64); ok {
			r.FinishedAt = time.UnixMilli(finished).UTC()
		}
		r.Status = textOf(columns[3])
		r.Version = textOf(columns[4])
		if report, ok := columns[5].(string); ok {
			r.Report = []byte(report)
		}
		out = append(out, r)
		return nil
	}
	err := s.pool.read(ctx, func(c *conn) error {
		return c.query(ctx, row, "SELECT id, started, finished, status, version, report FROM graph_run ORDER BY started DESC, id DESC LIMIT ?", int64(limit))
	})
	if err != nil {
		return nil, s.failed("read run records", err)
	}
	return out, nil
}
