package payment_test

import (
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
)

// comesToItsEnd lets the moment come at which the provider lets an order's reservations go.
func (d *desk) comesToItsEnd(order id.OrderID) {
	d.t.Helper()
	d.ahead.by.Store(int64(2 * time.Minute))
	d.exec(`update payment_attempt set expires_at = now() where order_id = $1 and expires_at is not null`, order)
	d.exec(`update payment set due_at = now() where order_id = $1 and due_at is not null`, order)
}

// mustShow fails unless the payment shows these amounts: authorized, and still to be paid.
func (d *desk) mustShow(order id.OrderID, status payment.PaymentStatus, authorized, outstanding int64) payment.PaymentAttempt {
	d.t.Helper()
	by, err := payment.PaymentsByOrder(d.t.Context(), d.pool, []id.OrderID{order})
	must(d.t, err)
	p := by[order][0]
	if p.Status() != status || p.AuthorizedAmount() != money.New(authorized, "USD") || p.OutstandingAmount() != money.New(outstanding, "USD") {
		d.t.Errorf("the payment is %s with %s authorized and %s outstanding", p.Status(), p.AuthorizedAmount(), p.OutstandingAmount())
	}
	return p.Attempts[0]
}

// TestAReservationThatHasLapsedIsShownSo: its renewal was refused, its shopper does not come back, and its provider lets
// it go without a word. The sweep finds it, nobody reads that money is there, and the shopper may still pay.
func TestAReservationThatHasLapsedIsShownSo(t *testing.T) {
	d := newDesk(t)
	order := d.place("expires_declined")
	d.settle(order)
	d.comeDue(order)
	d.settle(order)
	if a := d.mustShow(order, payment.PaymentAuthorized, total, total); a.RenewAt != nil {
		t.Error("it is said to be renewed once more")
	}
	d.mustHold(order, "payment.action_required")
	d.comesToItsEnd(order)
	d.settle(order)
	d.mustHold(order, "payment.voided")
	a := d.mustShow(order, payment.PaymentActionRequired, 0, total)
	if a.State() != payment.AttemptVoided || a.Reason == nil || *a.Reason != "The payment provider has released your payment." ||
		a.VoidedAmount().Minor != total || a.FinishedAt == nil {
		t.Errorf("the attempt is %s, %v, with %s released", a.State(), a.Reason, a.VoidedAmount())
	}
	if o := d.order(order); o.Status != orders.StatusActionRequired || o.FinancialStatus != orders.FinancialPending || o.Deadline == nil {
		t.Errorf("the order is %s and %s until %v", o.Status, o.FinancialStatus, o.Deadline)
	}
	d.mustAgree(order)
	_, err := d.Capture(t.Context(), clerk, payment.PaymentCaptureInput{IdempotencyKey: "k", OrderID: order.String()})
	mustRefuse(t, err, fault.Conflict, "NOT_ALLOWED")
	if _, err := d.update(order, "again", "approve"); err != nil {
		t.Fatal(err)
	}
	d.settle(order)
	d.mustShow(order, payment.PaymentAuthorized, total, 0)
	d.mustBook(order, books{Charges: 2, Authorized: 2 * total, Voided: total})
	d.mustAgree(order)
	d.mustOweNothing(order)
}

// mustHold fails unless an event of this kind is the last of the order.
func (d *desk) mustHold(order id.OrderID, kind string) {
	d.t.Helper()
	if kinds := d.kinds(order); kinds[len(kinds)-1] != kind {
		d.t.Errorf("it came to %v", kinds)
	}
}

// TestAPartThatLapsesWhileTheShopperIsAsked is to be paid anew with the rest.
func TestAPartThatLapsesWhileTheShopperIsAsked(t *testing.T) {
	d := newDesk(t)
	order := d.placeWith(part("expires", "20.00"), part("decline", ""))
	d.settle(order)
	d.mustShow(order, payment.PaymentPartAuthorized, 2000, total-2000)
	d.comesToItsEnd(order)
	d.settle(order)
	d.mustShow(order, payment.PaymentActionRequired, 0, total)
	if _, err := d.update(order, "again", "approve"); err != nil {
		t.Fatal(err)
	}
	d.settle(order)
	d.mustShow(order, payment.PaymentAuthorized, total, 0)
	d.mustBook(order, books{Charges: 2, Authorized: total + 2000, Voided: 2000})
	d.mustAgree(order)
	d.mustOweNothing(order)
}

// TestWhatOutlastsItsEndIsLookedUpLessOften: the provider holds the money for longer than it has promised, which is what
// counts. While it does not answer, nothing changes either.
func TestWhatOutlastsItsEndIsLookedUpLessOften(t *testing.T) {
	times := 1
	m := &meddler{answer: unavailable("lookup", &times)}
	d := newDesk(t, meddle(m))
	order := d.place("expires_declined")
	d.settle(order)
	d.comeDue(order)
	d.settle(order)
	end := func() {
		d.exec(`update payment_attempt set expires_at = now(), next_try_at = null where order_id = $1 and expires_at is not null`, order)
		d.exec(`update payment set due_at = now() where order_id = $1`, order)
	}
	next := func() (at time.Time) {
		t.Helper()
		if err := d.pool.QueryRow(t.Context(), `select due_at from payment where order_id = $1`, order).Scan(&at); err != nil {
			t.Fatal(err)
		}
		return at
	}
	lookups := 0
	m.before = func(call string) {
		if call == "lookup" {
			lookups++
		}
	}
	for range 2 { // unanswered, and held
		end()
		version, began := d.version(order), time.Now()
		must(t, d.authorize(order))
		if !next().After(began) || d.version(order) != version {
			t.Errorf("the next look is at %s, the order at version %d", next(), d.version(order))
		}
		d.exec(`update payment_attempt set next_try_at = next_try_at + interval '1 minute' where order_id = $1`, order)
		must(t, d.authorize(order)) // which comes too early
		d.mustShow(order, payment.PaymentAuthorized, total, total)
	}
	if lookups != 2 {
		t.Errorf("it was looked up %d times", lookups)
	}
	d.comesToItsEnd(order)
	d.exec(`update payment_attempt set next_try_at = null where order_id = $1`, order)
	d.settle(order)
	d.mustShow(order, payment.PaymentActionRequired, 0, total)
}

// TestALapsedReservationIsTakenOverBesideItsShopper: while it is looked up, the shopper gives a new method.
func TestALapsedReservationIsTakenOverBesideItsShopper(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.place("expires_declined")
	d.settle(order)
	d.comeDue(order)
	d.settle(order)
	d.comesToItsEnd(order)
	m.before = once("lookup", func() {
		if _, err := d.update(order, "again", "approve"); err != nil {
			t.Error(err)
		}
		d.settle(order)
	})
	must(t, d.authorize(order))
	d.settle(order)
	d.mustShow(order, payment.PaymentAuthorized, total, 0)
	d.mustBook(order, books{Charges: 2, Authorized: 2 * total, Voided: total})
	d.mustAgree(order)
	d.mustOweNothing(order)
}
