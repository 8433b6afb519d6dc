package payment

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/settings"
)

// What the shopper reads about a method that was given up for the next one, each the whole message of its decline.
const (
	reasonNoAnswer = "The payment provider did not answer, so this payment was called off."
	reasonLeft     = "Your earlier payment was called off, since you chose other payment methods."
	reasonLapsed   = "The payment provider has released your payment."
	reasonNone     = "Your payment was declined."
)

// concludeAlone is conclude in a transaction of the caller's own.
func (p *Payments) concludeAlone(ctx context.Context, tx pgx.Tx, shop settings.Shop, asked PaymentAttempt, v verdict, cause string) error {
	o, err := p.orders.Lock(ctx, tx, asked.OrderID)
	if err != nil {
		return err
	}
	d, err := open(ctx, tx, &o)
	if err != nil {
		return err
	}
	if _, err := p.conclude(ctx, tx, shop, d, asked, v, cause); err != nil {
		return err
	}
	return p.save(ctx, tx, d, bySystem, cause)
}

// conclude takes over what a provider has said about an attempt: amounts, events, and what happens to the order. It
// holds whatever the order has come to in the meantime: an answer that comes after the order was called off is undone,
// one that comes twice changes nothing.
func (p *Payments) conclude(ctx context.Context, tx pgx.Tx, shop settings.Shop, d *dossier, asked PaymentAttempt, v verdict, cause string) (*Later, error) {
	a := d.attempt(asked.ID)
	if a == nil {
		return nil, fmt.Errorf("payment attempt %s is gone", asked.ID)
	}
	d.tell(p.news(ctx, d, a, v.charge)...)
	d.tell(a.won(v.charge, asked)...)
	if err := p.saved(ctx, tx, d, a, v.charge, cause); err != nil {
		return nil, err
	}
	var later *Later
	var err error
	switch {
	case d.payment.stage == stageAuthorized && a.lost():
		err = p.lose(ctx, tx, d, shop, a)
	case d.payment.stage != stageClosed && a.lost():
		d.lapsed(a) // the shopper pays anew, or is being asked to
	case !a.inFlight():
		p.outlast(d, a)
	case d.payment.stage == stageClosed:
		d.lateAnswer(a, v)
	case v.stage == stageUnknown || v.stage == stagePending:
		later, err = p.notYet(ctx, tx, d, a, asked, v)
	default:
		err = p.decided(ctx, tx, d, shop, a, v)
	}
	if err != nil {
		return nil, err
	}
	if err := p.undo(ctx, tx, d, "The answer of the payment provider came late."); err != nil {
		return nil, err
	}
	if err := p.askAnew(ctx, tx, d); err != nil {
		return nil, err
	}
	d.watch()
	d.keep(a)
	return later, nil
}

// lateAnswer settles an attempt whose order is over. What is reserved now is released by undo.
func (d *dossier) lateAnswer(a *PaymentAttempt, v verdict) {
	switch v.stage {
	case stageAuthorized, stageInvoiced, stageDeclined, stageVoided:
		a.settle(v.stage, v.reason, d.now)
	default:
		a.leaseUntil, a.nextTryAt = nil, nil
	}
}

// notYet keeps an outcome that is not known, or that comes later, and says when to ask again. An answer that was
// overtaken by another worker's turn says nothing any more.
func (p *Payments) notYet(ctx context.Context, tx pgx.Tx, d *dossier, a *PaymentAttempt, asked PaymentAttempt, v verdict) (*Later, error) {
	if a.tries != asked.tries {
		return nil, nil //nolint:nilnil // nothing to wait for is no error
	}
	wait := p.pace.pause(a.tries)
	before := a.stage
	var moved *time.Time
	if v.stage == stagePending {
		var err error
		if moved, err = d.settlesLater(ctx, tx, a, v.charge.SettlesBy); err != nil {
			return nil, err
		}
		a.stage, wait = stagePending, p.pace.poll(a.SettlesBy, d.now)
	} else if a.stage == stageStarted {
		a.stage = stageUnknown
	}
	a.leaseUntil, a.nextTryAt, d.payment.dueAt = nil, d.in(wait), d.in(wait)
	if a.Reason = nil; a.stage == stageUnknown && v.err != nil {
		a.Reason = why(v.err)
	}
	switch {
	case a.stage == stagePending && (before != stagePending || moved != nil):
		d.tell(orders.PaymentPending{AttemptID: a.ID, Attempt: a.number, Provider: a.Provider, SettlesBy: a.SettlesBy, Deadline: moved})
	case a.stage == stageUnknown && before == stageStarted:
		d.tell(orders.PaymentUnknown{AttemptID: a.ID, Attempt: a.number, Provider: a.Provider, NextTry: a.nextTryAt})
	}
	return &Later{In: wait}, nil
}

