package app

import (
	"context"
	"slices"
	"strings"
	"testing"

	"forecourt/internal/platform/telemetry"
	"forecourt/internal/smoke"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

// One trace shows a sale from the first click to the dealer's queue, over the buyer's requests, the bank and the jobs.
// It runs beside no other test of this package: a process has one collector.
func TestASaleIsOneTrace(t *testing.T) {
	spans := tracetest.NewInMemoryExporter()
	stop := telemetry.Collect(sdktrace.NewSimpleSpanProcessor(spans))
	defer func() { must(t, stop(context.Background())) }()
	h := newHouse(t)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- h.app.Work(ctx) }()
	h.app.NewCar.BaseURL = h.site.URL
	var out strings.Builder
	if err := smoke.Run(t.Context(), smoke.Options{Base: h.site.URL, Brand: "dacia", Market: "zz", Out: &out}); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	told(h)
	cancel()
	must(t, <-ended)
	all := spans.GetSpans()
	at := slices.IndexFunc(all, func(s tracetest.SpanStub) bool {
		return slices.ContainsFunc(s.Events, func(e sdktrace.Event) bool { return e.Name == "in a dealer's queue" })
	})
	if at < 0 {
		t.Fatalf("no step of %d put the order into a queue", len(all))
	}
	var names []string
	for _, s := range all {
		if s.SpanContext.TraceID() == all[at].SpanContext.TraceID() {
			names = append(names, s.Name)
		}
		for _, a := range s.Attributes {
			if strings.Contains(a.Value.String(), "@") || strings.Contains(a.Value.String(), "Smoke Test") {
				t.Errorf("%s names somebody: %s", s.Name, a.Value.String())
			}
		}
	}
	for _, want := range []string{"POST /:brand/:market/new/:model/dealer", "POST /:brand/:market/checkout/:token/details", "bank POST /v1/checkout/sessions",
		"bank GET /v1/checkout/sessions/:id", "settle open", "settle capturing", "job sale.mail"} {
		if !slices.Contains(names, want) {
			t.Errorf("the sale's trace has no %q; it has %s", want, strings.Join(names, ", "))
		}
	}
}
