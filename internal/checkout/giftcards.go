package checkout

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/promotions"
	"github.com/wharfhq/wharf/internal/settings"
)

// readGiftCards finds the gift cards that the order is to be paid with: those of the cart, then those that the input
// names, each once. Every card that is named must be able to pay: a shopper who counts on one is never charged in
// another way without a word.
func (c *Checkout) readGiftCards(ctx context.Context, actor access.Actor, d *draft, shop settings.Shop, in OrderPlaceInput) error {
	if d.cart != nil && len(d.cart.GiftCardIDs) > 0 {
		found, err := promotions.GiftCardsByID(ctx, c.Pool, d.cart.GiftCardIDs)
		if err != nil {
			return err
		}
		for _, card := range d.cart.GiftCardIDs {
			if !found[card].Usable(shop.Currency) {
				return refuse(CodeNotApplicable, "A gift card of the cart can't be used any more. Remove it and try again.", "input", "cartId")
			}
			d.cards = append(d.cards, found[card])
		}
	}
	if len(in.GiftCardCodes) > promotions.MaxCodes {
		return refuse(Invalid, fmt.Sprintf("There are at most %d codes.", promotions.MaxCodes), "input", "giftCardCodes")
	}
	usable, wrong, err := c.Promotions.Usable(ctx, actor, shop.Currency, in.GiftCardCodes)
	if err != nil {
		return err
	}
	var refused refusals
	for _, i := range wrong {
		refused.add(noCode("input", "giftCardCodes", strconv.Itoa(i)))
	}
	for _, card := range usable {
		if !slices.ContainsFunc(d.cards, func(c promotions.GiftCard) bool { return c.ID == card.ID }) {
			d.cards = append(d.cards, card)
		}
	}
	return refused.err()
}

func (d *draft) cardIDs() []id.GiftCardID {
	ids := make([]id.GiftCardID, len(d.cards))
	for i, card := range d.cards {
		ids[i] = card.ID
	}
	return ids
}

// owed is what the cards, as they were read, leave to be paid in other ways.
func (d *draft) owed() money.Money {
	_, owed := promotions.Covers(d.total, d.cards)
	return owed
}

// tender works out, under the locks, how the total is paid. Where an earlier order has left less on a card than the
// shopper's methods were chosen for, the order is worked out anew.
func (d *draft) tender(drawer *promotions.Drawer) (promotions.Tender, error) {
	tender, unusable := drawer.Cover(d.total, d.cardIDs())
	if unusable >= 0 || tender.Owed != d.owed() {
		return tender, errStale
	}
	return tender, nil
}

// stillOwed asks for a payment method beside the gift cards.
func stillOwed(owed money.Money) error {
	return refuse(MethodRequired, "The gift cards leave "+owed.String()+" to be paid. Give a payment method.", "input", "payment")
}
