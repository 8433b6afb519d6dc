package payment_test

import (
	"testing"

	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/operations"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
)

// held is a charge that a provider swears to have.
func held(captured, refunded, voided int64) payment.Charge {
	usd := func(minor int64) money.Money { return money.New(minor, "USD") }
	c := payment.Charge{
		State: payment.ChargeAuthorized, Authorized: usd(total), Captured: usd(captured), Refunded: usd(refunded), Voided: usd(voided),
	}
	if voided > 0 {
		c.State = payment.ChargeClosed
	}
	return c
}

// TestAStrayChargeIsReleased: a provider reserves money under a key that it had closed. The order is paid by the next
// method, and what is too much goes back by itself.
func TestAStrayChargeIsReleased(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.place("error", "approve")
	d.settle(order)
	first := d.firstKey(order)
	m.answer = func(call string, c payment.Charge, err error) (payment.Charge, error) {
		switch call {
		case "lookup":
			return held(0, 0, 0), nil
		case "void":
			return held(0, 0, total), nil
		}
		return c, err
	}
	header, body, err := d.test.Settle(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Callback(t.Context(), "test", header, body); err != nil {
		t.Fatal(err)
	}
	d.settle(order)
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialAuthorized,
		"order.placed", "payment.started", "payment.unknown", "payment.declined", "payment.started", "payment.authorized",
		"order.confirmed", "payment.authorized", "payment.compensation_started", "payment.voided")
	if o := d.order(order); o.Reserved().Minor != total {
		t.Errorf("the order holds %s", o.Reserved())
	}
}

// TestAYesWithoutTheMoneyIsNoYes: a provider that agrees to give back but does not show it is asked again under the
// same key, and never told to give back twice.
func TestAYesWithoutTheMoneyIsNoYes(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.place("approve")
	d.settle(order)
	d.capture(order)
	d.settle(order)
	m.answer = func(call string, c payment.Charge, err error) (payment.Charge, error) {
		if call == "refund" {
			return held(total, 0, 0), nil
		}
		return c, err
	}
	d.cancel(order)
	d.work(d.Operate(t.Context(), order, "job:move_money:1", finished))
	steps, err := d.Process(t.Context(), d.pool, order)
	if err != nil || len(steps) != 1 || steps[0].State != operations.Retrying && steps[0].State != operations.Waiting {
		t.Errorf("still to be done is %+v, %v", steps, err)
	}
	if o := d.order(order); o.FinancialStatus != orders.FinancialPaid {
		t.Errorf("the order is %s", o.FinancialStatus)
	}
	m.answer = nil
	d.settle(order)
	d.mustBook(order, books{Charges: 1, Authorized: total, Captured: total, Refunded: total})
	d.mustAgree(order)
	d.mustOweNothing(order)
}

// TestAProviderThatTakesAtOnce: the money is taken with the authorization, and the order is cancelled on the way.
func TestAProviderThatTakesAtOnce(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.place("approve")
	m.before = once("authorize", func() { d.cancel(order) })
	m.answer = func(call string, c payment.Charge, err error) (payment.Charge, error) {
		if call == "refund" {
			return held(total, total, 0), nil
		}
		return held(total, 0, 0), nil
	}
	d.settle(order)
	d.mustHave(order, orders.StatusCancelled, orders.FinancialRefunded,
		"order.placed", "payment.started", "order.cancelled", "payment.compensation_started", "payment.authorized",
		"payment.captured", "payment.compensation_started", "payment.refunded")
	d.mustOweNothing(order)
}

// TestTheShopperIsToldWhereToAct: the page of the provider's challenge is shown while it is open.
func TestTheShopperIsToldWhereToAct(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.place("challenge")
	m.answer = func(_ string, c payment.Charge, err error) (payment.Charge, error) {
		c.ChallengeURL = "https://bank.example/confirm"
		return c, err
	}
	d.settle(order)
	if a := d.attempts(order)[0]; a.ChallengeURL == nil || *a.ChallengeURL != "https://bank.example/confirm" {
		t.Errorf("shown is %v", a.ChallengeURL)
	}
	if _, err := d.complete(order, "k1"); err != nil {
		t.Fatal(err)
	}
	d.settle(order)
	if a := d.attempts(order)[0]; a.ChallengeURL != nil || a.State() != payment.AttemptAuthorized {
		t.Errorf("afterwards shown is %v of %s", a.ChallengeURL, a.State())
	}
}
