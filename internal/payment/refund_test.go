package payment_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
)

func usd(amount string) *money.MoneyInput {
	return &money.MoneyInput{Amount: money.Decimal(amount), CurrencyCode: "USD"}
}

// paid is an order whose money was taken.
func (d *desk) paid(change func(*orders.Placed)) id.OrderID {
	d.t.Helper()
	order := d.placeAs(30*time.Minute, change, "approve")
	d.settle(order)
	d.capture(order)
	d.settle(order)
	return order
}

func asIs(*orders.Placed) {}

func (d *desk) refund(order id.OrderID, in payment.PaymentRefundInput) error {
	in.OrderID = order.String()
	if in.IdempotencyKey == "" {
		in.IdempotencyKey = uuid.NewString()
	}
	_, err := d.Refund(d.t.Context(), clerk, in)
	return err
}

func (d *desk) take(order id.OrderID, amount string) error {
	_, err := d.Capture(d.t.Context(), clerk, payment.PaymentCaptureInput{IdempotencyKey: uuid.NewString(), OrderID: order.String(), Amount: usd(amount)})
	return err
}

func (d *desk) void(order id.OrderID) error {
	_, err := d.Void(d.t.Context(), clerk, payment.PaymentVoidInput{IdempotencyKey: uuid.NewString(), OrderID: order.String()})
	return err
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refunds are an order's refunds in short.
func (d *desk) refunds(order id.OrderID) string {
	d.t.Helper()
	by, err := payment.PaymentsByOrder(d.t.Context(), d.pool, []id.OrderID{order})
	must(d.t, err)
	var list []string
	for _, r := range by[order][0].Refunds {
		list = append(list, fmt.Sprintf("%s %s %s %d", r.Amount.Amount(), r.Reason, r.State, len(r.Lines)))
	}
	return strings.Join(list, ", ")
}

func TestMoneyIsTakenInParts(t *testing.T) {
	d := newDesk(t)
	order := d.place("approve")
	d.settle(order)
	must(t, d.take(order, "20.00"))
	must(t, d.take(order, "10.00")) // while the first is still being taken
	mustRefuse(t, d.take(order, "18.61"), fault.Invalid, "AMOUNT_TOO_LARGE")
	d.settle(order)
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialPartiallyPaid, append(captured[:4:4], "payment.captured", "payment.captured")...)
	d.mustBook(order, books{Charges: 1, Authorized: total, Captured: 3000})
	d.mustAgree(order)
	d.mustShow(order, payment.PaymentPartCaptured, total-3000, 0)
	d.capture(order) // the rest
	d.settle(order)
	d.mustShow(order, payment.PaymentCaptured, 0, 0)
	if o := d.order(order); o.FinancialStatus != orders.FinancialPaid {
		t.Errorf("the order is %s", o.FinancialStatus)
	}
	d.mustBook(order, books{Charges: 1, Authorized: total, Captured: total})
	d.mustOweNothing(order)
}

func TestTheRestIsReleased(t *testing.T) {
	d := newDesk(t)
	order := d.place("approve")
	d.settle(order)
	must(t, d.take(order, "20.00"))
	mustRefuse(t, d.void(order), fault.Conflict, "NOT_ALLOWED") // nobody knows yet what will be left
	d.settle(order)
	must(t, d.void(order))
	must(t, d.void(order)) // asked for twice, done once
	mustRefuse(t, d.take(order, "1.00"), fault.Conflict, "NOT_ALLOWED")
	d.settle(order)
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialPartiallyPaid, append(captured, "payment.voided")...)
	d.mustBook(order, books{Charges: 1, Authorized: total, Captured: 2000, Voided: total - 2000})
	d.mustAgree(order)
	d.mustOweNothing(order)
}

// TestNothingLeavesUnpaid: what the staff let go of an order that goes on must be paid in another way.
func TestNothingLeavesUnpaid(t *testing.T) {
	d := newDesk(t)
	order := d.place("approve")
	d.settle(order)
	must(t, d.void(order))
	d.settle(order)
	d.mustHave(order, orders.StatusActionRequired, orders.FinancialPending, append(captured[:4:4], "payment.voided", "payment.action_required")...)
	mustRefuse(t, d.void(order), fault.Conflict, "NOT_ALLOWED")
	if _, err := d.update(order, "again", "approve"); err != nil {
		t.Fatal(err)
	}
	d.settle(order)
	if o := d.order(order); o.Status != orders.StatusConfirmed || o.FinancialStatus != orders.FinancialAuthorized {
		t.Errorf("the order is %s and %s", o.Status, o.FinancialStatus)
	}
	d.mustBook(order, books{Charges: 2, Authorized: 2 * total, Voided: total})
	d.mustAgree(order)
}

