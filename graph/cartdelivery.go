package graph

import (
	"context"
	"time"

	"github.com/wharfhq/wharf/internal/cart"
)

// CartDeliveryAddressesAdd puts delivery addresses into a cart.
func (r mutationResolver) CartDeliveryAddressesAdd(ctx context.Context, addresses []cart.CartSelectableAddressInput, cartID string, expectedVersion *int, idempotencyKey *string) (*cart.Payload, error) {
	return r.shop.Carts.Under(cart.Terms{ExpectedVersion: expectedVersion, IdempotencyKey: idempotencyKey}).AddAddresses(ctx, cartID, addresses)
}

// CartDeliveryAddressesRemove takes delivery addresses out of a cart.
func (r mutationResolver) CartDeliveryAddressesRemove(ctx context.Context, addressIds []string, cartID string, expectedVersion *int, idempotencyKey *string) (*cart.Payload, error) {
	return r.shop.Carts.Under(cart.Terms{ExpectedVersion: expectedVersion, IdempotencyKey: idempotencyKey}).RemoveAddresses(ctx, cartID, addressIds)
}

// CartDeliveryAddressesReplace puts delivery addresses into a cart in place of those that it has.
func (r mutationResolver) CartDeliveryAddressesReplace(ctx context.Context, addresses []cart.CartSelectableAddressInput, cartID string, expectedVersion *int, idempotencyKey *string) (*cart.Payload, error) {
	return r.shop.Carts.Under(cart.Terms{ExpectedVersion: expectedVersion, IdempotencyKey: idempotencyKey}).ReplaceAddresses(ctx, cartID, addresses)
}

// CartDeliveryAddressesUpdate changes delivery addresses of a cart.
func (r mutationResolver) CartDeliveryAddressesUpdate(ctx context.Context, addresses []cart.CartSelectableAddressUpdateInput, cartID string, expectedVersion *int, idempotencyKey *string) (*cart.Payload, error) {
	return r.shop.Carts.Under(cart.Terms{ExpectedVersion: expectedVersion, IdempotencyKey: idempotencyKey}).UpdateAddresses(ctx, cartID, addresses)
}

// CartSelectedDeliveryOptionsUpdate chooses ways of delivery.
func (r mutationResolver) CartSelectedDeliveryOptionsUpdate(ctx context.Context, cartID string, selectedDeliveryOptions []cart.CartSelectedDeliveryOptionInput, expectedVersion *int, idempotencyKey *string) (*cart.Payload, error) {
	return r.shop.Carts.Under(cart.Terms{ExpectedVersion: expectedVersion, IdempotencyKey: idempotencyKey}).SelectOptions(ctx, cartID, selectedDeliveryOptions)
}

// CartClone makes another cart with the same goods.
func (r mutationResolver) CartClone(ctx context.Context, cartID string, idempotencyKey *string) (*cart.Payload, error) {
	return r.shop.Carts.Under(cart.Terms{IdempotencyKey: idempotencyKey}).Clone(ctx, cartID)
}

// CartMerge puts what is in one cart into another.
func (r mutationResolver) CartMerge(ctx context.Context, input cart.CartMergeInput) (*cart.Payload, error) {
	return r.shop.Carts.Merge(ctx, input)
}

type componentizableCartLineResolver struct{ cartLineResolver }

// ComponentizableCartLine answers the fields of ComponentizableCartLine that are not simply there.
func (r *Resolver) ComponentizableCartLine() ComponentizableCartLineResolver {
	return componentizableCartLineResolver{cartLineResolver{r}}
}

// BackorderedQuantity is what of the line is on no shelf.
func (r componentizableCartLineResolver) BackorderedQuantity(ctx context.Context, line *cart.ComponentizableCartLine) (int, error) {
	return r.cartLineResolver.BackorderedQuantity(ctx, &line.CartLine)
}

// PromisedAt is by when all of the line is there.
func (r componentizableCartLineResolver) PromisedAt(ctx context.Context, line *cart.ComponentizableCartLine) (*time.Time, error) {
	return r.cartLineResolver.PromisedAt(ctx, &line.CartLine)
}
