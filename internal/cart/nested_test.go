package cart_test

import (
	"slices"
	"strconv"
	"testing"

	"github.com/wharfhq/wharf/internal/attribute"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
)

// of puts a line under another: one of the cart by its id, or one of the same call by its variant.
func of(l cart.CartLineInput, parent any) cart.CartLineInput {
	switch parent := parent.(type) {
	case id.CartLineID:
		l.Parent = &cart.CartLineParentInput{LineID: ptr(parent.String())}
	case id.ProductVariantID:
		l.Parent = &cart.CartLineParentInput{MerchandiseID: ptr(parent.String())}
	}
	return l
}

// nested writes a cart's lines as "title ×quantity", those that belong to others with their title.
func nested(c cart.Cart) []string {
	lines := []string{}
	for _, l := range c.AllLines {
		text := l.Variant.ProductTitle + " ×" + strconv.Itoa(l.Quantity)
		if p := l.ParentRelationship(); p != nil {
			text += " of " + p.Parent.Variant.ProductTitle
		}
		if l.PickUp {
			text += ", collected"
		}
		lines = append(lines, text)
	}
	return lines
}

func (c *counter) is(got cart.Cart, want ...string) {
	c.Helper()
	if lines := nested(got); !slices.Equal(lines, want) {
		c.Errorf("the cart holds %q, want %q", lines, want)
	}
}

func TestLinesThatBelongToOthers(t *testing.T) {
	t.Parallel()
	c := open(t)
	tv, warranty, wrap := c.variant("TV", 50000), c.variant("Warranty", 5000), c.variant("Wrap", 300)
	made := c.create(of(line(warranty, 1), tv), line(tv, 1), line(warranty, 1))
	c.is(made, "TV ×1", "Warranty ×1", "Warranty ×1 of TV")
	name := made.ID.String()
	add := func(lines ...cart.CartLineInput) cart.Cart {
		t.Helper()
		return *c.must(c.carts.AddLines(t.Context(), name, lines)).Cart
	}
	update := func(changes ...cart.CartLineUpdateInput) cart.Cart {
		t.Helper()
		return *c.must(c.carts.UpdateLines(t.Context(), name, changes)).Cart
	}
	parent := made.AllLines[0].ID
	c.is(add(of(line(warranty, 1), parent), of(line(wrap, 3), parent)), "TV ×1", "Warranty ×1", "Warranty ×2 of TV", "Wrap ×3 of TV")
	now := update(cart.CartLineUpdateInput{ID: parent.String(), Quantity: ptr(3)})
	c.is(now, "TV ×3", "Warranty ×1", "Warranty ×6 of TV", "Wrap ×9 of TV")
	wrapLine := now.AllLines[3].ID
	now = update(cart.CartLineUpdateInput{ID: wrapLine.String(), Quantity: ptr(1)}, cart.CartLineUpdateInput{ID: parent.String(), Quantity: ptr(2)})
	c.is(now, "TV ×2", "Warranty ×1", "Warranty ×4 of TV", "Wrap ×1 of TV") // what is said of a line itself counts
	c.is(update(cart.CartLineUpdateInput{ID: parent.String(), DeliveryMethod: ptr(orders.DeliveryPickUp)}),
		"TV ×2, collected", "Warranty ×1", "Warranty ×4 of TV, collected", "Wrap ×1 of TV, collected")
	c.is(update(cart.CartLineUpdateInput{ID: parent.String(), DeliveryMethod: ptr(orders.DeliveryShipping)}),
		"TV ×2", "Warranty ×1", "Warranty ×4 of TV", "Wrap ×1 of TV")

	// A line that joins another takes along what belongs to it.
	red := line(tv, 1)
	red.Attributes = []attribute.AttributeInput{{Key: "color", Value: "red"}}
	now = add(red, line(wrap, 1))
	redLine := now.AllLines[4].ID
	c.is(add(of(line(warranty, 1), redLine)), "TV ×2", "Warranty ×1", "Warranty ×4 of TV", "Wrap ×1 of TV", "TV ×1", "Wrap ×1", "Warranty ×1 of TV")
	now = update(cart.CartLineUpdateInput{ID: redLine.String(), Attributes: []attribute.AttributeInput{}})
	c.is(now, "TV ×3", "Warranty ×1", "Warranty ×5 of TV", "Wrap ×1 of TV", "Wrap ×1")
	p := c.must(c.carts.RemoveLines(t.Context(), name, []string{parent.String()}))
	c.is(*p.Cart, "Warranty ×1", "Wrap ×1")
	c.holds(made.ID, "Warranty ×1", "Wrap ×1")
}