// lost says that the attempt had reserved the money, and that the provider has let all of it go.
func (a *PaymentAttempt) lost() bool {
	return a.stage == stageAuthorized && a.authorized > 0 && a.captured == 0 && a.reserved() == 0
}

// lapsed ends an attempt whose reservation its provider has let go: by itself, unless the shop has asked for that.
func (d *dossier) lapsed(a *PaymentAttempt) {
	reason := reasonLapsed
	if d.asked.of(a.ID, kindVoid) > 0 {
		reason = ""
	}
	a.settle(stageVoided, reason, d.now)
}

// lose takes back that an order is paid for: the provider has released its reservation, by itself or because a late
// yes had come in while the charge was being closed. The shopper is asked again, and nothing leaves unpaid. An order
// that is being packed is left to the staff. Of what the shop itself lets go, the end of its operation decides.
func (p *Payments) lose(ctx context.Context, tx pgx.Tx, d *dossier, shop settings.Shop, a *PaymentAttempt) error {
	if d.lapsed(a); d.asked.of(a.ID, kindVoid) > 0 {
		return nil
	}
	if renewal := d.current(); d.left() == 0 || (renewal != nil && renewal.renews != nil && *renewal.renews == a.ID) {
		return nil // another reservation has taken its place, or is about to: what comes of that decides
	}
	if d.order.Status != orders.StatusConfirmed {
		p.log.ErrorContext(ctx, "the payment of an order that goes on was released by its provider", "order", d.order.ID.String(), "attempt", a.ID.String())
		return nil
	}
	d.tell(orders.PaymentDeclined{AttemptID: a.ID, Attempt: a.number, Provider: a.Provider, Reason: reasonLapsed, Code: orders.DeclinedReleased})
	return p.askShopper(ctx, tx, d, shop, orders.PaymentActionRequired{Reason: reasonLapsed})
}

// decided moves the order on by a definite answer.
func (p *Payments) decided(ctx context.Context, tx pgx.Tx, d *dossier, shop settings.Shop, a *PaymentAttempt, v verdict) error {
	switch v.stage {
	case stageAuthorized, stageInvoiced:
		if a.abandoned && a.kept() == 0 {
			return nil // the shopper has chosen other methods, and this one is being closed: what it reserved is released
		}
		a.settle(v.stage, "", d.now)
		if v.stage == stageInvoiced {
			d.tell(orders.PaymentPending{AttemptID: a.ID, Attempt: a.number, Provider: a.Provider, Invoice: true})
		}
		if err := p.replace(ctx, tx, d, a); err != nil {
			return err
		}
		if a.renews != nil && d.payment.stage == stageAuthorized {
			return nil // the order goes on as before, also where a part of another reservation was let go meanwhile
		}
		if d.left() > 0 {
			d.partly(a)
			d.passed()
			return p.onward(ctx, tx, d, shop, reasonRest)
		}
		d.confirm(shop)
		return nil
	case stageActionRequired:
		if a.stage == stageActionRequired {
			return nil
		}
		a.stage, a.leaseUntil, a.nextTryAt = stageActionRequired, nil, nil
		a.Reason = &v.reason
		if url := v.charge.ChallengeURL; url != "" {
			a.ChallengeURL = &url
		}
		return p.askShopper(ctx, tx, d, shop, orders.PaymentActionRequired{AttemptID: &a.ID, Reason: v.reason, Challenge: true})
	case stageDeclined, stageVoided:
		return p.refused(ctx, tx, d, shop, a, v)
	}
	return fmt.Errorf("attempt %s cannot become %s", a.ID, v.stage)
}

// confirm lets the order go on: it is paid for, as far as it must be now, and keeps its stock.
func (d *dossier) confirm(shop settings.Shop) {
	d.payment.stage, d.payment.dueAt, d.payment.expiryDueAt = stageInvoiced, nil, nil
	for i := range d.payment.Attempts {
		if a := &d.payment.Attempts[i]; a.stage == stageAuthorized && d.covers(a) > 0 {
			d.payment.stage = stageAuthorized
		}
	}
	if !d.order.Status.AwaitsPayment() {
		return
	}
	d.tell(orders.Confirmed{Capture: d.payment.stage == stageAuthorized && shop.Capture == settings.CaptureImmediately})
	d.confirmed = true
}

// reasonRest is what the shopper reads when a part is paid, and no method is left for the rest.
const reasonRest = "A part of the total is still to be paid."

// partly marks in what is told that the attempt has paid a part, so that the next method is tried.
func (d *dossier) partly(a *PaymentAttempt) {
	for i := range d.news {
		switch e := d.news[i].(type) {
		case orders.PaymentAuthorized:
			e.Partial = e.Partial || e.AttemptID == a.ID
			d.news[i] = e
		case orders.PaymentPending:
			e.Partial = e.Partial || e.AttemptID == a.ID
			d.news[i] = e
		}
	}
}

