package catalog

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// VariantKey is what people outside the shop call a variant.
type VariantKey struct {
	ID           id.ProductVariantID
	Handle       string
	SKU          *string
	OptionValues []string
}

// One branch for each name, so that each is found by its index: a file names as many as there are, and every variant held
// against every name would take minutes.
const variantKeysSQL = `
select k.id, k.handle, k.sku, k.option_values
from (
    select v.id, p.handle, v.sku, v.option_values, v.position
    from product p
    join product_variant v on v.product_id = p.id
    where v.removed_at is null
      and p.handle in (select unnest($1::text[]))
    union
    select v.id, p.handle, v.sku, v.option_values, v.position
    from product_variant v
    join product p on p.id = v.product_id
    where v.removed_at is null
      and v.sku is not null
      and lower(v.sku) in (select unnest($2::text[]))
) k
order by k.handle, k.position, k.id`

// VariantKeys finds the variants of products by handle, and variants by stock keeping unit in lower case.
func VariantKeys(ctx context.Context, db pg.DB, handles, skus []string) ([]VariantKey, error) {
	rows, err := db.Query(ctx, variantKeysSQL, handles, skus)
	if err != nil {
		return nil, fmt.Errorf("find variants: %w", err)
	}
	keys, err := pgx.CollectRows(rows, pgx.RowToStructByPos[VariantKey])
	if err != nil {
		return nil, fmt.Errorf("find variants: %w", err)
	}
	return keys, nil
}

const variantKeysByIDSQL = `
select v.id, p.handle, v.sku, v.option_values
from product_variant v
join product p on p.id = v.product_id
where v.removed_at is null
  and v.id = any($1::uuid[])`

// VariantKeysByID says what people call variants; one that is no longer offered is absent.
func VariantKeysByID(ctx context.Context, db pg.DB, variants []id.ProductVariantID) (map[id.ProductVariantID]VariantKey, error) {
	rows, err := db.Query(ctx, variantKeysByIDSQL, variants)
	if err != nil {
		return nil, wrap(err, "read the names of variants")
	}
	keys, err := pgx.CollectRows(rows, pgx.RowToStructByPos[VariantKey])
	by := make(map[id.ProductVariantID]VariantKey, len(keys))
	for _, k := range keys {
		by[k.ID] = k
	}
	return by, wrap(err, "read the names of variants")
}

const knownSQL = `
select id from product where id = any($1::uuid[])
union all
select id from collection where id = any($2::uuid[])`

// Known says which of these products and collections there are, published or not.
func Known(ctx context.Context, db pg.DB, products []id.ProductID, collections []id.CollectionID) (map[[16]byte]bool, error) {
	rows, err := db.Query(ctx, knownSQL, products, collections)
	if err != nil {
		return nil, fmt.Errorf("look for products and collections: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[[16]byte])
	if err != nil {
		return nil, fmt.Errorf("look for products and collections: %w", err)
	}
	known := make(map[[16]byte]bool, len(found))
	for _, thing := range found {
		known[thing] = true
	}
	return known, nil
}
