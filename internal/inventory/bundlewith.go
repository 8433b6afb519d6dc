package inventory

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

const bundlesWithSQL = `
select distinct bundle_id
from bundle_component
where component_id = any($1::uuid[])`

const bundlesByPartSQL = `
select component_id, bundle_id
from bundle_component
where component_id = any($1::uuid[])
order by component_id, bundle_id`

// Bundles is what the catalog is told about bundles.
var Bundles = catalog.Bundles{
	With:  bundlesByPart,
	Parts: partsByBundle,
}

// bundlesByPart says which bundles each of the variants is part of; one that is part of none is absent from the answer.
func bundlesByPart(ctx context.Context, tx pgx.Tx, parts []id.ProductVariantID) (map[id.ProductVariantID][]id.ProductVariantID, error) {
	rows, err := tx.Query(ctx, bundlesByPartSQL, parts)
	if err != nil {
		return nil, fmt.Errorf("find the bundles of variants: %w", err)
	}
	by := map[id.ProductVariantID][]id.ProductVariantID{}
	var part, bundle id.ProductVariantID
	_, err = pgx.ForEachRow(rows, []any{&part, &bundle}, func() error {
		by[part] = append(by[part], bundle)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("find the bundles of variants: %w", err)
	}
	return by, nil
}

// partsByBundle says of which variants each of the variants is made; one that is no bundle is absent from the answer.
func partsByBundle(ctx context.Context, tx pgx.Tx, bundles []id.ProductVariantID) (map[id.ProductVariantID][]id.ProductVariantID, error) {
	made, err := Components(ctx, tx, bundles)
	by := make(map[id.ProductVariantID][]id.ProductVariantID, len(made))
	for bundle, components := range made {
		for _, c := range components {
			by[bundle] = append(by[bundle], c.VariantID)
		}
	}
	return by, err
}

// BundlesWith lists the bundles that any of the variants is part of.
func BundlesWith(ctx context.Context, db pg.DB, variants []id.ProductVariantID) ([]id.ProductVariantID, error) {
	rows, err := db.Query(ctx, bundlesWithSQL, variants)
	if err != nil {
		return nil, fmt.Errorf("find the bundles with variants: %w", err)
	}
	bundles, err := pgx.CollectRows(rows, pgx.RowTo[id.ProductVariantID])
	if err != nil {
		return nil, fmt.Errorf("find the bundles with variants: %w", err)
	}
	return bundles, nil
}
