package payment_test

import (
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/operations"
	"github.com/wharfhq/wharf/internal/orders"
)

// TestAChargeThatTakesDaysOutlivesTheDeadline: the order waits for it as long as its provider says, and no longer.
func TestAChargeThatTakesDaysOutlivesTheDeadline(t *testing.T) {
	d := newDesk(t)
	order := d.place("pending_days")
	wait := d.work(d.authorize(order))
	if wait < time.Hour-time.Minute || wait > time.Hour {
		t.Errorf("it is looked up again in %v", wait)
	}
	a := d.attempts(order)[0]
	if a.SettlesBy == nil || a.SettlesBy.Before(time.Now().Add(71*time.Hour)) {
		t.Fatalf("it settles by %v", a.SettlesBy)
	}
	d.mustHave(order, orders.StatusPendingPayment, orders.FinancialPending, "order.placed", "payment.started", "payment.pending")
	if o := d.order(order); o.Deadline == nil || !o.Deadline.Equal(*a.SettlesBy) {
		t.Errorf("the deadline is %v, not %v", o.Deadline, a.SettlesBy)
	}
	d.lookAgain(order)
	if n := len(d.kinds(order)); n != 3 {
		t.Errorf("a look-up that brings nothing new has written %d events", n-3)
	}
	steps, err := d.Process(t.Context(), d.pool, order)
	if err != nil || len(steps) != 1 || steps[0].State != operations.Blocked || steps[0].Reason == nil || steps[0].NextTryAt == nil {
		t.Errorf("the process shows %+v, %v", steps, err)
	}
	d.hears(order)
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialAuthorized,
		"order.placed", "payment.started", "payment.pending", "payment.authorized", "order.confirmed")
	d.mustBook(order, books{Charges: 1, Authorized: total})
	d.mustAgree(order)
	d.mustOweNothing(order)
}

// lookAgain lets the moment come at which a charge is looked up again.
func (d *desk) lookAgain(order id.OrderID) {
	d.t.Helper()
	d.exec(`update payment_attempt set next_try_at = now() where order_id = $1`, order)
	d.work(d.authorize(order))
}

// TestALateNoGoesToTheNextMethod, with a deadline of its own: the days were for the first.
func TestALateNoGoesToTheNextMethod(t *testing.T) {
	d := newDesk(t)
	order := d.place("pending_days_declined", "approve")
	d.work(d.authorize(order))
	d.hears(order)
	if o := d.order(order); o.Status != orders.StatusPendingPayment || o.Deadline == nil || o.Deadline.After(time.Now().Add(time.Hour)) {
		t.Errorf("the order is %s until %v", o.Status, o.Deadline)
	}
	d.settle(order)
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialAuthorized,
		"order.placed", "payment.started", "payment.pending", "payment.declined", "payment.started", "payment.authorized", "order.confirmed")
	d.mustBook(order, books{Charges: 1, Authorized: total})
}

func TestALateNoAsksTheShopper(t *testing.T) {
	d := newDesk(t)
	order := d.place("pending_declined")
	d.work(d.authorize(order))
	d.hears(order)
	d.mustHave(order, orders.StatusActionRequired, orders.FinancialPending,
		"order.placed", "payment.started", "payment.pending", "payment.declined", "payment.action_required")
	d.mustBook(order, books{})
}

// TestAnOrderThatIsCancelledWhileItsChargeTakesDays stays what it was until the charge is closed for good.
func TestAnOrderThatIsCancelledWhileItsChargeTakesDays(t *testing.T) {
	d := newDesk(t)
	order := d.place("pending_days")
	d.work(d.authorize(order))
	d.cancel(order)
	if o := d.order(order); o.FinancialStatus != orders.FinancialPending {
		t.Errorf("before the charge is closed the order is %s", o.FinancialStatus)
	}
	d.settle(order)
	d.hears(order) // the provider settles what is closed: nothing comes of it
	d.mustHave(order, orders.StatusCancelled, orders.FinancialVoided,
		"order.placed", "payment.started", "payment.pending", "order.cancelled", "payment.compensation_started", "payment.voided")
	d.mustBook(order, books{})
	d.mustOweNothing(order)
}
