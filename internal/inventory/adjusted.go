package inventory

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
)

const adjustmentSQL = `
select id, operation, reason, reference, transfer_id, by, created_at
from stock_adjustment
where id = $1`

const levelsAtSQL = `
select l.variant_id, l.location_id, l.on_hand, l.reserved, l.damaged, l.safety_stock, l.incoming, l.backorder_limit,
       l.low_stock, l.state, l.version, l.updated_at, l.covered
from stock_level l
join (select distinct * from unnest($1::uuid[], $2::uuid[]) f(variant_id, location_id)) f
  on f.variant_id = l.variant_id and f.location_id = l.location_id
order by l.variant_id, l.location_id`

// adjusted reads a change of stock that was made, and the shelves that it named as they are now.
func (inv *Inventory) adjusted(ctx context.Context, change id.InventoryAdjustmentID, shelves []shelf) (Adjusted, error) {
	var a Adjusted
	c := &a.Adjustment
	err := inv.pool.QueryRow(ctx, adjustmentSQL, change).Scan(&c.ID, &c.Operation, &c.Reason, &c.Reference, &c.TransferID, &c.By, &c.CreatedAt)
	if err != nil {
		return a, fmt.Errorf("read a change of stock: %w", err)
	}
	if a.Levels, err = inv.levels(ctx, shelves); err != nil {
		return a, err
	}
	return a, nil
}

func (inv *Inventory) levels(ctx context.Context, shelves []shelf) ([]StockLevel, error) {
	variants, locations := make([]id.ProductVariantID, len(shelves)), make([]id.LocationID, len(shelves))
	for i, s := range shelves {
		variants[i], locations[i] = s.variant, s.location
	}
	rows, err := inv.pool.Query(ctx, levelsAtSQL, variants, locations)
	if err != nil {
		return nil, fmt.Errorf("read stock levels: %w", err)
	}
	levels, err := pgx.CollectRows(rows, scanLevel)
	if err != nil {
		return nil, fmt.Errorf("read stock levels: %w", err)
	}
	return levels, nil
}

// levelsAt reads shelves as they are, without holding them, to judge a request that is refused in any case. One that is not
// there yet is empty, and is not made for it.
func (inv *Inventory) levelsAt(ctx context.Context, shelves []shelf) (map[shelf]*StockLevel, error) {
	found, err := inv.levels(ctx, shelves)
	if err != nil {
		return nil, err
	}
	levels := make(map[shelf]*StockLevel, len(shelves))
	for i := range found {
		levels[shelf{found[i].VariantID, found[i].LocationID}] = &found[i]
	}
	for _, s := range shelves {
		if levels[s] == nil {
			levels[s] = &StockLevel{VariantID: s.variant, LocationID: s.location, Version: 1}
		}
	}
	return levels, nil
}
