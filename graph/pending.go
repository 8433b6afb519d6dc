package graph

import (
	"context"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/orders"
)

type orderDeliveryResolver struct{ *Resolver }

func (r orderDeliveryResolver) Location(ctx context.Context, obj *orders.OrderDelivery) (*inventory.Location, error) {
	panic("pending: OrderDeliveryResolver.Location")
}

type orderLineItemResolver struct{ *Resolver }

func (r orderLineItemResolver) Variant(ctx context.Context, obj *orders.OrderLineItem) (*catalog.ProductVariant, error) {
	panic("pending: OrderLineItemResolver.Variant")
}

func (r *Resolver) OrderDelivery() OrderDeliveryResolver { return orderDeliveryResolver{r} }

func (r *Resolver) OrderLineItem() OrderLineItemResolver { return orderLineItemResolver{r} }
