package main

import (
	"context"
	"errors"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"assetgraph/internal/panics"
	"assetgraph/internal/settings"
	"assetgraph/internal/tracing"
)

// traced does what a command does within a span of that name, where somebody wants a trace.
func (a *app) traced(ctx context.Context, name string, f func(context.Context) error) error {
	from, endpoint := settings.OTLPTraces, a.env.Get(settings.OTLPTraces)
	if endpoint == "" {
		if from, endpoint = settings.OTLPEndpoint, a.env.Get(settings.OTLPEndpoint); endpoint == "" {
			return f(ctx)
		}
		endpoint = strings.TrimRight(endpoint, "/") + "/v1/traces"
	}
	ctx, end, err := tracing.Start(ctx, tracing.Options{
		Endpoint: endpoint, Headers: a.env.Get(settings.OTLPHeaders), Version: thisBuild().Version,
		Warn: func(err error) { a.logger.Warn("the trace was not sent, or not all of it", "error", err) },
	}, name, attribute.String("assetgraph.run", a.runID))
	if errors.Is(err, tracing.ErrHeaders) {
		from = settings.OTLPHeaders
	}
	if err != nil {
		return usagef("", "%s: %w", from, err)
	}
	err = panics.Do(func() error { return f(ctx) })
	_, told := errors.AsType[outcome](err)
	end(err != nil && !told, append(a.outcomeAttributes(), attribute.Int("assetgraph.exit", exitCode(err)))...)
	return err
}

// outcomeAttributes are the figures of a run that began.
func (a *app) outcomeAttributes() []attribute.KeyValue {
	if a.report == nil {
		return nil
	}
	t := a.report.Totals
	return []attribute.KeyValue{
		attribute.String("assetgraph.status", a.report.Run.Status), attribute.Int("assetgraph.created", t.Created),
		attribute.Int("assetgraph.updated", t.Updated), attribute.Int("assetgraph.refreshed", t.Refreshed),
		attribute.Int("assetgraph.deleted", t.Deleted), attribute.Int("assetgraph.withheld", t.Withheld),
	}
}
