// Package pg is the way to PostgreSQL: the pool every process uses, the one
// place where transactions begin and end, and the recognition of database
// errors by SQLSTATE and constraint name.
//
// It promises that a function given to InTx either took effect as a whole or
// not at all, except where the error is ErrCommitUnknown, and that no session
// waits without a bound. It leaves SQL to the domains.
package pg

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// DB is what a read needs: a pool, a single connection or a transaction.
type DB interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	SendBatch(ctx context.Context, batch *pgx.Batch) pgx.BatchResults
}

var (
	_ DB = (*pgxpool.Pool)(nil)
	_ DB = (*pgx.Conn)(nil)
	_ DB = pgx.Tx(nil)
)
