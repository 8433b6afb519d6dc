package cart_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/id"
)

func country(code string) *address.CountryCode {
	c := address.CountryCode(code)
	return &c
}

// berlin is a complete address.
func berlin(street string) cart.CartDeliveryAddressInput {
	return cart.CartDeliveryAddressInput{Address1: &street, City: ptr("Berlin"), Zip: ptr("10115"), CountryCode: country("DE"), LastName: ptr("Lovelace")}
}

func selectable(a cart.CartDeliveryAddressInput, selected bool) cart.CartSelectableAddressInput {
	return cart.CartSelectableAddressInput{Address: cart.CartAddressInput{DeliveryAddress: &a}, Selected: &selected}
}

// streets writes a cart's addresses by their streets, the selected one with a star.
func streets(c cart.Cart) []string {
	list := []string{}
	for _, a := range c.AllAddresses {
		mark := ""
		if a.Selected {
			mark = "*"
		}
		list = append(list, *a.DeliveryAddress.Address1+mark)
	}
	return list
}

func TestAddressesOfACart(t *testing.T) {
	t.Parallel()
	c := open(t)
	made := c.must(c.carts.Create(t.Context(), access.Actor{}, cart.CartInput{
		Delivery: &cart.CartDeliveryInput{Addresses: []cart.CartSelectableAddressInput{selectable(berlin("A"), true), selectable(berlin("B"), false)}},
	})).Cart
	name := made.ID.String()
	if got, want := streets(*made), []string{"A*", "B"}; !slices.Equal(got, want) {
		t.Fatalf("made with %v, want %v", got, want)
	}
	p := c.must(c.carts.AddAddresses(t.Context(), name, []cart.CartSelectableAddressInput{selectable(berlin("B"), true), selectable(berlin("C"), false)}))
	if got, want := streets(*p.Cart), []string{"A", "B*", "C"}; !slices.Equal(got, want) {
		t.Errorf("added: %v, want %v", got, want)
	}
	b := p.Cart.AllAddresses[1]
	if got, want := warnings(p), []string{"DUPLICATE_DELIVERY_ADDRESS " + b.ID.String()}; !slices.Equal(got, want) {
		t.Errorf("warned of %v, want %v", got, want)
	}
	if got := b.Address().(cart.CartDeliveryAddress); *got.CountryCode() != "DE" || *got.FormattedArea() != "Berlin, Germany" || got.Latitude != nil {
		t.Errorf("the address is %+v", got)
	}
	changed := berlin("D")
	p = c.must(c.carts.UpdateAddresses(t.Context(), name, []cart.CartSelectableAddressUpdateInput{
		{ID: p.Cart.AllAddresses[2].ID.String(), Address: &cart.CartAddressInput{DeliveryAddress: &changed}, Selected: ptr(true), OneTimeUse: ptr(true)},
	}))
	if got, want := streets(*p.Cart), []string{"A", "B", "D*"}; !slices.Equal(got, want) || !p.Cart.AllAddresses[2].OneTimeUse {
		t.Errorf("updated: %v, want %v", got, want)
	}
	if selected := p.Cart.Delivery().Addresses(ptr(true)); len(selected) != 1 || selected[0].ID != p.Cart.AllAddresses[2].ID {
		t.Errorf("selected are %v", selected)
	}
	p = c.must(c.carts.ReplaceAddresses(t.Context(), name, []cart.CartSelectableAddressInput{selectable(berlin("E"), false), selectable(berlin("B"), false)}))
	if got, want := streets(*p.Cart), []string{"E", "B"}; !slices.Equal(got, want) || p.Cart.AllAddresses[1].ID != b.ID || len(p.Warnings) != 0 {
		t.Errorf("replaced: %v, want %v, the one that stays under its id", got, want)
	}
	p = c.must(c.carts.RemoveAddresses(t.Context(), name, []string{b.ID.String()}))
	if got, want := streets(*p.Cart), []string{"E"}; !slices.Equal(got, want) {
		t.Errorf("removed: %v, want %v", got, want)
	}
	read, err := c.carts.Open(t.Context(), made.ID)
	if err != nil || !slices.Equal(streets(read), []string{"E"}) || read.AllAddresses[0].ID != p.Cart.AllAddresses[0].ID {
		t.Errorf("read %v, %v", streets(read), err)
	}
}

