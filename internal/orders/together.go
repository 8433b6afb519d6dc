package orders

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// boughtTogetherSQL counts pairs of products in one order. It is bounded on every side: of an order its first 20
// products count, of a product the 20 that it was bought with most often, and of all pairs the 100,000 most frequent.
const boughtTogetherSQL = `
with bought as (
    select o.id, l.item
    from orders o
    cross join lateral (
        select distinct line ->> 'productId' as item
        from json_array_elements(o.doc -> 'lines') line
        where (line ->> 'currentQuantity')::bigint > 0
        order by 1
        limit 20
    ) l
    where o.processed_at > now() - interval '90 days'
      and o.status in ('CONFIRMED', 'IN_FULFILLMENT', 'READY_FOR_PICKUP', 'COMPLETED')
), pair as (
    select a.item, b.item as other, count(*) as times
    from bought a
    join bought b on b.id = a.id and b.item <> a.item
    group by a.item, b.item
), ranked as (
    select item, other, times, row_number() over (partition by item order by times desc, other) as rank
    from pair
)
select item, other, times
from ranked
where rank <= 20
order by times desc, item, other
limit 100000`

// BoughtTogether counts in how many orders of the last 90 days, of those that were paid and still stand, two products
// were bought together, and hands each pair to each of its sides. What was bought most often together comes first.
func BoughtTogether(ctx context.Context, db pg.DB, each func(product, other id.ProductID, orders int64)) error {
	rows, err := db.Query(ctx, boughtTogetherSQL)
	if err != nil {
		return fmt.Errorf("count what is bought together: %w", err)
	}
	var product, other string
	var orders int64
	_, err = pgx.ForEachRow(rows, []any{&product, &other, &orders}, func() error {
		one, err := id.ParseProductID(product)
		if err != nil {
			return err
		}
		two, err := id.ParseProductID(other)
		if err != nil {
			return err
		}
		each(one, two, orders)
		return nil
	})
	if err != nil {
		return fmt.Errorf("count what is bought together: %w", err)
	}
	return nil
}
