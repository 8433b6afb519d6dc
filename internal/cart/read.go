package cart

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/settings"
	"github.com/wharfhq/wharf/internal/tax"
)

// Open reads a cart for whoever holds its id. A cart that was placed, and one opened with a wrong secret, are absent.
func (c *Carts) Open(ctx context.Context, cart ID) (Cart, error) {
	shop, err := c.settings.Load(ctx)
	if err != nil {
		return Cart{}, err
	}
	content, err := c.Read(ctx, c.pool, cart)
	if err != nil {
		return Cart{}, err
	}
	if !content.Open() {
		return Cart{}, absent
	}
	priced, err := price(ctx, c.pool, content)
	if err != nil {
		return Cart{}, err
	}
	return c.complete(ctx, shop, priced)
}

// Content is a cart as it is kept: what is in it, without what it costs.
type Content struct {
	Cart
	OrderID    *id.OrderID // the order that the cart has become
	MergedInto *[16]byte   // the cart that its lines have gone to
}

// Open says whether the cart can still be changed and become an order.
func (c Content) Open() bool { return c.OrderID == nil && c.MergedInto == nil }

const cartSQL = `
select key_hash, version, currency, country, email, phone, customer_id, note, attributes, gift_card_ids, discount_codes,
       delivery_addresses, delivery_option, pickup_option, metafields, order_id, merged_into, created_at, updated_at,
       updated_at < now() - make_interval(secs => $2)
from cart
where id = $1`

const lockCartSQL = `
select key_hash, version, currency, country, email, phone, customer_id, note, attributes, gift_card_ids, discount_codes,
       delivery_addresses, delivery_option, pickup_option, metafields, order_id, merged_into, created_at, updated_at,
       updated_at < now() - make_interval(secs => $2)
from cart
where id = $1
for update`

const linesSQL = `
select id, variant_id, quantity, attributes, parent_id, delivery_method is not null
from cart_line
where cart_id = $1
order by id`

// Read reads what is in a cart, also one that was placed: then it names the order. A wrong secret finds nothing. A cart
// without lines is looked at twice: they may have gone with it in between.
func (c *Carts) Read(ctx context.Context, db pg.DB, cart ID) (Content, error) {
	content, err := c.read(ctx, db, cart, cartSQL)
	if err != nil || len(content.AllLines) > 0 {
		return content, err
	}
	return c.row(ctx, db, cart, cartSQL)
}

// Lock is Read for whoever is about to change or place the cart: others who want to, wait.
func (c *Carts) Lock(ctx context.Context, tx pgx.Tx, cart ID) (Content, error) {
	return c.read(ctx, tx, cart, lockCartSQL)
}

// The lines are read by a statement of their own, after the lock was taken, so that they are those of the version
// that is locked. An unlocked read may pair a version with younger lines, which is why it is never written back. A cart
// that has expired is absent, whether or not it was removed already.
func (c *Carts) read(ctx context.Context, db pg.DB, cart ID, sql string) (Content, error) {
	content, err := c.row(ctx, db, cart, sql)
	if err != nil {
		return Content{}, err
	}
	rows, err := db.Query(ctx, linesSQL, cart.UUID)
	if err != nil {
		return Content{}, fmt.Errorf("read the lines of a cart: %w", err)
	}
	content.AllLines, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (CartLine, error) {
		var line CartLine
		err := row.Scan(&line.ID, &line.VariantID, &line.Quantity, &line.Attributes, &line.ParentID, &line.PickUp)
		return line, err
	})
	if err != nil {
		return Content{}, fmt.Errorf("read the lines of a cart: %w", err)
	}
	return content, nil
}