func TestMoneyIsGivenBack(t *testing.T) {
	d := newDesk(t)
	order := d.paid(asIs)
	damaged := payment.RefundDamaged
	must(t, d.refund(order, payment.PaymentRefundInput{Amount: usd("8.60"), Reason: &damaged}))
	if got := d.refunds(order); got != "8.60 DAMAGED PENDING 0" {
		t.Errorf("the refunds are %s", got)
	}
	mustRefuse(t, d.refund(order, payment.PaymentRefundInput{Amount: usd("40.01")}), fault.Invalid, "AMOUNT_TOO_LARGE")
	d.settle(order)
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialPartiallyRefunded, append(captured, "payment.refunded")...)
	must(t, d.refund(order, payment.PaymentRefundInput{})) // all that is left
	mustRefuse(t, d.refund(order, payment.PaymentRefundInput{}), fault.Conflict, "NOT_ALLOWED")
	d.settle(order)
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialRefunded, append(captured, "payment.refunded", "payment.refunded")...)
	if got := d.refunds(order); got != "8.60 DAMAGED SUCCEEDED 0, 40.00 OTHER SUCCEEDED 0" {
		t.Errorf("the refunds are %s", got)
	}
	mustRefuse(t, d.refund(order, payment.PaymentRefundInput{Amount: usd("0.01")}), fault.Conflict, "NOT_ALLOWED")
	d.mustBook(order, books{Charges: 1, Authorized: total, Captured: total, Refunded: total})
	d.mustAgree(order)
	d.mustOweNothing(order)
}

// TestUnitsAreGivenBackToTheCent: the parts of a line add up to what was paid for it, with tax and less discount,
// however they follow one another.
func TestUnitsAreGivenBackToTheCent(t *testing.T) {
	d := newDesk(t)
	var lamps, rugs id.OrderLineItemID
	order := d.paid(func(p *orders.Placed) {
		lamp := p.Lines[0]
		lamp.Quantity, lamp.UnitPrice, lamp.Discount, lamp.Tax = 3, money.New(1000, "USD"), money.New(100, "USD"), money.New(233, "USD")
		rug := lamp
		rug.ID, rug.Quantity, rug.UnitPrice, rug.Discount, rug.Tax = id.NewOrderLineItemID(), 1, money.New(500, "USD"), money.New(0, "USD"), money.New(40, "USD")
		p.Lines = []orders.PlacedLine{lamp, rug}
		p.ShippingPrice, p.ShippingTax = money.New(700, "USD"), money.New(56, "USD")
		p.TotalPrice = money.New(3133+540+756, "USD")
		lamps, rugs = lamp.ID, rug.ID
	})
	units := func(line id.OrderLineItemID, n int) payment.PaymentRefundInput {
		return payment.PaymentRefundInput{Lines: []payment.PaymentRefundLineInput{{LineItemID: line.String(), Quantity: n}}}
	}
	yes := true
	for _, step := range []struct {
		in     payment.PaymentRefundInput
		amount int64
	}{
		{units(lamps, 1), 1044},
		{units(lamps, 1), 1044},
		{units(lamps, 1), 1045},
		{payment.PaymentRefundInput{Shipping: &yes}, 756},
		{units(rugs, 1), 540},
	} {
		before := d.books(order).Refunded
		must(t, d.refund(order, step.in))
		d.settle(order)
		if got := d.books(order).Refunded - before; got != step.amount {
			t.Errorf("%+v gave %d back, want %d", step.in, got, step.amount)
		}
	}
	if o := d.order(order); o.FinancialStatus != orders.FinancialRefunded {
		t.Errorf("with everything given back the order is %s", o.FinancialStatus)
	}
	d.mustAgree(order)
}

