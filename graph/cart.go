package graph

import (
	"context"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/attribute"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/customers"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/pg"
)

// Cart reads a cart for whoever holds its id; null where there is none, or where it has been placed.
func (r queryResolver) Cart(ctx context.Context, id string) (*cart.Cart, error) {
	name, ok := cart.ParseID(id)
	if !ok {
		return nil, nil
	}
	found, err := r.shop.Carts.Open(ctx, name)
	if fault.IsKind(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &found, nil
}

// CartCreate makes a cart.
func (r mutationResolver) CartCreate(ctx context.Context, input *cart.CartInput, idempotencyKey *string) (*cart.Payload, error) {
	if input == nil {
		input = &cart.CartInput{}
	}
	if err := r.buyersCountry(ctx, input); err != nil {
		return nil, err
	}
	return r.shop.Carts.Under(cart.Terms{IdempotencyKey: idempotencyKey}).Create(ctx, access.From(ctx), *input)
}

// buyersCountry takes the country of @inContext for the buyer's where the cart names none and the shop ships there.
func (r *Resolver) buyersCountry(ctx context.Context, input *cart.CartInput) error {
	country := inContext(ctx).country
	if country == nil || input.BuyerIdentity != nil && input.BuyerIdentity.CountryCode != nil {
		return nil
	}
	shop, err := r.shop.Settings.Load(ctx)
	if err != nil || !shop.ShipsTo(*country) {
		return err
	}
	buyer := cart.CartBuyerIdentityInput{}
	if input.BuyerIdentity != nil {
		buyer = *input.BuyerIdentity
	}
	buyer.CountryCode = country
	input.BuyerIdentity = &buyer
	return nil
}

// CartLinesAdd adds lines.
func (r mutationResolver) CartLinesAdd(ctx context.Context, cartID string, lines []cart.CartLineInput, expectedVersion *int, idempotencyKey *string) (*cart.Payload, error) {
	return r.shop.Carts.Under(cart.Terms{ExpectedVersion: expectedVersion, IdempotencyKey: idempotencyKey}).AddLines(ctx, cartID, lines)
}

// CartLinesUpdate changes lines.
func (r mutationResolver) CartLinesUpdate(ctx context.Context, cartID string, lines []cart.CartLineUpdateInput, expectedVersion *int, idempotencyKey *string) (*cart.Payload, error) {
	return r.shop.Carts.Under(cart.Terms{ExpectedVersion: expectedVersion, IdempotencyKey: idempotencyKey}).UpdateLines(ctx, cartID, lines)
}

// CartLinesRemove removes lines.
func (r mutationResolver) CartLinesRemove(ctx context.Context, cartID string, lineIds []string, expectedVersion *int, idempotencyKey *string) (*cart.Payload, error) {
	return r.shop.Carts.Under(cart.Terms{ExpectedVersion: expectedVersion, IdempotencyKey: idempotencyKey}).RemoveLines(ctx, cartID, lineIds)
}

// CartBuyerIdentityUpdate says who buys.
func (r mutationResolver) CartBuyerIdentityUpdate(ctx context.Context, buyerIdentity cart.CartBuyerIdentityInput, cartID string, expectedVersion *int, idempotencyKey *string) (*cart.Payload, error) {
	return r.shop.Carts.Under(cart.Terms{ExpectedVersion: expectedVersion, IdempotencyKey: idempotencyKey}).UpdateBuyerIdentity(ctx, cartID, buyerIdentity)
}

// CartNoteUpdate replaces the note.
func (r mutationResolver) CartNoteUpdate(ctx context.Context, cartID, note string, expectedVersion *int, idempotencyKey *string) (*cart.Payload, error) {
	return r.shop.Carts.Under(cart.Terms{ExpectedVersion: expectedVersion, IdempotencyKey: idempotencyKey}).UpdateNote(ctx, cartID, note)
}

// CartAttributesUpdate replaces the attributes.
func (r mutationResolver) CartAttributesUpdate(ctx context.Context, attributes []attribute.AttributeInput, cartID string, expectedVersion *int, idempotencyKey *string) (*cart.Payload, error) {
	return r.shop.Carts.Under(cart.Terms{ExpectedVersion: expectedVersion, IdempotencyKey: idempotencyKey}).UpdateAttributes(ctx, cartID, attributes)
}

// CartDiscountCodesUpdate replaces the discount codes of a cart.
func (r mutationResolver) CartDiscountCodesUpdate(ctx context.Context, cartID string, discountCodes []string, expectedVersion *int, idempotencyKey *string) (*cart.Payload, error) {
	return r.shop.Carts.Under(cart.Terms{ExpectedVersion: expectedVersion, IdempotencyKey: idempotencyKey}).UpdateDiscountCodes(ctx, access.From(ctx), cartID, discountCodes)
}

// CartGiftCardCodesUpdate replaces the gift cards of a cart.
func (r mutationResolver) CartGiftCardCodesUpdate(ctx context.Context, cartID string, giftCardCodes []string, expectedVersion *int, idempotencyKey *string) (*cart.Payload, error) {
	return r.shop.Carts.Under(cart.Terms{ExpectedVersion: expectedVersion, IdempotencyKey: idempotencyKey}).UpdateGiftCards(ctx, access.From(ctx), cartID, giftCardCodes)
}

// CartGiftCardCodesAdd adds gift cards to a cart.
func (r mutationResolver) CartGiftCardCodesAdd(ctx context.Context, cartID string, giftCardCodes []string, expectedVersion *int, idempotencyKey *string) (*cart.Payload, error) {
	return r.shop.Carts.Under(cart.Terms{ExpectedVersion: expectedVersion, IdempotencyKey: idempotencyKey}).AddGiftCards(ctx, access.From(ctx), cartID, giftCardCodes)
}

// CartGiftCardCodesRemove takes gift cards out of a cart.
func (r mutationResolver) CartGiftCardCodesRemove(ctx context.Context, appliedGiftCardIds []string, cartID string, expectedVersion *int, idempotencyKey *string) (*cart.Payload, error) {
	return r.shop.Carts.Under(cart.Terms{ExpectedVersion: expectedVersion, IdempotencyKey: idempotencyKey}).RemoveGiftCards(ctx, cartID, appliedGiftCardIds)
}

type cartResolver struct{ *Resolver }

// Cart answers the fields of Cart that are not simply there.
func (r *Resolver) Cart() CartResolver { return cartResolver{r} }

// Lines is a page of the cart's lines.
func (r cartResolver) Lines(ctx context.Context, c *cart.Cart, after, before *string, first, last *int, reverse *bool) (*cart.BaseCartLineConnection, error) {
	r.load(ctx).expectCart(c)
	return c.PageOfLines(after, before, first, last, reverse)
}

// DeliveryGroups says how the cart can be shipped, and for how much. Our rates are known at once, so it makes no
// difference whether those of carriers are asked for.
func (r cartResolver) DeliveryGroups(ctx context.Context, c *cart.Cart, after, before *string, first, last *int, reverse, _ *bool) (*cart.CartDeliveryGroupConnection, error) {
	r.load(ctx).expectCart(c)
	groups := c.Groups
	if groups == nil {
		var err error
		if groups, err = r.shop.Checkout.DeliveryGroups(ctx, *c); err != nil {
			return nil, err
		}
	}
	page := pg.Page{First: first, Last: last, After: after, Before: before, Reverse: reverse != nil && *reverse}
	connection, err := pg.Slice(page, groups, func(group cart.CartDeliveryGroup) string { return group.ID.String() })
	return &connection, err
}

type cartBuyerIdentityResolver struct{ *Resolver }

// CartBuyerIdentity answers the fields of CartBuyerIdentity that are not simply there.
func (r *Resolver) CartBuyerIdentity() CartBuyerIdentityResolver { return cartBuyerIdentityResolver{r} }

// Customer is the account that was named as the buyer, for whoever may see it: to hold a cart is not to be its buyer.
func (r cartBuyerIdentityResolver) Customer(ctx context.Context, buyer *cart.CartBuyerIdentity) (*customers.Customer, error) {
	if buyer.CustomerID == nil {
		return nil, nil
	}
	actor := access.From(ctx)
	if buyer.ShownTo != nil {
		actor = *buyer.ShownTo
	}
	return r.shop.Customers.Visible(ctx, actor, *buyer.CustomerID)
}
