package graph

import (
	"context"
	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/pg"
)

type collectionResolver struct{ *Resolver }

func (r collectionResolver) Image(ctx context.Context, obj *catalog.Collection) (*Image, error) {
	panic("pending: CollectionResolver.Image")
}

func (r collectionResolver) OnlineStoreURL(ctx context.Context, obj *catalog.Collection) (*string, error) {
	panic("pending: CollectionResolver.OnlineStoreURL")
}

func (r collectionResolver) Products(ctx context.Context, obj *catalog.Collection, after *string, before *string, first *int, last *int, reverse *bool, sortKey *catalog.ProductCollectionSortKeys) (*pg.Connection[catalog.Product], error) {
	panic("pending: CollectionResolver.Products")
}

func (r collectionResolver) TrackingParameters(ctx context.Context, obj *catalog.Collection) (*string, error) {
	panic("pending: CollectionResolver.TrackingParameters")
}

type orderDeliveryResolver struct{ *Resolver }

func (r orderDeliveryResolver) Location(ctx context.Context, obj *orders.OrderDelivery) (*inventory.Location, error) {
	panic("pending: OrderDeliveryResolver.Location")
}

type orderLineItemResolver struct{ *Resolver }

func (r orderLineItemResolver) Variant(ctx context.Context, obj *orders.OrderLineItem) (*catalog.ProductVariant, error) {
	panic("pending: OrderLineItemResolver.Variant")
}

type productOptionValueResolver struct{ *Resolver }

func (r productOptionValueResolver) FirstSelectableVariant(ctx context.Context, obj *catalog.ProductOptionValue) (*catalog.ProductVariant, error) {
	panic("pending: ProductOptionValueResolver.FirstSelectableVariant")
}

type productResolver struct{ *Resolver }

func (r productResolver) AdjacentVariants(ctx context.Context, obj *catalog.Product, caseInsensitiveMatch *bool, ignoreUnknownOptions *bool, selectedOptions []catalog.SelectedOptionInput) ([]catalog.ProductVariant, error) {
	panic("pending: ProductResolver.AdjacentVariants")
}

func (r productResolver) AvailableForSale(ctx context.Context, obj *catalog.Product) (bool, error) {
	panic("pending: ProductResolver.AvailableForSale")
}

func (r productResolver) Collections(ctx context.Context, obj *catalog.Product, after *string, before *string, first *int, last *int, reverse *bool) (*pg.Connection[catalog.Collection], error) {
	panic("pending: ProductResolver.Collections")
}

func (r productResolver) FeaturedImage(ctx context.Context, obj *catalog.Product) (*Image, error) {
	panic("pending: ProductResolver.FeaturedImage")
}

func (r productResolver) Images(ctx context.Context, obj *catalog.Product, after *string, before *string, first *int, last *int, reverse *bool, sortKey *catalog.ProductImageSortKeys) (*ImageConnection, error) {
	panic("pending: ProductResolver.Images")
}

func (r productResolver) OnlineStoreURL(ctx context.Context, obj *catalog.Product) (*string, error) {
	panic("pending: ProductResolver.OnlineStoreURL")
}

func (r productResolver) Options(ctx context.Context, obj *catalog.Product, first *int) ([]catalog.ProductOption, error) {
	panic("pending: ProductResolver.Options")
}

func (r productResolver) SelectedOrFirstAvailableVariant(ctx context.Context, obj *catalog.Product, caseInsensitiveMatch *bool, ignoreUnknownOptions *bool, selectedOptions []catalog.SelectedOptionInput) (*catalog.ProductVariant, error) {
	panic("pending: ProductResolver.SelectedOrFirstAvailableVariant")
}

func (r productResolver) TotalInventory(ctx context.Context, obj *catalog.Product) (*int, error) {
	panic("pending: ProductResolver.TotalInventory")
}

func (r productResolver) TrackingParameters(ctx context.Context, obj *catalog.Product) (*string, error) {
	panic("pending: ProductResolver.TrackingParameters")
}

