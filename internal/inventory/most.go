package inventory

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

const mostForOneOrderSQL = `
select i.variant_id,
       greatest(
           coalesce(sum(l.sellable + l.backorder_limit - l.reserved) filter (where c.ships_online), 0),
           coalesce(max(l.sellable + l.backorder_limit - l.reserved) filter (where c.pickup_enabled), 0),
           0
       )::bigint
from stock_item i
left join (stock_level l join location c on c.id = l.location_id and c.active)
       on l.variant_id = i.variant_id
where i.variant_id = any((select $1::uuid[])::uuid[])
group by i.variant_id`

// MostForOneOrder says how many units of each variant one order can have now, whichever way it is delivered: all that
// ships together, or what one store has. A variant that is not tracked is absent from the answer.
func MostForOneOrder(ctx context.Context, db pg.DB, variants []id.ProductVariantID) (map[id.ProductVariantID]int, error) {
	rows, err := db.Query(ctx, mostForOneOrderSQL, variants)
	if err != nil {
		return nil, fmt.Errorf("read what one order can have: %w", err)
	}
	most := make(map[id.ProductVariantID]int, len(variants))
	var (
		variant id.ProductVariantID
		units   int
	)
	_, err = pgx.ForEachRow(rows, []any{&variant, &units}, func() error {
		most[variant] = units
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read what one order can have: %w", err)
	}
	return most, nil
}