func TestRefundsThatAreRefused(t *testing.T) {
	d := newDesk(t)
	order := d.paid(asIs)
	line := d.order(order).Lines[0].ID.String()
	euros := &money.MoneyInput{Amount: "1.00", CurrencyCode: "EUR"}
	yes, no := true, false
	lines := func(id string, n int) []payment.PaymentRefundLineInput {
		return []payment.PaymentRefundLineInput{{LineItemID: id, Quantity: n}}
	}
	for name, c := range map[string]struct {
		in   payment.PaymentRefundInput
		code string
	}{
		"another currency":      {payment.PaymentRefundInput{Amount: euros}, "INVALID"},
		"nothing":               {payment.PaymentRefundInput{Amount: usd("0.00")}, "INVALID"},
		"less than nothing":     {payment.PaymentRefundInput{Amount: usd("-1.00")}, "INVALID"},
		"parts of a cent":       {payment.PaymentRefundInput{Amount: usd("1.001")}, "INVALID"},
		"more than was paid":    {payment.PaymentRefundInput{Amount: usd("48.61")}, "AMOUNT_TOO_LARGE"},
		"an amount and lines":   {payment.PaymentRefundInput{Amount: usd("1.00"), Lines: lines(line, 1)}, "INVALID"},
		"an amount and postage": {payment.PaymentRefundInput{Amount: usd("1.00"), Shipping: &yes}, "INVALID"},
		"another order's line":  {payment.PaymentRefundInput{Lines: lines(id.NewOrderLineItemID().String(), 1)}, "LINE_NOT_FOUND"},
		"no line":               {payment.PaymentRefundInput{Lines: lines("lamp", 1)}, "LINE_NOT_FOUND"},
		"no units":              {payment.PaymentRefundInput{Lines: lines(line, 0)}, "QUANTITY_OUT_OF_RANGE"},
		"too many units":        {payment.PaymentRefundInput{Lines: lines(line, 2)}, "QUANTITY_OUT_OF_RANGE"},
		"no line at all":        {payment.PaymentRefundInput{Lines: []payment.PaymentRefundLineInput{}}, "BLANK"},
		"no postage":            {payment.PaymentRefundInput{Shipping: &no}, "BLANK"},
		"neither":               {payment.PaymentRefundInput{Lines: []payment.PaymentRefundLineInput{}, Shipping: &no}, "BLANK"},
		"a line twice":          {payment.PaymentRefundInput{Lines: append(lines(line, 1), lines(line, 1)...)}, "INVALID"},
	} {
		t.Run(name, func(t *testing.T) { mustRefuse(t, d.refund(order, c.in), fault.Invalid, c.code) })
	}
	unpaid := d.place("approve")
	d.settle(unpaid)
	mustRefuse(t, d.refund(unpaid, payment.PaymentRefundInput{}), fault.Conflict, "NOT_ALLOWED")
	_, err := d.Refund(t.Context(), anyone, payment.PaymentRefundInput{IdempotencyKey: "k", OrderID: order.String()})
	mustRefuse(t, err, fault.NotFound, "NOT_FOUND")
	if got := d.refunds(order); got != "" {
		t.Errorf("the refused left %s", got)
	}
	d.mustBook(order, books{Charges: 1, Authorized: total, Captured: total})
}

