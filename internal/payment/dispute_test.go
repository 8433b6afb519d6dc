package payment_test

import (
	"testing"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
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

func TestALostDisputeIsNotGivenBackTwice(t *testing.T) {
	d := newDesk(t)
	order := d.disputed("dispute_lost")
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialPaid, disputedKinds...)
	mustRefuse(t, d.refundAll(order, usd("1.00")), fault.Invalid, "AMOUNT_TOO_LARGE")
	d.hears(order)
	d.hears(order)
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialPaid, append(disputedKinds, "payment.dispute_lost")...)
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
}
