package cart

import (
	"context"

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
	if err := c.terms.check(); err != nil {
		return payload(Cart{}, nil, err)
	}
	shop, err := c.settings.Load(ctx)
	if err != nil {
		return nil, err
	}
	call := asked{"cartClone", nil}
	var made Cart
	err = pg.InTx(ctx, c.pool, func(tx pgx.Tx) error {
		key, err := c.claim(ctx, tx, from, call)
		if err != nil {
			return err
		}
		// Locked, so that the clone has the lines of one version.
		source, err := c.Lock(ctx, tx, from)
		switch {
		case err != nil:
			return err
		case key.reused:
			return errReused
		case key.repeated: // the clone stays, whatever has become of the cart
			content, err := c.given(ctx, tx, key.made)
			if err == nil {
				made, err = bounded(ctx, tx, content)
			}
			return err
		case !source.Open():
			return absent
		}
		content := Content{Cart: Cart{
			ID: c.newID(), CurrencyCode: source.CurrencyCode, Attributes: source.Attributes, AllMetafields: source.AllMetafields, DiscountCodeTexts: source.DiscountCodeTexts,
			BuyerIdentity: CartBuyerIdentity{CountryCode: source.BuyerIdentity.CountryCode}, AllLines: copied(source.AllLines),
		}}
		if err := begun(ctx, tx, &content); err != nil {
			return err
		}
		if err := write(ctx, tx, &content, nil); err != nil {
			return err
		}
		if err := c.endWith(ctx, tx, from, call, content.ID.UUID); err != nil {
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
