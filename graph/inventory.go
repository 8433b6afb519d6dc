package graph

import (
	"context"
	"fmt"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/pg"
)

func (r queryResolver) Locations(ctx context.Context, after, before *string, first, last *int, near *address.Coordinate, reverse *bool, sortKey *inventory.LocationSortKeys) (*inventory.LocationConnection, error) {
	sort := inventory.LocationsByIDs
	if sortKey != nil {
		sort = *sortKey
	}
	list, err := inventory.Locations(ctx, r.db(ctx), near, sort, paged(after, before, first, last, reverse))
	if err != nil {
		return nil, err
	}
	return &list, nil
}

func (r queryResolver) Location(ctx context.Context, text string) (*inventory.Location, error) {
	location, err := id.ParseLocationID(text)
	if err != nil {
		return nil, err
	}
	return absent(inventory.LocationByID(ctx, r.db(ctx), location))
}

// forSale says whether one of a variant can be ordered for shipping now.
func (r *Resolver) forSale(ctx context.Context, v *catalog.ProductVariant) (bool, error) {
	if !v.Offered {
		return false, nil
	}
	a, _, err := r.load(ctx).available.load(ctx, v.ID)
	return err == nil && a.ForSale(), err
}

func (r productResolver) AvailableForSale(ctx context.Context, p *catalog.Product) (bool, error) {
	variants, _, err := r.load(ctx).variantsByProduct.load(ctx, p.ID)
	if err != nil {
		return false, err
	}
	for i := range variants {
		if available, err := r.forSale(ctx, &variants[i]); available || err != nil {
			return available, err
		}
	}
	return false, nil
}

