package checkout_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/checkout"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/promotions"
)

// giftCard issues a card with so many cents.
func (s *till) giftCard(cents int64, changes ...func(*promotions.GiftCardCreateInput)) promotions.Issued {
	s.Helper()
	in := promotions.GiftCardCreateInput{
		IdempotencyKey: id.NewOrderID().String(), InitialValue: money.MoneyInput{Amount: usd(cents).Amount(), CurrencyCode: "USD"},
	}
	for _, change := range changes {
		change(&in)
	}
	issued, err := s.Promotions.Issue(s.Context(), access.SystemActor, "USD", in)
	if err != nil {
		s.Fatal(err)
	}
	return issued
}

func (s *till) balance(card promotions.Issued) int {
	s.Helper()
	return s.number(`select balance from giftcard where id = $1`, card.Card.ID)
}

// ledger is a card's ledger in short.
func (s *till) ledger(card promotions.Issued) string {
	s.Helper()
	list, err := s.Promotions.Movements(s.Context(), card.Card.ID, pg.Page{First: ptr(100)})
	if err != nil {
		s.Fatal(err)
	}
	text := ""
	for _, m := range list.Nodes {
		text += fmt.Sprintf("%s %d ", m.Kind, m.Amount.Minor)
	}
	return text
}

// withCards is an order that cards pay for before anything else does.
func withCards(in checkout.OrderPlaceInput, cards ...promotions.Issued) checkout.OrderPlaceInput {
	for _, card := range cards {
		in.GiftCardCodes = append(in.GiftCardCodes, card.Code)
	}
	return in
}

func (s *till) order(order id.OrderID) orders.Order {
	s.Helper()
	o, err := s.Orders.Order(s.Context(), s.Pool, order)
	if err != nil {
		s.Fatal(err)
	}
	return o
}

func (s *till) does(job func(context.Context, id.OrderID, string, payment.Done) error, order id.OrderID) {
	s.Helper()
	if err := job(s.Context(), order, "test", done); err != nil {
		s.Fatal(err)
	}
}

func (s *till) events(order id.OrderID, want ...string) {
	s.Helper()
	if got := s.kinds(order); !slices.Equal(got, want) {
		s.Errorf("events\n\t%v\nwant\n\t%v", got, want)
	}
}

func TestGiftCardPaysAPartAndTheMethodTheRest(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	card := s.giftCard(3000)
	placed := s.place(withCards(order("k", line(s.goods("Lamp", 10000, 5), 1)), card)) // 107.25 with tax
	o := placed.Order
	if o.TotalPrice != usd(10725) || o.Owed() != usd(7725) || o.FinancialStatus != orders.FinancialPartiallyPaid || o.Status != orders.StatusPendingPayment {
		t.Errorf("total %s, owed %s, %s and %s", o.TotalPrice, o.Owed(), o.Status, o.FinancialStatus)
	}
	if n := s.number(`select amount from payment where order_id = $1`, o.ID); n != 7725 || s.balance(card) != 0 {
		t.Errorf("the methods owe %d, the card has %d", n, s.balance(card))
	}
	if len(o.GiftCards) != 1 || o.GiftCards[0].Amount != usd(3000) || o.GiftCards[0].LastCharacters != card.Code[len(card.Code)-4:] {
		t.Errorf("gift cards %+v", o.GiftCards)
	}
	s.does(s.Payments.Authorize, o.ID)
	if o = s.order(o.ID); o.Status != orders.StatusConfirmed || o.FinancialStatus != orders.FinancialAuthorized || o.Reserved() != usd(7725) {
		t.Errorf("%s and %s, reserved %s", o.Status, o.FinancialStatus, o.Reserved())
	}
	s.events(o.ID, "order.placed", "giftcard.redeemed", "payment.started", "payment.authorized", "order.confirmed")
	s.sound()

	after, err := s.Checkout.Cancel(t.Context(), access.Actor{}, cancelOf("c", placed))
	if err != nil {
		t.Fatal(err)
	}
	if s.balance(card) != 3000 || after.GiftCards[0].Returned != usd(3000) || after.FinancialStatus != orders.FinancialAuthorized {
		t.Errorf("after the cancellation the card has %d, the order %+v and is %s", s.balance(card), after.GiftCards, after.FinancialStatus)
	}
	s.does(s.Payments.Operate, o.ID)
	if o = s.order(o.ID); o.FinancialStatus != orders.FinancialRefunded || o.TotalRefunded() != usd(3000) {
		t.Errorf("when all is settled it is %s, refunded %s", o.FinancialStatus, o.TotalRefunded())
	}
	if got := s.ledger(card); got != "ISSUED 3000 REDEEMED -3000 RETURNED 3000 " {
		t.Errorf("ledger %s", got)
	}
	s.sound()
}

