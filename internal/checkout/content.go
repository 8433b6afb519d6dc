package checkout

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/attribute"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
)

// readContent finds out what is ordered: the lines of a cart, or bare lines.
func (c *Checkout) readContent(ctx context.Context, d *draft, in OrderPlaceInput) error {
	var refused refusals
	if in.Note != nil {
		if f := cart.Note(*in.Note, "input", "note"); f != nil {
			refused.add(f)
		}
		if *in.Note != "" {
			d.note = in.Note
		}
	}
	if err := refused.err(); err != nil {
		return err
	}
	switch {
	case in.CartID != nil && len(in.Lines) > 0:
		return refuse(Invalid, "Give a cart or lines, not both.", "input", "lines")
	case in.CartID != nil:
		return c.readCart(ctx, d, in)
	case in.ExpectedVersion != nil:
		return refuse(Invalid, "Only a cart has a version to expect.", "input", "expectedVersion")
	case len(in.Lines) == 0:
		return refuse(CartEmpty, "There is nothing to order. Give a cart or lines.", "input", "lines")
	default:
		return c.readLines(ctx, d, in.Lines)
	}
}

// noCode is the one answer to a code that can't be used, whatever is wrong with it.
func noCode(field ...string) *fault.Fault {
	return refuse(CodeNotApplicable, "This code is not known, or can't be used for this order.", field...)
}

// noCart is the answer to a cart that is none, is opened with a wrong secret, has expired, or has gone into another.
var noCart = fault.New(fault.NotFound, string(CartNotFound), "There is no such cart.").At("input", "cartId")

func (c *Checkout) readCart(ctx context.Context, d *draft, in OrderPlaceInput) error {
	field := []string{"input", "cartId"}
	named, ok := cart.ParseID(*in.CartID)
	if !ok {
		return noCart
	}
	content, err := c.Carts.Read(ctx, c.Pool, named)
	if fault.IsKind(err, fault.NotFound) {
		return noCart
	}
	if err != nil {
		return err
	}
	if err := placeable(content, in.ExpectedVersion); err != nil {
		return err
	}
	d.cart = &content
	d.notes = content.Attributes
	for _, m := range content.AllMetafields {
		d.fields = append(d.fields, orders.OrderMetafield(m))
	}
	if in.Note == nil {
		d.note = content.Note
	}
	for i, l := range content.AllLines {
		d.lines = append(d.lines, line{
			variant: catalog.ProductVariant{ID: l.VariantID}, quantity: l.Quantity, attributes: l.Attributes, field: field,
			of: &content.AllLines[i],
		})
	}
	return c.findVariants(ctx, d, func(_ int, title string) *fault.Fault {
		what := "Something in the cart"
		if title != "" {
			what = "“" + title + "”"
		}
		return refuse(VariantNotFound, what+" is not sold any more. Remove it from the cart and try again.", field...)
	})
}

// placeable says whether a cart can become an order.
func placeable(content cart.Content, expected *int) error {
	switch {
	case content.OrderID != nil:
		return orders.AlreadyPlaced.At("input", "cartId")
	case content.MergedInto != nil:
		return noCart
	case expected != nil && *expected != content.Version:
		return event.Conflict(content.Version).At("input", "expectedVersion")
	case len(content.AllLines) == 0:
		return refuse(CartEmpty, "The cart is empty.", "input", "cartId")
	}
	return nil
}

