package payment

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/operations"
	"github.com/wharfhq/wharf/internal/pg"
)

// The names of the payment's background steps, the same as those of the jobs that take them.
const (
	StepAuthorize = "authorize_payment"
	StepMove      = "move_money"
	StepRenew     = "renew_payment"
)

const processSQL = `
select case when a.renews is null then 'authorize_payment' else 'renew_payment' end, a.state,
	greatest(a.tries, 1), a.state = 'UNKNOWN' or a.tries > 1, a.reason,
	coalesce(a.lease_until > clock_timestamp(), false),
	case when a.state <> 'ACTION_REQUIRED' then greatest(a.next_try_at, p.due_at) end, a.settles_by, false
from payment_attempt a
join payment p on p.id = a.payment_id
where a.order_id = $1
	and p.state in ('OPEN', 'ACTION_REQUIRED', 'AUTHORIZED')
	and a.state in ('STARTED', 'UNKNOWN', 'PENDING', 'ACTION_REQUIRED')
union all
select case p.state when 'OPEN' then 'authorize_payment' else 'renew_payment' end, 'STARTED', 1, false, p.waits_for, false, p.due_at, null, false
from payment p
where p.order_id = $1
	and p.due_at is not null
	and (p.state = 'OPEN' and p.waits_for is not null
		or p.state = 'AUTHORIZED' and exists (
			select from payment_attempt a
			where a.payment_id = p.id
				and a.state = 'AUTHORIZED'
				and a.renew_at is not null))
	and not exists (
		select from payment_attempt a
		where a.payment_id = p.id
			and a.state in ('STARTED', 'UNKNOWN', 'PENDING', 'ACTION_REQUIRED'))
union all
select 'move_money', o.kind, greatest(o.tries, 1), o.tries > 0, o.reason,
	coalesce(o.lease_until > clock_timestamp(), false), greatest(o.next_try_at, o.due_at), null, exists (
		select
		from payment_operation earlier
		where earlier.order_id = o.order_id
			and earlier.attempt_id = o.attempt_id
			and earlier.kind = o.kind
			and earlier.state = 'OPEN'
			and (earlier.created_at, earlier.id) < (o.created_at, o.id))
from payment_operation o
where o.order_id = $1
	and o.state = 'OPEN'`

// Process tells how far the money of an order has come: the attempt whose outcome is not known, the one that is not made
// yet because its provider is left alone, the reservation that will be renewed, and what was asked for and is not done.
func (p *Payments) Process(ctx context.Context, db pg.DB, order id.OrderID) ([]operations.OrderProcessStep, error) {
	rows, err := db.Query(ctx, processSQL, order)
	if err != nil {
		return nil, fmt.Errorf("read the payment steps of %s: %w", order, err)
	}
	steps, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (operations.OrderProcessStep, error) {
		var (
			s      operations.OrderProcessStep
			at     stage
			failed bool
			leased bool
			behind bool // something else comes first
			next   *time.Time
			until  *time.Time
		)
		if err := row.Scan(&s.Name, &at, &s.Attempt, &failed, &s.Reason, &leased, &next, &until, &behind); err != nil {
			return s, err
		}
		switch {
		case leased:
			s.State, s.Reason = operations.Running, &reasonAsked
			return s, nil
		case behind:
			s.State, s.Reason = operations.Waiting, &reasonInTurn
			return s, nil
		case at == stageActionRequired || at == stagePending:
			s.State = operations.Blocked
		case failed:
			s.State = operations.Retrying
		default:
			s.State = operations.Waiting
		}
		s.NextTryAt = next
		if s.Reason = because(at, s.Reason, until); s.Reason == nil && s.Name == StepRenew {
			s.Reason = &reasonRenewal
		}
		return s, nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the payment steps of %s: %w", order, err)
	}
	return steps, nil
}

const undecidedSQL = `
select id
from payment_attempt
where order_id = $1
	and (state = 'PENDING' or disputed > dispute_lost)`

// Undecided are the attempts of an order of which somebody else still has a word to say: the provider about a charge, or
// the shopper's bank about a dispute.
func (p *Payments) Undecided(ctx context.Context, db pg.DB, order id.OrderID) ([]id.PaymentAttemptID, error) {
	rows, err := db.Query(ctx, undecidedSQL, order)
	if err != nil {
		return nil, fmt.Errorf("read what is undecided of %s: %w", order, err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[id.PaymentAttemptID])
	if err != nil {
		return nil, fmt.Errorf("read what is undecided of %s: %w", order, err)
	}
	return found, nil
}

// because is why a step is not done: what the provider has said of it, or what its stage means.
func because(at stage, said *string, until *time.Time) *string {
	switch {
	case at == stagePending && until != nil:
		reason := "The payment provider may take until " + until.UTC().Format("January 2, 15:04 UTC") + " to decide."
		return &reason
	case said != nil && *said != "":
		return said
	case at == stagePending:
		return &reasonPending
	case at == stageUnknown:
		return &reasonChecking
	case at == stageActionRequired:
		return &reasonConfirm
	}
	return nil
}
