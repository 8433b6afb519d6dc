package payment_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
)

// part is a method that pays an amount; an empty one pays what is left.
func part(token, amount string) payment.Method {
	m := method(token)
	if amount != "" {
		m.Amount = usd(amount)
	}
	return m
}

// placeWith places an order of 48.60 USD that is to be paid with these methods.
func (d *desk) placeWith(list ...payment.Method) id.OrderID {
	d.t.Helper()
	order := d.placeUnpaid(30 * time.Minute)
	d.tx(func(ctx context.Context, tx pgx.Tx) error {
		o, err := d.orders.Lock(ctx, tx, order)
		if err != nil {
			return err
		}
		if err := d.Admit(ctx, tx, payment.Wish{Owed: o.TotalPrice, Customer: o.CustomerID}, list); err != nil {
			return err
		}
		return d.Start(ctx, tx, o, list)
	})
	return order
}

func (d *desk) refundAll(order id.OrderID, amount *money.MoneyInput) error {
	_, err := d.Refund(d.t.Context(), clerk, payment.PaymentRefundInput{IdempotencyKey: uuid.NewString(), OrderID: order.String(), Amount: amount})
	return err
}

func TestTwoMethodsShareATotal(t *testing.T) {
	d := newDesk(t)
	order := d.placeWith(part("approve", "20.00"), part("approve", ""))
	if err := d.authorize(order); err != nil {
		t.Fatal(err)
	}
	if o := d.order(order); o.Status != orders.StatusPendingPayment || o.FinancialStatus != orders.FinancialPending {
		t.Errorf("half-way the order is %s and %s", o.Status, o.FinancialStatus)
	}
	d.settle(order)
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialAuthorized,
		"order.placed", "payment.started", "payment.authorized", "payment.started", "payment.authorized", "order.confirmed")
	tries := d.attempts(order)
	if a, b := tries[0].Amount().Minor, tries[1].Amount().Minor; a != 2000 || b != 2860 {
		t.Errorf("the parts are %d and %d", a, b)
	}
	d.mustHoldAtMost(order, total)

	in := payment.PaymentCaptureInput{IdempotencyKey: "some", OrderID: order.String(), Amount: usd("25.00")}
	if _, err := d.Capture(t.Context(), clerk, in); err != nil {
		t.Fatal(err)
	}
	d.settle(order)
	tries = d.attempts(order)
	if a, b := tries[0].CapturedAmount().Minor, tries[1].CapturedAmount().Minor; a != 2000 || b != 500 {
		t.Errorf("of 25.00 the first gives %d, the second %d", a, b)
	}
	d.capture(order)
	d.settle(order)
	if err := d.refundAll(order, usd("30.00")); err != nil {
		t.Fatal(err)
	}
	d.settle(order)
	tries = d.attempts(order)
	if a, b := tries[0].RefundedAmount().Minor, tries[1].RefundedAmount().Minor; a != 2000 || b != 1000 {
		t.Errorf("of 30.00 %d go back to the first, %d to the second", a, b)
	}
	d.mustBook(order, books{Charges: 2, Authorized: total, Captured: total, Refunded: 3000})
	d.mustAgree(order)
	d.mustOweNothing(order)
}

// TestADeclinedPartFallsToTheNextMethod: what the first should have paid, the second pays; nobody pays twice.
func TestADeclinedPartFallsToTheNextMethod(t *testing.T) {
	d := newDesk(t)
	order := d.placeWith(part("decline", "20.00"), part("approve", ""))
	d.settle(order)
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialAuthorized,
		"order.placed", "payment.started", "payment.declined", "payment.started", "payment.authorized", "order.confirmed")
	d.mustBook(order, books{Charges: 1, Authorized: total})
}

