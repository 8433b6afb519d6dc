package adyen

import (
	"slices"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/payment"
)

// charge is what is known under one key, added up.
type charge struct {
	payment.Charge
	calls    []call
	notes    []note
	payments map[string]int64 // what was authorized, by Adyen's name of the payment; more than one is a mistake of Adyen's
	closed   bool             // the shop has given the key up
	currency money.Currency
}

// sum adds up what is known under one key. It must not depend on the order in which things became known, and the amounts
// of a charge must only grow as more becomes known, since the shop asks at any moment: so each amount is held back until
// what it builds upon is known. once says that what the first capture leaves is released.
func sum(calls []call, notes []note, once bool) charge {
	c := charge{calls: calls, notes: notes, payments: map[string]int64{}}
	refused := c.verdicts()
	authorized := int64(0)
	for _, value := range c.payments {
		authorized += value
	}
	c.Authorized = c.money(authorized)
	if len(c.payments) == 0 {
		c.Captured, c.Refunded, c.Voided, c.Disputed, c.DisputeLost = c.money(0), c.money(0), c.money(0), c.money(0), c.money(0)
		switch {
		case refused != "":
			c.State, c.Reason, c.ChallengeURL, c.SettlesBy = payment.ChargeDeclined, refused, "", nil
		case c.closed:
			c.State, c.Reason, c.ChallengeURL, c.SettlesBy = payment.ChargeClosed, reasonClosed, "", nil
		}
		return c
	}
	captured, failed := c.captured()
	c.Captured = c.money(captured)
	c.Refunded = c.money(min(c.refunded(), captured))
	c.Voided = c.money(c.voided(captured, once))
	disputed, lost := c.disputed()
	c.Disputed, c.DisputeLost = c.money(failed+disputed), c.money(lost)
	c.State, c.Reason, c.ChallengeURL, c.SettlesBy = payment.ChargeAuthorized, "", "", nil
	if captured == 0 && (c.closed || c.left() == 0) {
		c.State, c.Reason = payment.ChargeClosed, reasonClosed
	}
	return c
}

func (c *charge) money(minor int64) money.Money { return money.New(minor, c.currency) }

// fits says whether the key was used for this amount, as far as that is known.
func (c *charge) fits(asked money.Money) bool {
	for _, k := range c.calls {
		if k.kind == callPayment && k.amount.CurrencyCode != "" && k.amount != asked {
			return false
		}
	}
	return c.Authorized.Minor == 0 || c.Authorized == asked
}

// left is what is reserved and neither taken nor released.
func (c *charge) left() int64 { return c.Authorized.Minor - c.Captured.Minor - c.Voided.Minor }

// verdicts finds the payments that were authorized, and says why the key was refused, if it was. A yes counts more than
// a no. What is notified counts more than what was answered.
func (c *charge) verdicts() (refused string) {
	for _, k := range c.calls {
		if c.currency == "" {
			c.currency = k.amount.CurrencyCode
		}
		switch k.kind {
		case callClose:
			c.closed = true
		case callPayment, callDetails:
			if c.Ref == "" || k.kind == callDetails {
				c.Ref = k.psp
			}
			switch state := results[k.result]; state {
			case payment.ChargeAuthorized:
				c.payments[k.psp] = k.amount.Minor
				c.save(k.saved)
			case payment.ChargeDeclined:
				refused = k.reason
			default:
				c.State, c.Reason, c.ChallengeURL, c.SettlesBy = state, k.reason, k.url, k.settlesBy
			}
		}
	}
	for _, n := range c.notes {
		switch {
		case n.code == eventAuthorised && n.success:
			c.currency = n.amount.CurrencyCode
			c.payments[n.psp] = n.amount.Minor
			c.Ref = n.psp
			c.save(n.saved)
		case n.code == eventAuthorised:
			refused = declined(n.reason)
		case n.code == eventOfferClosed && n.success:
			refused = reasonLeft
		}
	}
	return refused
}

// answeredNo says that Adyen has answered the payment itself with a no, rather than told of one try that has failed.
func (c *charge) answeredNo() bool {
	return slices.ContainsFunc(c.calls, func(k call) bool {
		return (k.kind == callPayment || k.kind == callDetails) && results[k.result] == payment.ChargeDeclined
	})
}

