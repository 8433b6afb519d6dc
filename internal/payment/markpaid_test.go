package payment_test

import (
	"context"
	"slices"
	"strings"
	"sync"
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

// markPaid books what has come in outside; an empty amount is all that is to come.
func (d *desk) markPaid(order id.OrderID, amount string) error {
	in := payment.PaymentMarkPaidInput{IdempotencyKey: uuid.NewString(), OrderID: order.String()}
	if amount != "" {
		in.Amount = usd(amount)
	}
	_, err := d.MarkPaid(d.t.Context(), clerk, in)
	return err
}

var invoiced = []string{"order.placed", "payment.started", "payment.pending", "order.confirmed"}

func TestAnInvoiceIsPaidInParts(t *testing.T) {
	d := newDesk(t)
	order := d.place("manual")
	d.settle(order)
	reference := " transfer 4711 "
	in := payment.PaymentMarkPaidInput{IdempotencyKey: "first", OrderID: order.String(), Amount: usd("20.00"), Reference: &reference}
	first, err := d.MarkPaid(t.Context(), clerk, in)
	must(t, err)
	again, err := d.MarkPaid(t.Context(), clerk, in) // its answer was lost
	must(t, err)
	if first.Version != again.Version || first.FinancialStatus != orders.FinancialPartiallyPaid {
		t.Errorf("the first answer is version %d, %s, the second %d", first.Version, first.FinancialStatus, again.Version)
	}
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialPartiallyPaid, append(slices.Clone(invoiced), "payment.captured")...)
	if a := d.mustShow(order, payment.PaymentPartCaptured, 0, 0); a.State() != payment.AttemptPending || a.CapturedAmount().Minor != 2000 {
		t.Errorf("half paid, the invoice is %s with %s", a.State(), a.CapturedAmount())
	}
	mustRefuse(t, d.markPaid(order, "28.61"), fault.Invalid, "AMOUNT_TOO_LARGE")
	other := in
	other.Amount = usd("21.00")
	_, err = d.MarkPaid(t.Context(), clerk, other)
	mustRefuse(t, err, fault.Conflict, "IDEMPOTENCY_KEY_REUSED")
	must(t, d.markPaid(order, ""))
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialPaid, append(slices.Clone(invoiced), "payment.captured", "payment.captured")...)
	if a := d.mustShow(order, payment.PaymentCaptured, 0, 0); a.State() != payment.AttemptCaptured {
		t.Errorf("paid, the invoice is %s", a.State())
	}
	mustRefuse(t, d.markPaid(order, ""), fault.Conflict, "NOT_ALLOWED")
	d.mustOweNothing(order)

	got := d.order(order).Receipts
	if len(got) != 2 || got[0].Amount != money.New(2000, "USD") || got[1].Amount != money.New(2860, "USD") || got[0].By != clerk.By() ||
		got[0].Reference == nil || *got[0].Reference != "transfer 4711" || got[1].Reference != nil || got[0].CreatedAt.IsZero() {
		t.Errorf("booked is %+v", got)
	}
	if differences, err := d.orders.Compare(t.Context(), d.pool); err != nil || len(differences.Differences) > 0 {
		t.Errorf("rebuilt from its events the order differs: %+v, %v", differences, err)
	}
	const plainSQL = `select count(*) from event where data::text like '%4711%'`
	var plain int
	if err := d.pool.QueryRow(t.Context(), plainSQL).Scan(&plain); err != nil || plain > 0 {
		t.Errorf("%d events hold the reference in the clear, %v", plain, err)
	}
}

