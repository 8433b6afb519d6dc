package checkout_test

import (
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/checkout"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/pg"
)

// book is the streets of a customer's address book, the default one with a star.
func (s *till) book(customer id.CustomerID) []string {
	s.Helper()
	books, err := s.Customers.AddressesByCustomer(s.Context(), []id.CustomerID{customer})
	if err != nil {
		s.Fatal(err)
	}
	list := []string{}
	for _, a := range books[customer] {
		mark := ""
		if a.Default {
			mark = "*"
		}
		list = append(list, *a.Address1+mark)
	}
	return list
}

// keeps does what the job of an order does that is there, and says whether one was there.
func (s *till) keeps(placed checkout.Placement) bool {
	s.Helper()
	if s.number(`select count(*) from river.river_job where kind = 'keep_address' and args->>'order_id' = $1`, placed.Order.ID.String()) == 0 {
		return false
	}
	for range 2 { // a job may run twice
		if err := s.Checkout.KeepAddress(s.Context(), placed.Order.ID, done); err != nil {
			s.Fatal(err)
		}
	}
	return true
}

// An address that a customer has an order sent to goes into their book, unless it was for this one time.
func TestAddressOfAnOrderIsKeptUnlessItIsForOneTime(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	lamp := s.goods("Lamp", 10000, 50)
	ada := s.customer("ada@example.com")
	customer, _ := ada.CustomerID()
	send := func(key string, actor access.Actor, street string, oneTime bool) checkout.Placement {
		t.Helper()
		to := albany()
		to.Address.DeliveryAddress.Address1, to.OneTimeUse = &street, &oneTime
		made := s.cart(line(lamp, 1))
		s.changed(s.Carts.AddAddresses(t.Context(), made.ID.String(), []cart.CartSelectableAddressInput{to}))
		in := fromCart(key, made.ID)
		in.Delivery = nil
		placed, err := s.Checkout.Place(t.Context(), actor, in)
		if err != nil {
			t.Fatal(err)
		}
		return placed
	}
	sendTo := func(key string, actor access.Actor, street string, oneTime bool) bool {
		t.Helper()
		return s.keeps(send(key, actor, street, oneTime))
	}
	for _, c := range []struct {
		key, street string
		actor       access.Actor
		oneTime     bool
		kept        bool
		book        []string
	}{
		{"a", "1 Main St", ada, false, true, []string{"1 Main St*"}},
		{"b", "2 Main St", ada, true, false, []string{"1 Main St*"}},
		{"c", "3 Main St", access.Actor{}, false, false, []string{"1 Main St*"}}, // of a guest
		{"d", "1 Main St", ada, false, true, []string{"1 Main St*"}},             // in the book already
		{"e", "4 Main St", ada, false, true, []string{"1 Main St*", "4 Main St"}},
	} {
		if kept := sendTo(c.key, c.actor, c.street, c.oneTime); kept != c.kept {
			t.Errorf("%s: kept is %t, want %t", c.street, kept, c.kept)
		}
		if got := s.book(customer); !slices.Equal(got, c.book) {
			t.Errorf("after %s the book is %v, want %v", c.street, got, c.book)
		}
	}

	// Somebody shows only now that the account is theirs: what was ordered before may be a stranger's.
	s.exec(`update customer set email_verified_at = clock_timestamp() + interval '1 hour' where id = $1`, customer)
	if !sendTo("h", ada, "6 Main St", false) || len(s.book(customer)) != 2 {
		t.Errorf("from before the owner came in the book has %v", s.book(customer))
	}

	// The address of the call itself is nobody's but the order's, and so is one of an order whose people are forgotten.
	placed, err := s.Checkout.Place(t.Context(), ada, order("f", line(lamp, 1)))
	if err != nil {
		t.Fatal(err)
	}
	if s.keeps(placed) {
		t.Error("an address that came with orderPlace is kept")
	}
	last := send("g", ada, "5 Main St", false)
	s.exec(`delete from customer where id = $1`, customer)
	if !s.keeps(last) || len(s.book(customer)) != 0 {
		t.Errorf("an account that is gone has %v", s.book(customer))
	}
	s.sound()
}

