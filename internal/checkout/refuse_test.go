package checkout_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/attribute"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/checkout"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/settings"
	"github.com/wharfhq/wharf/internal/shoptest"
)

func TestPlaceRefusesWhole(t *testing.T) {
	t.Parallel()
	s := open(t)
	if _, err := s.Settings.Change(t.Context(), access.SystemActor, func(shop *settings.Shop) { shop.Ships = []address.CountryCode{"US", "CA", "DE"} }); err != nil {
		t.Fatal(err)
	}
	lamp, rare, hidden := s.goods("Lamp", 1999, 5), s.goods("Rare", 100, 1), s.goods("Hidden", 100, 5)
	gold := s.goods("Gold", cart.MaxAmount/2+1, 5)
	s.exec(`update product set published_at = null where title = 'Hidden'`)
	name := func(field string) string { return "input.delivery.shipping.address." + field }
	empty, full := s.cart(), s.cart(line(lamp, 1))
	bare, _, _ := strings.Cut(full.ID.String(), "?")

	for what, c := range map[string]struct {
		change func(*checkout.OrderPlaceInput)
		want   []string
	}{
		"no key":          {func(in *checkout.OrderPlaceInput) { in.IdempotencyKey = "" }, []string{"INVALID input.idempotencyKey"}},
		"a long key":      {func(in *checkout.OrderPlaceInput) { in.IdempotencyKey = strings.Repeat("k", 256) }, []string{"INVALID input.idempotencyKey"}},
		"nothing":         {func(in *checkout.OrderPlaceInput) { in.Lines = nil }, []string{"CART_EMPTY input.lines"}},
		"cart and lines":  {func(in *checkout.OrderPlaceInput) { in.CartID = ptr(full.ID.String()) }, []string{"INVALID input.lines"}},
		"an empty cart":   {func(in *checkout.OrderPlaceInput) { in.Lines, in.CartID = nil, ptr(empty.ID.String()) }, []string{"CART_EMPTY input.cartId"}},
		"a cart unopened": {func(in *checkout.OrderPlaceInput) { in.Lines, in.CartID = nil, &bare }, []string{"CART_NOT_FOUND input.cartId"}},
		"no cart":         {func(in *checkout.OrderPlaceInput) { in.Lines, in.CartID = nil, ptr("cart") }, []string{"CART_NOT_FOUND input.cartId"}},
		"another version of the cart": {func(in *checkout.OrderPlaceInput) {
			in.Lines, in.CartID, in.ExpectedVersion = nil, ptr(full.ID.String()), ptr(full.Version-1)
		}, []string{"VERSION_CONFLICT input.expectedVersion"}},
		"a version of lines": {func(in *checkout.OrderPlaceInput) { in.ExpectedVersion = ptr(1) }, []string{"INVALID input.expectedVersion"}},

		"unknown variants": {func(in *checkout.OrderPlaceInput) {
			in.Lines = []cart.CartLineInput{line(id.NewProductVariantID(), 1), line(lamp, 1), {MerchandiseID: "lamp"}}
		}, []string{"VARIANT_NOT_FOUND input.lines.2.merchandiseId"}},
		"variants not on sale": {func(in *checkout.OrderPlaceInput) {
			in.Lines = []cart.CartLineInput{line(id.NewProductVariantID(), 1), line(lamp, 1), line(hidden, 1)}
		}, []string{"VARIANT_NOT_FOUND input.lines.0.merchandiseId", "VARIANT_NOT_FOUND input.lines.2.merchandiseId"}},
		"quantities": {func(in *checkout.OrderPlaceInput) {
			in.Lines = []cart.CartLineInput{line(lamp, -1), line(lamp, 0), line(lamp, 1), line(lamp, 1_000_001), line(lamp, 1<<31-1)}
		}, []string{
			"QUANTITY_OUT_OF_RANGE input.lines.0.quantity", "QUANTITY_OUT_OF_RANGE input.lines.1.quantity",
			"QUANTITY_OUT_OF_RANGE input.lines.3.quantity", "QUANTITY_OUT_OF_RANGE input.lines.4.quantity",
		}},
		"quantities together": {func(in *checkout.OrderPlaceInput) {
			in.Lines = []cart.CartLineInput{line(lamp, 1_000_000), line(lamp, 1)}
		}, []string{"QUANTITY_OUT_OF_RANGE input.lines.1.quantity"}},
		"too many lines": {func(in *checkout.OrderPlaceInput) {
			in.Lines = make([]cart.CartLineInput, cart.MaxLines+1)
		}, []string{"TOO_LONG input.lines"}},
		"an amount out of range": {func(in *checkout.OrderPlaceInput) { in.Lines = []cart.CartLineInput{line(gold, 2)} }, []string{"AMOUNT_OUT_OF_RANGE input"}},
		"an amount that wraps":   {func(in *checkout.OrderPlaceInput) { in.Lines = []cart.CartLineInput{line(gold, 1_000_000)} }, []string{"AMOUNT_OUT_OF_RANGE input"}},
		"more than there is": {func(in *checkout.OrderPlaceInput) {
			in.Lines = []cart.CartLineInput{line(lamp, 6), line(rare, 1)}
		}, []string{"OUT_OF_STOCK input.lines.0.quantity"}},
		"one stock in two lines": {func(in *checkout.OrderPlaceInput) {
			engraved := line(rare, 1)
			engraved.Attributes = []attribute.AttributeInput{{Key: "engraving", Value: "Ada"}}
			in.Lines = []cart.CartLineInput{line(rare, 1), engraved}
		}, []string{"OUT_OF_STOCK input.lines.0.quantity", "OUT_OF_STOCK input.lines.1.quantity"}},

		"no buyer":         {func(in *checkout.OrderPlaceInput) { in.Buyer = nil }, []string{"BLANK input.buyer"}},
		"nobody reachable": {func(in *checkout.OrderPlaceInput) { in.Buyer = &checkout.OrderBuyerInput{FirstName: ptr("Ada")} }, []string{"BLANK input.buyer"}},
		"wrong contacts": {func(in *checkout.OrderPlaceInput) {
			in.Buyer = &checkout.OrderBuyerInput{Email: ptr("ada"), Phone: ptr("0"), LastName: ptr(strings.Repeat("x", 256))}
		}, []string{"INVALID input.buyer.email", "INVALID input.buyer.phone", "TOO_LONG input.buyer.lastName"}},

		"no delivery":     {func(in *checkout.OrderPlaceInput) { in.Delivery = nil }, []string{"BLANK input.delivery"}},
		"both deliveries": {func(in *checkout.OrderPlaceInput) { in.Delivery.Pickup = &checkout.OrderPickupInput{} }, []string{"INVALID input.delivery"}},
		"no address": {func(in *checkout.OrderPlaceInput) {
			in.Delivery.Shipping.Address = address.MailingAddressInput{}
		}, []string{"BLANK " + name("address1"), "BLANK " + name("city"), "BLANK " + name("country")}},
		"no such country":  {func(in *checkout.OrderPlaceInput) { in.Delivery.Shipping.Address.Country = ptr("Atlantis") }, []string{"INVALID " + name("country")}},
		"no such province": {func(in *checkout.OrderPlaceInput) { in.Delivery.Shipping.Address.Province = ptr("Bavaria") }, []string{"INVALID " + name("province")}},
		"no province and no zip": {func(in *checkout.OrderPlaceInput) {
			in.Delivery.Shipping.Address.Province, in.Delivery.Shipping.Address.Zip = nil, nil
		}, []string{"BLANK " + name("province")}},
		"a country not shipped to": {func(in *checkout.OrderPlaceInput) { in.Delivery = shipping("FR", "") }, []string{"NOT_SHIPPABLE " + name("country")}},
		"no such option":           {func(in *checkout.OrderPlaceInput) { in.Delivery.Shipping.OptionHandle = ptr("drone") }, []string{"DELIVERY_OPTION_NOT_FOUND input.delivery.shipping.optionHandle"}},

		"no payment":        {func(in *checkout.OrderPlaceInput) { in.Payment = nil }, []string{"PAYMENT_METHOD_REQUIRED input.payment"}},
		"too many payments": {func(in *checkout.OrderPlaceInput) { in.Payment = make([]payment.PaymentMethodInput, 6) }, []string{"INVALID input.payment"}},
		"an unknown payment": {func(in *checkout.OrderPlaceInput) {
			in.Payment = append(in.Payment, payment.PaymentMethodInput{Provider: "gold"})
		}, []string{"PAYMENT_PROVIDER_NOT_FOUND input.payment.1.provider"}},

		"discount codes": {
			func(in *checkout.OrderPlaceInput) { in.DiscountCodes = []string{"A", "B"} },
			[]string{"CODE_NOT_APPLICABLE input.discountCodes.0", "CODE_NOT_APPLICABLE input.discountCodes.1"},
		},
		"gift card codes": {
			func(in *checkout.OrderPlaceInput) { in.GiftCardCodes = []string{"A", "B"} },
			[]string{"CODE_NOT_APPLICABLE input.giftCardCodes.0", "CODE_NOT_APPLICABLE input.giftCardCodes.1"},
		},
		"a long note": {func(in *checkout.OrderPlaceInput) { in.Note = ptr(strings.Repeat("x", 5001)) }, []string{"TOO_LONG input.note"}},
		"a NUL":       {func(in *checkout.OrderPlaceInput) { in.Buyer.FirstName = ptr("A\x00da") }, []string{"INVALID input.buyer.firstName"}},
		"card numbers": {func(in *checkout.OrderPlaceInput) {
			in.Lines[0].Attributes = []attribute.AttributeInput{{Key: "pay", Value: "4242 4242 4242 4242"}}
		}, []string{"CARD_NUMBER input.lines.0.attributes.0.value"}},
		"a card number as note":   {func(in *checkout.OrderPlaceInput) { in.Note = ptr("4242424242424242") }, []string{"CARD_NUMBER input.note"}},
		"a card number as name":   {func(in *checkout.OrderPlaceInput) { in.Buyer.FirstName = ptr("4242-4242-4242-4242") }, []string{"CARD_NUMBER input.buyer.firstName"}},
		"a card number as street": {func(in *checkout.OrderPlaceInput) { in.Delivery.Shipping.Address.Address2 = ptr("4242424242424242") }, []string{"CARD_NUMBER " + name("address2")}},
		"a card number as token":  {func(in *checkout.OrderPlaceInput) { in.Payment[0].Token = ptr("4242424242424242") }, []string{"CARD_NUMBER input.payment.0.token"}},
	} {
		in := order("k", line(lamp, 1))
		c.change(&in)
		_, err := s.Checkout.Place(t.Context(), access.Actor{}, in)
		if got := refusals(err); strings.Join(got, ", ") != strings.Join(c.want, ", ") {
			t.Errorf("%s: refused with %q (%v), want %q", what, got, err, c.want)
		}
	}
	s.nothingHappened()
	if found, err := s.Carts.Open(t.Context(), full.ID); err != nil || found.Version != full.Version {
		t.Errorf("after the refusals the cart is at version %d, %v; want %d", found.Version, err, full.Version)
	}
}

