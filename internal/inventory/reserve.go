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
	Route     Route      // how what is shipped chooses among the locations
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
	if err := shelves.CloseBundles(ctx, tx); err != nil {
		return err
	}
	if _, err := shelves.Reserve(r); err != nil {
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

// CloseBundles takes away the bundles of which some part is not offered any more, so that nobody gets them. It is called
// once the shelves are locked, before anything is decided, and reads nothing where no bundle is wanted.
func (s *Shelves) CloseBundles(ctx context.Context, tx pgx.Tx) error { return s.ground.close(ctx, tx) }

// Reserve decides one of the orders for which the shelves were locked, and says of each line what it was promised. A
// refusal takes nothing: *OutOfStock with what is available, or a fault for a store where nothing can be collected.
func (s *Shelves) Reserve(r Reservation) ([]Promise, error) {
	holds, promises, err := s.ground.decide(r.Lines, r.Route)
	if err != nil {
		return nil, err
	}
	s.writing.add(r, holds)
	return promises, nil
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
	promised    []*time.Time
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
		w.expiries, w.promised = append(w.expiries, r.ExpiresAt), append(w.promised, h.promised)
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

// created_at is taken under the lock of the shelf, so that whoever was decided first also stands first in line.
const holdSQL = `
insert into reservation (id, order_id, variant_id, location_id, quantity, method, state, expires_at, promised_at, created_at)
select h.id, h.order_id, h.variant_id, h.location_id, h.quantity, h.method, h.state, h.expires_at, h.promised_at, clock_timestamp()
from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::integer[], $6::text[], $7::text[], $8::timestamptz[], $9::timestamptz[])
     h(id, order_id, variant_id, location_id, quantity, method, state, expires_at, promised_at)`

var errPromise = errors.New("a locked shelf had less than was read from it")

// QueueWrites writes what was decided. After an error nothing may be committed.
func (s *Shelves) QueueWrites(batch *pgx.Batch) {
	w := &s.writing
	if len(w.ids) == 0 {
		return
	}
	variants, locations, quantities := columns(w.total)
	batch.Queue(promiseSQL, variants, locations, quantities).Exec(affects(len(variants), errPromise))
	batch.Queue(holdSQL, w.ids, w.orders, w.variants, w.locations, w.quantities, w.methods, w.states, w.expiries, w.promised)
}
