package payment_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/operations"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/payment/simulator"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/settings"
)

// half is what the provider of these tests takes of a whole order; the rest stays reserved.
const half = total / 2

// takenByHalf is an order of which half was taken, with the rest still awaited.
func takenByHalf(d *desk, w *simulator.World) id.OrderID {
	d.t.Helper()
	order := d.place("approve")
	d.settle(order)
	must(d.t, w.Modes.Set(simulator.Rule{Fault: simulator.Part}))
	d.capture(order)
	d.work(d.Operate(d.t.Context(), order, "job:move_money:1", finished))
	must(d.t, w.Modes.Set())
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialPartiallyPaid, captured...)
	return order
}

// late takes an amount of an order's charge without the shop's asking, as a provider does that comes to the rest later.
func late(d *desk, w *simulator.World, order id.OrderID, minor int64) {
	d.t.Helper()
	taken, err := w.Books.Capture(simulator.Change{Key: "late", Charge: d.firstKey(order), Amount: money.New(minor, "USD")})
	if err != nil || taken.Refusal != nil {
		d.t.Fatalf("late it takes %+v, %v", taken, err)
	}
}

// captureFailures are the captures that have come to nothing, as "24.30 USD over: why".
func (d *desk) captureFailures(order id.OrderID) string {
	d.t.Helper()
	events, err := event.Read(d.t.Context(), d.pool, order, 0, 1000)
	must(d.t, err)
	var all []string
	for _, e := range events {
		var f orders.PaymentCaptureFailed
		if e.Kind != f.Kind() {
			continue
		}
		must(d.t, json.Unmarshal(e.Data, &f))
		over := ""
		if f.Over {
			over = " over"
		}
		all = append(all, fmt.Sprintf("%s%s: %s", f.Amount, over, f.Reason))
	}
	return strings.Join(all, ", ")
}

// mustTake fails unless both books say that of the whole order this was taken, given back and released.
func mustTake(d *desk, w *simulator.World, order id.OrderID, taken, back, released int64) {
	d.t.Helper()
	want := [4]int64{total, taken, back, released}
	if got := only(d.t, w, order); got != want {
		d.t.Errorf("the provider's books say %v, not %v", got, want)
	}
	a, o := d.attempts(order)[0], d.order(order)
	ours := [4]int64{a.AuthorizedAmount().Minor, a.CapturedAmount().Minor, a.RefundedAmount().Minor, a.VoidedAmount().Minor}
	folded := [4]int64{o.Paid.Authorized.Minor, o.Paid.Captured.Minor, o.Paid.Refunded.Minor, o.Paid.Voided.Minor}
	if ours != want || folded != want {
		d.t.Errorf("the shop's books say %v and its events %v, not %v", ours, folded, want)
	}
	d.mustHoldAtMost(order, total)
}

const halfFailed = "24.30 USD: Of 48.60 USD only 24.30 USD was taken."

// TestTheRestOfACaptureIsNotAwaitedForEver: its provider has taken a part, and says so however often it is asked. Then the
// rest is told, and is there as it was before.
func TestTheRestOfACaptureIsNotAwaitedForEver(t *testing.T) {
	d, w := outside(t)
	order := takenByHalf(d, w)
	mustRefuse(t, d.void(order), fault.Conflict, "NOT_ALLOWED")
	steps, err := d.Process(t.Context(), d.pool, order)
	if err != nil || len(steps) != 1 || steps[0].State != operations.Retrying {
		t.Errorf("meanwhile the process shows %+v, %v", steps, err)
	}
	d.settle(order)
	failed := append(slices.Clone(captured), "payment.capture_failed")
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialPartiallyPaid, failed...)
	if got := d.captureFailures(order); got != halfFailed {
		t.Errorf("told is %q", got)
	}
	d.mustShow(order, payment.PaymentPartCaptured, half, 0)
	d.mustOweNothing(order)

	d.capture(order)
	d.settle(order)
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialPaid, append(failed, "payment.captured")...)
	mustTake(d, w, order, total, 0, 0)
	d.mustOweNothing(order)
}

