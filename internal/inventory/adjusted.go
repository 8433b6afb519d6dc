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
	variants, locations := make([]id.ProductVariantID, len(shelves)), make([]id.LocationID, len(shelves))
	for i, s := range shelves {
		variants[i], locations[i] = s.variant, s.location
	}
	rows, err := inv.pool.Query(ctx, levelsAtSQL, variants, locations)
	if err != nil {
		return a, fmt.Errorf("read stock levels: %w", err)
	}
	if a.Levels, err = pgx.CollectRows(rows, scanLevel); err != nil {
		return a, fmt.Errorf("read stock levels: %w", err)
	}
	return a, nil
}
