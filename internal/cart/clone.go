package cart

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// Clone makes another cart with the same goods under an id with a secret of its own, so that it can be passed on. What
// tells who the shopper is stays behind: contact, account, addresses, the way of delivery that was chosen for them, and
// the note, which a person has written. So do gift cards, which are money. Discount codes, the country, and what the
// storefront itself keeps on the cart, its attributes and metafields, go along.
func (c *Carts) Clone(ctx context.Context, cart string) (*Payload, error) {
	from, ok := ParseID(cart)
	if !ok {
		return payload(Cart{}, nil, absent)
	}
	shop, err := c.settings.Load(ctx)
	if err != nil {
		return nil, err
	}
	name, hash := newID()
	var made Cart
	err = pg.InTx(ctx, c.pool, func(tx pgx.Tx) error {
		// Locked, so that the clone has the lines of one version.
		source, err := c.Lock(ctx, tx, from)
		if err != nil {
			return err
		}
		if !source.Open() {
			return absent
		}
		content := Content{Cart: Cart{
			ID: name, CurrencyCode: source.CurrencyCode, Attributes: source.Attributes, AllMetafields: source.AllMetafields, DiscountCodeTexts: source.DiscountCodeTexts,
			BuyerIdentity: CartBuyerIdentity{CountryCode: source.BuyerIdentity.CountryCode}, AllLines: copied(source.AllLines),
		}}
		err = tx.QueryRow(ctx, createCartSQL, name.UUID, hash, string(source.CurrencyCode)).
			Scan(&content.Version, &content.CreatedAt, &content.UpdatedAt)
		if err != nil {
			return fmt.Errorf("make a cart: %w", err)
		}
		if err := write(ctx, tx, &content, nil); err != nil {
			return err
		}
		made, err = bounded(ctx, tx, content)
		return err
	})
	return c.answer(ctx, shop, made, nil, err)
}

// copied are the same lines for another cart: under new ids, in the same order, and belonging together as they did.
func copied(lines []CartLine) []CartLine {
	ids := make(map[id.CartLineID]id.CartLineID, len(lines))
	for _, line := range lines {
		ids[line.ID] = id.NewCartLineID()
	}
	copies := make([]CartLine, len(lines))
	for i, line := range lines {
		line.ID = ids[line.ID]
		if line.ParentID != nil {
			parent := ids[*line.ParentID]
			line.ParentID = &parent
		}
		copies[i] = line
	}
	return copies
}
