package inventory

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

const lockWholeLevelsSQL = `
select l.variant_id, l.location_id, l.on_hand, l.reserved, l.damaged, l.safety_stock, l.incoming, l.backorder_limit,
       l.low_stock, l.state, l.version, l.updated_at, l.covered
from stock_level l
join (select distinct * from unnest($1::uuid[], $2::uuid[]) f(variant_id, location_id)) f
  on f.variant_id = l.variant_id and f.location_id = l.location_id
order by l.variant_id, l.location_id
for update of l`

// lockLevels makes the shelves that are not there yet and locks all of them, in the order in which orders lock them.
func lockLevels(ctx context.Context, tx pgx.Tx, shelves []shelf) (map[shelf]*StockLevel, error) {
	variants, locations := make([]id.ProductVariantID, len(shelves)), make([]id.LocationID, len(shelves))
	for i, s := range shelves {
		variants[i], locations[i] = s.variant, s.location
	}
	levels := make(map[shelf]*StockLevel, len(shelves))
	batch := &pgx.Batch{}
	batch.Queue(addStockItemsSQL, variants)
	batch.Queue(addShelvesSQL, variants, locations)
	batch.Queue(lockWholeLevelsSQL, variants, locations).Query(func(rows pgx.Rows) error {
		list, err := pgx.CollectRows(rows, scanLevel)
		for i := range list {
			levels[shelf{list[i].VariantID, list[i].LocationID}] = &list[i]
		}
		return err
	})
	err := tx.SendBatch(ctx, batch).Close()
	switch {
	case pg.IsForeignKey(err, "stock_level_item_fkey"):
		return nil, errIsBundle.At("input").Because(err)
	case pg.IsLockTimeout(err):
		return nil, fault.New(fault.Busy, "BUSY", "Many orders take from these shelves at this moment. Try again.").Because(err)
	case err != nil:
		return nil, fmt.Errorf("lock stock to change it: %w", err)
	}
	for _, s := range shelves {
		if levels[s] == nil {
			return nil, errIsBundle.At("input") // it became one since the request was read
		}
	}
	return levels, nil
}

const setLevelsSQL = `
update stock_level l
set on_hand = c.on_hand,
    damaged = c.damaged,
    safety_stock = c.safety_stock,
    incoming = c.incoming,
    backorder_limit = c.backorder_limit,
    low_stock = c.low_stock,
    version = l.version + 1,
    updated_at = now()
from unnest($1::uuid[], $2::uuid[], $3::integer[], $4::integer[], $5::integer[], $6::integer[], $7::integer[], $8::integer[])
     c(variant_id, location_id, on_hand, damaged, safety_stock, incoming, backorder_limit, low_stock)
where l.variant_id = c.variant_id
  and l.location_id = c.location_id`

const addAdjustmentSQL = `
insert into stock_adjustment (id, operation, reason, reference, transfer_id, by)
values ($1, $2, $3, $4, $5, $6)`

const recordAdjustmentSQL = `
insert into stock_movement (id, variant_id, location_id, delta, damaged_delta, incoming_delta, cause_kind, cause_id, by,
                            adjustment_id)
select m.id, m.variant_id, m.location_id, m.delta, m.damaged_delta, m.incoming_delta, 'adjustment', $7::uuid::text, $8, $7
from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::integer[], $5::integer[], $6::integer[])
     m(id, variant_id, location_id, delta, damaged_delta, incoming_delta)`

// writeLevels keeps locked shelves as they have become, with a line in the ledger for each figure that counts things.
func writeLevels(ctx context.Context, tx pgx.Tx, change InventoryAdjustment, before map[shelf]StockLevel, levels map[shelf]*StockLevel) error {
	var set, moved struct {
		ids       [][16]byte
		variants  []id.ProductVariantID
		locations []id.LocationID
		figures   [6][]int32
	}
	for s, l := range levels {
		was := before[s]
		was.covered = l.covered // the database's to write
		if *l == was {
			continue
		}
		set.variants, set.locations = append(set.variants, s.variant), append(set.locations, s.location)
		for i, figure := range []int{l.OnHand, l.Damaged, l.SafetyStock, l.Incoming, l.BackorderLimit, l.LowStockThreshold} {
			set.figures[i] = append(set.figures[i], int32(figure))
		}
		deltas := []int{l.OnHand - was.OnHand, l.Damaged - was.Damaged, l.Incoming - was.Incoming}
		if !slices.ContainsFunc(deltas, func(delta int) bool { return delta != 0 }) {
			continue
		}
		moved.ids = append(moved.ids, id.New())
		moved.variants, moved.locations = append(moved.variants, s.variant), append(moved.locations, s.location)
		for i, delta := range deltas {
			moved.figures[i] = append(moved.figures[i], int32(delta))
		}
	}
	batch := &pgx.Batch{}
	batch.Queue(addAdjustmentSQL, change.ID, change.Operation, change.Reason, change.Reference, change.TransferID, change.By)
	if f := set.figures; len(set.variants) > 0 {
		batch.Queue(setLevelsSQL, set.variants, set.locations, f[0], f[1], f[2], f[3], f[4], f[5]).Exec(affects(len(set.variants), errShelf))
	}
	if f := moved.figures; len(moved.ids) > 0 {
		batch.Queue(recordAdjustmentSQL, moved.ids, moved.variants, moved.locations, f[0], f[1], f[2], change.ID, change.By)
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("change stock: %w", err)
	}
	return nil
}