// TestTheRestIsAwaitedForAWhile, since it may only be late: nobody is told that it has failed.
func TestTheRestIsAwaitedForAWhile(t *testing.T) {
	pace := quick
	pace.Rest = time.Hour
	d, w := pacedOutside(t, pace)
	order := takenByHalf(d, w)
	for range 3 {
		time.Sleep(quick.MaxRetry) // the pause that the job was told to make
		if wait := d.work(d.Operate(t.Context(), order, "job:move_money:1", finished)); wait == 0 {
			t.Fatal("the rest is given up")
		}
	}
	late(d, w, order, half)
	d.settle(order)
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialPaid, append(slices.Clone(captured), "payment.captured")...)
	mustTake(d, w, order, total, 0, 0)
	d.mustOweNothing(order)
}

// TestAnOrderGoesOnWithoutTheRest: it is let go, asked for, paid outside, or given up with the order.
func TestAnOrderGoesOnWithoutTheRest(t *testing.T) {
	d, w := outside(t)
	halved := func() id.OrderID {
		order := takenByHalf(d, w)
		d.settle(order)
		return order
	}
	asked := halved()
	must(t, d.void(asked))
	d.settle(asked)
	mustTake(d, w, asked, half, 0, half)
	if o, err := d.askForRest(asked, "k"); err != nil || o.Status != orders.StatusActionRequired {
		t.Errorf("asked for the rest, the order is %s, %v", o.Status, err)
	}

	paid := halved()
	must(t, d.void(paid))
	d.settle(paid)
	must(t, d.markPaid(paid, ""))
	if o := d.order(paid); o.FinancialStatus != orders.FinancialPaid {
		t.Errorf("with the rest from outside it is %s", o.FinancialStatus)
	}
	d.mustOweNothing(paid)

	cancelled := halved()
	d.cancel(cancelled)
	d.settle(cancelled)
	if o := d.order(cancelled); o.FinancialStatus != orders.FinancialRefunded {
		t.Errorf("cancelled, it is %s: %v", o.FinancialStatus, d.kinds(cancelled))
	}
	mustTake(d, w, cancelled, half, half, half)
	d.mustOweNothing(cancelled)
}

// TestARestThatComesTooLateIsTakenOver: it is found in the provider's books.
func TestARestThatComesTooLateIsTakenOver(t *testing.T) {
	d, w := outside(t)
	order := takenByHalf(d, w)
	d.settle(order)
	late(d, w, order, half)
	d.reconcile()
	d.settle(order)
	if o := d.order(order); o.FinancialStatus != orders.FinancialPaid {
		t.Errorf("the order is %s", o.FinancialStatus)
	}
	mustTake(d, w, order, total, 0, 0)
	d.mustOweNothing(order)
	d.mustFind("BEHIND REPAIRED")
}

// TestARestThatIsTakenAnewIsTakenOnce, also when the first capture comes to it after all.
func TestARestThatIsTakenAnewIsTakenOnce(t *testing.T) {
	d, w := outside(t)
	order := takenByHalf(d, w)
	d.settle(order)
	d.capture(order)
	late(d, w, order, half)
	d.settle(order)
	if o := d.order(order); o.FinancialStatus != orders.FinancialPaid {
		t.Errorf("the order is %s", o.FinancialStatus)
	}
	if got := d.captureFailures(order); got != halfFailed {
		t.Errorf("told is %q", got)
	}
	mustTake(d, w, order, total, 0, 0)
	d.mustOweNothing(order)
}

// TestMoreThanWasAskedForIsTold: the rest of an earlier capture has come late, of which the shop learns with the next one.
// It counts, and a person looks.
func TestMoreThanWasAskedForIsTold(t *testing.T) {
	d, w := outside(t)
	order := takenByHalf(d, w)
	d.settle(order)
	late(d, w, order, 400)
	must(t, d.take(order, "20.00"))
	d.settle(order)
	mustTake(d, w, order, half+2400, 0, 0)
	d.mustOweNothing(order)
	d.mustFind("BEHIND OPEN")
	ten := 10
	found, err := d.Breaks(t.Context(), nil, pg.Page{First: &ten})
	must(t, err)
	if got, want := found.Nodes[0].Detail, "48.30 USD is taken after 20.00 USD was asked for, and 4.00 USD of it the shop knew nothing of"; got != want {
		t.Errorf("told is %q, not %q", got, want)
	}
	d.reconcile()
	d.mustFind("BEHIND RESOLVED")
}