// TestARefusalSaysWhatIsTrue: nothing is said to go back that was never paid, or that the shopper's bank has.
func TestARefusalSaysWhatIsTrue(t *testing.T) {
	d := newDesk(t)
	yes := true
	gift := id.NewOrderLineItemID()
	order := d.paid(func(p *orders.Placed) {
		free := p.Lines[0]
		free.ID, free.UnitPrice = gift, money.New(0, "USD")
		p.Lines = append(p.Lines, free)
	})
	postage := d.paid(func(p *orders.Placed) {
		p.Lines[0].UnitPrice, p.ShippingPrice = money.New(total-700, "USD"), money.New(700, "USD")
	})
	must(t, d.refund(postage, payment.PaymentRefundInput{Shipping: &yes}))
	whole := d.paid(asIs)
	must(t, d.refund(whole, payment.PaymentRefundInput{}))
	disputed := d.disputed("dispute_lost")
	lost := d.disputed("dispute_lost")
	d.hears(lost)
	units := []payment.PaymentRefundLineInput{{LineItemID: gift.String(), Quantity: 1}}
	for name, c := range map[string]struct {
		order          id.OrderID
		in             payment.PaymentRefundInput
		message, field string
	}{
		"free shipping": {order, payment.PaymentRefundInput{Shipping: &yes}, "Nothing was paid for the shipping.", "shipping"},
		"a gift":        {order, payment.PaymentRefundInput{Lines: units}, "Nothing was paid for this.", "lines"},
		"shipping, again": {
			postage, payment.PaymentRefundInput{Shipping: &yes}, "What was paid for the shipping is being given back already.", "shipping",
		},
		"all, again": {whole, payment.PaymentRefundInput{}, "All that was taken is being given back already.", "orderId"},
		"disputed": {
			disputed, payment.PaymentRefundInput{}, "Of this payment 48.60 USD is disputed: what the shopper's bank takes back is not given back a second time.", "orderId",
		},
		"lost": {
			lost, payment.PaymentRefundInput{Amount: usd("1.00")}, "Of this payment 48.60 USD is disputed: what the shopper's bank takes back is not given back a second time.", "orderId",
		},
	} {
		f, ok := fault.As(d.refund(c.order, c.in))
		if !ok || f.Kind != fault.Conflict || f.Code != "NOT_ALLOWED" || f.Message != c.message || !slices.Equal(f.Field, []string{"input", c.field}) {
			t.Errorf("%s: %+v", name, f)
		}
	}
	for _, o := range []id.OrderID{order, disputed, lost} {
		d.settle(o)
		d.mustBook(o, books{Charges: 1, Authorized: total, Captured: total})
	}
	for _, a := range d.order(disputed).Actions(orders.Hindered{}) {
		if a.Action == orders.ActionRefund && a.Available {
			t.Error("the staff are told that they may give back what is disputed")
		}
	}
}

// TestWhatHasGoneBackOtherwiseHasNotFailed: the money was given back at the provider's own dashboard, and nobody has told
// the shop, which is asked to give it back too. Nothing goes back twice, and the shopper does not read that it has failed.
func TestWhatHasGoneBackOtherwiseHasNotFailed(t *testing.T) {
	d := newDesk(t)
	order := d.paid(asIs)
	d.outside(order, "refund", total)
	must(t, d.refund(order, payment.PaymentRefundInput{}))
	d.settle(order)
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialRefunded, append(captured, "payment.refunded")...)
	if got := d.refunds(order); got != "48.60 OTHER SUCCEEDED 0" {
		t.Errorf("the refunds are %s", got)
	}
	d.mustBook(order, books{Charges: 1, Authorized: total, Captured: total, Refunded: total})
	d.mustAgree(order)
	d.mustOweNothing(order)

	part := d.paid(asIs)
	d.outside(part, "refund", 4000) // the rest is still there, and is not given back by what is refused
	must(t, d.refund(part, payment.PaymentRefundInput{}))
	d.settle(part)
	d.mustHave(part, orders.StatusConfirmed, orders.FinancialPartiallyRefunded, append(captured, "payment.refunded", "payment.refund_failed")...)
	d.mustBook(part, books{Charges: 1, Authorized: total, Captured: total, Refunded: 4000})

	taken := d.place("approve")
	d.settle(taken)
	d.outside(taken, "capture", total)
	d.capture(taken)
	d.settle(taken)
	d.mustHave(taken, orders.StatusConfirmed, orders.FinancialPaid, captured...)
	d.mustBook(taken, books{Charges: 1, Authorized: total, Captured: total})
}

// TestNoCrowdGivesBackMoreThanWasTaken: refunds that are asked for and done at the same time, with some repeated.
func TestNoCrowdGivesBackMoreThanWasTaken(t *testing.T) {
	d := newDesk(t)
	order := d.paid(asIs)
	var all sync.WaitGroup
	var mu sync.Mutex
	given, refused := 0, 0
	for i := range 20 {
		all.Go(func() {
			key := fmt.Sprint("refund ", i%10) // each key twice
			err := d.refund(order, payment.PaymentRefundInput{IdempotencyKey: key, Amount: usd("10.00")})
			f, isFault := fault.As(err)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				given++
			case isFault && f.Code == "AMOUNT_TOO_LARGE":
				refused++
			default:
				t.Errorf("refund %d: %v", i, err)
			}
		})
	}
	for range 4 {
		all.Go(func() { _ = d.Operate(t.Context(), order, "job:move_money:1", finished) })
	}
	all.Wait()
	d.settle(order)
	if given != 8 || refused != 12 { // four keys, each answered twice
		t.Errorf("%d were given and %d refused", given, refused)
	}
	d.mustBook(order, books{Charges: 1, Authorized: total, Captured: total, Refunded: 4000})
	d.mustAgree(order)
	d.mustOweNothing(order)
}