// onward tries the next method for what is left to pay, or asks the shopper when there is none.
func (p *Payments) onward(ctx context.Context, tx pgx.Tx, d *dossier, shop settings.Shop, reason string) error {
	if d.payment.tried >= len(d.payment.methods) {
		return p.askShopper(ctx, tx, d, shop, orders.PaymentActionRequired{Reason: reason})
	}
	d.payment.stage, d.payment.dueAt = stageOpen, &d.now
	return nil
}

// passed tells that the shopper has passed a challenge, after which another method is tried for what is left to pay.
func (d *dossier) passed() {
	if left := d.payment.methods[min(d.payment.tried, len(d.payment.methods)):]; d.waitsForShopper() && len(left) > 0 {
		d.tell(orders.PaymentMethodsUpdated{Providers: providersOf(left), Deadline: d.payment.deadline})
	}
}

// waitsForShopper says that the order waits for its shopper, such as in a challenge.
func (d *dossier) waitsForShopper() bool { return d.order.Status == orders.StatusActionRequired }

// refused goes on to the next method after a definite no, or asks the shopper when there is none.
func (p *Payments) refused(ctx context.Context, tx pgx.Tx, d *dossier, shop settings.Shop, a *PaymentAttempt, v verdict) error {
	if a.abandoned {
		a.settle(stageVoided, "", d.now)
		d.tell(orders.PaymentDeclined{AttemptID: a.ID, Attempt: a.number, Provider: a.Provider, Reason: reasonLeft, Code: orders.DeclinedReplaced})
		d.payment.dueAt = &d.now
		return nil
	}
	reason, code := v.reason, orders.DeclinedByProvider
	switch {
	case v.stage == stageVoided:
		reason, code = reasonNoAnswer, orders.DeclinedNoAnswer
	case v.shops:
		code = orders.DeclinedNotAsked
	case reason == "":
		reason = reasonNone
	}
	a.settle(v.stage, reason, d.now)
	declined := orders.PaymentDeclined{AttemptID: a.ID, Attempt: a.number, Provider: a.Provider, Reason: reason, Code: code}
	if a.renews != nil {
		d.tell(declined)
		return p.unrenewed(ctx, tx, d, shop, a, reason)
	}
	if tried := d.payment.tried; tried > 0 && tried <= len(d.payment.methods) {
		d.payment.methods[tried-1].Failed = true
	}
	if a.SettlesBy != nil && d.payment.tried < len(d.payment.methods) {
		until, err := d.moveDeadline(ctx, tx, d.now.Add(shop.PaymentDeadline))
		if err != nil {
			return err
		}
		declined.Deadline = until
	}
	declined.Resumed = d.waitsForShopper() && d.payment.tried < len(d.payment.methods)
	d.tell(declined)
	return p.onward(ctx, tx, d, shop, reason)
}

// unrenewed asks the shopper to pay anew when a reservation can't be renewed: nothing leaves unpaid. The order keeps its
// stock, and the old reservation for as long as it lasts: it is not tried to be renewed again. Where that is being taken at
// this moment, what comes of it decides: a shopper who was asked now would pay twice.
func (p *Payments) unrenewed(ctx context.Context, tx pgx.Tx, d *dossier, shop settings.Shop, a *PaymentAttempt, reason string) error {
	old := d.attempt(*a.renews)
	old.RenewAt = nil
	d.keep(old)
	if d.payment.stage == stageAuthorized && d.asked.of(old.ID, kindCapture) > 0 {
		return nil
	}
	return p.payAnew(ctx, tx, d, shop, reason)
}

// payAnew asks the shopper to pay what a reservation should have paid that can't be renewed. An order that is being packed
// is left to the staff.
func (p *Payments) payAnew(ctx context.Context, tx pgx.Tx, d *dossier, shop settings.Shop, reason string) error {
	if d.payment.stage == stageAuthorized && d.order.Status != orders.StatusConfirmed {
		p.log.ErrorContext(ctx, "the reservation for an order that goes on could not be renewed", "order", d.order.ID.String())
		return nil
	}
	d.payment.tried = len(d.payment.methods)
	return p.askShopper(ctx, tx, d, shop, orders.PaymentActionRequired{Reason: reason})
}

// askShopper stops until the shopper has acted, or until a fresh deadline. The stock is kept until then.
func (p *Payments) askShopper(ctx context.Context, tx pgx.Tx, d *dossier, shop settings.Shop, e orders.PaymentActionRequired) error {
	e.Deadline = d.now.Add(shop.ActionDeadline)
	d.payment.stage, d.payment.dueAt = stageActionRequired, nil
	d.payment.deadline, d.payment.expiryDueAt = e.Deadline, &e.Deadline
	e.Partial = d.inPart()
	d.tell(e)
	return inventory.Extend(ctx, tx, d.order.ID, e.Deadline)
}