// TestAnAnswerThatComesAfterTheEndTellsOfNoSurplus: somebody else has ended the capture meanwhile, and the next one has been made.
func TestAnAnswerThatComesAfterTheEndTellsOfNoSurplus(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.place("approve")
	d.settle(order)
	m.after = once("capture", func() {
		d.exec(`update payment_operation set lease_until = null where order_id = $1`, order)
		d.settle(order)
		must(t, d.take(order, "5.00"))
		d.settle(order)
	})
	m.answer = func(call string, c payment.Charge, err error) (payment.Charge, error) {
		if call == "capture" && err == nil {
			return d.test.Lookup(t.Context(), d.firstKey(order)) // as it stands now
		}
		return c, err
	}
	must(t, d.take(order, "10.00"))
	d.settle(order)
	if got := d.order(order).Paid.Captured.Minor; got != 1500 {
		t.Errorf("%d are taken", got)
	}
	d.mustFind("")
}

// TestARestOfACancelledOrderThatComesLateGoesBack as what was taken before it.
func TestARestOfACancelledOrderThatComesLateGoesBack(t *testing.T) {
	d, w := outside(t)
	order := takenByHalf(d, w)
	d.settle(order)
	d.cancel(order)
	late(d, w, order, half)
	d.settle(order)
	if o := d.order(order); o.FinancialStatus != orders.FinancialRefunded {
		t.Errorf("the order is %s: %v", o.FinancialStatus, d.kinds(order))
	}
	mustTake(d, w, order, total, total, 0)
	d.mustOweNothing(order)
}

// TestACaptureEndsWithItsReservation: the order is cancelled while the rest is awaited, so nothing can come any more.
func TestACaptureEndsWithItsReservation(t *testing.T) {
	pace := quick
	pace.Rest = time.Hour
	d, w := pacedOutside(t, pace)
	order := takenByHalf(d, w)
	d.cancel(order)
	for range 20 {
		d.settle(order) // it ends early, since that the rest is asked for again is no event
	}
	if got := d.captureFailures(order); got != "24.30 USD over: Of 48.60 USD only 24.30 USD was taken." {
		t.Errorf("told is %q", got)
	}
	if o := d.order(order); o.FinancialStatus != orders.FinancialRefunded {
		t.Errorf("the order is %s: %v", o.FinancialStatus, d.kinds(order))
	}
	mustTake(d, w, order, half, half, half)
	d.mustOweNothing(order)
}

// TestACaptureOfWhatIsReleasedFails: the provider agrees to take what it has let go, and nothing comes.
func TestACaptureOfWhatIsReleasedFails(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.place("approve")
	d.settle(order)
	d.capture(order)
	m.answer = func(call string, c payment.Charge, err error) (payment.Charge, error) {
		if call == "capture" {
			return held(0, 0, total), nil
		}
		return c, err
	}
	d.work(d.Operate(t.Context(), order, "job:move_money:1", finished))
	if got := d.captureFailures(order); got != "48.60 USD: The reservation was released before it was taken." {
		t.Errorf("told is %q", got)
	}
	if steps, err := d.Process(t.Context(), d.pool, order); err != nil || len(steps) > 0 {
		t.Errorf("still to be done is %+v, %v", steps, err)
	}
	if o := d.order(order); o.Status != orders.StatusActionRequired {
		t.Errorf("nothing is held for the order, which is %s", o.Status)
	}
	if by := d.tellers(order); by["payment.declined"] != "system" {
		t.Errorf("that it was released is told by %s", by["payment.declined"])
	}
}

// swears makes the provider show what is captured of its charges, in its answers and in its books, whatever it was asked for.
func (m *meddler) swears(captured int64) {
	m.answer = func(_ string, _ payment.Charge, err error) (payment.Charge, error) { return held(captured, 0, 0), err }
	m.show = func(e *payment.Entry) { e.Charge = held(captured, 0, 0) }
}