// row is a cart without its lines.
func (c *Carts) row(ctx context.Context, db pg.DB, cart ID, sql string) (Content, error) {
	content := Content{Cart: Cart{ID: cart}}
	var (
		hash    []byte
		country *string
		expired bool
	)
	err := db.QueryRow(ctx, sql, cart.UUID, c.ttl().Seconds()).Scan(&hash, &content.Version, &content.CurrencyCode, &country,
		&content.BuyerIdentity.Email, &content.BuyerIdentity.Phone, &content.BuyerIdentity.CustomerID, &content.Note,
		&content.Attributes, &content.GiftCardIDs, &content.DiscountCodeTexts, &content.AllAddresses, &content.Chosen.Option,
		&content.Chosen.PickUp, &content.AllMetafields, &content.OrderID, &content.MergedInto, &content.CreatedAt,
		&content.UpdatedAt, &expired)
	switch {
	case pg.IsNoRows(err):
		return Content{}, absent
	case pg.IsLockTimeout(err):
		return Content{}, busy.Because(err)
	case err != nil:
		return Content{}, fmt.Errorf("read a cart: %w", err)
	case !cart.opens(hash) || expired:
		return Content{}, absent
	}
	content.BuyerIdentity.CountryCode = (*address.CountryCode)(country)
	return content, nil
}

// price puts what each line costs now to a cart as it is kept.
func price(ctx context.Context, db pg.DB, content Content) (Cart, error) {
	parts, wanted, err := partsOf(ctx, db, content.AllLines)
	if err != nil {
		return Cart{}, err
	}
	variants, err := catalog.VariantsByID(ctx, db, wanted)
	if err != nil {
		return Cart{}, err
	}
	cart, err := priced(content.Cart, variants)
	cart.bundles, cart.variants = parts, variants
	return cart, err
}

// complete adds what is not in the cart itself: the address of the checkout, what promotions take off, delivery and tax
// as far as they are known, what gift cards would give then, and how its lines belong together.
func (c *Carts) complete(ctx context.Context, shop settings.Shop, cart Cart) (Cart, error) {
	cart.CheckoutURL = shop.CheckoutURL(cart.ID.Opaque())
	if err := c.reduce(ctx, &cart); err != nil {
		return Cart{}, err
	}
	if err := cart.link(); err != nil {
		return Cart{}, err
	}
	if err := c.cost(ctx, shop, &cart); err != nil {
		return Cart{}, err
	}
	return cart, c.apply(ctx, c.pool, &cart)
}

// priced puts variants and prices to the lines, and adds them up. A line whose variant was deleted is left out: it can
// be neither shown nor bought.
func priced(cart Cart, variants map[id.ProductVariantID]catalog.ProductVariant) (Cart, error) {
	lines, amounts := make([]CartLine, 0, len(cart.AllLines)), make([]Priced, 0, len(cart.AllLines))
	for _, line := range cart.AllLines {
		variant, ok := variants[line.VariantID]
		if !ok {
			continue
		}
		line.Variant = variant
		lines, amounts = append(lines, line), append(amounts, Priced{Unit: variant.Price, Quantity: line.Quantity})
	}
	each, subtotal, err := Subtotal(cart.CurrencyCode, amounts)
	if err != nil {
		return Cart{}, err
	}
	wanted := make([]inventory.Demand, len(lines))
	for i := range lines {
		wanted[i] = inventory.Demand{VariantID: lines[i].VariantID, Quantity: lines[i].Quantity}
		lines[i].wanted, lines[i].place = wanted, i
		lines[i].Cost = CartLineCost{
			AmountPerQuantity:          lines[i].Variant.Price,
			CompareAtAmountPerQuantity: lines[i].Variant.CompareAtPrice,
			SubtotalAmount:             each[i],
			TotalAmount:                each[i],
		}
	}
	cart.AllLines = lines
	cart.Cost = CartCost{SubtotalAmount: subtotal, TotalAmount: subtotal}
	return cart, nil
}

// taxLines are the lines of a cart as the tax provider is asked about them.
func taxLines(lines []CartLine) []tax.Line {
	sale := make([]tax.Line, len(lines))
	for i, line := range lines {
		sale[i] = tax.Line{
			Amount: line.Cost.TotalAmount, Taxable: line.Variant.Taxable, Class: tax.Class(line.Variant.TaxClass),
		}
	}
	return sale
}

func variantsOf(lines []CartLine) []id.ProductVariantID {
	ids := make([]id.ProductVariantID, len(lines))
	for i, line := range lines {
		ids[i] = line.VariantID
	}
	return ids
}