func TestGiftCardThatPaysAllConfirmsAtOnce(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	first, second := s.giftCard(10000), s.giftCard(2000)
	lamp := s.goods("Lamp", 10000, 5)
	in := withCards(order("k", line(lamp, 1)), first, first, second, s.giftCard(500)) // one named twice, one not needed
	in.Payment = nil
	placed := s.place(in)
	o := placed.Order
	if o.Status != orders.StatusConfirmed || o.FinancialStatus != orders.FinancialPaid || o.Deadline != nil || o.Owed() != usd(0) {
		t.Errorf("%s and %s, deadline %v, owed %s", o.Status, o.FinancialStatus, o.Deadline, o.Owed())
	}
	s.events(o.ID, "order.placed", "giftcard.redeemed", "giftcard.redeemed", "order.confirmed")
	if s.balance(first) != 0 || s.balance(second) != 2000-725 || s.number(`select count(*) from payment`) != 0 {
		t.Errorf("left on the cards: %d and %d", s.balance(first), s.balance(second))
	}
	again := s.place(in)
	same(t, again, placed)
	s.sound()
	if _, err := s.Checkout.Cancel(t.Context(), access.Actor{}, cancelOf("c", placed)); err != nil {
		t.Fatal(err)
	}
	if o = s.order(o.ID); o.FinancialStatus != orders.FinancialRefunded || s.balance(first) != 10000 || s.balance(second) != 2000 || s.reserved(lamp) != 0 {
		t.Errorf("%s; the cards have %d and %d", o.FinancialStatus, s.balance(first), s.balance(second))
	}
	s.sound()
}

func TestExpiryGivesGiftCardsBack(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	card := s.giftCard(3000)
	in := withCards(order("k", line(s.goods("Lamp", 10000, 5), 1)), card)
	in.Payment[0].Token = ptr("decline")
	placed := s.place(in)
	s.does(s.Payments.Authorize, placed.Order.ID)
	if o := s.order(placed.Order.ID); o.Status != orders.StatusActionRequired || o.FinancialStatus != orders.FinancialPartiallyPaid || s.balance(card) != 0 {
		t.Errorf("%s and %s, the card has %d", o.Status, o.FinancialStatus, s.balance(card))
	}
	if err := pg.InTx(t.Context(), s.Pool, func(tx pgx.Tx) error {
		o, err := s.Orders.Lock(t.Context(), tx, placed.Order.ID)
		if err != nil {
			return err
		}
		return s.Orders.Record(t.Context(), tx, &o, "system", "test", orders.PaymentActionRequired{Deadline: time.Now().Add(-time.Second), Reason: "Declined."})
	}); err != nil {
		t.Fatal(err)
	}
	for range 2 { // whoever comes twice changes nothing
		s.does(s.Checkout.Expire, placed.Order.ID)
	}
	if o := s.order(placed.Order.ID); o.Status != orders.StatusExpired || o.FinancialStatus != orders.FinancialRefunded || s.balance(card) != 3000 {
		t.Errorf("%s and %s, the card has %d", o.Status, o.FinancialStatus, s.balance(card))
	}
	s.sound()
}

