package cart

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/money"
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
	if content.OrderID != nil {
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
	OrderID *id.OrderID // the order that the cart has become
}

const cartSQL = `
select key_hash, version, currency, country, email, phone, customer_id, note, attributes, gift_card_ids, discount_codes, order_id, created_at, updated_at
from cart
where id = $1`

const lockCartSQL = `
select key_hash, version, currency, country, email, phone, customer_id, note, attributes, gift_card_ids, discount_codes, order_id, created_at, updated_at
from cart
where id = $1
for update`

const linesSQL = `
select id, variant_id, quantity, attributes
from cart_line
where cart_id = $1
order by id`

// Read reads what is in a cart, also one that was placed: then it names the order. A wrong secret finds nothing.
func (c *Carts) Read(ctx context.Context, db pg.DB, cart ID) (Content, error) {
	return read(ctx, db, cart, cartSQL)
}

// Lock is Read for whoever is about to change or place the cart: others who want to, wait.
func (c *Carts) Lock(ctx context.Context, tx pgx.Tx, cart ID) (Content, error) {
	return read(ctx, tx, cart, lockCartSQL)
}

// The lines are read by a statement of their own, after the lock was taken, so that they are those of the version
// that is locked. An unlocked read may pair a version with younger lines, which is why it is never written back.
func read(ctx context.Context, db pg.DB, cart ID, sql string) (Content, error) {
	content := Content{Cart: Cart{ID: cart}}
	var (
		hash    []byte
		country *string
	)
	err := db.QueryRow(ctx, sql, cart.UUID).Scan(&hash, &content.Version, &content.CurrencyCode, &country,
		&content.BuyerIdentity.Email, &content.BuyerIdentity.Phone, &content.BuyerIdentity.CustomerID, &content.Note,
		&content.Attributes, &content.GiftCardIDs, &content.DiscountCodeTexts, &content.OrderID, &content.CreatedAt, &content.UpdatedAt)
	switch {
	case pg.IsNoRows(err):
		return Content{}, absent
	case pg.IsLockTimeout(err):
		return Content{}, busy.Because(err)
	case err != nil:
		return Content{}, fmt.Errorf("read a cart: %w", err)
	case !cart.opens(hash):
		return Content{}, absent
	}
	content.BuyerIdentity.CountryCode = (*address.CountryCode)(country)
	rows, err := db.Query(ctx, linesSQL, cart.UUID)
	if err != nil {
		return Content{}, fmt.Errorf("read the lines of a cart: %w", err)
	}
	content.AllLines, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (CartLine, error) {
		var line CartLine
		err := row.Scan(&line.ID, &line.VariantID, &line.Quantity, &line.Attributes)
		return line, err
	})
	if err != nil {
		return Content{}, fmt.Errorf("read the lines of a cart: %w", err)
	}
	return content, nil
}

// price puts what each line costs now to a cart as it is kept.
func price(ctx context.Context, db pg.DB, content Content) (Cart, error) {
	variants, err := catalog.VariantsByID(ctx, db, variantsOf(content.AllLines))
	if err != nil {
		return Cart{}, err
	}
	return priced(content.Cart, variants)
}

// complete adds what is not in the cart itself: the address of the checkout, what promotions take off, the tax once the
// country is known, and what gift cards would give then.
func (c *Carts) complete(ctx context.Context, shop settings.Shop, cart Cart) (Cart, error) {
	cart.CheckoutURL = shop.CheckoutURL(cart.ID.Opaque())
	if err := c.reduce(ctx, &cart); err != nil {
		return Cart{}, err
	}
	country := cart.BuyerIdentity.CountryCode
	if country == nil {
		return cart, c.apply(ctx, c.pool, &cart)
	}
	result, err := c.tax.Calculate(ctx, tax.Sale{
		Country: *country, Currency: cart.CurrencyCode, Included: shop.PricesIncludeTax, Lines: taxLines(cart.AllLines),
	})
	if err != nil {
		return Cart{}, fmt.Errorf("tax of a cart: %w", err)
	}
	cart.Cost.TotalTaxAmount = &result.Total
	cart.Cost.TotalAmount, err = Total(cart.Cost.SubtotalAmount, money.Zero(cart.CurrencyCode), result.Added())
	if err != nil {
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
