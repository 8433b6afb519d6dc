package payment_test

import (
	"strings"
	"testing"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/payment/simulator"
)

// unheard lets a provider do what it is asked for, and answer in a way that nobody understands; its notification is followed
// before it is asked again.
func unheard(d *desk, w *simulator.World, order id.OrderID) {
	d.t.Helper()
	must(d.t, w.Modes.Set(simulator.Rule{Fault: simulator.Malformed, Calls: []string{"capture", "refund"}}))
	if d.work(d.Operate(d.t.Context(), order, "job:move_money:1", finished)) == 0 {
		d.t.Error("the job is done, though nobody has understood the answer")
	}
	must(d.t, w.Modes.Set())
	d.notified(order)
}

// TestWhatIsTakenAlreadyIsNotCountedTwice: a capture without an amount takes all that is reserved, also while one whose money
// has come has still to hear its answer.
func TestWhatIsTakenAlreadyIsNotCountedTwice(t *testing.T) {
	d, w := outside(t)
	order := d.place("approve")
	d.settle(order)
	must(t, d.take(order, "5.00"))
	unheard(d, w, order)
	d.mustShow(order, payment.PaymentPartCaptured, total-500, 0)
	mustOffer(t, d.take(order, "43.61"), "43.60 USD")
	d.capture(order)
	mustOffer(t, d.take(order, "0.01"), "0.00 USD")
	d.settle(order) // the first ends, which is no news
	d.settle(order)
	if got := only(t, w, order); got != [4]int64{total, total, 0, 0} {
		t.Errorf("the provider's books say %v", got)
	}
	if o := d.order(order); o.FinancialStatus != orders.FinancialPaid {
		t.Errorf("the order is %s", o.FinancialStatus)
	}
	if failed := d.captureFailures(order); failed != "" {
		t.Errorf("a capture has failed: %s", failed)
	}
	d.mustOweNothing(order)
}

// TestWhatHasGoneBackAlreadyIsNotCountedTwice: the same of a refund of everything.
func TestWhatHasGoneBackAlreadyIsNotCountedTwice(t *testing.T) {
	d, w := outside(t)
	order := d.paid(asIs)
	must(t, d.refundAll(order, usd("2.00")))
	unheard(d, w, order)
	if o := d.order(order); o.TotalRefunded().Minor != 200 {
		t.Errorf("given back is %s", o.TotalRefunded())
	}
	mustOffer(t, d.refundAll(order, usd("46.61")), "46.60 USD")
	must(t, d.refundAll(order, nil))
	mustRefuse(t, d.refundAll(order, nil), fault.Conflict, "NOT_ALLOWED")
	d.settle(order) // the first ends, which is no news
	d.settle(order)
	if got := only(t, w, order); got != [4]int64{total, total, total, 0} {
		t.Errorf("the provider's books say %v", got)
	}
	if got := d.refunds(order); got != "2.00 OTHER SUCCEEDED 0, 46.60 OTHER SUCCEEDED 0" {
		t.Errorf("the refunds are %s", got)
	}
	d.mustOweNothing(order)
}

// mustOffer fails unless an amount is refused as too large, with what is left.
func mustOffer(t *testing.T, err error, left string) {
	t.Helper()
	f, ok := fault.As(err)
	if !ok || f.Code != "AMOUNT_TOO_LARGE" || !strings.Contains(f.Message, "At most "+left) {
		t.Errorf("it answers %v, and not that %s are left", err, left)
	}
}
