package cart_test

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/attribute"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/customers"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/settings"
	"github.com/wharfhq/wharf/internal/shoptest"
)

// content writes a cart's lines as "title ×quantity".
func content(c cart.Cart) []string {
	lines := []string{}
	for _, l := range c.AllLines {
		lines = append(lines, l.Variant.ProductTitle+" ×"+strconv.Itoa(l.Quantity))
	}
	return lines
}

func (c *counter) holds(name cart.ID, want ...string) {
	c.Helper()
	found, err := c.carts.Open(c.Context(), name)
	if err != nil {
		c.Fatal(err)
	}
	if got := content(found); !slices.Equal(got, append([]string{}, want...)) {
		c.Errorf("the cart holds %v, want %v", got, want)
	}
}

// refused checks that a mutation was refused at these places and answered no cart.
func (c *counter) refused(p *cart.Payload, err error, want ...string) {
	c.Helper()
	if err != nil {
		c.Fatal(err)
	}
	var got []string
	for _, e := range p.UserErrors {
		got = append(got, string(*e.Code)+" "+strings.Join(e.Field, "."))
	}
	if !slices.Equal(got, want) || p.Cart != nil || len(p.Warnings) != 0 {
		c.Errorf("refused with %v, cart %v, warnings %v; want %v alone", got, p.Cart, p.Warnings, want)
	}
}

func warnings(p *cart.Payload) []string {
	list := []string{}
	for _, w := range p.Warnings {
		list = append(list, string(w.Code)+" "+w.Target)
	}
	return list
}

func TestCartAddsUp(t *testing.T) {
	t.Parallel()
	c := open(t)
	lamp, chair := c.variant("Lamp", 1999), c.variant("Chair", 4950)
	made := c.create(line(lamp, 2), line(chair, 1), line(lamp, 1))
	if got, want := content(made), []string{"Lamp ×3", "Chair ×1"}; !slices.Equal(got, want) {
		t.Fatalf("the cart holds %v, want %v", got, want)
	}
	if made.Cost.SubtotalAmount != usd(10947) || made.Cost.TotalAmount != usd(10947) || made.Cost.TotalTaxAmount != nil {
		t.Errorf("cost %+v, want 109.47 and no tax before the country is known", made.Cost)
	}
	if made.AllLines[0].Cost.SubtotalAmount != usd(5997) || made.TotalQuantity() != 4 || made.Version != 2 {
		t.Errorf("line %s, quantity %d, version %d", made.AllLines[0].Cost.SubtotalAmount, made.TotalQuantity(), made.Version)
	}
	if !strings.HasPrefix(made.CheckoutURL, "http") || !strings.Contains(made.CheckoutURL, made.ID.Opaque()) {
		t.Errorf("checkout at %s", made.CheckoutURL)
	}
	read, err := c.carts.Open(t.Context(), made.ID)
	if err != nil {
		t.Fatal(err)
	}
	if read.ID != made.ID || read.Version != made.Version || read.Cost.TotalAmount != made.Cost.TotalAmount || !read.UpdatedAt.Equal(made.UpdatedAt) {
		t.Errorf("read %+v, made %+v", read, made)
	}
}

func TestTaxIsShownOnceTheCountryIsKnown(t *testing.T) {
	t.Parallel()
	c := open(t)
	made := c.create(line(c.variant("Lamp", 11900), 1))
	germany := address.CountryCode("DE")
	identity := cart.CartBuyerIdentityInput{CountryCode: &germany}
	added := c.must(c.carts.UpdateBuyerIdentity(t.Context(), made.ID.String(), identity)).Cart.Cost
	if *added.TotalTaxAmount != usd(2261) || added.TotalAmount != usd(14161) || added.SubtotalAmount != usd(11900) {
		t.Errorf("prices without tax: %s on top, %s", added.TotalTaxAmount, added.TotalAmount)
	}
	if _, err := c.settings.Change(t.Context(), access.SystemActor, func(s *settings.Shop) { s.PricesIncludeTax = true }); err != nil {
		t.Fatal(err)
	}
	within, err := c.carts.Open(t.Context(), made.ID)
	if err != nil {
		t.Fatal(err)
	}
	if *within.Cost.TotalTaxAmount != usd(1900) || within.Cost.TotalAmount != usd(11900) {
		t.Errorf("prices with tax: %s in %s", within.Cost.TotalTaxAmount, within.Cost.TotalAmount)
	}
}

