package graph

import (
	"context"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/settings"
)

// InventoryItem is null where there is no such variant.
func (r queryResolver) InventoryItem(ctx context.Context, variantID string) (*inventory.InventoryItem, error) {
	variant, err := id.ParseProductVariantID(variantID)
	if err != nil {
		return nil, nil //nolint:nilerr // an id that is none names no variant
	}
	if _, ok, err := r.load(ctx).variants.load(ctx, variant); err != nil || !ok {
		return nil, err
	}
	item, err := r.shop.Inventory.Item(ctx, variant)
	return &item, err
}

// InventoryPolicySet says how a variant is sold beyond its shelves.
func (r mutationResolver) InventoryPolicySet(ctx context.Context, input inventory.InventoryPolicySetInput) (*InventoryPolicySetPayload, error) {
	input.NotFrom, input.NoRestockDays = givenNull(ctx, "input", "availableFrom"), givenNull(ctx, "input", "restockDays")
	item, err := r.shop.Inventory.SetPolicy(ctx, access.From(ctx), input)
	refused, err := userErrors(err, inventoryUserError)
	if err != nil || len(refused) > 0 {
		return &InventoryPolicySetPayload{UserErrors: refused}, err
	}
	return &InventoryPolicySetPayload{Item: &item, UserErrors: refused}, nil
}

type inventoryItemResolver struct{ *Resolver }

// InventoryItem answers the fields of InventoryItem that are not simply there.
func (r *Resolver) InventoryItem() InventoryItemResolver { return inventoryItemResolver{r} }

func (r inventoryItemResolver) Components(ctx context.Context, i *inventory.InventoryItem) ([]inventory.Component, error) {
	components, _, err := r.load(ctx).components.load(ctx, i.VariantID)
	return components, err
}

// InventoryBackorders lists what orders wait for, the oldest first.
func (r queryResolver) InventoryBackorders(ctx context.Context, after, before *string, first, last *int, locationID *string, reverse *bool, variantID *string) (*inventory.InventoryBackorderConnection, error) {
	page, err := r.shop.Inventory.Backorders(ctx, access.From(ctx), variantID, locationID, paged(after, before, first, last, reverse))
	if err != nil {
		return nil, err
	}
	places := make([]id.LocationID, len(page.Nodes))
	for i, b := range page.Nodes {
		places[i] = b.LocationID
	}
	r.load(ctx).locationKeys.expect(places)
	return &page, nil
}

type inventoryBackorderResolver struct{ *Resolver }

// InventoryBackorder answers the fields of InventoryBackorder that are not simply there.
func (r *Resolver) InventoryBackorder() InventoryBackorderResolver {
	return inventoryBackorderResolver{r}
}

func (r inventoryBackorderResolver) Location(ctx context.Context, b *inventory.InventoryBackorder) (*inventory.Location, error) {
	return r.place(ctx, b.LocationID)
}

// InventoryAllocation is how the shop chooses among the locations that ship.
func (r queryResolver) InventoryAllocation(ctx context.Context) (*inventory.InventoryAllocation, error) {
	shop, err := r.shop.Settings.Load(ctx)
	if err != nil {
		return nil, err
	}
	allocation := inventory.AllocationOf(shop)
	return &allocation, nil
}

// InventoryAllocationSet says how the shop chooses among the locations that ship.
func (r mutationResolver) InventoryAllocationSet(ctx context.Context, input inventory.InventoryAllocationSetInput) (*InventoryAllocationSetPayload, error) {
	allocation, err := r.shop.Inventory.SetAllocation(ctx, access.From(ctx), r.shop.Settings, input)
	refused, err := userErrors(err, inventoryUserError)
	if err != nil || len(refused) > 0 {
		return &InventoryAllocationSetPayload{UserErrors: refused}, err
	}
	return &InventoryAllocationSetPayload{Allocation: &allocation, UserErrors: refused}, nil
}

type inventoryAllocationResolver struct{ *Resolver }

// InventoryAllocation answers the fields of InventoryAllocation that are not simply there.
func (r *Resolver) InventoryAllocation() InventoryAllocationResolver {
	return inventoryAllocationResolver{r}
}

// LocationPriority leaves out locations that are there no more.
func (r inventoryAllocationResolver) LocationPriority(ctx context.Context, a *inventory.InventoryAllocation) ([]inventory.Location, error) {
	found, err := inventory.LocationsByID(ctx, r.db(ctx), a.Priority)
	if err != nil {
		return nil, err
	}
	list := make([]inventory.Location, 0, len(a.Priority))
	for _, location := range a.Priority {
		if l, ok := found[location]; ok {
			list = append(list, l)
		}
	}
	return list, nil
}

// route is how the shop chooses where something is shipped from that nobody has said the destination of.
func (r *Resolver) route(ctx context.Context) (inventory.Route, error) {
	return routeOf(ctx, r.load(ctx).settings)
}

func routeOf(ctx context.Context, load func(context.Context) (settings.Shop, error)) (inventory.Route, error) {
	shop, err := load(ctx)
	return inventory.RouteOf(shop, inventory.Destination{}), err
}