// awaits works on a capture until its rest would have been given up, and fails when it has ended.
func (d *desk) awaits(order id.OrderID) {
	d.t.Helper()
	for range 3 {
		wait := d.work(d.Operate(d.t.Context(), order, "job:move_money:1", finished))
		if wait == 0 {
			d.t.Fatalf("the capture has ended: %v, %s", d.kinds(order), d.captureFailures(order))
		}
		time.Sleep(wait) // the pause that the job was told to make
	}
}

// TestARestThatComesTooLateIsOfNoOtherCapture: it does not stand for what the staff take next, which the provider agrees to
// and takes later.
func TestARestThatComesTooLateIsOfNoOtherCapture(t *testing.T) {
	m, pace := &meddler{}, quick
	pace.Rest = time.Nanosecond
	d := pacedDesk(t, pace, meddle(m))
	order := d.place("approve")
	d.settle(order)
	m.swears(1000)
	must(t, d.take(order, "30.00"))
	d.settle(order)
	if got := d.captureFailures(order); got != "20.00 USD: Of 30.00 USD only 10.00 USD was taken." {
		t.Fatalf("told is %q", got)
	}
	m.swears(3000)
	d.reconcile()
	d.mustFind("BEHIND REPAIRED")

	must(t, d.take(order, "18.60"))
	d.awaits(order)
	m.swears(total)
	d.settle(order)
	failed := append(slices.Clone(captured), "payment.capture_failed", "payment.captured", "payment.captured")
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialPaid, failed...)
	d.mustOweNothing(order)
}

// TestWhatIsTakenAtTheDashboardIsNoPartOfACapture: the provider books the capture a day later, and nobody is told that only
// a part was taken.
func TestWhatIsTakenAtTheDashboardIsNoPartOfACapture(t *testing.T) {
	m, pace := &meddler{}, quick
	pace.Rest = time.Nanosecond
	d := pacedDesk(t, pace, meddle(m))
	order := d.place("approve")
	d.settle(order)
	m.swears(1000)
	d.reconcile()
	d.capture(order)
	d.awaits(order)
	m.swears(total)
	d.settle(order)
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialPaid, append(slices.Clone(captured), "payment.captured")...)
	d.mustOweNothing(order)
}

// TestACaptureOfWhatIsTakenAlreadyIsDone: all was taken at the dashboard before the provider was asked, so it refuses.
func TestACaptureOfWhatIsTakenAlreadyIsDone(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.place("approve")
	d.settle(order)
	d.capture(order)
	m.swears(total)
	d.reconcile()
	m.answer = func(string, payment.Charge, error) (payment.Charge, error) {
		return held(total, 0, 0), payment.Declined("It is taken already.")
	}
	d.work(d.Operate(t.Context(), order, "job:move_money:1", finished))
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialPaid, captured...)
	d.mustOweNothing(order)
}

// TestTheJobOfAConfirmedOrderAsksOnce: another job of the order has ended its capture short, and the rest is the staff's.
func TestTheJobOfAConfirmedOrderAsksOnce(t *testing.T) {
	d, w := outside(t)
	_, err := d.settings.Change(t.Context(), access.SystemActor, func(s *settings.Shop) { s.Capture = settings.CaptureImmediately })
	must(t, err)
	order := d.place("approve")
	d.settle(order)
	must(t, w.Modes.Set(simulator.Rule{Fault: simulator.Part}))
	if wait := d.work(d.CaptureConfirmed(t.Context(), order, "job:capture_payment:1", finished)); wait == 0 {
		t.Fatal("the rest is not awaited")
	}
	must(t, w.Modes.Set())
	d.settle(order)
	d.work(d.CaptureConfirmed(t.Context(), order, "job:capture_payment:1", finished))
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialPartiallyPaid, append(slices.Clone(captured), "payment.capture_failed")...)
	mustTake(d, w, order, half, 0, 0)
	d.mustOweNothing(order)
}