func TestPriceIsAlwaysTodays(t *testing.T) {
	t.Parallel()
	c := open(t)
	lamp := c.variant("Lamp", 1999)
	made := c.create(line(lamp, 1))
	c.exec(`update product_variant set price = 2500 where id = $1`, lamp)
	if found, err := c.carts.Open(t.Context(), made.ID); err != nil || found.Cost.TotalAmount != usd(2500) {
		t.Errorf("%s, %v; want 25.00", found.Cost.TotalAmount, err)
	}
}

func TestOnlyTheHolderOfTheSecretHasTheCart(t *testing.T) {
	t.Parallel()
	c := open(t)
	made, other := c.create(line(c.variant("Lamp", 1999), 1)), c.create()
	bare, _, _ := strings.Cut(made.ID.String(), "?")
	_, otherKey, _ := strings.Cut(other.ID.String(), "?")
	for name, text := range map[string]string{
		"without a secret":     bare,
		"with an empty secret": bare + "?key=",
		"with another's":       bare + "?" + otherKey,
		"one that is none":     "gid://wharf/Cart/018f0000-0000-7000-8000-000000000000?" + otherKey,
		"of another kind":      strings.Replace(made.ID.String(), "Cart", "Order", 1),
		"no id at all":         "cart",
	} {
		if name2, ok := cart.ParseID(text); ok {
			if _, err := c.carts.Open(t.Context(), name2); !fault.IsKind(err, fault.NotFound) {
				t.Errorf("%s: opened, %v", name, err)
			}
		}
		p, err := c.carts.UpdateNote(t.Context(), text, "mine now")
		c.refused(p, err, "INVALID cartId")
	}
	found, err := c.carts.Open(t.Context(), made.ID)
	if err != nil || found.Note != nil || found.Version != made.Version {
		t.Errorf("the cart was changed: %+v, %v", found, err)
	}
	var kept string
	if err := c.pool.QueryRow(t.Context(), `select cart::text from cart where id = $1`, made.ID.UUID).Scan(&kept); err != nil {
		t.Fatal(err)
	}
	if _, key, _ := strings.Cut(made.ID.String(), "key="); strings.Contains(kept, key) {
		t.Error("the secret is kept in the clear")
	}
}

