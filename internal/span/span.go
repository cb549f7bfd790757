// Package span marks parts of a run for traces: run, instance, step, request. Whoever wants a trace gives the run a
// context with a span in it (package tracing); without one nothing is recorded.
//
// What is put into a span leaves the machine: names of instances and lists, paths without a query, figures. Never a
// secret, a text of a provider, or a name of a customer, machine or person.
package span

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// scope names the code whose spans these are.
const scope = "assetgraph"

// Start begins a span below the one of the context; End must be called on it. Without one in the context it returns the
// context as it is, and a span that records nothing.
func Start(ctx context.Context, name string, attributes ...attribute.KeyValue) (context.Context, trace.Span) {
	parent := trace.SpanFromContext(ctx)
	if !parent.IsRecording() {
		return ctx, noop.Span{}
	}
	return parent.TracerProvider().Tracer(scope).Start(ctx, name, trace.WithAttributes(attributes...))
}

// End ends a span with what is known by then. Where it failed it says that, and not why: that is in the log.
func End(s trace.Span, failed bool, attributes ...attribute.KeyValue) {
	if failed {
		s.SetStatus(codes.Error, "")
	}
	s.SetAttributes(attributes...)
	s.End()
}
