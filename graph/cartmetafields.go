package graph

import (
	"context"
	"strconv"

	"github.com/wharfhq/wharf/internal/cart"
)

// CartMetafieldsSet writes metafields on carts, all or none.
func (r mutationResolver) CartMetafieldsSet(ctx context.Context, metafields []cart.CartMetafieldsSetInput, idempotencyKey *string) (*CartMetafieldsSetPayload, error) {
	set, err := r.shop.Carts.Under(cart.Terms{IdempotencyKey: idempotencyKey}).SetMetafields(ctx, metafields)
	if err == nil {
		return &CartMetafieldsSetPayload{Metafields: set, UserErrors: []MetafieldsSetUserError{}}, nil
	}
	refused, ok := cart.Refusals(err)
	if !ok {
		return nil, err
	}
	payload := &CartMetafieldsSetPayload{}
	for _, f := range refused {
		e := MetafieldsSetUserError{Field: f.Field, Message: f.Message}
		if code := MetafieldsSetUserErrorCode(f.Code); code.IsValid() { // what is wrong with a key has none
			e.Code = &code
		}
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
func (r mutationResolver) CartMetafieldDelete(ctx context.Context, input cart.CartMetafieldDeleteInput, idempotencyKey *string) (*CartMetafieldDeletePayload, error) {
	err := r.shop.Carts.Under(cart.Terms{IdempotencyKey: idempotencyKey}).DeleteMetafield(ctx, input)
	if err == nil {
		return &CartMetafieldDeletePayload{DeletedID: &input.Key, UserErrors: []MetafieldDeleteUserError{}}, nil
	}
	refused, ok := cart.Refusals(err)
	if !ok {
		return nil, err
	}
	payload := &CartMetafieldDeletePayload{}
	for _, f := range refused {
		e := MetafieldDeleteUserError{Field: f.Field, Message: f.Message}
		if code := MetafieldDeleteErrorCode(f.Code); code.IsValid() {
			e.Code = &code
		}
		payload.UserErrors = append(payload.UserErrors, e)
	}
	return payload, nil
}
