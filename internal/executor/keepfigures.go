package executor

import (
	"context"
	"fmt"
	"time"

	"assetgraph/internal/findings"
	"assetgraph/internal/report"
	"assetgraph/internal/trend"
)

// keepFigures keeps the figures of the day with what findings are kept with. The log of changes counts by the clock.
func keepFigures(ctx context.Context, look *report.Survey, o *findings.Options, now time.Time) error {
	whole := make(map[string]bool)
	for tool, reading := range o.Readings {
		whole[tool] = reading == findings.Whole
	}
	err := trend.Keep(ctx, look, trend.Options{
		Store: o.Store, Schema: o.Schema, Model: o.Model, Lease: o.Lease, Whole: whole, At: now, AsOf: o.AsOf,
	})
	if err != nil {
		return fmt.Errorf("figures of the day: %w", err)
	}
	return nil
}
