package payment

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
)

// operationKind is what an operation does with an attempt's money.
type operationKind string

const (
	kindCapture operationKind = "CAPTURE"
	kindRefund  operationKind = "REFUND"
	kindVoid    operationKind = "VOID"
	kindCredit  operationKind = "CREDIT" // to a gift card: done when it is asked for, without the provider
)

func (k operationKind) word() string { return strings.ToLower(string(k)) }

// The stages of an operation.
const (
	operationOpen   = "OPEN"
	operationDone   = "DONE"
	operationFailed = "FAILED"
)

// operation is one movement of money that was asked for. Its id is the key under which the provider knows it.
type operation struct {
	id        id.PaymentOperationID
	order     id.OrderID
	attempt   id.PaymentAttemptID
	kind      operationKind
	amount    money.Money
	cause     string
	by        string
	refund    *id.RefundID // whose part it is; nil where it undoes or takes
	stage     string
	reason    *string
	tries     int
	lease     *time.Time
	nextTryAt time.Time
	partSince *time.Time // since when its provider shows a part of what it is to take
	before    *int64     // what its charge had taken, or given back, when it was begun; nil before that, and of a release
}

func (o *operation) key() string { return uuid.UUID(o.id).String() }

// wait is how long the operation must be left alone.
func (o *operation) wait(now time.Time) time.Duration {
	if o.lease != nil && o.lease.After(now) {
		return o.lease.Sub(now)
	}
	return max(o.nextTryAt.Sub(now), 0)
}

const requestSQL = `
insert into payment_operation (id, attempt_id, order_id, kind, amount, currency, cause, requested_by, refund_id, reason, state,
	next_try_at, due_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, case when $4 = 'CREDIT' then 'DONE' else 'OPEN' end,
	coalesce($11::timestamptz, now()), case when $4 = 'CREDIT' then null else coalesce($11::timestamptz, now()) end)`

// request keeps what is to be done with an attempt's money, before any provider is called: at once, unless it says when.
func request(ctx context.Context, tx pgx.Tx, order id.OrderID, o operation) error {
	var at *time.Time
	if !o.nextTryAt.IsZero() {
		at = &o.nextTryAt
	}
	_, err := tx.Exec(ctx, requestSQL, id.NewPaymentOperationID(), o.attempt, order, o.kind, o.amount.Minor,
		o.amount.CurrencyCode, o.cause, o.by, o.refund, o.reason, at)
	if err != nil {
		return fmt.Errorf("ask for a %s of %s: %w", o.kind.word(), o.attempt, err)
	}
	return nil
}

const openOperationsSQL = `
select id, order_id, attempt_id, kind, amount, currency, cause, requested_by, refund_id, state, reason, tries, lease_until, next_try_at, part_since,
	moved_before
from payment_operation
where order_id = any((select $1::uuid[])::uuid[])
	and state = 'OPEN'
order by created_at, id`

// asked is what was asked for and is not done.
type asked []operation

// of adds up what was asked of one attempt.
func (list asked) of(attempt id.PaymentAttemptID, kind operationKind) int64 {
	var sum int64
	for _, o := range list {
		if o.attempt == attempt && o.kind == kind {
			sum += o.amount.Minor
		}
	}
	return sum
}

// adds is what the movements that were asked of an attempt still add to what was moved of it: a part of one that is under
// way may be done already, though nobody has heard its answer.
func (list asked) adds(a *PaymentAttempt, kind operationKind) int64 {
	var sum int64
	for _, o := range list {
		if o.attempt != a.ID || o.kind != kind {
			continue
		}
		left := o.amount.Minor
		if o.before != nil {
			left -= max(a.movedBy(kind)-*o.before, 0)
		}
		sum += max(left, 0)
	}
	return sum
}

// openOperations lists what was asked for and is not done, oldest first. The order is locked.
func openOperations(ctx context.Context, tx pgx.Tx, order id.OrderID) (asked, error) {
	rows, err := tx.Query(ctx, openOperationsSQL, []id.OrderID{order})
	if err != nil {
		return nil, fmt.Errorf("read payment operations: %w", err)
	}
	list, err := pgx.CollectRows(rows, scanOperation)
	if err != nil {
		return nil, fmt.Errorf("read payment operations: %w", err)
	}
	return list, nil
}

const operationSQL = `
select id, order_id, attempt_id, kind, amount, currency, cause, requested_by, refund_id, state, reason, tries, lease_until, next_try_at, part_since,
	moved_before
from payment_operation
where id = $1`

func readOperation(ctx context.Context, tx pgx.Tx, key id.PaymentOperationID) (operation, error) {
	rows, err := tx.Query(ctx, operationSQL, key)
	if err != nil {
		return operation{}, fmt.Errorf("read payment operation: %w", err)
	}
	return pgx.CollectExactlyOneRow(rows, scanOperation)
}

func scanOperation(row pgx.CollectableRow) (operation, error) {
	var o operation
	err := row.Scan(&o.id, &o.order, &o.attempt, &o.kind, &o.amount.Minor, &o.amount.CurrencyCode, &o.cause, &o.by,
		&o.refund, &o.stage, &o.reason, &o.tries, &o.lease, &o.nextTryAt, &o.partSince, &o.before)
	return o, err
}

const saveOperationSQL = `
update payment_operation
set state = $2, reason = $3, tries = $4, lease_until = $5, next_try_at = $6, due_at = $7,
	amount = $8, part_since = $9, moved_before = $10, settled_at = case when $2 = 'OPEN' then null else now() end
where id = $1
	and state = 'OPEN'`

func saveOperation(ctx context.Context, tx pgx.Tx, o *operation, dueAt *time.Time) error {
	tag, err := tx.Exec(ctx, saveOperationSQL, o.id, o.stage, o.reason, o.tries, o.lease, o.nextTryAt, dueAt, o.amount.Minor, o.partSince, o.before)
	if err != nil {
		return fmt.Errorf("save payment operation %s: %w", o.id, err)
	}
	if tag.RowsAffected() != 1 {
		return fmt.Errorf("save payment operation %s: it is not open", o.id)
	}
	return nil
}
