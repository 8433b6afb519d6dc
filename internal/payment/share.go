package payment

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/settings"
)

// An order may be paid with several methods, one after the other: each is asked for the amount that the shopper has
// named for it, or for all that is left. What a method has reserved stays reserved while the others are asked, and the
// order goes on when nothing is left to pay. What a declined method should have paid falls to those after it.

// left is what is still to be paid before the order may go on.
func (d *dossier) left() int64 {
	left := d.payment.Amount.Minor
	for i := range d.payment.Attempts {
		left -= d.covers(&d.payment.Attempts[i])
	}
	return max(left, 0)
}

// inPart says that a part of what is owed is covered, and the rest is not.
func (d *dossier) inPart() bool {
	left := d.left()
	return left > 0 && left < d.payment.Amount.Minor
}

// covers is the part of what is owed that rests on an attempt.
func (d *dossier) covers(a *PaymentAttempt) int64 {
	switch {
	case a.stage == stageInvoiced:
		return a.amount.Minor
	case a.stage != stageAuthorized:
		return 0
	case d.lapsing(a):
		return a.captured
	}
	return a.captured + max(a.reserved()-d.asked.of(a.ID, kindVoid), 0)
}

// share is what the method whose turn it is would be asked for.
func (d *dossier) share() int64 { return d.shareOf(d.payment.tried) }

// shareOf is what the method at a place would be asked for if it were its turn. One with no amount of its own leaves the
// methods after it what was named for them.
func (d *dossier) shareOf(place int) int64 {
	m := &d.payment
	left := d.left()
	if named, ok := m.methods[place].named(); ok {
		return min(named, left)
	}
	for _, later := range m.methods[place+1:] {
		if named, ok := later.named(); ok {
			left -= named
		}
	}
	return max(left, 0)
}

// named is the amount that the shopper wants to pay with the method. It was checked before it was kept.
func (m Method) named() (int64, bool) {
	if m.Amount == nil {
		return 0, false
	}
	amount, err := m.Amount.Money()
	return amount.Minor, err == nil
}

// next makes the attempt with the method whose turn it is, passing over those that can't be used for what is left. It
// makes none when the shopper must be asked instead.
func (p *Payments) next(ctx context.Context, tx pgx.Tx, d *dossier, shop settings.Shop) (*PaymentAttempt, error) {
	m := &d.payment
	for m.tried < len(m.methods) {
		method, share, rank := m.methods[m.tried], money.New(d.share(), m.Amount.CurrencyCode), m.tried+1
		if method.Rank > 0 {
			rank = method.Rank
		}
		if share.Minor == 0 {
			m.tried++
			continue
		}
		token, reason, err := p.usable(ctx, tx, d, method, share)
		switch {
		case err != nil:
			return nil, err
		case reason == "" && method.asks() && d.failedBefore():
			return nil, p.askShopper(ctx, tx, d, shop, orders.PaymentActionRequired{
				Reason: reasonAgree, Fallback: &orders.Fallback{Rank: rank, Provider: method.Provider, Amount: share},
			})
		}
		m.tried++
		if reason != "" {
			m.methods[m.tried-1].Failed = true
			d.tell(orders.PaymentMethodSkipped{Rank: rank, Provider: method.Provider, Reason: reason})
			d.prefer(p.answers, p.limits)
			continue
		}
		m.Attempts = append(m.Attempts, PaymentAttempt{
			ID: id.NewPaymentAttemptID(), OrderID: m.OrderID, Provider: method.Provider, Rank: rank, StartedAt: d.now,
			number: len(m.Attempts) + 1, token: token, stage: stageStarted, amount: share,
			save: method.Save != nil && *method.Save && d.order.CustomerID != nil, stored: method.storedID(),
		})
		a := &m.Attempts[len(m.Attempts)-1]
		if a.save {
			a.savedFor = d.order.CustomerID
		}
		d.tell(orders.PaymentStarted{AttemptID: a.ID, Attempt: a.number, Provider: a.Provider, Amount: a.amount})
		return a, nil
	}
	return nil, p.askShopper(ctx, tx, d, shop, orders.PaymentActionRequired{Reason: reasonNoMethod})
}

// reasonAgree is what the shopper reads when they want to be asked before the next method is used.
const reasonAgree = "Another payment method may only be used when you agree."

// askAnew tells the shopper who is asked whether a method may be used that another amount would be taken with it by now,
// since a part has been paid outside or a part that was reserved is there no more: they agree to what they read.
func (p *Payments) askAnew(ctx context.Context, tx pgx.Tx, d *dossier) error {
	m, asked := &d.payment, d.order.PaymentFallback
	if m.stage != stageActionRequired || asked == nil || m.tried >= len(m.methods) {
		return nil
	}
	share := money.New(d.share(), m.Amount.CurrencyCode)
	if share == asked.Amount || share.Minor == 0 {
		return nil
	}
	if _, reason, err := p.usable(ctx, tx, d, m.methods[m.tried], share); err != nil || reason != "" {
		return err // where the shopper agrees all the same, it is passed over
	}
	d.tell(orders.PaymentActionRequired{
		Deadline: m.deadline, Reason: reasonAgree, Fallback: &orders.Fallback{Rank: asked.Rank, Provider: asked.Provider, Amount: share},
		Partial: d.inPart(),
	})
	return nil
}

// reasonNoMethod is what the shopper reads when no method was left that could be asked.
const reasonNoMethod = "None of your payment methods can be used for what is to be paid."

// reasonDeleted is what the shopper reads about a kept method that was deleted.
const reasonDeleted = "This stored payment method is not there any more."

// usable gives the token with which a method is asked for an amount, or why it can't be asked.
func (p *Payments) usable(ctx context.Context, tx pgx.Tx, d *dossier, m Method, share money.Money) (token, reason string, err error) {
	if reason := p.limits.ruledOut(m, share); reason != "" {
		return "", reason, nil
	}
	stored := m.storedID()
	if stored == nil {
		return m.token(), "", nil
	}
	token, err = storedRef(ctx, tx, d.order.CustomerID, *stored)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", reasonDeleted, nil
	}
	return token, "", err
}

// ruledOut says why a method is not asked for an amount, by its own limit or the shop's; empty when it may be.
func (list limits) ruledOut(m Method, share money.Money) string {
	if most, ok := m.most(); ok && share.Minor > most {
		return fmt.Sprintf("This payment method may be charged at most %s, and %s is to be paid.", money.New(most, share.CurrencyCode), share)
	}
	return list.reason(m.Provider, share)
}

// failedBefore says that a method of the list has failed, so that the next one takes its place.
func (d *dossier) failedBefore() bool {
	for _, m := range d.payment.methods[:d.payment.tried] {
		if m.Failed {
			return true
		}
	}
	return false
}

// divided says that the shopper pays parts with several methods.
func divided(methods []Method) bool {
	for _, m := range methods {
		if m.Amount != nil {
			return true
		}
	}
	return false
}