func TestOutOfStockTellsHowManyThereAre(t *testing.T) {
	t.Parallel()
	s := open(t)
	_, err := s.Checkout.Place(t.Context(), access.Actor{}, order("k", line(s.goods("Lamp", 100, 3), 4)))
	s.refused(err, "OUT_OF_STOCK input.lines.0.quantity")
	if got := data(err, "quantityAvailable"); got != 3 {
		t.Errorf("%v are said to be available, want 3", got)
	}
	made := s.cart(line(s.goods("Chair", 100, 2), 2))
	shoptest.Shelve(t, s.Pool, `update stock_level set on_hand = 1 where on_hand = 2`)
	_, err = s.Checkout.Place(t.Context(), access.Actor{}, fromCart("k2", made.ID))
	s.refused(err, "OUT_OF_STOCK input.cartId")
	if got := data(err, "quantityAvailable"); got != 1 {
		t.Errorf("%v are said to be available, want 1", got)
	}
}

func TestCartWithWhatIsNotSoldAnyMoreIsRefused(t *testing.T) {
	t.Parallel()
	s := open(t)
	lamp, chair := s.goods("Lamp", 100, 3), s.goods("Chair", 100, 3)
	made := s.cart(line(lamp, 1), line(chair, 1))
	s.exec(`update product set status = 'ARCHIVED' where title = 'Lamp'`)
	_, err := s.Checkout.Place(t.Context(), access.Actor{}, fromCart("k", made.ID))
	s.refused(err, "VARIANT_NOT_FOUND input.cartId")
	if got := data(err, "lineId"); got != made.AllLines[0].ID.String() {
		t.Errorf("the line is said to be %v, want %s", got, made.AllLines[0].ID)
	}
	if p, err := s.Carts.RemoveLines(t.Context(), made.ID.String(), []string{made.AllLines[0].ID.String()}); err != nil || p.Cart == nil {
		t.Fatal(p, err)
	}
	s.place(fromCart("k", made.ID))
}

