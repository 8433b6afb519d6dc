package observe

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/exaring/otelpgx"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/multitracer"
)

// PgxTracer is what every connection is opened with: a span per statement where the caller is traced, and the count
// that CountStatements asks for. Argument values never enter a span.
func PgxTracer() pgx.QueryTracer {
	return multitracer.New(
		otelpgx.NewTracer(otelpgx.WithDisableConnectionDetailsInAttributes()),
		counting{},
	)
}

// Statements are the SQL statements that were sent under one context.
type Statements struct {
	mu  sync.Mutex
	sql []string
}

// CountStatements gives a context under which every SQL statement is counted; tests use it to hold list queries to
// a fixed number of statements.
func CountStatements(ctx context.Context) (context.Context, *Statements) {
	s := &Statements{}
	return context.WithValue(ctx, statementsKey{}, s), s
}

// Count is the number of statements so far; begin, commit and rollback are not counted.
func (s *Statements) Count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sql)
}

// List gives the statements in the order in which they were sent.
func (s *Statements) List() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sql)
}

type statementsKey struct{}

// counting is a pgx tracer that only counts.
type counting struct{}

func (counting) add(ctx context.Context, sql string) {
	s, ok := ctx.Value(statementsKey{}).(*Statements)
	if !ok || bracket(sql) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sql = append(s.sql, sql)
}

// bracket tells the statements that open and close a transaction.
func bracket(sql string) bool {
	word, _, _ := strings.Cut(strings.TrimSpace(sql), " ")
	switch strings.ToLower(word) {
	case "begin", "commit", "rollback", "savepoint", "release":
		return true
	}
	return false
}

func (c counting) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	c.add(ctx, data.SQL)
	return ctx
}

func (counting) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (counting) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}

func (c counting) TraceBatchQuery(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchQueryData) {
	c.add(ctx, data.SQL)
}

func (counting) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

func (c counting) TraceCopyFromStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceCopyFromStartData) context.Context {
	c.add(ctx, "copy "+strings.Join(data.TableName, "."))
	return ctx
}

func (counting) TraceCopyFromEnd(context.Context, *pgx.Conn, pgx.TraceCopyFromEndData) {}
