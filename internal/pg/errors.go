package pg

import (
	"context"
	"errors"
	"io"
	"net"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// ErrCommitUnknown wraps the error of a commit whose answer was lost: the
// transaction may have taken effect or not. The caller looks its outcome up by
// idempotency key on a new connection; it must not say "failed".
var ErrCommitUnknown = errors.New("the outcome of the commit is unknown")

// IsUnique tells whether a unique constraint refused the row; an empty name
// stands for any constraint.
func IsUnique(err error, constraint string) bool {
	return violates(err, pgerrcode.UniqueViolation, constraint)
}

// Unique is the name of the unique constraint that refused the row; empty when none did.
func Unique(err error) string {
	var failure *pgconn.PgError
	if errors.As(err, &failure) && failure.Code == pgerrcode.UniqueViolation {
		return failure.ConstraintName
	}
	return ""
}

// IsForeignKey tells whether the row names another row that does not exist, or
// is still named by one.
func IsForeignKey(err error, constraint string) bool {
	return violates(err, pgerrcode.ForeignKeyViolation, constraint)
}

// IsCheck tells whether a check constraint refused the row, for example stock
// below zero.
func IsCheck(err error, constraint string) bool {
	return violates(err, pgerrcode.CheckViolation, constraint)
}

// IsLockTimeout tells whether a lock was not to be had in time: busy, and worth
// another try later.
func IsLockTimeout(err error) bool {
	return SQLState(err) == pgerrcode.LockNotAvailable
}

// IsStatementTimeout tells whether the server ended the statement because it
// took too long or was canceled.
func IsStatementTimeout(err error) bool {
	return SQLState(err) == pgerrcode.QueryCanceled
}

// IsOfRows tells an error that comes of what rows are from those of the database at this moment, which the next try may
// not meet.
func IsOfRows(err error) bool {
	state := SQLState(err)
	if state == "" {
		return false
	}
	switch state[:2] {
	case "21", "22", "23", "54", "P0": // cardinality, data, constraints, limits, raised by a function
		return true
	}
	return false
}

// IsNoRows tells whether a query for one row found none.
func IsNoRows(err error) bool {
	return errors.Is(err, pgx.ErrNoRows)
}

// IsRetryable tells whether the database itself asks to run the transaction
// again: a serialization failure or a deadlock.
func IsRetryable(err error) bool {
	switch SQLState(err) {
	case pgerrcode.SerializationFailure, pgerrcode.DeadlockDetected:
		return true
	}
	return false
}

// IsUnreachable tells whether the database could not be talked to at all: it is
// down, starting, stopping, full of connections, or the connection was cut.
func IsUnreachable(err error) bool {
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) {
		return true
	}
	switch state := SQLState(err); state {
	case pgerrcode.AdminShutdown, pgerrcode.CrashShutdown, pgerrcode.CannotConnectNow, pgerrcode.TooManyConnections:
		return true
	case "":
	default:
		return pgerrcode.IsConnectionException(state)
	}
	for _, lost := range []error{errConnectionLost, pgconn.ErrConnClosed, io.ErrUnexpectedEOF, io.EOF} {
		if errors.Is(err, lost) {
			return true
		}
	}
	var network net.Error
	return errors.As(err, &network) && !errors.Is(err, context.DeadlineExceeded)
}

// IsExhausted tells whether the database lacks a resource whatever it is asked for: room on its disk, connections, file
// handles. The same may be done once somebody has seen to it. Memory and locks (53200) and what a setting allows a session
// (53400) are another matter: a statement that wants too much of them may well be refused each time.
func IsExhausted(err error) bool {
	switch SQLState(err) {
	case pgerrcode.InsufficientResources, pgerrcode.DiskFull, pgerrcode.TooManyConnections:
		return true
	}
	return false
}

// SQLState is the five-character code of a database error, empty for any other.
func SQLState(err error) string {
	var failure *pgconn.PgError
	if errors.As(err, &failure) {
		return failure.Code
	}
	return ""
}

func violates(err error, state, constraint string) bool {
	var failure *pgconn.PgError
	return errors.As(err, &failure) && failure.Code == state &&
		(constraint == "" || failure.ConstraintName == constraint)
}
