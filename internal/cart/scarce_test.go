package cart_test

import (
	"slices"
	"testing"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/attribute"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/shoptest"
)

func collected(l cart.CartLineInput) cart.CartLineInput {
	l.DeliveryMethod = ptr(orders.DeliveryPickUp)
	return l
}

func engraved(l cart.CartLineInput) cart.CartLineInput {
	l.Attributes = []attribute.AttributeInput{{Key: "engraving", Value: "Ada"}}
	return l
}

// said are the warnings of an answer as code and message.
func said(p *cart.Payload) []string {
	list := []string{}
	for _, w := range p.Warnings {
		list = append(list, string(w.Code)+" "+w.Message)
	}
	return list
}

func (c *counter) says(p *cart.Payload, want ...string) {
	c.Helper()
	if got := said(p); !slices.Equal(got, append([]string{}, want...)) {
		c.Errorf("warned of %q, want %q", got, want)
	}
}

// TestWhatIsSoldOutOnlineIsWarnedOfAtOnce: what availableForSale says of a product, the cart says too, before anybody has
// told where it goes.
func TestWhatIsSoldOutOnlineIsWarnedOfAtOnce(t *testing.T) {
	t.Parallel()
	c := open(t)
	lamp, chair := c.stocked("Lamp", 100, 0), c.stocked("Chair", 100, 2)
	store := c.location(false, true)
	c.stock(lamp, store, 4)
	c.stock(chair, store, 5)
	made := c.create()
	p := c.must(c.carts.AddLines(t.Context(), made.ID.String(), []cart.CartLineInput{line(lamp, 1), line(chair, 3)}))
	c.is(*p.Cart, "Lamp ×1", "Chair ×3")
	c.says(p, `MERCHANDISE_OUT_OF_STOCK "Lamp" is sold out online. 4 can be collected in a store.`,
		`MERCHANDISE_NOT_ENOUGH_STOCK Only 2 of "Chair" can be shipped. 5 can be collected in a store.`)
	if p.Warnings[0].Target != p.Cart.AllLines[0].ID.String() || p.Warnings[1].Target != p.Cart.AllLines[1].ID.String() {
		t.Errorf("warned of %+v", p.Warnings)
	}
	lampLine, chairLine := p.Cart.AllLines[0].ID.String(), p.Cart.AllLines[1].ID.String()
	c.says(c.must(c.carts.UpdateNote(t.Context(), made.ID.String(), "Ring twice")), said(p)...)
	p = c.must(c.carts.UpdateLines(t.Context(), made.ID.String(), []cart.CartLineUpdateInput{
		{ID: lampLine, DeliveryMethod: ptr(orders.DeliveryPickUp)}, {ID: chairLine, Quantity: ptr(2)},
	}))
	c.is(*p.Cart, "Lamp ×1, collected", "Chair ×2")
	c.says(p)
	shoptest.Shelve(t, c.pool, `update stock_level set on_hand = 0 where location_id = $1`, store)
	c.says(c.must(c.carts.UpdateNote(t.Context(), made.ID.String(), "")), `MERCHANDISE_OUT_OF_STOCK "Lamp" is sold out in all stores.`)
}

