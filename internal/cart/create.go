package cart

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/pg"
)

// Create makes a cart. Its id holds the secret, which is kept nowhere: a cart that was made under a key of the caller's is
// given again to who comes with that key again, no other. Whatever is wrong with the input, no cart is made.
func (c *Carts) Create(ctx context.Context, actor access.Actor, input CartInput) (*Payload, error) {
	shop, err := c.settings.Load(ctx)
	if err != nil {
		return nil, err
	}
	var refused refusals
	key, err := c.keyOf(actor, input, &refused)
	if err != nil {
		return nil, err
	}
	attributes := Attributes(input.Attributes, refused.add, "input", "attributes")
	if input.Note != nil {
		if f := Note(*input.Note, "input", "note"); f != nil {
			refused.add(f)
		}
	}
	var region *address.CountryCode
	if input.BuyerIdentity != nil {
		region = input.BuyerIdentity.CountryCode
	}
	identify, err := c.identify(ctx, input.BuyerIdentity, region, &refused, "input", "buyerIdentity")
	if err != nil {
		return nil, err
	}
	cards, wrong, err := c.giftCards(ctx, actor, shop.Currency, input.GiftCardCodes, "input", "giftCardCodes")
	if err != nil {
		return nil, err
	}
	codes, unreadable, err := c.discountCodes(ctx, actor, nil, input.DiscountCodes, "input", "discountCodes")
	if err != nil {
		return nil, err
	}
	refused = append(append(refused, wrong...), unreadable...)
	var (
		cart     Cart
		warnings []CartWarning
	)
	err = pg.InTx(ctx, c.pool, func(tx pgx.Tx) error {
		claimed, err := take(ctx, tx, key)
		switch {
		case err != nil:
			return err
		case claimed.reused:
			return errReused
		case claimed.repeated && len(refused) > 0:
			return refused.err()
		case claimed.repeated:
			content, err := c.given(ctx, tx, claimed.made)
			if err != nil {
				return err
			}
			var buyer CartBuyerIdentity
			identify(&buyer)
			content.BuyerIdentity.ShownTo = buyer.ShownTo
			cart, err = bounded(ctx, tx, content)
			return err
		}
		content := Content{Cart: Cart{ID: c.newID(), CurrencyCode: shop.Currency, Attributes: attributes, Note: input.Note, GiftCardIDs: cards, DiscountCodeTexts: codes}}
		identify(&content.BuyerIdentity)
		if err := staysIn(ctx, tx, content.BuyerIdentity, "input", "buyerIdentity"); err != nil {
			return err
		}
		if err := begun(ctx, tx, &content); err != nil {
			return err
		}
		all := slices.Clone(refused)
		if warnings, err = add(ctx, tx, &content, input.Lines, &all, "input", "lines"); err != nil {
			return err
		}
		var addresses []CartSelectableAddressInput
		if input.Delivery != nil {
			addresses = input.Delivery.Addresses
		}
		doubles, err := c.addAddresses(ctx, tx, &content, addresses, nil, all, "input", "delivery", "addresses")
		if err != nil {
			return err
		}
		warnings = append(warnings, doubles...)
		if err := write(ctx, tx, &content, nil); err != nil {
			return err
		}
		if err := keep(ctx, tx, key, content.ID.UUID); err != nil {
			return err
		}
		cart, err = bounded(ctx, tx, content)
		return err
	})
	return c.answer(ctx, shop, cart, warnings, err)
}
