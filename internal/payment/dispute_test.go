package payment_test

import (
	"testing"

	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/pg"
)

// hears brings the provider's present news about an order's charge.
func (d *desk) hears(order id.OrderID) {
	d.t.Helper()
	header, body := d.news(order)
	if err := d.Callback(d.t.Context(), "test", header, body); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) disputed(token string) id.OrderID {
	d.t.Helper()
	order := d.place(token)
	d.settle(order)
	d.capture(order)
	d.settle(order)
	return order
}

var disputedKinds = []string{
	"order.placed", "payment.started", "payment.authorized", "order.confirmed", "payment.captured", "payment.disputed",
}

// tellers are who stands in an order's events, by their kinds.
func (d *desk) tellers(order id.OrderID) map[string]string {
	d.t.Helper()
	events, err := event.Read(d.t.Context(), d.pool, order, 0, 1000)
	must(d.t, err)
	by := map[string]string{}
	for _, e := range events {
		by[e.Kind] = e.By
	}
	return by
}

// TestADisputeIsNobodysDoing: it shows in the answer to what the staff have asked for, and it is the bank's.
func TestADisputeIsNobodysDoing(t *testing.T) {
	d := newDesk(t)
	order := d.disputed("dispute_lost")
	if by := d.tellers(order); by["payment.captured"] != clerk.By() || by["payment.disputed"] != "system" {
		t.Errorf("the events are told by %v", by)
	}
	if differences, err := d.orders.Compare(t.Context(), d.pool); err != nil || len(differences.Differences) > 0 {
		t.Errorf("rebuilt from its events the order differs: %+v, %v", differences, err)
	}
}

func TestALostDisputeIsNotGivenBackTwice(t *testing.T) {
	d := newDesk(t)
	order := d.disputed("dispute_lost")
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialPaid, disputedKinds...)
	mustRefuse(t, d.refundAll(order, usd("1.00")), fault.Conflict, "NOT_ALLOWED")
	d.hears(order)
	d.hears(order)
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialRefunded, append(disputedKinds, "payment.dispute_lost")...)
	if o := d.order(order); o.TotalRefunded().Minor != total || o.Paid.Refunded.Minor != 0 {
		t.Errorf("given back are %s, of which %s by the shop", o.TotalRefunded(), o.Paid.Refunded)
	}
	if a := d.attempts(order)[0]; a.State() != payment.AttemptRefunded {
		t.Errorf("the attempt is %s", a.State())
	}
	if a := d.attempts(order)[0]; a.DisputedAmount().Minor != total || a.DisputeLostAmount().Minor != total {
		t.Errorf("disputed are %s, lost %s", a.DisputedAmount(), a.DisputeLostAmount())
	}
	d.cancel(order)
	d.settle(order)
	d.mustBook(order, books{Charges: 1, Authorized: total, Captured: total})
	d.mustAgree(order)
	d.mustOweNothing(order)
	d.mustHoldAtMost(order, total)
}

// TestAWonDisputeIsRefundable: what the order owes its shopper after it was called off goes back as soon as it is the
// shop's again.
func TestAWonDisputeIsRefundable(t *testing.T) {
	d := newDesk(t)
	order := d.disputed("dispute_won")
	d.cancel(order)
	d.settle(order)
	d.mustBook(order, books{Charges: 1, Authorized: total, Captured: total})
	d.hears(order)
	d.settle(order)
	d.mustBook(order, books{Charges: 1, Authorized: total, Captured: total, Refunded: total})
	d.mustAgree(order)
	if o := d.order(order); o.FinancialStatus != orders.FinancialRefunded {
		t.Errorf("the order is %s", o.FinancialStatus)
	}
	d.mustOweNothing(order)
}

