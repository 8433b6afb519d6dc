package inventory

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// InventoryLevelConnection is one page of shelves.
type InventoryLevelConnection = pg.Connection[StockLevel]

// InventoryLevelEdge is one shelf of a page.
type InventoryLevelEdge = pg.Edge[StockLevel]

// InventoryMovement is one line of the ledger: by how much something changed a shelf. It never changes itself.
type InventoryMovement struct {
	ID            id.InventoryMovementID
	VariantID     id.ProductVariantID
	LocationID    id.LocationID
	OnHandDelta   int
	DamagedDelta  int
	IncomingDelta int
	CauseKind     string // adjustment, order or import
	CauseID       string // of the adjustment or the order, or the name of the import
	Reason        *InventoryReason
	Reference     *string
	TransferID    *id.InventoryTransferID
	By            string // who, as in events
	At            time.Time
}

// InventoryMovementConnection is one page of the ledger.
type InventoryMovementConnection = pg.Connection[InventoryMovement]

// InventoryMovementEdge is one line of a page of the ledger.
type InventoryMovementEdge = pg.Edge[InventoryMovement]

// LevelFilter narrows a list of shelves; what is empty does not.
type LevelFilter struct {
	VariantIDs []string
	LocationID *string
	State      *StockState
}

// maxVariants bounds how many variants one question may name.
const maxVariants = 250

// within is where the actor may look: nil is everywhere, and nothing lies at a location that is none.
func within(actor access.Actor, locationID *string) []id.LocationID {
	switch {
	case locationID != nil:
		location, err := id.ParseLocationID(*locationID)
		if err != nil || !actor.CanAt("inventory:read", location) {
			return []id.LocationID{}
		}
		return []id.LocationID{location}
	case actor.Bound:
		return actor.Locations
	default:
		return nil
	}
}

const levelPageSQL = `
select variant_id, location_id, on_hand, reserved, damaged, safety_stock, incoming, backorder_limit, low_stock, state,
       version, updated_at, covered
from stock_level
where ($1::uuid[] is null or variant_id = any($1))
  and ($2::uuid[] is null or location_id = any($2))
  and ($3::text is null or state = $3)
  and ($4::uuid is null or (variant_id, location_id) > ($4, $5::uuid))
order by variant_id, location_id
limit $6`

const levelPageDownSQL = `
select variant_id, location_id, on_hand, reserved, damaged, safety_stock, incoming, backorder_limit, low_stock, state,
       version, updated_at, covered
from stock_level
where ($1::uuid[] is null or variant_id = any($1))
  and ($2::uuid[] is null or location_id = any($2))
  and ($3::text is null or state = $3)
  and ($4::uuid is null or (variant_id, location_id) < ($4, $5::uuid))
order by variant_id desc, location_id desc
limit $6`

// Levels lists shelves where the actor may look, by variant and location. An id that is none finds nothing.
func (inv *Inventory) Levels(ctx context.Context, actor access.Actor, f LevelFilter, page pg.Page) (InventoryLevelConnection, error) {
	w, err := page.Window(2)
	if err != nil {
		return InventoryLevelConnection{}, err
	}
	if len(f.VariantIDs) > maxVariants {
		return InventoryLevelConnection{}, fault.Newf(fault.Invalid, "BAD_USER_INPUT", "Name at most %d variants.", maxVariants).At("variantIds")
	}
	var variants []id.ProductVariantID
	if f.VariantIDs != nil {
		variants = []id.ProductVariantID{}
	}
	for _, text := range f.VariantIDs {
		if variant, err := id.ParseProductVariantID(text); err == nil {
			variants = append(variants, variant)
		}
	}
	locations := within(actor, f.LocationID)
	variant, err := pg.At(w, 0, uuid.Parse)
	if err != nil {
		return InventoryLevelConnection{}, err
	}
	location, err := pg.At(w, 1, uuid.Parse)
	if err != nil {
		return InventoryLevelConnection{}, err
	}
	sql := levelPageSQL
	if w.Descending {
		sql = levelPageDownSQL
	}
	rows, err := inv.pool.Query(ctx, sql, variants, locations, f.State, variant, location, w.Fetch())
	if err != nil {
		return InventoryLevelConnection{}, fmt.Errorf("list stock levels: %w", err)
	}
	levels, err := pgx.CollectRows(rows, scanLevel)
	if err != nil {
		return InventoryLevelConnection{}, fmt.Errorf("list stock levels: %w", err)
	}
	return pg.Build(w, levels, func(l StockLevel) []string {
		return []string{uuid.UUID(l.VariantID).String(), uuid.UUID(l.LocationID).String()}
	}), nil
}

const movementPageSQL = `
select m.id, m.variant_id, m.location_id, m.delta, m.damaged_delta, m.incoming_delta, m.cause_kind, m.cause_id,
       a.reason, a.reference, a.transfer_id, m.by, m.at
from stock_movement m
left join stock_adjustment a on a.id = m.adjustment_id
where ($1::uuid is null or m.variant_id = $1)
  and ($2::uuid[] is null or m.location_id = any($2))
  and ($3::uuid is null or m.id > $3)
order by m.id
limit $4`

const movementPageDownSQL = `
select m.id, m.variant_id, m.location_id, m.delta, m.damaged_delta, m.incoming_delta, m.cause_kind, m.cause_id,
       a.reason, a.reference, a.transfer_id, m.by, m.at
from stock_movement m
left join stock_adjustment a on a.id = m.adjustment_id
where ($1::uuid is null or m.variant_id = $1)
  and ($2::uuid[] is null or m.location_id = any($2))
  and ($3::uuid is null or m.id < $3)
order by m.id desc
limit $4`

// Movements lists the ledger where the actor may look, oldest first. An id that is none finds nothing.
func (inv *Inventory) Movements(ctx context.Context, actor access.Actor, variantID, locationID *string, page pg.Page) (InventoryMovementConnection, error) {
	w, err := page.Window(1)
	if err != nil {
		return InventoryMovementConnection{}, err
	}
	var variant *id.ProductVariantID
	if variantID != nil {
		v, err := id.ParseProductVariantID(*variantID)
		if err != nil {
			return pg.Build[InventoryMovement](w, nil, nil), nil //nolint:nilerr // nothing moved of a variant that is none
		}
		variant = &v
	}
	locations := within(actor, locationID)
	after, err := pg.At(w, 0, uuid.Parse)
	if err != nil {
		return InventoryMovementConnection{}, err
	}
	sql := movementPageSQL
	if w.Descending {
		sql = movementPageDownSQL
	}
	rows, err := inv.pool.Query(ctx, sql, variant, locations, after, w.Fetch())
	if err != nil {
		return InventoryMovementConnection{}, fmt.Errorf("list movements of stock: %w", err)
	}
	movements, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (InventoryMovement, error) {
		var m InventoryMovement
		err := row.Scan(&m.ID, &m.VariantID, &m.LocationID, &m.OnHandDelta, &m.DamagedDelta, &m.IncomingDelta,
			&m.CauseKind, &m.CauseID, &m.Reason, &m.Reference, &m.TransferID, &m.By, &m.At)
		return m, err
	})
	if err != nil {
		return InventoryMovementConnection{}, fmt.Errorf("list movements of stock: %w", err)
	}
	return pg.Build(w, movements, func(m InventoryMovement) []string { return []string{uuid.UUID(m.ID).String()} }), nil
}