func TestLinesAreChangedAndRemoved(t *testing.T) {
	t.Parallel()
	c := open(t)
	lamp, chair, desk := c.variant("Lamp", 100), c.variant("Chair", 200), c.variant("Desk", 300)
	made := c.create(line(lamp, 1), line(chair, 1), line(desk, 1))
	change := func(i int, quantity *int, variant *id.ProductVariantID, attributes ...attribute.AttributeInput) cart.CartLineUpdateInput {
		in := cart.CartLineUpdateInput{ID: made.AllLines[i].ID.String(), Quantity: quantity, Attributes: attributes}
		if variant != nil {
			in.MerchandiseID = ptr(variant.String())
		}
		return in
	}
	update := func(changes ...cart.CartLineUpdateInput) []string {
		return content(*c.must(c.carts.UpdateLines(t.Context(), made.ID.String(), changes)).Cart)
	}
	if got, want := update(change(0, ptr(5), nil), change(1, ptr(0), nil)), []string{"Lamp ×5", "Desk ×1"}; !slices.Equal(got, want) {
		t.Errorf("after a change and a removal: %v, want %v", got, want)
	}
	if got, want := update(change(2, nil, &chair)), []string{"Lamp ×5", "Chair ×1"}; !slices.Equal(got, want) {
		t.Errorf("after another variant was chosen: %v, want %v", got, want)
	}
	if got, want := update(change(2, ptr(2), &lamp)), []string{"Lamp ×7"}; !slices.Equal(got, want) {
		t.Errorf("a line that becomes like another: %v, want %v", got, want)
	}
	c.must(c.carts.AddLines(t.Context(), made.ID.String(), []cart.CartLineInput{line(chair, 1), line(desk, 2)}))
	found, err := c.carts.Open(t.Context(), made.ID)
	if err != nil {
		t.Fatal(err)
	}
	made = found
	// Two lines change places in one call.
	if got, want := update(change(1, nil, &desk, attribute.AttributeInput{Key: "color", Value: "red"}), change(2, ptr(4), &chair)), []string{"Lamp ×7", "Desk ×1", "Chair ×4"}; !slices.Equal(got, want) {
		t.Errorf("after an exchange: %v, want %v", got, want)
	}
	gone := []string{made.AllLines[0].ID.String(), made.AllLines[2].ID.String()}
	if got, want := content(*c.must(c.carts.RemoveLines(t.Context(), made.ID.String(), gone)).Cart), []string{"Desk ×1"}; !slices.Equal(got, want) {
		t.Errorf("after two were removed: %v, want %v", got, want)
	}
}

