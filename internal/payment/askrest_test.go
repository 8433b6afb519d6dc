package payment_test

import (
	"testing"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
)

func (d *desk) askForRest(order id.OrderID, key string) (orders.Order, error) {
	return d.AskForRest(d.t.Context(), clerk, payment.OrderPaymentRequestInput{IdempotencyKey: key, OrderID: order.String()})
}

// partlyTaken is an order of which 20.00 was taken and the rest let go.
func (d *desk) partlyTaken() id.OrderID {
	d.t.Helper()
	order := d.place("approve")
	d.settle(order)
	must(d.t, d.take(order, "20.00"))
	d.settle(order)
	must(d.t, d.void(order))
	d.settle(order)
	d.mustShow(order, payment.PaymentPartCaptured, 0, total-2000)
	return order
}

// TestTheRestIsAskedForAgain: an order of which a part was taken goes on, and its shopper pays the rest when the staff ask.
func TestTheRestIsAskedForAgain(t *testing.T) {
	d := newDesk(t)
	order := d.partlyTaken()
	asked, err := d.askForRest(order, "k")
	must(t, err)
	again, err := d.askForRest(order, "k")
	if err != nil || again.Version != asked.Version || asked.Status != orders.StatusActionRequired || asked.Deadline == nil {
		t.Errorf("asked, it is %s of version %d; sent again %d, %v", asked.Status, asked.Version, again.Version, err)
	}
	_, err = d.askForRest(order, "other")
	mustRefuse(t, err, fault.Conflict, "NOT_ALLOWED")
	if _, err := d.update(order, "again", "approve"); err != nil {
		t.Fatal(err)
	}
	d.settle(order)
	if o := d.order(order); o.Status != orders.StatusConfirmed || o.FinancialStatus != orders.FinancialPartiallyPaid {
		t.Errorf("with the rest authorized it is %s and %s", o.Status, o.FinancialStatus)
	}
	d.capture(order)
	d.settle(order)
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialPaid, append(captured, "payment.voided", "payment.action_required",
		"payment.methods_updated", "payment.started", "payment.authorized", "order.confirmed", "payment.captured")...)
	d.mustBook(order, books{Charges: 2, Authorized: 2*total - 2000, Captured: total, Voided: total - 2000})
	d.mustAgree(order)
	d.mustOweNothing(order)
	_, err = d.askForRest(order, "more")
	mustRefuse(t, err, fault.Conflict, "NOT_ALLOWED")
}

// TestTheRestComesInOutside, of an order that goes on: it is booked, and nothing is outstanding.
func TestTheRestComesInOutside(t *testing.T) {
	d := newDesk(t)
	order := d.partlyTaken()
	mustRefuse(t, d.markPaid(order, "28.61"), fault.Invalid, "AMOUNT_TOO_LARGE")
	must(t, d.markPaid(order, "28.60"))
	d.mustShow(order, payment.PaymentCaptured, 0, 0)
	if o := d.order(order); o.Status != orders.StatusConfirmed || o.FinancialStatus != orders.FinancialPaid {
		t.Errorf("it is %s and %s", o.Status, o.FinancialStatus)
	}
	d.cancel(order)
	d.settle(order)
	d.mustBook(order, books{Charges: 1, Authorized: total, Captured: 2000, Refunded: 2000, Voided: total - 2000})
	if o := d.order(order); o.FinancialStatus != orders.FinancialPartiallyRefunded {
		t.Errorf("cancelled, it is %s: %v", o.FinancialStatus, d.kinds(order))
	}
	must(t, d.refund(order, payment.PaymentRefundInput{})) // of the rest, which the staff have sent
	d.settle(order)
	if o := d.order(order); o.FinancialStatus != orders.FinancialRefunded {
		t.Errorf("sent back, it is %s: %v", o.FinancialStatus, d.kinds(order))
	}
	d.mustOweNothing(order)
}

func TestTheRestIsNotAskedFor(t *testing.T) {
	d := newDesk(t)
	releasing, taking, whole, over := d.place("approve"), d.place("approve"), d.place("approve"), d.place("approve")
	for _, order := range []id.OrderID{releasing, taking, whole, over} {
		d.settle(order)
	}
	must(t, d.take(releasing, "20.00"))
	d.settle(releasing)
	must(t, d.void(releasing)) // and no job has done it yet
	must(t, d.take(taking, "20.00"))
	d.cancel(over)
	for name, order := range map[string]id.OrderID{"releasing": releasing, "taking": taking, "reserved": whole, "cancelled": over} {
		before := d.version(order)
		_, err := d.askForRest(order, uuid.NewString())
		mustRefuse(t, err, fault.Conflict, "NOT_ALLOWED")
		if d.version(order) != before {
			t.Errorf("%s: the refusal has changed the order", name)
		}
	}
	_, err := d.AskForRest(t.Context(), anyone, payment.OrderPaymentRequestInput{IdempotencyKey: "k", OrderID: whole.String()})
	mustRefuse(t, err, fault.NotFound, "NOT_FOUND")
}

// TestTheRestIsOfferedWhereItMayBeAskedFor, and with the words of the refusal it is not where it would be refused.
func TestTheRestIsOfferedWhereItMayBeAskedFor(t *testing.T) {
	d := newDesk(t)
	part := method("approve")
	part.Amount = &money.MoneyInput{Amount: "20.00", CurrencyCode: "USD"}
	invoiced, receipt := d.placeWith(part, method("manual")), d.placeWith(part, method("manual"))
	for _, order := range []id.OrderID{invoiced, receipt} {
		d.settle(order)
		must(t, d.take(order, "20.00"))
		d.settle(order)
	}
	must(t, d.markPaid(receipt, "10.00"))
	outstanding, releasing := d.partlyTaken(), d.place("approve")
	d.settle(releasing)
	must(t, d.take(releasing, "20.00"))
	d.settle(releasing)
	must(t, d.void(releasing)) // and no job has done it yet
	for _, c := range []struct {
		name  string
		order id.OrderID
		says  string
	}{
		{"beside an open invoice", invoiced, "Nothing is outstanding for this order."},
		{"beside an invoice of which a part has come in", receipt, "Nothing is outstanding for this order."},
		{"while the rest is let go", releasing, "The money is being released at this moment."},
		{"of what is outstanding", outstanding, "offered"},
	} {
		if says := d.offers(d.order(c.order), orders.ActionRequestPayment); says != c.says {
			t.Errorf("%s: %q, want %q", c.name, says, c.says)
		}
		says := "offered"
		if _, err := d.askForRest(c.order, uuid.NewString()); err != nil {
			f, _ := fault.As(err)
			says = f.Message
		}
		if says != c.says {
			t.Errorf("%s, asked: %q, want %q", c.name, says, c.says)
		}
	}
	again := d.partlyTaken()
	o := d.order(again)
	const untold = "The order does not tell whether anything is outstanding for it."
	for _, a := range o.Actions(orders.Hindered{}) { // nobody has looked
		if a.Action == orders.ActionRequestPayment && (a.Available || *a.Reason != untold) {
			t.Errorf("without a look at its payment: %+v", a)
		}
	}
	if _, err := d.askForRest(again, uuid.NewString()); err != nil {
		t.Fatal(err)
	}
	if says := d.offers(o, orders.ActionRequestPayment); says != untold {
		t.Errorf("of an earlier version: %q", says)
	}
}