// TestAnInvoiceIsPaidOnce, however many clerks book the whole of it at once.
func TestAnInvoiceIsPaidOnce(t *testing.T) {
	d := newDesk(t)
	order := d.place("manual")
	d.settle(order)
	var all sync.WaitGroup
	var mu sync.Mutex
	booked := 0
	for range 6 {
		all.Go(func() {
			if err := d.markPaid(order, ""); err == nil {
				mu.Lock()
				booked++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	if o := d.order(order); booked != 1 || o.FinancialStatus != orders.FinancialPaid || len(o.Receipts) != 1 {
		t.Errorf("%d have booked it, the order is %s with %d receipts", booked, o.FinancialStatus, len(o.Receipts))
	}
}

// TestWhatCameInOutsideGoesBackOutside: a refund of it is booked as done, and never asks for more than came in.
func TestWhatCameInOutsideGoesBackOutside(t *testing.T) {
	d := newDesk(t)
	order := d.place("manual")
	d.settle(order)
	must(t, d.markPaid(order, "30.00"))
	mustRefuse(t, d.refund(order, payment.PaymentRefundInput{Amount: usd("30.01")}), fault.Invalid, "AMOUNT_TOO_LARGE")
	must(t, d.refund(order, payment.PaymentRefundInput{Amount: usd("5.00")}))
	must(t, d.refund(order, payment.PaymentRefundInput{Amount: usd("7.00")}))
	d.settle(order)
	if got := d.refunds(order); got != "5.00 OTHER SUCCEEDED 0, 7.00 OTHER SUCCEEDED 0" {
		t.Errorf("the refunds are %s", got)
	}
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialPartiallyRefunded,
		append(slices.Clone(invoiced), "payment.captured", "payment.refunded", "payment.refunded")...)
	must(t, d.markPaid(order, "")) // the rest of the invoice is still to come
	d.cancel(order)
	d.settle(order)
	if o := d.order(order); o.FinancialStatus != orders.FinancialPartiallyRefunded || o.TotalRefunded() != money.New(1200, "USD") {
		t.Errorf("cancelled, the order is %s, %s given back", o.FinancialStatus, o.TotalRefunded())
	}
	must(t, d.refund(order, payment.PaymentRefundInput{})) // which the staff have sent
	d.settle(order)
	if o := d.order(order); o.FinancialStatus != orders.FinancialRefunded || o.TotalRefunded() != money.New(total, "USD") {
		t.Errorf("sent back, the order is %s, %s given back", o.FinancialStatus, o.TotalRefunded())
	}
	d.mustOweNothing(order)
}

// TestAnOrderThatIsPaidInPartIsCancelled: nothing more is to come. That what came in must go back is told, once, and it is
// booked when the staff have sent it.
func TestAnOrderThatIsPaidInPartIsCancelled(t *testing.T) {
	d := newDesk(t)
	order := d.place("manual")
	d.settle(order)
	must(t, d.markPaid(order, "20.00"))
	d.cancel(order)
	d.settle(order) // the rest of the invoice is withdrawn first, which is no event
	d.settle(order)
	told := append(slices.Clone(invoiced), "payment.captured", "order.cancelled", "payment.compensation_started", "payment.refund_failed")
	d.mustHave(order, orders.StatusCancelled, orders.FinancialPartiallyPaid, told...)
	must(t, d.refund(order, payment.PaymentRefundInput{}))
	d.settle(order)
	d.mustHave(order, orders.StatusCancelled, orders.FinancialRefunded, append(told, "payment.refunded")...)
	d.mustShow(order, payment.PaymentRefunded, 0, 0)
	d.mustOweNothing(order)
	mustRefuse(t, d.markPaid(order, "1.00"), fault.Conflict, "NOT_ALLOWED")
}

// TestWhatMustBeSentBackIsToldOnce, also where the staff send it in parts.
func TestWhatMustBeSentBackIsToldOnce(t *testing.T) {
	d := newDesk(t)
	order := d.place("manual")
	d.settle(order)
	must(t, d.markPaid(order, "20.00"))
	d.cancel(order)
	d.settle(order)
	d.settle(order)
	told := append(slices.Clone(invoiced), "payment.captured", "order.cancelled", "payment.compensation_started", "payment.refund_failed")
	for _, amount := range []string{"5.00", "3.00", "12.00"} {
		must(t, d.refund(order, payment.PaymentRefundInput{Amount: usd(amount)}))
		d.settle(order)
		d.mustOweNothing(order)
		told = append(told, "payment.refunded")
		if got := d.kinds(order); !slices.Equal(got, told) {
			t.Errorf("after %s the events are %v", amount, got)
		}
	}
	if o := d.order(order); o.FinancialStatus != orders.FinancialRefunded {
		t.Errorf("the order is %s", o.FinancialStatus)
	}
}

func TestWhatIsNotBooked(t *testing.T) {
	d := newDesk(t)
	order := d.place("manual")
	d.settle(order)
	authorized := d.place("approve")
	d.settle(authorized)
	asked := d.place("challenge")
	d.settle(asked)
	card, long, nul := "4242 4242 4242 4242", strings.Repeat("x", 256), "a\x00b"
	for name, c := range map[string]struct {
		in   payment.PaymentMarkPaidInput
		kind fault.Kind
		code string
	}{
		"another currency":          {payment.PaymentMarkPaidInput{OrderID: order.String(), Amount: &money.MoneyInput{Amount: "1.00", CurrencyCode: "EUR"}}, fault.Invalid, "INVALID"},
		"nothing":                   {payment.PaymentMarkPaidInput{OrderID: order.String(), Amount: usd("0.00")}, fault.Invalid, "INVALID"},
		"less than nothing":         {payment.PaymentMarkPaidInput{OrderID: order.String(), Amount: usd("-1.00")}, fault.Invalid, "INVALID"},
		"more than is owed":         {payment.PaymentMarkPaidInput{OrderID: order.String(), Amount: usd("48.61")}, fault.Invalid, "AMOUNT_TOO_LARGE"},
		"a card number":             {payment.PaymentMarkPaidInput{OrderID: order.String(), Reference: &card}, fault.Invalid, "CARD_NUMBER"},
		"a long reference":          {payment.PaymentMarkPaidInput{OrderID: order.String(), Reference: &long}, fault.Invalid, "TOO_LONG"},
		"a reference with a NUL":    {payment.PaymentMarkPaidInput{OrderID: order.String(), Reference: &nul}, fault.Invalid, "INVALID"},
		"an order that is reserved": {payment.PaymentMarkPaidInput{OrderID: authorized.String()}, fault.Conflict, "NOT_ALLOWED"},
		"while a bank is asked":     {payment.PaymentMarkPaidInput{OrderID: asked.String()}, fault.Conflict, "NOT_ALLOWED"},
		"no order":                  {payment.PaymentMarkPaidInput{OrderID: id.NewOrderID().String()}, fault.NotFound, "NOT_FOUND"},
	} {
		c.in.IdempotencyKey = name
		_, err := d.MarkPaid(t.Context(), clerk, c.in)
		if f, ok := fault.As(err); !ok || f.Kind != c.kind || f.Code != c.code {
			t.Errorf("%s is answered with %v", name, err)
		}
	}
	_, err := d.MarkPaid(t.Context(), access.Actor{Kind: access.Guest, OrderID: order}, payment.PaymentMarkPaidInput{IdempotencyKey: "k", OrderID: order.String()})
	mustRefuse(t, err, fault.Forbidden, "FORBIDDEN")
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialPending, invoiced...)

	d.tx(func(ctx context.Context, tx pgx.Tx) error {
		o, err := d.orders.Lock(ctx, tx, order)
		if err != nil {
			return err
		}
		_, err = d.orders.Erase(ctx, tx, access.SystemActor, o.ID, "customerErase")
		return err
	})
	reference := "transfer"
	_, err = d.MarkPaid(t.Context(), clerk, payment.PaymentMarkPaidInput{IdempotencyKey: "erased", OrderID: order.String(), Reference: &reference})
	mustRefuse(t, err, fault.Conflict, "NOT_ALLOWED")
	must(t, d.markPaid(order, "")) // without one
}

// TestAReferenceIsForgotten with the order's people, and the money stays.
func TestAReferenceIsForgotten(t *testing.T) {
	d := newDesk(t)
	order := d.place("manual")
	d.settle(order)
	reference := "transfer of Ada Lovelace"
	_, err := d.MarkPaid(t.Context(), clerk, payment.PaymentMarkPaidInput{IdempotencyKey: "k", OrderID: order.String(), Reference: &reference})
	must(t, err)
	d.tx(func(ctx context.Context, tx pgx.Tx) error {
		_, err := d.orders.Erase(ctx, tx, access.SystemActor, order, "customerErase")
		return err
	})
	o := d.order(order)
	if len(o.Receipts) != 1 || o.Receipts[0].Reference != nil || o.FinancialStatus != orders.FinancialPaid {
		t.Errorf("after the erasure it is %s with %+v", o.FinancialStatus, o.Receipts)
	}
	if differences, err := d.orders.Compare(t.Context(), d.pool); err != nil || len(differences.Differences) > 0 {
		t.Errorf("rebuilt from its events the order differs: %+v, %v", differences, err)
	}
}

// TestAnOrderThatWaitsIsPaidOutside: all its methods were declined, and its shopper comes with cash. The order goes on.
func TestAnOrderThatWaitsIsPaidOutside(t *testing.T) {
	d := newDesk(t)
	order := d.placeWith(part("approve", "20.00"), part("decline", ""))
	d.settle(order)
	must(t, d.markPaid(order, "8.60"))
	if o := d.order(order); o.Status != orders.StatusActionRequired || o.FinancialStatus != orders.FinancialPartiallyPaid {
		t.Errorf("with 20.00 to pay it is %s and %s", o.Status, o.FinancialStatus)
	}
	d.mustShow(order, payment.PaymentPartCaptured, 2000, 2000)
	must(t, d.markPaid(order, ""))
	if o := d.order(order); o.Status != orders.StatusConfirmed || o.FinancialStatus != orders.FinancialPartiallyPaid {
		t.Errorf("it is %s and %s", o.Status, o.FinancialStatus)
	}
	d.capture(order)
	d.settle(order)
	if o := d.order(order); o.FinancialStatus != orders.FinancialPaid {
		t.Errorf("with the authorized part taken it is %s: %v", o.FinancialStatus, d.kinds(order))
	}
	d.mustBook(order, books{Charges: 1, Authorized: 2000, Captured: 2000})
	d.mustOweNothing(order)

	late := d.place("decline")
	d.settle(late)
	d.exec(`update payment set deadline = now() where order_id = $1`, late)
	mustRefuse(t, d.markPaid(late, ""), fault.Conflict, "NOT_ALLOWED")
}

// TestALapsingReservationIsLetGoForMoneyFromOutside: it could not be renewed and is still held at the provider. It is not
// taken beside what the staff have booked, also where that is only a part.
func TestALapsingReservationIsLetGoForMoneyFromOutside(t *testing.T) {
	d := newDesk(t)
	for _, parts := range [][]string{{""}, {"8.60", ""}} {
		order := d.place("expires_declined")
		d.settle(order)
		d.comeDue(order)
		d.settle(order)
		for _, amount := range parts {
			must(t, d.markPaid(order, amount))
			d.mustHoldAtMost(order, total)
		}
		mustRefuse(t, d.take(order, "0.01"), fault.Conflict, "NOT_ALLOWED")
		d.settle(order)
		mustRefuse(t, d.take(order, "0.01"), fault.Conflict, "NOT_ALLOWED")
		if o := d.order(order); o.Status != orders.StatusConfirmed || o.FinancialStatus != orders.FinancialPaid {
			t.Errorf("%q: the order is %s and %s", parts, o.Status, o.FinancialStatus)
		}
		d.mustBook(order, books{Charges: 1, Authorized: total, Voided: total})
		d.mustHoldAtMost(order, total)
		d.mustOweNothing(order)
	}
}

// TestALapsingReservationOfAPackedOrderIsLetGo, too: such an order does not ask its shopper.
func TestALapsingReservationOfAPackedOrderIsLetGo(t *testing.T) {
	d := newDesk(t)
	taken, paid := d.place("expires_declined"), d.place("expires_declined")
	for _, order := range []id.OrderID{taken, paid} {
		d.settle(order)
		d.exec(`update orders set status = 'IN_FULFILLMENT', doc = jsonb_set(doc::jsonb, '{status}', '"IN_FULFILLMENT"')::json where id = $1`, order)
		d.comeDue(order)
		d.settle(order)
	}
	must(t, d.take(taken, "10.00"))
	mustRefuse(t, d.markPaid(taken, ""), fault.Conflict, "NOT_ALLOWED") // it is not known yet what the provider takes
	d.settle(taken)
	d.mustBook(taken, books{Charges: 1, Authorized: total, Captured: 1000})

	must(t, d.markPaid(paid, ""))
	d.mustHoldAtMost(paid, total)
	mustRefuse(t, d.take(paid, "0.01"), fault.Conflict, "NOT_ALLOWED")
	d.settle(paid)
	d.mustBook(paid, books{Charges: 1, Authorized: total, Voided: total})
	if o := d.order(paid); o.FinancialStatus != orders.FinancialPaid {
		t.Errorf("the order is %s", o.FinancialStatus)
	}
	d.mustOweNothing(paid)
}

// TestMoneyThatDoesNotGoBackIsNotSaidToGoBack: its provider has refused that too often, so it is left to the staff.
func TestMoneyThatDoesNotGoBackIsNotSaidToGoBack(t *testing.T) {
	m, pace := &meddler{refuse: "refund"}, quick
	pace.Again = time.Nanosecond
	d := pacedDesk(t, pace, meddle(m))
	order := d.place("error", "manual")
	d.settle(order)
	header, body, err := d.test.Settle(t.Context(), d.firstKey(order))
	must(t, err)
	m.answer = func(call string, c payment.Charge, err error) (payment.Charge, error) {
		if call == "lookup" {
			return held(total, 0, 0), nil
		}
		return c, err
	}
	must(t, d.Callback(t.Context(), "test", header, body))
	d.settle(order)
	mustSay(t, d.markPaid(order, "1.00"), "A provider has taken money for this order by mistake, and does not give it back by itself. "+
		"Give it back by hand, then book what has come in outside.")
}

// TestAnInvoiceIsPaidAfterAStrayCharge: the card that was given up before it was taken late, and its money went back.
func TestAnInvoiceIsPaidAfterAStrayCharge(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.place("error", "manual")
	d.settle(order)
	header, body, err := d.test.Settle(t.Context(), d.firstKey(order))
	must(t, err)
	m.answer = func(call string, c payment.Charge, err error) (payment.Charge, error) {
		switch call {
		case "lookup":
			return held(total, 0, 0), nil
		case "refund":
			return held(total, total, 0), nil
		}
		return c, err
	}
	must(t, d.Callback(t.Context(), "test", header, body))
	before := d.version(order)
	mustSay(t, d.markPaid(order, "1.00"), "Money that a provider has taken for this order by mistake is being given back at this moment. Once it has gone back, book what has come in outside.")
	if d.version(order) != before {
		t.Error("the refusal has changed the order")
	}
	d.settle(order)
	must(t, d.markPaid(order, ""))
	if o := d.order(order); o.Status != orders.StatusConfirmed || len(o.Receipts) != 1 || o.TotalRefunded() != money.New(total, "USD") {
		t.Errorf("the order is %s with %+v, %s given back", o.Status, o.Receipts, o.TotalRefunded())
	}
	d.mustShow(order, payment.PaymentCaptured, 0, 0)
	mustRefuse(t, d.markPaid(order, ""), fault.Conflict, "NOT_ALLOWED")
	d.mustHoldAtMost(order, 2*total)
}

// TestNothingIsBookedBesideADispute: what was taken late the shopper has disputed, so the staff are not told to give it back.
func TestNothingIsBookedBesideADispute(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.place("error", "manual")
	d.settle(order)
	header, body, err := d.test.Settle(t.Context(), d.firstKey(order))
	must(t, err)
	m.answer = func(call string, c payment.Charge, err error) (payment.Charge, error) {
		if call == "lookup" {
			c, err = held(total, 0, 0), nil
			c.Disputed = money.New(total, "USD")
		}
		return c, err
	}
	must(t, d.Callback(t.Context(), "test", header, body))
	mustSay(t, d.markPaid(order, ""), "What a provider has taken for this order by mistake is disputed at the shopper's bank, which decides about it. "+
		"Do not give it back by hand; nothing more can be booked for this order.")
}

// TestMoneyIsBookedBesideALostDispute: what was taken late is gone for good, so it pays nothing, and the invoice is open.
func TestMoneyIsBookedBesideALostDispute(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.place("error", "manual")
	d.settle(order)
	lost := int64(1000)
	m.answer = func(call string, c payment.Charge, err error) (payment.Charge, error) {
		if call == "lookup" {
			c, err = held(total, 0, 0), nil
			c.Disputed, c.DisputeLost = money.New(total, "USD"), money.New(lost, "USD")
		}
		return c, err
	}
	hears := func() {
		d.exec(`delete from payment_callback`) // or what it tells is known already
		header, body, err := d.test.Settle(t.Context(), d.firstKey(order))
		must(t, err)
		must(t, d.Callback(t.Context(), "test", header, body))
	}
	offered := func() (may bool) {
		hindered, err := payment.HinderedByOrder(t.Context(), d.pool, []id.OrderID{order})
		must(t, err)
		for _, a := range d.order(order).Actions(hindered[order]) {
			may = may || (a.Action == orders.ActionMarkPaid && a.Available)
		}
		return may
	}
	hears()
	if err := d.markPaid(order, ""); err == nil {
		t.Error("it is booked while the bank decides about a part")
	}
	lost = total
	hears()
	if !offered() {
		t.Error("it is not offered when all is lost")
	}
	must(t, d.markPaid(order, ""))
	if o := d.order(order); len(o.Receipts) != 1 || o.Receipts[0].Amount.Minor != total || o.Paid.Captured.Minor != 2*total {
		t.Errorf("booked are %+v, taken %s", o.Receipts, o.Paid.Captured)
	}
	d.mustHoldAtMost(order, 2*total)
	if offered() {
		t.Error("it is offered when it is paid")
	}
	mustRefuse(t, d.markPaid(order, ""), fault.Conflict, "NOT_ALLOWED")
}

// mustSay fails unless something is refused with these words.
func mustSay(t *testing.T, err error, message string) {
	t.Helper()
	if f, ok := fault.As(err); !ok || f.Kind != fault.Conflict || f.Code != "NOT_ALLOWED" || f.Message != message || !slices.Equal(f.Field, []string{"input", "orderId"}) {
		t.Errorf("refused with %v", err)
	}
}

// TestWhyNothingIsToBeBooked: whoever holds the shopper's cash reads what is so.
func TestWhyNothingIsToBeBooked(t *testing.T) {
	d := newDesk(t)
	const underWay = "A payment is under way at this moment. Book what has come in outside when it is known what comes of it."
	soon, unknown, challenged, reserved, late := d.place("approve"), d.place("error"), d.place("challenge"), d.place("approve"), d.place("decline")
	d.work(d.authorize(unknown))
	for _, order := range []id.OrderID{challenged, reserved, late} {
		d.settle(order)
	}
	d.exec(`update payment set deadline = now() where order_id = $1`, late)
	for name, c := range map[string]struct {
		order id.OrderID
		says  string
	}{
		"nobody was asked yet":       {soon, underWay},
		"a provider is asked":        {unknown, underWay},
		"a bank asks its customer":   {challenged, underWay},
		"all of it is reserved":      {reserved, "No invoice is open for this order."},
		"the shopper comes too late": {late, "The time to pay this order has run out."},
	} {
		t.Run(name, func(t *testing.T) { mustSay(t, d.in(t).markPaid(c.order, ""), c.says) })
	}
}
