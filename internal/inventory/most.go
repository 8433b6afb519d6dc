package inventory

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// Most is how many units of a variant one order can have now, by the ways in which it may be delivered.
type Most struct {
	Shipped  int // from all locations that ship, together
	Store    int // from the one store that has most
	Together int // some shipped and some collected; of a bundle it may be fewer
}

// Any is how many units there are for an order that goes one way.
func (m Most) Any() int { return max(m.Shipped, m.Store) }

// What ships may come from several locations, also the parts of a bundle; what is collected is all in one store. A store
// that ships gives what it has once, whichever way that goes.
const mostForOneOrderSQL = `
select i.variant_id,
       shipped.alone,
       coalesce((select max(greatest(store.units, 0))
                 from (select min((l.sellable + l.backorder_limit - l.reserved) / p.quantity) as units
                       from stock_part p
                       join stock_level l on l.variant_id = p.item_id
                       join location c on c.id = l.location_id and c.active and c.pickup_enabled
                       where p.variant_id = i.variant_id
                       group by c.id
                       having count(*) = (select count(*) from stock_part q where q.variant_id = i.variant_id)) store), 0)::bigint,
       shipped.together,
       (select array_agg(p.item_id) from stock_part p where p.variant_id = i.variant_id and p.item_id <> i.variant_id)
from stock_item i
cross join lateral (
    select min(part.shipped / p.quantity) as alone,
           min((part.shipped + part.kept) / p.quantity) as together
    from stock_part p
    cross join lateral (
        select coalesce(sum(greatest(l.sellable + l.backorder_limit - l.reserved, 0)) filter (where c.ships_online), 0)::bigint as shipped,
               greatest(max(l.sellable + l.backorder_limit - l.reserved) filter (where c.pickup_enabled and not c.ships_online), 0)::bigint as kept
        from stock_level l
        join location c on c.id = l.location_id and c.active
        where l.variant_id = p.item_id
    ) part
    where p.variant_id = i.variant_id
) shipped
where i.variant_id = any((select $1::uuid[])::uuid[])`

// MostForOneOrder says how many units of each variant one order can have now. Of a bundle with a part that is not offered
// it is none. A variant that is not tracked is absent from the answer.
func MostForOneOrder(ctx context.Context, db pg.DB, variants []id.ProductVariantID) (map[id.ProductVariantID]Most, error) {
	rows, err := db.Query(ctx, mostForOneOrderSQL, variants)
	if err != nil {
		return nil, fmt.Errorf("read what one order can have: %w", err)
	}
	most := make(map[id.ProductVariantID]Most, len(variants))
	var (
		variant id.ProductVariantID
		m       Most
		parts   []id.ProductVariantID
	)
	bundles := map[id.ProductVariantID][]id.ProductVariantID{}
	_, err = pgx.ForEachRow(rows, []any{&variant, &m.Shipped, &m.Store, &m.Together, &parts}, func() error {
		m.Together = max(m.Together, m.Store)
		most[variant] = m
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
			most[bundle] = Most{}
		}
	}
	return most, err
}