// TestADeclinedRestAsksTheShopper: the other part stays reserved, only the rest is asked for, and the order goes on when
// it is there.
func TestADeclinedRestAsksTheShopper(t *testing.T) {
	d := newDesk(t)
	order := d.placeWith(part("approve", "20.00"), part("decline", ""))
	d.settle(order)
	if o := d.order(order); o.Status != orders.StatusActionRequired || o.FinancialStatus != orders.FinancialPending { // reserved is not paid
		t.Fatalf("the order is %s and %s", o.Status, o.FinancialStatus)
	}
	d.mustBook(order, books{Charges: 1, Authorized: 2000})
	if m := d.messages(order); m[len(m)-1] != "We could not take the rest of your payment. Please choose another way to pay." {
		t.Errorf("the shopper reads %q", m)
	}
	d.mustShow(order, payment.PaymentPartAuthorized, 2000, total-2000)
	_, err := d.Capture(t.Context(), clerk, payment.PaymentCaptureInput{IdempotencyKey: "soon", OrderID: order.String()})
	mustRefuse(t, err, fault.Conflict, "NOT_ALLOWED")
	if f, _ := fault.As(err); f == nil || f.Message != "The order is waiting for new payment details; what is authorized for it is not taken yet." {
		t.Errorf("a capture of the part that is authorized is refused with %v", err)
	}
	_, err = d.UpdateMethods(t.Context(), anyone, payment.OrderPaymentUpdateInput{
		IdempotencyKey: "too much", OrderID: order.String(), AccessToken: token(), Payment: []payment.Method{part("approve", "28.61")},
	})
	mustRefuse(t, err, fault.Invalid, "AMOUNT_TOO_LARGE")
	if _, err := d.update(order, "k", "approve"); err != nil {
		t.Fatal(err)
	}
	d.settle(order)
	if o := d.order(order); o.Status != orders.StatusConfirmed || o.FinancialStatus != orders.FinancialAuthorized {
		t.Errorf("the order is %s and %s", o.Status, o.FinancialStatus)
	}
	d.mustBook(order, books{Charges: 2, Authorized: total})
	d.mustHoldAtMost(order, total)
	d.mustAgree(order)
}

// TestACancelledOrderReleasesEveryPart, also the one that is being asked for at that moment.
func TestACancelledOrderReleasesEveryPart(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.placeWith(part("approve", "20.00"), part("approve", ""))
	if err := d.authorize(order); err != nil {
		t.Fatal(err)
	}
	m.before = once("authorize", func() {
		d.cancel(order)
		d.work(d.Operate(t.Context(), order, "job:move_money:1", finished)) // the first part is released meanwhile
		if o := d.order(order); o.FinancialStatus == orders.FinancialVoided {
			t.Error("the order says that all is given back while a provider is being asked")
		}
	})
	d.settle(order)
	d.mustBook(order, books{Charges: 2, Authorized: total, Voided: total})
	d.mustAgree(order)
	if o := d.order(order); o.FinancialStatus != orders.FinancialVoided {
		t.Errorf("the order is %s", o.FinancialStatus)
	}
	d.mustOweNothing(order)
}

func TestAMethodIsNeverAskedForMoreThanItsLimit(t *testing.T) {
	d := newDesk(t)
	limited := method("approve")
	limited.MaxAmount = usd("48.59")
	order := d.placeWith(method("decline"), limited, method("approve"))
	d.settle(order)
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialAuthorized,
		"order.placed", "payment.started", "payment.declined", "payment.method_skipped", "payment.started", "payment.authorized", "order.confirmed")
	if tries := d.attempts(order); tries[1].Rank != 3 {
		t.Errorf("the method that paid is number %d", tries[1].Rank)
	}
	limited.MaxAmount = usd("48.60")
	order = d.placeWith(limited)
	d.settle(order)
	d.mustBook(order, books{Charges: 1, Authorized: total})
	limited.MaxAmount = usd("1.00")
	order = d.placeWith(limited)
	d.settle(order)
	d.mustHave(order, orders.StatusActionRequired, orders.FinancialPending, "order.placed", "payment.method_skipped", "payment.action_required")
	d.mustBook(order, books{})
}

