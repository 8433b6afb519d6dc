package pg

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// How often a transaction that the database asks to repeat is run in all, and
// how long the end of one may take when nobody waits for it any more.
const (
	maxAttempts  = 5
	firstBackoff = 5 * time.Millisecond
	finishWithin = 10 * time.Second
)

// Beginner begins transactions: a pool or a connection.
type Beginner interface {
	BeginTx(ctx context.Context, options pgx.TxOptions) (pgx.Tx, error)
}

// InTx runs fn in a transaction and commits it, or rolls it back when fn
// returns an error or panics. It alone begins, commits, rolls back and repeats.
// On a serialization failure or a deadlock fn runs again, a bounded number of
// times, so fn must do nothing outside the database and must start from fresh
// values. An error that wraps ErrCommitUnknown says that the answer to the
// commit was lost; every other error says that nothing took effect.
func InTx(ctx context.Context, db Beginner, fn func(tx pgx.Tx) error) error {
	return InTxOptions(ctx, db, pgx.TxOptions{}, fn)
}

// InTxOptions is InTx with another isolation level or access mode.
func InTxOptions(ctx context.Context, db Beginner, options pgx.TxOptions, fn func(tx pgx.Tx) error) error {
	for attempt := 1; ; attempt++ {
		err := inTxOnce(ctx, db, options, fn)
		if err == nil || attempt == maxAttempts || !worthAnother(err) {
			return err
		}
		if pause(ctx, attempt) != nil {
			return err
		}
	}
}

// Within runs fn as a part of a transaction that may fail alone: what it did is undone then, and the transaction goes on.
func Within(ctx context.Context, tx pgx.Tx, fn func(tx pgx.Tx) error) (err error) {
	part, err := tx.Begin(ctx)
	if err != nil {
		return fmt.Errorf("begin a part of a transaction: %w", err)
	}
	done := false
	defer func() {
		if !done {
			rollback(ctx, part)
		}
	}()
	if err := fn(part); err != nil {
		return err
	}
	done = true
	if err := part.Commit(ctx); err != nil {
		return fmt.Errorf("end a part of a transaction: %w", err)
	}
	return nil
}

// errConnectionLost is known before the commit is sent, so nothing took effect.
var errConnectionLost = errors.New("the connection was lost before the commit")

// errBegin marks a transaction that never began, so nothing of fn has run.
type errBegin struct{ error }

func (e errBegin) Unwrap() error { return e.error }

// A connection that died while it lay in the pool shows at begin; another try
// takes another connection.
func worthAnother(err error) bool {
	if errors.Is(err, ErrCommitUnknown) {
		return false
	}
	var begin errBegin
	if errors.As(err, &begin) {
		var connect *pgconn.ConnectError
		return !errors.As(err, &connect) && SQLState(err) == "" &&
			!errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
	}
	return IsRetryable(err)
}

// transaction is one that InTx has begun.
type transaction struct {
	pgx.Tx
	after []func(sure bool)
}

// AfterCommit does something once a transaction of InTx has been committed, or may have been, which it is told; of one that
// is rolled back nothing is done. It is for hints, which cost nothing when they are lost, and must be short: the committer waits for it.
// In a transaction that InTx has not begun it is done at once.
func AfterCommit(tx pgx.Tx, do func(sure bool)) {
	if t, ours := tx.(*transaction); ours {
		t.after = append(t.after, do)
		return
	}
	do(true)
}

// TellsOfCommit says whether AfterCommit waits for this transaction's end: not where InTx has not begun it.
func TellsOfCommit(tx pgx.Tx) bool {
	_, ours := tx.(*transaction)
	return ours
}

func inTxOnce(ctx context.Context, db Beginner, options pgx.TxOptions, fn func(tx pgx.Tx) error) (err error) {
	begun, err := db.BeginTx(ctx, options)
	if err != nil {
		return errBegin{fmt.Errorf("begin a transaction: %w", err)}
	}
	tx := &transaction{Tx: begun}
	committing := false
	defer func() {
		if !committing {
			rollback(ctx, tx)
		}
	}()
	if err := fn(tx); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if tx.Conn().IsClosed() {
		return errConnectionLost
	}
	committing = true
	if err = commit(ctx, tx); err == nil || errors.Is(err, ErrCommitUnknown) {
		for _, do := range tx.after {
			do(err == nil)
		}
	}
	return err
}

// A commit that was sent is waited for even when the caller has gone: giving up
// in the middle would turn a sure outcome into an unknown one.
func commit(ctx context.Context, tx pgx.Tx) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishWithin)
	defer cancel()
	err := tx.Commit(ctx)
	if err == nil {
		return nil
	}
	if refused(err) {
		return fmt.Errorf("commit: %w", err)
	}
	return fmt.Errorf("%w: %w", ErrCommitUnknown, err)
}

// refused tells whether the commit surely did not happen: the server found the
// transaction already aborted, or a check at its end failed. A session that was
// shut down says FATAL, and then the commit may have been written. What pgx calls
// safe to retry is no sign: it says so of a commit whose answer was lost, too.
func refused(err error) bool {
	if errors.Is(err, pgx.ErrTxCommitRollback) || errors.Is(err, pgx.ErrTxClosed) {
		return true
	}
	var failure *pgconn.PgError
	return errors.As(err, &failure) && failure.SeverityUnlocalized == "ERROR"
}

func rollback(ctx context.Context, tx pgx.Tx) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishWithin)
	defer cancel()
	// A rollback that fails closes its connection, and the server rolls back by
	// itself; the error that led here is the one that matters.
	_ = tx.Rollback(ctx)
}

// The pause doubles and is spread at random, so that two transactions that met
// once do not meet again.
func pause(ctx context.Context, attempt int) error {
	longest := firstBackoff << attempt
	timer := time.NewTimer(firstBackoff + rand.N(longest))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