// TestACancellationMeetsARefund: what is being given back on request is not given back a second time.
func TestACancellationMeetsARefund(t *testing.T) {
	d := newDesk(t)
	order := d.paid(asIs)
	must(t, d.refund(order, payment.PaymentRefundInput{Amount: usd("8.60")}))
	d.cancel(order)
	mustRefuse(t, d.refund(order, payment.PaymentRefundInput{Amount: usd("48.60")}), fault.Invalid, "AMOUNT_TOO_LARGE")
	d.settle(order)
	d.mustBook(order, books{Charges: 1, Authorized: total, Captured: total, Refunded: total})
	d.mustAgree(order)
	d.mustOweNothing(order)
	if o := d.order(order); o.Status != orders.StatusCancelled || o.FinancialStatus != orders.FinancialRefunded {
		t.Errorf("the order is %s and %s", o.Status, o.FinancialStatus)
	}
}

func TestARefusedRefundIsTold(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.paid(asIs)
	must(t, d.refund(order, payment.PaymentRefundInput{Amount: usd("8.60")}))
	m.refuse = "refund"
	d.settle(order)
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialPaid, append(captured, "payment.refund_failed")...)
	if got := d.refunds(order); got != "8.60 OTHER FAILED 0" {
		t.Errorf("the refunds are %s", got)
	}
	m.refuse = ""
	must(t, d.refund(order, payment.PaymentRefundInput{})) // what was refused can be asked for again
	d.settle(order)
	d.mustBook(order, books{Charges: 1, Authorized: total, Captured: total, Refunded: total})
	d.mustAgree(order)
}

// TestALineIsNotGivenBackBeyondItsPrice: of a refund for a line one of two methods has given its part back, and the
// other has refused. The line is not given back a second time; what is left of it is, as an amount.
func TestALineIsNotGivenBackBeyondItsPrice(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.placeWith(part("approve", "20.00"), part("approve", ""))
	d.settle(order)
	d.capture(order)
	d.settle(order)
	line := payment.PaymentRefundInput{Lines: []payment.PaymentRefundLineInput{{LineItemID: d.order(order).Lines[0].ID.String(), Quantity: 1}}}
	refunds := 0
	m.before = func(call string) {
		if call == "refund" {
			refunds++
		}
		if m.refuse = ""; refunds == 2 {
			m.refuse = "refund"
		}
	}
	must(t, d.refund(order, line))
	d.settle(order)
	m.before, m.refuse = nil, ""
	d.mustBook(order, books{Charges: 2, Authorized: total, Captured: total, Refunded: 2000})
	mustRefuse(t, d.refund(order, line), fault.Invalid, "QUANTITY_OUT_OF_RANGE")
	must(t, d.refund(order, payment.PaymentRefundInput{Amount: usd("28.60")}))
	d.settle(order)
	d.mustBook(order, books{Charges: 2, Authorized: total, Captured: total, Refunded: total})
	d.mustAgree(order)
}

// TestALostAnswerGivesBackOnce: the provider has given the money back, and its answer is lost.
func TestALostAnswerGivesBackOnce(t *testing.T) {
	lost := 2
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.paid(asIs)
	m.answer = unavailable("refund", &lost)
	must(t, d.refund(order, payment.PaymentRefundInput{Amount: usd("8.60")}))
	must(t, d.refund(order, payment.PaymentRefundInput{Amount: usd("1.40")}))
	d.settle(order)
	d.mustBook(order, books{Charges: 1, Authorized: total, Captured: total, Refunded: 1000})
	d.mustAgree(order)
	d.mustOweNothing(order)
}