// What the customer has taken out of their book, or written another over, is not brought back by an order of before.
func TestAddressThatWasTakenOutStaysOut(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	lamp := s.goods("Lamp", 10000, 50)
	ada, token := s.login("ada@example.com")
	customer, _ := ada.CustomerID()
	send := func(key string) checkout.Placement {
		t.Helper()
		to := albany()
		to.Address.DeliveryAddress.Address1 = ptr("1 Main St")
		made := s.cart(line(lamp, 1))
		s.changed(s.Carts.AddAddresses(t.Context(), made.ID.String(), []cart.CartSelectableAddressInput{to}))
		in := fromCart(key, made.ID)
		in.Delivery = nil
		placed, err := s.Checkout.Place(t.Context(), ada, in)
		if err != nil {
			t.Fatal(err)
		}
		return placed
	}
	entry := func() string {
		t.Helper()
		books, err := s.Customers.AddressesByCustomer(t.Context(), []id.CustomerID{customer})
		if err != nil || len(books[customer]) != 1 {
			t.Fatalf("the book has %d addresses, %v", len(books[customer]), err)
		}
		return books[customer][0].ID.String()
	}
	kept := func(after string, placed checkout.Placement, want ...string) {
		t.Helper()
		if !s.keeps(placed) {
			t.Fatal("there is no job")
		}
		if got := s.book(customer); !slices.Equal(got, want) {
			t.Errorf("%s the book is %v, want %v", after, got, want)
		}
	}
	kept("after the first order", send("a"), "1 Main St*")

	pending := send("b")
	if _, err := s.Customers.AddressDelete(t.Context(), token, entry()); err != nil {
		t.Fatal(err)
	}
	kept("after the address was deleted", pending)
	kept("after one more order", send("c"), "1 Main St*")

	pending = send("d")
	if _, err := s.Customers.AddressUpdate(t.Context(), token, entry(), address.MailingAddressInput{Address1: ptr("2 Main St")}); err != nil {
		t.Fatal(err)
	}
	kept("after the address was changed", pending, "2 Main St*")

	pending = send("e")
	if _, err := s.Customers.AddressUpdate(t.Context(), token, entry(), address.MailingAddressInput{Address1: ptr("2 Main St")}); err != nil {
		t.Fatal(err)
	}
	kept("after nothing was changed", pending, "2 Main St*", "1 Main St")
}

// What storefronts keep on a cart is on its order, for whoever may see that, and goes when its people are forgotten.
func TestMetafieldsOfACartAreOnItsOrder(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	made := s.cart(line(s.goods("Lamp", 10000, 5), 1))
	_, err := s.Carts.SetMetafields(t.Context(), []cart.CartMetafieldsSetInput{
		{OwnerID: made.ID.String(), Key: "wrap", Type: "boolean", Value: "true"},
		{OwnerID: made.ID.String(), Key: "card", Type: "multi_line_text_field", Value: "Für Ada\n👋"},
	})
	if err != nil {
		t.Fatal(err)
	}
	placed := s.place(fromCart("k", made.ID))
	again, err := s.Orders.Order(t.Context(), s.Pool, placed.Order.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []orders.Order{placed.Order, again} {
		if card, wrap := o.Metafield("card"), o.Metafield("wrap"); card == nil || card.Value != "Für Ada\n👋" || wrap == nil || wrap.Type != "boolean" || o.Metafield("none") != nil {
			t.Errorf("the order has %v and %v", card, wrap)
		}
	}
	if n := s.number(`select count(*) from event where data::text like '%Ada%'`); n != 0 {
		t.Errorf("%d events tell what was written, unencrypted", n)
	}
	err = pg.InTx(t.Context(), s.Pool, func(tx pgx.Tx) error {
		erased, err := s.Orders.Erase(t.Context(), tx, access.SystemActor, placed.Order.ID, "test")
		if err == nil && len(erased.Metafields) != 0 {
			t.Errorf("after the erasure it has %v", erased.Metafields)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	s.sound()
}
