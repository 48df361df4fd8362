package telemetry

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// traced says whether anybody collects traces; nothing is made or asked for them while nobody does.
var traced atomic.Bool

// Traced tells whether traces are collected.
func Traced() bool { return traced.Load() }

// SendTraces sends traces to a collector that speaks OTLP over HTTP, at the address that the environment names by
// OpenTelemetry's own names (OTEL_EXPORTER_OTLP_ENDPOINT and others). The answer stops it and sends what is left.
func SendTraces(ctx context.Context) (stop func(context.Context) error, err error) {
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("telemetry: %w", err)
	}
	return Collect(sdktrace.NewBatchSpanProcessor(exporter)), nil
}

// Collect hands all spans of this process to a processor until it is stopped. A process has one at a time.
func Collect(p sdktrace.SpanProcessor) (stop func(context.Context) error) {
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(p),
		sdktrace.WithResource(resource.NewSchemaless(attribute.String("service.name", "forecourt"))))
	otel.SetTracerProvider(provider)
	traced.Store(true)
	return func(ctx context.Context) error {
		traced.Store(false)
		return provider.Shutdown(ctx)
	}
}

func start(ctx context.Context, name string, o ...trace.SpanStartOption) (context.Context, trace.Span) {
	return otel.GetTracerProvider().Tracer("forecourt").Start(ctx, name, o...)
}

// Of puts what follows into the trace of a sale, whatever request or job it is done by. Its id is made from the draft's,
// so nobody has to hand it on: a buyer comes back with the draft's link, the bank with the order's payment.
func Of(ctx context.Context, draft string) context.Context {
	if !Traced() || draft == "" {
		return ctx
	}
	sum := sha256.Sum256([]byte("sale " + draft))
	if trace.SpanContextFromContext(ctx).TraceID() == trace.TraceID(sum[:16]) {
		return ctx // it is there already
	}
	sc := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID(sum[:16]), SpanID: trace.SpanID(sum[16:24]), TraceFlags: trace.FlagsSampled, Remote: true})
	return trace.ContextWithRemoteSpanContext(ctx, sc)
}

// Request moves a buyer's request into the trace of its sale, which within is in: from here on what it does is there, until
// it is answered.
func Request(c echo.Context, within context.Context) {
	if !Traced() {
		return
	}
	req := c.Request()
	ctx, span := start(within, Method(req.Method)+" "+c.Path(), trace.WithSpanKind(trace.SpanKindServer), trace.WithLinks(trace.LinkFromContext(req.Context())))
	c.SetRequest(req.WithContext(ctx))
	c.Set(spanKey, span)
}

const spanKey = "telemetry.span"

// answered ends the trace of a request, if it has one.
func answered(c echo.Context) {
	if span, ok := c.Get(spanKey).(trace.Span); ok {
		span.SetAttributes(attribute.Int("http.response.status_code", c.Response().Status))
		span.End()
	}
}

// Do traces fn as one step.
func Do(ctx context.Context, name string, fn func(context.Context) error) error {
	if !Traced() {
		return fn(ctx)
	}
	ctx, span := start(ctx, name)
	defer span.End()
	err := fn(ctx)
	if err != nil {
		span.SetStatus(codes.Error, "failed") // the words of an error may name somebody
	}
	return err
}

// Happened notes something about the step that ctx belongs to: pairs of names and values, no personal data.
func Happened(ctx context.Context, what string, pairs ...string) {
	span := trace.SpanFromContext(ctx)
	if !span.IsRecording() {
		return
	}
	var as []attribute.KeyValue
	for i := 0; i+1 < len(pairs); i += 2 {
		as = append(as, attribute.String(pairs[i], pairs[i+1]))
	}
	span.AddEvent(what, trace.WithAttributes(as...))
}

// Carried is where in a trace something is, as a text that may be stored; empty when it is in none.
func Carried(ctx context.Context) string {
	if !Traced() {
		return ""
	}
	m := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, m)
	return m.Get("traceparent")
}

// Carry goes on where Carried was.
func Carry(ctx context.Context, carried string) context.Context {
	if !Traced() || carried == "" {
		return ctx
	}
	return propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{"traceparent": carried})
}

// Calls times and traces what a client asks of a stranger under the name of that stranger. Nothing of the trace is sent along.
func Calls(who string, next http.RoundTripper) http.RoundTripper { return calls{who, next} }

type calls struct {
	who  string
	next http.RoundTripper
}

// ids are the parts of a path that name one object: they would make a name of each.
var ids = regexp.MustCompile(`/[a-z]{2,5}_[A-Za-z0-9_]+`)

// RoundTrip implements http.RoundTripper.
func (t calls) RoundTrip(r *http.Request) (*http.Response, error) {
	call := r.Method + " " + ids.ReplaceAllString(r.URL.Path, "/:id")
	begin := time.Now()
	a, err := t.traced(r, call)
	status := "none"
	if err == nil {
		status = strconv.Itoa(a.StatusCode)
	}
	outward.WithLabelValues(t.who, call, status).Observe(time.Since(begin).Seconds())
	return a, err
}

func (t calls) traced(r *http.Request, call string) (*http.Response, error) {
	if !Traced() {
		return t.next.RoundTrip(r)
	}
	ctx, span := start(r.Context(), t.who+" "+call, trace.WithSpanKind(trace.SpanKindClient))
	defer span.End()
	a, err := t.next.RoundTrip(r.WithContext(ctx))
	if err != nil {
		span.SetStatus(codes.Error, "no answer")
		return a, err
	}
	span.SetAttributes(attribute.String("http.response.status_code", strconv.Itoa(a.StatusCode)))
	return a, nil
}
