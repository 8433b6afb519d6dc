package inventory

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// Of a bundle a store has as many as its scarcest part there allows.
const storeStockSQL = `
select p.variant_id, c.id,
       min(greatest(coalesce(l.sellable - l.reserved, 0), 0) / p.quantity),
       min(greatest(coalesce(l.sellable + l.backorder_limit - l.reserved, 0), 0) / p.quantity),
       array_agg(p.item_id) filter (where p.item_id <> p.variant_id)
from stock_part p
cross join location c
left join stock_level l on l.variant_id = p.item_id and l.location_id = c.id
where p.variant_id = any((select $1::uuid[])::uuid[])
  and c.active
  and c.pickup_enabled
group by p.variant_id, c.id`

// StoreAvailabilities says of each variant where it can be collected: every store that offers pick-up, the nearest
// first when it is asked from somewhere, else in the order of the stores' ids.
func StoreAvailabilities(ctx context.Context, db pg.DB, variants []id.ProductVariantID, near *address.Coordinate) (map[id.ProductVariantID][]StoreAvailability, error) {
	if near != nil && !near.Valid() {
		return nil, badCoordinate
	}
	stores, err := pickupLocations(ctx, db)
	if err != nil {
		return nil, err
	}
	sortByDistance(stores, near, func(l Location) Location { return l })
	rows, err := db.Query(ctx, storeStockSQL, variants)
	if err != nil {
		return nil, fmt.Errorf("read stock at stores: %w", err)
	}
	type units struct{ here, free int }
	counted := map[shelf]units{}
	var at shelf
	var u units
	var parts []id.ProductVariantID
	bundles := map[id.ProductVariantID][]id.ProductVariantID{}
	_, err = pgx.ForEachRow(rows, []any{&at.variant, &at.location, &u.here, &u.free, &parts}, func() error {
		counted[at] = u
		if parts != nil {
			bundles[at.variant] = parts
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read stock at stores: %w", err)
	}
	missing, err := incomplete(ctx, db, bundles)
	if err != nil {
		return nil, err
	}
	availabilities := make(map[id.ProductVariantID][]StoreAvailability, len(variants))
	for _, variant := range variants {
		list := make([]StoreAvailability, len(stores))
		for i, store := range stores {
			u, tracked := counted[shelf{variant, store.ID}]
			if missing[variant] {
				u = units{}
			}
			list[i] = StoreAvailability{
				VariantID: variant, Location: store,
				Available:         !tracked || u.free > 0,
				QuantityAvailable: u.here,
				PickUpTime:        pickUpTime(store.PickupLeadMinutes),
				Distance:          store.distance(near),
			}
		}
		availabilities[variant] = list
	}
	return availabilities, nil
}

// PickUpTime says how long the store needs to make an order ready.
func (l Location) PickUpTime() string { return pickUpTime(l.PickupLeadMinutes) }

// pickUpTime says how long a store needs to make an order ready.
func pickUpTime(minutes int) string {
	switch d := time.Duration(minutes) * time.Minute; {
	case d <= 0:
		return "Usually ready at once"
	case d < time.Hour:
		return fmt.Sprintf("Usually ready in %d minutes", minutes)
	case d < 2*time.Hour:
		return "Usually ready in 1 hour"
	case d <= 48*time.Hour:
		return fmt.Sprintf("Usually ready in %d hours", (minutes+59)/60)
	default:
		return fmt.Sprintf("Usually ready in %d days", (minutes+1439)/1440)
	}
}

// Candidate is a store that has every line of an order in stock, with what the choice among stores needs.
type Candidate struct {
	Location      Location
	TakenThisHour int // pick-up orders accepted there in the running hour; fulfillment counts them
}

// HasCapacity says whether the store can take one more pick-up order in the running hour.
func (c Candidate) HasCapacity() bool {
	return c.Location.PickupCapacityPerHour == nil || c.TakenThisHour < *c.Location.PickupCapacityPerHour
}

const storesWithStockSQL = `
select c.id, c.external_id, c.kind, c.name, c.address1, c.address2, c.city, c.province_code, c.zip, c.country_code,
       c.phone, c.latitude, c.longitude, c.hours, c.opening_hours, c.services, c.active, c.is_default,
       c.ships_online, c.pickup_enabled, c.pickup_capacity_per_hour, c.pickup_lead_minutes, c.created_at, c.updated_at,
       (select array_agg(p.item_id) from stock_part p where p.variant_id = any($1) and p.item_id <> p.variant_id)
from location c
where c.active
  and c.pickup_enabled
  and not exists (
      select
      from (select p.item_id, sum(d.quantity::bigint * p.quantity) as quantity
            from unnest($1::uuid[], $2::integer[]) d(variant_id, quantity)
            join stock_part p on p.variant_id = d.variant_id
            group by p.item_id) need
      left join stock_level l on l.variant_id = need.item_id and l.location_id = c.id
      where coalesce(l.sellable + l.backorder_limit - l.reserved, 0) < need.quantity
  )
order by c.id`

// StoresWithStock lists the stores where all lines can be collected, in the order of their ids. Where the lines name
// a location it is ignored: the question is which one to choose. No store has a bundle with a part that is not offered.
// How much each has taken on is not said.
func StoresWithStock(ctx context.Context, db pg.DB, lines []Demand) ([]Candidate, error) {
	anywhere := make([]Demand, len(lines))
	for i, line := range lines {
		anywhere[i] = Demand{VariantID: line.VariantID, Quantity: line.Quantity}
	}
	wants, err := sum(anywhere)
	if err != nil {
		return nil, err
	}
	variants, quantities := make([]id.ProductVariantID, len(wants)), make([]int32, len(wants))
	for i, w := range wants {
		variants[i], quantities[i] = w.variant, int32(w.quantity)
	}
	rows, err := db.Query(ctx, storesWithStockSQL, variants, quantities)
	if err != nil {
		return nil, fmt.Errorf("read stores with stock: %w", err)
	}
	var parts []id.ProductVariantID
	candidates, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Candidate, error) {
		var c Candidate
		err := row.Scan(append(c.Location.fields(), &parts)...)
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("read stores with stock: %w", err)
	}
	const all = 0 // the bundles that are wanted are all in one order
	missing, err := incomplete(ctx, db, map[int][]id.ProductVariantID{all: parts})
	if err != nil || missing[all] {
		return nil, err
	}
	return candidates, nil
}
