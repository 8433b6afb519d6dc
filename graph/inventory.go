package graph

import (
	"context"

	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/pg"
)

func (r queryResolver) Locations(ctx context.Context, after, before *string, first, last *int, near *address.Coordinate, reverse *bool, sortKey *inventory.LocationSortKeys) (*inventory.LocationConnection, error) {
	sort := inventory.LocationsByIDs
	if sortKey != nil {
		sort = *sortKey
	}
	list, err := inventory.Locations(ctx, r.shop.Pool, near, sort, paged(after, before, first, last, reverse))
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
	return absent(inventory.LocationByID(ctx, r.shop.Pool, location))
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
