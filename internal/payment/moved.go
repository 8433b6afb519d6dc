package payment

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/money"
)

// shownBy says whether the attempt's amounts, as the provider tells them, hold this movement beside what was moved before
// it, and how much of it they hold. A yes without the money is no yes: it is asked for again under the same key, never
// under a new one.
func (o *operation) shownBy(a *PaymentAttempt) (moved int64, err error) {
	if o.kind == kindVoid {
		if a.reserved() > 0 {
			return 0, fmt.Errorf("provider %s has released the charge, and shows %d of it: %w", a.Provider, a.reserved(), errNotShown)
		}
		return 0, nil
	}
	moved = max(a.movedBy(o.kind)-*o.before, 0)
	if o.stage == operationOpen && moved < o.amount.Minor && !o.overtaken(a) {
		return moved, fmt.Errorf("provider %s has agreed to a %s: %w", a.Provider, o.kind.word(), errNotShown)
	}
	return moved, nil
}

// movedBy is what was taken of the attempt's money, or given back, all in all.
func (a *PaymentAttempt) movedBy(kind operationKind) int64 {
	if kind == kindRefund {
		return a.refunded
	}
	return a.captured
}

// movedBy is what a charge shows of it.
func (c Charge) movedBy(kind operationKind) money.Money {
	if kind == kindRefund {
		return c.Refunded
	}
	return c.Captured
}

// surplus is what an answer shows to be moved beyond what the shop knew of and this movement has asked for. Where the answer
// brings all that was asked for, whatever else is known by now is not this movement's: such as what was moved at the
// provider's dashboard, and a callback has told, since it was begun. Else a callback may have brought this movement's own
// money, with the surplus in it, such as after its first answer was lost: then it is measured from what was known when it was begun.
// So is what somebody else has moved meanwhile and the same callback has told of: the two look alike, and a person looks.
func (o *operation) surplus(a *PaymentAttempt, shown int64) int64 {
	if fresh := shown - a.movedBy(o.kind); fresh >= o.amount.Minor {
		return fresh - o.amount.Minor
	}
	return shown - *o.before - o.amount.Minor
}

const doneSQL = `
select coalesce(sum(amount), 0)
from payment_operation
where attempt_id = $1
	and kind = $2
	and state = 'DONE'`

// begin notes what the attempt's amounts hold before this movement: not all that was moved need be of a movement that is
// done, since one may have ended short of what came later, and money is moved at the provider's dashboard too. Of one that
// was begun before this was kept, only what was done says it.
func (o *operation) begin(ctx context.Context, tx pgx.Tx, a *PaymentAttempt) error {
	if o.kind == kindVoid || o.before != nil {
		return nil
	}
	before := a.movedBy(o.kind)
	if o.tries > 0 {
		if err := tx.QueryRow(ctx, doneSQL, o.attempt, o.kind).Scan(&before); err != nil {
			return fmt.Errorf("add up what was moved before: %w", err)
		}
	}
	o.before = &before
	return nil
}

// overtaken says that a provider refuses, or agrees to, what somebody else has done, such as at its dashboard: all that
// was reserved is taken, or all that was taken has gone back. Nobody may then read that it has failed.
func (o *operation) overtaken(a *PaymentAttempt) bool {
	switch o.kind {
	case kindCapture:
		return a.captured > 0 && a.captured == a.authorized
	case kindRefund:
		return a.captured > 0 && a.kept() <= 0
	}
	return false
}
