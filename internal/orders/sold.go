package orders

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

const unitsSoldSQL = `
select line ->> 'productId', sum((line ->> 'currentQuantity')::bigint)::bigint
from orders o
cross join json_array_elements(o.doc -> 'lines') line
where o.processed_at > now() - interval '30 days'
  and o.status in ('CONFIRMED', 'IN_FULFILLMENT', 'READY_FOR_PICKUP', 'COMPLETED')
group by 1`

// UnitsSold counts the units of each product in the orders of the last 30 days that were paid and still stand.
func UnitsSold(ctx context.Context, db pg.DB) (map[id.ProductID]int64, error) {
	rows, err := db.Query(ctx, unitsSoldSQL)
	if err != nil {
		return nil, fmt.Errorf("count what was sold: %w", err)
	}
	sold := map[id.ProductID]int64{}
	var product string
	var units int64
	_, err = pgx.ForEachRow(rows, []any{&product, &units}, func() error {
		key, err := id.ParseProductID(product)
		sold[key] = units
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("count what was sold: %w", err)
	}
	return sold, nil
}