func (c *Checkout) readLines(ctx context.Context, d *draft, inputs []cart.CartLineInput) error {
	if len(inputs) > cart.MaxLines {
		return refuse(TooLong, fmt.Sprintf("An order has at most %d lines.", cart.MaxLines), "input", "lines")
	}
	var refused refusals
	for i, input := range inputs {
		at := func(name string) []string { return []string{"input", "lines", strconv.Itoa(i), name} }
		variant, err := id.ParseProductVariantID(input.MerchandiseID)
		if err != nil {
			refused.add(noVariant(input.MerchandiseID, at("merchandiseId")...))
			continue
		}
		if input.Parent != nil {
			refused.refuse(Invalid, "Lines that belong to others are placed from a cart.", at("parent")...)
		}
		if input.DeliveryMethod != nil {
			refused.refuse(Invalid, "The way of a single line is chosen in a cart.", at("deliveryMethod")...)
		}
		attributes := cart.Attributes(input.Attributes, refused.add, at("attributes")...)
		l := line{
			variant: catalog.ProductVariant{ID: variant}, quantity: *input.Quantity, attributes: attributes,
			field: []string{"input", "lines", strconv.Itoa(i)},
		}
		if l.quantity < 1 || l.quantity > cart.MaxQuantity {
			refused.refuse(QuantityOutOfRange, fmt.Sprintf("A quantity is between 1 and %d.", cart.MaxQuantity), at("quantity")...)
			continue
		}
		same := slices.IndexFunc(d.lines, func(other line) bool { return l.sameAs(other) })
		if same < 0 {
			d.lines = append(d.lines, l)
			continue
		}
		if d.lines[same].quantity += l.quantity; d.lines[same].quantity > cart.MaxQuantity {
			refused.refuse(QuantityOutOfRange, fmt.Sprintf("At most %d of one product can be ordered.", cart.MaxQuantity), at("quantity")...)
		}
	}
	if err := refused.err(); err != nil {
		return err
	}
	return c.findVariants(ctx, d, func(i int, _ string) *fault.Fault {
		return noVariant(d.lines[i].variant.ID.String(), append(slices.Clone(d.lines[i].field), "merchandiseId")...)
	})
}

// findVariants reads what is to be bought, and refuses what is not on sale or not sold in that number. missing refuses one
// of the lines, with the product's title where there still is one.
func (c *Checkout) findVariants(ctx context.Context, d *draft, missing func(line int, title string) *fault.Fault) error {
	variants, err := c.variants.of(ctx, d.variantIDs())
	if err != nil {
		return err
	}
	var refused refusals
	for i := range d.lines {
		l := &d.lines[i]
		found, ok := variants[l.variant.ID]
		if !ok || !found.Offered {
			refused.add(l.named(missing(i, found.ProductTitle)))
			continue
		}
		l.variant = found
		if rule := found.QuantityRule(); !allows(rule, l.quantity) {
			refused.add(l.named(refuse(QuantityOutOfRange, "“"+found.ProductTitle+"” is "+words(rule)+".", l.quantityField()...)))
		}
	}
	return refused.err()
}

func (d *draft) variantIDs() []id.ProductVariantID {
	ids := make([]id.ProductVariantID, len(d.lines))
	for i, l := range d.lines {
		ids[i] = l.variant.ID
	}
	return ids
}

func noVariant(text string, field ...string) *fault.Fault {
	return refuse(VariantNotFound, fmt.Sprintf("The merchandise with id %.100s does not exist.", text), field...)
}

func allows(rule catalog.QuantityRule, quantity int) bool {
	return quantity >= rule.Minimum && (rule.Maximum == nil || quantity <= *rule.Maximum) &&
		(rule.Increment <= 1 || quantity%rule.Increment == 0)
}

// words say how a product is sold.
func words(rule catalog.QuantityRule) string {
	parts := []string{"sold from " + strconv.Itoa(rule.Minimum)}
	if rule.Maximum != nil {
		parts = append(parts, "up to "+strconv.Itoa(*rule.Maximum))
	}
	if rule.Increment > 1 {
		parts = append(parts, "in steps of "+strconv.Itoa(rule.Increment))
	}
	return strings.Join(parts, ", ")
}

// sameAs says whether two lines are one: the same variant with the same attributes, whatever their order.
func (l line) sameAs(other line) bool {
	return l.variant.ID == other.variant.ID && attribute.Same(l.attributes, other.attributes)
}

func cartUUID(name cart.ID) *uuid.UUID {
	u := uuid.UUID(name.UUID)
	return &u
}
