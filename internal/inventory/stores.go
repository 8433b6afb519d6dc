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

const storeStockSQL = `
select l.variant_id, l.location_id, l.on_hand, l.damaged, l.safety_stock, l.reserved, l.backorder_limit
from stock_level l
join location c on c.id = l.location_id
where l.variant_id = any((select $1::uuid[])::uuid[])
  and c.active
  and c.pickup_enabled`

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
	tracked, levels := map[id.ProductVariantID]bool{}, map[shelf]StockLevel{}
	batch := &pgx.Batch{}
	batch.Queue(trackedSQL, variants).Query(func(rows pgx.Rows) error {
		var variant id.ProductVariantID
		_, err := pgx.ForEachRow(rows, []any{&variant}, func() error {
			tracked[variant] = true
			return nil
		})
		return err
	})
	batch.Queue(storeStockSQL, variants).Query(func(rows pgx.Rows) error {
		var l StockLevel
		fields := []any{&l.VariantID, &l.LocationID, &l.OnHand, &l.Damaged, &l.SafetyStock, &l.Reserved, &l.BackorderLimit}
		_, err := pgx.ForEachRow(rows, fields, func() error {
			levels[shelf{l.VariantID, l.LocationID}] = l
			return nil
		})
		return err
	})
	if err := db.SendBatch(ctx, batch).Close(); err != nil {
		return nil, fmt.Errorf("read stock at stores: %w", err)
	}
	availabilities := make(map[id.ProductVariantID][]StoreAvailability, len(variants))
	for _, variant := range variants {
		list := make([]StoreAvailability, len(stores))
		for i, store := range stores {
			level := levels[shelf{variant, store.ID}]
			list[i] = StoreAvailability{
				VariantID: variant, Location: store,
				Available:         !tracked[variant] || level.Promisable() > 0,
				QuantityAvailable: level.Available(),
				PickUpTime:        pickUpTime(store.PickupLeadMinutes),
				Distance:          store.distance(near),
			}
		}
		availabilities[variant] = list
	}
	return availabilities, nil
}

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
       c.ships_online, c.pickup_enabled, c.pickup_capacity_per_hour, c.pickup_lead_minutes, c.created_at, c.updated_at
from location c
where c.active
  and c.pickup_enabled
  and not exists (
      select
      from unnest($1::uuid[], $2::integer[]) d(variant_id, quantity)
      join stock_item i on i.variant_id = d.variant_id
      left join stock_level l on l.variant_id = d.variant_id and l.location_id = c.id
      where coalesce(l.sellable + l.backorder_limit - l.reserved, 0) < d.quantity
  )
order by c.id`

// StoresWithStock lists the stores where all lines can be collected, in the order of their ids. Where the lines name
// a location it is ignored: the question is which one to choose. How much each has taken on is not said.
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
	candidates, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Candidate, error) {
		var c Candidate
		err := row.Scan(c.Location.fields()...)
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("read stores with stock: %w", err)
	}
	return candidates, nil
}