func TestFiveHundredLinesCanBeOrdered(t *testing.T) {
	t.Parallel()
	s := open(t)
	var lines []cart.CartLineInput
	for i := range 100 {
		variant := s.goods("Thing "+strconv.Itoa(i), 100, 5)
		for j := range cart.MaxLines / 100 {
			l := line(variant, 1)
			l.Attributes = []attribute.AttributeInput{{Key: "n", Value: strconv.Itoa(j)}}
			lines = append(lines, l)
		}
	}
	if o := s.place(order("k", lines...)).Order; len(o.Lines) != cart.MaxLines || o.SubtotalPrice != usd(100*int64(cart.MaxLines)) {
		t.Errorf("%d lines over %s", len(o.Lines), o.SubtotalPrice)
	}
}

func TestReusedKeyIsRefusedBeforeAnythingElse(t *testing.T) {
	t.Parallel()
	s := open(t)
	lamp := s.goods("Lamp", 1999, 5)
	first := s.place(order("k", line(lamp, 1)))
	again := order("k", line(lamp, 1))
	again.Buyer.Email = ptr(strings.ToUpper(*again.Buyer.Email)) // the same guest, who writes otherwise
	if same := s.place(again); same.Order.ID != first.Order.ID {
		t.Errorf("the same guest's order is %s, and then %s", first.Order.Name, same.Order.Name)
	}
	for what, change := range map[string]func(*checkout.OrderPlaceInput){
		"another quantity": func(in *checkout.OrderPlaceInput) { in.Lines = []cart.CartLineInput{line(lamp, 2)} },
		"another street":   func(in *checkout.OrderPlaceInput) { in.Delivery.Shipping.Address.Address1 = ptr("2 Market St") },
		"another token":    func(in *checkout.OrderPlaceInput) { in.Payment[0].Token = ptr("decline") },
		"a wrong input":    func(in *checkout.OrderPlaceInput) { in.Lines = []cart.CartLineInput{line(lamp, -1)} },
		"a note":           func(in *checkout.OrderPlaceInput) { in.Note = ptr("hello") },
	} {
		in := order("k", line(lamp, 1))
		change(&in)
		_, err := s.Checkout.Place(t.Context(), access.Actor{}, in)
		if got := refusals(err); len(got) != 1 || got[0] != "IDEMPOTENCY_KEY_REUSED input.idempotencyKey" {
			t.Errorf("%s: %v", what, err)
		}
	}
	if n := s.number(`select count(*) from orders`); n != 1 || s.reserved(lamp) != 1 {
		t.Errorf("%d orders and %d units, want 1 of each", n, s.reserved(lamp))
	}
}

