package neo4j

import (
	"context"
	"fmt"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"assetgraph/graph"
)

// SaveRun inserts the run record or replaces the one of the same ID, and forgets all but the newest graph.MaxRuns.
func (s *Store) SaveRun(ctx context.Context, r graph.Run) error {
	if err := s.writable(); err != nil {
		return err
	}
	_, err := s.write(ctx, func(tx driver.ManagedTransaction) (any, error) { return nil, s.saveRun(ctx, tx, &r) })
	if err != nil {
		return fmt.Errorf("neo4j: save run %s: %w", r.ID, err)
	}
	return nil
}

// saveRun saves a run record within a transaction.
func (s *Store) saveRun(ctx context.Context, tx driver.ManagedTransaction, r *graph.Run) error {
	var report any
	if r.Report != nil {
		report = string(r.Report)
	}
	params := map[string]any{
		"id": r.ID, "startedAt": s.datetime(r.StartedAt), "finishedAt": s.datetime(r.FinishedAt), "status": r.Status,
		"version": r.Version, "report": report, "max": graph.MaxRuns,
	}
	_, err := rows(ctx, tx, "MERGE (n:"+runLabel+
		" {id: $id}) SET n += {startedAt: $startedAt, finishedAt: $finishedAt, "+
		"status: $status, version: $version, report: $report}", params)
	if err != nil {
		return err
	}
	_, err = rows(ctx, tx, "MATCH (n:"+runLabel+") WITH n ORDER BY n.startedAt DESC, n.id DESC SKIP $max DELETE n",
		params)
	return err
}

// Runs returns the newest run records first.
func (s *Store) Runs(ctx context.Context, limit int) ([]graph.Run, error) {
	if limit <= 0 {
		limit = graph.MaxRuns
	}
	found, err := s.read(ctx, "MATCH (n:"+runLabel+
		") RETURN n.id, n.startedAt, n.finishedAt, n.status, n.version, n.report "+
		"ORDER BY n.startedAt DESC, n.id DESC LIMIT $limit", map[string]any{"limit": limit})
	if err != nil {
		return nil, fmt.Errorf("neo4j: read the journal: %w", err)
	}
	runs := make([]graph.Run, len(found))
	for i, f := range found {
		runs[i] = runOf(f.Values)
	}
	return runs, nil
}

func runOf(values []any) graph.Run {
	r := graph.Run{StartedAt: timeOf(values[1]), FinishedAt: timeOf(values[2])}
	r.ID, _ = values[0].(string)
	r.Status, _ = values[3].(string)
	r.Version, _ = values[4].(string)
	if report, ok := values[5].(string); ok {
		r.Report = []byte(report)
	}
	return r
}
