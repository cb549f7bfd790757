// Package tracing sends what package span marks to an OpenTelemetry collector, by OTLP over HTTP.
package tracing

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.37.0"
	oteltrace "go.opentelemetry.io/otel/trace"

	"assetgraph/internal/span"
)

// Options say where traces go.
type Options struct {
	Endpoint string // address of a collector's route for traces
	Headers  string // as OTEL_EXPORTER_OTLP_HEADERS has them: name=value, joined by commas
	Version  string // of the program

	// Warn is told what could not be sent. It is called from other goroutines.
	Warn func(error)
}

const (
	sendTime  = 5 * time.Second  // of one request
	closeTime = 10 * time.Second // for what is left in the end
	mostSpans = 1 << 14          // that wait to be sent; more are dropped
)

// Start returns a context in which a span stands for the whole run, and what ends it. Nothing waits for the collector but
// the end, which does so for a limited time.
func Start(ctx context.Context, o Options, name string, attributes ...attribute.KeyValue) (
	context.Context, func(failed bool, attributes ...attribute.KeyValue), error,
) {
	headers, err := parseHeaders(o.Headers)
	if err != nil {
		return ctx, nil, err
	}
	if u, err := url.Parse(o.Endpoint); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ctx, nil, errors.New("this is no address of an OTLP collector: write http://HOST:4318")
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(o.Endpoint), otlptracehttp.WithHeaders(headers),
		otlptracehttp.WithTimeout(sendTime), otlptracehttp.WithRetry(otlptracehttp.RetryConfig{
			Enabled: true, InitialInterval: time.Second, MaxInterval: sendTime, MaxElapsedTime: closeTime,
		}))
	if err != nil {
		return ctx, nil, err
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(o.Warn))
	about, err := resource.Merge(resource.NewSchemaless(
		semconv.ServiceName("assetgraph"), semconv.ServiceVersion(o.Version)), resource.Environment())
	if err != nil {
		return ctx, nil, err
	}
	provider := trace.NewTracerProvider(trace.WithResource(about),
		trace.WithBatcher(exporter, trace.WithMaxQueueSize(mostSpans)))
	run, root := provider.Tracer("assetgraph").Start(ctx, name, oteltrace.WithAttributes(attributes...))
	return run, func(failed bool, attributes ...attribute.KeyValue) {
		span.End(root, failed, attributes...)
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
		defer cancel()
		if err := provider.Shutdown(ctx); err != nil {
			o.Warn(err)
		}
	}, nil
}

// ErrHeaders says that Options.Headers are of no use.
var ErrHeaders = errors.New("headers are NAME=VALUE, joined by commas")

// parseHeaders reads name=value pairs, of which values may be escaped as in a URL. Its error holds no value.
func parseHeaders(text string) (map[string]string, error) {
	headers := make(map[string]string)
	for pair := range strings.SplitSeq(text, ",") {
		if strings.TrimSpace(pair) == "" {
			continue
		}
		name, value, ok := strings.Cut(pair, "=")
		value, err := url.PathUnescape(strings.TrimSpace(value))
		if name = strings.TrimSpace(name); !ok || name == "" || err != nil {
			return nil, ErrHeaders
		}
		headers[name] = value
	}
	return headers, nil
}
