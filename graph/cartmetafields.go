package graph

import (
	"context"
	"strconv"

	"github.com/wharfhq/wharf/internal/cart"
)

// CartMetafieldsSet writes metafields on carts, all or none.
func (r mutationResolver) CartMetafieldsSet(ctx context.Context, metafields []cart.CartMetafieldsSetInput) (*CartMetafieldsSetPayload, error) {
	set, err := r.shop.Carts.SetMetafields(ctx, metafields)
	if err == nil {
		return &CartMetafieldsSetPayload{Metafields: set, UserErrors: []MetafieldsSetUserError{}}, nil
	}
	refused, ok := cart.Refusals(err)
	if !ok {
		return nil, err
	}
	payload := &CartMetafieldsSetPayload{}
	for _, f := range refused {
		code := MetafieldsSetUserErrorCode(f.Code)
		e := MetafieldsSetUserError{Code: &code, Field: f.Field, Message: f.Message}
		if len(f.Field) > 1 {
			if i, err := strconv.Atoi(f.Field[1]); err == nil {
				e.ElementIndex = &i
			}
		}
		payload.UserErrors = append(payload.UserErrors, e)
	}
	return payload, nil
}

// CartMetafieldDelete takes a metafield off a cart.
func (r mutationResolver) CartMetafieldDelete(ctx context.Context, input cart.CartMetafieldDeleteInput) (*CartMetafieldDeletePayload, error) {
	err := r.shop.Carts.DeleteMetafield(ctx, input)
	if err == nil {
		return &CartMetafieldDeletePayload{DeletedID: &input.Key, UserErrors: []MetafieldDeleteUserError{}}, nil
	}
	refused, ok := cart.Refusals(err)
	if !ok {
		return nil, err
	}
	payload := &CartMetafieldDeletePayload{}
	for _, f := range refused {
		code := MetafieldDeleteErrorCode(f.Code)
		payload.UserErrors = append(payload.UserErrors, MetafieldDeleteUserError{Code: &code, Field: f.Field, Message: f.Message})
	}
	return payload, nil
}
