package db

import (
	"context"
	"regexp"
	"strings"
	"sync"
	"time"

	"forecourt/internal/platform/latency"

	"github.com/jackc/pgx/v5"
)

// Statements counts what a process asks its database by the statement's words, never by its parameters.
type Statements struct {
	latency.Book
	next pgx.QueryTracer // may be nil

	mu    sync.Mutex
	names map[string]string // of statements as they were sent
}

// mostTexts bounds how many statements are remembered with their names; the others are named anew each time.
const mostTexts = 4000

type askedKey struct{}

type asked struct {
	sql   string
	start time.Time
}

// TraceQueryStart implements pgx.QueryTracer.
func (s *Statements) TraceQueryStart(ctx context.Context, c *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	if s.next != nil {
		ctx = s.next.TraceQueryStart(ctx, c, q)
	}
	return context.WithValue(ctx, askedKey{}, asked{q.SQL, time.Now()})
}

// TraceQueryEnd implements pgx.QueryTracer.
func (s *Statements) TraceQueryEnd(ctx context.Context, c *pgx.Conn, q pgx.TraceQueryEndData) {
	if a, ok := ctx.Value(askedKey{}).(asked); ok {
		s.Observe(s.name(a.sql), time.Since(a.start))
	}
	if s.next != nil {
		s.next.TraceQueryEnd(ctx, c, q)
	}
}

func (s *Statements) name(sql string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n, ok := s.names[sql]; ok {
		return n
	}
	n := StatementName(sql)
	if s.names == nil {
		s.names = map[string]string{}
	}
	if len(s.names) < mostTexts {
		s.names[sql] = n
	}
	return n
}

var (
	quoted  = regexp.MustCompile(`'(?:[^']|'')*'`)
	comment = regexp.MustCompile(`/\*(?s:.*?)\*/|--[^\n]*`)
	listed  = regexp.MustCompile(`\$\d+(?:\s*,\s*\$\d+)+`)
)

// longestName is where a statement's name is cut, in characters.
const longestName = 300

// StatementName is a statement in one line, with nothing between quotes and lists of parameters as one.
func StatementName(sql string) string {
	n := quoted.ReplaceAllString(comment.ReplaceAllString(sql, " "), "'?'")
	n = strings.Join(strings.Fields(listed.ReplaceAllString(n, "$$…")), " ")
	if r := []rune(n); len(r) > longestName {
		return string(r[:longestName]) + "…"
	}
	return n
}
