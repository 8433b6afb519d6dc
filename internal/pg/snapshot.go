package pg

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Snapshot is the database as it was at one moment: whatever is read through it
// belongs together. It is safe for concurrent use; its statements take turns on
// one connection, so nobody may ask a second question before the rows of the
// first are read.
type Snapshot struct {
	tx   pgx.Tx
	turn chan struct{}
}

var _ DB = (*Snapshot)(nil)

// InSnapshot runs fn with the database as it is when fn first asks. The
// connection is held until fn returns, so fn must take no other one: where all
// of a pool wait for a second connection, none moves.
func InSnapshot(ctx context.Context, db Beginner, fn func(context.Context, *Snapshot) error) error {
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	return InTxOptions(ctx, db, options, func(tx pgx.Tx) error {
		return fn(ctx, &Snapshot{tx: tx, turn: make(chan struct{}, 1)})
	})
}

func (s *Snapshot) take(ctx context.Context) error {
	select {
	case s.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Snapshot) give() { <-s.turn }

// Exec runs a statement that gives no rows.
func (s *Snapshot) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	if err := s.take(ctx); err != nil {
		return pgconn.CommandTag{}, err
	}
	defer s.give()
	return s.tx.Exec(ctx, sql, args...)
}

// Query asks for rows. The turn lasts until they are closed or read to the end.
func (s *Snapshot) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if err := s.take(ctx); err != nil {
		return nil, err
	}
	rows, err := s.tx.Query(ctx, sql, args...)
	if err != nil {
		s.give()
		return nil, err
	}
	return &turnRows{Rows: rows, turn: s}, nil
}

// QueryRow asks for one row. The turn lasts until it is scanned.
func (s *Snapshot) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	if err := s.take(ctx); err != nil {
		return noRow{err}
	}
	return turnRow{s.tx.QueryRow(ctx, sql, args...), s}
}

// SendBatch sends several statements at once. The turn lasts until the results
// are closed.
func (s *Snapshot) SendBatch(ctx context.Context, batch *pgx.Batch) pgx.BatchResults {
	if err := s.take(ctx); err != nil {
		return noResults{err: err}
	}
	return &turnResults{s.tx.SendBatch(ctx, batch), s}
}

type turnRows struct {
	pgx.Rows
	turn *Snapshot // nil once given back
}

func (r *turnRows) end() {
	if r.turn != nil {
		r.turn.give()
		r.turn = nil
	}
}

func (r *turnRows) Next() bool {
	if r.Rows.Next() {
		return true
	}
	r.end()
	return false
}

func (r *turnRows) Close() {
	r.Rows.Close()
	r.end()
}

type turnRow struct {
	pgx.Row
	turn *Snapshot
}

func (r turnRow) Scan(dest ...any) error {
	defer r.turn.give()
	return r.Row.Scan(dest...)
}

type turnResults struct {
	pgx.BatchResults
	turn *Snapshot // nil once given back
}

func (r *turnResults) Close() error {
	if r.turn == nil {
		return nil
	}
	defer func() { r.turn.give(); r.turn = nil }()
	return r.BatchResults.Close()
}

// noRow and noResults answer who gave up before it was their turn.
type noRow struct{ err error }

func (r noRow) Scan(...any) error { return r.err }

type noResults struct {
	pgx.BatchResults
	err error
}

func (r noResults) Exec() (pgconn.CommandTag, error) { return pgconn.CommandTag{}, r.err }
func (r noResults) Query() (pgx.Rows, error)         { return nil, r.err }
func (r noResults) QueryRow() pgx.Row                { return noRow{r.err} }
func (r noResults) Close() error                     { return r.err }
