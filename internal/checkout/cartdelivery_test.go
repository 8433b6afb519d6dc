package checkout_test

import (
	"testing"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/checkout"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/shoptest"
)

// albany is an address in New York, where nothing is shipped from.
func albany() cart.CartSelectableAddressInput {
	us := address.CountryCode("US")
	return cart.CartSelectableAddressInput{Selected: ptr(true), Address: cart.CartAddressInput{DeliveryAddress: &cart.CartDeliveryAddressInput{
		FirstName: ptr("Ada"), LastName: ptr("Lovelace"), Address1: ptr("1 Main St"), City: ptr("Albany"), ProvinceCode: ptr("NY"), Zip: ptr("12207"), CountryCode: &us,
	}}}
}

// changed takes the cart out of a mutation that must succeed.
func (s *till) changed(p *cart.Payload, err error) cart.Cart {
	s.Helper()
	if err != nil || len(p.UserErrors) > 0 {
		s.Fatalf("%+v, %v", p, err)
	}
	return *p.Cart
}

func (s *till) goesToAlbany(of cart.Cart) cart.Cart {
	s.Helper()
	return s.changed(s.Carts.AddAddresses(s.Context(), of.ID.String(), []cart.CartSelectableAddressInput{albany()}))
}

func (s *till) groups(of cart.Cart) []cart.CartDeliveryGroup {
	s.Helper()
	groups, err := s.Checkout.DeliveryGroups(s.Context(), of)
	if err != nil {
		s.Fatal(err)
	}
	return groups
}

func (s *till) choose(of cart.Cart, group id.CartDeliveryGroupID, handle string) cart.Cart {
	s.Helper()
	return s.changed(s.Carts.SelectOptions(s.Context(), of.ID.String(), []cart.CartSelectedDeliveryOptionInput{
		{DeliveryGroupID: group.String(), DeliveryOptionHandle: handle},
	}))
}

// asShown is an order of a cart as it stands, at the total that the cart shows.
func asShown(key string, of cart.Cart) checkout.OrderPlaceInput {
	in := fromCart(key, of.ID)
	in.Delivery = nil
	in.ExpectedTotal = &money.MoneyInput{Amount: of.Cost.TotalAmount.Amount(), CurrencyCode: "USD"}
	return in
}

func collected(l cart.CartLineInput) cart.CartLineInput {
	l.DeliveryMethod = ptr(orders.DeliveryPickUp)
	return l
}

func TestCartIsShippedAsItShows(t *testing.T) {
	t.Parallel()
	s := open(t)
	lamp := s.goods("Lamp", 2000, 10)
	made := s.cart(line(lamp, 2))
	if !made.Cost.TotalAmountEstimated || made.Cost.TotalAmount != usd(4000) {
		t.Errorf("before anything is known it costs %+v", made.Cost)
	}
	_, err := s.Checkout.Place(t.Context(), access.Actor{}, asShown("k0", made))
	s.refused(err, "BLANK input.delivery")
	known := s.goesToAlbany(made)
	groups := s.groups(known)
	if len(groups) != 1 || groups[0].Selected.Handle != "standard" || *groups[0].DeliveryAddress.City != "Albany" || known.Cost.TotalAmountEstimated {
		t.Fatalf("groups %+v, cost %+v", groups, known.Cost)
	}
	standard := known.Cost.TotalAmount
	fast := s.choose(known, groups[0].ID, "express")
	if fast.Cost.TotalAmount.Minor <= standard.Minor || fast.Cost.TotalAmountEstimated || *fast.Cost.TotalTaxAmount == usd(0) {
		t.Errorf("express costs %+v, standard %s", fast.Cost, standard)
	}
	o := s.place(asShown("k1", fast)).Order
	if o.TotalPrice != fast.Cost.TotalAmount || o.Delivery.OptionHandle != "express" || *o.ShippingAddress.Address1 != "1 Main St" || o.TotalTax != *fast.Cost.TotalTaxAmount {
		t.Errorf("ordered %s by %+v, shown %s", o.TotalPrice, o.Delivery, fast.Cost.TotalAmount)
	}
	s.sound()
}