// TestOneMoreOfWhatTheCartHasIsNotSoldOut: goods that the cart itself has taken are there, there is only not enough of them.
func TestOneMoreOfWhatTheCartHasIsNotSoldOut(t *testing.T) {
	t.Parallel()
	c := open(t)
	tv, warranty := c.variant("TV", 50000), c.variant("Warranty", 5000)
	lamp, wrap, box := c.stocked("Lamp", 100, 3), c.stocked("Wrap", 100, 10), c.variant("Box", 1000)
	c.exec(`insert into stock_item (variant_id, is_bundle) values ($1, true)`, box)
	c.exec(`insert into bundle_component (bundle_id, component_id, position, quantity) values ($1, $2, 1, 2)`, box, wrap)
	made := c.create(line(tv, 1), line(lamp, 3), line(wrap, 9))
	name, parent := made.ID.String(), made.AllLines[0].ID
	const noMore = `MERCHANDISE_NOT_ENOUGH_STOCK No more of "Lamp" can be had with what the cart holds already.`
	for what, test := range map[string]struct {
		lines []cart.CartLineInput
		want  []string
	}{
		"of the same line":      {[]cart.CartLineInput{line(lamp, 1)}, []string{`MERCHANDISE_NOT_ENOUGH_STOCK Only 3 of "Lamp" can be had.`}},
		"under a parent":        {[]cart.CartLineInput{of(line(lamp, 1), parent)}, []string{noMore}},
		"with attributes":       {[]cart.CartLineInput{engraved(line(lamp, 1))}, []string{noMore}},
		"to be collected":       {[]cart.CartLineInput{collected(line(lamp, 1))}, []string{noMore}},
		"as a part of a bundle": {[]cart.CartLineInput{line(box, 1)}, []string{`MERCHANDISE_NOT_ENOUGH_STOCK No more of "Box" can be had with what the cart holds already.`}},
		"with what belongs to it": {[]cart.CartLineInput{engraved(line(lamp, 1)), of(line(warranty, 1), lamp)}, []string{
			noMore, `MERCHANDISE_NOT_ENOUGH_STOCK There is not enough of what "Warranty" belongs to.`,
		}},
		"some of it": {[]cart.CartLineInput{engraved(line(wrap, 2))}, []string{`MERCHANDISE_NOT_ENOUGH_STOCK Only 1 of "Wrap" can be had beside what the cart holds of it already.`}},
	} {
		clone := c.must(c.carts.Clone(t.Context(), name)).Cart
		lines := slices.Clone(test.lines)
		for i, l := range lines {
			if l.Parent != nil && l.Parent.LineID != nil {
				lines[i] = of(l, clone.AllLines[0].ID)
			}
		}
		p := c.must(c.carts.AddLines(t.Context(), clone.ID.String(), lines))
		if got := said(p); !slices.Equal(got, test.want) {
			t.Errorf("%s: warned of %q, want %q", what, got, test.want)
		}
	}

	// The other way round: a bundle has taken the parts.
	boxed := c.create(line(box, 5))
	p := c.must(c.carts.AddLines(t.Context(), boxed.ID.String(), []cart.CartLineInput{line(wrap, 1)}))
	c.is(*p.Cart, "Box ×5")
	c.says(p, `MERCHANDISE_NOT_ENOUGH_STOCK No more of "Wrap" can be had with what the cart holds already.`)

	// Once others have bought them all, they are sold out.
	shoptest.Shelve(t, c.pool, `update stock_level set on_hand = 0 where variant_id = $1`, lamp)
	p = c.must(c.carts.AddLines(t.Context(), name, []cart.CartLineInput{of(line(lamp, 1), parent)}))
	c.says(p, `MERCHANDISE_OUT_OF_STOCK "Lamp" is sold out.`, `MERCHANDISE_OUT_OF_STOCK "Lamp" is sold out.`)
}

// TestWhatIsShippedAndWhatIsCollectedComeFromWhereTheyAre: one order can have both, and no unit twice.
func TestWhatIsShippedAndWhatIsCollectedComeFromWhereTheyAre(t *testing.T) {
	t.Parallel()
	c := open(t)
	lamp, chair := c.stocked("Lamp", 100, 3), c.variant("Chair", 100)
	c.stock(lamp, c.location(false, true), 9)
	made := c.create(collected(line(lamp, 9)), line(lamp, 4))
	c.is(made, "Lamp ×9, collected", "Lamp ×3")
	made = c.create(line(lamp, 3), collected(line(lamp, 12)))
	c.is(made, "Lamp ×3", "Lamp ×9, collected")

	// A store that ships gives each of its units once.
	c.exec(`insert into stock_item (variant_id) values ($1)`, chair)
	c.stock(chair, c.location(true, true), 5)
	p := c.must(c.carts.Create(t.Context(), access.Actor{}, cart.CartInput{Lines: []cart.CartLineInput{collected(line(chair, 4)), line(chair, 2)}}))
	c.is(*p.Cart, "Chair ×4, collected", "Chair ×1")
	c.says(p, `MERCHANDISE_NOT_ENOUGH_STOCK Only 1 of "Chair" can be had beside what the cart holds of it already.`)
}
