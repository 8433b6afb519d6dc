package payment

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

const movedSQL = `
select coalesce(sum(amount), 0)
from payment_operation
where attempt_id = $1
	and kind = $2
	and state = 'DONE'`

// shownBy says whether the attempt's amounts, as the provider tells them, hold this movement beside what was moved before
// it, and how much of it they hold. A yes without the money is no yes: it is asked for again under the same key, never
// under a new one.
func (o *operation) shownBy(ctx context.Context, tx pgx.Tx, a *PaymentAttempt) (moved int64, err error) {
	if o.kind == kindVoid {
		if a.reserved() > 0 {
			return 0, fmt.Errorf("provider %s has released the charge, and shows %d of it: %w", a.Provider, a.reserved(), errNotShown)
		}
		return 0, nil
	}
	before, err := o.movedBefore(ctx, tx)
	if err != nil {
		return 0, err
	}
	shown := a.captured
	if o.kind == kindRefund {
		shown = a.refunded
	}
	moved = max(shown-before, 0)
	if o.stage == operationOpen && moved < o.amount.Minor && (o.kind != kindCapture || !o.overtaken(a)) {
		return moved, fmt.Errorf("provider %s has agreed to a %s: %w", a.Provider, o.kind.word(), errNotShown)
	}
	return moved, nil
}

// movedBefore is what the attempt's amounts held before this movement. For a capture that is what was captured when it was
// begun, since not all that is captured need be of a capture that is done: one may have ended short of what came later,
// and money is taken at the provider's dashboard too.
func (o *operation) movedBefore(ctx context.Context, tx pgx.Tx) (int64, error) {
	if o.before != nil {
		return *o.before, nil
	}
	var before int64
	if err := tx.QueryRow(ctx, movedSQL, o.attempt, o.kind).Scan(&before); err != nil {
		return 0, fmt.Errorf("add up what was moved before: %w", err)
	}
	return before, nil
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