func TestCartIsPaidWithItsGiftCards(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	first, second := s.giftCard(3000), s.giftCard(20000)
	made := s.cart(line(s.goods("Lamp", 10000, 5), 1))
	p, err := s.Carts.UpdateGiftCards(t.Context(), access.Actor{}, made.ID.String(), []string{first.Code, " ", " " + first.Code, second.Code, ""})
	if err != nil || len(p.UserErrors) > 0 {
		t.Fatal(p, err)
	}
	if got := p.Cart.AppliedGiftCards; len(got) != 2 || got[0].AmountUsed != usd(3000) || got[1].AmountUsed != usd(7000) || got[1].Balance != usd(20000) {
		t.Errorf("applied %+v", got)
	}
	in := fromCart("k", made.ID)
	in.Payment = nil
	o := s.place(in).Order
	if o.Status != orders.StatusConfirmed || s.balance(first) != 0 || s.balance(second) != 20000-7725 {
		t.Errorf("%s; the cards have %d and %d", o.Status, s.balance(first), s.balance(second))
	}
	// A card that was emptied meanwhile is said, and stays visible until it is taken out.
	other := s.cart(line(s.goods("Chair", 10000, 5), 1))
	third := s.giftCard(1000)
	if p, err = s.Carts.AddGiftCards(t.Context(), access.Actor{}, other.ID.String(), []string{third.Code}); err != nil || len(p.UserErrors) > 0 {
		t.Fatal(p, err)
	}
	if _, err := s.Promotions.Disable(t.Context(), access.SystemActor, promotions.GiftCardDisableInput{ID: third.Card.ID.String()}); err != nil {
		t.Fatal(err)
	}
	_, err = s.Checkout.Place(t.Context(), access.Actor{}, fromCart("k2", other.ID))
	s.refused(err, "CODE_NOT_APPLICABLE input.cartId")
	read, err := s.Carts.Open(t.Context(), other.ID)
	if err != nil || len(read.AppliedGiftCards) != 1 || read.AppliedGiftCards[0].AmountUsed != usd(0) {
		t.Errorf("applied %+v, %v", read.AppliedGiftCards, err)
	}
	p, err = s.Carts.RemoveGiftCards(t.Context(), other.ID.String(), []string{read.AppliedGiftCards[0].ID.String()})
	if err != nil || len(p.UserErrors) > 0 || len(p.Cart.AppliedGiftCards) != 0 {
		t.Fatal(p, err)
	}
	s.place(fromCart("k2", other.ID))
	if s.balance(third) != 1000 {
		t.Errorf("the card has %d", s.balance(third))
	}
	s.sound()
}