func TestCartIsPlacedOnlyWithACompleteAddress(t *testing.T) {
	t.Parallel()
	s := open(t)
	made := s.cart(line(s.goods("Lamp", 2000, 10), 1))
	us := address.CountryCode("US")
	p := s.changed(s.Carts.AddAddresses(t.Context(), made.ID.String(), []cart.CartSelectableAddressInput{
		{Selected: ptr(true), Address: cart.CartAddressInput{DeliveryAddress: &cart.CartDeliveryAddressInput{CountryCode: &us}}},
	}))
	if !p.Cost.TotalAmountEstimated {
		t.Error("the total is said to be known without the province")
	}
	_, err := s.Checkout.Place(t.Context(), access.Actor{}, asShown("k", p))
	s.refused(err, "BLANK input.cartId", "BLANK input.cartId", "BLANK input.cartId")
}

func TestChosenOptionThatIsGoneRefuses(t *testing.T) {
	t.Parallel()
	s := open(t)
	made := s.cart(line(s.goods("Lamp", 2000, 10), 1))
	made = s.choose(made, s.groups(made)[0].ID, "express")
	s.goesToAlbany(made)
	s.exec(`update cart set delivery_option = 'by-balloon' where id = $1`, made.ID.UUID) // which somebody has offered once
	read, err := s.Carts.Open(t.Context(), made.ID)
	if err != nil || read.Groups[0].Selected != nil || !read.Cost.TotalAmountEstimated {
		t.Fatalf("read %+v, %v", read.Cost, err)
	}
	_, err = s.Checkout.Place(t.Context(), access.Actor{}, asShown("k", read))
	s.refused(err, "DELIVERY_OPTION_NOT_FOUND input.cartId")
	for name, in := range map[string]cart.CartSelectedDeliveryOptionInput{
		"INVALID_DELIVERY_OPTION": {DeliveryGroupID: read.Groups[0].ID.String(), DeliveryOptionHandle: "by-balloon"},
		"INVALID_DELIVERY_GROUP":  {DeliveryGroupID: id.CartDeliveryGroupID(id.New()).String(), DeliveryOptionHandle: "standard"},
	} {
		p, err := s.Carts.SelectOptions(t.Context(), made.ID.String(), []cart.CartSelectedDeliveryOptionInput{in})
		if err != nil || len(p.UserErrors) != 1 || string(*p.UserErrors[0].Code) != name {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
}

func TestWholeCartIsCollectedInTheChosenStore(t *testing.T) {
	t.Parallel()
	s := open(t)
	lamp := s.goods("Lamp", 10_000, 5)
	near, far := s.store("Bloomington", "MN", "55425", bloomington, nil), s.store("Manhattan", "NY", "10001", manhattan, nil)
	s.stock(lamp, near, 2)
	s.stock(lamp, far, 1)
	made := s.cart(line(lamp, 2))
	group := s.groups(made)[0]
	if group.Option(cart.StoreHandle(far)) != nil {
		t.Error("a store is offered that has too few")
	}
	made = s.choose(made, group.ID, cart.StoreHandle(near))
	if made.Cost.TotalAmountEstimated || made.Cost.TotalAmount != usd(21375) {
		t.Errorf("shown %+v, want 213.75 with Minnesota's tax", made.Cost)
	}
	o := s.place(asShown("k", made)).Order
	if o.Delivery.MethodType != orders.DeliveryPickUp || *o.Delivery.LocationID != near || o.Pickup != nil || o.ShippingAddress != nil || o.TotalPrice != usd(21375) {
		t.Errorf("order %+v", o.Delivery)
	}
	s.sound()
}

func TestPartIsShippedAndPartIsCollected(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	lamp, chair, note := s.goods("Lamp", 10_000, 5), s.goods("Chair", 5_000, 0), s.goods("Card", 1_000, 5)
	store := s.store("Bloomington", "MN", "55425", bloomington, ptr(1))
	s.stock(chair, store, 3)
	card := line(note, 2)
	card.Parent = &cart.CartLineParentInput{MerchandiseID: ptr(lamp.String())}
	made := s.goesToAlbany(s.cart(line(lamp, 1), collected(line(chair, 2)), card))
	groups := s.groups(made)
	if len(groups) != 2 || len(groups[0].AllLines) != 2 || len(groups[1].AllLines) != 1 || groups[0].ID == groups[1].ID || groups[1].Selected != nil || !made.Cost.TotalAmountEstimated {
		t.Fatalf("groups %+v", groups)
	}
	if groups[0].Option(cart.StoreHandle(store)) != nil || len(groups[1].DeliveryOptions) != 1 {
		t.Errorf("options %+v", groups)
	}
	made = s.choose(made, groups[1].ID, cart.StoreHandle(store))
	made = s.choose(made, groups[0].ID, "express")
	if made.Cost.TotalAmountEstimated {
		t.Fatalf("shown %+v", made.Cost)
	}
	placed := s.place(asShown("k", made))
	o := placed.Order
	if o.TotalPrice != made.Cost.TotalAmount || o.TotalTax != *made.Cost.TotalTaxAmount {
		t.Errorf("charged %s with tax %s, shown %+v", o.TotalPrice, o.TotalTax, made.Cost)
	}
	if o.Delivery.OptionHandle != "express" || o.Pickup == nil || *o.Pickup.LocationID != store || *o.ShippingAddress.City != "Albany" {
		t.Errorf("shipped %+v, collected %+v", o.Delivery, o.Pickup)
	}
	parts := o.DeliveryGroups()
	if len(parts) != 2 || len(parts[0].LineItems) != 2 || len(parts[1].LineItems) != 1 || parts[1].LineItems[0].VariantID != chair {
		t.Errorf("parts %+v", parts)
	}
	if o.Lines[2].ParentLineItemID == nil || *o.Lines[2].ParentLineItemID != o.Lines[0].ID || o.Lines[0].ParentLineItemID != nil {
		t.Errorf("the card belongs to %v, want %s", o.Lines[2].ParentLineItemID, o.Lines[0].ID)
	}
	// Each part is taxed where it is sold: the chairs in Minnesota, whose rate is 6.875 %.
	if o.Lines[1].Tax != usd(688) {
		t.Errorf("tax on the chairs %s, want 6.88", o.Lines[1].Tax)
	}
	if n := s.number(`select quantity from reservation where location_id = $1 and method = 'PICKUP'`, store); n != 2 {
		t.Errorf("%d units are kept at the store, want 2", n)
	}
	if n := s.number(`select sum(quantity) from reservation where location_id = $1 and method = 'SHIPPING'`, s.warehouse); n != 3 {
		t.Errorf("%d units are kept in the warehouse, want 3", n)
	}
	same(t, s.place(asShown("k", made)), placed)

	// The store's hour is full now: nobody is promised more.
	full := s.goesToAlbany(s.cart(line(lamp, 1), collected(line(chair, 1))))
	if options := s.groups(full)[1].DeliveryOptions; len(options) != 0 {
		t.Errorf("a full store is offered: %+v", options)
	}
	_, err := s.Checkout.Place(t.Context(), access.Actor{}, asShown("k2", full))
	s.refused(err, "NO_STORE_AVAILABLE input.cartId")
	s.sound()
}

func TestGiftCardsOfACartCoverItsDelivery(t *testing.T) {
	t.Parallel()
	s := open(t)
	lamp := s.goods("Lamp", 2000, 5)
	card := s.giftCard(100_000)
	made := s.goesToAlbany(s.changed(s.Carts.Create(t.Context(), access.Actor{}, cart.CartInput{
		Lines: []cart.CartLineInput{line(lamp, 1)}, GiftCardCodes: []string{card.Code},
	})))
	if used := made.AppliedGiftCards[0].AmountUsed; used != made.Cost.TotalAmount || made.Cost.TotalAmountEstimated {
		t.Errorf("the card gives %s of %s", used, made.Cost.TotalAmount)
	}
	in := asShown("k", made)
	in.Payment = nil
	if o := s.place(in).Order; o.Status != orders.StatusConfirmed || o.TotalPrice != made.Cost.TotalAmount {
		t.Errorf("order %s of %s", o.Status, o.TotalPrice)
	}
}

func TestFreeShippingIsShownAndCharged(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.promotion(free)
	made := s.goesToAlbany(s.cart(line(s.goods("Lamp", 2000, 5), 1)))
	made = s.choose(made, s.groups(made)[0].ID, "express")
	if got := s.groups(made)[0].Selected.EstimatedCost; got != usd(0) {
		t.Errorf("express costs %s", got)
	}
	if o := s.place(asShown("k", made)).Order; o.TotalShippingPrice != usd(0) || o.TotalPrice != made.Cost.TotalAmount {
		t.Errorf("charged %s, shown %s", o.TotalPrice, made.Cost.TotalAmount)
	}
}

func TestBareLinesHaveNeitherParentsNorWays(t *testing.T) {
	t.Parallel()
	s := open(t)
	lamp := s.goods("Lamp", 2000, 5)
	of := line(lamp, 1)
	of.Parent = &cart.CartLineParentInput{MerchandiseID: ptr(lamp.String())}
	_, err := s.Checkout.Place(t.Context(), access.Actor{}, order("k", collected(line(lamp, 1)), of))
	s.refused(err, "INVALID input.lines.0.deliveryMethod", "INVALID input.lines.1.parent")
	s.nothingHappened()
}

func TestQuantitiesAreThoseInWhichTheVariantIsSold(t *testing.T) {
	t.Parallel()
	s := open(t)
	bulb := s.goods("Bulb", 300, 100)
	s.exec(`update product_variant set quantity_minimum = 4, quantity_maximum = 12, quantity_increment = 4 where id = $1`, bulb)
	for _, quantity := range []int{1, 2, 5, 16} {
		_, err := s.Checkout.Place(t.Context(), access.Actor{}, order("k", line(bulb, quantity)))
		s.refused(err, "QUANTITY_OUT_OF_RANGE input.lines.0.quantity")
		p, err := s.Carts.Create(t.Context(), access.Actor{}, cart.CartInput{Lines: []cart.CartLineInput{line(bulb, quantity)}})
		if err != nil || p.Cart != nil || len(p.UserErrors) != 1 {
			t.Errorf("a cart of %d: %+v, %v", quantity, p, err)
		}
	}
	s.nothingHappened()
	_, err := s.Checkout.Place(t.Context(), access.Actor{}, order("k", line(bulb, 8), line(bulb, 8)))
	s.refused(err, "QUANTITY_OUT_OF_RANGE input.lines.0.quantity")
	kept := s.cart(line(bulb, 4))
	p, err := s.Carts.AddLines(t.Context(), kept.ID.String(), []cart.CartLineInput{line(bulb, 2)})
	if err != nil || len(p.UserErrors) != 1 {
		t.Errorf("2 more: %+v, %v", p, err)
	}
	s.exec(`update product_variant set quantity_minimum = 8 where id = $1`, bulb)
	in := fromCart("k", kept.ID)
	_, err = s.Checkout.Place(t.Context(), access.Actor{}, in)
	s.refused(err, "QUANTITY_OUT_OF_RANGE input.cartId")
	s.place(order("k", line(bulb, 4), line(bulb, 8)))
}

func TestPartsThatWantTheSameUnitsAreSoldOut(t *testing.T) {
	t.Parallel()
	s := open(t)
	lamp := s.goods("Lamp", 2000, 0)
	store := s.store("Bloomington", "MN", "55425", bloomington, nil)
	s.exec(`update location set ships_online = true where id = $1`, store)
	s.stock(lamp, store, 3)
	made := s.goesToAlbany(s.cart(line(lamp, 2), collected(line(lamp, 1))))
	shoptest.Shelve(t, s.Pool, `update stock_level set on_hand = 2 where location_id = $1`, store)
	in := fromCart("k", made.ID)
	in.Delivery = nil
	_, err := s.Checkout.Place(t.Context(), access.Actor{}, in)
	if got := refusals(err); len(got) == 0 || got[0] != "OUT_OF_STOCK input.cartId" {
		t.Errorf("refused with %q (%v)", got, err)
	}
	s.nothingHappened()
	shoptest.Shelve(t, s.Pool, `update stock_level set on_hand = 3 where location_id = $1`, store)
	s.place(in)
}
