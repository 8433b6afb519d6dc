package cart

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/promotions"
)

// AppliedGiftCard is a gift card that a cart is to be paid with, and what it would give now. Its id names it within
// carts only. Nothing is taken from the card before the order is placed.
type AppliedGiftCard struct {
	ID             id.AppliedGiftCardID
	LastCharacters string
	Balance        money.Money
	AmountUsed     money.Money
}

// IsNode marks an AppliedGiftCard as a Node of the API.
func (AppliedGiftCard) IsNode() {}

// PresentmentAmountUsed is AmountUsed in the currency that the shopper sees, which is the shop's.
func (a AppliedGiftCard) PresentmentAmountUsed() money.Money { return a.AmountUsed }

// UpdateGiftCards replaces the gift cards of a cart by those of the codes.
func (c *Carts) UpdateGiftCards(ctx context.Context, actor access.Actor, cart string, codes []string) (*Payload, error) {
	return c.changeGiftCards(ctx, actor, cart, "cartGiftCardCodesUpdate", codes, func([]id.GiftCardID) []id.GiftCardID { return nil })
}

// AddGiftCards adds gift cards to a cart, after those that it has.
func (c *Carts) AddGiftCards(ctx context.Context, actor access.Actor, cart string, codes []string) (*Payload, error) {
	return c.changeGiftCards(ctx, actor, cart, "cartGiftCardCodesAdd", codes, slices.Clone[[]id.GiftCardID])
}

// changeGiftCards finds the cards of codes before any lock is taken, and puts them into the cart behind those that are
// kept. A code that can't be used leaves the cart as it was.
func (c *Carts) changeGiftCards(ctx context.Context, actor access.Actor, cart, operation string, codes []string, kept func([]id.GiftCardID) []id.GiftCardID) (*Payload, error) {
	if _, err := c.existing(ctx, cart); err != nil {
		return payload(Cart{}, nil, err)
	}
	shop, err := c.settings.Load(ctx)
	if err != nil {
		return nil, err
	}
	found, refused, err := c.giftCards(ctx, actor, shop.Currency, codes, "giftCardCodes")
	if err != nil {
		return nil, err
	}
	return c.change(ctx, cart, asked{operation, codes}, func(_ context.Context, _ pgx.Tx, content *Content) ([]CartWarning, error) {
		if err := refused.err(); err != nil {
			return nil, err
		}
		cards := kept(content.GiftCardIDs)
		for _, card := range found {
			if !slices.Contains(cards, card) {
				cards = append(cards, card)
			}
		}
		if len(cards) > promotions.MaxCodes {
			return nil, tooManyCodes("giftCardCodes")
		}
		content.GiftCardIDs = cards
		return nil, nil
	})
}

// existing is a cart that is there for whoever holds the id, so that nobody tries codes without a cart.
func (c *Carts) existing(ctx context.Context, text string) (Content, error) {
	name, ok := ParseID(text)
	if !ok {
		return Content{}, absent
	}
	content, err := c.Read(ctx, c.pool, name)
	if err == nil && !content.Open() {
		return Content{}, absent
	}
	return content, err
}

// giftCards finds the cards of codes. What is wrong with a code is never told.
func (c *Carts) giftCards(ctx context.Context, actor access.Actor, currency money.Currency, codes []string, path ...string) ([]id.GiftCardID, refusals, error) {
	var refused refusals
	if len(codes) > promotions.MaxCodes {
		refused.add(tooManyCodes(path...))
		return nil, refused, nil
	}
	var named []string
	var places []int
	for i, code := range codes {
		if strings.TrimSpace(code) != "" { // an empty one, as a storefront sends for a field left empty, is no try
			named, places = append(named, code), append(places, i)
		}
	}
	usable, wrong, err := c.promotions.Usable(ctx, actor, currency, named)
	if err != nil {
		return nil, nil, err
	}
	for _, i := range wrong {
		refused.add(refuse(Invalid, "This gift card is not known, or can't be used.", append(slices.Clone(path), strconv.Itoa(places[i]))...))
	}
	cards := make([]id.GiftCardID, len(usable))
	for i, card := range usable {
		cards[i] = card.ID
	}
	return cards, refused, nil
}

// RemoveGiftCards takes gift cards out of a cart.
func (c *Carts) RemoveGiftCards(ctx context.Context, cart string, applied []string) (*Payload, error) {
	return c.change(ctx, cart, asked{"cartGiftCardCodesRemove", applied}, some(len(applied), func(_ context.Context, _ pgx.Tx, content *Content) ([]CartWarning, error) {
		var refused refusals
		if len(applied) > promotions.MaxCodes {
			return nil, tooManyCodes("appliedGiftCardIds")
		}
		cards := slices.Clone(content.GiftCardIDs)
		for i, text := range applied {
			named, err := id.ParseAppliedGiftCardID(text)
			at := slices.Index(content.GiftCardIDs, id.GiftCardID(named))
			if err != nil || at < 0 {
				refused.add(refuse(Invalid, fmt.Sprintf("The gift card with id %.100s is not applied to the cart.", text), "appliedGiftCardIds", strconv.Itoa(i)))
				continue
			}
			cards = slices.DeleteFunc(cards, func(card id.GiftCardID) bool { return card == id.GiftCardID(named) })
		}
		content.GiftCardIDs = cards
		return nil, refused.err()
	}))
}

func tooManyCodes(path ...string) *fault.Fault {
	return refuse(Invalid, fmt.Sprintf("There are at most %d codes.", promotions.MaxCodes), path...)
}

// deadCards warns of the gift cards of a cart that can't pay any more: the cart can't be placed with them.
func (c Cart) deadCards() []CartWarning {
	var warnings []CartWarning
	for _, card := range c.unusable {
		warnings = append(warnings, CartWarning{
			Code: NoGiftCard, Message: "This gift card can't be used any more. Remove it.", Target: card.String(),
		})
	}
	return warnings
}

// apply works out what the cart's gift cards would give to its total. One that can't pay any more gives nothing, and
// stays visible so that the shopper can take it out.
func (c *Carts) apply(ctx context.Context, db pg.DB, cart *Cart) error {
	cart.AppliedGiftCards = make([]AppliedGiftCard, 0, len(cart.GiftCardIDs))
	if len(cart.GiftCardIDs) == 0 {
		return nil
	}
	byID, err := promotions.GiftCardsByID(ctx, db, cart.GiftCardIDs)
	if err != nil {
		return err
	}
	cards := make([]promotions.GiftCard, 0, len(byID))
	for _, card := range cart.GiftCardIDs {
		if found, ok := byID[card]; ok {
			cards = append(cards, found)
		}
	}
	given, _ := promotions.Covers(cart.Cost.TotalAmount, cards)
	for i, card := range cards {
		if !card.Usable(cart.CurrencyCode) {
			cart.unusable = append(cart.unusable, id.AppliedGiftCardID(card.ID))
		}
		cart.AppliedGiftCards = append(cart.AppliedGiftCards, AppliedGiftCard{
			ID: id.AppliedGiftCardID(card.ID), LastCharacters: card.LastCharacters, Balance: card.Balance, AmountUsed: given[i],
		})
	}
	return nil
}