func TestGiftCardRefusals(t *testing.T) {
	t.Parallel()
	s := open(t)
	lamp := s.goods("Lamp", 10000, 5)
	expired, disabled, empty, little := s.giftCard(3000), s.giftCard(3000), s.giftCard(3000), s.giftCard(725)
	s.exec(`update giftcard set expires_at = now() where id = $1`, expired.Card.ID)
	foreign, err := s.Promotions.Issue(t.Context(), access.SystemActor, "EUR", promotions.GiftCardCreateInput{
		IdempotencyKey: "foreign", InitialValue: *expect("30.00", "EUR"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Promotions.Disable(t.Context(), access.SystemActor, promotions.GiftCardDisableInput{ID: disabled.Card.ID.String()}); err != nil {
		t.Fatal(err)
	}
	s.exec(`insert into giftcard_movement (id, gift_card_id, kind, amount, order_id, by, cause) values ($1, $2, 'REDEEMED', -3000, $1, 'test', 'test')`, id.New(), empty.Card.ID)
	in := withCards(order("k", line(lamp, 1)), expired, disabled, empty, foreign)
	in.GiftCardCodes = append(in.GiftCardCodes, "NOBODY-KNOWS-ME", "", little.Code)
	_, err = s.Checkout.Place(t.Context(), access.Actor{}, in)
	var want []string
	for i := range 6 {
		want = append(want, "CODE_NOT_APPLICABLE input.giftCardCodes."+strconv.Itoa(i))
	}
	s.refused(err, want...)

	in = withCards(order("k", line(lamp, 1)), little)
	in.Payment = nil
	_, err = s.Checkout.Place(t.Context(), access.Actor{}, in)
	s.refused(err, "PAYMENT_METHOD_REQUIRED input.payment")
	in.GiftCardCodes = make([]string, 26)
	_, err = s.Checkout.Place(t.Context(), access.Actor{}, in)
	s.refused(err, "INVALID input.giftCardCodes")
	if n := s.number(`select count(*) from orders`); n != 0 || s.balance(little) != 725 || s.reserved(lamp) != 0 {
		t.Errorf("refusals made %d orders and left %d on the card", n, s.balance(little))
	}
}

// Whoever guesses learns nothing after a while, not even what is right; who is signed in has fewer tries of their own.
func TestGuessingCodesIsBounded(t *testing.T) {
	t.Parallel()
	s := open(t)
	card, made := s.giftCard(3000), s.cart(line(s.goods("Lamp", 10000, 5), 1))
	ada := s.customer("ada@example.com")
	try := func(actor access.Actor, codes ...string) (*cart.Payload, error) {
		return s.Carts.UpdateGiftCards(t.Context(), actor, made.ID.String(), codes)
	}
	wrong := func(n int) []string {
		codes := make([]string, n)
		for i := range codes {
			codes[i] = fmt.Sprintf("WRONG-%04d", i)
		}
		return codes
	}
	if p, err := try(ada, wrong(19)...); err != nil || len(p.UserErrors) != 19 || *p.UserErrors[3].Code != cart.Invalid {
		t.Fatal(p, err)
	}
	if p, err := try(ada, card.Code); err != nil || len(p.UserErrors) != 0 {
		t.Errorf("the right one in between: %v, %v", p, err)
	}
	if _, err := try(ada, wrong(2)...); !fault.IsKind(err, fault.Throttled) {
		t.Errorf("the 21st wrong one: %v", err)
	}
	if _, err := try(ada, card.Code); !fault.IsKind(err, fault.Throttled) {
		t.Errorf("the right one afterwards: %v", err)
	}
	if p, err := try(access.Actor{}, card.Code); err != nil || len(p.UserErrors) != 0 {
		t.Errorf("somebody else at the same address: %v, %v", p, err)
	}
	for range 2 {
		_, _ = try(access.Actor{}, wrong(25)...)
	}
	in := withCards(order("k", line(s.goods("Chair", 10000, 5), 1)), card)
	if _, err := s.Checkout.Place(t.Context(), access.Actor{}, in); !fault.IsKind(err, fault.Throttled) {
		t.Errorf("an order from an address that guesses: %v", err)
	}
	in.GiftCardCodes = nil
	s.place(in)
}

// The database refuses by itself what must never be, whoever writes.
func TestGiftCardLedgerHoldsAgainstDirectSQL(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	card := s.giftCard(3000)
	placed := s.place(withCards(order("k", line(s.goods("Lamp", 10000, 5), 1)), card))
	redeemed := `(select id from giftcard_movement where kind = 'REDEEMED')`
	add := func(kind, amount, undoes, refund string) string { // with an id after all that the shop has given
		return `insert into giftcard_movement (id, gift_card_id, kind, amount, order_id, undoes, refund_id, by, cause)
values (overlay(gen_random_uuid()::text placing 'ffff' from 1)::uuid, '` + uuidOf(card.Card.ID) + `', '` + kind + `', ` + amount + `, '` + uuidOf(placed.Order.ID) + `', ` + undoes + `, ` + refund + `, 'sql', 'sql')`
	}
	for what, sql := range map[string]string{
		"a balance set by hand":           `update giftcard set balance = 1000000`,
		"another first amount":            `update giftcard set initial = 1000000`,
		"another currency":                `update giftcard set currency = 'EUR'`,
		"a line changed":                  `update giftcard_movement set amount = 1000000`,
		"a line removed":                  `delete from giftcard_movement`,
		"all lines removed":               `truncate giftcard_movement`,
		"a card removed":                  `delete from giftcard`,
		"issued twice":                    add("ISSUED", "1", "null", "null"),
		"redeemed twice":                  add("REDEEMED", "-1", "null", "null"),
		"redeemed backwards":              add("REDEEMED", "1", "null", "null"),
		"more back than was redeemed":     add("RETURNED", "3001", redeemed, "null"),
		"back without a redemption":       add("RETURNED", "1", "null", "null"),
		"refunded without a refund":       add("REFUNDED", "1", "null", "null"),
		"more refunded than was redeemed": add("REFUNDED", "3001", redeemed, "gen_random_uuid()"),
		"spent what is not there": `insert into giftcard_movement (id, gift_card_id, kind, amount, order_id, by, cause)
values (gen_random_uuid(), '` + uuidOf(card.Card.ID) + `', 'REDEEMED', -1, gen_random_uuid(), 'sql', 'sql')`,
	} {
		if _, err := s.Pool.Exec(t.Context(), sql); err == nil {
			t.Errorf("%s was possible", what)
		}
	}
	s.exec(add("RETURNED", "1000", redeemed, "null"))
	for what, sql := range map[string]string{"returned twice": add("RETURNED", "1", redeemed, "null"), "more than is left": add("REFUNDED", "2001", redeemed, "gen_random_uuid()")} {
		if _, err := s.Pool.Exec(t.Context(), sql); err == nil {
			t.Errorf("%s was possible", what)
		}
	}
	if got := s.ledger(card); got != "ISSUED 3000 REDEEMED -3000 RETURNED 1000 " || s.balance(card) != 1000 {
		t.Errorf("ledger %s, balance %d", got, s.balance(card))
	}
}

func uuidOf[K ~[16]byte](key K) string { return hex.EncodeToString(key[:]) }