func TestADisputeThatNobodyToldIsFoundByReconciliation(t *testing.T) {
	d := newDesk(t)
	order := d.disputed("dispute_won")
	d.news(order) // the provider decides, and its callback is lost
	d.reconcile()
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialPaid, append(disputedKinds, "payment.dispute_won")...)
	d.mustFind("BEHIND REPAIRED")
	ten := 10
	found, err := d.Breaks(t.Context(), nil, pg.Page{First: &ten})
	must(t, err)
	const all = "authorized 48.60 USD, captured 48.60 USD, voided 0.00 USD, refunded 0.00 USD, disputed "
	want := "the provider says " + all + "0.00 USD (lost 0.00 USD), the shop " + all + "48.60 USD (lost 0.00 USD)"
	if got := found.Nodes[0].Detail; got != want {
		t.Errorf("the difference is told as\n\t%s\nnot\n\t%s", got, want)
	}
}

// TestALostDisputeMayBeReversedWhileAnotherIsOpen: the lost one is the shop's again, the other one is not lost.
func TestALostDisputeMayBeReversedWhileAnotherIsOpen(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.disputed("approve")
	for _, at := range []struct{ disputed, lost int64 }{
		{1000, 0}, {1000, 1000}, {3000, 1000}, {2000, 0}, {2000, 2000}, {2000, 500}, {2000, 2000}, {500, 500}, {500, 0}, {0, 0},
	} {
		m.answer = func(_ string, c payment.Charge, err error) (payment.Charge, error) {
			c.Disputed.Minor, c.DisputeLost.Minor = at.disputed, at.lost
			return c, err
		}
		_, err := d.pool.Exec(t.Context(), `delete from payment_callback`) // or what it tells is known already
		must(t, err)
		d.hears(order)
		a, o := d.attempts(order)[0], d.order(order)
		if a.DisputedAmount().Minor != at.disputed || a.DisputeLostAmount().Minor != at.lost {
			t.Errorf("of %v the payment says: disputed %s, lost %s", at, a.DisputedAmount(), a.DisputeLostAmount())
		}
		if o.Paid.Disputed.Minor != at.disputed || o.Paid.DisputeLost.Minor != at.lost {
			t.Errorf("of %v the order says: disputed %s, lost %s", at, o.Paid.Disputed, o.Paid.DisputeLost)
		}
	}
}

// TestAnAnswerFromBeforeTheDisputeDoesNotWinIt: it was given before the bank wanted the money back, and is taken over
// when the shop has learnt of that. Nothing is given back that the bank has taken.
func TestAnAnswerFromBeforeTheDisputeDoesNotWinIt(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	before := func(c payment.Charge) payment.Charge {
		c.Disputed.Minor, c.DisputeLost.Minor = 0, 0
		return c
	}
	m.answer = func(_ string, c payment.Charge, err error) (payment.Charge, error) { return before(c), err }
	order := d.disputed("dispute_lost")
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialPaid, captured...)
	m.after = once("lookup", func() {
		m.answer = nil
		must(t, d.Reconcile(t.Context(), "job:reconcile_payments:1"))
		m.answer = func(_ string, c payment.Charge, err error) (payment.Charge, error) { return before(c), err }
	})
	d.hears(order)
	m.answer = nil
	if a := d.attempts(order)[0]; a.DisputedAmount().Minor != total || a.DisputeLostAmount().Minor != total {
		t.Errorf("disputed are %s, lost %s", a.DisputedAmount(), a.DisputeLostAmount())
	}
	d.cancel(order)
	d.settle(order)
	d.mustHave(order, orders.StatusCancelled, orders.FinancialRefunded, append(captured, "payment.disputed", "payment.dispute_lost", "order.cancelled")...)
	d.mustBook(order, books{Charges: 1, Authorized: total, Captured: total})
}

// TestAnAnswerWithoutAChargeSaysNothingOfADispute: a provider that declines what it has charged before.
func TestAnAnswerWithoutAChargeSaysNothingOfADispute(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.disputed("dispute_lost")
	d.cancel(order)
	d.settle(order)
	m.answer = func(string, payment.Charge, error) (payment.Charge, error) {
		return payment.Charge{}, payment.Declined("No.")
	}
	d.hears(order)
	m.answer = nil
	d.settle(order)
	d.mustHave(order, orders.StatusCancelled, orders.FinancialPaid, append(disputedKinds, "order.cancelled")...)
	d.mustBook(order, books{Charges: 1, Authorized: total, Captured: total})
}