func (r productResolver) TotalInventory(ctx context.Context, p *catalog.Product) (*int, error) {
	variants, _, err := r.load(ctx).variantsByProduct.load(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	var total *int
	for _, v := range variants {
		a, _, err := r.load(ctx).available.load(ctx, v.ID)
		if err != nil {
			return nil, err
		}
		if a.Tracked {
			if total == nil {
				total = new(int)
			}
			*total += a.Quantity
		}
	}
	return total, nil
}

func (r productVariantResolver) AvailableForSale(ctx context.Context, v *catalog.ProductVariant) (bool, error) {
	return r.forSale(ctx, v)
}

func (r productVariantResolver) CurrentlyNotInStock(ctx context.Context, v *catalog.ProductVariant) (bool, error) {
	a, _, err := r.load(ctx).available.load(ctx, v.ID)
	return a.Tracked && a.Quantity == 0 && a.Promisable > 0, err
}

func (r productVariantResolver) QuantityAvailable(ctx context.Context, v *catalog.ProductVariant) (*int, error) {
	a, _, err := r.load(ctx).available.load(ctx, v.ID)
	if err != nil || !a.Tracked {
		return nil, err
	}
	return &a.Quantity, nil
}

func (r productVariantResolver) StoreAvailability(ctx context.Context, v *catalog.ProductVariant, after, before *string, first, last *int, near *address.Coordinate, reverse *bool) (*inventory.StoreAvailabilityConnection, error) {
	stores, _, err := r.load(ctx).storesNear(near).load(ctx, v.ID)
	if err != nil {
		return nil, err
	}
	list, err := pg.Slice(paged(after, before, first, last, reverse), stores, func(s inventory.StoreAvailability) string {
		return s.Location.ID.String()
	})
	return &list, err
}

func (r queryResolver) InventoryLevels(ctx context.Context, after, before *string, first, last *int, locationID *string, reverse *bool, state *inventory.StockState, variantIDs []string) (*inventory.InventoryLevelConnection, error) {
	filter := inventory.LevelFilter{VariantIDs: variantIDs, LocationID: locationID, State: state}
	list, err := r.shop.Inventory.Levels(ctx, access.From(ctx), filter, paged(after, before, first, last, reverse))
	if err != nil {
		return nil, err
	}
	r.load(ctx).expectLevels(list.Nodes)
	return &list, nil
}

func (r queryResolver) InventoryMovements(ctx context.Context, after, before *string, first, last *int, locationID *string, reverse *bool, variantID *string) (*inventory.InventoryMovementConnection, error) {
	list, err := r.shop.Inventory.Movements(ctx, access.From(ctx), variantID, locationID, paged(after, before, first, last, reverse))
	if err != nil {
		return nil, err
	}
	places := make([]id.LocationID, len(list.Nodes))
	for i, m := range list.Nodes {
		places[i] = m.LocationID
	}
	r.load(ctx).locationKeys.expect(places)
	return &list, nil
}

func (r queryResolver) InventoryTransfer(ctx context.Context, text string) (*inventory.InventoryTransfer, error) {
	transfer, err := id.ParseInventoryTransferID(text)
	if err != nil {
		return nil, nil //nolint:nilerr,nilnil // what is no id of a transfer names none
	}
	return absent(r.shop.Inventory.Transfer(ctx, access.From(ctx), transfer))
}

func (r queryResolver) InventoryTransfers(ctx context.Context, after, before *string, first, last *int, locationID *string, reverse *bool, state *inventory.TransferState) (*inventory.InventoryTransferConnection, error) {
	list, err := r.shop.Inventory.Transfers(ctx, access.From(ctx), locationID, state, paged(after, before, first, last, reverse))
	if err != nil {
		return nil, err
	}
	var places []id.LocationID
	for _, t := range list.Nodes {
		places = append(places, t.DestinationID)
		if t.OriginID != nil {
			places = append(places, *t.OriginID)
		}
	}
	r.load(ctx).locationKeys.expect(places)
	return &list, nil
}

func (r mutationResolver) InventoryAdjust(ctx context.Context, input inventory.InventoryAdjustInput) (*InventoryAdjustPayload, error) {
	adjustment, levels, refused, err := r.adjusted(ctx)(r.shop.Inventory.Adjust(ctx, access.From(ctx), input))
	if err != nil {
		return nil, err
	}
	return &InventoryAdjustPayload{Adjustment: adjustment, Levels: levels, UserErrors: refused}, nil
}

func (r mutationResolver) InventorySet(ctx context.Context, input inventory.InventorySetInput) (*InventorySetPayload, error) {
	adjustment, levels, refused, err := r.adjusted(ctx)(r.shop.Inventory.Set(ctx, access.From(ctx), input))
	if err != nil {
		return nil, err
	}
	return &InventorySetPayload{Adjustment: adjustment, Levels: levels, UserErrors: refused}, nil
}

// adjusted divides what a change of stock gave back: the change with its shelves, or what was wrong with the request.
func (r mutationResolver) adjusted(ctx context.Context) func(inventory.Adjusted, error) (*inventory.InventoryAdjustment, []inventory.StockLevel, []InventoryUserError, error) {
	return func(a inventory.Adjusted, err error) (*inventory.InventoryAdjustment, []inventory.StockLevel, []InventoryUserError, error) {
		refused, err := userErrors(err, inventoryUserError)
		if err != nil || len(refused) > 0 {
			return nil, []inventory.StockLevel{}, refused, err
		}
		r.load(ctx).expectLevels(a.Levels)
		return &a.Adjustment, a.Levels, refused, nil
	}
}

func (r mutationResolver) InventoryTransferCreate(ctx context.Context, input inventory.InventoryTransferCreateInput) (*InventoryTransferCreatePayload, error) {
	transfer, refused, err := transferAnswer(r.shop.Inventory.CreateTransfer(ctx, access.From(ctx), input))
	if err != nil {
		return nil, err
	}
	return &InventoryTransferCreatePayload{Transfer: transfer, UserErrors: refused}, nil
}

func (r mutationResolver) InventoryTransferReceive(ctx context.Context, input inventory.InventoryTransferReceiveInput) (*InventoryTransferReceivePayload, error) {
	transfer, refused, err := transferAnswer(r.shop.Inventory.ReceiveTransfer(ctx, access.From(ctx), input))
	if err != nil {
		return nil, err
	}
	return &InventoryTransferReceivePayload{Transfer: transfer, UserErrors: refused}, nil
}

func (r mutationResolver) InventoryTransferCancel(ctx context.Context, input inventory.InventoryTransferCancelInput) (*InventoryTransferCancelPayload, error) {
	transfer, refused, err := transferAnswer(r.shop.Inventory.CancelTransfer(ctx, access.From(ctx), input))
	if err != nil {
		return nil, err
	}
	return &InventoryTransferCancelPayload{Transfer: transfer, UserErrors: refused}, nil
}

// transferAnswer divides what a change of a transfer gave back: the transfer, or what was wrong with the request.
func transferAnswer(t inventory.InventoryTransfer, err error) (*inventory.InventoryTransfer, []InventoryUserError, error) {
	refused, err := userErrors(err, inventoryUserError)
	if err != nil || len(refused) > 0 {
		return nil, refused, err
	}
	return &t, refused, nil
}

// inventoryUserError writes a refusal in the words of the stock's API. A code that it does not list is INVALID.
func inventoryUserError(f *fault.Fault) InventoryUserError {
	e := InventoryUserError{Code: InventoryErrorCode(f.Code), Field: f.Field, Message: f.Message}
	if !e.Code.IsValid() {
		e.Code = InventoryErrorCodeInvalid
	}
	if n, ok := f.Data["quantityAvailable"].(int); ok {
		e.QuantityAvailable = &n
	}
	if v, ok := f.Data["currentVersion"].(int); ok {
		e.CurrentVersion = &v
	}
	return e
}

type inventoryLevelResolver struct{ *Resolver }

// InventoryLevel answers the fields of InventoryLevel that are not simply there.
func (r *Resolver) InventoryLevel() InventoryLevelResolver { return inventoryLevelResolver{r} }

// BackorderLimit is null where there is no bound.
func (r inventoryLevelResolver) BackorderLimit(_ context.Context, l *inventory.StockLevel) (*int, error) {
	if l.Backorders() {
		return nil, nil
	}
	return &l.BackorderLimit, nil
}

func (r inventoryLevelResolver) Location(ctx context.Context, l *inventory.StockLevel) (*inventory.Location, error) {
	return r.place(ctx, l.LocationID)
}

// Variant is null when the caller could not find it in the shop.
func (r inventoryLevelResolver) Variant(ctx context.Context, l *inventory.StockLevel) (*catalog.ProductVariant, error) {
	return r.offered(ctx, l.VariantID)
}

type inventoryMovementResolver struct{ *Resolver }

// InventoryMovement answers the fields of InventoryMovement that are not simply there.
func (r *Resolver) InventoryMovement() InventoryMovementResolver { return inventoryMovementResolver{r} }

func (r inventoryMovementResolver) Location(ctx context.Context, m *inventory.InventoryMovement) (*inventory.Location, error) {
	return r.place(ctx, m.LocationID)
}

type inventoryTransferResolver struct{ *Resolver }

// InventoryTransfer answers the fields of InventoryTransfer that are not simply there.
func (r *Resolver) InventoryTransfer() InventoryTransferResolver { return inventoryTransferResolver{r} }

func (r inventoryTransferResolver) Destination(ctx context.Context, t *inventory.InventoryTransfer) (*inventory.Location, error) {
	return r.place(ctx, t.DestinationID)
}

func (r inventoryTransferResolver) Origin(ctx context.Context, t *inventory.InventoryTransfer) (*inventory.Location, error) {
	if t.OriginID == nil {
		return nil, nil
	}
	return r.place(ctx, *t.OriginID)
}

// place is a location that must be there, since stock lies at it.
func (r *Resolver) place(ctx context.Context, at id.LocationID) (*inventory.Location, error) {
	location, ok, err := r.load(ctx).locations.load(ctx, at)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("%s has stock and is not there", at)
	}
	return &location, nil
}

// StockChanged follows the variants that the caller can find in the shop.
func (r subscriptionResolver) StockChanged(ctx context.Context, variantIDs []string) (<-chan *inventory.StockChange, error) {
	return r.shop.Inventory.Follow(ctx, access.From(ctx), variantIDs)
}

type stockChangeResolver struct{ *Resolver }

// StockChange answers the fields of StockChange that are not simply there.
func (r *Resolver) StockChange() StockChangeResolver { return stockChangeResolver{r} }

func (r stockChangeResolver) AvailableForSale(_ context.Context, c *inventory.StockChange) (bool, error) {
	return c.Available.ForSale(), nil
}
