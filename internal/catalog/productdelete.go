package catalog

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/input"
	"github.com/wharfhq/wharf/internal/pg"
)

// holdVariantsSQL waits for whoever writes metafields of the variants or makes bundles of them, and lets nobody begin to.
const holdVariantsSQL = `
select id
from product_variant
where product_id = $1
order by id
for update`

const deleteProductMetafieldsSQL = `
delete from metafield
where owner_id in (select $1::uuid union all select id from product_variant where product_id = $1)`

const deleteProductSQL = `
delete from product
where id = $1`

// DeleteProduct takes a product away with everything that belongs to it, and gives the position of the change. Orders
// keep what they recorded of it, and the stock ledger its lines. What another product's bundle is made of stays. To stop
// selling a product and keep it, archive it.
func DeleteProduct(ctx context.Context, pool *pgxpool.Pool, bundles Bundles, in ProductDeleteInput) (product id.ProductID, at int64, err error) {
	err = pg.InTx(ctx, pool, func(tx pgx.Tx) error {
		var p input.Problems
		who := input.Named(access.SystemActor, "Product", &in.ID, nil, nil, &p)
		if err := p.Err(); err != nil {
			return err
		}
		row, _, err := input.Locked(ctx, tx, lockProductSQL, (*heldProduct).fields, &who, in.ExpectedVersion)
		if err != nil {
			return err
		}
		if err := input.Stale(in.ExpectedVersion, row.Version); err != nil {
			return err
		}
		product = row.ID
		variants, err := idsOf[id.ProductVariantID](ctx, tx, holdVariantsSQL, product)
		if err != nil {
			return fmt.Errorf("delete a product: %w", err)
		}
		in, err := bundledIn(ctx, tx, bundles, variants)
		if err != nil {
			return err
		}
		for _, bundle := range slices.Compact(slices.Sorted(maps.Values(in))) {
			p.Add(partOf("The product", bundle).At("input", "id"))
		}
		if err := p.Err(); err != nil {
			return err
		}
		for _, statement := range []string{deleteProductMetafieldsSQL, deleteProductSQL} {
			if _, err := tx.Exec(ctx, statement, product); err != nil {
				return fmt.Errorf("delete a product: %w", err)
			}
		}
		at, err = changed(ctx, tx, []id.ProductID{product})
		return err
	})
	return product, at, err
}