func TestSameInputWrittenOtherwiseIsTheSame(t *testing.T) {
	t.Parallel()
	s := open(t)
	lamp := s.goods("Lamp", 1999, 5)
	placed := s.place(order("k", line(lamp, 1)))
	again := order("k", cart.CartLineInput{MerchandiseID: strings.Replace(lamp.String(), "ProductVariant/"+lamp.String()[len("gid://wharf/ProductVariant/"):],
		"ProductVariant/"+strings.ToUpper(lamp.String()[len("gid://wharf/ProductVariant/"):]), 1)})
	again.Buyer.FirstName = ptr(" Ada ")
	again.Delivery = shipping("united states", "California")
	same(t, s.place(again), placed)
	for what, change := range map[string]func(*checkout.OrderPlaceInput){
		"empty lists of codes":     func(in *checkout.OrderPlaceInput) { in.DiscountCodes, in.GiftCardCodes = []string{}, []string{} },
		"no attributes":            func(in *checkout.OrderPlaceInput) { in.Lines[0].Attributes = []attribute.AttributeInput{} },
		"an empty note":            func(in *checkout.OrderPlaceInput) { in.Note = ptr("") },
		"an empty second street":   func(in *checkout.OrderPlaceInput) { in.Delivery.Shipping.Address.Address2 = ptr(" ") },
		"no name of an option":     func(in *checkout.OrderPlaceInput) { in.Delivery.Shipping.OptionHandle = ptr("") },
		"a phone of no digits":     func(in *checkout.OrderPlaceInput) { in.Buyer.Phone = ptr("") },
		"a quantity that is named": func(in *checkout.OrderPlaceInput) { in.Lines[0].Quantity = nil },
	} {
		t.Run(what, func(t *testing.T) {
			in := order("k", line(lamp, 1))
			in.Buyer.FirstName = ptr("Ada")
			change(&in)
			same(t, s.place(in), placed)
		})
	}
}