func TestSameAttributesInAnyOrderAreOneLine(t *testing.T) {
	t.Parallel()
	c := open(t)
	lamp := c.variant("Lamp", 100)
	with := func(pairs ...string) cart.CartLineInput {
		in := cart.CartLineInput{MerchandiseID: lamp.String()}
		for i := 0; i < len(pairs); i += 2 {
			in.Attributes = append(in.Attributes, attribute.AttributeInput{Key: pairs[i], Value: pairs[i+1]})
		}
		return in
	}
	made := c.create(with("a", "1", "b", "2"), with("b", "2", "a", "1"), with("a", "1"), with(), with("a", "2", "a", "1"))
	if got, want := content(made), []string{"Lamp ×2", "Lamp ×2", "Lamp ×1"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := made.AllLines[0].Attribute("b"); got == nil || *got.Value != "2" || made.AllLines[0].Attribute("c") != nil {
		t.Errorf("attribute b is %v", got)
	}
}

func TestScarceGoodsAreCutWithAWarning(t *testing.T) {
	t.Parallel()
	c := open(t)
	lamp, gone := c.stocked("Lamp", 100, 3), c.stocked("Gone", 100, 0)
	p := c.must(c.carts.Create(t.Context(), access.Actor{}, cart.CartInput{Lines: []cart.CartLineInput{line(lamp, 5), line(gone, 1)}}))
	if got, want := content(*p.Cart), []string{"Lamp ×3"}; !slices.Equal(got, want) {
		t.Fatalf("%v, want %v", got, want)
	}
	lampLine := p.Cart.AllLines[0].ID.String()
	if got, want := warnings(p), []string{"MERCHANDISE_NOT_ENOUGH_STOCK " + lampLine, "MERCHANDISE_OUT_OF_STOCK " + gone.String()}; !slices.Equal(got, want) {
		t.Errorf("warned of %v, want %v", got, want)
	}
	name := p.Cart.ID.String()

	// With other attributes it is the same stock.
	p = c.must(c.carts.AddLines(t.Context(), name, []cart.CartLineInput{engraved(line(lamp, 1))}))
	if got, want := warnings(p), []string{"MERCHANDISE_NOT_ENOUGH_STOCK " + lamp.String()}; !slices.Equal(got, want) || len(p.Cart.AllLines) != 1 {
		t.Errorf("warned of %v with %v in the cart, want %v", got, content(*p.Cart), want)
	}
	p = c.must(c.carts.UpdateLines(t.Context(), name, []cart.CartLineUpdateInput{{ID: lampLine, Quantity: ptr(9)}}))
	if got, want := warnings(p), []string{"MERCHANDISE_NOT_ENOUGH_STOCK " + lampLine}; !slices.Equal(got, want) || p.Cart.AllLines[0].Quantity != 3 {
		t.Errorf("warned of %v with %v in the cart, want %v", got, content(*p.Cart), want)
	}

	// Others buy them all: what is in the cart stays there until it is placed, but grows no more.
	shoptest.Shelve(t, c.pool, `update stock_level set on_hand = 0 where variant_id = $1`, lamp)
	p = c.must(c.carts.UpdateLines(t.Context(), name, []cart.CartLineUpdateInput{{ID: lampLine, Quantity: ptr(2)}}))
	if got, want := warnings(p), []string{"MERCHANDISE_OUT_OF_STOCK " + lampLine}; !slices.Equal(got, want) || p.Cart.AllLines[0].Quantity != 2 {
		t.Errorf("warned of %v with %v in the cart, want %v", got, content(*p.Cart), want)
	}
}

func TestGoodsThatOnlyAStoreHasFindTheirPlace(t *testing.T) {
	t.Parallel()
	c := open(t)
	lamp := c.stocked("Lamp", 100, 1)
	c.stock(lamp, c.location(false, true), 4)
	c.stock(lamp, c.location(false, true), 2)
	p := c.must(c.carts.Create(t.Context(), access.Actor{}, cart.CartInput{Lines: []cart.CartLineInput{line(lamp, 9)}}))
	if got, want := content(*p.Cart), []string{"Lamp ×4"}; !slices.Equal(got, want) || len(p.Warnings) != 1 {
		t.Errorf("%v with %d warnings, want %v: the most that one store has", got, len(p.Warnings), want)
	}
}

func TestWrongInputIsRefusedWhole(t *testing.T) {
	t.Parallel()
	c := open(t)
	lamp, hidden := c.variant("Lamp", 100), c.variant("Hidden", 100)
	c.exec(`update product set status = 'DRAFT' where title = 'Hidden'`)
	made := c.create(line(lamp, 1))
	name := made.ID.String()
	attributes := func(key, value string) cart.CartLineInput {
		return cart.CartLineInput{MerchandiseID: lamp.String(), Attributes: []attribute.AttributeInput{{Key: key, Value: value}}}
	}
	add := func(want []string, lines ...cart.CartLineInput) {
		t.Helper()
		p, err := c.carts.AddLines(t.Context(), name, lines)
		c.refused(p, err, want...)
	}
	add([]string{"INVALID lines.1.merchandiseId"}, line(lamp, 1), line(id.NewProductVariantID(), 1))
	add([]string{"INVALID lines.0.merchandiseId"}, line(hidden, 1))
	add([]string{"INVALID lines.0.merchandiseId"}, cart.CartLineInput{MerchandiseID: "lamp"})
	add([]string{"INVALID lines.0.merchandiseId"}, cart.CartLineInput{MerchandiseID: made.AllLines[0].ID.String()})
	add([]string{"INVALID lines.0.quantity", "INVALID lines.2.quantity"}, line(lamp, 0), line(lamp, 1), line(lamp, -1))
	add([]string{"MAXIMUM_EXCEEDED lines.0.quantity"}, line(lamp, 1<<31-1))
	add([]string{"MAXIMUM_EXCEEDED lines.1.quantity"}, line(lamp, 999_999), line(lamp, 1))
	add([]string{"INVALID lines.0.attributes.0.key"}, attributes("", "x"))
	add([]string{"INVALID lines.0.attributes.0.value"}, attributes("note", strings.Repeat("x", 4001)))
	add([]string{"INVALID lines.0.attributes.0.value"}, attributes("note", "a\x00b"))
	add([]string{"PAYMENTS_CREDIT_CARD_NUMBER_INVALID lines.0.attributes.0.value"}, attributes("note", "take 4242 4242 4242 4242"))
	add([]string{"INVALID lines"}, make([]cart.CartLineInput, 251)...)

	update := func(want string, change cart.CartLineUpdateInput) {
		t.Helper()
		p, err := c.carts.UpdateLines(t.Context(), name, []cart.CartLineUpdateInput{change})
		c.refused(p, err, want)
	}
	line0 := made.AllLines[0].ID.String()
	update("INVALID_MERCHANDISE_LINE lines.0.id", cart.CartLineUpdateInput{ID: id.NewCartLineID().String()})
	update("INVALID lines.0.quantity", cart.CartLineUpdateInput{ID: line0, Quantity: ptr(-1)})
	update("MAXIMUM_EXCEEDED lines.0.quantity", cart.CartLineUpdateInput{ID: line0, Quantity: ptr(1_000_001)})
	update("INVALID lines.0.merchandiseId", cart.CartLineUpdateInput{ID: line0, MerchandiseID: ptr(hidden.String())})

	p, err := c.carts.RemoveLines(t.Context(), name, []string{line0, id.NewCartLineID().String()})
	c.refused(p, err, "INVALID_MERCHANDISE_LINE lineIds.1")
	p, err = c.carts.UpdateNote(t.Context(), name, strings.Repeat("x", 5001))
	c.refused(p, err, "NOTE_TOO_LONG note")
	p, err = c.carts.UpdateNote(t.Context(), name, "card 4242-4242-4242-4242")
	c.refused(p, err, "PAYMENTS_CREDIT_CARD_NUMBER_INVALID note")
	p, err = c.carts.UpdateBuyerIdentity(t.Context(), name, cart.CartBuyerIdentityInput{
		Email: ptr("ada"), Phone: ptr("12"), CustomerAccessToken: ptr("nobody's"),
	})
	c.refused(p, err, "INVALID buyerIdentity.email", "INVALID buyerIdentity.phone", "INVALID buyerIdentity.customerAccessToken")

	c.holds(made.ID, "Lamp ×1")
	if found, err := c.carts.Open(t.Context(), made.ID); err != nil || found.Version != made.Version {
		t.Errorf("after all refusals version %d, %v; want %d", found.Version, err, made.Version)
	}
	var carts int
	p, err = c.carts.Create(t.Context(), access.Actor{}, cart.CartInput{Note: ptr("4242424242424242"), Lines: []cart.CartLineInput{line(lamp, 0)}})
	c.refused(p, err, "PAYMENTS_CREDIT_CARD_NUMBER_INVALID input.note", "INVALID input.lines.0.quantity")
	if err := c.pool.QueryRow(t.Context(), `select count(*) from cart`).Scan(&carts); err != nil || carts != 1 {
		t.Errorf("%d carts, %v; a refused one must leave nothing", carts, err)
	}
}

// TestAllThatIsWrongWithALineIsTold at once, each with its path, also where the line or its merchandise is none.
func TestAllThatIsWrongWithALineIsTold(t *testing.T) {
	t.Parallel()
	c := open(t)
	lamp := c.variant("Lamp", 100)
	made := c.create(line(lamp, 2))
	var teleport orders.DeliveryMethodType = "TELEPORT"
	wrong := []attribute.AttributeInput{{Key: "", Value: "4242 4242 4242 4242"}, {Key: "a", Value: "b"}}
	nothing := cart.CartLineInput{MerchandiseID: "lamp", Quantity: ptr(0), DeliveryMethod: &teleport, Attributes: wrong}
	child := cart.CartLineInput{MerchandiseID: lamp.String(), Quantity: ptr(-1), Parent: &cart.CartLineParentInput{LineID: ptr("x")}}
	orphan := cart.CartLineInput{MerchandiseID: lamp.String(), Quantity: ptr(0), Attributes: wrong[:1], Parent: &cart.CartLineParentInput{MerchandiseID: ptr(lamp.String())}}
	tooMuch := cart.CartLineInput{MerchandiseID: lamp.String(), Quantity: ptr(2_000_000), Attributes: wrong[:1]}
	all := func(lines string) (want []string) {
		for _, f := range []string{
			"INVALID 0.merchandiseId", "INVALID 0.attributes.0.key", "PAYMENTS_CREDIT_CARD_NUMBER_INVALID 0.attributes.0.value", "INVALID 0.quantity", "INVALID 0.deliveryMethod",
			"INVALID 1.attributes.0.key", "PAYMENTS_CREDIT_CARD_NUMBER_INVALID 1.attributes.0.value", "MAXIMUM_EXCEEDED 1.quantity",
			"PARENT_LINE_NOT_FOUND 2.parent.lineId", "INVALID 2.quantity",
			"INVALID 3.attributes.0.key", "PAYMENTS_CREDIT_CARD_NUMBER_INVALID 3.attributes.0.value", "INVALID 3.quantity",
		} {
			code, field, _ := strings.Cut(f, " ")
			want = append(want, code+" "+lines+"."+field)
		}
		return want
	}
	lines := []cart.CartLineInput{nothing, tooMuch, child, orphan}
	p, err := c.carts.AddLines(t.Context(), made.ID.String(), lines)
	c.refused(p, err, all("lines")...)
	p, err = c.carts.Create(t.Context(), access.Actor{}, cart.CartInput{Lines: lines})
	c.refused(p, err, all("input.lines")...)
	p, err = c.carts.UpdateLines(t.Context(), made.ID.String(), []cart.CartLineUpdateInput{
		{ID: made.AllLines[0].ID.String(), MerchandiseID: ptr("lamp"), Quantity: ptr(-1), DeliveryMethod: &teleport, Attributes: wrong},
		{ID: "x", MerchandiseID: ptr("lamp"), Quantity: ptr(-1), Attributes: wrong[:1]},
		{ID: made.AllLines[0].ID.String(), Quantity: ptr(2_000_000), Attributes: wrong[:1]},
	})
	c.refused(p, err, "INVALID lines.0.merchandiseId", "INVALID lines.0.attributes.0.key", "PAYMENTS_CREDIT_CARD_NUMBER_INVALID lines.0.attributes.0.value", "INVALID lines.0.quantity",
		"INVALID lines.0.deliveryMethod", "INVALID_MERCHANDISE_LINE lines.1.id", "INVALID lines.1.merchandiseId", "INVALID lines.1.attributes.0.key", "PAYMENTS_CREDIT_CARD_NUMBER_INVALID lines.1.attributes.0.value",
		"INVALID lines.1.quantity", "INVALID lines.2.attributes.0.key", "PAYMENTS_CREDIT_CARD_NUMBER_INVALID lines.2.attributes.0.value", "MAXIMUM_EXCEEDED lines.2.quantity")
	c.holds(made.ID, "Lamp ×2")
}

func TestCartHasBounds(t *testing.T) {
	t.Parallel()
	c := open(t)
	var lines []cart.CartLineInput
	for i := range cart.MaxLines / 2 {
		lines = append(lines, line(c.variant("Lamp "+strconv.Itoa(i), 100), 1))
	}
	made := c.create(lines...)
	for i := range lines {
		lines[i].Attributes = []attribute.AttributeInput{{Key: "again", Value: "yes"}}
	}
	full := c.must(c.carts.AddLines(t.Context(), made.ID.String(), lines)).Cart
	if len(full.AllLines) != cart.MaxLines {
		t.Fatalf("%d lines, want %d", len(full.AllLines), cart.MaxLines)
	}
	p, err := c.carts.AddLines(t.Context(), made.ID.String(), []cart.CartLineInput{line(c.variant("One more", 100), 1)})
	c.refused(p, err, "CART_TOO_LARGE lines")
	p, err = c.carts.AddLines(t.Context(), made.ID.String(), lines[:1]) // a line that is there may still grow
	c.must(p, err)

	gold := c.variant("Gold", cart.MaxAmount/2+1)
	p, err = c.carts.Create(t.Context(), access.Actor{}, cart.CartInput{Lines: []cart.CartLineInput{line(gold, 2)}})
	c.refused(p, err, "CART_TOO_LARGE ")
	p, err = c.carts.Create(t.Context(), access.Actor{}, cart.CartInput{Lines: []cart.CartLineInput{line(gold, 1_000_000)}})
	c.refused(p, err, "CART_TOO_LARGE ")
}

func TestAttributesOfACartAreBounded(t *testing.T) {
	t.Parallel()
	c := open(t)
	lamp := c.variant("Lamp", 100)
	long := func(mark string) cart.CartLineInput {
		one := line(lamp, 1)
		for i := range 50 {
			one.Attributes = append(one.Attributes, attribute.AttributeInput{Key: strconv.Itoa(i), Value: mark + strings.Repeat("x", 3999)})
		}
		return one
	}
	made := c.create(long("a"), long("b"), long("c"), long("d"), long("e"))
	p, err := c.carts.AddLines(t.Context(), made.ID.String(), []cart.CartLineInput{long("f")})
	c.refused(p, err, "CART_TOO_LARGE ")
	c.must(c.carts.RemoveLines(t.Context(), made.ID.String(), []string{made.AllLines[0].ID.String()}))
	if grown := c.must(c.carts.AddLines(t.Context(), made.ID.String(), []cart.CartLineInput{long("f")})).Cart; len(grown.AllLines) != 5 {
		t.Errorf("the cart has %d lines, want 5", len(grown.AllLines))
	}
}

func TestBuyerNoteAndAttributes(t *testing.T) {
	t.Parallel()
	c := open(t)
	password := "correct horse battery"
	account, err := c.customers.Create(t.Context(), access.Actor{}, customers.CreateInput{Email: "ada@example.com", Password: password})
	if err != nil {
		t.Fatal(err)
	}
	token, err := c.customers.SignIn(t.Context(), access.Actor{}, customers.AccessTokenCreateInput{Email: "ada@example.com", Password: password})
	if err != nil {
		t.Fatal(err)
	}
	name := c.create().ID.String()
	us := address.CountryCode("US")
	buyer := c.must(c.carts.UpdateBuyerIdentity(t.Context(), name, cart.CartBuyerIdentityInput{
		CountryCode: &us, Email: ptr(" Ada@Example.com "), Phone: ptr("(415) 555-0123"), CustomerAccessToken: &token.AccessToken,
	})).Cart.BuyerIdentity
	if *buyer.Email != "ada@example.com" || *buyer.Phone != "+14155550123" || *buyer.CountryCode != "US" || *buyer.CustomerID != account.ID {
		t.Errorf("buyer %+v", buyer)
	}
	buyer = c.must(c.carts.UpdateBuyerIdentity(t.Context(), name, cart.CartBuyerIdentityInput{Email: ptr("")})).Cart.BuyerIdentity
	if buyer.Email != nil || buyer.Phone == nil || buyer.CustomerID == nil {
		t.Errorf("after the e-mail was taken back: %+v", buyer)
	}
	buyer = c.must(c.carts.UpdateBuyerIdentity(t.Context(), name, cart.CartBuyerIdentityInput{Phone: ptr("415 555 0199")})).Cart.BuyerIdentity
	if *buyer.Phone != "+14155550199" || *buyer.CountryCode != "US" {
		t.Errorf("a number of the country that the cart has is %+v", buyer)
	}
	p, err := c.carts.UpdateBuyerIdentity(t.Context(), c.create().ID.String(), cart.CartBuyerIdentityInput{Phone: ptr("415 555 0199")})
	c.refused(p, err, "INVALID buyerIdentity.phone")
	if note := c.must(c.carts.UpdateNote(t.Context(), name, "ring twice")).Cart.Note; note == nil || *note != "ring twice" {
		t.Errorf("note %v", note)
	}
	if note := c.must(c.carts.UpdateNote(t.Context(), name, "")).Cart.Note; note != nil {
		t.Errorf("an empty note is %q, want none", *note)
	}
	attributes := []attribute.AttributeInput{{Key: "gift", Value: "yes"}, {Key: "wrap", Value: "red"}}
	with := c.must(c.carts.UpdateAttributes(t.Context(), name, attributes)).Cart
	if len(with.Attributes) != 2 || *with.Attribute("wrap").Value != "red" || with.Attribute("nothing") != nil {
		t.Errorf("attributes %v", with.Attributes)
	}
	if none := c.must(c.carts.UpdateAttributes(t.Context(), name, nil)).Cart; len(none.Attributes) != 0 {
		t.Errorf("attributes %v after they were replaced by none", none.Attributes)
	}
}

func TestCartChangedFromManySidesLosesNoLine(t *testing.T) {
	t.Parallel()
	c := open(t)
	const sides, each = 8, 5
	lamp := c.variant("Lamp", 1)
	var variants []id.ProductVariantID
	for i := range sides {
		variants = append(variants, c.variant("Thing "+strconv.Itoa(i), 1))
	}
	made := c.create()
	var group sync.WaitGroup
	start := make(chan struct{})
	for side := range sides {
		group.Go(func() {
			<-start
			for range each {
				p, err := c.carts.AddLines(t.Context(), made.ID.String(), []cart.CartLineInput{line(lamp, 1), line(variants[side], 1)})
				if err != nil || len(p.UserErrors) > 0 {
					t.Errorf("side %d: %v, %v", side, p, err)
				}
			}
		})
	}
	close(start)
	group.Wait()
	found, err := c.carts.Open(t.Context(), made.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(found.AllLines) != sides+1 || found.TotalQuantity() != 2*sides*each || found.Version != made.Version+sides*each {
		t.Errorf("%v at version %d, want %d lines, %d units, version %d", content(found), found.Version, sides+1, 2*sides*each, made.Version+sides*each)
	}
}

func TestDeletedVariantLeavesTheCart(t *testing.T) {
	t.Parallel()
	c := open(t)
	lamp, chair := c.variant("Lamp", 100), c.variant("Chair", 200)
	made := c.create(line(lamp, 1), line(chair, 1))
	c.exec(`delete from product where title = 'Lamp'`)
	c.holds(made.ID, "Chair ×1")
	c.must(c.carts.UpdateNote(t.Context(), made.ID.String(), "hello"))
	c.must(c.carts.AddLines(t.Context(), made.ID.String(), []cart.CartLineInput{line(chair, 1)}))
	c.holds(made.ID, "Chair ×2")
}

func TestUntouchedCartsAreRemoved(t *testing.T) {
	t.Parallel()
	c := open(t)
	old, young := c.create(line(c.variant("Lamp", 100), 1)), c.create()
	gone := func() {
		t.Helper()
		if _, err := c.carts.Open(t.Context(), old.ID); !fault.IsKind(err, fault.NotFound) {
			t.Errorf("the old cart is still there: %v", err)
		}
		p, err := c.carts.UpdateNote(t.Context(), old.ID.String(), "still mine")
		c.refused(p, err, "INVALID cartId")
	}
	c.exec(`update cart set updated_at = now() - interval '31 days' where id = $1`, old.ID.UUID)
	gone() // before any job has come round
	if n, err := c.carts.Purge(t.Context(), 100); n != 1 || err != nil {
		t.Errorf("removed %d, %v; want 1", n, err)
	}
	gone()
	c.holds(young.ID)
	c.carts.TTL = time.Hour
	c.exec(`update cart set updated_at = now() - interval '61 minutes' where id = $1`, young.ID.UUID)
	if n, err := c.carts.Purge(t.Context(), 100); n != 1 || err != nil {
		t.Errorf("removed %d, %v; want 1", n, err)
	}
}