func TestAFallbackWaitsForConsent(t *testing.T) {
	d := newDesk(t)
	ask := payment.FallbackAsk
	second := method("approve")
	second.Fallback = &ask
	order := d.placeWith(method("decline"), second)
	d.settle(order)
	d.mustHave(order, orders.StatusActionRequired, orders.FinancialPending,
		"order.placed", "payment.started", "payment.declined", "payment.action_required")
	o := d.order(order)
	if f := o.PaymentFallback; f == nil || f.Rank != 2 || f.Provider != "test" || f.Amount.Minor != total {
		t.Fatalf("the order asks about %+v", o.PaymentFallback)
	}
	d.mustBook(order, books{})
	confirm := payment.PaymentFallbackConfirmInput{IdempotencyKey: "k", OrderID: order.String()}
	_, err := d.ConfirmFallback(t.Context(), anyone, confirm)
	mustRefuse(t, err, fault.NotFound, "NOT_FOUND")
	confirm.AccessToken = token()
	for range 2 {
		if after, err := d.ConfirmFallback(t.Context(), anyone, confirm); err != nil || after.Status != orders.StatusPendingPayment || after.PaymentFallback != nil {
			t.Fatalf("the answer is %s, %v", after.Status, err)
		}
	}
	d.settle(order)
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialAuthorized,
		"order.placed", "payment.started", "payment.declined", "payment.action_required", "payment.methods_updated",
		"payment.started", "payment.authorized", "order.confirmed")
	confirm.IdempotencyKey = "again"
	_, err = d.ConfirmFallback(t.Context(), anyone, confirm)
	mustRefuse(t, err, fault.Conflict, "NOT_ALLOWED")
	d.mustBook(order, books{Charges: 1, Authorized: total})
}

// asking gives a method about which the shopper wants to be asked.
func asking(m payment.Method) payment.Method {
	ask := payment.FallbackAsk
	m.Fallback = &ask
	return m
}

// mustAskFor fails unless the shopper is asked whether this amount may be taken with the method of this rank.
func (d *desk) mustAskFor(order id.OrderID, rank int, minor int64) {
	d.t.Helper()
	o := d.order(order)
	if f := o.PaymentFallback; o.Status != orders.StatusActionRequired || f == nil || f.Rank != rank || f.Amount != money.New(minor, "USD") {
		d.t.Errorf("the order is %s and asks about %+v", o.Status, o.PaymentFallback)
	}
}

func (d *desk) agree(order id.OrderID) {
	d.t.Helper()
	in := payment.PaymentFallbackConfirmInput{IdempotencyKey: uuid.NewString(), OrderID: order.String(), AccessToken: token()}
	if _, err := d.ConfirmFallback(d.t.Context(), anyone, in); err != nil {
		d.t.Fatal(err)
	}
}

// TestTheShopperAgreesToWhatIsTaken: while they are asked, a part comes in outside, and they are asked about the rest.
func TestTheShopperAgreesToWhatIsTaken(t *testing.T) {
	d := newDesk(t)
	order := d.placeWith(method("decline"), asking(method("approve")))
	d.settle(order)
	d.mustAskFor(order, 2, total)
	deadline := d.order(order).Deadline
	must(t, d.markPaid(order, "20.00"))
	d.mustAskFor(order, 2, total-2000)
	if o := d.order(order); !o.Deadline.Equal(*deadline) {
		t.Errorf("the deadline has moved from %s to %s", deadline, o.Deadline)
	}
	d.agree(order)
	d.settle(order)
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialPartiallyPaid, "order.placed", "payment.started", "payment.declined",
		"payment.action_required", "payment.captured", "payment.action_required", "payment.methods_updated", "payment.started",
		"payment.authorized", "order.confirmed")
	d.mustBook(order, books{Charges: 1, Authorized: total - 2000})
	d.mustOweNothing(order)
}

