package catalog

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// BoughtTogether says in how many orders two products were bought together. Each pair comes twice, once from either
// side.
type BoughtTogether struct {
	Product id.ProductID
	Other   id.ProductID
	Orders  int64
}

const setBoughtTogetherSQL = `
with bought as (
    select b.product_id, b.other_id, b.times
    from unnest($1::uuid[], $2::uuid[], $3::bigint[]) b(product_id, other_id, times)
    where exists (select from product p where p.id = b.product_id)
      and exists (select from product p where p.id = b.other_id)
), gone as (
    delete from product_copurchase c
    where not exists (select from bought b where b.product_id = c.product_id and b.other_id = c.other_id)
    returning 1
), kept as (
    insert into product_copurchase as c (product_id, other_id, times)
    select product_id, other_id, times
    from bought
    order by product_id, other_id
    on conflict (product_id, other_id) do update set times = excluded.times
    where c.times <> excluded.times
    returning 1
)
select (select count(*) from gone) + (select count(*) from kept)`

// SetBoughtTogether writes what is bought together, by which related products are ranked. A pair that is not named is
// forgotten. Products that are gone meanwhile are passed over.
func SetBoughtTogether(ctx context.Context, db pg.Beginner, pairs []BoughtTogether) error {
	products, others := make([]id.ProductID, len(pairs)), make([]id.ProductID, len(pairs))
	orders := make([]int64, len(pairs))
	for i, pair := range pairs {
		products[i], others[i], orders[i] = pair.Product, pair.Other, pair.Orders
	}
	return pg.InTx(ctx, db, func(tx pgx.Tx) error {
		var different int
		if err := tx.QueryRow(ctx, setBoughtTogetherSQL, products, others, orders).Scan(&different); err != nil {
			return fmt.Errorf("write what is bought together: %w", err)
		}
		if different == 0 {
			return nil
		}
		_, err := changed(ctx, tx, nil)
		return err
	})
}