func (c *charge) save(s savedMethod) {
	if s.ref != "" && c.Saved == nil {
		c.Saved = &payment.SavedMethod{Ref: s.ref, Label: s.label}
	}
}

// captured is what was taken, and how much of it has failed after Adyen had agreed to it. A failure implies the
// agreement, whichever is known first; Adyen may try again by itself, and the newest word counts.
func (c *charge) captured() (taken, failed int64) {
	for _, n := range c.newest(eventCapture, eventCaptureFailed) {
		taken += n.amount.Minor
		if events[n.code].taken > 0 {
			failed += n.amount.Minor
		}
	}
	return taken, failed
}

// refunded is what Adyen has agreed to give back. That a refund has failed afterwards is told to people.
func (c *charge) refunded() (given int64) {
	for _, n := range c.newest(eventRefund, eventRefundFailed) {
		given += n.amount.Minor
	}
	return given
}

// disputed is what shoppers' banks have taken back, or want to, and how much of it is gone for good.
func (c *charge) disputed() (total, lost int64) {
	for _, n := range c.newest(eventChargebackAhead, eventChargeback, eventChargebackReversed, eventChargebackAgain,
		eventDisputeLost, eventDisputeWon) {
		if events[n.code].taken > 0 {
			total += n.amount.Minor
		}
		if events[n.code].final {
			lost += n.amount.Minor
		}
	}
	return total, lost
}

// newest gives the newest successful item of these codes under each of Adyen's names.
func (c *charge) newest(codes ...string) map[string]note {
	found := map[string]note{}
	for _, n := range c.notes {
		if !n.success {
			continue
		}
		for _, code := range codes {
			if n.code != code {
				continue
			}
			before, ok := found[n.psp]
			if !ok || n.at.After(before.at) || (n.at.Equal(before.at) && events[n.code].rank > events[before.code].rank) {
				found[n.psp] = n
			}
		}
	}
	return found
}

// voided is what was released: by a cancellation, by the end of the reservation, or by the one capture. What is being
// captured is held back until its outcome is known.
func (c *charge) voided(captured int64, once bool) int64 {
	if once && captured > 0 {
		return c.Authorized.Minor - captured
	}
	released := int64(0)
	for psp, value := range c.payments {
		if c.released(psp) {
			released += value
		}
	}
	return max(released-captured-c.waiting(callCapture), 0)
}

// released says whether what was reserved by a payment was let go.
func (c *charge) released(psp string) bool {
	for _, n := range c.notes {
		switch n.code {
		case eventCancelled, eventRevoked, eventExpired:
			// The name of an expired payment may be the item's own.
			if n.success && (n.original == psp || n.original == "" || n.psp == psp) {
				return true
			}
		}
	}
	return false
}

// outcome is what has come of a request that changes a payment.
type outcome int

const (
	notAsked outcome = iota
	waiting
	done
	failed
)

// find gives the call of a kind under a key.
func (c *charge) find(kind callKind, key uuid.UUID) (call, bool) {
	for _, k := range c.calls {
		if k.kind == kind && k.key == key {
			return k, true
		}
	}
	return call{}, false
}

// became tells what has come of a call, with Adyen's reason when it has failed.
func (c *charge) became(kind callKind, key uuid.UUID) (outcome, string) {
	k, ok := c.find(kind, key)
	if !ok {
		return notAsked, ""
	}
	if results[k.result] == payment.ChargeDeclined { // it was refused at once
		return failed, k.reason
	}
	var reason string
	result := waiting
	for _, n := range c.notes {
		if n.psp != k.psp {
			continue
		}
		if n.success {
			return done, ""
		}
		result, reason = failed, n.reason
	}
	return result, reason
}

// waiting adds up the calls of a kind whose outcome is not known.
func (c *charge) waiting(kind callKind) (total int64) {
	for _, k := range c.calls {
		if result, _ := c.became(kind, k.key); k.kind == kind && result == waiting {
			total += k.amount.Minor
		}
	}
	return total
}

// answer is what a call that authorizes says about the charge.
func (c *charge) answer() (payment.Charge, error) {
	switch c.State {
	case payment.ChargeDeclined, payment.ChargeClosed:
		return c.Charge, payment.Declined(c.Reason)
	case payment.ChargeChallenge:
		return c.Charge, payment.ActionRequired(c.Reason)
	}
	return c.Charge, nil
}
