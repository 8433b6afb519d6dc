package checkout_test

import (
	"slices"
	"testing"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/checkout"
	"github.com/wharfhq/wharf/internal/customers"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/settings"
)

// account makes a customer who is signed in, with an address in the book.
func (s *till) account(email string, in address.MailingAddressInput) (actor access.Actor, token string, entry address.MailingAddress) {
	s.Helper()
	actor = s.customer(email)
	given, err := s.Customers.SignIn(s.Context(), access.Actor{}, customers.AccessTokenCreateInput{Email: email, Password: "correct horse battery"})
	if err != nil {
		s.Fatal(err)
	}
	if entry, err = s.Customers.AddressCreate(s.Context(), given.AccessToken, in); err != nil {
		s.Fatal(err)
	}
	return actor, given.AccessToken, entry
}

func home(country, province, zip string) address.MailingAddressInput {
	return address.MailingAddressInput{
		FirstName: ptr("Ada"), LastName: ptr("Lovelace"), Address1: ptr("1 Book St"), City: ptr("Town"),
		Province: ptr(province), Zip: ptr(zip), Country: ptr(country), Phone: ptr("+14155550123"),
	}
}

func toBook(named string) *checkout.OrderDeliveryInput {
	return &checkout.OrderDeliveryInput{Shipping: &checkout.OrderShippingInput{CustomerAddressID: &named}}
}

func TestPlaceToAnAddressOfTheBook(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	lamp := s.goods("Lamp", 1999, 10)
	ada, token, entry := s.account("ada@example.com", home("US", "CA", "94105"))
	in := order("k1", line(lamp, 1))
	in.Delivery = toBook(entry.ID.String())
	placed, err := s.Checkout.Place(t.Context(), ada, in)
	if err != nil {
		t.Fatal(err)
	}
	to := placed.Order.ShippingAddress
	if to == nil || to.ID == entry.ID || *to.Address1 != "1 Book St" || *to.ProvinceCode != "CA" || *to.Zip != "94105" || *to.Phone != "+14155550123" || *to.LastName != "Lovelace" {
		t.Errorf("shipped to %+v", to)
	}
	if placed.Order.TotalTax != usd(145) { // California's, on 19.99
		t.Errorf("taxed with %s", placed.Order.TotalTax)
	}
	// The order keeps what it was told: neither the book nor another try changes it.
	if _, err := s.Customers.AddressDelete(t.Context(), token, entry.ID.String()); err != nil {
		t.Fatal(err)
	}
	again, err := s.Checkout.Place(t.Context(), ada, in)
	if err != nil || again.Order.ID != placed.Order.ID || *again.Order.ShippingAddress.Address1 != "1 Book St" {
		t.Errorf("the same key again: %+v, %v", again.Order, err)
	}
	in.IdempotencyKey = "k2"
	_, err = s.Checkout.Place(t.Context(), ada, in)
	s.refused(err, "ADDRESS_NOT_FOUND input.delivery.shipping.customerAddressId")
	if s.reserved(lamp) != 1 {
		t.Errorf("%d are reserved, want 1", s.reserved(lamp))
	}
}

// Whoever holds a customer's cart may have it sent to the customer's own addresses, and to nobody else's.
func TestPlaceACartToTheBookOfItsCustomer(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	lamp := s.goods("Lamp", 1999, 10)
	_, token, entry := s.account("ada@example.com", home("US", "CA", "94105"))
	_, _, eves := s.account("eve@example.com", home("US", "NY", "12207"))
	made, err := s.Carts.Create(t.Context(), access.Actor{}, cart.CartInput{
		Lines: []cart.CartLineInput{line(lamp, 1)}, BuyerIdentity: &cart.CartBuyerIdentityInput{CustomerAccessToken: &token},
	})
	if err != nil || made.Cart == nil {
		t.Fatal(made, err)
	}
	in := fromCart("k1", made.Cart.ID)
	in.Delivery = toBook(eves.ID.String())
	_, err = s.Checkout.Place(t.Context(), access.Actor{}, in)
	s.refused(err, "ADDRESS_NOT_FOUND input.delivery.shipping.customerAddressId")
	in.Delivery = toBook(entry.ID.String())
	if placed := s.place(in); *placed.Order.ShippingAddress.Zip != "94105" {
		t.Errorf("shipped to %+v", placed.Order.ShippingAddress)
	}
}

func TestPlaceToTheBookRefuses(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	lamp := s.goods("Lamp", 1999, 10)
	ada, token, entry := s.account("ada@example.com", home("US", "CA", "94105"))
	eve, _, _ := s.account("eve@example.com", home("US", "NY", "12207"))
	abroad, err := s.Customers.AddressCreate(t.Context(), token, address.MailingAddressInput{Address1: ptr("1 Polar Rd"), City: ptr("McMurdo"), Country: ptr("AQ")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Settings.Change(t.Context(), access.SystemActor, func(shop *settings.Shop) { shop.Ships = []address.CountryCode{"US"} })
	if err != nil {
		t.Fatal(err)
	}
	const at = " input.delivery.shipping.customerAddressId"
	for name, c := range map[string]struct {
		actor access.Actor
		to    *checkout.OrderDeliveryInput
		want  string
	}{
		"another's":     {eve, toBook(entry.ID.String()), "ADDRESS_NOT_FOUND" + at},
		"a guest":       {access.Actor{}, toBook(entry.ID.String()), "ADDRESS_NOT_FOUND" + at},
		"none":          {ada, toBook(id.NewMailingAddressID().String()), "ADDRESS_NOT_FOUND" + at},
		"no id":         {ada, toBook("home"), "ADDRESS_NOT_FOUND" + at},
		"an empty id":   {ada, toBook(""), "ADDRESS_NOT_FOUND" + at},
		"too far":       {ada, toBook(abroad.ID.String()), "NOT_SHIPPABLE" + at},
		"both":          {ada, both(entry.ID.String()), "INVALID" + at},
		"a wrong thing": {ada, toBook(id.Global{Kind: "Customer", UUID: ada.ID}.String()), "ADDRESS_NOT_FOUND" + at},
	} {
		in := order("k-"+name, line(lamp, 1))
		in.Delivery = c.to
		_, err := s.Checkout.Place(t.Context(), c.actor, in)
		if got := refusals(err); !slices.Equal(got, []string{c.want}) {
			t.Errorf("%s: refused with %q (%v), want %q", name, got, err, c.want)
		}
	}
	s.nothingHappened()
}

func both(named string) *checkout.OrderDeliveryInput {
	in := shipping("US", "CA")
	in.Shipping.CustomerAddressID = &named
	return in
}
