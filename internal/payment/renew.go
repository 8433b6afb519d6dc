package payment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/settings"
)

// A reservation that is not taken in time is lost, so it is renewed before its end: by a fresh attempt with the same
// method, while nobody is there who could be asked. The old reservation is marked for release in the transaction in
// which the new one is known, so that at no moment more is reserved than the order costs, and only one of the two can
// ever be taken.

// The bounds of renewing.
const (
	longestLead = 24 * time.Hour
	leastLead   = time.Minute
	maxRenewals = 100 // of one order; then its shopper is asked
)

// lasts takes over until when a reservation is held. It is renewed when three quarters of what it has left are over:
// of a week that leaves a day at most, of minutes a minute, and of less the half.
func (a *PaymentAttempt) lasts(until *time.Time, now time.Time) {
	if until == nil || (a.ExpiresAt != nil && a.ExpiresAt.Equal(*until)) {
		return
	}
	end := until.UTC().Truncate(time.Microsecond)
	life := max(end.Sub(now), 0)
	at := end.Add(-min(longestLead, max(life/4, min(leastLead, life/2)))).Truncate(time.Microsecond)
	a.ExpiresAt, a.RenewAt = &end, &at
}

// renewable says that the attempt reserves money that will be let go, and that nobody has tried to renew it.
func (d *dossier) renewable(a *PaymentAttempt) bool {
	if a.RenewAt == nil || a.stage != stageAuthorized || a.reserved() <= 0 || d.asked.of(a.ID, kindVoid) > 0 {
		return false
	}
	for i := range d.payment.Attempts {
		r := &d.payment.Attempts[i]
		if r.renews != nil && *r.renews == a.ID && (r.authorized == 0 || r.reserved() > 0 || r.captured > 0) {
			return false
		}
	}
	return true
}

// firstToRenew is the reservation that must be renewed before all others.
func (d *dossier) firstToRenew() *PaymentAttempt {
	var first *PaymentAttempt
	for i := range d.payment.Attempts {
		a := &d.payment.Attempts[i]
		if d.renewable(a) && (first == nil || a.RenewAt.Before(*first.RenewAt)) {
			first = a
		}
	}
	return first
}

// watch notes when the next reservation must be renewed, or will have come to its end, while the payment rests.
func (d *dossier) watch() {
	switch {
	case d.payment.stage == stageActionRequired:
		d.payment.dueAt = nil
	case d.payment.stage == stageAuthorized && d.current() == nil:
		d.payment.dueAt = nil
		if a := d.firstToRenew(); a != nil && !d.order.Status.Final() {
			d.payment.dueAt = a.RenewAt
		}
	default:
		return
	}
	if a := d.firstToEnd(); a != nil && (d.payment.dueAt == nil || a.endsAt().Before(*d.payment.dueAt)) {
		d.payment.dueAt = a.endsAt()
	}
}

// early is how much before its time a job may come because its server's clock goes ahead of the database's.
const early = 10 * time.Second

// renewal makes the attempt that renews a reservation, when it is time. Without one it says how long to wait; no wait
// either means that nothing is to be renewed now.
func (p *Payments) renewal(ctx context.Context, tx pgx.Tx, d *dossier, shop settings.Shop) (*PaymentAttempt, time.Duration, error) {
	old := d.firstToRenew()
	if d.watch(); old == nil || d.order.Status.Final() {
		return nil, 0, nil
	}
	if wait := old.RenewAt.Sub(d.now); wait > 0 {
		if wait > early {
			wait = 0 // the job of that moment comes by itself
		}
		return nil, wait, nil
	}
	if d.asked.of(old.ID, kindCapture) > 0 {
		d.payment.dueAt = d.in(p.pace.Poll)
		return nil, p.pace.Poll, nil
	}
	token, err := tokenOf(ctx, tx, old)
	deleted := errors.Is(err, pgx.ErrNoRows)
	if err != nil && !deleted {
		return nil, 0, fmt.Errorf("find the method of %s: %w", old.ID, err)
	}
	d.payment.Attempts = append(d.payment.Attempts, PaymentAttempt{
		ID: id.NewPaymentAttemptID(), OrderID: d.order.ID, Provider: old.Provider, Rank: old.Rank, StartedAt: d.now,
		number: len(d.payment.Attempts) + 1, token: token, stage: stageStarted, amount: old.money(old.reserved()),
		renews: &old.ID, stored: old.stored,
	})
	a := &d.payment.Attempts[len(d.payment.Attempts)-1]
	switch {
	case deleted:
		return a, 0, p.refused(ctx, tx, d, shop, a, verdict{stage: stageDeclined, reason: reasonDeleted, shops: true})
	case d.renewals() > maxRenewals:
		return a, 0, p.refused(ctx, tx, d, shop, a, verdict{stage: stageDeclined, reason: reasonTooOften, shops: true})
	}
	d.tell(orders.PaymentStarted{AttemptID: a.ID, Attempt: a.number, Provider: a.Provider, Amount: a.amount, Renews: a.renews})
	return a, 0, nil
}