func (r productResolver) VariantBySelectedOptions(ctx context.Context, obj *catalog.Product, caseInsensitiveMatch *bool, ignoreUnknownOptions *bool, selectedOptions []catalog.SelectedOptionInput) (*catalog.ProductVariant, error) {
	panic("pending: ProductResolver.VariantBySelectedOptions")
}

func (r productResolver) Variants(ctx context.Context, obj *catalog.Product, after *string, before *string, first *int, last *int, reverse *bool, sortKey *catalog.ProductVariantSortKeys) (*ProductVariantConnection, error) {
	panic("pending: ProductResolver.Variants")
}

func (r productResolver) VariantsCount(ctx context.Context, obj *catalog.Product) (*Count, error) {
	panic("pending: ProductResolver.VariantsCount")
}

type productVariantResolver struct{ *Resolver }

func (r productVariantResolver) AvailableForSale(ctx context.Context, obj *catalog.ProductVariant) (bool, error) {
	panic("pending: ProductVariantResolver.AvailableForSale")
}

func (r productVariantResolver) CurrentlyNotInStock(ctx context.Context, obj *catalog.ProductVariant) (bool, error) {
	panic("pending: ProductVariantResolver.CurrentlyNotInStock")
}

func (r productVariantResolver) Image(ctx context.Context, obj *catalog.ProductVariant) (*Image, error) {
	panic("pending: ProductVariantResolver.Image")
}

func (r productVariantResolver) Product(ctx context.Context, obj *catalog.ProductVariant) (*catalog.Product, error) {
	panic("pending: ProductVariantResolver.Product")
}

func (r productVariantResolver) QuantityAvailable(ctx context.Context, obj *catalog.ProductVariant) (*int, error) {
	panic("pending: ProductVariantResolver.QuantityAvailable")
}

func (r productVariantResolver) StoreAvailability(ctx context.Context, obj *catalog.ProductVariant, after *string, before *string, first *int, last *int, near *address.Coordinate, reverse *bool) (*StoreAvailabilityConnection, error) {
	panic("pending: ProductVariantResolver.StoreAvailability")
}

func (r productVariantResolver) UnitPrice(ctx context.Context, obj *catalog.ProductVariant) (*money.Money, error) {
	panic("pending: ProductVariantResolver.UnitPrice")
}

func (r queryResolver) Product(ctx context.Context, handle *string, id *string) (*catalog.Product, error) {
	panic("pending: QueryResolver.Product")
}

func (r queryResolver) Products(ctx context.Context, after *string, before *string, first *int, last *int, query *string, reverse *bool, sortKey *catalog.ProductSortKeys) (*pg.Connection[catalog.Product], error) {
	panic("pending: QueryResolver.Products")
}

func (r queryResolver) Collection(ctx context.Context, handle *string, id *string) (*catalog.Collection, error) {
	panic("pending: QueryResolver.Collection")
}

func (r queryResolver) Collections(ctx context.Context, after *string, before *string, first *int, last *int, query *string, reverse *bool, sortKey *catalog.CollectionSortKeys) (*pg.Connection[catalog.Collection], error) {
	panic("pending: QueryResolver.Collections")
}

func (r queryResolver) Locations(ctx context.Context, after *string, before *string, first *int, last *int, near *address.Coordinate, reverse *bool, sortKey *inventory.LocationSortKeys) (*LocationConnection, error) {
	panic("pending: QueryResolver.Locations")
}

func (r queryResolver) Location(ctx context.Context, id string) (*inventory.Location, error) {
	panic("pending: QueryResolver.Location")
}

func (r *Resolver) Collection() CollectionResolver { return collectionResolver{r} }

func (r *Resolver) OrderDelivery() OrderDeliveryResolver { return orderDeliveryResolver{r} }

func (r *Resolver) OrderLineItem() OrderLineItemResolver { return orderLineItemResolver{r} }

func (r *Resolver) Product() ProductResolver { return productResolver{r} }

func (r *Resolver) ProductOptionValue() ProductOptionValueResolver {
	return productOptionValueResolver{r}
}

func (r *Resolver) ProductVariant() ProductVariantResolver { return productVariantResolver{r} }
