package graph

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/pg"
)

type orderResolver struct{ *Resolver }

// Order answers the fields of Order that are not simply there.
func (r *Resolver) Order() OrderResolver { return orderResolver{r} }

func (r queryResolver) Order(ctx context.Context, text string, accessToken *string, version *int, asOf *time.Time) (*orders.Order, error) {
	order, err := id.ParseOrderID(text)
	if err != nil {
		return nil, orders.NotFound
	}
	o, err := r.shop.Orders.VisibleAt(ctx, access.From(ctx), order, accessToken, version, asOf)
	if err != nil {
		return nil, err
	}
	return &o, nil
}

func (r queryResolver) Orders(ctx context.Context, after, before *string, first, last *int, query *string, reverse *bool, sortKey *orders.OrderSortKeys) (*orders.OrderConnection, error) {
	sort := orders.SortProcessedAt
	if sortKey != nil {
		sort = *sortKey
	}
	page := pg.Page{First: first, Last: last, After: after, Before: before, Reverse: reverse != nil && *reverse}
	if sort == orders.SortProcessedAt || sort == orders.SortRelevance {
		page.Reverse = !page.Reverse // the newest first
	}
	list, err := r.shop.Orders.Orders(ctx, access.From(ctx), query, sort, page)
	if err != nil {
		return nil, err
	}
	r.load(ctx).expectOrders(list.Edges)
	return &list, nil
}

func (r subscriptionResolver) OrderEvents(ctx context.Context, text string, accessToken *string, after *int) (<-chan *orders.OrderEvent, error) {
	order, err := id.ParseOrderID(text)
	if err != nil {
		return nil, orders.NotFound
	}
	return r.shop.Orders.Follow(ctx, access.From(ctx), order, accessToken, after)
}

func (r orderResolver) Events(ctx context.Context, o *orders.Order, after, first *int) (*orders.OrderEventConnection, error) {
	from, n := 0, 50
	if after != nil {
		from = *after
	}
	if first != nil {
		n = *first
	}
	page, err := r.shop.Orders.Events(ctx, o.ID, from, n)
	if err != nil {
		return nil, err
	}
	return &page, nil
}

func (r orderResolver) LineItems(ctx context.Context, o *orders.Order, after, before *string, first, last *int, reverse *bool) (*orders.OrderLineItemConnection, error) {
	page := pg.Page{First: first, Last: last, After: after, Before: before, Reverse: reverse != nil && *reverse}
	lines, err := pg.Slice(page, o.Lines, func(line orders.OrderLineItem) string { return line.ID.String() })
	if err != nil {
		return nil, err
	}
	r.load(ctx).expectLines(lines.Nodes)
	return &lines, nil
}

// DiscountApplications are the order's discounts, in the order in which they were taken.
func (r orderResolver) DiscountApplications(_ context.Context, o *orders.Order, after, before *string, first, last *int, reverse *bool) (*orders.DiscountApplicationConnection, error) {
	page := pg.Page{First: first, Last: last, After: after, Before: before, Reverse: reverse != nil && *reverse}
	list, err := pg.Slice(page, o.Discounts, func(d orders.OrderDiscount) string { return d.PromotionID.String() })
	if err != nil {
		return nil, err
	}
	applications := &orders.DiscountApplicationConnection{
		Edges: []orders.DiscountApplicationEdge{}, Nodes: []orders.DiscountApplication{}, PageInfo: list.PageInfo,
	}
	for _, edge := range list.Edges {
		application := edge.Node.Application()
		applications.Nodes = append(applications.Nodes, application)
		applications.Edges = append(applications.Edges, orders.DiscountApplicationEdge{Cursor: edge.Cursor, Node: application})
	}
	return applications, nil
}

type orderLineItemResolver struct{ *Resolver }

// OrderLineItem answers the fields of OrderLineItem that are not simply there.
func (r *Resolver) OrderLineItem() OrderLineItemResolver { return orderLineItemResolver{r} }

// Variant is what was bought, as it is now; null once the caller could no longer find it in the shop.
func (r orderLineItemResolver) Variant(ctx context.Context, line *orders.OrderLineItem) (*catalog.ProductVariant, error) {
	return r.offered(ctx, line.VariantID)
}

type orderDeliveryResolver struct{ *Resolver }

// OrderDelivery answers the fields of OrderDelivery that are not simply there.
func (r *Resolver) OrderDelivery() OrderDeliveryResolver { return orderDeliveryResolver{r} }

// Location is the store of a pick-up.
func (r orderDeliveryResolver) Location(ctx context.Context, d *orders.OrderDelivery) (*inventory.Location, error) {
	if d.LocationID == nil {
		return nil, nil
	}
	location, ok, err := r.load(ctx).locations.load(ctx, *d.LocationID)
	if err != nil || !ok {
		return nil, err
	}
	return &location, nil
}

// CustomerURL is where the customer finds the order among their own; null for a guest's order, and where the shop was
// never told where its storefront is.
func (r orderResolver) CustomerURL(ctx context.Context, o *orders.Order) (*string, error) {
	shop, err := r.shop.Settings.Load(ctx)
	if err != nil || o.CustomerID == nil || !shop.HasStorefront() {
		return nil, err
	}
	address := shop.CustomerOrderURL(uuid.UUID(o.ID).String())
	return &address, nil
}

// SuccessfulFulfillments are the parcels that were sent, at most the first n.
func (r orderResolver) SuccessfulFulfillments(_ context.Context, o *orders.Order, first *int) ([]orders.Fulfillment, error) {
	return o.SuccessfulFulfillments(first), nil
}

func (r orderResolver) StatusURL(ctx context.Context, o *orders.Order) (string, error) {
	shop, err := r.shop.Settings.Load(ctx)
	if err != nil {
		return "", err
	}
	return shop.OrderURL(uuid.UUID(o.ID).String()), nil
}

func (r mutationResolver) OrderNoteAdd(ctx context.Context, input orders.OrderNoteAddInput) (*OrderNoteAddPayload, error) {
	order, refused, err := orderAnswer(r.shop.Orders.AddNote(ctx, access.From(ctx), r.shop.Keys, input))
	if err != nil {
		return nil, err
	}
	return &OrderNoteAddPayload{Order: order, UserErrors: refused}, nil
}