func TestParentsThatCanNotBe(t *testing.T) {
	t.Parallel()
	c := open(t)
	tv, warranty, wrap, box, gone := c.variant("TV", 100), c.variant("Warranty", 100), c.variant("Wrap", 100), c.variant("Box", 100), c.stocked("Gone", 100, 0)
	c.exec(`insert into stock_item (variant_id, is_bundle) values ($1, true), ($2, false)`, box, wrap)
	c.exec(`insert into bundle_component (bundle_id, component_id, position, quantity) values ($1, $2, 1, 2)`, box, wrap)
	c.stock(wrap, c.warehouse, 10)
	made := c.create(line(tv, 1), of(line(warranty, 1), tv), line(box, 1))
	name, parent, child, bundle := made.ID.String(), made.AllLines[0].ID, made.AllLines[2].ID, made.AllLines[1].ID
	c.is(made, "TV ×1", "Box ×1", "Warranty ×1 of TV")
	refused := func(want string, lines ...cart.CartLineInput) {
		t.Helper()
		p, err := c.carts.AddLines(t.Context(), name, lines)
		c.refused(p, err, want)
	}
	both := of(line(warranty, 1), parent)
	both.Parent.MerchandiseID = ptr(tv.String())
	neither := line(warranty, 1)
	neither.Parent = &cart.CartLineParentInput{}
	refused("PARENT_LINE_INVALID_REFERENCE lines.0.parent", both)
	refused("PARENT_LINE_INVALID_REFERENCE lines.0.parent", neither)
	refused("PARENT_LINE_INVALID_REFERENCE lines.0.parent.merchandiseId", of(line(warranty, 1), tv))
	refused("PARENT_LINE_NOT_FOUND lines.0.parent.merchandiseId", of(line(warranty, 1), wrap))
	refused("PARENT_LINE_NOT_FOUND lines.0.parent.lineId", of(line(warranty, 1), id.NewCartLineID()))
	refused("PARENT_LINE_NESTING_TOO_DEEP lines.0.parent.lineId", of(line(wrap, 1), child))
	refused("PARENT_LINE_NESTING_TOO_DEEP lines.0.parent.merchandiseId", of(line(wrap, 1), wrap))
	refused("BUNDLES_AND_ADDONS_CANNOT_BE_MIXED lines.0.parent", of(line(box, 1), parent))
	refused("BUNDLES_AND_ADDONS_CANNOT_BE_MIXED lines.0.parent", of(line(warranty, 1), bundle))
	collected := of(line(warranty, 1), parent)
	collected.DeliveryMethod = ptr(orders.DeliveryPickUp)
	refused("PARENT_LINE_OPERATION_BLOCKED lines.0.deliveryMethod", collected)
	local := line(warranty, 1)
	local.DeliveryMethod = ptr(orders.DeliveryLocal)
	refused("INVALID lines.0.deliveryMethod", local)

	// What belongs to something that is sold out is left out with it.
	p := c.must(c.carts.AddLines(t.Context(), name, []cart.CartLineInput{of(line(warranty, 1), gone), line(gone, 1)}))
	if got, want := warnings(p), []string{"MERCHANDISE_OUT_OF_STOCK " + gone.String(), "MERCHANDISE_OUT_OF_STOCK " + warranty.String()}; !slices.Equal(got, want) {
		t.Errorf("warned of %v, want %v", got, want)
	}
	c.is(*p.Cart, "TV ×1", "Box ×1", "Warranty ×1 of TV")
}

func TestBundleShowsItsParts(t *testing.T) {
	t.Parallel()
	c := open(t)
	box, lamp, shade := c.variant("Box", 1000), c.variant("Lamp", 600), c.variant("Shade", 300)
	c.exec(`insert into stock_item (variant_id, is_bundle) values ($1, true), ($2, false), ($3, false)`, box, lamp, shade)
	c.exec(`insert into bundle_component (bundle_id, component_id, position, quantity) values ($1, $2, 1, 1), ($1, $3, 2, 2)`, box, lamp, shade)
	c.stock(lamp, c.warehouse, 10)
	c.stock(shade, c.warehouse, 10)
	made := c.create(line(box, 3))
	page, err := made.PageOfLines(nil, nil, ptr(5), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	shown, ok := page.Nodes[0].(cart.ComponentizableCartLine)
	if !ok {
		t.Fatalf("the line is a %T", page.Nodes[0])
	}
	parts := shown.LineComponents()
	if len(parts) != 2 || parts[0].VariantID != lamp || parts[0].Quantity != 3 || parts[1].VariantID != shade || parts[1].Quantity != 6 {
		t.Fatalf("parts %+v", parts)
	}
	if parts[0].Cost.TotalAmount != usd(1500) || parts[1].Cost.TotalAmount != usd(1500) || parts[0].Cost.AmountPerQuantity != usd(500) || parts[1].Cost.AmountPerQuantity != usd(250) {
		t.Errorf("costs %+v, %+v: want 15.00 each, as 6 and 2×3 share it out", parts[0].Cost, parts[1].Cost)
	}
	again, err := c.carts.Open(t.Context(), made.ID)
	if err != nil || again.AllLines[0].ID != made.AllLines[0].ID {
		t.Fatal(again, err)
	}
	page, _ = again.PageOfLines(nil, nil, ptr(5), nil, nil)
	if got := page.Nodes[0].(cart.ComponentizableCartLine).LineComponents()[1].ID; got != parts[1].ID {
		t.Errorf("a part has another id each time: %s, %s", got, parts[1].ID)
	}
}