// TestTheShopperIsAskedAnewWhenAPartHasLapsed, since more would be taken than they have read.
func TestTheShopperIsAskedAnewWhenAPartHasLapsed(t *testing.T) {
	d := newDesk(t)
	order := d.placeWith(part("expires_declined", "20.00"), part("decline", ""), asking(method("approve")))
	d.settle(order)
	d.mustAskFor(order, 3, total-2000)
	d.comesToItsEnd(order)
	d.settle(order)
	d.mustAskFor(order, 3, total)
	d.agree(order)
	d.settle(order)
	d.mustBook(order, books{Charges: 2, Authorized: total + 2000, Voided: 2000})
	d.mustAgree(order)
}

// TestNobodyIsAskedAboutAMethodThatIsPassedOver: what is left is above its limit.
func TestNobodyIsAskedAboutAMethodThatIsPassedOver(t *testing.T) {
	d := newDesk(t)
	limited := asking(method("approve"))
	limited.MaxAmount = usd("20.00")
	order := d.placeWith(method("decline"), limited, asking(method("approve")))
	d.settle(order)
	d.mustHave(order, orders.StatusActionRequired, orders.FinancialPending,
		"order.placed", "payment.started", "payment.declined", "payment.method_skipped", "payment.action_required")
	d.mustAskFor(order, 3, total)
	alone := d.placeWith(method("decline"), limited)
	d.settle(alone)
	if o := d.order(alone); o.Status != orders.StatusActionRequired || o.PaymentFallback != nil {
		t.Errorf("with no other method the order is %s and asks about %+v", o.Status, o.PaymentFallback)
	}
}

// TestAKeyOfAnotherOrderIsRefused where the caller is the same: a member of staff. Guests are known by their order, so
// those of two orders are two callers, and each key is their own.
func TestAKeyOfAnotherOrderIsRefused(t *testing.T) {
	d := newDesk(t)
	ask := payment.FallbackAsk
	second := method("approve")
	second.Fallback = &ask
	one, other := d.placeWith(method("decline"), second), d.placeWith(method("decline"), second)
	d.settle(one)
	d.settle(other)
	confirm := payment.PaymentFallbackConfirmInput{IdempotencyKey: "k", OrderID: one.String()}
	if _, err := d.ConfirmFallback(t.Context(), clerk, confirm); err != nil {
		t.Fatal(err)
	}
	confirm.OrderID = other.String()
	_, err := d.ConfirmFallback(t.Context(), clerk, confirm)
	mustRefuse(t, err, fault.Conflict, "IDEMPOTENCY_KEY_REUSED")
	confirm.AccessToken = token()
	if after, err := d.ConfirmFallback(t.Context(), anyone, confirm); err != nil || after.ID != other {
		t.Errorf("the guest of the other order is answered %s, %v", after.ID, err)
	}
}

// TestTheFirstMethodNeedsNoConsent: it was chosen, and stands in for nobody.
func TestTheFirstMethodNeedsNoConsent(t *testing.T) {
	d := newDesk(t)
	ask := payment.FallbackAsk
	first := method("approve")
	first.Fallback = &ask
	rest := part("approve", "")
	rest.Fallback = &ask
	for _, list := range [][]payment.Method{{first}, {part("approve", "20.00"), rest}} {
		order := d.placeWith(list...)
		d.settle(order)
		if o := d.order(order); o.Status != orders.StatusConfirmed {
			t.Errorf("the order is %s", o.Status)
		}
	}
}

