package payment_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
)

// attempt gives the newest attempt of an order.
func (d *desk) attempt(order id.OrderID) id.PaymentAttemptID {
	d.t.Helper()
	const newestSQL = `
select id
from payment_attempt
where order_id = $1
order by number desc
limit 1`
	var attempt id.PaymentAttemptID
	if err := d.pool.QueryRow(d.t.Context(), newestSQL, order).Scan(&attempt); err != nil {
		d.t.Fatal(err)
	}
	return attempt
}

// news lets the provider settle a charge and gives its callback.
func (d *desk) news(order id.OrderID) (http.Header, []byte) {
	d.t.Helper()
	header, body, err := d.test.Settle(d.t.Context(), uuid.UUID(d.attempt(order)).String())
	if err != nil {
		d.t.Fatal(err)
	}
	return header, body
}

var settledByCallback = []string{"order.placed", "payment.started", "payment.pending", "payment.authorized", "order.confirmed"}

// TestTenCallbacksAtOnceHaveOneEffect: a provider may send the same news as often as it likes.
func TestTenCallbacksAtOnceHaveOneEffect(t *testing.T) {
	d := newDesk(t)
	order := d.place("pending")
	d.work(d.authorize(order))
	if o := d.order(order); o.Status != orders.StatusPendingPayment {
		t.Errorf("pending, the order is %s", o.Status)
	}
	header, body := d.news(order)
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			if err := d.Callback(t.Context(), "test", header, body); err != nil {
				t.Errorf("callback: %v", err)
			}
		})
	}
	all.Wait()
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialAuthorized, settledByCallback...)
	d.mustBook(order, books{Charges: 1, Authorized: total})
	d.mustAgree(order)
}

// TestACallbackMayComeBeforeTheAnswer: the provider's news are faster than its answer to our own call.
func TestACallbackMayComeBeforeTheAnswer(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.place("pending")
	m.after = once("authorize", func() {
		header, body := d.news(order)
		if err := d.Callback(t.Context(), "test", header, body); err != nil {
			t.Errorf("callback: %v", err)
		}
	})
	d.settle(order)
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialAuthorized,
		"order.placed", "payment.started", "payment.authorized", "order.confirmed")
	d.mustBook(order, books{Charges: 1, Authorized: total})
	d.mustAgree(order)
}

// TestALostCallbackIsNotMissed: pending charges are looked up from time to time.
func TestALostCallbackIsNotMissed(t *testing.T) {
	d := newDesk(t)
	order := d.place("pending")
	d.work(d.authorize(order))
	d.news(order) // and nobody brings it
	d.settle(order)
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialAuthorized, settledByCallback...)
	d.mustAgree(order)
}

func TestALateCallbackAfterACancellationIsUndone(t *testing.T) {
	d := newDesk(t)
	order := d.place("pending")
	d.work(d.authorize(order))
	header, body := d.news(order)
	d.cancel(order)
	if err := d.Callback(t.Context(), "test", header, body); err != nil {
		t.Fatal(err)
	}
	d.settle(order)
	d.mustHave(order, orders.StatusCancelled, orders.FinancialVoided,
		"order.placed", "payment.started", "payment.pending", "order.cancelled", "payment.compensation_started",
		"payment.authorized", "payment.voided")
	d.mustBook(order, books{Charges: 1, Authorized: total, Voided: total})
	d.mustAgree(order)
	d.mustOweNothing(order)
}

func TestCallbacksThatChangeNothing(t *testing.T) {
	d := newDesk(t)
	order := d.place("pending")
	d.work(d.authorize(order))
	header, body := d.news(order)
	before := d.kinds(order)
	forged := header.Clone()
	forged.Set("Webhook-Signature", "v1,AAAA")
	if err := d.Callback(t.Context(), "test", forged, body); !errors.Is(err, payment.ErrForged) {
		t.Errorf("a forged one: %v", err)
	}
	for _, name := range []string{"manual", "nobody"} {
		if err := d.Callback(t.Context(), name, header, body); !errors.Is(err, payment.ErrNoCallbacks) {
			t.Errorf("one to %s: %v", name, err)
		}
	}
	header, body, err := d.test.Settle(t.Context(), uuid.NewString())
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Callback(t.Context(), "test", header, body); err != nil {
		t.Errorf("one about a charge that is not ours: %v", err)
	}
	if got := d.kinds(order); len(got) != len(before) {
		t.Errorf("they have changed the order: %v", got)
	}
}

// TestAnAnswerThatCannotBeMeantIsNotBelieved: another amount or currency than asked for leaves the outcome unknown.
func TestAnAnswerThatCannotBeMeantIsNotBelieved(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*payment.Charge){
		"less":             func(c *payment.Charge) { c.Authorized.Minor-- },
		"more":             func(c *payment.Charge) { c.Authorized.Minor++ },
		"another currency": func(c *payment.Charge) { c.Authorized.CurrencyCode = "EUR" },
		"nothing":          func(c *payment.Charge) { c.Authorized.Minor = 0 },
		"an unknown state": func(c *payment.Charge) { c.State = "MAYBE" },
		"taken already, and more than was reserved": func(c *payment.Charge) { c.Captured = c.Authorized; c.Captured.Minor++ },
	} {
		t.Run(name, func(t *testing.T) {
			m := &meddler{}
			d := newDesk(t, meddle(m))
			order := d.place("approve")
			m.answer = func(_ string, c payment.Charge, err error) (payment.Charge, error) {
				spoil(&c)
				return c, err
			}
			d.work(d.authorize(order))
			d.mustHave(order, orders.StatusPendingPayment, orders.FinancialPending,
				"order.placed", "payment.started", "payment.unknown")
			m.answer = nil
			d.settle(order)
			d.mustBook(order, books{Charges: 1, Authorized: total})
			d.mustAgree(order)
		})
	}
}

func TestARehearsedCallbackWaitsForItsTime(t *testing.T) {
	d := newDesk(t)
	order := d.place("pending")
	d.work(d.authorize(order))
	ended := 0
	end := func(context.Context, pgx.Tx) error { ended++; return nil }
	var later *payment.Later
	if err := d.Rehearse(t.Context(), d.attempt(order), 0, end); !errors.As(err, &later) {
		t.Fatalf("too early, it answers %v", err)
	}
	if err := d.Rehearse(t.Context(), d.attempt(order), later.In, end); err != nil {
		t.Fatal(err)
	}
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialAuthorized, settledByCallback...)
	if ended != 1 {
		t.Errorf("the job was ended %d times", ended)
	}
}