func TestAddressesAreHeldAgainstTheirRules(t *testing.T) {
	t.Parallel()
	c := open(t)
	name := c.create().ID.String()
	refused := func(strategy cart.DeliveryAddressValidationStrategy, change func(*cart.CartDeliveryAddressInput), want ...string) {
		t.Helper()
		in := berlin("Street 1")
		change(&in)
		s := selectable(in, false)
		s.ValidationStrategy = &strategy
		p, err := c.carts.AddAddresses(t.Context(), name, []cart.CartSelectableAddressInput{s})
		for i, w := range want {
			code, field, _ := strings.Cut(w, " ")
			want[i] = code + " addresses.0.address.deliveryAddress." + field
		}
		c.refused(p, err, want...)
	}
	accepted := func(change func(*cart.CartDeliveryAddressInput)) {
		t.Helper()
		in := berlin("Street 2")
		change(&in)
		c.must(c.carts.ReplaceAddresses(t.Context(), name, []cart.CartSelectableAddressInput{selectable(in, false)}))
	}
	type in = cart.CartDeliveryAddressInput
	refused(cart.Strict, func(a *in) { *a = in{CountryCode: country("US")} },
		"ADDRESS_FIELD_IS_REQUIRED address1", "ADDRESS_FIELD_IS_REQUIRED city", "ADDRESS_FIELD_IS_REQUIRED zip", "ADDRESS_FIELD_IS_REQUIRED provinceCode")
	refused(cart.Strict, func(a *in) { a.Zip = ptr("1011") }, "INVALID_ZIP_CODE_FOR_COUNTRY zip")
	refused(cart.Strict, func(a *in) { a.CountryCode, a.Zip, a.ProvinceCode = country("US"), ptr("94105"), ptr("NY") }, "INVALID_ZIP_CODE_FOR_PROVINCE zip")
	refused(cart.Strict, func(a *in) { a.CountryCode, a.Zip, a.ProvinceCode = country("US"), ptr("94105"), ptr("Bavaria") }, "PROVINCE_NOT_FOUND provinceCode")
	refused(cart.Strict, func(a *in) { a.Address1 = ptr("🏠 1") }, "ADDRESS_FIELD_CONTAINS_EMOJIS address1")
	refused(cart.Strict, func(a *in) { a.Company = ptr("https://spam.example/x") }, "ADDRESS_FIELD_CONTAINS_URL company")
	refused(cart.Strict, func(a *in) { a.Phone = ptr("call me") }, "ADDRESS_FIELD_DOES_NOT_MATCH_EXPECTED_PATTERN phone")
	refused(cart.CountryCodeOnly, func(a *in) { a.CountryCode = nil }, "ADDRESS_FIELD_IS_REQUIRED countryCode")
	refused(cart.CountryCodeOnly, func(a *in) { a.City = ptr("<b>Berlin</b>") }, "ADDRESS_FIELD_CONTAINS_HTML_TAGS city")
	refused(cart.CountryCodeOnly, func(a *in) { a.City = ptr(strings.Repeat("x", 256)) }, "ADDRESS_FIELD_IS_TOO_LONG city")
	refused(cart.CountryCodeOnly, func(a *in) { a.City = ptr("a\x00b") }, "ADDRESS_FIELD_DOES_NOT_MATCH_EXPECTED_PATTERN city")
	refused(cart.CountryCodeOnly, func(a *in) { a.Address2 = ptr("4242 4242 4242 4242") }, "PAYMENTS_CREDIT_CARD_NUMBER_INVALID address2")
	accepted(func(a *in) { *a = in{CountryCode: country("US")} })
	accepted(func(a *in) { a.FirstName, a.City = ptr("محمد"), ptr("دبي 🏙") })

	both := selectable(berlin("A"), false)
	both.Address.CopyFromCustomerAddressID = ptr(id.NewMailingAddressID().String())
	p, err := c.carts.AddAddresses(t.Context(), name, []cart.CartSelectableAddressInput{both, {}, selectable(berlin("A"), true), selectable(berlin("B"), true)})
	c.refused(p, err, "INVALID addresses.0.address", "INVALID addresses.1.address", "ONLY_ONE_DELIVERY_ADDRESS_CAN_BE_SELECTED addresses.3.selected")
	p, err = c.carts.AddAddresses(t.Context(), name, make([]cart.CartSelectableAddressInput, 26))
	c.refused(p, err, "TOO_MANY_DELIVERY_ADDRESSES addresses")
	p, err = c.carts.RemoveAddresses(t.Context(), name, []string{"x", id.NewCartSelectableAddressID().String()})
	c.refused(p, err, "INVALID_DELIVERY_ADDRESS_ID addressIds.0", "INVALID_DELIVERY_ADDRESS_ID addressIds.1")
	p, err = c.carts.UpdateAddresses(t.Context(), name, []cart.CartSelectableAddressUpdateInput{{ID: id.NewCartSelectableAddressID().String()}})
	c.refused(p, err, "INVALID_DELIVERY_ADDRESS_ID addresses.0.id")
}

func TestAddressOfTheCustomersBookIsCopied(t *testing.T) {
	t.Parallel()
	c := open(t)
	book := func(token, street string) id.MailingAddressID {
		made, err := c.customers.AddressCreate(t.Context(), token, address.MailingAddressInput{
			Address1: &street, City: ptr("Berlin"), Zip: ptr("10115"), Country: ptr("DE"),
		})
		if err != nil {
			t.Fatal(err)
		}
		return made.ID
	}
	_, token := c.account("ada@example.com")
	_, stranger := c.account("eve@example.com")
	home, elsewhere := book(token, "Home"), book(stranger, "Elsewhere")
	name := c.create().ID.String()
	copyOf := func(of id.MailingAddressID) []cart.CartSelectableAddressInput {
		return []cart.CartSelectableAddressInput{{Address: cart.CartAddressInput{CopyFromCustomerAddressID: ptr(of.String())}}}
	}
	p, err := c.carts.AddAddresses(t.Context(), name, copyOf(home))
	c.refused(p, err, "MISSING_CUSTOMER_ACCESS_TOKEN addresses.0.address.copyFromCustomerAddressId")
	c.must(c.carts.UpdateBuyerIdentity(t.Context(), name, cart.CartBuyerIdentityInput{CustomerAccessToken: &token}))
	p, err = c.carts.AddAddresses(t.Context(), name, copyOf(elsewhere))
	c.refused(p, err, "INVALID_DELIVERY_ADDRESS_ID addresses.0.address.copyFromCustomerAddressId")
	if p := c.must(c.carts.AddAddresses(t.Context(), name, copyOf(home))); !slices.Equal(streets(*p.Cart), []string{"Home"}) {
		t.Errorf("copied %v", streets(*p.Cart))
	}
}
