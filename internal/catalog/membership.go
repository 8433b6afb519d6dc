package catalog

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

const membershipSQL = `
select collection_id, product_id
from collection_product
where collection_id = any((select $1::uuid[])::uuid[])
  and product_id = any((select $2::uuid[])::uuid[])`

// Membership says which of the products are in which of the collections, published or not.
func Membership(ctx context.Context, db pg.DB, collections []id.CollectionID, products []id.ProductID) (map[id.CollectionID][]id.ProductID, error) {
	rows, err := db.Query(ctx, membershipSQL, collections, products)
	if err != nil {
		return nil, fmt.Errorf("read what is in collections: %w", err)
	}
	members := map[id.CollectionID][]id.ProductID{}
	var collection id.CollectionID
	var product id.ProductID
	if _, err := pgx.ForEachRow(rows, []any{&collection, &product}, func() error {
		members[collection] = append(members[collection], product)
		return nil
	}); err != nil {
		return nil, fmt.Errorf("read what is in collections: %w", err)
	}
	return members, nil
}
