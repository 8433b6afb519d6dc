package graph

import (
	"context"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/checkout"
)

// OrderPlace places an order.
func (r mutationResolver) OrderPlace(ctx context.Context, input checkout.OrderPlaceInput) (*OrderPlacePayload, error) {
	placed, err := r.shop.Checkout.Place(ctx, access.From(ctx), input)
	refused, err := userErrors(err, orderUserError)
	if err != nil || len(refused) > 0 {
		return &OrderPlacePayload{UserErrors: refused}, err
	}
	return &OrderPlacePayload{Order: &placed.Order, AccessToken: &placed.AccessToken, UserErrors: refused}, nil
}

// OrderCancel calls an order off.
func (r mutationResolver) OrderCancel(ctx context.Context, input checkout.OrderCancelInput) (*OrderCancelPayload, error) {
	order, refused, err := orderAnswer(r.shop.Checkout.Cancel(ctx, access.From(ctx), input))
	return &OrderCancelPayload{Order: order, UserErrors: refused}, err
}