// TestBuyersWithoutAnEmailAreToldApart: an empty one is nobody's, so it does not make two buyers one caller.
func TestBuyersWithoutAnEmailAreToldApart(t *testing.T) {
	t.Parallel()
	s := open(t)
	lamp := s.goods("Lamp", 1999, 5)
	ada, eve := order("k", line(lamp, 1)), order("k", line(lamp, 1))
	ada.Buyer = &checkout.OrderBuyerInput{Email: ptr(""), Phone: ptr("+14155550123")}
	eve.Buyer = &checkout.OrderBuyerInput{Email: ptr(""), Phone: ptr("+14155550124")}
	if a, e := s.place(ada), s.place(eve); a.Order.ID == e.Order.ID {
		t.Error("two buyers got one order")
	}
	same(t, s.place(ada), s.place(ada))
}

// TestAnEmptyNoteTakesTheCartsAway: it says that there is none, which is not the same as to say nothing.
func TestAnEmptyNoteTakesTheCartsAway(t *testing.T) {
	t.Parallel()
	s := open(t)
	lamp := s.goods("Lamp", 1999, 5)
	for key, c := range map[string]struct{ given, want *string }{
		"silent": {nil, ptr("Ring twice")}, "none": {ptr(""), nil}, "another": {ptr("Knock"), ptr("Knock")},
	} {
		made := s.cart(line(lamp, 1))
		if p, err := s.Carts.UpdateNote(t.Context(), made.ID.String(), "Ring twice"); err != nil || p.Cart == nil {
			t.Fatal(p, err)
		}
		in := fromCart(key, made.ID)
		in.Note = c.given
		got := s.place(in).Order.Note
		if (got == nil) != (c.want == nil) || (got != nil && *got != *c.want) {
			t.Errorf("%s: the order's note is %v", key, got)
		}
	}
}

func TestAnswerIsTheOrderAsItWasPlaced(t *testing.T) {
	t.Parallel()
	s := open(t)
	in := order("k", line(s.goods("Lamp", 1999, 5), 1))
	placed := s.place(in)
	if _, err := s.Checkout.Cancel(t.Context(), access.Actor{}, checkout.OrderCancelInput{
		IdempotencyKey: "c", OrderID: placed.Order.ID.String(), AccessToken: &placed.AccessToken,
	}); err != nil {
		t.Fatal(err)
	}
	same(t, s.place(in), placed)
}

func TestStrangersSeeNothingOfAKey(t *testing.T) {
	t.Parallel()
	s := open(t)
	lamp := s.goods("Lamp", 1999, 5)
	placed := s.place(order("k", line(lamp, 1)))
	in := order("k", line(lamp, 1))
	in.Buyer.Email = ptr("eve@example.com")
	other, err := s.Checkout.Place(t.Context(), access.Actor{}, in)
	if err != nil || other.Order.ID == placed.Order.ID || other.AccessToken == placed.AccessToken {
		t.Errorf("another buyer's use of the key: %s, %v", other.Order.ID, err)
	}
	if _, err := s.Orders.Visible(t.Context(), access.Actor{}, placed.Order.ID, &other.AccessToken); !fault.IsKind(err, fault.NotFound) {
		t.Errorf("one order's token opens another: %v", err)
	}
	// Who knows a cart's number, its key and its content, but not its secret, gets nothing.
	made := s.cart(line(lamp, 1))
	s.place(fromCart("k", made.ID))
	bare, _, _ := strings.Cut(made.ID.String(), "?")
	stolen := fromCart("k", made.ID)
	stolen.CartID = &bare
	if p, err := s.Checkout.Place(t.Context(), access.Actor{}, stolen); err == nil || p.AccessToken != "" {
		t.Errorf("without the cart's secret: %+v, %v", p, err)
	}
}