// renewals counts how often the order's reservations were renewed.
func (d *dossier) renewals() int {
	n := 0
	for i := range d.payment.Attempts {
		if d.payment.Attempts[i].renews != nil {
			n++
		}
	}
	return n
}

// reasonTooOften is what the shopper reads when the shop gives up.
const reasonTooOften = "The reservation of your payment could not be renewed any more."

// replace lets the reservations go whose place a new one has taken: the one that it renews, and those that could not be
// renewed. Where the old one is being taken at this moment, or was taken in part, it is the new one that goes: what is
// taken is taken once.
func (p *Payments) replace(ctx context.Context, tx pgx.Tx, d *dossier, a *PaymentAttempt) error {
	if a.renews != nil {
		old := d.attempt(*a.renews)
		if d.asked.of(old.ID, kindCapture) > 0 || d.held(old)+a.reserved()+old.captured > d.payment.Amount.Minor {
			return p.letGo(ctx, tx, d, a)
		}
	}
	for i := range d.payment.Attempts {
		old := &d.payment.Attempts[i]
		if old.ID != a.ID && (d.lapsing(old) || (a.renews != nil && *a.renews == old.ID)) {
			if err := p.letGo(ctx, tx, d, old); err != nil {
				return err
			}
		}
	}
	return nil
}

// held is what is reserved or taken for the order without two attempts: the one that was just authorized, which is the
// last, and the one that it renews.
func (d *dossier) held(old *PaymentAttempt) int64 {
	var sum int64
	for i := range d.payment.Attempts {
		x := &d.payment.Attempts[i]
		if x.ID != old.ID && (x.renews == nil || *x.renews != old.ID) && x.stage == stageAuthorized {
			sum += x.captured + max(x.reserved()-d.asked.of(x.ID, kindVoid), 0)
		}
	}
	return sum
}

// letGo marks a reservation for release, since another one has taken its place.
func (p *Payments) letGo(ctx context.Context, tx pgx.Tx, d *dossier, a *PaymentAttempt) error {
	if a.reserved() <= 0 || d.asked.of(a.ID, kindVoid) > 0 {
		return nil
	}
	err := d.request(ctx, tx, operation{
		attempt: a.ID, kind: kindVoid, amount: a.money(a.reserved()), cause: "Another reservation has taken its place.", by: bySystem,
	})
	if err != nil {
		return err
	}
	return p.hooks.Requested(ctx, tx, d.order.ID)
}

// lapsing says that the attempt's reservation will end and could not be renewed, so that nothing rests on it any more.
func (d *dossier) lapsing(a *PaymentAttempt) bool {
	for i := range d.payment.Attempts {
		r := &d.payment.Attempts[i]
		if r.renews != nil && *r.renews == a.ID && r.authorized == 0 && (!r.inFlight() || r.abandoned) {
			return true
		}
	}
	return false
}

// afterCapture goes on with an order of which a capture has ended. What was to be taken may not be there any more: its
// provider has let it go, or it could not be renewed while it was being taken. Then the shopper is asked to pay what is
// left. One who was asked already, and whose money was taken after all, need not pay again.
func (p *Payments) afterCapture(ctx context.Context, tx pgx.Tx, d *dossier, shop settings.Shop, o *operation, a *PaymentAttempt) error {
	switch {
	case o.kind != kindCapture || d.asked.of(a.ID, kindCapture) > 0:
		return nil
	case d.payment.stage == stageAuthorized && a.lost():
		return p.lose(ctx, tx, d, shop, a)
	case d.payment.stage == stageAuthorized && d.lapsing(a) && d.left() > 0:
		return p.payAnew(ctx, tx, d, shop, d.whyLapsing(a))
	case d.payment.stage == stageActionRequired && d.current() == nil && d.left() == 0:
		d.confirm(shop)
	}
	return nil
}

// whyLapsing is what the shopper reads of a reservation that could not be renewed.
func (d *dossier) whyLapsing(a *PaymentAttempt) string {
	for i := range d.payment.Attempts {
		if r := &d.payment.Attempts[i]; r.renews != nil && *r.renews == a.ID && r.Reason != nil {
			return *r.Reason
		}
	}
	return reasonLapsed
}

// replaced says that another attempt was authorized to renew this one.
func (d *dossier) replaced(a *PaymentAttempt) bool {
	for i := range d.payment.Attempts {
		if r := &d.payment.Attempts[i]; r.renews != nil && *r.renews == a.ID && r.authorized > 0 {
			return true
		}
	}
	return false
}
