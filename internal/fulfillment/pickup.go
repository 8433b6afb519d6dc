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

// Hours are the places that stores have in the running hour, locked for the orders of one transaction.
type Hours struct {
	left   map[id.LocationID]int // of the stores with a bound
	orders []id.OrderID          // who has got a place, and where
	stores []id.LocationID
}

// A store's row of the hour is its counter. It is made before it is locked, so that the first orders of an hour wait
// for each other as well; in one order of ids, so that two transactions can't deadlock.
const openHoursSQL = `
insert into pickup_hour (location_id, hour, taken)
select s.id, date_trunc('hour', now()), 0
from unnest($1::uuid[]) s(id)
order by s.id
on conflict (location_id, hour) do nothing`

const lockHoursSQL = `
select location_id, taken
from pickup_hour
where location_id = any($1::uuid[])
  and hour = date_trunc('hour', now())
order by location_id
for update`

// QueueHours holds the running hour of each store, as the batch is sent. A store without a bound keeps no count and
// locks nothing.
func QueueHours(batch *pgx.Batch, stores []inventory.Location) *Hours {
	h := &Hours{left: map[id.LocationID]int{}}
	var bounded []id.LocationID
	for _, s := range stores {
		if _, known := h.left[s.ID]; s.PickupCapacityPerHour == nil || known {
			continue
		}
		h.left[s.ID] = *s.PickupCapacityPerHour
		bounded = append(bounded, s.ID)
	}
	if len(bounded) == 0 {
		return h
	}
	batch.Queue(openHoursSQL, bounded)
	batch.Queue(lockHoursSQL, bounded).Query(func(rows pgx.Rows) error {
		var store id.LocationID
		var taken int
		_, err := pgx.ForEachRow(rows, []any{&store, &taken}, func() error {
			h.left[store] -= taken
			return nil
		})
		return err
	})
	return h
}

// HasPlace says whether a store takes one more order in this hour.
func (h *Hours) HasPlace(store id.LocationID) bool {
	left, bounded := h.left[store]
	return !bounded || left > 0
}

// Book gives an order one of the places of a store that has one.
func (h *Hours) Book(order id.OrderID, store id.LocationID) {
	if _, bounded := h.left[store]; !bounded {
		return
	}
	h.left[store]--
	h.orders, h.stores = append(h.orders, order), append(h.stores, store)
}

const takePlacesSQL = `
update pickup_hour
set taken = taken + t.places
from (
  select store, count(*)::int as places
  from unnest($1::uuid[]) s(store)
  group by store
) t
where location_id = t.store
  and hour = date_trunc('hour', now())`

const bookPickupsSQL = `
insert into pickup_booking (order_id, location_id, hour)
select b.order_id, b.location_id, date_trunc('hour', now())
from unnest($1::uuid[], $2::uuid[]) b(order_id, location_id)`

// QueueWrites writes what was booked.
func (h *Hours) QueueWrites(batch *pgx.Batch) {
	if len(h.orders) == 0 {
		return
	}
	batch.Queue(takePlacesSQL, h.stores)
	batch.Queue(bookPickupsSQL, h.orders, h.stores)
}

const takenThisHourSQL = `
select location_id, taken
from pickup_hour
where location_id = any($1::uuid[])
  and hour = date_trunc('hour', now())`

// CountHour says of each store how many pick-ups it has promised in the running hour, for the choice among them. The
// promise itself is made under QueueHours, from the same count.
func CountHour(ctx context.Context, db pg.DB, stores []inventory.Candidate) error {
	ids, at := make([]id.LocationID, len(stores)), make(map[id.LocationID]int, len(stores))
	for i, s := range stores {
		ids[i], at[s.Location.ID] = s.Location.ID, i
	}
	rows, err := db.Query(ctx, takenThisHourSQL, ids)
	if err != nil {
		return fmt.Errorf("count the pick-ups of the hour: %w", err)
	}
	var (
		store id.LocationID
		taken int
	)
	_, err = pgx.ForEachRow(rows, []any{&store, &taken}, func() error {
		stores[at[store]].TakenThisHour = taken
		return nil
	})
	if err != nil {
		return fmt.Errorf("count the pick-ups of the hour: %w", err)
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
