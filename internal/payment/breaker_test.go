package payment_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/operations"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
)

// TestAProviderThatDoesNotAnswerIsLeftAlone: with a second method the order goes on at once, with none it waits, and
// all settle by themselves when the provider is back, each charged once.
func TestAProviderThatDoesNotAnswerIsLeftAlone(t *testing.T) {
	m := &meddler{}
	var away atomic.Bool
	var calls atomic.Int32
	m.before = func(string) { calls.Add(1) }
	m.answer = func(_ string, c payment.Charge, err error) (payment.Charge, error) {
		if away.Load() {
			return payment.Charge{}, errors.New("503 service unavailable")
		}
		return c, err
	}
	pace := quick
	pace.Break = 3 * time.Second // long enough for a slow machine to look while it lasts
	d := pacedDesk(t, pace, meddle(m))
	const alone = "The payment provider does not answer at the moment, so it is left alone for a while."
	taking := d.place("approve")
	d.settle(taking)
	d.capture(taking)
	away.Store(true)
	var waiting []id.OrderID
	for range 5 {
		order := d.place("approve")
		d.work(d.authorize(order))
		waiting = append(waiting, order)
	}
	if wait := d.work(d.Operate(t.Context(), taking, "job:move_money:1", finished)); wait == 0 {
		t.Error("money is taken of a provider that is left alone")
	}
	if steps, err := d.Process(t.Context(), d.pool, taking); err != nil || len(steps) != 1 || steps[0].State != operations.Waiting ||
		steps[0].Reason == nil || *steps[0].Reason != alone || steps[0].NextTryAt == nil || !steps[0].NextTryAt.After(time.Now()) {
		t.Errorf("what is to be taken waits as %+v, %v", steps, err)
	}
	if !d.Unavailable()["test"] || d.Unavailable()["manual"] {
		t.Fatalf("left alone are %v", d.Unavailable())
	}
	before := calls.Load()
	second := d.place("approve", "manual")
	d.work(d.authorize(second))
	d.mustHave(second, orders.StatusConfirmed, orders.FinancialPending, "order.placed", "payment.method_skipped", "payment.started", "payment.pending", "order.confirmed")
	if m := d.messages(second)[1]; m != "This payment provider does not answer at the moment, so another of your payment methods is tried first." {
		t.Errorf("that the first is passed over is told as %q", m)
	}
	if a := d.attempts(second); len(a) != 1 || a[0].Provider != "manual" || a[0].Rank != 2 {
		t.Errorf("the attempts are %+v", a)
	}
	only := d.place("approve")
	wait := d.work(d.authorize(only))
	if wait == 0 || len(d.attempts(only)) != 0 || d.order(only).Status != orders.StatusPendingPayment {
		t.Errorf("it is to wait %s, with %d attempts, and is %s", wait, len(d.attempts(only)), d.order(only).Status)
	}
	if steps, err := d.Process(t.Context(), d.pool, only); err != nil || len(steps) != 1 || steps[0].Name != payment.StepAuthorize ||
		steps[0].State != operations.Waiting || steps[0].Reason == nil || *steps[0].Reason != alone || steps[0].NextTryAt == nil {
		t.Errorf("it waits as %+v, %v", steps, err)
	}
	// A method that can't be used is passed over, and the one behind it waits for its provider all the same.
	behind := d.placeWith(payment.Method{Provider: "manual", MaxAmount: usd("1.00")}, payment.Method{Provider: "test", Token: methods("approve")[0].Token})
	if wait := d.work(d.authorize(behind)); wait == 0 || d.order(behind).Status != orders.StatusPendingPayment {
		t.Errorf("behind a method that can't be used it is to wait %s and is %s", wait, d.order(behind).Status)
	}
	if steps, err := d.Process(t.Context(), d.pool, behind); err != nil || len(steps) != 1 || steps[0].Reason == nil || *steps[0].Reason != alone {
		t.Errorf("behind a method that can't be used it waits as %+v, %v", steps, err)
	}
	if calls.Load() != before {
		t.Errorf("the provider was called %d times while it was left alone", calls.Load()-before)
	}
	away.Store(false)
	time.Sleep(wait) // the job comes back when it said
	for _, order := range append(waiting, only, behind) {
		d.settle(order)
		if o := d.order(order); o.Status != orders.StatusConfirmed || o.Reserved().Minor != total {
			t.Errorf("the order is %s with %s reserved", o.Status, o.Reserved())
		}
		d.mustBook(order, books{Charges: 1, Authorized: total})
		d.mustAgree(order)
	}
	if d.Unavailable()["test"] {
		t.Error("it answers and is left alone")
	}
}
