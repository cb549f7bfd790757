package assistant

import (
	"context"
	"fmt"
	"time"
)

type freshnessArguments struct{}

type freshnessData struct {
	Language string    `json:"language" jsonschema:"what the tool query takes: SQL or Cypher"`
	Runs     []lastRun `json:"runs" jsonschema:"the last runs, the newest first"`
}

type lastRun struct {
	ID         string     `json:"id"`
	StartedAt  time.Time  `json:"startedAt"`
	FinishedAt *time.Time `json:"finishedAt" jsonschema:"null for a run that is under way or died"`
	Status     string     `json:"status" jsonschema:"complete, incomplete, withheld, failed or unfinished"`
}

func (s *server) addFreshness() {
	add(s, "freshness", "How complete and fresh the graph is",
		"When each product was last read completely, what is wrong with that, and the last ten runs. Every other answer "+
			"has freshness too.",
		s.freshness)
}

func (s *server) freshness(ctx context.Context, _ freshnessArguments) (out answer[freshnessData], err error) {
	const most = 10
	runs, err := s.Source.Store.Runs(ctx, most)
	if err != nil {
		return out, fmt.Errorf("read past runs: %w", err)
	}
	out.Data = freshnessData{Language: s.Source.Language.String(), Runs: []lastRun{}}
	for _, r := range runs {
		run := lastRun{ID: r.ID, StartedAt: r.StartedAt, Status: r.Status}
		if r.FinishedAt.IsZero() {
			run.Status = "unfinished"
		} else {
			run.FinishedAt = &r.FinishedAt
		}
		out.Data.Runs = append(out.Data.Runs, run)
	}
	return out, nil
}
