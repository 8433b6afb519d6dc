package graph

import (
	"context"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/pg"
)

// ProductBundleSet says what a variant is made of.
func (r mutationResolver) ProductBundleSet(ctx context.Context, input inventory.ProductBundleSetInput) (*ProductBundleSetPayload, error) {
	bundle, err := r.shop.Inventory.SetBundle(ctx, access.From(ctx), input)
	refused, err := userErrors(err, inventoryUserError)
	if err != nil || len(refused) > 0 {
		return &ProductBundleSetPayload{UserErrors: refused}, err
	}
	return &ProductBundleSetPayload{Bundle: &bundle, UserErrors: refused}, nil
}

// RequiresComponents says whether the variant is a bundle.
func (r productVariantResolver) RequiresComponents(ctx context.Context, v *catalog.ProductVariant) (bool, error) {
	components, _, err := r.load(ctx).components.load(ctx, v.ID)
	return len(components) > 0, err
}

// Components are what a bundle is made of.
func (r productVariantResolver) Components(ctx context.Context, v *catalog.ProductVariant, after, before *string, first, last *int) (*inventory.ComponentConnection, error) {
	components, _, err := r.load(ctx).components.load(ctx, v.ID)
	if err != nil {
		return nil, err
	}
	page, err := pg.Slice(paged(after, before, first, last, nil), components, func(c inventory.Component) string { return c.VariantID.String() })
	return &page, err
}

type productVariantComponentResolver struct{ *Resolver }

// ProductVariantComponent answers the fields of ProductVariantComponent that are not simply there.
func (r *Resolver) ProductVariantComponent() ProductVariantComponentResolver {
	return productVariantComponentResolver{r}
}

// ProductVariant is null when the caller could not find it in the shop.
func (r productVariantComponentResolver) ProductVariant(ctx context.Context, c *inventory.Component) (*catalog.ProductVariant, error) {
	return r.offered(ctx, c.VariantID)
}

type orderLineItemComponentResolver struct{ *Resolver }

// OrderLineItemComponent answers the fields of OrderLineItemComponent that are not simply there.
func (r *Resolver) OrderLineItemComponent() OrderLineItemComponentResolver {
	return orderLineItemComponentResolver{r}
}

// Variant is null when the caller could not find it in the shop.
func (r orderLineItemComponentResolver) Variant(ctx context.Context, c *orders.LineComponent) (*catalog.ProductVariant, error) {
	return r.offered(ctx, c.VariantID)
}

// offered is a variant that the caller can find in the shop.
func (r *Resolver) offered(ctx context.Context, variant id.ProductVariantID) (*catalog.ProductVariant, error) {
	v, ok, err := r.load(ctx).variants.load(ctx, variant)
	if err != nil || !ok || !v.Offered && !catalog.SeesAll(access.From(ctx)) {
		return nil, err
	}
	return &v, nil
}
