package payment

import (
	"time"

	"github.com/google/uuid"
)

// A reservation that nobody renews ends by itself, and not every provider tells so. Its charge is looked up when it has
// come to its end, so that nobody goes on believing in money that is gone. What the look-up says counts: a provider may
// hold the money for longer than it has promised.

// endsAt is when a reservation is to be looked up because its end has come; nil when it has none.
func (a *PaymentAttempt) endsAt() *time.Time {
	if a.nextTryAt != nil {
		return a.nextTryAt
	}
	return a.ExpiresAt
}

// firstToEnd is the reservation that ends before all others, of those that nobody renews. What is being taken or let go
// is left to what becomes of that.
func (d *dossier) firstToEnd() *PaymentAttempt {
	var first *PaymentAttempt
	renewing := d.payment.stage == stageAuthorized && !d.order.Status.Final()
	for i := range d.payment.Attempts {
		a := &d.payment.Attempts[i]
		switch {
		case a.ExpiresAt == nil || a.stage != stageAuthorized || a.reserved() <= 0:
		case d.asked.of(a.ID, kindVoid) > 0 || d.asked.of(a.ID, kindCapture) > 0:
		case renewing && d.renewable(a):
		case first == nil || a.endsAt().Before(*first.endsAt()):
			first = a
		}
	}
	return first
}

// ended is a reservation whose end has come, in a payment that rests.
func (d *dossier) ended() *PaymentAttempt {
	rests := d.payment.stage == stageActionRequired || d.payment.stage == stageAuthorized && d.current() == nil
	if a := d.firstToEnd(); rests && a != nil && !a.endsAt().After(d.now) {
		return a
	}
	return nil
}

// lookUp is the turn of a reservation that has ended: its charge is looked up, once at a time.
func (p *Payments) lookUp(d *dossier, a *PaymentAttempt) (*turn, *Later, error) {
	wait, leave := p.admit(a.Provider, d.now.Sub(*a.endsAt()))
	if wait > 0 {
		d.payment.dueAt = d.in(wait)
		d.keep()
		return nil, &Later{In: wait}, nil
	}
	a.nextTryAt, d.payment.dueAt = d.in(p.pace.Lease), d.in(p.pace.Lease)
	d.keep(a)
	return &turn{attempt: *a, reference: uuid.UUID(d.order.ID).String(), looks: true, over: leave}, nil, nil
}

// outlast says when a reservation that is held beyond its end is looked up again: the longer it is, the later.
func (p *Payments) outlast(d *dossier, a *PaymentAttempt) {
	if a.nextTryAt == nil {
		return
	}
	a.nextTryAt = nil
	if a.stage == stageAuthorized && a.reserved() > 0 && a.ExpiresAt != nil && !a.ExpiresAt.After(d.now) {
		a.nextTryAt = d.in(max(p.pace.Poll, min(d.now.Sub(*a.ExpiresAt)/4, time.Hour)))
	}
}
