package inventory

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
)

// Method says how the buyer gets what is reserved.
type Method string

// The methods of delivery.
const (
	Shipping Method = "SHIPPING"
	Pickup   Method = "PICKUP"
)

// Demand is one line's wish for units of a variant. With a location the units are collected there; without one they
// are shipped, and inventory chooses among the locations that ship.
type Demand struct {
	VariantID  id.ProductVariantID
	LocationID *id.LocationID
	Quantity   int
}

// Reservation is what one order asks to have reserved for it.
type Reservation struct {
	OrderID   id.OrderID
	Lines     []Demand
	ExpiresAt *time.Time // when an unpaid order lets go; nil for an order that needs no payment
}

// Shortage is one variant of which there is not enough where it is wanted.
type Shortage struct {
	VariantID  id.ProductVariantID
	LocationID *id.LocationID // the store, for a pick-up
	Wanted     int
	Available  int
	Lines      []int // the lines that asked for it, counted from 0
}

// OutOfStock says that an order can't be served. Nothing was reserved for it.
type OutOfStock struct {
	Shortages []Shortage
}

// Error names what is missing.
func (e *OutOfStock) Error() string {
	parts := make([]string, len(e.Shortages))
	for i, s := range e.Shortages {
		parts[i] = fmt.Sprintf("%s: wanted %d, available %d", s.VariantID, s.Wanted, s.Available)
	}
	return "out of stock: " + strings.Join(parts, "; ")
}

// Reserve promises an order its units, all or none. A miss is *OutOfStock with what is available; a store where
// nothing can be collected is a fault.
func Reserve(ctx context.Context, tx pgx.Tx, r Reservation) error {
	b := &pgx.Batch{}
	shelves := QueueLocks(b, []Reservation{r})
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("lock stock: %w", err)
	}
	if err := shelves.Reserve(r); err != nil {
		return err
	}
	b = &pgx.Batch{}
	shelves.QueueWrites(b)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("reserve stock: %w", err)
	}
	return nil
}

// Shelves are locked for the orders of one transaction. Each order is decided alone, in memory, on what those before
// it have left; what was decided is then written together.
type Shelves struct {
	ground  *ground
	writing writing
}

// Reserve decides one of the orders for which the shelves were locked. A refusal takes nothing: *OutOfStock with what
// is available, or a fault for a store where nothing can be collected.
func (s *Shelves) Reserve(r Reservation) error {
	holds, err := s.ground.decide(r.Lines)
	if err != nil {
		return err
	}
	s.writing.add(r, holds)
	return nil
}

const trackedSQL = `
select variant_id
from stock_item
where variant_id = any($1::uuid[])`

const reachableLocationsSQL = `
select id, ships_online, pickup_enabled
from location
where active
  and (ships_online or id = any($1::uuid[]))
order by is_default desc, id`

// lockShelvesSQL locks in one fixed order, so that two orders that share variants wait for each other instead of
// deadlocking.
const lockShelvesSQL = `
with wanted as (
    select v.id as variant_id, c.id as location_id
    from unnest($1::uuid[]) v(id)
    cross join location c
    where c.active and c.ships_online
    union
    select p.variant_id, p.location_id
    from unnest($2::uuid[], $3::uuid[]) p(variant_id, location_id)
)
select l.variant_id, l.location_id, l.sellable + l.backorder_limit - l.reserved
from stock_level l
join wanted w on w.variant_id = l.variant_id and w.location_id = l.location_id
order by l.variant_id, l.location_id
for update of l`

// QueueLocks locks every shelf that the orders may take from and reads what decisions need, as the batch is sent. Of
// the orders only the lines need to be known.
func QueueLocks(batch *pgx.Batch, rs []Reservation) *Shelves {
	g := &ground{
		tracked: map[id.ProductVariantID]bool{}, free: map[shelf]int{}, pickup: map[id.LocationID]bool{},
	}
	var all, shipped, collected []id.ProductVariantID
	var stores []id.LocationID
	for _, r := range rs {
		for _, line := range r.Lines {
			all = append(all, line.VariantID)
			if line.LocationID == nil {
				shipped = append(shipped, line.VariantID)
				continue
			}
			collected, stores = append(collected, line.VariantID), append(stores, *line.LocationID)
		}
	}
	batch.Queue(lockShelvesSQL, shipped, collected, stores).Query(func(rows pgx.Rows) error {
		var s shelf
		var free int
		_, err := pgx.ForEachRow(rows, []any{&s.variant, &s.location, &free}, func() error {
			g.free[s] = max(free, 0)
			return nil
		})
		return err
	})
	batch.Queue(trackedSQL, all).Query(func(rows pgx.Rows) error {
		var variant id.ProductVariantID
		_, err := pgx.ForEachRow(rows, []any{&variant}, func() error {
			g.tracked[variant] = true
			return nil
		})
		return err
	})
	batch.Queue(reachableLocationsSQL, stores).Query(func(rows pgx.Rows) error {
		var location id.LocationID
		var ships, pickup bool
		_, err := pgx.ForEachRow(rows, []any{&location, &ships, &pickup}, func() error {
			if ships {
				g.shipping = append(g.shipping, location)
			}
			g.pickup[location] = pickup
			return nil
		})
		return err
	})
	return &Shelves{ground: g}
}

// writing gathers what was decided, as columns for set-based statements.
type writing struct {
	total map[shelf]int

	ids, orders [][16]byte
	variants    []id.ProductVariantID
	locations   []id.LocationID
	quantities  []int32
	methods     []string
	states      []string
	expiries    []*time.Time
}

func (w *writing) add(r Reservation, holds []hold) {
	if w.total == nil {
		w.total = map[shelf]int{}
	}
	state := "CONFIRMED"
	if r.ExpiresAt != nil {
		state = "HELD"
	}
	for _, h := range holds {
		w.total[h.shelf] += h.quantity
		w.ids, w.orders = append(w.ids, id.New()), append(w.orders, r.OrderID)
		w.variants, w.locations = append(w.variants, h.variant), append(w.locations, h.location)
		w.quantities = append(w.quantities, int32(h.quantity))
		w.methods, w.states = append(w.methods, string(h.method)), append(w.states, state)
		w.expiries = append(w.expiries, r.ExpiresAt)
	}
}

const promiseSQL = `
update stock_level l
set reserved = l.reserved + d.quantity,
    version = l.version + 1,
    updated_at = now()
from unnest($1::uuid[], $2::uuid[], $3::integer[]) d(variant_id, location_id, quantity)
where l.variant_id = d.variant_id
  and l.location_id = d.location_id
  and l.reserved + d.quantity <= l.sellable + l.backorder_limit`

const holdSQL = `
insert into reservation (id, order_id, variant_id, location_id, quantity, method, state, expires_at)
select h.id, h.order_id, h.variant_id, h.location_id, h.quantity, h.method, h.state, h.expires_at
from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::integer[], $6::text[], $7::text[], $8::timestamptz[])
     h(id, order_id, variant_id, location_id, quantity, method, state, expires_at)`

var errPromise = errors.New("a locked shelf had less than was read from it")

// QueueWrites writes what was decided. After an error nothing may be committed.
func (s *Shelves) QueueWrites(batch *pgx.Batch) {
	w := &s.writing
	if len(w.ids) == 0 {
		return
	}
	variants, locations, quantities := columns(w.total)
	batch.Queue(promiseSQL, variants, locations, quantities).Exec(affects(len(variants), errPromise))
	batch.Queue(holdSQL, w.ids, w.orders, w.variants, w.locations, w.quantities, w.methods, w.states, w.expiries)
}