func TestMethodsMustFitWhatIsOwed(t *testing.T) {
	d := newDesk(t)
	customer := id.NewCustomerID()
	most := func(m payment.Method, amount string) payment.Method { m.MaxAmount = usd(amount); return m }
	yes, stored := true, id.NewStoredPaymentMethodID().String()
	for name, c := range map[string]struct {
		methods []payment.Method
		code    string
		field   []string
	}{
		"more than owed":     {[]payment.Method{part("a", "40.00"), part("b", "8.61")}, "AMOUNT_TOO_LARGE", []string{"p", "1", "amount"}},
		"less than owed":     {[]payment.Method{part("a", "40.00"), part("b", "8.59")}, "AMOUNT_TOO_SMALL", []string{"p"}},
		"nothing":            {[]payment.Method{part("a", "0.00"), part("b", "")}, "INVALID", []string{"p", "0", "amount"}},
		"too many digits":    {[]payment.Method{part("a", "1.001"), part("b", "")}, "INVALID", []string{"p", "0", "amount"}},
		"another currency":   {[]payment.Method{{Provider: "test", Token: token(), MaxAmount: &money.MoneyInput{Amount: "5", CurrencyCode: "EUR"}}}, "INVALID", []string{"p", "0", "maxAmount", "currencyCode"}},
		"more than its most": {[]payment.Method{most(part("a", "48.60"), "48.59")}, "INVALID", []string{"p", "0", "amount"}},
		"kept for nobody":    {[]payment.Method{{Provider: "test", StoredMethodID: &stored}}, "PAYMENT_METHOD_NOT_FOUND", []string{"p", "0", "storedMethodId"}},
		"no id":              {[]payment.Method{{Provider: "test", StoredMethodID: token()}}, "PAYMENT_METHOD_NOT_FOUND", []string{"p", "0", "storedMethodId"}},
		"both":               {[]payment.Method{{Provider: "test", StoredMethodID: &stored, Token: token()}}, "INVALID", []string{"p", "0", "storedMethodId"}},
		"below the least":    {[]payment.Method{part("a", "0.49"), part("b", "")}, "AMOUNT_TOO_SMALL", []string{"p", "0"}},
	} {
		err := d.Admit(t.Context(), d.pool, payment.Wish{Owed: money.New(total, "USD"), Customer: &customer}, c.methods, "p")
		mustRefuse(t, err, fault.Invalid, c.code)
		if f, _ := fault.As(err); f != nil && !slices.Equal(f.Field, c.field) {
			t.Errorf("%s: it names %v, not %v", name, f.Field, c.field)
		}
	}
	err := d.Admit(t.Context(), d.pool, payment.WishOf(access.Actor{}, &customer, money.New(total, "USD")), []payment.Method{{Provider: "test", Token: token(), Save: &yes}}, "p")
	mustRefuse(t, err, fault.Invalid, "INVALID")
	err = d.Admit(t.Context(), d.pool, payment.Wish{Owed: money.New(total+1, "USD")}, methods("manual"), "p")
	mustRefuse(t, err, fault.Invalid, "AMOUNT_TOO_LARGE")
	if f, _ := fault.As(err); f.Data["amountAvailable"] != money.New(total, "USD") {
		t.Errorf("it tells %v", f.Data)
	}
	fine := []payment.Method{part("a", "20.00"), part("b", "28.60"), part("c", "")}
	if err := d.Admit(t.Context(), d.pool, payment.Wish{Owed: money.New(total, "USD")}, fine, "p"); err != nil {
		t.Errorf("a fallback beside the parts is refused: %v", err)
	}
}

// TestTheNoticeOfAReleaseOvertakesItsAnswer: of an order that two methods pay, the staff take one part and let the other
// go. The provider's notice is followed before the answer to the release is read, and nobody is asked to pay again.
func TestTheNoticeOfAReleaseOvertakesItsAnswer(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.placeWith(part("approve", "20.00"), part("approve", ""))
	d.settle(order)
	must(t, d.take(order, "20.00"))
	d.settle(order)
	must(t, d.void(order))
	m.after = once("void", func() {
		header, body, err := d.test.Settle(t.Context(), uuid.UUID(d.attempts(order)[1].ID).String())
		must(t, err)
		must(t, d.Callback(t.Context(), "test", header, body))
		if o := d.order(order); o.Paid.Voided.Minor != 2860 {
			t.Errorf("the notice tells of %s let go", o.Paid.Voided)
		}
	})
	d.settle(order)
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialPartiallyPaid,
		"order.placed", "payment.started", "payment.authorized", "payment.started", "payment.authorized", "order.confirmed",
		"payment.captured", "payment.voided")
	d.mustBook(order, books{Charges: 2, Authorized: total, Captured: 2000, Voided: 2860})
	d.mustAgree(order)
	d.mustOweNothing(order)
}
