package inventory

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// What ships may come from several locations, also the parts of a bundle; what is collected is all in one store.
const mostForOneOrderSQL = `
select i.variant_id,
       greatest(
           (select min(shipped.units / p.quantity)
            from stock_part p
            cross join lateral (
                select coalesce(sum(greatest(l.sellable + l.backorder_limit - l.reserved, 0)), 0)::bigint as units
                from stock_level l
                join location c on c.id = l.location_id and c.active and c.ships_online
                where l.variant_id = p.item_id
            ) shipped
            where p.variant_id = i.variant_id),
           (select max(store.units)
            from (select min((l.sellable + l.backorder_limit - l.reserved) / p.quantity) as units
                  from stock_part p
                  join stock_level l on l.variant_id = p.item_id
                  join location c on c.id = l.location_id and c.active and c.pickup_enabled
                  where p.variant_id = i.variant_id
                  group by c.id
                  having count(*) = (select count(*) from stock_part q where q.variant_id = i.variant_id)) store),
           0
       )::bigint,
       (select array_agg(p.item_id) from stock_part p where p.variant_id = i.variant_id and p.item_id <> i.variant_id)
from stock_item i
where i.variant_id = any((select $1::uuid[])::uuid[])`

// MostForOneOrder says how many units of each variant one order can have now, whichever way it is delivered: all that
// ships together, or what one store has. Of a bundle with a part that is not offered it is none. A variant that is not
// tracked is absent from the answer.
func MostForOneOrder(ctx context.Context, db pg.DB, variants []id.ProductVariantID) (map[id.ProductVariantID]int, error) {
	rows, err := db.Query(ctx, mostForOneOrderSQL, variants)
	if err != nil {
		return nil, fmt.Errorf("read what one order can have: %w", err)
	}
	most := make(map[id.ProductVariantID]int, len(variants))
	var (
		variant id.ProductVariantID
		units   int
		parts   []id.ProductVariantID
	)
	bundles := map[id.ProductVariantID][]id.ProductVariantID{}
	_, err = pgx.ForEachRow(rows, []any{&variant, &units, &parts}, func() error {
		most[variant] = units
		if parts != nil {
			bundles[variant] = parts
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read what one order can have: %w", err)
	}
	missing, err := incomplete(ctx, db, bundles)
	for bundle, gone := range missing {
		if gone {
			most[bundle] = 0
		}
	}
	return most, err
}
