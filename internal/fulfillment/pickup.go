package fulfillment

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/pg"
)

// ErrFull says that a store has promised as many pick-ups for this hour as it can hand over.
var ErrFull = fault.New(fault.Conflict, "PICKUP_CAPACITY_REACHED", "The store takes no more orders for now.")

// The row of the hour is the counter: orders that want the last place wait for each other at it.
const takePlaceSQL = `
insert into pickup_hour (location_id, hour, taken)
values ($1, date_trunc('hour', now()), 1)
on conflict (location_id, hour) do update
set taken = pickup_hour.taken + 1
where pickup_hour.taken < $2`

const bookPickupSQL = `
insert into pickup_booking (order_id, location_id, hour)
values ($1, $2, date_trunc('hour', now()))`

// BookPickup takes one of the places that a store has in the running hour, or says ErrFull. A store without a bound
// keeps no count.
func BookPickup(ctx context.Context, tx pgx.Tx, order id.OrderID, store inventory.Location) error {
	if store.PickupCapacityPerHour == nil {
		return nil
	}
	if *store.PickupCapacityPerHour < 1 {
		return ErrFull
	}
	tag, err := tx.Exec(ctx, takePlaceSQL, store.ID, *store.PickupCapacityPerHour)
	if err != nil {
		return fmt.Errorf("take a place at %s: %w", store.ID, err)
	}
	if tag.RowsAffected() == 0 {
		return ErrFull
	}
	if _, err := tx.Exec(ctx, bookPickupSQL, order, store.ID); err != nil {
		return fmt.Errorf("book a pick-up at %s: %w", store.ID, err)
	}
	return nil
}

const releasePickupSQL = `
delete from pickup_booking
where order_id = $1
returning location_id, hour`

const givePlaceBackSQL = `
update pickup_hour
set taken = taken - 1
where location_id = $1
  and hour = $2
  and taken > 0`

// ReleasePickup gives an order's place in a store's hour back. Of an order that has none nothing changes.
func ReleasePickup(ctx context.Context, tx pgx.Tx, order id.OrderID) error {
	var (
		store id.LocationID
		hour  time.Time
	)
	err := tx.QueryRow(ctx, releasePickupSQL, order).Scan(&store, &hour)
	if pg.IsNoRows(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("release the pick-up of %s: %w", order, err)
	}
	if _, err := tx.Exec(ctx, givePlaceBackSQL, store, hour); err != nil {
		return fmt.Errorf("release the pick-up of %s: %w", order, err)
	}
	return nil
}
