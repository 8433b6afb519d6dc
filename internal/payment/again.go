package payment

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// A provider answers the same key with the same no for ever, so a refund that it has refused has ended. Where the money
// must go back all the same, another one is asked for under a key of its own, after a pause that grows. When the
// provider has refused too often, the refund stays failed: its money can be given back by hand.

// mostRefusals is how often a provider may refuse to give the same money back before it is left to the staff: after
// almost six hours at the usual pace.
const mostRefusals = 6

// again is the pause after so many refusals in a row.
func (p Pace) again(refusals int) time.Duration { return p.Again << (2 * (refusals - 1)) }

const refusalsSQL = `
select count(*), (array_agg(reason order by created_at desc))[1]
from payment_operation
where attempt_id = $1
	and kind = 'REFUND'
	and state = 'FAILED'
	and requested_by = $2
	and created_at > coalesce((
		select max(created_at)
		from payment_operation
		where attempt_id = $1
			and kind = 'REFUND'
			and state = 'DONE'), '-infinity')`

const toldOutsideSQL = `
select exists (
	select
	from payment_operation
	where attempt_id = $1
		and kind = 'REFUND'
		and state = 'FAILED'
		and requested_by = $2
		and amount >= $3
)`

// askAgain says when a refund that undoes may be asked for: at once, later when the provider has refused it before, or
// never, when a person must look.
func (p *Payments) askAgain(ctx context.Context, tx pgx.Tx, d *dossier, o *operation) (bool, error) {
	if d.attempt(o.attempt).Provider == p.outside() { // the staff send it back, of which they are told once
		var told bool
		if err := tx.QueryRow(ctx, toldOutsideSQL, o.attempt, bySystem, o.amount.Minor).Scan(&told); err != nil {
			return false, fmt.Errorf("look whether it was told that %s must go back: %w", o.attempt, err)
		}
		return !told, nil
	}
	var refusals int
	if err := tx.QueryRow(ctx, refusalsSQL, o.attempt, bySystem).Scan(&refusals, &o.reason); err != nil {
		return false, fmt.Errorf("count the refused refunds of %s: %w", o.attempt, err)
	}
	switch {
	case refusals >= mostRefusals:
		p.log.ErrorContext(ctx, "a payment provider does not give back what it has taken for an order; give it back by hand",
			"order", d.order.ID.String(), "attempt", o.attempt.String(), "amount", o.amount.String(), "refusals", refusals)
		return false, nil
	case refusals > 0:
		o.nextTryAt = d.now.Add(p.pace.again(refusals))
	}
	return true, nil
}
