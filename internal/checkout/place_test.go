package checkout_test

import (
	"slices"
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/attribute"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/checkout"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/settings"
)

func TestPlaceFromLines(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	lamp, chair := s.goods("Lamp", 1999, 10), s.goods("Chair", 2500, 5)
	engraved := line(lamp, 1)
	engraved.Attributes = []attribute.AttributeInput{{Key: "engraving", Value: "For Ada"}}
	in := order("k1", line(lamp, 1), line(chair, 2), cart.CartLineInput{MerchandiseID: lamp.String()}, engraved)
	in.Note = ptr("ring twice")
	before := time.Now().Add(-time.Minute)
	placed := s.place(in)
	o := placed.Order

	// 2×19.99 + 2×25.00 + 19.99 = 109.97; from 50 on delivery is free; California takes 7.25 % of each line.
	if o.SubtotalPrice != usd(10997) || o.TotalShippingPrice != usd(0) || o.TotalTax != usd(290+363+145) || o.TotalPrice != usd(11795) {
		t.Errorf("subtotal %s, shipping %s, tax %s, total %s", o.SubtotalPrice, o.TotalShippingPrice, o.TotalTax, o.TotalPrice)
	}
	if len(o.Lines) != 3 || o.Lines[0].Quantity != 2 || o.Lines[1].Quantity != 2 || o.Lines[2].Quantity != 1 || *o.Lines[2].CustomAttributes[0].Value != "For Ada" {
		t.Errorf("lines %+v", o.Lines)
	}
	if o.Lines[0].Title != "Lamp" || o.Lines[0].VariantTitle != nil || *o.Lines[0].Sku != "SKU-Lamp" || o.Lines[0].VariantID != lamp {
		t.Errorf("line %+v", o.Lines[0])
	}
	if o.Status != orders.StatusPendingPayment || o.FinancialStatus != orders.FinancialPending || o.Version != 1 || *o.Email != "ada@example.com" || *o.Note != "ring twice" {
		t.Errorf("order %+v", o)
	}
	if o.Deadline == nil || o.Deadline.Before(before.Add(30*time.Minute)) || o.Deadline.After(time.Now().Add(31*time.Minute)) {
		t.Errorf("to be paid by %v, want in 30 minutes", o.Deadline)
	}
	if *o.ShippingAddress.ProvinceCode != "CA" || o.Delivery.MethodType != orders.DeliveryShipping || o.Delivery.OptionHandle != "standard" {
		t.Errorf("delivery %+v to %+v", o.Delivery, o.ShippingAddress)
	}
	if s.reserved(lamp) != 3 || s.reserved(chair) != 2 {
		t.Errorf("reserved %d and %d, want 3 and 2", s.reserved(lamp), s.reserved(chair))
	}
	if got, want := s.kinds(o.ID), []string{"order.placed"}; !slices.Equal(got, want) {
		t.Errorf("events %v, want %v", got, want)
	}
	if n := s.number(`select count(*) from payment where order_id = $1 and amount = 11795 and currency = 'USD'`, o.ID); n != 1 {
		t.Errorf("%d payments over the total, want 1", n)
	}
	// The token opens the order, and is not kept.
	seen, err := s.Orders.Visible(t.Context(), access.Actor{}, o.ID, &placed.AccessToken)
	if err != nil || seen.ID != o.ID {
		t.Errorf("with the token: %v", err)
	}
	if _, err := s.Orders.Visible(t.Context(), access.Actor{}, o.ID, nil); !fault.IsKind(err, fault.NotFound) {
		t.Errorf("without the token: %v", err)
	}
	s.sound()
}

func TestPlaceFromCart(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	lamp := s.goods("Lamp", 1999, 10)
	made := s.cart(line(lamp, 2))
	us := address.CountryCode("US")
	p, err := s.Carts.UpdateBuyerIdentity(t.Context(), made.ID.String(), cart.CartBuyerIdentityInput{Email: ptr("grace@example.com"), CountryCode: &us})
	if err != nil || p.Cart == nil {
		t.Fatal(p, err)
	}
	for _, change := range []func() (*cart.Payload, error){
		func() (*cart.Payload, error) {
			return s.Carts.UpdateNote(t.Context(), made.ID.String(), "from the cart")
		},
		func() (*cart.Payload, error) {
			return s.Carts.UpdateAttributes(t.Context(), made.ID.String(), []attribute.AttributeInput{{Key: "gift", Value: "yes"}})
		},
	} {
		if p, err = change(); err != nil || p.Cart == nil {
			t.Fatal(p, err)
		}
	}
	in := fromCart("k1", made.ID)
	in.Buyer, in.ExpectedVersion = nil, &p.Cart.Version
	placed := s.place(in)
	o := placed.Order
	if *o.Email != "grace@example.com" || *o.Note != "from the cart" || *o.CustomAttributes[0].Value != "yes" || [16]byte(*o.CartID) != made.ID.UUID {
		t.Errorf("order %+v", o)
	}
	if o.TotalPrice != usd(3998+490+290) {
		t.Errorf("total %s, want 47.78", o.TotalPrice)
	}

	// The cart is closed for good.
	if _, err := s.Carts.Open(t.Context(), made.ID); !fault.IsKind(err, fault.NotFound) {
		t.Errorf("the cart is still there: %v", err)
	}
	p, err = s.Carts.AddLines(t.Context(), made.ID.String(), []cart.CartLineInput{line(lamp, 1)})
	if err != nil || p.Cart != nil || len(p.UserErrors) != 1 || *p.UserErrors[0].Code != cart.Invalid {
		t.Errorf("a placed cart was changed: %+v, %v", p, err)
	}
	_, err = s.Checkout.Place(t.Context(), access.Actor{}, fromCart("k2", made.ID))
	s.refused(err, "CART_ALREADY_PLACED input.cartId")
	same(t, s.place(in), placed)
	if s.reserved(lamp) != 2 {
		t.Errorf("reserved %d, want 2", s.reserved(lamp))
	}
	s.sound()
}

