package graph

import (
	"context"

	"github.com/wharfhq/wharf/internal/attribute"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/fault"
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
func (r mutationResolver) CartCreate(ctx context.Context, input *cart.CartInput) (*cart.Payload, error) {
	if input == nil {
		input = &cart.CartInput{}
	}
	return r.shop.Carts.Create(ctx, *input)
}

// CartLinesAdd adds lines.
func (r mutationResolver) CartLinesAdd(ctx context.Context, cartID string, lines []cart.CartLineInput) (*cart.Payload, error) {
	return r.shop.Carts.AddLines(ctx, cartID, lines)
}

// CartLinesUpdate changes lines.
func (r mutationResolver) CartLinesUpdate(ctx context.Context, cartID string, lines []cart.CartLineUpdateInput) (*cart.Payload, error) {
	return r.shop.Carts.UpdateLines(ctx, cartID, lines)
}

// CartLinesRemove removes lines.
func (r mutationResolver) CartLinesRemove(ctx context.Context, cartID string, lineIds []string) (*cart.Payload, error) {
	return r.shop.Carts.RemoveLines(ctx, cartID, lineIds)
}

// CartBuyerIdentityUpdate says who buys.
func (r mutationResolver) CartBuyerIdentityUpdate(ctx context.Context, buyerIdentity cart.CartBuyerIdentityInput, cartID string) (*cart.Payload, error) {
	return r.shop.Carts.UpdateBuyerIdentity(ctx, cartID, buyerIdentity)
}

// CartNoteUpdate replaces the note.
func (r mutationResolver) CartNoteUpdate(ctx context.Context, cartID, note string) (*cart.Payload, error) {
	return r.shop.Carts.UpdateNote(ctx, cartID, note)
}

// CartAttributesUpdate replaces the attributes.
func (r mutationResolver) CartAttributesUpdate(ctx context.Context, attributes []attribute.AttributeInput, cartID string) (*cart.Payload, error) {
	return r.shop.Carts.UpdateAttributes(ctx, cartID, attributes)
}
