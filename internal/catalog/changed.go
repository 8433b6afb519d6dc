package catalog

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/position"
)

const noteChangesSQL = `
insert into catalog_change (position, product_id)
select $1, unnest($2::uuid[])`

// changed notes that the products are not what they were, for the listing, for the collections with rules and for all who
// keep answers, and gives the position of the change. Every write of the catalog ends with it; what concerns no product,
// such as a collection's title, names none.
func changed(ctx context.Context, tx pgx.Tx, products []id.ProductID) (int64, error) {
	at, err := regrouped(ctx, tx, products)
	if err != nil || len(products) == 0 {
		return at, err
	}
	if _, err := tx.Exec(ctx, noteForRulesSQL, products, at); err != nil {
		return 0, fmt.Errorf("note the changed products: %w", err)
	}
	return at, nil
}

const noteForRulesSQL = `
insert into collection_change (product_id, position)
select unnest($1::uuid[]), $2::bigint`

// regrouped is changed for products of which nothing is different but the collections that they are in: no rule asks
// about that.
func regrouped(ctx context.Context, tx pgx.Tx, products []id.ProductID) (int64, error) {
	at, err := position.Advance(ctx, tx, position.Catalog)
	if err != nil || len(products) == 0 {
		return at, err
	}
	if _, err := tx.Exec(ctx, noteChangesSQL, at, products); err != nil {
		return 0, fmt.Errorf("note the changed products: %w", err)
	}
	return at, nil
}