func TestOrderThatCostsNothingIsConfirmedAtOnce(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	sample := s.goods("Sample", 0, 3)
	s.exec(`update shipping_option set price = 0`)
	in := order("k1", line(sample, 1))
	in.Payment = nil
	o := s.place(in).Order
	if got, want := s.kinds(o.ID), []string{"order.placed", "order.confirmed"}; !slices.Equal(got, want) {
		t.Errorf("events %v, want %v", got, want)
	}
	if o.Status != orders.StatusConfirmed || o.FinancialStatus != orders.FinancialPaid || o.Deadline != nil || o.Version != 2 {
		t.Errorf("order %+v", o)
	}
	if n := s.number(`select count(*) from payment`); n != 0 {
		t.Errorf("%d payments for nothing, want none", n)
	}
	if n := s.number(`select count(*) from reservation where state = 'CONFIRMED' and expires_at is null`); n != 1 {
		t.Errorf("%d units are kept for good, want 1", n)
	}
	same(t, s.place(in), checkout.Placement{Order: o, AccessToken: s.Keys.OrderToken(o.ID)})
	s.sound()
}

func TestPricesWithTax(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	if _, err := s.Settings.Change(t.Context(), access.SystemActor, func(shop *settings.Shop) { shop.PricesIncludeTax = true }); err != nil {
		t.Fatal(err)
	}
	in := order("k1", line(s.goods("Lamp", 11900, 10), 1))
	in.Delivery = shipping("Germany", "")
	in.Delivery.Shipping.Address.Zip = ptr("10115")
	in.Delivery.Shipping.OptionHandle = ptr("express")
	o := s.place(in).Order
	if !o.TaxesIncluded || o.TotalTax != usd(1900+238) || o.TotalPrice != usd(11900+1490) || o.ShippingTax != usd(238) {
		t.Errorf("tax %s (%s on shipping) in %s", o.TotalTax, o.ShippingTax, o.TotalPrice)
	}
	if *o.ShippingAddress.CountryCodeV2 != "DE" || o.Delivery.OptionHandle != "express" {
		t.Errorf("delivery %+v to %+v", o.Delivery, o.ShippingAddress)
	}
	s.sound()
}

func TestCountryAndProvinceByCodeOrName(t *testing.T) {
	t.Parallel()
	s := open(t)
	lamp := s.goods("Lamp", 10_000, 10)
	for i, c := range []struct {
		country, province, zip string
		tax                    int64
	}{
		{"US", "CA", "94105", 725},
		{"United States", "California", "94105", 725},
		{"us", "new york", "10001", 400},
		{"USA", "US-MN", "55425", 688},
		{"US", "", "55425", 688},
		{"Germany", "", "10115", 1900},
		{"Canada", "Ontario", "M5V 3L9", 1300},
	} {
		in := order(string(rune('a'+i)), line(lamp, 1))
		in.Delivery = shipping(c.country, c.province)
		in.Delivery.Shipping.Address.Zip = &c.zip
		if o := s.place(in).Order; o.Lines[0].Tax != usd(c.tax) {
			t.Errorf("%v: tax %s, want %s", c, o.Lines[0].Tax, usd(c.tax))
		}
	}
}

func TestCustomersOrderIsTheirsAndKnowsThem(t *testing.T) {
	t.Parallel()
	s := open(t)
	ada := s.customer("ada@example.com")
	in := order("k1", line(s.goods("Lamp", 1999, 10), 1))
	in.Buyer = nil
	placed, err := s.Checkout.Place(t.Context(), ada, in)
	if err != nil {
		t.Fatal(err)
	}
	if account, _ := ada.CustomerID(); *placed.Order.CustomerID != account || *placed.Order.Email != "ada@example.com" {
		t.Errorf("order %+v", placed.Order)
	}
	// Another customer's use of the same key is another order.
	bob := s.customer("bob@example.com")
	other, err := s.Checkout.Place(t.Context(), bob, in)
	if err != nil || other.Order.ID == placed.Order.ID {
		t.Errorf("bob got order %s, %v", other.Order.ID, err)
	}
}

func TestExpectedTotal(t *testing.T) {
	t.Parallel()
	s := open(t)
	lamp := s.goods("Lamp", 1999, 10)
	in := order("k1", line(lamp, 1))
	in.ExpectedTotal = expect("26.33", "USD")
	_, err := s.Checkout.Place(t.Context(), access.Actor{}, in)
	s.refused(err, "TOTAL_CHANGED input.expectedTotal")
	if got := data(err, "currentPrice"); got != usd(1999+490+145) {
		t.Errorf("the total is said to be %v, want 26.34", got)
	}
	in.ExpectedTotal = expect("26.34", "EUR")
	_, err = s.Checkout.Place(t.Context(), access.Actor{}, in)
	s.refused(err, "TOTAL_CHANGED input.expectedTotal")
	in.ExpectedTotal = expect("26.345", "USD")
	_, err = s.Checkout.Place(t.Context(), access.Actor{}, in)
	s.refused(err, "INVALID input.expectedTotal.amount")
	s.nothingHappened()
	in.ExpectedTotal = expect("26.34", "USD")
	placed := s.place(in)
	in.ExpectedTotal = expect("26.340", "USD") // the same, written otherwise
	same(t, s.place(in), placed)
}
