package payment_test

import (
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/settings"
)

var captured = []string{"order.placed", "payment.started", "payment.authorized", "order.confirmed", "payment.captured"}

func TestStaffTakeTheMoney(t *testing.T) {
	d := newDesk(t)
	order := d.place("approve")
	d.settle(order)
	d.capture(order)
	d.settle(order)
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialPaid, captured...)
	d.mustBook(order, books{Charges: 1, Authorized: total, Captured: total})
	d.mustAgree(order)
	d.mustOweNothing(order)
}

func TestTheMoneyIsTakenOnce(t *testing.T) {
	d := newDesk(t)
	order := d.place("approve")
	d.settle(order)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { d.capture(order) }) // with a key each
	}
	all.Wait()
	for range 3 {
		all.Go(func() { _ = d.Operate(t.Context(), order, "job:move_money:1", finished) })
	}
	all.Wait()
	d.settle(order)
	d.mustBook(order, books{Charges: 1, Authorized: total, Captured: total})
	d.mustAgree(order)
	_, err := d.Capture(t.Context(), clerk, payment.PaymentCaptureInput{IdempotencyKey: uuid.NewString(), OrderID: order.String()})
	mustRefuse(t, err, fault.Conflict, "NOT_ALLOWED")
}

func TestAtOnceIfTheShopIsSetToIt(t *testing.T) {
	d := newDesk(t)
	for mode, want := range map[settings.CaptureMode]orders.OrderFinancialStatus{
		settings.CaptureOnFulfillment: orders.FinancialAuthorized, settings.CaptureImmediately: orders.FinancialPaid,
	} {
		if _, err := d.settings.Change(t.Context(), access.SystemActor, func(s *settings.Shop) { s.Capture = mode }); err != nil {
			t.Fatal(err)
		}
		order := d.place("approve")
		d.settle(order)
		d.work(d.CaptureConfirmed(t.Context(), order, "job:capture_payment:1", finished))
		d.work(d.CaptureConfirmed(t.Context(), order, "job:capture_payment:1", finished))
		if o := d.order(order); o.FinancialStatus != want {
			t.Errorf("set to %s, the order is %s: %v", mode, o.FinancialStatus, d.kinds(order))
		}
		d.mustAgree(order)
	}
}

func TestNothingIsTakenWhereNothingIsReserved(t *testing.T) {
	d := newDesk(t)
	for name, c := range map[string]struct {
		token string
		do    func(order id.OrderID)
	}{
		"before it is authorized": {"approve", func(id.OrderID) {}},
		"on invoice":              {"manual", func(order id.OrderID) { d.settle(order) }},
		"when all was declined":   {"decline", func(order id.OrderID) { d.settle(order) }},
		"when it is cancelled":    {"approve", func(order id.OrderID) { d.settle(order); d.cancel(order) }},
	} {
		order := d.place(c.token)
		c.do(order)
		before := d.version(order)
		_, err := d.Capture(t.Context(), clerk, payment.PaymentCaptureInput{IdempotencyKey: uuid.NewString(), OrderID: order.String()})
		mustRefuse(t, err, fault.Conflict, "NOT_ALLOWED")
		if d.version(order) != before {
			t.Errorf("%s: the refusal has changed the order", name)
		}
	}
}

func TestOnlyStaffTakeMoney(t *testing.T) {
	d := newDesk(t)
	order := d.place("approve")
	d.settle(order)
	in := payment.PaymentCaptureInput{IdempotencyKey: "k", OrderID: order.String()}
	_, err := d.Capture(t.Context(), access.Actor{Kind: access.Guest, OrderID: order}, in)
	mustRefuse(t, err, fault.Forbidden, "FORBIDDEN")
	_, err = d.Capture(t.Context(), anyone, in)
	mustRefuse(t, err, fault.NotFound, "NOT_FOUND")
	d.mustBook(order, books{Charges: 1, Authorized: total})
}

