package catalog

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
)

const setUnitsSoldSQL = `
update product p
set units_sold = s.units
from (
    select q.id, coalesce(c.units, 0) as units
    from product q
    left join unnest($1::uuid[], $2::bigint[]) c(id, units) on c.id = q.id
) s
where p.id = s.id
  and p.units_sold <> s.units
returning p.id`

// SetUnitsSold writes how many units of each product were sold of late, by which the best selling are listed. A
// product that is not named sold none. It gives the products whose number is another now.
func SetUnitsSold(ctx context.Context, tx pgx.Tx, sold map[id.ProductID]int64) ([]id.ProductID, error) {
	products, units := make([]id.ProductID, 0, len(sold)), make([]int64, 0, len(sold))
	for product, n := range sold {
		products, units = append(products, product), append(units, n)
	}
	rows, err := tx.Query(ctx, setUnitsSoldSQL, products, units)
	if err != nil {
		return nil, fmt.Errorf("write what was sold: %w", err)
	}
	changed, err := pgx.CollectRows(rows, pgx.RowTo[id.ProductID])
	if err != nil {
		return nil, fmt.Errorf("write what was sold: %w", err)
	}
	return changed, nil
}
