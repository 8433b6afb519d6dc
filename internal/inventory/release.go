package inventory

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
)

// The state is no way to find what an order holds: very many may be held.
const confirmSQL = `
update reservation
set state = 'CONFIRMED', expires_at = null, updated_at = now()
where order_id = any((select $1::uuid[])::uuid[])
	and (state = 'HELD') is true`

// QueueConfirms makes what orders hold last until it is fulfilled or released, as the batch is sent: they are paid.
func QueueConfirms(b *pgx.Batch, orders []id.OrderID) {
	if len(orders) > 0 {
		b.Queue(confirmSQL, orders)
	}
}

const extendSQL = `
update reservation
set expires_at = $2, updated_at = now()
where order_id = $1 and state = 'HELD'`

// Extend moves the moment at which an unpaid order lets go of its units: it was given a fresh deadline.
func Extend(ctx context.Context, tx pgx.Tx, order id.OrderID, until time.Time) error {
	if _, err := tx.Exec(ctx, extendSQL, order, until); err != nil {
		return fmt.Errorf("extend the reservation of %s: %w", order, err)
	}
	return nil
}

const endReservationSQL = `
update reservation
set state = $2, cause = $3, expires_at = null, updated_at = now()
where order_id = $1 and state in ('HELD', 'CONFIRMED')
returning variant_id, location_id, quantity`

const lockLevelsSQL = `
select l.variant_id, l.location_id
from stock_level l
join unnest($1::uuid[], $2::uuid[]) d(variant_id, location_id)
  on d.variant_id = l.variant_id and d.location_id = l.location_id
order by l.variant_id, l.location_id
for update of l`

const giveBackSQL = `
update stock_level l
set reserved = l.reserved - d.quantity,
    version = l.version + 1,
    updated_at = now()
from unnest($1::uuid[], $2::uuid[], $3::integer[]) d(variant_id, location_id, quantity)
where l.variant_id = d.variant_id
  and l.location_id = d.location_id
  and l.reserved >= d.quantity`

// Release gives back exactly what an order still holds. Of an order that holds nothing, because it was released
// before or never had any, nothing changes.
func Release(ctx context.Context, tx pgx.Tx, order id.OrderID, cause string) error {
	held, err := end(ctx, tx, order, "RELEASED", cause)
	if err != nil || len(held) == 0 {
		return err
	}
	variants, locations, quantities := columns(held)
	batch := &pgx.Batch{}
	batch.Queue(lockLevelsSQL, variants, locations)
	batch.Queue(giveBackSQL, variants, locations, quantities).Exec(affects(len(variants), errShelf))
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("release the stock of %s: %w", order, err)
	}
	return nil
}

const takeSQL = `
update stock_level l
set reserved = l.reserved - d.quantity,
    on_hand = l.on_hand - d.quantity,
    version = l.version + 1,
    updated_at = now()
from unnest($1::uuid[], $2::uuid[], $3::integer[]) d(variant_id, location_id, quantity)
where l.variant_id = d.variant_id
  and l.location_id = d.location_id
  and l.reserved >= d.quantity`

const recordMovementsSQL = `
insert into stock_movement (id, variant_id, location_id, delta, cause_kind, cause_id, by)
select m.id, m.variant_id, m.location_id, m.delta, $5, $6, $7
from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::integer[]) m(id, variant_id, location_id, delta)`

// lateSQL finds what is not on the locked shelves for the order, the units that older promises take not counted.
const lateSQL = `
select count(*)
from unnest($2::uuid[], $3::uuid[], $4::integer[]) d(variant_id, location_id, quantity)
join stock_level l on l.variant_id = d.variant_id and l.location_id = d.location_id
join reservation mine on mine.order_id = $1 and mine.variant_id = d.variant_id and mine.location_id = d.location_id
where l.on_hand - l.damaged < d.quantity + (
    select coalesce(sum(r.quantity), 0)
    from reservation r
    where r.variant_id = d.variant_id
      and r.location_id = d.location_id
      and r.state in ('HELD', 'CONFIRMED')
      and (r.created_at, r.id) < (mine.created_at, mine.id))`

// Fulfill takes what an order holds off the shelves: it was shipped or handed over. by is who did it. What is there
// serves the oldest promises first: an order whose units are not there yet is refused. Repeating it changes nothing.
func Fulfill(ctx context.Context, tx pgx.Tx, order id.OrderID, by, cause string) error {
	held, err := end(ctx, tx, order, "FULFILLED", cause)
	if err != nil || len(held) == 0 {
		return err
	}
	variants, locations, quantities := columns(held)
	ids, deltas := make([][16]byte, len(quantities)), make([]int32, len(quantities))
	for i, q := range quantities {
		ids[i], deltas[i] = id.New(), -q
	}
	late := 0
	batch := &pgx.Batch{}
	batch.Queue(lockLevelsSQL, variants, locations)
	batch.Queue(lateSQL, order, variants, locations, quantities).QueryRow(func(row pgx.Row) error { return row.Scan(&late) })
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("lock the stock of %s: %w", order, err)
	}
	if late > 0 {
		return fault.New(fault.Conflict, "BACKORDERED", "Not all units of this order are on the shelf yet, or they are promised to older orders.")
	}
	batch = &pgx.Batch{}
	batch.Queue(takeSQL, variants, locations, quantities).Exec(affects(len(variants), errShelf))
	batch.Queue(recordMovementsSQL, ids, variants, locations, deltas, "order", order.String(), by)
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("take the stock of %s off the shelf: %w", order, err)
	}
	return nil
}

var errShelf = errors.New("a shelf has less reserved than the order holds of it")

// end closes an order's live reservations and says what they held.
func end(ctx context.Context, tx pgx.Tx, order id.OrderID, state, cause string) (map[shelf]int, error) {
	rows, err := tx.Query(ctx, endReservationSQL, order, state, cause)
	if err != nil {
		return nil, fmt.Errorf("end the reservation of %s: %w", order, err)
	}
	held := map[shelf]int{}
	var s shelf
	var quantity int
	_, err = pgx.ForEachRow(rows, []any{&s.variant, &s.location, &quantity}, func() error {
		held[s] += quantity
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("end the reservation of %s: %w", order, err)
	}
	return held, nil
}

// columns lays quantities per shelf out as arrays for a set-based statement.
func columns(per map[shelf]int) ([]id.ProductVariantID, []id.LocationID, []int32) {
	variants, locations := make([]id.ProductVariantID, 0, len(per)), make([]id.LocationID, 0, len(per))
	quantities := make([]int32, 0, len(per))
	for s, quantity := range per {
		variants, locations = append(variants, s.variant), append(locations, s.location)
		quantities = append(quantities, int32(quantity))
	}
	return variants, locations, quantities
}

// affects refuses a guarded statement that reached fewer rows than it must.
func affects(rows int, err error) func(pgconn.CommandTag) error {
	return func(tag pgconn.CommandTag) error {
		if int(tag.RowsAffected()) != rows {
			return err
		}
		return nil
	}
}
