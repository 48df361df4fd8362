package log

import (
	"context"
	"io"
	"log/slog"
	"strings"
)

type (
	ctxKey   struct{}
	actorKey struct{}
)

// WithRequestID puts the request's id into ctx; every log line and history row of it carries the id.
func WithRequestID(ctx context.Context, requestID string) context.Context {
	return context.WithValue(ctx, ctxKey{}, requestID)
}

// RequestID is the id put by WithRequestID; empty outside a request.
func RequestID(ctx context.Context) string {
	s, _ := ctx.Value(ctxKey{}).(string)
	return s
}

// System is who acts where nobody was named: the house itself.
const System = "system"

// WithActor puts into ctx who acts: "buyer", "staff:<user id>", "system:<job kind>" or "bank:<event id>". The
// doors do it, once each; every journal entry of money carries it.
func WithActor(ctx context.Context, actor string) context.Context {
	return context.WithValue(ctx, actorKey{}, actor)
}

// Actor is who was put by WithActor; System when nobody was.
func Actor(ctx context.Context) string {
	if s, _ := ctx.Value(actorKey{}).(string); s != "" {
		return s
	}
	return System
}

// New makes the process's logger.
func New(w io.Writer, level slog.Level) *slog.Logger {
	return slog.New(handler{slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level})})
}

type handler struct{ slog.Handler }

func (h handler) Handle(ctx context.Context, r slog.Record) error {
	if rid := RequestID(ctx); rid != "" {
		r.AddAttrs(slog.String("request_id", rid))
	}
	return h.Handler.Handle(ctx, r)
}

func (h handler) WithAttrs(a []slog.Attr) slog.Handler { return handler{h.Handler.WithAttrs(a)} }
func (h handler) WithGroup(n string) slog.Handler      { return handler{h.Handler.WithGroup(n)} }

// RedactPath cuts secret tokens out of a path: whoever reads logs must not be able to open an order.
func RedactPath(p string) string {
	parts := strings.Split(p, "/")
	for i, s := range parts {
		if i > 0 && len(s) >= 24 && (parts[i-1] == "orders" || parts[i-1] == "checkout" || parts[i-1] == "pay" || parts[i-1] == "calendar" || parts[i-1] == "invitation" || parts[i-1] == "reset" || parts[i-1] == "hold" || parts[i-1] == "alerts") {
			parts[i] = "[secret]"
		}
	}
	return strings.Join(parts, "/")
}