// TestARefusedCaptureIsNotTriedForEver: the provider says no; the order stays as it is, for staff to see.
func TestARefusedCaptureIsNotTriedForEver(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.place("approve")
	d.settle(order)
	d.capture(order)
	m.refuse = "capture"
	d.work(d.Operate(t.Context(), order, "job:move_money:1", finished))
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialAuthorized, append(captured[:4:4], "payment.capture_failed")...)
	d.mustOweNothing(order)
}

// TestWhatAProviderTakesOfACaptureLeavesNoLessThanNothing: while the rest of a capture is awaited, less is left than was
// asked for, and the other method's part can be taken all the same.
func TestWhatAProviderTakesOfACaptureLeavesNoLessThanNothing(t *testing.T) {
	d := newDesk(t)
	part := method("approve")
	part.Amount = &money.MoneyInput{Amount: "20.00", CurrencyCode: "USD"}
	order := d.placeWith(part, method("approve"))
	d.settle(order)
	d.settle(order)
	capture := func(amount money.Decimal) error {
		_, err := d.Capture(t.Context(), clerk, payment.PaymentCaptureInput{IdempotencyKey: uuid.NewString(), OrderID: order.String(), Amount: &money.MoneyInput{Amount: amount, CurrencyCode: "USD"}})
		return err
	}
	must(t, capture("20.00"))
	d.exec(`update payment_attempt set captured = 1000 where order_id = $1 and number = 1`, order)
	mustRefuse(t, capture("28.61"), fault.Invalid, "AMOUNT_TOO_LARGE")
	must(t, capture("28.60"))
}

// offers says whether an action is offered with an order, or why it is not.
func (d *desk) offers(o orders.Order, action orders.OrderActionName) string {
	d.t.Helper()
	hindered, err := payment.HinderedByOrder(d.t.Context(), d.pool, []id.OrderID{o.ID})
	must(d.t, err)
	for _, a := range o.Actions(hindered[o.ID]) {
		switch {
		case a.Action == action && a.Available:
			return "offered"
		case a.Action == action:
			return *a.Reason
		}
	}
	d.t.Fatalf("nothing is said of %s", action)
	return ""
}

// TestWhatIsBeingDoneHinders: what would be refused at this moment is not offered, with the words of the refusal.
func TestWhatIsBeingDoneHinders(t *testing.T) {
	d := newDesk(t)
	order := d.place("approve")
	d.settle(order)
	offered := func() (capture, void string) {
		t.Helper()
		o := d.order(order)
		return d.offers(o, orders.ActionCapture), d.offers(o, orders.ActionVoid)
	}
	refusal := func(err error) string {
		t.Helper()
		f, ok := fault.As(err)
		if !ok {
			t.Fatalf("it is not refused: %v", err)
		}
		return f.Message
	}
	if capture, void := offered(); capture != "offered" || void != "offered" {
		t.Errorf("of what is reserved: %q and %q", capture, void)
	}
	must(t, d.take(order, "20.00"))
	if capture, void := offered(); capture != "offered" || void != refusal(d.void(order)) || void != "The money is being taken at this moment." {
		t.Errorf("while it is taken: %q and %q", capture, void)
	}
	must(t, d.take(order, "1.00"))
	before := d.order(order)
	d.settle(order)
	must(t, d.void(order))
	if capture, void := offered(); capture != refusal(d.take(order, "1.00")) || capture != "The money is being released at this moment." || void != "offered" {
		t.Errorf("while it is let go: %q and %q", capture, void)
	}
	if says := d.offers(before, orders.ActionCapture); says != "offered" {
		t.Errorf("an earlier version is hindered by what came later: %q", says)
	}
	must(t, d.void(order))
	d.settle(order)
	if capture, void := offered(); capture == "offered" || void == "offered" {
		t.Errorf("when nothing is left: %q and %q", capture, void)
	}
}
