package checkout_test

import (
	"testing"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/checkout"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/promotions"
)

// paid is an order of 107.25 whose cards and methods have paid.
func (s *till) paid(key string, cards ...promotions.Issued) checkout.Placement {
	s.Helper()
	placed := s.place(withCards(order(key, line(s.goods("Lamp "+key, 10000, 5), 1)), cards...))
	if placed.Order.Owed().IsZero() {
		return placed
	}
	s.does(s.Payments.Authorize, placed.Order.ID)
	if _, err := s.Payments.Capture(s.Context(), access.SystemActor, payment.PaymentCaptureInput{
		IdempotencyKey: "capture " + key, OrderID: placed.Order.ID.String(),
	}); err != nil {
		s.Fatal(err)
	}
	s.does(s.Payments.Operate, placed.Order.ID)
	return placed
}

func (s *till) refund(key string, order id.OrderID, to payment.RefundDestination, amount string) (orders.Order, error) {
	in := payment.PaymentRefundInput{IdempotencyKey: key, OrderID: order.String(), To: &to}
	if amount != "" {
		in.Amount = &money.MoneyInput{Amount: money.Decimal(amount), CurrencyCode: "USD"}
	}
	return s.Payments.Refund(s.Context(), access.SystemActor, in)
}

func (s *till) refunded(key string, order id.OrderID, to payment.RefundDestination, amount string) orders.Order {
	s.Helper()
	o, err := s.refund(key, order, to, amount)
	if err != nil {
		s.Fatal(err)
	}
	return o
}

// atProvider is what the provider's own ledger keeps of all charges.
func (s *till) atProvider() int {
	s.Helper()
	return s.number(`select coalesce(sum(case kind when 'CAPTURE' then amount when 'REFUND' then -amount end), 0) from test_provider_entry where kind in ('CAPTURE', 'REFUND')`)
}

func TestRefundGoesBackTheWayItCame(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	first, second := s.giftCard(2000), s.giftCard(1000)
	o := s.paid("k", first, second).Order // 77.25 by the method
	if got := s.order(o.ID); got.FinancialStatus != orders.FinancialPaid || s.atProvider() != 7725 {
		t.Fatalf("it is %s, the provider has %d", got.FinancialStatus, s.atProvider())
	}
	s.refunded("a", o.ID, payment.RefundToOriginal, "80.00") // all of the method's, and 2.75 of the first card's
	s.does(s.Payments.Operate, o.ID)
	if got := s.order(o.ID); got.FinancialStatus != orders.FinancialPartiallyRefunded || s.atProvider() != 0 || s.balance(first) != 275 || s.balance(second) != 0 {
		t.Errorf("it is %s, the provider has %d, the cards %d and %d", got.FinancialStatus, s.atProvider(), s.balance(first), s.balance(second))
	}
	_, err := s.refund("b", o.ID, payment.RefundToOriginal, "27.26")
	s.refused(err, "AMOUNT_TOO_LARGE input.amount")
	after := s.refunded("c", o.ID, payment.RefundToOriginal, "")
	if after.FinancialStatus != orders.FinancialRefunded || after.TotalRefunded() != usd(10725) || s.balance(first) != 2000 || s.balance(second) != 1000 {
		t.Errorf("it is %s, refunded %s, the cards have %d and %d", after.FinancialStatus, after.TotalRefunded(), s.balance(first), s.balance(second))
	}
	_, err = s.refund("d", o.ID, payment.RefundToOriginal, "")
	s.refused(err, "NOT_ALLOWED input.orderId")
	if again := s.refunded("c", o.ID, payment.RefundToOriginal, ""); again.Version != after.Version {
		t.Errorf("the same key gave version %d, want %d", again.Version, after.Version)
	}
	s.sound()
}

