package payment

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/inventory"
)

// Some charges are decided days later. The order waits for them as long as its provider says, and its stock with it:
// both end together.

// longestSettling bounds how long an order waits, whatever a provider says.
const longestSettling = 30 * 24 * time.Hour

// settlesLater takes over until when a charge is decided, and lets the order wait as long. It gives the deadline where
// that has moved.
func (d *dossier) settlesLater(ctx context.Context, tx pgx.Tx, a *PaymentAttempt, by *time.Time) (*time.Time, error) {
	if by == nil || a.renews != nil {
		return nil, nil //nolint:nilnil // no other deadline is no error
	}
	until := by.UTC().Truncate(time.Microsecond)
	if last := a.StartedAt.Add(longestSettling); until.After(last) {
		until = last
	}
	a.SettlesBy = &until
	if !until.After(d.payment.deadline) {
		return nil, nil //nolint:nilnil // as above
	}
	return d.moveDeadline(ctx, tx, until)
}

// moveDeadline gives an order that awaits its payment another deadline, and its stock with it.
func (d *dossier) moveDeadline(ctx context.Context, tx pgx.Tx, until time.Time) (*time.Time, error) {
	until = until.UTC().Truncate(time.Microsecond)
	d.payment.deadline, d.payment.expiryDueAt = until, &until
	return &until, inventory.Extend(ctx, tx, d.order.ID, until)
}

// poll is how soon a charge that is not decided is looked up again: the more often, the sooner it must be decided.
func (p Pace) poll(by *time.Time, now time.Time) time.Duration {
	if by == nil {
		return p.Poll
	}
	return max(p.Poll, min(by.Sub(now)/48, time.Hour))
}