// TestACancelledOrderIsPendingUntilItIsSettled: while a provider is being asked, nobody knows that nothing was charged.
func TestACancelledOrderIsPendingUntilItIsSettled(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.place("approve")
	m.before = once("authorize", func() {
		d.cancel(order)
		if o := d.order(order); o.Status != orders.StatusCancelled || o.FinancialStatus != orders.FinancialPending {
			t.Errorf("while the provider is asked, the order is %s and %s", o.Status, o.FinancialStatus)
		}
	})
	d.settle(order)
	if o := d.order(order); o.FinancialStatus != orders.FinancialVoided {
		t.Errorf("in the end it is %s", o.FinancialStatus)
	}
	d.mustAgree(order)
}

// TestTheDatabaseGivesBackNoMore: whoever asks by SQL.
func TestTheDatabaseGivesBackNoMore(t *testing.T) {
	d := newDesk(t)
	order := d.paid(asIs)
	_, err := d.pool.Exec(t.Context(), `
insert into payment_operation (id, attempt_id, order_id, kind, amount, currency, cause, requested_by, state)
select gen_random_uuid(), id, order_id, 'REFUND', amount + 1, currency, 'sql', 'me', 'OPEN' from payment_attempt where order_id = $1`, order)
	var refused *pgconn.PgError
	if !errors.As(err, &refused) || refused.ConstraintName != "payment_operation_within" {
		t.Errorf("the database says %v", err)
	}
}

// TestWhatWentBackBeforeIsNoPartOfARefund: staff have given a part back at the provider's dashboard, and ask for as much again.
// Its yes counts once that is there as well.
func TestWhatWentBackBeforeIsNoPartOfARefund(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.place("approve")
	d.settle(order)
	d.capture(order)
	d.settle(order)
	d.outside(order, "refund", 1000)
	d.reconcile()
	m.answer = func(call string, c payment.Charge, err error) (payment.Charge, error) {
		if call == "refund" {
			c.Refunded.Minor = 1000
		}
		return c, err
	}
	must(t, d.refundAll(order, usd("10.00")))
	if d.work(d.Operate(t.Context(), order, "job:move_money:1", finished)) == 0 || d.refunds(order) != "10.00 OTHER PENDING 0" {
		t.Errorf("a yes without the money has ended it: %s", d.refunds(order))
	}
	m.answer = nil
	d.settle(order)
	if got := d.refunds(order); got != "10.00 OTHER SUCCEEDED 0" {
		t.Errorf("then it is %s", got)
	}
	d.mustBook(order, books{Charges: 1, Authorized: total, Captured: total, Refunded: 2000})
	d.mustAgree(order)
	d.mustOweNothing(order)
}

// TestARefundOfWhatHasGoneBackMeanwhileIsDone: all was given back at the provider's dashboard, and the shop knows it, before
// anybody has begun what the shop was asked for.
func TestARefundOfWhatHasGoneBackMeanwhileIsDone(t *testing.T) {
	t.Run("in its turn", func(t *testing.T) {
		d := newDesk(t)
		order := d.paid(asIs)
		must(t, d.refundAll(order, usd("10.00")))
		must(t, d.refundAll(order, usd("20.00")))
		d.outside(order, "refund", total)
		d.reconcile()
		d.settle(order)
		d.settle(order) // the second one, of which nothing new is told
		if got := d.refunds(order); got != "10.00 OTHER SUCCEEDED 0, 20.00 OTHER SUCCEEDED 0" {
			t.Errorf("the refunds are %s", got)
		}
		d.mustBook(order, books{Charges: 1, Authorized: total, Captured: total, Refunded: total})
		d.mustAgree(order)
		d.mustOweNothing(order)
	})
	t.Run("after a refusal", func(t *testing.T) {
		m := &meddler{}
		d := newDesk(t, meddle(m))
		order := d.paid(asIs)
		d.cancel(order)
		m.refuse = "refund"
		d.work(d.Operate(t.Context(), order, "job:move_money:1", finished))
		m.refuse = ""
		d.outside(order, "refund", total)
		d.reconcile()
		d.settle(order)
		d.mustHave(order, orders.StatusCancelled, orders.FinancialRefunded,
			append(refusedTimes(1), "payment.compensation_started", "payment.refunded")...)
		d.mustOweNothing(order)
	})
}