func TestRefundToACardThatHasPaid(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	card := s.giftCard(3000)
	placed := s.paid("k", card)
	o := placed.Order
	after := s.refunded("a", o.ID, payment.RefundToGiftCard, "50.00") // its own 30.00, and 20.00 of the method's
	if s.balance(card) != 5000 || after.FinancialStatus != orders.FinancialPartiallyRefunded || s.Promotions.RefundCode(after) != nil {
		t.Errorf("the card has %d, the order is %s", s.balance(card), after.FinancialStatus)
	}
	if g := after.GiftCards[0]; g.Refunded != usd(3000) || g.Credited != usd(2000) || s.atProvider() != 7725 {
		t.Errorf("gift card %+v; the provider has %d", g, s.atProvider())
	}
	if got := s.ledger(card); got != "ISSUED 3000 REDEEMED -3000 REFUNDED 3000 REFUNDED 2000 " {
		t.Errorf("ledger %s", got)
	}
	_, err := s.refund("b", o.ID, payment.RefundToOriginal, "57.26")
	s.refused(err, "AMOUNT_TOO_LARGE input.amount")
	// What went to the card is not given back a second time when the order is called off.
	if _, err := s.Checkout.Cancel(t.Context(), access.Actor{}, cancelOf("c", placed)); err != nil {
		t.Fatal(err)
	}
	s.does(s.Payments.Operate, o.ID)
	settled := s.order(o.ID)
	if settled.FinancialStatus != orders.FinancialRefunded || settled.TotalRefunded() != usd(10725) || s.atProvider() != 2000 || s.balance(card) != 5000 {
		t.Errorf("it is %s, refunded %s; the provider keeps %d, the card has %d", settled.FinancialStatus, settled.TotalRefunded(), s.atProvider(), s.balance(card))
	}
	s.sound()
}

func TestRefundToANewCard(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	o := s.paid("k").Order
	after := s.refunded("a", o.ID, payment.RefundToGiftCard, "40.00")
	code := s.Promotions.RefundCode(after)
	again := s.Promotions.RefundCode(s.refunded("a", o.ID, payment.RefundToGiftCard, "40.00"))
	if code == nil || again == nil || *code != *again || s.number(`select count(*) from giftcard`) != 1 {
		t.Fatalf("codes %v and %v", code, again)
	}
	found, wrong, err := s.Promotions.Usable(t.Context(), access.Actor{}, "USD", []string{*code})
	if err != nil || len(wrong) > 0 || found[0].Balance != usd(4000) {
		t.Fatalf("the code opens %+v, %v", found, err)
	}
	// More goes to the same card, whose code was told before.
	after = s.refunded("b", o.ID, payment.RefundToGiftCard, "")
	if n := s.number(`select sum(balance) from giftcard`); n != 10725 || s.Promotions.RefundCode(after) != nil || after.FinancialStatus != orders.FinancialRefunded {
		t.Errorf("the card has %d, the order is %s", n, after.FinancialStatus)
	}
	s.sound()
}

func TestRefundOfLinesThatGiftCardsHavePaid(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	card := s.giftCard(20000)
	in := withCards(order("k", line(s.goods("Mug", 3333, 5), 3)), card) // 99.99, tax 7.25
	in.Payment = nil
	o := s.place(in).Order
	refund := func(key string, quantity int) error {
		_, err := s.Payments.Refund(t.Context(), access.SystemActor, payment.PaymentRefundInput{
			IdempotencyKey: key, OrderID: o.ID.String(), Lines: []payment.PaymentRefundLineInput{{LineItemID: o.Lines[0].ID.String(), Quantity: quantity}},
		})
		return err
	}
	if err := refund("a", 1); err != nil {
		t.Fatal(err)
	}
	if s.balance(card) != 20000-10724+3575 {
		t.Errorf("after the first the card has %d", s.balance(card))
	}
	s.refused(refund("b", 3), "QUANTITY_OUT_OF_RANGE input.lines.0.quantity")
	if err := refund("c", 2); err != nil {
		t.Fatal(err)
	}
	if got := s.order(o.ID); s.balance(card) != 20000 || got.FinancialStatus != orders.FinancialRefunded {
		t.Errorf("the card has %d, the order is %s", s.balance(card), got.FinancialStatus)
	}
	s.sound()
}

func TestWhatGiftCardsPaidOfAnUnpaidOrderIsNotRefunded(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	card := s.giftCard(3000)
	o := s.place(withCards(order("k", line(s.goods("Lamp", 10000, 5), 1)), card)).Order
	_, err := s.refund("a", o.ID, payment.RefundToOriginal, "")
	s.refused(err, "NOT_ALLOWED input.orderId")
	if s.balance(card) != 0 {
		t.Errorf("the card has %d", s.balance(card))
	}
	s.sound()
}
