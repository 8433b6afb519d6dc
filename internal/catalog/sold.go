package catalog

import (
	"context"
	"fmt"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
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
  and p.units_sold <> s.units`

// SetUnitsSold writes how many units of each product were sold of late, by which the best selling are listed. A
// product that is not named sold none.
func SetUnitsSold(ctx context.Context, db pg.DB, sold map[id.ProductID]int64) error {
	products, units := make([]id.ProductID, 0, len(sold)), make([]int64, 0, len(sold))
	for product, n := range sold {
		products, units = append(products, product), append(units, n)
	}
	if _, err := db.Exec(ctx, setUnitsSoldSQL, products, units); err != nil {
		return fmt.Errorf("write what was sold: %w", err)
	}
	return nil
}
