package payment_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
)

// refuser is a provider that refuses the first refunds for good, each by its key, and keeps count of what it was asked.
type refuser struct {
	payment.Provider
	most int            // how many keys it refuses
	no   map[string]int // how often it was asked under each key that it has refused
}

func (r *refuser) Refund(ctx context.Context, c payment.Change) (payment.Charge, error) {
	if _, before := r.no[c.Key]; before || len(r.no) < r.most {
		r.no[c.Key]++
		charge, err := r.Lookup(ctx, c.Charge)
		if err != nil {
			return payment.Charge{}, err
		}
		return charge, payment.Declined("The balance is too low.")
	}
	return r.Provider.Refund(ctx, c)
}

func refusing(most int) (*refuser, func(payment.Provider) payment.Provider) {
	r := &refuser{most: most, no: map[string]int{}}
	return r, func(p payment.Provider) payment.Provider {
		r.Provider = p
		return r
	}
}

// mustAskOncePerKey fails unless that many keys were refused, each once.
func (r *refuser) mustAskOncePerKey(t *testing.T, keys int) {
	t.Helper()
	if len(r.no) != keys {
		t.Errorf("it has refused %d keys, not %d", len(r.no), keys)
	}
	for key, times := range r.no {
		if times != 1 {
			t.Errorf("under the refused key %s it was asked %d times", key, times)
		}
	}
}

// refusedTimes is the story of an order that was paid and cancelled, and whose refund was refused so often. Each time
// but the last it is asked for again.
func refusedTimes(n int) []string {
	kinds := append(slices.Clone(captured), "order.cancelled")
	for range n {
		kinds = append(kinds, "payment.compensation_started", "payment.refund_failed")
	}
	return kinds
}

// TestARefusedRefundOfACancelledOrderIsMadeAgain: a provider answers the same key with the same no for ever, so what it
// has refused is told, and asked for under another key.
func TestARefusedRefundOfACancelledOrderIsMadeAgain(t *testing.T) {
	r, wrap := refusing(2)
	d := newDesk(t, wrap)
	order := d.paid(asIs)
	d.cancel(order)
	d.settle(order)
	r.mustAskOncePerKey(t, 2)
	d.mustHave(order, orders.StatusCancelled, orders.FinancialRefunded,
		append(refusedTimes(2), "payment.compensation_started", "payment.refunded")...)
	d.mustBook(order, books{Charges: 1, Authorized: total, Captured: total, Refunded: total})
	d.mustAgree(order)
	d.mustOweNothing(order)
}

// TestARefundThatIsAlwaysRefusedIsLeftToTheStaff, who find the money and may give it back by hand.
func TestARefundThatIsAlwaysRefusedIsLeftToTheStaff(t *testing.T) {
	const refusals = 6
	r, wrap := refusing(refusals)
	d := newDesk(t, wrap)
	order := d.paid(asIs)
	d.cancel(order)
	d.settle(order)
	r.mustAskOncePerKey(t, refusals)
	d.mustHave(order, orders.StatusCancelled, orders.FinancialPaid, refusedTimes(refusals)...)
	d.mustBook(order, books{Charges: 1, Authorized: total, Captured: total})
	d.mustOweNothing(order)

	r.most = refusals + 1
	must(t, d.refund(order, payment.PaymentRefundInput{Amount: usd("8.60")}))
	d.settle(order)
	r.mustAskOncePerKey(t, refusals+1) // refused to the staff, it is not made again by itself either
	must(t, d.refund(order, payment.PaymentRefundInput{}))
	d.settle(order)
	d.mustHave(order, orders.StatusCancelled, orders.FinancialRefunded,
		append(refusedTimes(refusals), "payment.refund_failed", "payment.refunded")...)
	if got := d.refunds(order); got != "8.60 OTHER FAILED 0, 48.60 OTHER SUCCEEDED 0" {
		t.Errorf("the refunds are %s", got)
	}
	d.mustBook(order, books{Charges: 1, Authorized: total, Captured: total, Refunded: total})
	d.mustAgree(order)
	d.mustOweNothing(order)
}

// TestBetweenTwoTriesTheStaffSeeWhenAndWhy: what was refused is not hidden by what is asked for next.
func TestBetweenTwoTriesTheStaffSeeWhenAndWhy(t *testing.T) {
	r, wrap := refusing(1)
	d := newDesk(t, wrap)
	order := d.paid(asIs)
	d.cancel(order)
	before := time.Now()
	d.work(d.Operate(t.Context(), order, "job:move_money:1", finished))
	steps, err := d.Process(t.Context(), d.pool, order)
	if err != nil || len(steps) != 1 || steps[0].Name != payment.StepMove || steps[0].Reason == nil || *steps[0].Reason != "The balance is too low." ||
		steps[0].NextTryAt == nil || !steps[0].NextTryAt.After(before) {
		t.Errorf("still to be done is %+v, %v", steps, err)
	}
	r.mustAskOncePerKey(t, 1)
}
